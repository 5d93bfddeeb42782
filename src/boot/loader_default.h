/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which loader entry starts if nobody chooses. For GRUB, of one directory's: what
 * grub.cfg names, else the first. For systemd-boot, of all that it lists: what the
 * firmware's variables name (bootctl set-default), then loader.conf's pattern, "@saved"
 * in either being what was started last; else the first in its order.
 */
#ifndef BOOT_LOADER_DEFAULT_H
#define BOOT_LOADER_DEFAULT_H

#include "boot/host.h"

/* FIRST: the directory's first entry in the host. */
void loader_settle_grub(struct host *, size_t first);

/* Behind the scan of all stores. -ENOMEM, or 0, with a note where the firmware names what
   is not here. */
int loader_settle_systemd(struct host *, struct error *);

#endif
