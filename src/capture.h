/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Save what the program reads of a machine (platform/facts.h) to a directory that
 * --platform takes. Knows how to copy, not what the facts mean.
 */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "platform/platform.h"

struct unread {
    char *path; /* below the platform directory, without a leading slash */
    int errnum; /* positive */
};

struct capture {
    size_t files; /* saved with their bytes, not only by name */
    struct unread *unread;
    size_t unreads;
    bool tables_unread; /* among them a firmware table: root's alone */
};

/*
 * Make DIR, which must not be there yet or be empty: filled beside it and renamed, so
 * that a failed run leaves nothing. What may not be read is no failure: the directory's
 * file "unreadable" names it. What names a machine or its owner (addresses, volumes,
 * servers, most arguments' values) is left out or gets another name: see capture_cut.c.
 */
int capture_run(const struct platform *, const char *dir, struct capture *,
                struct error *);
void capture_clear(struct capture *);

#endif
