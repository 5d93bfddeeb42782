/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/commit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/disk.h"
#include "commit/generation.h"
#include "commit/io.h"
#include "commit/replace.h"
#include "commit/state.h"

struct change *changeset_add(struct changeset *set)
{
    if (array_grow(&set->change, set->count, sizeof(*set->change)) < 0)
        return NULL;
    set->change[set->count] = (struct change){.path = NULL};
    return &set->change[set->count++];
}

void change_clear(struct change *c)
{
    free(c->path);
    free(c->like);
    blob_clear(&c->before);
    blob_clear(&c->after);
    if (c->meta)
        file_meta_clear(c->meta);
    free(c->meta);
    *c = (struct change){.path = NULL};
}

void changeset_clear(struct changeset *set)
{
    for (size_t i = 0; i < set->count; i++)
        change_clear(&set->change[i]);
    free(set->change);
    free(set->undoes);
    *set = (struct changeset){.count = 0};
}

/* One run of commit_run, from its generation's number to its end. */
struct run {
    struct journal *journal;
    const struct changeset *set;
    struct manifest manifest;
    unsigned number;
    int generation;           /* its directory, open; -1 before */
    struct replacement *half; /* one a change, in the order of writing */
    size_t halves;            /* prepared so far */
    bool writing;             /* a file may be new already */
};

static int rank_order(const void *a, const void *b)
{
    const struct replacement *m = a, *n = b;

    if (m->change->rank != n->change->rank)
        return m->change->rank < n->change->rank ? -1 : 1;
    return m->change < n->change ? -1 : m->change > n->change; /* as they were given */
}

/* The state directory, or what it would be made in; open. */
static int state_nearest(const struct journal *j)
{
    AUTO_FREE char *path = strdup(j->path);
    char *slash;
    int fd;

    if (j->dir >= 0)
        return fcntl(j->dir, F_DUPFD_CLOEXEC, 0);
    for (fd = -1; path && fd < 0 && (slash = strrchr(path, '/'));) {
        AUTO_PLACE place = PLACE_INIT;
        struct error missing;

        *slash = '\0';
        if (root_find(j->base, slash == path ? "/" : path, &place, &missing) == 0)
            fd = io_open_dir(place.dir, place.name);
    }
    return fd;
}

int commit_check_state(const struct journal *j, const struct changeset *set,
                       struct error *err)
{
    AUTO_CLOSE int state = state_nearest(j);

    if (set->undoes_count || state < 0 || !disk_in_memory(state))
        return 0; /* a way back is always open */
    for (size_t i = 0; i < set->count; i++) {
        AUTO_PLACE place = PLACE_INIT;
        struct error missing;

        if (root_find(j->root, set->change[i].path, &place, &missing) == 0 &&
            !disk_in_memory(place.dir))
            return error_set(err, EXIT_CLASS_IO, j->path, 0,
                             "the state directory lies in memory (tmpfs), so that the "
                             "rollback copies would be gone at the next start; name "
                             "another one with --state");
    }
    return 0;
}

static int number_check(const struct journal *j, struct error *err)
{
    char next[GENERATION_NAME_SIZE];

    generation_name(j->highest + 1, next);
    if (generation_number(next))
        return 0;
    return error_set(
        err, EXIT_CLASS_CONDITION, j->path, 0,
        "there is no number after %u for another rollback copy; move what has "
        "that name out of the directory",
        j->highest);
}

int commit_check(const struct journal *j, const struct changeset *set, struct error *err)
{
    int r = set->count ? number_check(j, err) : 0;

    if (!r)
        r = commit_check_state(j, set, err);
    for (size_t i = 0; !r && i < set->count; i++)
        r = replace_check(j->root, &set->change[i], err);
    return r;
}

