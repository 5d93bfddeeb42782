/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/durable.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* By number, since old libcs have no name for it; an old kernel gets the wider call. */
static int sync_file_system(int fd)
{
#ifdef SYS_syncfs
    if (syscall(SYS_syncfs, fd) == 0)
        return 0;
    if (errno != ENOSYS)
        return -errno;
#else
    (void)fd;
#endif
    sync();
    return 0;
}

static bool seen_before(const int *dirs, size_t n)
{
    struct stat here, other;

    for (size_t i = 0; i < n; i++)
        if (fstat(dirs[n], &here) == 0 && fstat(dirs[i], &other) == 0 &&
            here.st_dev == other.st_dev)
            return true;
    return false;
}

int durable_everywhere(const int *dirs, size_t count, struct error *err)
{
    int first = 0;

    for (size_t i = 0; i < count; i++) {
        int r = seen_before(dirs, i) ? 0 : sync_file_system(dirs[i]);

        if (r < 0 && !first)
            first = r;
    }
    if (first)
        return error_set(err, EXIT_CLASS_UNCONFIRMED, NULL, 0,
                         "the change is written, but the disk did not confirm it (%s); "
                         "check the disk, then run sync",
                         strerror(-first));
    return 0;
}
