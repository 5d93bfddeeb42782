/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>

#include "commit/generation.h"
#include "commit/state.h"

static const struct manifest_file *row_of(const struct record *rec, const char *path)
{
    for (size_t i = 0; i < rec->manifest.files; i++)
        if (streq(rec->manifest.file[i].path, path))
            return &rec->manifest.file[i];
    return NULL;
}

/* The index of the newest generation from INDEX on that holds PATH; the count if none. */
static size_t holder(const struct journal *j, size_t index, const char *path)
{
    while (index < j->records && !row_of(&j->record[index], path))
        index++;
    return index;
}

/* Does the file still hold what we last left there? A generation that is undone left what
   was there before it. */
static int drift_check(const struct journal *j, const char *path, const struct blob *now,
                       struct error *err)
{
    const struct record *last = &j->record[holder(j, 0, path)];
    const struct manifest_file *f = row_of(last, path);
    bool undone = last->view.state == GENERATION_UNDONE;

    if (undone ? row_is_old(j, f, now) : row_is_new(j, f, now))
        return 0;
    return error_set(err, EXIT_CLASS_CONDITION, path, 0,
                     "was changed since generation %06u; iommuctl disable takes out only "
                     "the flag, rollback --force restores the old text all the same",
                     last->view.number);
}

/*
 * Is the copy in record OLDEST the text from before generation NUMBER? Not if a
 * generation between them that changed the file too has been pruned: then the text that
 * the one before NUMBER left is another.
 */
static int gap_check(const struct journal *j, unsigned number, size_t oldest,
                     const char *path, struct error *err)
{
    size_t earlier = holder(j, oldest + 1, path);
    size_t between = 0;

    for (size_t i = oldest + 1; i < j->records; i++)
        between += j->record[i].view.number >= number;
    if (earlier >= j->records || /* nothing pruned ever held it before */
        j->record[oldest].view.number - number == between ||
        streq(row_of(&j->record[earlier], path)->after,
              row_of(&j->record[oldest], path)->before))
        return 0;
    return error_set(
        err, EXIT_CLASS_CONDITION, path, 0,
        "its copy from before generation %06u is gone by now; choose another "
        "generation from rollback --list",
        number);
}

static int row_roll_back(const struct journal *j, const struct record *rec,
                         const struct manifest_file *f, bool force, struct changeset *set,
                         struct error *err)
{
    AUTO_BLOB now = {NULL, 0};
    AUTO_CLOSE int fd = -1;
    struct change *c;
    int r = current_read(j->root, f->path, &now, err);

    if (r < 0 || row_is_old(j, f, &now))
        return r;
    r = force ? 0 : drift_check(j, f->path, &now, err);
    if (r < 0)
        return r;
    fd = journal_enter(j, rec->view.number, err);
    if (fd < 0)
        return fd;
    c = changeset_add(set);
    return c ? row_change(j, fd, f, &now, c, err) : error_memory(err);
}

static int undoes_add(struct changeset *set, unsigned number, struct error *err)
{
    if (array_grow(&set->undoes, set->undoes_count, sizeof(*set->undoes)) < 0)
        return error_memory(err);
    set->undoes[set->undoes_count++] = number;
    return 0;
}

static int newest_roll_back(const struct journal *j, bool force, struct changeset *set,
                            struct error *err)
{
    const struct record *rec = NULL;
    int r;

    for (size_t i = 0; !rec && i < j->records; i++)
        if (j->record[i].view.state != GENERATION_UNDONE &&
            !streq(j->record[i].manifest.command, "rollback"))
            rec = &j->record[i];
    if (!rec)
        return 0;
    r = undoes_add(set, rec->view.number, err);
    for (size_t i = 0; !r && i < rec->manifest.files; i++)
        r = row_roll_back(j, rec, &rec->manifest.file[i], force, set, err);
    return r;
}

/* All the rows of one generation whose paths no older one from NUMBER on holds. */
static int record_roll_back(const struct journal *j, size_t index, unsigned number,
                            bool force, struct changeset *set, struct error *err)
{
    const struct record *rec = &j->record[index];
    int r = undoes_add(set, rec->view.number, err);

    for (size_t i = 0; !r && i < rec->manifest.files; i++) {
        const struct manifest_file *f = &rec->manifest.file[i];
        size_t older = holder(j, index + 1, f->path);

        if (older < j->records && j->record[older].view.number >= number)
            continue;
        r = gap_check(j, number, index, f->path, err);
        if (!r)
            r = row_roll_back(j, rec, f, force, set, err);
    }
    return r;
}

int journal_rollback(struct journal *j, unsigned number, bool force,
                     struct changeset *set, struct error *err)
{
    int r = 0;

    set->command = "rollback";
    if (!number)
        return newest_roll_back(j, force, set, err);
    if (!journal_record(j, number))
        return error_set(err, EXIT_CLASS_CONDITION, NULL, 0,
                         "there is no generation %06u; see rollback --list", number);
    for (size_t i = 0; !r && i < j->records; i++)
        if (j->record[i].view.number >= number)
            r = record_roll_back(j, i, number, force, set, err);
    return r;
}
