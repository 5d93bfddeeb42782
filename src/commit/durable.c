/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/durable.h"

#include <errno.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/disk.h"
#include "commit/freeze.h"

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

/* Names of what statfs calls them, where a loader's text may stay in a journal or log.
   1, 0 or a negative errno. */
static int has_journal(int fd)
{
    static const uint32_t types[] = {
        0xef53,     /* ext2, ext3, ext4 */
        0x58465342, /* XFS */
        0x3153464a, /* JFS */
        0xf2f52010, /* F2FS */
        0x52654973, /* ReiserFS */
        0x3434,     /* NILFS2 */
    };
    struct statfs fs;

    if (fstatfs(fd, &fs) < 0)
        return -errno;
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if ((uint32_t)fs.f_type == types[i])
            return 1;
    return 0;
}

/* The first of its file system, among those that want the same. */
static bool is_first(const struct durable *what, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (what[i].device == what[n].device && (what[i].path || !what[n].path))
            return false;
    return true;
}

static int refused(const struct durable *what, int r, bool stuck, struct error *err)
{
    const char *why = r == -EBUSY        ? "another program holds it frozen"
                      : r == -ESRCH      ? "the process that did it was killed"
                      : r == -ETIMEDOUT  ? "the disk does not answer"
                      : r == -EOPNOTSUPP ? "it cannot do that"
                                         : strerror(-r);

    if (stuck)
        return error_set(err, EXIT_CLASS_UNCONFIRMED, what->path, 0,
                         "its text is written, but its file system was frozen and "
                         "could not be thawed; run fsfreeze --unfreeze on its mount "
                         "point at once");
    return error_set(err, EXIT_CLASS_UNCONFIRMED, what->path, 0,
                     "its text is written, but its file system could not be frozen for "
                     "a moment (%s): until the next orderly reboot, the boot loader may "
                     "read the old text after a power cut",
                     why);
}

static int freeze_one(struct root *root, const struct durable *what, struct error *err)
{
    bool stuck = false;
    int r = what->path ? has_journal(what->dir) : 0;

    if (r > 0)
        r = disk_is_own(root, what->device);
    if (r <= 0)
        return r < 0 ? refused(what, r, false, err) : 0;
    r = freeze_and_thaw(what->dir, &stuck);
    if (r == -EPERM && !stuck && disk_home(root) != HOME_MACHINE)
        return 0;
    return r < 0 || stuck ? refused(what, r, stuck, err) : 0;
}

int durable_everywhere(struct root *root, const struct durable *what, size_t count,
                       struct error *err)
{
    struct error more;
    int first = 0, r;

    for (size_t i = 0; i < count; i++) {
        r = is_first(what, i) ? sync_file_system(what[i].dir) : 0;
        if (r < 0 && !first)
            first =
                error_set(err, EXIT_CLASS_UNCONFIRMED, what[i].path, 0,
                          "its text is written, but the disk did not confirm it (%s); "
                          "check the disk, then run sync",
                          strerror(-r));
    }
    for (size_t i = 0; i < count; i++) {
        r = is_first(what, i) ? freeze_one(root, &what[i], &more) : 0;
        if (r < 0 && !first) {
            first = r;
            *err = more;
        }
    }
    return first;
}