static int run_check(struct run *run, struct error *err)
{
    const struct changeset *set = run->set;
    struct journal *j = run->journal;

    if (j->lock < 0 || journal_interrupted(j))
        return error_set(err, EXIT_CLASS_INTERNAL, NULL, 0,
                         "a commit needs the lock, and nothing left to recover");
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < i; k++)
            if (streq(set->change[i].path, set->change[k].path))
                return error_set(err, EXIT_CLASS_INTERNAL, set->change[i].path, 0,
                                 "stands twice in one commit");
    return commit_check(j, set, err);
}

/* What the copies alone would not bring back. */
static int run_note_meta(struct run *run, struct error *err)
{
    int r = 0;

    for (size_t i = 0; !r && i < run->manifest.files; i++) {
        struct manifest_file *f = &run->manifest.file[i];
        AUTO_PLACE place = PLACE_INIT;

        if (f->absent_before)
            continue;
        r = root_find(run->journal->root, f->path, &place, err);
        if (!r)
            r = file_meta_read(&place, &f->meta, err);
    }
    return r;
}

static int run_arm(struct run *run, struct error *err)
{
    int r;

    if (manifest_make(&run->manifest, run->set, run->journal->carry) < 0)
        return error_memory(err);
    r = run_note_meta(run, err);
    if (!r) {
        run->generation = generation_stage(run->journal->dir, run->number, run->set, err);
        r = run->generation < 0 ? run->generation : 0;
    }
    if (!r)
        r = generation_write(run->generation, &run->manifest, err);
    if (!r)
        r = generation_publish(run->generation, NULL, err);
    run->manifest.state = GENERATION_COMMITTED;
    if (!r)
        r = generation_write(run->generation, &run->manifest, err);
    return journal_blame(run->journal, run->number, r, err);
}

static int run_prepare(struct run *run, struct error *err)
{
    int r = 0;

    run->half = calloc(run->set->count, sizeof(*run->half));
    if (!run->half)
        return error_memory(err);
    while (!r && run->halves < run->set->count) {
        struct replacement *half = &run->half[run->halves];

        *half = (struct replacement)REPLACEMENT_INIT;
        r = replacement_prepare(half, run->journal->root,
                                &run->set->change[run->halves++], err);
    }
    if (!r)
        qsort(run->half, run->halves, sizeof(*run->half), rank_order);
    return r;
}

/*
 * What a loader reads before its journal is empty is the directory of before or of now:
 * so the new files are frozen into their places before a name leads to them, and the old
 * ones are held open, their places nobody else's, until the names are frozen, too.
 */
static int run_write(struct run *run, struct error *err)
{
    struct error refused; /* will be so again in the end, and is told then */
    int r = 0;

    rows_durable(run->journal, &run->manifest, run->generation, &refused);
    run->writing = true;
    for (size_t i = 0; !r && i < run->halves; i++)
        r = replacement_finish(&run->half[i], err);
    return r;
}

static int run_verify(struct run *run, struct error *err)
{
    for (size_t i = 0; i < run->set->count; i++) {
        const struct change *c = &run->set->change[i];
        AUTO_BLOB now = {NULL, 0};
        int r = current_read(run->journal->root, c->path, &now, err);

        if (r < 0)
            return r;
        if (!blob_same(&now, &c->after))
            return error_set(err, EXIT_CLASS_BUSY, c->path, 0,
                             "does not hold what was written to it a moment ago: someone "
                             "else writes to it; run the command again");
    }
    return 0;
}

/* The next run is not to take for done what this one cannot vouch for. */
static int run_note_doubt(struct run *run, struct error *err)
{
    if (manifest_doubt(&run->manifest) < 0)
        return error_memory(err);
    return generation_write(run->generation, &run->manifest, err);
}

/*
 * First what a boot loader reads, then the word that the change stands: a run that dies
 * between the two is undone by the next one, and never taken for done by a run that finds
 * nothing to do. A doubt about the disk leaves the change standing.
 */
