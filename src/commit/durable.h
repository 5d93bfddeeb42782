/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one place that knows what it takes until a boot loader, which replays no journal,
 * reads the new bytes from the disk.
 *
 *   file system of a replaced file      what is done
 *   ext2, ext3, ext4, XFS, JFS, F2FS,   synced, then frozen and thawed (freeze.h), if it
 * is ReiserFS, NILFS2                  the root's own; else synced any other (FAT, btrfs,
 * tmpfs)       synced that of the state directory         synced: no loader reads it
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
};

/* Each file system is seen to once. A failure is class UNCONFIRMED: what was written
   stays written. */
int durable_everywhere(struct root *, const struct durable *, size_t count,
                       struct error *);

#endif
