/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One file: its new bytes in place of the old ones so that a reader, a crash or a failing
 * call sees either, whole, with owner, mode, ACL and labels. Protocol: open and check the
 * original; temporary file (O_EXCL, 0600) in the same directory; inode flags; write;
 * owner, extended attributes, mode; fsync, never retried; compare the original once more;
 * rename; fsync the directory.
 */
#ifndef COMMIT_REPLACE_H
#define COMMIT_REPLACE_H

#include "base/root.h"
#include "commit/commit.h"

/* Refuse before anything is written what could not be replaced: not a regular file
   (DATA), more than one hard link (CONDITION), immutable or append-only (NOT_PERMITTED),
   a bind mount (CONDITION), a name that leaves no room for the temporary file's
   (CONDITION), a read-only file system (IO), a directory we may not write to. */
int replace_check(struct root *, const struct change *, struct error *);

/* Carry out one change: create, replace or delete. The file must still be BEFORE. */
int replace_run(struct root *, const struct change *, struct error *);

/*
 * The same in halves, so that a set of changes can have all its new bytes on disk before
 * the first name is touched: a full disk then changes nothing.
 */
struct replacement {
    const struct change *change; /* borrowed */
    struct place place;
    int fd;           /* the original, open; -1 if there is none */
    struct stat seen; /* and what it was when it was compared */
    char *temp;       /* name of the temporary file, once it is ours */
    bool idle;        /* bytes and metadata are so already: nothing to do */
};

#define REPLACEMENT_INIT                                                                 \
    {                                                                                    \
        .place = PLACE_INIT, .fd = -1                                                    \
    }

int replacement_prepare(struct replacement *, struct root *, const struct change *,
                        struct error *);
int replacement_finish(struct replacement *, struct error *);

/* Remove the temporary file, if one is left; clear closes the original as well. */
void replacement_drop(struct replacement *);
void replacement_clear(struct replacement *);

/* Remove the temporary file that a run which died left beside PLACE. */
int replacement_sweep(const struct place *);

/* The metadata of the file at PLACE; -ENOENT if there is none. */
int file_meta_read(const struct place *, struct file_meta *, struct error *);

#endif
