/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "capture.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <unistd.h>

#include "base/root.h"
#include "capture_parts.h"
#include "platform/kernel_log.h"

#define FILE_MAX (64 * 1024 * 1024)
#define LINKS_MAX 40
#define POOLS "proc/spl/kstat/zfs"
#define ABOUT_FILES 0600
#define ABOUT_DIRECTORIES 0700

struct job {
    const struct platform *from;
    int to; /* the directory that is being filled */
    struct capture *capture;
    struct aliases aliases, cards;
    struct error *err;
    const char *dir; /* as the user named it, for messages */
};

static int write_failed(const struct job *job, const char *path)
{
    AUTO_FREE char *file = text_format("%s/%s", job->dir, path);

    return error_system(job->err, errno, file, "cannot be written");
}

static int out_of_memory(const struct job *job)
{
    return error_memory(job->err);
}

/* That PATH could not be read: kept, unless it is merely not there. */
static int note_unread(const struct job *job, const struct fact *fact, const char *path,
                       int errnum)
{
    struct capture *c = job->capture;

    if (errnum == ENOMEM)
        return out_of_memory(job);
    if (errnum == ENOENT || errnum == ENOTDIR || errnum == EISDIR || errnum == EINVAL ||
        errnum == ELOOP || errnum == ENODEV || errnum == ENXIO)
        return 0;
    for (size_t i = 0; i < c->unreads; i++)
        if (streq(c->unread[i].path, path))
            return 0;
    if (array_grow(&c->unread, c->unreads, sizeof(*c->unread)) < 0)
        return out_of_memory(job);
    c->unread[c->unreads] = (struct unread){strdup(path), errnum};
    if (!c->unread[c->unreads].path)
        return out_of_memory(job);
    c->unreads++;
    c->tables_unread |= starts_with(path, "sys/firmware/acpi/tables") &&
                        (fact->secret_mode || fact->kind == FACT_NAMES);
    return 0;
}

/* The same path in the copy, where names do not tell what they were made from. */
static char *hidden(struct job *job, const char *path)
{
    char *copy = strdup(path);

    if (copy && capture_hide(&job->cards, copy, strlen(copy)) < 0) {
        free(copy);
        copy = NULL;
    }
    return copy;
}

static int make_directory(struct job *job, const char *path)
{
    AUTO_FREE char *name = hidden(job, path);

    if (!name)
        return out_of_memory(job);
    if (mkdirat(job->to, name, ABOUT_DIRECTORIES) < 0 && errno != EEXIST)
        return write_failed(job, path);
    return 0;
}

static int make_link(struct job *job, const char *target, const char *path)
{
    AUTO_FREE char *name = hidden(job, path);
    AUTO_FREE char *to = hidden(job, target);

    if (!name || !to)
        return out_of_memory(job);
    if (symlinkat(to, job->to, name) < 0 && errno != EEXIST)
        return write_failed(job, path);
    return 0;
}

/* "a/b" and "../c/d" give "a/c/d"; what would climb out stays at the top. */
static char *follow(const char *directory, const char *target)
{
    AUTO_BUF out = BUF_INIT;

    buf_add_text(&out, directory);
    while (*target) {
        size_t n = strcspn(target, "/");

        if (n == 2 && starts_with(target, "..")) {
            char *slash = out.len ? strrchr(out.data, '/') : NULL;

            out.len = slash ? (size_t)(slash - out.data) : 0;
            buf_grew(&out, 0);
        } else if (n && !(n == 1 && *target == '.')) {
            buf_format(&out, "%s%.*s", out.len ? "/" : "", (int)n, target);
        }
        target += n;
        target += *target == '/';
    }
    return buf_take(&out);
}

/* TODO goes on at the target of the link that stands at PLACE, below DIRECTORY. */
static int step_by_link(struct job *job, char *place, const char *directory,
                        const char *target, char **todo)
{
    AUTO_FREE char *rest = text_format("%s%s", target, *todo + strcspn(*todo, "/"));
    char *next;
    int r = make_link(job, target, place);

    if (r < 0)
        return r;
    place[strlen(directory)] = '\0';
    next = rest ? follow(place, rest) : NULL;
    if (!next)
        return out_of_memory(job);
    free(*todo);
    *todo = next;
    return 0;
}

