/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GRUB 2's environment block beside a grub.cfg that lists loader entries: its kernelopts
 * (RHEL 8 keeps the arguments of all kernels there), default_kernelopts and tuned_params
 * are slots. The block keeps its length, 1024 bytes as a rule: the signature, NAME=VALUE
 * lines in which a backslash stands before a backslash or newline, and '#' up to the end
 * (grub-core/lib/envblk.c). A block without any of the three is no store.
 */
#ifndef BOOT_GRUBENV_H
#define BOOT_GRUBENV_H

#include "boot/host.h"

extern const struct store_type grubenv;

/* The slot of the variable NAME in the first block that has it, or NULL. */
struct slot *grubenv_find(const struct host *, const char *name);

#endif