static int run_commit(struct run *run, struct error *err)
{
    struct error doubt = {.exit = EXIT_CLASS_DONE}, ignored;
    bool published = false;
    int r = rows_durable(run->journal, &run->manifest, run->generation, &doubt);

    if (r < 0 && doubt.exit != EXIT_CLASS_UNCONFIRMED) {
        *err = doubt;
        return r;
    }
    if (r < 0)
        r = run_note_doubt(run, err);
    if (!r)
        r = generation_publish(run->generation, &published, err);
    journal_blame(run->journal, run->number, r, err);
    if (r < 0 && !published)
        return r;
    run->writing = false;
    if (journal_reload(run->journal, &ignored) == 0)
        journal_prune(run->journal, &ignored); /* what is left, the next run removes */
    if (r < 0) {
        struct error first = *err;

        return error_set(err, EXIT_CLASS_UNCONFIRMED, first.file, 0,
                         "the change is written, but %.300s", first.text);
    }
    if (doubt.exit == EXIT_CLASS_UNCONFIRMED) {
        *err = doubt;
        return -EIO;
    }
    return 0;
}

static void run_let_go(struct run *run)
{
    for (size_t i = 0; i < run->halves; i++)
        replacement_clear(&run->half[i]);
}

/* With the old files held open, as in run_write; where descriptors or memory do not
   suffice for that, without. */
static int run_settle(struct run *run, struct error *foreign, struct error *unsure,
                      struct error *err)
{
    struct journal *j = run->journal;
    int r = settle(j, &run->manifest, run->generation, foreign, unsure, err);
    bool again = r < 0 || unsure->exit != EXIT_CLASS_DONE;

    run_let_go(run);
    return again ? settle(j, &run->manifest, run->generation, foreign, unsure, err) : r;
}

/*
 * Put everything back. ERR holds why; it keeps that unless even this fails, and then says
 * so too: the generation stays armed, and the next run recovers.
 */
static void run_undo(struct run *run, struct error *err)
{
    struct journal *j = run->journal;
    struct error foreign = {.exit = EXIT_CLASS_DONE}, unsure = foreign, worse;
    struct record left = {.view.number = run->number};
    int r = 0;

    for (size_t i = 0; i < run->halves; i++)
        replacement_drop(&run->half[i]);
    if (run->writing)
        r = run_settle(run, &foreign, &unsure, &worse);
    run_let_go(run);
    if (!r && unsure.exit != EXIT_CLASS_DONE && manifest_doubt(&run->manifest) < 0)
        r = error_memory(&worse);
    left.manifest = run->manifest;
    auto_close(&run->generation);
    run->generation = -1;
    if (!r && (foreign.exit != EXIT_CLASS_DONE || unsure.exit != EXIT_CLASS_DONE))
        r = record_mark_undone(j, &left, &worse); /* the copy may still be wanted */
    else if (!r)
        r = journal_blame(j, run->number, generation_remove(j->dir, run->number, &worse),
                          &worse);
    if (r < 0) {
        struct error first = *err;

        error_set(err, first.exit, first.file, first.line,
                  "%.200s; and putting things back failed too (%.60s: %.120s): run "
                  "iommuctl again to recover",
                  first.text, worse.file, worse.text);
    }
    journal_reload(j, &worse);
}

int commit_run(struct journal *j, const struct changeset *set, unsigned *number,
               struct error *err)
{
    struct run run = {.journal = j, .set = set, .generation = -1};
    bool committed = false;
    int r;

    *number = 0;
    if (!set->count)
        return 0;
    r = run_check(&run, err);
    if (r < 0)
        return r;
    run.number = j->highest + 1;
    r = run_arm(&run, err);
    if (!r)
        r = run_prepare(&run, err);
    if (!r)
        r = run_write(&run, err);
    if (!r)
        r = run_verify(&run, err);
    if (!r) {
        r = run_commit(&run, err);
        committed = !r || err->exit == EXIT_CLASS_UNCONFIRMED;
    }
    if (committed)
        *number = run.number;
    else
        run_undo(&run, err);
    run_let_go(&run);
    free(run.half);
    auto_close(&run.generation);
    manifest_clear(&run.manifest);
    return r;
}
