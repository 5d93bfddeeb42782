/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whose code is in a disk's first sector: the installers of boot loaders for BIOS leave
 * theirs there. GRUB legacy's stage1 tells its version at 3Eh (3.1, 3.2) and stage2's
 * address at 42h; GRUB 2's boot.img has zeros there and its kernel's address at 5Ah. Both
 * print "GRUB ". Pure.
 */
#ifndef BOOT_BOOT_SECTOR_H
#define BOOT_BOOT_SECTOR_H

#include "base/base.h"

#define BOOT_SECTOR 512

enum boot_code { CODE_UNKNOWN, CODE_GRUB_LEGACY, CODE_GRUB2 };

enum boot_code boot_sector_code(const unsigned char sector[BOOT_SECTOR]);

#endif
