/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Commits told as rows of data, for the tests of the commit wing. */
#ifndef TESTS_COMMITS_H
#define TESTS_COMMITS_H

#include "commit/commit.h"
#include "scratch.h"

#define STATE "/var/lib/iommuctl"

struct row { /* NULL is absent */
    const char *path, *before, *after;
    int rank;
};

static struct error err;

UNUSED static struct journal *opened(void)
{
    struct journal *j = NULL;

    ck_assert_msg(journal_open(&j, root, NULL, &err) == 0, "%s: %s", err.file, err.text);
    return j;
}

UNUSED static struct journal *locked(void)
{
    struct journal *j = opened();

    ck_assert_msg(journal_lock(j, 20, &err) == 0, "%s: %s", err.file, err.text);
    return j;
}

UNUSED static void changes_from(struct changeset *set, const struct row *rows, size_t n)
{
    *set = (struct changeset){.command = "enable"};
    for (size_t i = 0; i < n; i++) {
        struct change *c = changeset_add(set);

        c->path = strdup(rows[i].path);
        c->rank = rows[i].rank;
        if (rows[i].before)
            blob_copy(&c->before, rows[i].before, strlen(rows[i].before));
        if (rows[i].after)
            blob_copy(&c->after, rows[i].after, strlen(rows[i].after));
    }
}

/* The exit class. */
UNUSED static int commit_in(struct journal *j, const struct row *rows, size_t n)
{
    struct changeset set;
    unsigned number;
    int r;

    changes_from(&set, rows, n);
    r = commit_run(j, &set, &number, &err);
    ck_assert_int_eq(number != 0, r == 0 && n != 0);
    changeset_clear(&set);
    return r ? (int)err.exit : 0;
}

UNUSED static int commit_one(const char *path, const char *before, const char *after)
{
    const struct row row = {path, before, after, 0};
    struct journal *j = locked();
    int exit = commit_in(j, &row, 1);

    journal_free(j);
    return exit;
}

/* Plan a rollback and carry it out: the exit class. CHANGES (may be NULL): how many. */
UNUSED static int roll_back(unsigned number, bool force, size_t *changes)
{
    struct changeset set = {.count = 0};
    struct journal *j = locked();
    unsigned made;
    int r = journal_rollback(j, number, force, &set, &err);

    if (changes)
        *changes = set.count;
    if (!r)
        r = commit_run(j, &set, &made, &err);
    changeset_clear(&set);
    journal_free(j);
    return r ? (int)err.exit : 0;
}

/* "3c 2u 1a": the generations, newest first, by the letter of their state. */
UNUSED static const char *generations(void)
{
    static const char letters[] = {[GENERATION_ARMED] = 'a',
                                   [GENERATION_COMMITTED] = 'c',
                                   [GENERATION_UNDONE] = 'u'};
    static char text[512];
    struct journal *j = opened();
    size_t n = 0;

    text[0] = '\0';
    for (size_t i = 0; i < journal_count(j); i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%u%c", i ? " " : "",
                              journal_at(j, i)->number, letters[journal_at(j, i)->state]);
    journal_free(j);
    return text;
}

#endif
