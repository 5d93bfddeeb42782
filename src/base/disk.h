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
 * be mounted below this root, noauto or not, and on the running system it must be the
 * device that the fstab names: else class CONDITION, since a file edited below PATH would
 * not be the one that the machine boots from. Looking triggers an automount.
 */
int disk_check_mounted(struct root *, const char *path, struct error *);

#endif
