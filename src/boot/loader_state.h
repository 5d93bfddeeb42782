/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a boot loader itself writes into files that we edit, and into their names: in
 * GRUB's environment block the entry that was chosen, and whether the last start went
 * well; in the name of a loader entry how often systemd-boot may still try it
 * (systemd.io/AUTOMATIC_BOOT_ASSESSMENT). It is nobody's change, and no going back may
 * touch it.
 */
#ifndef BOOT_LOADER_STATE_H
#define BOOT_LOADER_STATE_H

#include "base/root.h"

/*
 * TO, a text of the file PATH, gets what the loader wrote in FROM, another text of it, in
 * the place of its own; FROM NULL: its own is taken out. All else and the length stay. 1:
 * done; 0: no loader writes to such a file, TO is untouched; -ENOSPC: it has no room for
 * that; -ENOMEM.
 */
int loader_state_carry(const char *path, const struct blob *from, struct blob *to);

/*
 * Where the loader entry PATH, which is no more, is to be found after other starts:
 * NAME+3-0.conf as NAME+2-1.conf or NAME.conf. NULL in *NOW where nothing is so named, or
 * two files are. 0 or -ENOMEM.
 */
int loader_state_renamed(struct root *, const char *path, char **now);

#endif
