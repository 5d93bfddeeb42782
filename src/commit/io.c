/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/io.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int io_open(int dir, const char *name, int flags, mode_t mode)
{
    int fd;

    do
        fd = openat(dir, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

int io_open_dir(int dir, const char *name)
{
    return io_open(dir, name, O_RDONLY | O_DIRECTORY, 0);
}

int io_write(int fd, const void *data, size_t len)
{
    const char *p = data;

    while (len) {
        ssize_t n = write(fd, p, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

int io_write_at(int fd, const void *data, size_t len, off_t offset)
{
    const char *p = data;

    while (len) {
        ssize_t n = pwrite(fd, p, len, offset);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        p += n;
        len -= (size_t)n;
        offset += n;
    }
    return 0;
}

int io_read(int fd, size_t max, struct blob *blob)
{
    AUTO_BUF b = BUF_INIT;

    for (;;) {
        char *room = buf_room(&b, 65536);
        ssize_t n;

        if (!room)
            return -ENOMEM;
        n = pread(fd, room, 65536, (off_t)b.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        if (n == 0)
            return blob_copy(blob, b.data, b.len);
        b.len += (size_t)n;
        if (b.len > max)
            return -EFBIG;
    }
}

int io_sync(int fd)
{
    return fsync(fd) < 0 ? -errno : 0;
}

int io_sync_dir(int fd)
{
    int r = io_sync(fd);

    return r == -EINVAL ? 0 : r;
}

int io_close(int *fd)
{
    int r = close(*fd) < 0 ? -errno : 0;

    *fd = -1;
    return r == -EINTR ? 0 : r; /* Linux has closed it all the same */
}

int io_create(int dir, const char *name, const void *data, size_t len)
{
    AUTO_CLOSE int fd = io_open(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    int r;

    if (fd < 0)
        return fd;
    r = io_write(fd, data, len);
    if (!r)
        r = io_sync(fd);
    if (!r)
        r = io_close(&fd);
    return r;
}
