/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Menus of Syslinux and its kin where an installed system has them: extlinux.conf and
 * syslinux.cfg below /boot, what they include, and the pieces that Alpine's
 * update-extlinux puts into its menu (/etc/update-extlinux.d), which are templates.
 */
#ifndef BOOT_EXTLINUX_H
#define BOOT_EXTLINUX_H

#include "boot/host.h"

extern const struct store_type extlinux, extlinux_fragment;

#endif
