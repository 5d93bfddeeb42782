/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply_parts.h"

#include <errno.h>

#include "boot/kernel_cmdline.h"

/* The text of now does not name it, so what it named was removed since, and is gone. */
static bool is_gone(struct report *report, const struct change *change, const char *image)
{
    const struct blob *now = &change->before;

    return !kernel_file_exists(report->root, image) &&
           (blob_absent(now) || !memmem(now->data, now->len, image, strlen(image)));
}

/* A text that is brought back must not start or load what is gone. */
static int check_images(struct report *report, const struct change *change,
                        struct error *err)
{
    struct host *host = &report->host;

    for (size_t i = 0; i < host->entries; i++) {
        const struct entry *entry = host->entry[i];

        if (!streq(entry->store->path, change->path) || entry->kind != ENTRY_LINUX)
            continue;
        if (is_gone(report, change, entry->kernel))
            return error_set(
                err, EXIT_CLASS_CONDITION, change->path, entry->line,
                "the copy to bring back starts %s, which is gone; use disable, "
                "which takes out the flag only",
                entry->kernel);
        if (entry->initrd && is_gone(report, change, entry->initrd))
            return error_set(
                err, EXIT_CLASS_CONDITION, change->path, entry->line,
                "the copy to bring back loads %s, which is gone; use disable, "
                "which takes out the flag only",
                entry->initrd);
    }
    return 0;
}

static int text_to_restore(const void *context, const char *path, struct blob *text,
                           struct error *err)
{
    const struct changeset *set = context;

    for (size_t i = 0; i < set->count; i++)
        if (streq(set->change[i].path, path) && !blob_absent(&set->change[i].after))
            return blob_copy(text, set->change[i].after.data, set->change[i].after.len) <
                           0
                       ? error_memory(err)
                       : 0;
    return -ENOENT;
}

/* Forced over somebody else's edit: then at least nothing may be started that is not
 * there. */
static int check_restored(struct report *report, struct error *err)
{
    int r;

    report->overlay = (struct overlay){text_to_restore, &report->changes};
    r = host_scan(report->root, &report->overlay, &report->host, err);
    for (size_t i = 0; !r && i < report->changes.count; i++)
        r = check_images(report, &report->changes.change[i], err);
    host_clear(&report->host);
    return r;
}

static size_t count_files(const struct changeset *set)
{
    size_t n = 0;

    for (size_t i = 0; i < set->count; i++)
        n += !ends_with(set->change[i].path, ROLLBACK_SUFFIX);
    return n;
}

/* Every change of ours is undone already, or there never was one. */
static bool all_undone(const struct journal *journal)
{
    for (size_t i = 0; i < journal_count(journal); i++) {
        const struct generation *g = journal_at(journal, i);

        if (g->state == GENERATION_COMMITTED &&
            !streq(g->command, action_words[ACTION_ROLLBACK]))
            return false;
    }
    return true;
}

/* What is to be brought back. Writes nothing. */
static int find_changes(const struct request *request, struct report *report,
                        struct error *err)
{
    int r;

    changeset_clear(&report->changes);
    r = journal_rollback(report->journal, request->generation, request->force,
                         &report->changes, err);
    for (size_t i = 0; !r && i < report->changes.count; i++)
        if (streq(report->changes.change[i].path, KERNEL_CMDLINE))
            report->changes.change[i].ahead = kernel_cmdline.ahead;
    if (!r && request->force)
        r = check_restored(report, err);
    return r;
}

/* Was it a rollback that the recovery has undone? */
static bool rollback_recovered(const struct report *report)
{
    for (size_t i = 0; i < journal_count(report->journal); i++) {
        const struct generation *g = journal_at(report->journal, i);

        if (g->number == report->recovered)
            return streq(g->command, action_words[ACTION_ROLLBACK]);
    }
    return false;
}

/*
 * An interrupted run is undone first, under the lock; without a generation named, that is
 * all: it was the newest change. Unless it was a rollback, which is then done anew.
 */
static int write_back(const struct request *request, struct report *report,
                      struct error *err)
{
    int r = apply_begin_writing(request, report, err);

    if (!r && report->recovered && !request->generation && !rollback_recovered(report))
        changeset_clear(&report->changes);
    else if (!r)
        r = find_changes(request, report, err);
    if (!r && report->changes.count)
        r = apply_commit(request, report, err);
    if (!r && report->later.exit == EXIT_CLASS_DONE && journal_pending(report->journal))
        r = apply_publish(report, err);
    return r;
}

int apply_rollback(const struct request *request, struct report *report,
                   struct error *err)
{
    struct error doubt;
    int r;

    if (request->list)
        return 0;
    report->result = RESULT_UNCHANGED;
    r = apply_check_boot(request, report, err);
    if (!r && !request->generation && all_undone(report->journal) &&
        !journal_interrupted(report->journal) &&
        !journal_unconfirmed(report->journal, &doubt))
        return 0; /* makes nothing, not even the state directory */
    if (!r && (request->check || !journal_count(report->journal)))
        r = find_changes(request, report, err);
    else if (!r)
        r = write_back(request, report, err);
    if (r < 0)
        return r;
    report->files = count_files(&report->changes);
    if (report->changes.count || report->recovered ||
        journal_interrupted(report->journal))
        report->result = RESULT_CHANGED;
    return 0;
}
