/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Menus of GRUB legacy 0.97: /boot/grub/grub.conf (Red Hat, Gentoo), /boot/grub/menu.lst
 * (everybody else), /boot/efi/EFI/<vendor>/grub.conf (Red Hat's EFI build),
 * /etc/grub.conf. Read by the loader's own rules (stage2/stage2.c, stage2/cmdline.c,
 * stage2/builtins.c), and Debian's live comments by those of its update-grub.
 */
#ifndef BOOT_LEGACY_MENU_H
#define BOOT_LEGACY_MENU_H

#include "boot/host.h"

extern const struct store_type legacy_menu;

#endif
