/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * File systems below a root: is what the fstab promises really mounted? The one door to
 * libblkid (tags to devices). Mount tables are read with libc's getmntent.
 */
#ifndef BASE_DISK_H
#define BASE_DISK_H

#include "base/root.h"

/*
 * If the root's /etc/fstab lists PATH ("/boot") as a file system of its own, then it must
 * be mounted below this root, noauto or not (a bind mount and a subvolume are, too), and
 * on the running system it must be what the fstab names: else class CONDITION, since a
 * file edited below PATH would not be the one that the machine boots from. Looking
 * triggers an automount. An fstab that cannot be read is refused, too; that there is none
 * is no failure.
 */
int disk_check_mounted(struct root *, const char *path, struct error *);

/* Is what is written there gone at the next start: tmpfs, ramfs, an overlay over one?
   What cannot be told is taken for lasting. */
bool disk_in_memory(int fd);

/* Is there a block device here that SPEC names ("UUID=...", "/dev/sda1")? */
bool disk_names_device(const char *spec);

/*
 * How near the root is to a start by its boot loader.
 *
 *   HOME_MACHINE  "/" of the machine itself, in no chroot and no container
 *   HOME_MOUNTED  a system on file systems of its own, looked at from another one:
 * rescue, an installer's target HOME_TREE     a tree in a directory: an image that is
 * being built, or a container's "/"
 */
enum disk_home { HOME_MACHINE, HOME_MOUNTED, HOME_TREE };

enum disk_home disk_home(struct root *);

/*
 * The first 512 bytes of the disk that PATH's file system is on, or with PARTITION those
 * of its own device. -ENODEV: there is no such disk (a tree in a directory, a file system
 * of no single partition); another errno: it may not be read.
 */
int disk_first_sector(struct root *, const char *path, bool partition,
                      unsigned char sector[512]);

/* Is the file system DEVICE the root's own, so that its loader may read it? Not what only
   lends a directory to a tree that stands in it. 1, 0 or a negative errno */
int disk_is_own(struct root *, dev_t device);

#endif
