/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one place that knows what it takes until a boot loader, which replays no journal,
 * reads the new bytes from the disk.
 *
 * The file system of a replaced file is synced. If it keeps a journal (ext2 to 4, XFS,
 * JFS, F2FS, ReiserFS, NILFS2) and is the root's own, it is then frozen and thawed
 * (freeze.h). FAT, btrfs and tmpfs are left at that, and so is what holds the state
 * directory alone: no loader reads it.
 *
 * What lends a directory to a tree below --root is not the tree's own, and the "/" of a
 * container is nobody's (disk_is_own): a loader starts from neither. Where freezing is
 * refused, the result is UNCONFIRMED; but a caller without the privilege to freeze who
 * does not work on this machine's own root builds an image, and is content with the sync.
 */
#ifndef COMMIT_DURABLE_H
#define COMMIT_DURABLE_H

#include "base/root.h"

struct durable {
    int dir;          /* an open directory */
    const char *path; /* a file in it that was replaced; NULL: only synced */
    dev_t device;     /* its file system */
};

/* Each file system is seen to once. A failure is class UNCONFIRMED: what was written
   stays written. */
int durable_everywhere(struct root *, const struct durable *, size_t count,
                       struct error *);

#endif
