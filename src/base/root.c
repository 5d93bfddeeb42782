/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/root.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#define LINKS_MAX 40 /* as the kernel's MAXSYMLINKS */

struct root {
    int fd;
    char *prefix;
    bool live;
};

/* A directory that may be searched but not listed cannot be opened for reading. */
static int open_directory(int dir, const char *name)
{
    int flags = O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(dir, name, O_RDONLY | flags);

#ifdef O_PATH
    if (fd < 0 && errno == EACCES)
        fd = openat(dir, name, O_PATH | flags);
#endif
    return fd;
}

int root_open(struct root **out, const char *dir, struct error *err)
{
    struct root *root = calloc(1, sizeof(*root));
    struct stat here, top;
    size_t n = strlen(dir);

    if (!root)
        return error_memory(err);
    root->fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (root->fd < 0) {
        int errnum = errno;

        free(root);
        return error_named(err, errnum, dir, "cannot open the root directory");
    }
    root->live = fstat(root->fd, &here) == 0 && stat("/", &top) == 0 &&
                 here.st_dev == top.st_dev && here.st_ino == top.st_ino;
    while (n && dir[n - 1] == '/')
        n--;
    root->prefix = root->live ? strdup("") : strndup(dir, n);
    if (!root->prefix) {
        root_free(root);
        return error_memory(err);
    }
    *out = root;
    return 0;
}

void root_free(struct root *root)
{
    if (!root)
        return;
    close(root->fd);
    free(root->prefix);
    free(root);
}

void auto_root_free(struct root **root)
{
    root_free(*root);
}

bool root_is_live(const struct root *root)
{
    return root->live;
}

bool root_is_running(const struct root *root)
{
    struct stat here, init;

    if (!root->live)
        return false;
    /* not allowed to look: then this is a plain user, who is hardly in a chroot */
    return stat("/proc/1/root/.", &init) < 0 || fstat(root->fd, &here) < 0 ||
           (init.st_dev == here.st_dev && init.st_ino == here.st_ino);
}

const char *root_prefix(const struct root *root)
{
    return root->prefix;
}

/* The state of a walk: what is left to resolve, and the open directories walked so far.
 */
struct walk {
    char *rest; /* still to resolve */
    char *path; /* resolved so far: "" or "/a/b" */
    int *fd;    /* fd[0] is the root, then one a component of path */
    size_t fds;
    unsigned links;
    bool linked; /* the last component was a link */
};

static void walk_clear(struct walk *w)
{
    while (w->fds)
        close(w->fd[--w->fds]);
    free(w->fd);
    free(w->rest);
    free(w->path);
}

static int walk_push(struct walk *w, int fd)
{
    if (array_grow(&w->fd, w->fds, sizeof(*w->fd)) < 0) {
        close(fd);
        return -ENOMEM;
    }
    w->fd[w->fds++] = fd;
    return 0;
}

/* Back to the parent; the root is its own. */
static void walk_up(struct walk *w)
{
    if (w->fds > 1) {
        close(w->fd[--w->fds]);
        *strrchr(w->path, '/') = '\0';
    }
}

static int walk_down(struct walk *w, const char *name)
{
    int fd = open_directory(w->fd[w->fds - 1], name);
    char *path;

    if (fd < 0)
        return -errno;
    path = text_format("%s/%s", w->path, name);
    if (!path) {
        close(fd);
        return -ENOMEM;
    }
    free(w->path);
    w->path = path;
    return walk_push(w, fd);
}

/* Put the target of the link NAME before what is left; an absolute one starts at the
 * root. */
static int walk_link(struct walk *w, const char *name)
{
    char target[PATH_MAX];
    ssize_t n = readlinkat(w->fd[w->fds - 1], name, target, sizeof(target) - 1);
    char *rest;

    if (n < 0)
        return -errno;
    target[n] = '\0';
    if (++w->links > LINKS_MAX)
        return -ELOOP;
    if (target[0] == '/')
        while (w->fds > 1)
            walk_up(w);
    rest = text_format("%s/%s", target, w->rest);
    if (!rest)
        return -ENOMEM;
    free(w->rest);
    w->rest = rest;
    return 0;
}

