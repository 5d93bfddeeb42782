/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one place that knows what it takes until a boot loader, which replays no journal,
   reads the new bytes from the disk. */
#ifndef COMMIT_DURABLE_H
#define COMMIT_DURABLE_H

#include "base/error.h"

/* DIRS are open directories; each file system among them is seen to once. A failure is
   class UNCONFIRMED: what was written stays written. */
int durable_everywhere(const int *dirs, size_t count, struct error *);

#endif
