/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What kernel-install, and Fedora's and Red Hat's grub2-mkconfig, make new loader entries
 * from: /etc/kernel/cmdline, all lines joined. It is edited where it is, and never made:
 * without it the arguments of a new kernel come from the running one. Each line that is
 * no comment is a slot, the last one takes the flag; together they are a template.
 *
 * So are the *.conf of /etc/kernel/cmdline.d where clr-boot-manager is here, and those of
 * /etc/cmdline.d where mkinitcpio is: all files of such a directory are one template.
 *
 * It is rewritten by grub2-mkconfig where it is older than /etc/default/grub: so its new
 * mtime is ahead of that one's.
 */
#ifndef BOOT_KERNEL_CMDLINE_H
#define BOOT_KERNEL_CMDLINE_H

#include "boot/host.h"

#define KERNEL_CMDLINE "/etc/kernel/cmdline"

extern const struct store_type kernel_cmdline;

#endif
