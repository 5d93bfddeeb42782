/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an armed generation left: put back here, whether the run that armed it failed a
   moment ago or died last week. */
#include <errno.h>

#include "commit/durable.h"
#include "commit/generation.h"
#include "commit/io.h"
#include "commit/meta.h"
#include "commit/replace.h"
#include "commit/state.h"

int current_read(struct root *root, const char *path, struct blob *now, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    struct stat st;
    int r = root_find(root, path, &place, err);

    blob_clear(now);
    if (!r) {
        r = place_stat(&place, &st);
        if (r < 0 && r != -ENOENT)
            return error_system(err, -r, path, "cannot look at the file");
    }
    if (r == -ENOENT)
        return 0;
    return r < 0 ? r : place_read(&place, IO_MAX, now, NULL, err);
}

/* BARE: the same without what a boot loader writes. */
static bool is_text(const struct journal *j, const char *path, const char *hash,
                    const char *bare, const struct blob *now)
{
    char own[HASH_TEXT_SIZE] = ""; /* stands for an absent one */

    if (!blob_absent(now))
        hash_text(now->data, now->len, own);
    if (streq(own, hash))
        return true;
    return bare[0] && bare_hash(j->carry, path, now, own) == 0 && streq(own, bare);
}

bool row_is_old(const struct journal *j, const struct manifest_file *f,
                const struct blob *now)
{
    return is_text(j, f->path, f->before, f->bare_before, now);
}

bool row_is_new(const struct journal *j, const struct manifest_file *f,
                const struct blob *now)
{
    return is_text(j, f->path, f->after, f->bare_after, now);
}

int row_look(const struct journal *j, const struct manifest_file *f, struct blob *now,
             enum row_now *which, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    struct stat st;
    int r = root_find(j->root, f->path, &place, err);

    *which = ROW_OTHER;
    blob_clear(now);
    if (r == -ELOOP || r == -ENOTDIR ||
        (!r && (place.linked || !streq(place.path, f->path))))
        return 0;
    if (!r) {
        r = place_stat(&place, &st);
        if (r < 0 && r != -ENOENT)
            return error_system(err, -r, f->path, "cannot look at the file");
    }
    if (!r && !S_ISREG(st.st_mode))
        return 0;
    if (!r) {
        r = place_read(&place, IO_MAX, now, NULL, err);
        if (r < 0 && err->exit == EXIT_CLASS_DATA) /* too large to be ours */
            return 0;
    }
    if (r < 0 && r != -ENOENT)
        return r;
    if (row_is_old(j, f, now))
        *which = ROW_OLD;
    else if (row_is_new(j, f, now))
        *which = ROW_NEW;
    return 0;
}

/* The copy of what was there before, with what a loader wrote meanwhile. */
static int row_copy(const struct journal *j, int generation,
                    const struct manifest_file *f, const struct blob *now,
                    struct blob *copy, struct error *err)
{
    int r = generation_copy(generation, f, copy, err);

    if (r < 0 || !j->carry || blob_absent(now))
        return r;
    r = j->carry(f->path, now, copy);
    if (r == -ENOMEM)
        return error_memory(err);
    if (r < 0)
        return error_set(err, EXIT_CLASS_CONDITION, f->path, 0,
                         "the boot loader has written so much to it that the old text "
                         "has no room beside it; take some of that out first");
    return 0;
}

int row_change(const struct journal *j, int generation, const struct manifest_file *f,
               struct blob *now, struct change *c, struct error *err)
{
    int r = 0;

    c->before = *now;
    *now = (struct blob){NULL, 0};
    c->rank = f->rank;
    c->path = strdup(f->path);
    if (!c->path)
        return error_memory(err);
    if (f->absent_before)
        return 0;
    r = row_copy(j, generation, f, &c->before, &c->after, err);
    if (r < 0)
        return r;
    c->meta = calloc(1, sizeof(*c->meta));
    if (!c->meta || meta_copy(c->meta, &f->meta) < 0)
        return error_memory(err);
    if (f->how == WRITE_IN_PLACE && !blob_absent(&c->before) &&
        c->before.len == c->after.len)
        c->how = WRITE_IN_PLACE;
    return 0;
}

/* What is to be put back: all of it lies ready on disk before the first name is touched.
 */
struct back {
    struct change *change;
    struct replacement *half;
    size_t count;
};

static int row_prepare(struct journal *j, const struct manifest_file *f, int generation,
                       struct back *back, enum row_now *which, struct error *err)
{
    struct change *change = &back->change[back->count];
    struct replacement *half = &back->half[back->count];
    AUTO_BLOB now = {NULL, 0};
    int r = row_look(j, f, &now, which, err);

