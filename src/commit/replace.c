/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/mounts.h"
#include "commit/io.h"
#include "commit/meta.h"

/* One name for a file, so that whatever dies leaves nothing that is not known. */
static char *temp_name(const struct place *place)
{
    return text_format(".%s.iommuctl", place->name);
}

static int changed_since(const char *path, const char *how, struct error *err)
{
    return error_set(err, EXIT_CLASS_BUSY, path, 0,
                     "%s while we worked; nothing of it was overwritten, run the command "
                     "again",
                     how);
}

/* Immutable or append-only, where the file system knows such flags. */
static int flags_check(int fd, const char *path, const char *what, struct error *err)
{
    int flags = 0;

    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return 0;
    if (flags & FS_IMMUTABLE_FL)
        return error_set(err, EXIT_CLASS_NOT_PERMITTED, path, 0,
                         "%s is immutable; allow the change with chattr -i", what);
    if (flags & FS_APPEND_FL)
        return error_set(err, EXIT_CLASS_NOT_PERMITTED, path, 0,
                         "%s may only be appended to; allow the change with chattr -a",
                         what);
    return 0;
}

static int bind_mounted(const char *path, struct error *err)
{
    return error_set(err, EXIT_CLASS_CONDITION, path, 0,
                     "is mounted over by itself (a bind mount) and cannot be replaced; "
                     "unmount it, or change the file that is mounted there");
}

/* What place_stat saw, in words for the refusal; 0 for a regular file. */
static int kind_check(mode_t mode, const char *path, struct error *err)
{
    if (S_ISREG(mode))
        return 0;
    if (S_ISLNK(mode))
        return changed_since(path, "became a symbolic link", err);
    return error_set(err, EXIT_CLASS_DATA, path, 0,
                     "is %s where a file belongs; move it out of the way",
                     S_ISDIR(mode)    ? "a directory"
                     : S_ISFIFO(mode) ? "a FIFO"
                     : S_ISSOCK(mode) ? "a socket"
                                      : "a device");
}

static int original_check(const struct replacement *r, struct error *err)
{
    const char *path = r->place.path;
    long own = mount_id(r->fd), above = mount_id(r->place.dir);

    if (r->seen.st_nlink > 1)
        return error_set(err, EXIT_CLASS_CONDITION, path, 0,
                         "has %lu hard links, which a new file would part; make it a "
                         "file of its own first (cp -p to a new name, then mv over it)",
                         (unsigned long)r->seen.st_nlink);
    if (own >= 0 && above >= 0 && own != above)
        return bind_mounted(path, err);
    return flags_check(r->fd, path, "it", err);
}

/* Open the file and see that it is what the change starts from. */
static int original_open(struct replacement *r, struct error *err)
{
    const struct blob *before = &r->change->before;
    const char *path = r->place.path;
    int mode = r->change->how == WRITE_IN_PLACE ? O_RDWR : O_RDONLY;
    int e = place_stat(&r->place, &r->seen);
    AUTO_BLOB now = {NULL, 0};

    if (e == -ENOENT)
        return blob_absent(before) ? 0 : changed_since(path, "was removed", err);
    if (e < 0)
        return error_system(err, -e, path, "cannot look at the file");
    e = kind_check(r->seen.st_mode, path, err);
    if (e < 0)
        return e;
    if (blob_absent(before))
        return changed_since(path, "was created", err);
    r->fd = io_open(r->place.dir, r->place.name, mode, 0);
    if (r->fd < 0)
        return error_system(err, -r->fd, path, "cannot open");
    if (fstat(r->fd, &r->seen) < 0)
        return error_system(err, errno, path, "cannot look at the file");
    e = kind_check(r->seen.st_mode, path, err);
    if (!e)
        e = original_check(r, err);
    if (e < 0)
        return e;
    e = io_read(r->fd, before->len, &now);
    if (e < 0 && e != -EFBIG)
        return error_system(err, -e, path, "cannot read");
    return blob_same(&now, before) ? 0 : changed_since(path, "changed", err);
}

static int directory_check(const struct replacement *r, struct error *err)
{
    const char *path = r->place.path;
    struct statvfs fs;

    if (fstatvfs(r->place.dir, &fs) == 0 && (fs.f_flag & ST_RDONLY))
        return error_set(err, EXIT_CLASS_IO, path, 0,
                         "lies on a read-only file system; mount it for writing first");
    if (flags_check(r->place.dir, path, "its directory", err) < 0)
        return -EPERM;
    if (faccessat(r->place.dir, ".", W_OK | X_OK, AT_EACCESS) < 0 && errno != ENOSYS)
        return error_system(err, errno, path, "its directory may not be written to");
    return 0;
}

static int in_place_check(const struct change *c, struct error *err)
{
    if (c->how != WRITE_IN_PLACE ||
        (!blob_absent(&c->before) && !blob_absent(&c->after) &&
         c->before.len == c->after.len))
        return 0;
    return error_set(err, EXIT_CLASS_INTERNAL, c->path, 0,
                     "writing in place cannot change the length");
}