/* The first name of TODO goes over to REAL: it is a directory, or a link. */
static int step(struct job *job, char **todo, char **real, int *links)
{
    size_t n = strcspn(*todo, "/");
    AUTO_FREE char *target = NULL;
    char *next = text_format("%s%s%.*s", *real, **real ? "/" : "", (int)n, *todo);
    int r = 0;

    if (!next ||
        (starts_with(next, "sys/") && platform_link(job->from, next, &target) == -ENOMEM))
        r = out_of_memory(job);
    else if (target && (*links)++ == LINKS_MAX)
        r = 1;
    else if (target && *target != '/')
        r = step_by_link(job, next, *real, target, todo);
    else
        r = make_directory(job, next);
    if (!r && target && *target != '/') {
        **real = '\0';
    } else if (!r) {
        memmove(*todo, *todo + n + 1, strlen(*todo + n + 1) + 1);
        free(*real);
        *real = next;
        return 0;
    }
    free(next);
    return r;
}

/*
 * The directories above PATH in the copy, and its links: of sysfs, devices are found by
 * them. *REAL is where PATH leads then. Elsewhere (/proc/self, /proc/net) a link is no
 * fact, and a directory stands for it. 1 if the links lead nowhere.
 */
static int make_parents(struct job *job, const char *path, char **real)
{
    AUTO_FREE char *todo = strdup(path);
    char *last;
    int links = 0;

    *real = strdup("");
    if (!todo || !*real)
        return out_of_memory(job);
    while (strchr(todo, '/')) {
        int r = step(job, &todo, real, &links);

        if (r)
            return r;
    }
    last = text_format("%s%s%s", *real, **real ? "/" : "", todo);
    if (!last)
        return out_of_memory(job);
    free(*real);
    *real = last;
    return 0;
}

static int write_bytes(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);

        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* A file that already stands there with its bytes is left alone where DATA is NULL. */
static int write_file(struct job *job, const char *path, const char *data, size_t len)
{
    int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (data ? O_TRUNC : O_EXCL);
    AUTO_FREE char *name = hidden(job, path);
    int fd;

    if (!name)
        return out_of_memory(job);
    fd = openat(job->to, name, flags, ABOUT_FILES);
    if (fd < 0 && !data && errno == EEXIST)
        return 0;
    if (fd < 0)
        return write_failed(job, path);
    if (write_bytes(fd, data, len) < 0) {
        int r = write_failed(job, path);

        close(fd);
        return r;
    }
    return close(fd) < 0 ? write_failed(job, path) : 0;
}

static int save_text(struct job *job, const struct fact *fact, const char *path)
{
    AUTO_BLOB text = {NULL, 0};
    AUTO_FREE char *real = NULL;
    int r = platform_read(job->from, path, FILE_MAX, &text);

    if (r < 0)
        return note_unread(job, fact, path, -r);
    if (capture_cut(fact, path, &job->aliases, &text) < 0 ||
        (!fact->secret_mode && capture_hide(&job->cards, text.data, text.len) < 0))
        return out_of_memory(job);
    r = make_parents(job, path, &real);
    if (r)
        return r < 0 ? r : 0;
    r = write_file(job, real, text.data, text.len);
    job->capture->files += r == 0;
    return r;
}

static int save_link(struct job *job, const struct fact *fact, const char *path)
{
    AUTO_FREE char *target = NULL;
    AUTO_FREE char *real = NULL;
    int r = platform_link(job->from, path, &target);

    if (r < 0)
        return note_unread(job, fact, path, -r);
    r = make_parents(job, path, &real);
    if (r == 0)
        r = make_link(job, target, real);
    return r < 0 ? r : 0;
}

/* A name in a directory: a link as such, else a directory or a file without its bytes. */
static int save_name(struct job *job, const char *path, const char *real)
{
    CLEANUP(auto_names_free) char **names = NULL;
    AUTO_FREE char *target = NULL;
    int r = platform_link(job->from, path, &target);

    if (r == -ENOMEM)
        return out_of_memory(job);
    if (r == 0 && starts_with(path, "sys/"))
        return make_link(job, target, real);
    r = platform_list(job->from, path, &names);
    if (r == -ENOMEM)
        return out_of_memory(job);
    return r == 0 ? make_directory(job, real) : write_file(job, real, NULL, 0);
}

