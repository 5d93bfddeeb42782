/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unified diffs of planned or made changes, by diff(1). */
#ifndef CLI_DIFF_H
#define CLI_DIFF_H

#include "commit/commit.h"

/* Behind OUT: the diff of each change but the copies kept beside a file (.rollback). */
int diff_changes(const struct changeset *, struct buf *out, struct error *);

#endif
