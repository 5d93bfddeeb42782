/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which loader does this host use? What its files tell of each store, live, stale or
 * unknown; and what starts it from command lines that are no files to edit.
 */
#ifndef BOOT_LOADERS_H
#define BOOT_LOADERS_H

#include "boot/host.h"

/* Behind the scan of all stores: their states and evidence, and host's ostree, unhandled
   and generator. 0 or -ENOMEM. */
int loaders_judge(struct host *);

#endif
