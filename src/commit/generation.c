/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/generation.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "commit/io.h"

#define MANIFEST "manifest.json"
#define MANIFEST_NEW "manifest.json.new"
#define FILES "files"

void generation_name(unsigned number, char name[GENERATION_NAME_SIZE])
{
    snprintf(name, GENERATION_NAME_SIZE, "%06u", number);
}

unsigned generation_number(const char *name)
{
    char again[GENERATION_NAME_SIZE];
    unsigned long long n;

    if (strlen(name) >= sizeof(again) || strspn(name, "0123456789") != strlen(name))
        return 0;
    n = strtoull(name, NULL, 10);
    if (n == 0 || n >= UINT_MAX) /* room for one more, always */
        return 0;
    generation_name((unsigned)n, again);
    return streq(name, again) ? (unsigned)n : 0;
}

static int failed(struct error *err, int e, const char *what)
{
    return error_system(err, -e, NULL, "cannot %s the rollback copy", what);
}

/* The directory NAME in DIR, made if need be, and the making itself on disk. */
static int enter_or_make(int dir, const char *name)
{
    int r = mkdirat(dir, name, 0700) < 0 ? -errno : 0;

    if (!r)
        r = io_sync_dir(dir);
    return r < 0 && r != -EEXIST ? r : io_open_dir(dir, name);
}

/*
 * Walk from the generation through files/ along PATH ("/boot/grub/menu.lst") to the
 * directory of its last component, which LAST then points at. Returns the directory.
 */
static int copy_walk(int generation, const char *path, bool make, const char **last)
{
    AUTO_FREE char *rest = strdup(path);
    char *name = rest, *slash;
    int fd = rest ? -1 : -ENOMEM;

    if (rest)
        fd = make ? enter_or_make(generation, FILES) : io_open_dir(generation, FILES);
    while (fd >= 0 && (slash = strchr(name + 1, '/'))) {
        int next;

        *slash = '\0';
        next = make ? enter_or_make(fd, name + 1) : io_open_dir(fd, name + 1);
        close(fd);
        fd = next;
        name = slash;
    }
    if (fd >= 0)
        *last = path + (name - rest) + 1;
    return fd;
}

static int copy_store(int generation, const char *path, const struct blob *bytes)
{
    const char *name = NULL;
    AUTO_CLOSE int dir = copy_walk(generation, path, true, &name);
    int r = dir < 0 ? dir : io_create(dir, name, bytes->data, bytes->len);

    return r ? r : io_sync_dir(dir);
}

int generation_stage(int state, unsigned number, const struct changeset *set,
                     struct error *err)
{
    char name[GENERATION_NAME_SIZE];
    const char *path = NULL;
    int dir, r;

    generation_name(number, name);
    if (mkdirat(state, name, 0700) < 0)
        return failed(err, -errno, "make the directory of");
    r = io_sync_dir(state);
    dir = r < 0 ? r : io_open_dir(state, name);
    r = dir < 0 ? dir : 0;
    for (size_t i = 0; !r && i < set->count; i++) {
        path = set->change[i].path;
        if (!blob_absent(&set->change[i].before))
            r = copy_store(dir, path, &set->change[i].before);
    }
    if (r < 0) {
        error_system(err, -r, NULL, "cannot write the rollback copy%s%s",
                     path ? " of " : "", path ? path : "");
        if (dir >= 0)
            close(dir);
    }
    return r < 0 ? r : dir;
}

int generation_write(int generation, const struct manifest *m, struct error *err)
{
    AUTO_BUF text = BUF_INIT;
    int r;

    if (manifest_write(m, &text) < 0)
        return error_memory(err);
    r = unlinkat(generation, MANIFEST_NEW, 0) < 0 && errno != ENOENT ? -errno : 0;
    if (!r)
        r = io_create(generation, MANIFEST_NEW, text.data, text.len);
    return r < 0 ? failed(err, r, "write the manifest of") : 0;
}

int generation_publish(int generation, bool *published, struct error *err)
{
    int r = renameat(generation, MANIFEST_NEW, generation, MANIFEST) < 0 ? -errno : 0;

    if (published)
        *published = !r;
    if (!r)
        r = io_sync_dir(generation);
    return r < 0 ? failed(err, r, "put in place the manifest of") : 0;
}

static int read_whole(int dir, const char *name, struct blob *bytes)
{
    AUTO_CLOSE int fd = io_open(dir, name, O_RDONLY, 0);
    struct stat st;

    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return -errno;
    return S_ISREG(st.st_mode) ? io_read(fd, IO_MAX, bytes) : -EINVAL;
}

int generation_manifest(int generation, struct blob *bytes, struct error *err)
{
    int r = read_whole(generation, MANIFEST, bytes);

    return r < 0 && r != -ENOENT ? failed(err, r, "read the manifest of") : r;
}

int generation_copy(int generation, const struct manifest_file *f, struct blob *bytes,
                    struct error *err)
{
    const char *name = NULL;
    AUTO_CLOSE int dir = copy_walk(generation, manifest_path(f), false, &name);
    int r = dir < 0 ? dir : read_whole(dir, name, bytes);
    char hash[HASH_TEXT_SIZE];

    if (r == -ENOMEM)
        return error_memory(err);
    if (r < 0)
        return error_system(err, -r, f->path, "cannot read its rollback copy");
    hash_text(bytes->data, bytes->len, hash);
    if (streq(hash, f->before))
        return 0;
    blob_clear(bytes);
    return error_set(err, EXIT_CLASS_DATA, f->path, 0,
                     "its rollback copy is damaged and was not used");
}

static int empty_directory(int fd);

static int remove_entry(int dir, const char *name)
{
    int fd, r;

    if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -errno;
    r = -errno;
    fd = io_open_dir(dir, name);
    if (fd < 0)
        return fd == -ENOTDIR ? r : fd;
    r = empty_directory(fd);
    if (!r && unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
        r = -errno;
    return r;
}

/* Takes FD. */
static int empty_directory(int fd)
{
    DIR *dir = fdopendir(fd);
    struct dirent *entry;
    int r = 0;

    if (!dir) {
        r = -errno;
        close(fd);
        return r;
    }
    while (!r) {
        errno = 0;
        entry = readdir(dir);
        if (!entry) {
            r = -errno;
            break;
        }
        if (!streq(entry->d_name, ".") && !streq(entry->d_name, ".."))
            r = remove_entry(dirfd(dir), entry->d_name);
    }
    closedir(dir);
    return r;
}

int generation_remove(int state, unsigned number, struct error *err)
{
    char name[GENERATION_NAME_SIZE];
    int dir, r = 0;

    generation_name(number, name);
    dir = io_open_dir(state, name);
    if (dir == -ENOENT)
        return 0;
    if (dir < 0)
        return failed(err, dir, "open the directory of");
    if (unlinkat(dir, MANIFEST, 0) == 0)
        r = io_sync_dir(dir); /* before any copy goes */
    else if (errno != ENOENT)
        r = -errno;
    close(dir);
    if (!r)
        r = remove_entry(state, name);
    if (!r)
        r = io_sync_dir(state);
    return r < 0 ? failed(err, r, "remove") : 0;
}
