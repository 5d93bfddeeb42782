/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Owner, mode and extended attributes (ACLs and security labels among them) of an open
   file. */
#ifndef COMMIT_META_H
#define COMMIT_META_H

#include "commit/commit.h"

/* Of an open file. META is empty before, and to be cleared after a failure too. */
int meta_read(int fd, const char *path, struct file_meta *, struct error *);

/*
 * Give it to an open file: owner, then attributes (what it has beyond them goes away),
 * then mode, so that no moment shows it to more people than the end does. Where it is so
 * already, nothing is called. A file system that keeps no owners, or none of these
 * attributes, is no failure.
 */
int meta_apply(int fd, const char *path, const struct file_meta *, struct error *);

bool meta_same(const struct file_meta *, const struct file_meta *);
int meta_copy(struct file_meta *, const struct file_meta *); /* 0 or -ENOMEM */

#endif