static int save_names(struct job *job, const struct fact *fact, const char *path)
{
    CLEANUP(auto_names_free) char **names = NULL;
    int r = platform_list(job->from, path, &names);

    if (r < 0)
        return note_unread(job, fact, path, -r);
    /* a name below it, so that the directory itself is made though it may be empty */
    for (size_t i = 0; r == 0 && (i == 0 || names[i]); i++) {
        const char *name = names[i] ? names[i] : ".";
        AUTO_FREE char *entry = text_format("%s/%s", path, name);
        AUTO_FREE char *real = NULL;

        if (!entry)
            return out_of_memory(job);
        r = make_parents(job, entry, &real);
        if (r == 0 && streq(path, POOLS)) { /* that there is one is all that is asked */
            free(real);
            real = text_format("%s/pool%zu", path, i + 1);
            if (!real)
                return out_of_memory(job);
        }
        if (r == 0 && names[i])
            r = save_name(job, entry, real);
        if (!names[i])
            break;
    }
    return r < 0 ? r : 0;
}

/* That it is there. It is opened, but of a device nothing is read. */
static int save_there(struct job *job, const struct fact *fact, const char *path)
{
    AUTO_BLOB ignored = {NULL, 0};
    AUTO_FREE char *real = NULL;
    int r = platform_read(job->from, path, FILE_MAX, &ignored);

    if (r < 0 && r != -EINVAL && r != -EISDIR && r != -EFBIG)
        return note_unread(job, fact, path, -r);
    r = make_parents(job, path, &real);
    if (r)
        return r < 0 ? r : 0;
    return write_file(job, real, NULL, 0);
}

static int save_log(struct job *job, const struct fact *fact, const char *path)
{
    AUTO_BLOB text = {NULL, 0};
    AUTO_FREE char *real = NULL;
    int r;

    if (kernel_log_save(job->from, &text) < 0)
        return out_of_memory(job);
    if (blob_absent(&text))
        return platform_is_live(job->from) ? note_unread(job, fact, "dev/kmsg", EPERM)
                                           : 0;
    r = make_parents(job, path, &real);
    if (!r)
        r = write_file(job, real, text.data, text.len);
    job->capture->files += r == 0;
    return r;
}

static int save(struct job *job, const struct fact *fact, const char *path)
{
    switch (fact->kind) {
    case FACT_TEXT:
        return save_text(job, fact, path);
    case FACT_LINK:
        return save_link(job, fact, path);
    case FACT_NAMES:
        return save_names(job, fact, path);
    case FACT_THERE:
        return save_there(job, fact, path);
    case FACT_LOG:
        return save_log(job, fact, path);
    case FACT_OURS:
        break;
    }
    return 0;
}

/* Every path that FACT's means, below DONE, of which REST is left to expand. */
static int expand(struct job *job, const struct fact *fact, const char *done,
                  const char *rest)
{
    size_t n = strcspn(rest, "/");
    CLEANUP(auto_names_free) char **names = NULL;
    AUTO_FREE char *part = strndup(rest, n);
    int r = 0;

    if (!part)
        return out_of_memory(job);
    if (!strchr(rest, '*')) {
        AUTO_FREE char *path = text_format("%s%s", done, rest);

        return path ? save(job, fact, path) : out_of_memory(job);
    }
    if (strchr(part, '*')) {
        AUTO_FREE char *directory = strndup(done, strlen(done) - 1);

        r = directory ? platform_list(job->from, directory, &names) : -ENOMEM;
        if (r < 0)
            return note_unread(job, fact, directory, -r);
    }
    for (size_t i = 0; r == 0 && (names ? names[i] != NULL : i == 0); i++) {
        AUTO_FREE char *path = NULL;

        if (names && fnmatch(part, names[i], 0) != 0)
            continue;
        path = text_format("%s%s%s", done, names ? names[i] : part, rest[n] ? "/" : "");
        if (!path)
            return out_of_memory(job);
        r = rest[n] ? expand(job, fact, path, rest + n + 1) : save(job, fact, path);
    }
    return r;
}

/* What may not be read answers so in the copy, too. The processor's kind is asked of the
 * kernel, not read. */
