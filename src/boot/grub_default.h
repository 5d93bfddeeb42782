/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What GRUB 2's generator is told: /etc/default/grub and, where this root's own
 * grub-mkconfig reads them (Debian's patch), the *.cfg files of /etc/default/grub.d in
 * the order of its glob. One store a file. The variables GRUB_CMDLINE_LINUX and
 * GRUB_CMDLINE_LINUX_DEFAULT become two entries of kind ENTRY_TEMPLATE: the normal ones
 * (LINUX, then DEFAULT), and the recovery ones (LINUX alone, marked recovery and
 * optional) unless none is made.
 *
 *   a recovery entry is made    DEFAULT is assigned   LINUX is assigned   the flag goes
 * into yes                         yes                   any                 DEFAULT yes
 * no                    yes                 LINUX yes                         no no
 * DEFAULT, added no (GRUB_DISABLE_RECOVERY   any                   yes LINUX is exactly
 * "true")      any                   no                  LINUX, added
 */
#ifndef BOOT_GRUB_DEFAULT_H
#define BOOT_GRUB_DEFAULT_H

#include "boot/host.h"

extern const struct store_type grub_default;

#endif