    if (r < 0 || *which != ROW_NEW)
        return r;
    *half = (struct replacement)REPLACEMENT_INIT;
    r = row_change(j, generation, f, &now, change, err);
    if (!r)
        r = replacement_prepare(half, j->root, change, err);
    if (!r) {
        back->count++;
        return 0;
    }
    replacement_clear(half);
    change_clear(change);
    *change = (struct change){.path = NULL};
    return r;
}

static void back_clear(struct back *back)
{
    for (size_t i = 0; i < back->count; i++) {
        replacement_clear(&back->half[i]);
        change_clear(&back->change[i]);
    }
    free(back->half);
    free(back->change);
}

/* A directory of that name is not ours. */
static int row_sweep(struct journal *j, const struct manifest_file *f, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    int r = root_find(j->root, manifest_path(f), &place, err);

    if (r == -ENOENT || r == -ELOOP || r == -ENOTDIR)
        return 0;
    if (r < 0 || !streq(place.path, manifest_path(f)))
        return r;
    r = replacement_sweep(&place);
    if (r == 0 || r == -EISDIR)
        return 0;
    return error_system(err, -r, f->path, "cannot remove the temporary file beside it");
}

/* The next row to put back: the highest rank below LIMIT; equal ones last first. */
static const struct manifest_file *row_before(const struct manifest *m,
                                              const struct manifest_file *limit)
{
    const struct manifest_file *best = NULL;

    for (size_t i = 0; i < m->files; i++) {
        const struct manifest_file *f = &m->file[i];
        bool below =
            !limit || f->rank < limit->rank || (f->rank == limit->rank && f < limit);

        if (below && (!best || f->rank >= best->rank))
            best = f;
    }
    return best;
}

/* The first of several errors is what is told. */
static void note_error(int r, const struct error *this, int *first, struct error *err)
{
    if (r < 0 && !*first) {
        *first = r;
        *err = *this;
    }
}

static int settle_rows(struct journal *j, const struct manifest *m, int generation,
                       struct back *back, struct error *foreign, struct error *err)
{
    const struct manifest_file *f = NULL;
    struct error this;
    int first = 0;

    while ((f = row_before(m, f))) {
        enum row_now which;
        int r = row_prepare(j, f, generation, back, &which, &this);

        if (!r && which == ROW_OTHER && foreign->exit == EXIT_CLASS_DONE)
            error_set(foreign, EXIT_CLASS_CONDITION, f->path, 0,
                      "someone else changed it during or after an interrupted run: it is "
                      "left as it is; see that it is as you want it, then run the "
                      "command again");
        note_error(r, &this, &first, err);
    }
    if (back->count)
        rows_durable(j, m, generation, &this);
    for (size_t i = 0; i < back->count; i++)
        note_error(replacement_finish(&back->half[i], &this), &this, &first, err);
    for (size_t i = 0; i < m->files; i++)
        note_error(row_sweep(j, &m->file[i], &this), &this, &first, err);
    return first;
}

int settle(struct journal *j, const struct manifest *m, int generation,
           struct error *foreign, struct error *unsure, struct error *err)
{
    struct back back = {calloc(m->files, sizeof(*back.change)),
                        calloc(m->files, sizeof(*back.half)), 0};
    int r = 0;

    foreign->exit = EXIT_CLASS_DONE;
    if (m->files && (!back.change || !back.half))
        r = error_memory(err);
    if (!r)
        r = settle_rows(j, m, generation, &back, foreign, err);
    if (rows_durable(j, m, generation, unsure) == 0)
        unsure->exit = EXIT_CLASS_DONE;
    back_clear(&back);
    return r;
}

/* One directory a file system is enough, however few may be open. WHAT has N by now. */
static int row_durable(struct journal *j, const struct manifest_file *f,
                       struct durable *what, struct place *place, size_t *n)
{
    struct error ignored;
    struct stat st;
    int r = root_find(j->root, f->path, &place[*n], &ignored);

    if (!r && fstat(place[*n].dir, &st) < 0)
        r = -errno;
    for (size_t i = 0; !r && i < *n; i++)
        if (what[i].device == st.st_dev) {
            place_clear(&place[*n]);
            return 0;
        }
    if (r < 0) {
        place_clear(&place[*n]);
        return r;
    }
    what[*n] = (struct durable){place[*n].dir, f->path, st.st_dev};
    ++*n;
    return 0;
}

/* Its directory may be gone, and with it what could be confirmed. */
static bool may_be_gone(const struct manifest *m, const struct manifest_file *f, int r)
{
    return (r == -ENOENT || r == -ENOTDIR || r == -ELOOP) &&
           (f->absent_before || f->absent_after || m->state != GENERATION_COMMITTED);
}

static int row_doubt(const char *path, int r, struct error *err)
{
    return error_set(err, EXIT_CLASS_UNCONFIRMED, path, 0,
                     "its text is written, but cannot be confirmed to be on the disk "
                     "(%s); run the command again",
                     strerror(-r));
}

