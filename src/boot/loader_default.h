/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of a directory's loader entries starts if nobody chooses: for GRUB what grub.cfg
 * names, for systemd-boot the first in its order that loader.conf's pattern matches; else
 * the first of all. What systemd-boot keeps in the firmware ("@saved", bootctl
 * set-default) is not looked at.
 */
#ifndef BOOT_LOADER_DEFAULT_H
#define BOOT_LOADER_DEFAULT_H

#include "boot/host.h"

/* FIRST: the directory's first entry in the host. */
void loader_settle_default(struct host *, const char *partition, bool systemd,
                           size_t first);

#endif