/* Has the temporary file a name? The file system is asked, for each has its own limit. */
static int name_check(const struct replacement *r, struct error *err)
{
    AUTO_FREE char *name = temp_name(&r->place);
    struct stat st;

    if (!name)
        return error_memory(err);
    if (r->change->how == WRITE_IN_PLACE ||
        fstatat(r->place.dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
        errno != ENAMETOOLONG)
        return 0;
    return error_set(err, EXIT_CLASS_CONDITION, r->place.path, 0,
                     "its name is too long for a temporary file beside it, "
                     "\".NAME.iommuctl\"; give it a name that is %zu bytes shorter",
                     strlen(name) - strlen(r->place.name));
}

/* Everything that can be known before a byte is written; leaves the original open. */
static int replacement_look(struct replacement *r, struct root *root,
                            const struct change *change, struct error *err)
{
    int e = root_find(root, change->path, &r->place, err);

    r->change = change;
    if (e < 0)
        return e;
    if (r->place.linked || !streq(r->place.path, change->path))
        return changed_since(change->path, "became a symbolic link", err);
    e = in_place_check(change, err);
    if (!e)
        e = name_check(r, err);
    if (!e)
        e = original_open(r, err);
    return e ? e : directory_check(r, err);
}

/* The metadata that the file at the end shall have; "such as it is" for a new file that
   has no model: ours alone. */
static int wanted_meta(const struct replacement *r, struct root *root,
                       struct file_meta *meta, struct error *err)
{
    const struct change *c = r->change;
    AUTO_PLACE model = PLACE_INIT;
    int e;

    if (c->meta)
        return meta_copy(meta, c->meta) < 0 ? error_memory(err) : 0;
    if (!c->like) {
        *meta = (struct file_meta){0600, geteuid(), getegid(), NULL, 0};
        return r->fd < 0 ? 0 : meta_read(r->fd, c->path, meta, err);
    }
    e = root_find(root, c->like, &model, err);
    return e < 0 ? e : file_meta_read(&model, meta, err);
}

int replacement_sweep(const struct place *place)
{
    AUTO_FREE char *name = temp_name(place);

    if (!name)
        return -ENOMEM;
    if (unlinkat(place->dir, name, 0) == 0 || errno == ENOENT || errno == ENAMETOOLONG)
        return 0;
    return -errno;
}

/* Some tools tell by mtimes which of two files is to be made from the other. */
static int set_ahead(int fd, const char *path, unsigned seconds, struct error *err)
{
    struct timespec times[2] = {{0, UTIME_OMIT}, {0, 0}};

    if (clock_gettime(CLOCK_REALTIME, &times[1]) < 0)
        return error_system(err, errno, path, "cannot tell the time");
    times[1].tv_sec += (time_t)seconds;
    return futimens(fd, times) < 0 ? error_system(err, errno, path, "cannot set its time")
                                   : 0;
}

/* chattr's; whatever the file system keeps of them. Before the first byte, since
   no-copy-on-write can be had by an empty file only. */
static void flags_carry(int from, int to)
{
    static const int kept = FS_NODUMP_FL | FS_NOATIME_FL | FS_SYNC_FL
#ifdef FS_NOCOW_FL
                            | FS_NOCOW_FL
#endif
        ;
    int old = 0, own = 0, wanted;

    if (from < 0 || ioctl(from, FS_IOC_GETFLAGS, &old) < 0 ||
        ioctl(to, FS_IOC_GETFLAGS, &own) < 0)
        return;
    wanted = (own & ~kept) | (old & kept);
    if (wanted != own && ioctl(to, FS_IOC_SETFLAGS, &wanted) < 0)
        return; /* they say nothing of what is in the file */
}

static int temp_write(struct replacement *r, const struct file_meta *meta,
                      struct error *err)
{
    const char *path = r->change->path;
    AUTO_FREE char *name = temp_name(&r->place);
    AUTO_CLOSE int fd = -1;
    int e;

    if (!name)
        return error_memory(err);
    e = replacement_sweep(&r->place);
    if (e < 0)
        return error_system(err, -e, path, "%s is in the way beside it", name);
    fd = io_open(r->place.dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return error_system(err, -fd, path, "cannot create %s beside it", name);
    r->temp = name;
    name = NULL;
    flags_carry(r->fd, fd);
    e = io_write(fd, r->change->after.data, r->change->after.len);
    if (e < 0)
        return error_system(err, -e, path, "cannot write its new text");
    e = meta_apply(fd, path, meta, err);
    if (!e && r->change->ahead)
        e = set_ahead(fd, path, r->change->ahead, err);
    if (e < 0)
        return e;
    e = io_sync(fd);
    if (!e)
        e = io_close(&fd);
    if (e < 0)
        return error_system(err, -e, path, "its new text did not reach the disk");
    return 0;
}

/* Already as it shall be? */
static int idle_check(struct replacement *r, const struct file_meta *meta,
                      struct error *err)
{
    struct file_meta now = {.mode = 0};
    int e = 0;

    if (!blob_same(&r->change->before, &r->change->after) || r->fd < 0)
        return 0;
    e = meta_read(r->fd, r->change->path, &now, err);
    r->idle = !e && meta_same(&now, meta);
    file_meta_clear(&now);
    return e;
}

int replacement_prepare(struct replacement *r, struct root *root,
                        const struct change *change, struct error *err)
{
    struct file_meta meta = {.mode = 0};
    int e = replacement_look(r, root, change, err);

    if (!e && blob_absent(&change->after)) {
        r->idle = blob_absent(&change->before);
        return 0;
    }
    if (!e)
        e = wanted_meta(r, root, &meta, err);
    if (!e)
        e = idle_check(r, &meta, err);
    if (!e && !r->idle && change->how == WRITE_REPLACE)
        e = temp_write(r, &meta, err);
    file_meta_clear(&meta);
    return e;
}

/* Is the name still the file that was compared? */
static int original_again(const struct replacement *r, struct error *err)
{
    const struct stat *seen = &r->seen;
    struct stat now;
    int e = place_stat(&r->place, &now);

    if (e < 0 && e != -ENOENT)
        return error_system(err, -e, r->place.path, "cannot look at the file again");
    if (r->fd < 0)
        return e == -ENOENT ? 0 : changed_since(r->place.path, "was created", err);
    if (e == -ENOENT)
        return changed_since(r->place.path, "was removed", err);
    if (now.st_dev != seen->st_dev || now.st_ino != seen->st_ino ||
        now.st_size != seen->st_size || now.st_mtim.tv_sec != seen->st_mtim.tv_sec ||
        now.st_mtim.tv_nsec != seen->st_mtim.tv_nsec ||
        now.st_ctim.tv_sec != seen->st_ctim.tv_sec ||
        now.st_ctim.tv_nsec != seen->st_ctim.tv_nsec)
        return changed_since(r->place.path, "changed", err);
    return 0;
}

/* On failure the old bytes go back at once: torn, it would be nobody's to recover. */
static int finish_in_place(struct replacement *r, struct error *err)
{
    const struct change *c = r->change;
    int e = io_write_at(r->fd, c->after.data, c->after.len, 0);

    if (!e && c->meta) {
        e = meta_apply(r->fd, c->path, c->meta, err);
        if (e < 0)
            goto undo;
    }
    if (!e)
        e = io_sync(r->fd);
    if (!e)
        return 0;
    e = error_system(err, -e, c->path, "its new text did not reach the disk");
undo:
    if (!io_write_at(r->fd, c->before.data, c->before.len, 0))
        io_sync(r->fd);
    return e;
}

static int finish_by_name(struct replacement *r, struct error *err)
{
    int dir = r->place.dir, e = 0;

    if (r->temp)
        e = renameat(dir, r->temp, dir, r->place.name) < 0 ? -errno : 0;
    else
        e = unlinkat(dir, r->place.name, 0) < 0 ? -errno : 0;
    if (e == -EBUSY)
        return bind_mounted(r->place.path, err);
    if (e < 0)
        return error_system(err, -e, r->place.path, "cannot %s it",
                            r->temp ? "replace" : "remove");
    free(r->temp);
    r->temp = NULL;
    e = io_sync_dir(dir);
    if (e < 0)
        return error_system(err, -e, r->place.path,
                            "its new directory entry did not reach the disk");
    return 0;
}

int replacement_finish(struct replacement *r, struct error *err)
{
    int e = r->idle ? 0 : original_again(r, err);

    if (e < 0 || r->idle)
        return e;
    if (r->change->how == WRITE_IN_PLACE)
        return finish_in_place(r, err);
    return finish_by_name(r, err);
}

void replacement_drop(struct replacement *r)
{
    if (r->temp)
        unlinkat(r->place.dir, r->temp, 0);
    free(r->temp);
    r->temp = NULL;
}

void replacement_clear(struct replacement *r)
{
    replacement_drop(r);
    auto_close(&r->fd);
    place_clear(&r->place);
    *r = (struct replacement)REPLACEMENT_INIT;
}

int replace_check(struct root *root, const struct change *change, struct error *err)
{
    struct replacement r = REPLACEMENT_INIT;
    AUTO_PLACE model = PLACE_INIT;
    int e = replacement_look(&r, root, change, err);

    if (!e && change->like)
        e = root_find(root, change->like, &model, err);
    replacement_clear(&r);
    return e;
}

int replace_run(struct root *root, const struct change *change, struct error *err)
{
    struct replacement r = REPLACEMENT_INIT;
    int e = replacement_prepare(&r, root, change, err);

    if (!e)
        e = replacement_finish(&r, err);
    replacement_clear(&r);
    return e;
}