/* Cut the next component off w->rest; NULL at the end. LAST: nothing follows it. */
static char *walk_next(struct walk *w, bool *last)
{
    char *start = w->rest + strspn(w->rest, "/");
    size_t n = strcspn(start, "/");
    char *name = n ? strndup(start, n) : NULL;

    if (name) {
        memmove(w->rest, start + n, strlen(start + n) + 1);
        *last = w->rest[strspn(w->rest, "/")] == '\0';
    }
    return name;
}

static int walk_arrive(struct walk *w, const char *name, struct place *place)
{
    place->name = strdup(name);
    if (streq(name, "."))
        place->path = strdup(w->fds > 1 ? w->path : "/");
    else
        place->path = text_format("%s/%s", w->path, name);
    place->dir = fcntl(w->fd[w->fds - 1], F_DUPFD_CLOEXEC, 0);
    if (place->dir < 0 || !place->name || !place->path) {
        int errnum = place->dir < 0 ? errno : ENOMEM;

        place_clear(place);
        return -errnum;
    }
    return 0;
}

static int walk_step(struct walk *w, const char *name, bool last, struct place *place,
                     bool *arrived)
{
    struct stat st;

    if (streq(name, "."))
        return 0;
    if (streq(name, "..")) {
        walk_up(w);
        return 0;
    }
    if (fstatat(w->fd[w->fds - 1], name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno != ENOENT || !last)
            return -errno;
    } else if (S_ISLNK(st.st_mode)) {
        w->linked |= last;
        return walk_link(w, name);
    } else if (!last) {
        return walk_down(w, name);
    }
    *arrived = true;
    return walk_arrive(w, name, place);
}

static int walk_run(struct walk *w, struct place *place)
{
    bool last = true, arrived = false;
    int r = 0;

    while (!r && !arrived) {
        AUTO_FREE char *name = walk_next(w, &last);

        if (!name) { /* the path ends in a directory we stand in already */
            if (w->rest[strspn(w->rest, "/")] != '\0')
                return -ENOMEM;
            return walk_arrive(w, ".", place);
        }
        r = walk_step(w, name, last, place, &arrived);
    }
    return r;
}

int root_find(struct root *root, const char *path, struct place *place, struct error *err)
{
    struct walk w = {.rest = strdup(path), .path = strdup("")};
    int top = fcntl(root->fd, F_DUPFD_CLOEXEC, 0), r = -ENOMEM;

    *place = (struct place)PLACE_INIT;
    if (top < 0)
        r = -errno;
    else if (walk_push(&w, top) == 0 && w.rest && w.path)
        r = walk_run(&w, place);
    place->linked = w.linked;
    walk_clear(&w);
    if (r == -ENOMEM)
        return error_memory(err);
    if (r == -ELOOP)
        error_set(err, EXIT_CLASS_DATA, path, 0, "its symbolic links lead in a circle");
    else if (r < 0)
        error_system(err, -r, path, "cannot reach the file");
    return r;
}

void place_clear(struct place *place)
{
    auto_close(&place->dir);
    free(place->name);
    free(place->path);
    *place = (struct place)PLACE_INIT;
}

int place_stat(const struct place *place, struct stat *st)
{
    return fstatat(place->dir, place->name, st, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static const char *kind_word(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFDIR:
        return "a directory";
    case S_IFLNK:
        return "a symbolic link";
    case S_IFIFO:
        return "a FIFO";
    case S_IFSOCK:
        return "a socket";
    default:
        return "a device";
    }
}

static int read_all(int fd, size_t max, struct buf *b)
{
    ssize_t n;

    do {
        char *room = buf_room(b, 65536);

        if (!room)
            return -ENOMEM;
        n = read(fd, room, 65536);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n > 0)
            buf_grew(b, (size_t)n);
        if (b->len > max)
            return -EFBIG;
    } while (n != 0);
    return 0;
}

int place_read(const struct place *place, size_t max, struct blob *blob, struct stat *st,
               struct error *err)
{
    AUTO_CLOSE int fd = -1;
    AUTO_BUF b = BUF_INIT;
    struct stat own;
    int r;

