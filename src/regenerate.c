/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "regenerate.h"

#include <errno.h>
#include <unistd.h>

#include "base/child.h"
#include "boot/grub_cfg.h"

#define TIME_LIMIT 120 /* seconds; os-prober looks at every disk */
#define CFG_MAX (16u << 20)

/* Which of them belongs to a grub.cfg is told by its directory: grub2 is Red Hat's and
 * SUSE's. */
static const char *find_generator(void)
{
    static const char *const paths[] = {
        "/usr/sbin/grub-mkconfig", "/usr/sbin/grub2-mkconfig", "/usr/bin/grub-mkconfig"};

    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        if (access(paths[i], X_OK) == 0)
            return paths[i];
    return NULL;
}

/*
 * Red Hat's generator also rewrites the loader entries, the environment block and
 * /etc/kernel/cmdline, without a copy and not in one piece. These hold the flag already:
 * it is told to leave them alone, and where it knows no such option it is not run.
 */
static int spare_entries(struct root *root, const char *program, const char **option,
                         struct error *err)
{
    static const char spare[] = "--no-grubenv-update";
    AUTO_BLOB script = {NULL, 0};
    int r = root_read(root, program, CFG_MAX, &script, err);

    if (r < 0)
        return r;
    if (!memmem(script.data, script.len, spare, strlen(spare)))
        return error_set(err, EXIT_CLASS_UNCONFIRMED, program, 0,
                         "was not run: it would rewrite the loader entries, and does not "
                         "know %s; the change itself is made",
                         spare);
    *option = spare;
    return 0;
}

static int run_generator(struct root *root, const struct host *host, struct buf *text,
                         struct error *err)
{
    const char *program = find_generator();
    const char *argv[] = {program, NULL, NULL};
    const struct child child = {
        .argv = argv, .keep_language = true, .seconds = TIME_LIMIT};
    AUTO_BUF errors = BUF_INIT;
    int status, r;

    if (!program)
        return error_set(
            err, EXIT_CLASS_UNCONFIRMED, NULL, 0,
            "--regenerate: neither grub-mkconfig nor grub2-mkconfig is there; "
            "the change itself is made");
    r = host->blscfg ? spare_entries(root, program, &argv[1], err) : 0;
    if (!r)
        r = child_run(&child, text, &errors, &status, err);
    if (r < 0)
        return r;
    if (status == CHILD_TOO_LONG)
        return error_set(err, EXIT_CLASS_UNCONFIRMED, program, 0,
                         "was stopped after %d seconds; the change itself is made",
                         TIME_LIMIT);
    if (status != 0) {
        size_t from = errors.len > 300 ? errors.len - 300 : 0;

        return error_set(err, EXIT_CLASS_UNCONFIRMED, program, 0,
                         "failed with status %d; the change itself is made. It said: %s",
                         status, buf_text(&errors) + from);
    }
    return text->failed ? error_memory(err) : 0;
}

struct generated {
    const char *path;
    const struct buf *text;
};

static int generated_text(const void *context, const char *path, struct blob *text,
                          struct error *err)
{
    const struct generated *g = context;

    if (!streq(g->path, path))
        return -ENOENT;
    return blob_copy(text, g->text->data, g->text->len) < 0 ? error_memory(err) : 0;
}

/* The generator's text is taken only if nothing would have to be changed in it. */
static int check_text(struct root *root, const char *path, const struct buf *text,
                      const struct want *want, struct error *err)
{
    const struct generated generated = {path, text};
    const struct overlay overlay = {generated_text, &generated};
    struct host host;
    struct plan plan;
    int r = host_scan(root, &overlay, &host, err);

    if (r < 0)
        return r;
    r = host_store(&host, path) ? plan_make(&host, want, &plan, err) : -ENOENT;
    if (!r && plan.changes)
        r = -EINVAL;
    if (r == -ENOENT || r == -EINVAL)
        error_set(
            err, EXIT_CLASS_UNCONFIRMED, path, 0,
            "what the generator prints for it has no entries, or not the flag in all of "
            "them, and was not written; the change itself is made");
    if (!r || r == -EINVAL)
        plan_clear(&plan);
    host_clear(&host);
    return r;
}

static int write_text(struct root *root, struct journal *journal, const char *path,
                      const struct buf *text, struct error *err)
{
    struct changeset set = {.command = "regenerate"};
    struct change *change = changeset_add(&set);
    unsigned number;
    int r = 0;

    if (!change)
        return error_memory(err);
    change->path = strdup(path);
    change->rank = grub_cfg.rank;
    if (!change->path || blob_copy(&change->after, text->data, text->len) < 0)
        r = error_memory(err);
    if (!r)
        r = root_read(root, path, CFG_MAX, &change->before, err);
    if (!r && !blob_same(&change->before, &change->after))
        r = commit_run(journal, &set, &number, err);
    changeset_clear(&set);
    return r;
}

static bool is_generated(const struct host *host, const struct store *store)
{
    for (size_t i = 0; i < host->entries; i++)
        if (host->entry[i]->store == store && host->entry[i]->generated)
            return store->type == &grub_cfg && store->state != STORE_STALE;
    return false;
}

int regenerate_run(struct root *root, struct journal *journal, const struct host *host,
                   const struct want *want, struct error *err)
{
    AUTO_BUF text = BUF_INIT;
    int r = 0;

    for (size_t i = 0; !r && i < host->stores; i++) {
        const struct store *store = host->store[i];

        if (!is_generated(host, store))
            continue;
        if (!text.len)
            r = run_generator(root, host, &text, err);
        if (!r)
            r = check_text(root, store->path, &text, want, err);
        if (!r)
            r = write_text(root, journal, store->path, &text, err);
    }
    return r;
}