static int write_notes(struct job *job)
{
    const struct capture *c = job->capture;
    AUTO_BUF list = BUF_INIT;
    AUTO_FREE char *arch = NULL;
    AUTO_FREE char *real = NULL;
    int r = 0;

    if (*platform_arch(job->from)) {
        arch = text_format("%s\n", platform_arch(job->from));
        r = arch ? make_parents(job, "proc/sys/kernel/arch", &real) : out_of_memory(job);
        r = r < 0 ? r : write_file(job, real, arch, strlen(arch));
    }
    for (size_t i = 0; i < c->unreads; i++)
        if (c->unread[i].errnum == EACCES || c->unread[i].errnum == EPERM)
            buf_format(&list, "%s\n", c->unread[i].path);
    if (list.failed || capture_hide(&job->cards, list.data, list.len) < 0)
        return out_of_memory(job);
    if (r == 0 && list.len)
        r = write_file(job, "unreadable", list.data, list.len);
    return r;
}

static int fill(struct job *job)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < facts_count; i++)
        r = expand(job, &facts[i], "", facts[i].path);
    return r < 0 ? r : write_notes(job);
}

/* Takes away what is in the directory FD, which is closed, as far as that goes. */
static void remove_below(int fd)
{
    DIR *dir = fdopendir(fd);
    struct dirent *entry;

    if (!dir) {
        close(fd);
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        int below;

        if (streq(entry->d_name, ".") || streq(entry->d_name, ".."))
            continue;
        if (unlinkat(dirfd(dir), entry->d_name, 0) == 0)
            continue;
        below = openat(dirfd(dir), entry->d_name,
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (below >= 0)
            remove_below(below);
        unlinkat(dirfd(dir), entry->d_name, AT_REMOVEDIR);
    }
    closedir(dir);
}

/* Nothing is ever written over. */
static int check_free(const char *dir, struct error *err)
{
    struct dirent *entry;
    bool empty = true;
    DIR *d = opendir(dir);

    if (!d && errno == ENOENT)
        return 0;
    if (!d)
        return error_system(err, errno, dir, "cannot be looked into");
    while (empty && (entry = readdir(d)) != NULL)
        empty = streq(entry->d_name, ".") || streq(entry->d_name, "..");
    closedir(d);
    if (!empty)
        return error_set(err, EXIT_CLASS_CONDITION, dir, 0,
                         "is there and not empty; name a new directory");
    return 0;
}

/* The path that is renamed to: links followed, no slash at its end. */
static char *destination(const char *dir)
{
    char *path = realpath(dir, NULL);
    size_t n;

    if (path)
        return path;
    path = strdup(dir);
    for (n = path ? strlen(path) : 0; n > 1 && path[n - 1] == '/'; n--)
        path[n - 1] = '\0';
    return path;
}

static int fill_and_rename(struct job *job, char *temporary, const char *path)
{
    int r;

    if (!mkdtemp(temporary))
        return error_system(job->err, errno, job->dir, "cannot be made");
    job->to = open(temporary, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (job->to < 0) {
        r = error_system(job->err, errno, temporary, "cannot be opened");
        rmdir(temporary);
        return r;
    }
    r = fill(job);
    if (r == 0 && rename(temporary, path) < 0)
        r = error_system(job->err, errno, job->dir, "cannot be made");
    if (r == 0) {
        close(job->to);
        return 0;
    }
    remove_below(job->to);
    rmdir(temporary);
    return r;
}

int capture_run(const struct platform *from, const char *dir, struct capture *capture,
                struct error *err)
{
    struct job job = {.from = from, .to = -1, .capture = capture, .err = err, .dir = dir};
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *temporary = NULL;
    const char *name;
    int r = check_free(dir, err);

    if (r < 0)
        return r;
    path = destination(dir);
    if (!path)
        return error_memory(err);
    name = strrchr(path, '/');
    name = name ? name + 1 : path;
    temporary =
        text_format("%.*s.%.64s.XXXXXX", (int)(name - path), path, *name ? name : "x");
    if (!temporary)
        return error_memory(err);
    r = fill_and_rename(&job, temporary, path);
    aliases_clear(&job.aliases);
    aliases_clear(&job.cards);
    return r;
}

void capture_clear(struct capture *c)
{
    for (size_t i = 0; i < c->unreads; i++)
        free(c->unread[i].path);
    free(c->unread);
    *c = (struct capture){0};
}