    if (!st)
        st = &own;
    /* not even opened: that alone starts some devices */
    if (place_stat(place, st) == 0 && !S_ISREG(st->st_mode))
        return error_set(err, EXIT_CLASS_DATA, place->path, 0,
                         "is %s where a file belongs", kind_word(st->st_mode));
    /* O_NONBLOCK: opening a FIFO must not wait for a writer */
    fd = openat(place->dir, place->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 || fstat(fd, st) < 0)
        return error_system(err, errno, place->path, "cannot open");
    if (!S_ISREG(st->st_mode))
        return error_set(err, EXIT_CLASS_DATA, place->path, 0,
                         "is %s where a file belongs", kind_word(st->st_mode));
    r = read_all(fd, max, &b);
    if (r == -EFBIG)
        return error_set(err, EXIT_CLASS_DATA, place->path, 0,
                         "is larger than %zu bytes, too large for such a file", max);
    if (r == -ENOMEM || (!r && blob_copy(blob, b.data, b.len) < 0))
        return error_memory(err);
    if (r < 0)
        return error_system(err, -r, place->path, "cannot read");
    return 0;
}

int place_read_part(const struct place *place, off_t at, size_t len, struct blob *blob,
                    struct error *err)
{
    AUTO_CLOSE int fd =
        openat(place->dir, place->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    AUTO_FREE char *data = malloc(len + 1);
    size_t done = 0;
    struct stat st;
    ssize_t n = 1;

    if (!data)
        return error_memory(err);
    if (fd < 0 || fstat(fd, &st) < 0)
        return error_system(err, errno, place->path, "cannot open");
    if (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode))
        return error_set(err, EXIT_CLASS_DATA, place->path, 0,
                         "is %s where a file belongs", kind_word(st.st_mode));
    while (n > 0 && done < len) {
        n = pread(fd, data + done, len - done, at + (off_t)done);
        done += n > 0 ? (size_t)n : 0;
        n = n < 0 && errno == EINTR ? 1 : n;
    }
    if (n < 0)
        return error_system(err, errno, place->path, "cannot read");
    return blob_copy(blob, data, done) < 0 ? error_memory(err) : 0;
}

int root_read(struct root *root, const char *path, size_t max, struct blob *blob,
              struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    int r = root_find(root, path, &place, err);

    return r < 0 ? r : place_read(&place, max, blob, NULL, err);
}

bool root_exists(struct root *root, const char *path)
{
    AUTO_PLACE place = PLACE_INIT;
    struct error ignored;
    struct stat st;

    return root_find(root, path, &place, &ignored) == 0 && place_stat(&place, &st) == 0;
}

static int name_order(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* NAMES is kept NULL-terminated: N counts the names in it. */
static int names_add(char ***names, size_t n, const char *name)
{
    char *copy;

    if (array_grow(names, n + 1, sizeof(**names)) < 0)
        return -ENOMEM;
    copy = strdup(name);
    if (!copy)
        return -ENOMEM;
    (*names)[n] = copy;
    (*names)[n + 1] = NULL;
    return 0;
}

static int add_names(DIR *dir, char ***names)
{
    struct dirent *entry;
    size_t n = 0;

    for (;;) {
        errno = 0;
        entry = readdir(dir);
        if (!entry)
            break;
        if (entry->d_name[0] == '.')
            continue;
        if (names_add(names, n, entry->d_name) < 0)
            return -ENOMEM;
        n++;
    }
    if (errno)
        return -errno;
    qsort(*names, n, sizeof(**names), name_order);
    return 0;
}

int names_read(int fd, char ***names)
{
    DIR *dir = fdopendir(fd);
    int r;

    *names = NULL;
    if (!dir) {
        r = -errno;
        close(fd);
        return r;
    }
    *names = calloc(1, sizeof(**names));
    r = *names ? add_names(dir, names) : -ENOMEM;
    closedir(dir);
    if (r < 0) {
        names_free(*names);
        *names = NULL;
    }
    return r;
}

int root_list(struct root *root, const char *path, char ***names, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    int fd, r = root_find(root, path, &place, err);

    *names = NULL;
    if (r < 0 && r != -ENOENT)
        return r;
    fd = r < 0 ? -1
               : openat(place.dir, place.name,
                        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (r < 0 || (fd < 0 && errno == ENOENT)) {
        *names = calloc(1, sizeof(**names));
        return *names ? 0 : error_memory(err);
    }
    r = fd < 0 ? -errno : names_read(fd, names);
    return r < 0 ? error_system(err, -r, path, "cannot list the directory") : 0;
}

void names_free(char **names)
{
    for (size_t i = 0; names && names[i]; i++)
        free(names[i]);
    free(names);
}

void auto_names_free(char ***names)
{
    names_free(*names);
}
