/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What GRUB 2's generator is told: /etc/default/grub and, where this root's own
 * grub-mkconfig reads them (Debian's patch), the *.cfg files of /etc/default/grub.d in
 * the order of its glob. One store a file. The variables GRUB_CMDLINE_LINUX and
 * GRUB_CMDLINE_LINUX_DEFAULT become two entries of kind ENTRY_TEMPLATE: the normal ones
 * (LINUX, then DEFAULT), and the recovery ones (LINUX alone, marked recovery and
 * optional) unless none is made.
 *
 *   recovery entries made    DEFAULT assigned    LINUX assigned    the flag goes into
 *   yes                      yes                 any               DEFAULT
 *   yes                      no                  yes               LINUX
 *   yes                      no                  no                DEFAULT, added
 *   no                       any                 yes               LINUX
 *   no                       any                 no                LINUX, added
 *
 * (none is made where GRUB_DISABLE_RECOVERY is exactly "true"). Where there is a Xen
 * hypervisor below /boot, GRUB_CMDLINE_XEN and GRUB_CMDLINE_XEN_DEFAULT make two more
 * templates by the same rules, for the hypervisor's own lines. A filled
 * GRUB_CMDLINE_LINUX_XEN_REPLACE or _DEFAULT stands instead of LINUX or DEFAULT in the
 * lines of Linux under Xen: those are then not fed by the variable it replaces.
 */
#ifndef BOOT_GRUB_DEFAULT_H
#define BOOT_GRUB_DEFAULT_H

#include "boot/host.h"

extern const struct store_type grub_default;

#endif
