/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GRUB 2's own script, generated or written by hand: /boot/grub2/grub.cfg,
 * /boot/grub/grub.cfg, /boot/efi/EFI/<vendor>/grub.cfg, and custom.cfg beside each. Each
 * menuentry with a linux, linux16 or linuxefi command is an entry, inside submenus too;
 * multiboot(2)/module(2) pairs start Xen. Entries between "### BEGIN /etc/grub.d/10_linux
 * ###" (20_linux_xen, 10_linux_zfs,
 * ...) and its END are generated, and fed by a template of grub_default: the normal one
 * or, for recovery entries, the recovery one. A file that only hands over to another one
 * (an ESP stub) has no entry and is no store.
 */
#ifndef BOOT_GRUB_CFG_H
#define BOOT_GRUB_CFG_H

#include "boot/host.h"

extern const struct store_type grub_cfg;

#endif
