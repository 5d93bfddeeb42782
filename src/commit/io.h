/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Descriptors, whole: short transfers and interruptions are seen to here. Each function
 * gives 0 (or what it says) or a negative errno.
 */
#ifndef COMMIT_IO_H
#define COMMIT_IO_H

#include <sys/types.h>

#include "base/buf.h"

/* No file that is committed, and no manifest, may be larger. */
#define IO_MAX ((size_t)64 << 20)

/* Opened without following a link, without waiting for a FIFO: descriptor or error. */
int io_open(int dir, const char *name, int flags, mode_t mode);
int io_open_dir(int dir, const char *name);

int io_write(int fd, const void *data, size_t len);
int io_write_at(int fd, const void *data, size_t len, off_t offset);
int io_read(int fd, size_t max, struct blob *); /* from the start to the end; -EFBIG */

/* Never repeated: after a failure the kernel may have dropped the dirty pages and would
   call the next one a success. A directory that cannot be synced (EINVAL) passes. */
int io_sync(int fd);
int io_sync_dir(int fd);

/* Closes and says what close said; *FD is -1 afterwards. */
int io_close(int *fd);

/* A new file NAME with these bytes, 0600, on disk. -EEXIST if there is one. */
int io_create(int dir, const char *name, const void *data, size_t len);

#endif
