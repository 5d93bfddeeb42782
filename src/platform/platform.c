/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/root.h"

#define SMALL (64 * 1024)

struct platform {
    int fd;
    char *dir;
    bool live;
    char arch[65]; /* as long as struct utsname has it on Linux */
    struct blob unreadable;
};

/* "/" by any name is the machine itself. */
static bool is_machine(int fd)
{
    struct stat here, slash;

    return fstat(fd, &here) == 0 && stat("/", &slash) == 0 &&
           here.st_dev == slash.st_dev && here.st_ino == slash.st_ino;
}

static int read_arch(struct platform *p)
{
    AUTO_BLOB text = {NULL, 0};
    struct utsname name;
    size_t n;
    int r;

    if (p->live) {
        if (uname(&name) == 0)
            snprintf(p->arch, sizeof(p->arch), "%s", name.machine);
        return 0;
    }
    r = platform_read(p, "proc/sys/kernel/arch", SMALL, &text);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    n = strcspn(text.data, " \t\r\n");
    if (n < sizeof(p->arch))
        memcpy(p->arch, text.data, n);
    return 0;
}

static int open_directory(struct platform *p, const char *dir, struct error *err)
{
    int r;

    p->dir = strdup(dir);
    if (!p->dir)
        return error_memory(err);
    p->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (p->fd < 0)
        return error_named(err, errno, dir, "cannot open the platform directory");
    p->live = is_machine(p->fd);
    if (p->live)
        return 0;
    r = platform_read(p, "unreadable", SMALL, &p->unreadable);
    if (r < 0 && r != -ENOENT)
        return error_system(
            err, -r, dir,
            "cannot read the file \"unreadable\" of the platform directory");
    return 0;
}

int platform_open(struct platform **platform, const char *dir, struct error *err)
{
    struct platform *p = calloc(1, sizeof(*p));
    int r;

    *platform = NULL;
    if (!p)
        return error_memory(err);
    p->fd = -1;
    r = open_directory(p, dir ? dir : "/", err);
    if (r == 0 && read_arch(p) < 0)
        r = error_memory(err);
    if (r < 0) {
        platform_free(p);
        return r;
    }
    *platform = p;
    return 0;
}

void platform_free(struct platform *p)
{
    if (!p)
        return;
    if (p->fd >= 0)
        close(p->fd);
    blob_clear(&p->unreadable);
    free(p->dir);
    free(p);
}

void auto_platform_free(struct platform **p)
{
    platform_free(*p);
}

bool platform_is_live(const struct platform *p)
{
    return p->live;
}

const char *platform_dir(const struct platform *p)
{
    return p->live ? "/" : p->dir;
}

const char *platform_arch(const struct platform *p)
{
    return p->arch;
}

bool platform_is_x86(const struct platform *p)
{
    const char *arch = p->arch;

    if (!*arch || streq(arch, "x86_64"))
        return true;
    return arch[0] == 'i' && arch[1] >= '3' && arch[1] <= '6' && streq(arch + 2, "86");
}

/* Does a line of the capture's list name PATH or a directory above it? */
static bool listed_unreadable(const struct platform *p, const char *path)
{
    const char *line = p->unreadable.data;

    while (line && *line) {
        size_t n = strcspn(line, "\n");

        if (n && strncmp(path, line, n) == 0 && (path[n] == '\0' || path[n] == '/'))
            return true;
        line += n;
        line += *line == '\n';
    }
    return false;
}

/* O_NONBLOCK: a FIFO in a captured directory must not hang us. */
static int open_below(const struct platform *p, const char *path, int flags)
{
    int fd;

    if (!*path || *path == '/')
        return -EINVAL;
    if (listed_unreadable(p, path))
        return -EACCES;
    fd = openat(p->fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | flags);
    return fd < 0 ? -errno : fd;
}

int platform_link(const struct platform *p, const char *path, char **target)
{
    char text[4096];
    ssize_t n;

    *target = NULL;
    if (!*path || *path == '/')
        return -EINVAL;
    if (listed_unreadable(p, path))
        return -EACCES;
    n = readlinkat(p->fd, path, text, sizeof(text));
    if (n < 0)
        return -errno;
    if ((size_t)n == sizeof(text))
        return -ENAMETOOLONG;
    *target = strndup(text, (size_t)n);
    return *target ? 0 : -ENOMEM;
}

static int read_to_end(int fd, size_t max, struct buf *b)
{
    for (;;) {
        char *room = buf_room(b, 4096);
        ssize_t n;

        if (!room)
            return -ENOMEM;
        n = read(fd, room, 4096);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        b->len += (size_t)n;
        b->data[b->len] = '\0';
        if (b->len > max)
            return -EFBIG;
    }
}

int platform_read(const struct platform *p, const char *path, size_t max,
                  struct blob *blob)
{
    AUTO_CLOSE int fd = open_below(p, path, 0);
    AUTO_BUF b = BUF_INIT;
    struct stat st;
    int r;

    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL;
    r = read_to_end(fd, max, &b);
    if (r < 0)
        return r;
    blob_clear(blob);
    blob->len = b.len;
    blob->data = buf_take(&b);
    if (!blob->data)
        blob->len = 0;
    return blob->data ? 0 : -ENOMEM;
}

int platform_list(const struct platform *p, const char *path, char ***names)
{
    int fd = open_below(p, path, O_DIRECTORY);

    *names = NULL;
    return fd < 0 ? fd : names_read(fd, names);
}
