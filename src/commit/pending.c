/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commit/io.h"
#include "commit/state.h"

#define NAME "publish-pending"

bool journal_pending(const struct journal *j)
{
    struct stat st;

    return j->dir >= 0 && fstatat(j->dir, NAME, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int journal_set_pending(struct journal *j, bool pending, struct error *err)
{
    int r;

    if (pending == journal_pending(j))
        return 0;
    if (pending)
        r = io_create(j->dir, NAME, "", 0);
    else
        r = unlinkat(j->dir, NAME, 0) < 0 ? -errno : 0;
    if (!r)
        r = io_sync_dir(j->dir);
    return r < 0 ? error_system(err, -r, j->path, "cannot write %s in it", NAME) : 0;
}
