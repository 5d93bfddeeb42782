/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into iommuctl: every file system keeps no owners, modes and attributes, as
 * FAT, which cannot be mounted everywhere. With FAT_NAME=no it does not call itself FAT.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

int fstatfs64(int fd, struct statfs64 *fs)
{
    int (*real)(int, struct statfs64 *) = dlsym(RTLD_NEXT, "fstatfs64");
    const char *name = getenv("FAT_NAME");
    int r = real(fd, fs);

    if (r == 0 && !(name && strcmp(name, "no") == 0))
        fs->f_type = 0x4d44;
    return r;
}

int fstatfs(int fd, struct statfs *fs)
{
    return fstatfs64(fd, (struct statfs64 *)fs);
}

int fchown(int fd, uid_t owner, gid_t group)
{
    (void)fd, (void)owner, (void)group;
    errno = EPERM;
    return -1;
}

int fchmod(int fd, mode_t mode)
{
    (void)fd, (void)mode;
    errno = EPERM;
    return -1;
}

int fsetxattr(int fd, const char *name, const void *value, size_t size, int flags)
{
    (void)fd, (void)name, (void)value, (void)size, (void)flags;
    errno = ENOTSUP;
    return -1;
}
