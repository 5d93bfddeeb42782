/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/generation.h"
#include "commit/state.h"

#define KEPT 10

static bool record_holds(const struct record *rec, const char *path)
{
    for (size_t i = 0; i < rec->manifest.files; i++)
        if (streq(rec->manifest.file[i].path, path))
            return true;
    return false;
}

/* Does it hold a path's oldest copy: the way back to the time before us? */
static bool holds_oldest(const struct journal *j, size_t index)
{
    const struct manifest *m = &j->record[index].manifest;

    for (size_t i = 0; i < m->files; i++) {
        bool older = false;

        for (size_t k = index + 1; !older && k < j->records; k++)
            older = record_holds(&j->record[k], m->file[i].path);
        if (!older)
            return true;
    }
    return false;
}

/* What a rollback undid must stay undone when the rollback itself is forgotten. */
static int undone_for_good(struct journal *j, const struct record *rec, struct error *err)
{
    int r = 0;

    if (rec->view.state != GENERATION_COMMITTED)
        return 0;
    for (size_t i = 0; !r && i < rec->manifest.undoes_count; i++) {
        struct record *undone = journal_record(j, rec->manifest.undoes[i]);

        if (undone && undone->manifest.state == GENERATION_COMMITTED)
            r = record_mark_undone(j, undone, err);
    }
    return r;
}

int journal_prune(struct journal *j, struct error *err)
{
    bool removed = false;
    int r = 0;

    for (size_t i = j->records; !r && i-- > KEPT;) {
        const struct record *rec = &j->record[i];

        if (rec->view.state == GENERATION_ARMED || holds_oldest(j, i))
            continue;
        r = undone_for_good(j, rec, err);
        if (!r)
            r = journal_blame(j, rec->view.number,
                              generation_remove(j->dir, rec->view.number, err), err);
        removed = true;
    }
    return r || !removed ? r : journal_reload(j, err);
}
