/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loader entries (UAPI.1, "Boot Loader Specification", type 1): *.conf below
 * /boot/loader/entries, /efi/loader/entries and /boot/efi/loader/entries. One store a
 * file. Read by GRUB's blscfg where a grub.cfg has that command (below /boot alone), by
 * systemd-boot where that is installed on an EFI partition or has its loader.conf there;
 * where neither is seen, both are reckoned with. Menu order is by name, newest first; the
 * default is what grub.cfg or loader.conf says.
 */
#ifndef BOOT_LOADER_ENTRIES_H
#define BOOT_LOADER_ENTRIES_H

#include "boot/host.h"

extern const struct store_type loader_entries;

/* Which of two entries' names stands for the newer kernel: as strcmp, greater is newer.
 */
int loader_name_compare(const char *a, const char *b);

/* "NAME+0-3.conf": systemd-boot has given it up and lists it last. */
bool loader_given_up(const char *name);

#endif
