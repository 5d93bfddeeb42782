/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A directory of its own for each test, looked at with plain system calls, so that no
 * verdict rests on the code under test.
 */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/root.h"

#define UNUSED __attribute__((unused))

static char scratch[256]; /* its path */
static struct root *root;

static void scratch_setup(void)
{
    struct error err;
    const char *tmp = getenv("TMPDIR");

    snprintf(scratch, sizeof(scratch), "%s/iommuctl-unit.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(scratch))
        abort();
    if (root_open(&root, scratch, &err))
        abort();
}

static int scratch_remove_one(const char *path, const struct stat *st, int flag,
                              struct FTW *ftw)
{
    (void)st, (void)flag, (void)ftw;
    return remove(path);
}

static void scratch_teardown(void)
{
    root_free(root);
    nftw(scratch, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* PATH below the scratch directory; a ring of a few, so several fit in one expression. */
UNUSED static const char *at(const char *path)
{
    static char ring[4][512];
    static unsigned n;

    snprintf(ring[n %= 4], sizeof(ring[0]), "%s%s", scratch, path);
    return ring[n++];
}

UNUSED static void put_mode(const char *path, const char *text, mode_t mode)
{
    char *slash, dir[512];
    int fd;

    snprintf(dir, sizeof(dir), "%s", at(path));
    for (slash = dir + strlen(scratch) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(dir, 0755);
        *slash = '/';
    }
    fd = open(dir, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

UNUSED static void put(const char *path, const char *text)
{
    put_mode(path, text, 0644);
}

/* The text of a file; "(none)" when there is none. */
UNUSED static const char *text_at(const char *path)
{
    static char ring[4][8192];
    static unsigned n;
    char *text = ring[n++ % 4];
    int fd = open(at(path), O_RDONLY | O_NONBLOCK);
    ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(ring[0]) - 1);

    if (fd >= 0)
        close(fd);
    if (len < 0)
        return "(none)";
    text[len] = '\0';
    return text;
}

UNUSED static struct stat stat_at(const char *path)
{
    struct stat st;

    ck_assert_msg(lstat(at(path), &st) == 0, "%s: %s", path, strerror(errno));
    return st;
}

static unsigned litter_count;

static int litter_look(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
    const char *name = path + ftw->base;

    (void)st, (void)flag;
    litter_count += strstr(name, ".iommuctl") != NULL || strstr(name, ".new") != NULL;
    return 0;
}

/* Temporary files anywhere below the scratch directory. */
UNUSED static unsigned litter(void)
{
    litter_count = 0;
    nftw(scratch, litter_look, 16, FTW_PHYS);
    return litter_count;
}

UNUSED static int run_suite(const char *name, TCase *const *tcases)
{
    Suite *suite = suite_create(name);
    SRunner *runner;
    int failed;

    for (; *tcases; tcases++)
        suite_add_tcase(suite, *tcases);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}

#endif
