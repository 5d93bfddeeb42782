/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What Alpine's update-extlinux makes /boot/extlinux.conf from:
 * /etc/update-extlinux.conf, which it sources. default_kernel_opts is a template of
 * Linux's lines, xen_opts one of a hypervisor's, where /boot/xen.gz is there. Neither is
 * asked for by an assignment that extends itself or stands under a condition: that is
 * refused.
 */
#ifndef BOOT_EXTLINUX_DEFAULT_H
#define BOOT_EXTLINUX_DEFAULT_H

#include "boot/host.h"

#define EXTLINUX_DEFAULT "/etc/update-extlinux.conf"

extern const struct store_type extlinux_default;

#endif