int rows_durable(struct journal *j, const struct manifest *m, int generation,
                 struct error *err)
{
    AUTO_FREE struct durable *what = calloc(m->files + 1, sizeof(*what));
    AUTO_FREE struct place *place = calloc(m->files + 1, sizeof(*place));
    struct error this;
    struct stat st = {.st_dev = 0};
    size_t n = 0;
    int r, first = 0;

    if (!what || !place)
        return error_set(err, EXIT_CLASS_UNCONFIRMED, NULL, 0,
                         "the change is written, but out of memory; run sync");
    for (size_t i = 0; i < m->files; i++) {
        const struct manifest_file *f = &m->file[i];

        r = row_durable(j, f, what, place, &n);
        if (r < 0 && !may_be_gone(m, f, r))
            note_error(row_doubt(f->path, r, &this), &this, &first, err);
    }
    r = fstat(generation, &st) < 0 ? -errno : 0;
    if (r < 0)
        note_error(row_doubt(j->path, r, &this), &this, &first, err);
    what[n] = (struct durable){generation, NULL, st.st_dev};
    r = durable_everywhere(j->root, what, r < 0 ? n : n + 1, &this);
    note_error(r, &this, &first, err);
    while (n)
        place_clear(&place[--n]);
    return first;
}

int record_mark_undone(struct journal *j, struct record *rec, struct error *err)
{
    AUTO_CLOSE int fd = journal_enter(j, rec->view.number, err);
    enum generation_state was = rec->manifest.state;
    bool published = false;
    int r = fd < 0 ? fd : 0;

    rec->manifest.state = GENERATION_UNDONE;
    if (!r)
        r = generation_write(fd, &rec->manifest, err);
    if (!r)
        r = generation_publish(fd, &published, err);
    if (!published)
        rec->manifest.state = was;
    return journal_blame(j, rec->view.number, r, err);
}

/* UNSURE: what is put back, though the disk has not confirmed it. */
static int record_recover(struct journal *j, struct record *rec, struct error *foreign,
                          struct error *unsure, struct error *err)
{
    AUTO_CLOSE int fd = journal_enter(j, rec->view.number, err);
    int r = fd < 0 ? fd : settle(j, &rec->manifest, fd, foreign, unsure, err);

    if (r < 0)
        return r;
    if (unsure->exit != EXIT_CLASS_DONE && manifest_doubt(&rec->manifest) < 0)
        return error_memory(err);
    return record_mark_undone(j, rec, err);
}

int journal_recover(struct journal *j, unsigned *recovered, struct error *err)
{
    struct error foreign = {.exit = EXIT_CLASS_DONE}, unsure = foreign;
    unsigned number = 0;
    int r = 0;

    if (j->lock < 0)
        return error_set(err, EXIT_CLASS_INTERNAL, NULL, 0, "recovery needs the lock");
    for (size_t i = 0; !r && i < j->records; i++)
        if (j->record[i].view.state == GENERATION_ARMED) {
            number = j->record[i].view.number;
            r = record_recover(j, &j->record[i], &foreign, &unsure, err);
        }
    if (recovered)
        *recovered = number;
    for (size_t i = 0; !r && i < j->litters; i++)
        r = journal_blame(j, j->litter[i], generation_remove(j->dir, j->litter[i], err),
                          err);
    if (!r && (number || j->litters))
        r = journal_reload(j, err);
    if (r < 0)
        return r;
    if (foreign.exit == EXIT_CLASS_DONE)
        foreign = unsure;
    if (foreign.exit == EXIT_CLASS_DONE)
        return 0;
    return error_set(err, foreign.exit, foreign.file, 0, "%s", foreign.text);
}

int journal_read_through(const struct journal *j, const char *path, struct blob *before,
                         struct error *err)
{
    const struct generation *g = journal_interrupted(j);
    const struct record *rec = g ? journal_record(j, g->number) : NULL;

    for (size_t i = 0; rec && i < rec->manifest.files; i++) {
        const struct manifest_file *f = &rec->manifest.file[i];
        AUTO_CLOSE int fd = -1;
        AUTO_BLOB now = {NULL, 0};
        enum row_now which;
        int r;

        if (!streq(f->path, path))
            continue;
        r = row_look(j, f, &now, &which, err);
        if (r < 0)
            return r;
        if (which == ROW_OLD) {
            blob_clear(before);
            *before = now;
            now = (struct blob){NULL, 0};
            return 0;
        }
        if (which == ROW_OTHER)
            return -ENOENT;
        if (f->absent_before)
            return 0;
        fd = journal_enter(j, g->number, err);
        return fd < 0 ? fd : row_copy(j, fd, f, &now, before, err);
    }
    return -ENOENT;
}
