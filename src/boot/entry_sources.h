/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What will make new loader entries or rewrite those that are there, and so undo what is
 * done to one entry alone. */
#ifndef BOOT_ENTRY_SOURCES_H
#define BOOT_ENTRY_SOURCES_H

#include "boot/host.h"

/* Which file the arguments of a new kernel's entry come from; NULL: from none that is
 * here. */
const char *entry_source(const struct host *);

/* Where kernel-install would take the arguments of the next kernel from something that is
 * not edited here, a note says so. */
int note_source(struct host *, struct error *);

/*
 * Does a plain grub2-mkconfig put its own arguments into every entry? Red Hat's and
 * Fedora's do, but for the ones that know --update-bls-cmdline (late RHEL 9, 10): there
 * GRUB_ENABLE_BLSCFG=true spares them.
 */
bool entries_are_rewritten(const struct host *);

#endif
