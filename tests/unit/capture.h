/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the platform tests: a captured directory made from a table of files, and its end.
 */
#ifndef TEST_CAPTURE_H
#define TEST_CAPTURE_H

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/platform.h"

struct capture_file {
    const char *path; /* ends in "/": a directory */
    const char *text;
    size_t len; /* 0: as long as the text */
};

struct capture {
    char dir[100];
    struct platform *platform;
};

static inline void capture_add(const struct capture *c, const struct capture_file *file)
{
    size_t len = !file->text ? 0 : file->len ? file->len : strlen(file->text);
    char path[512];
    FILE *out;

    snprintf(path, sizeof(path), "%s/%s", c->dir, file->path);
    for (char *p = path + strlen(c->dir) + 1; (p = strchr(p, '/')); p++) {
        *p = '\0';
        mkdir(path, 0700);
        *p = '/';
    }
    if (ends_with(path, "/"))
        return;
    out = fopen(path, "wb");
    ck_assert_ptr_nonnull(out);
    if (len)
        ck_assert_uint_eq(fwrite(file->text, 1, len, out), len);
    ck_assert_int_eq(fclose(out), 0);
}

static inline void capture_begin(struct capture *c)
{
    const char *tmp = getenv("TMPDIR");

    snprintf(c->dir, sizeof(c->dir), "%s/iommuctl-test-XXXXXX", tmp ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(c->dir));
    c->platform = NULL;
}

static inline void capture_open(struct capture *c)
{
    struct error err;

    ck_assert_int_eq(platform_open(&c->platform, c->dir, &err), 0);
}

static inline int capture_remove(const char *path, const struct stat *st, int kind,
                                 struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

static inline void capture_end(struct capture *c)
{
    platform_free(c->platform);
    ck_assert_int_eq(nftw(c->dir, capture_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

#endif
