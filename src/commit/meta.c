/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/meta.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "commit/io.h"
#include "commit/replace.h"

#ifndef ENODATA
#define ENODATA ENOATTR
#endif

void file_meta_clear(struct file_meta *meta)
{
    for (size_t i = 0; i < meta->xattrs; i++) {
        free(meta->xattr[i].name);
        free(meta->xattr[i].value);
    }
    free(meta->xattr);
    *meta = (struct file_meta){.mode = 0};
}

/* The kernel makes these from the content; an old one would make new content look forged.
 */
static bool kernels_own(const char *name)
{
    return streq(name, "security.ima") || streq(name, "security.evm");
}

static int xattr_add(struct file_meta *meta, const char *name, const void *value,
                     size_t len)
{
    struct file_xattr *x;

    if (array_grow(&meta->xattr, meta->xattrs, sizeof(*meta->xattr)) < 0)
        return -ENOMEM;
    x = &meta->xattr[meta->xattrs];
    *x = (struct file_xattr){strdup(name), malloc(len + 1), len};
    if (!x->name || !x->value) {
        free(x->name);
        free(x->value);
        return -ENOMEM;
    }
    if (len)
        memcpy(x->value, value, len);
    meta->xattrs++;
    return 0;
}

/* The list, or with NAME the value, of whatever size: it may grow while we ask. */
static int xattr_fetch(int fd, const char *name, struct buf *b)
{
    for (;;) {
        ssize_t n = name ? fgetxattr(fd, name, NULL, 0) : flistxattr(fd, NULL, 0);
        char *room = n < 0 ? NULL : buf_room(b, (size_t)n + 1);

        if (n < 0)
            return -errno;
        if (!room)
            return -ENOMEM;
        if (n)
            n = name ? fgetxattr(fd, name, room, (size_t)n)
                     : flistxattr(fd, room, (size_t)n);
        if (n < 0 && errno == ERANGE)
            continue;
        if (n < 0)
            return -errno;
        room[n] = '\0';
        b->len += (size_t)n;
        return 0;
    }
}

static int xattrs_read(int fd, struct file_meta *meta)
{
    AUTO_BUF names = BUF_INIT;
    int r = xattr_fetch(fd, NULL, &names);

    if (r == -ENOTSUP || r == -ENOSYS)
        return 0;
    for (size_t i = 0; !r && i < names.len; i += strlen(names.data + i) + 1) {
        const char *name = names.data + i;
        AUTO_BUF value = BUF_INIT;

        if (kernels_own(name))
            continue;
        r = xattr_fetch(fd, name, &value);
        if (r == -ENODATA || r == -ENOTSUP) /* gone meanwhile; listed but not kept */
            r = 0;
        else if (!r)
            r = xattr_add(meta, name, value.data, value.len);
    }
    return r;
}

int meta_read(int fd, const char *path, struct file_meta *meta, struct error *err)
{
    struct stat st;
    int r = fstat(fd, &st) < 0 ? -errno : 0;

    if (!r) {
        meta->mode = st.st_mode & 07777;
        meta->uid = st.st_uid;
        meta->gid = st.st_gid;
        r = xattrs_read(fd, meta);
    }
    if (r == -ENOMEM)
        return error_memory(err);
    if (r < 0)
        return error_system(err, -r, path, "cannot read its owner, mode and attributes");
    return 0;
}

int file_meta_read(const struct place *place, struct file_meta *meta, struct error *err)
{
    AUTO_CLOSE int fd = io_open(place->dir, place->name, O_RDONLY, 0);

    *meta = (struct file_meta){.mode = 0};
    if (fd < 0)
        return error_system(err, -fd, place->path, "cannot open");
    return meta_read(fd, place->path, meta, err);
}

static const struct file_xattr *xattr_find(const struct file_meta *meta, const char *name)
{
    for (size_t i = 0; i < meta->xattrs; i++)
        if (streq(meta->xattr[i].name, name))
            return &meta->xattr[i];
    return NULL;
}

static bool xattr_same(const struct file_xattr *a, const struct file_xattr *b)
{
    return a && b && a->len == b->len && memcmp(a->value, b->value, a->len) == 0;
}

bool meta_same(const struct file_meta *a, const struct file_meta *b)
{
    bool same = a->mode == b->mode && a->uid == b->uid && a->gid == b->gid &&
                a->xattrs == b->xattrs;

    for (size_t i = 0; same && i < a->xattrs; i++)
        same = xattr_same(&a->xattr[i], xattr_find(b, a->xattr[i].name));
    return same;
}

int meta_copy(struct file_meta *copy, const struct file_meta *meta)
{
    *copy = (struct file_meta){meta->mode, meta->uid, meta->gid, NULL, 0};
    for (size_t i = 0; i < meta->xattrs; i++)
        if (xattr_add(copy, meta->xattr[i].name, meta->xattr[i].value,
                      meta->xattr[i].len) < 0) {
            file_meta_clear(copy);
            return -ENOMEM;
        }
    return 0;
}

/* FAT and exFAT give every file the owner that the mount names. */
static bool keeps_no_owners(int fd)
{
    struct statfs fs;

    return fstatfs(fd, &fs) == 0 && (fs.f_type == 0x4d44 || fs.f_type == 0x2011bab0);
}

static int xattrs_apply(int fd, const struct file_meta *now, const struct file_meta *meta)
{
    for (size_t i = 0; i < now->xattrs; i++) {
        const char *name = now->xattr[i].name;

        /* A label that the system gives by itself may be impossible to take away. */
        if (!xattr_find(meta, name) && fremovexattr(fd, name) < 0 && errno != ENODATA &&
            !starts_with(name, "security."))
            return -errno;
    }
    for (size_t i = 0; i < meta->xattrs; i++) {
        const struct file_xattr *x = &meta->xattr[i];

        if (!xattr_same(x, xattr_find(now, x->name)) &&
            fsetxattr(fd, x->name, x->value, x->len, 0) < 0 && errno != ENOTSUP)
            return -errno;
    }
    return 0;
}

int meta_apply(int fd, const char *path, const struct file_meta *meta, struct error *err)
{
    struct file_meta now = {.mode = 0};
    struct stat st;
    int r = meta_read(fd, path, &now, err);

    if (r < 0) {
        file_meta_clear(&now);
        return r;
    }
    if ((now.uid != meta->uid || now.gid != meta->gid) &&
        fchown(fd, meta->uid, meta->gid) < 0 && !(errno == EPERM && keeps_no_owners(fd)))
        r = error_system(err, errno, path, "cannot give its copy the owner %u:%u",
                         (unsigned)meta->uid, (unsigned)meta->gid);
    if (!r) {
        r = xattrs_apply(fd, &now, meta);
        if (r < 0)
            error_system(err, -r, path,
                         "cannot give its copy the same ACL, label or attributes");
    }
    /* Last, for changing the owner drops set-id bits and an ACL alters the group's. */
    if (!r && (fstat(fd, &st) < 0 ||
               ((st.st_mode & 07777) != meta->mode && fchmod(fd, meta->mode) < 0 &&
                !(errno == EPERM && keeps_no_owners(fd)))))
        r = error_system(err, errno, path, "cannot give its copy the mode %04o",
                         (unsigned)meta->mode);
    file_meta_clear(&now);
    return r;
}
