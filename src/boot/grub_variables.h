/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a grub.cfg that lists loader entries (Red Hat's blscfg command) sets for them:
 *
 *   set kernelopts="root=... ro ..."           where grubenv holds none
 *   set default_kernelopts="root=... ro ..."   for an entry without options
 *
 * Each is a slot of the grub.cfg's store, and a template.
 */
#ifndef BOOT_GRUB_VARIABLES_H
#define BOOT_GRUB_VARIABLES_H

#include "boot/grub_script.h"
#include "boot/host.h"

/* Does a command of the script put the loader entries into the menu? */
bool grub_lists_entries(const struct blob *text);

/* S is a "set" in STORE: take what it sets, if it is one of these. A value that is not
   one double-quoted word cannot be added to: class DATA. */
int grub_variables_read(struct host *, struct store *, const struct grub_statement *,
                        struct error *);

/* The slot of NAME in the first grub.cfg that sets it, or NULL. */
struct slot *grub_variables_find(const struct host *, const char *name);

#endif
