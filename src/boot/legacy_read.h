/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From the text of one GRUB legacy menu to entries and slots: stanzas as the loader reads
 * them, and the live comments ("# kopt=") from which Debian's update-grub makes stanzas.
 */
#ifndef BOOT_LEGACY_READ_H
#define BOOT_LEGACY_READ_H

#include "boot/host.h"
#include "boot/tree.h"

/* STORE has its path and text. Adds its entries and slots to HOST; TREE is the caller's,
   also when this fails. */
int legacy_read(struct host *, struct store *, struct tree **, struct error *);

#endif
