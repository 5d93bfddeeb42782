/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "commit/generation.h"
#include "commit/io.h"
#include "commit/state.h"

#define STATE_DIRECTORY "/var/lib/iommuctl"
#define LOCK "lock"

static void records_clear(struct journal *j)
{
    for (size_t i = 0; i < j->records; i++) {
        manifest_clear(&j->record[i].manifest);
        free(j->record[i].view.file);
    }
    free(j->record);
    free(j->litter);
    j->record = NULL;
    j->litter = NULL;
    j->records = j->litters = 0;
    j->highest = 0;
}

void journal_free(struct journal *j)
{
    if (!j)
        return;
    records_clear(j);
    auto_close(&j->lock);
    auto_close(&j->dir);
    if (j->base != j->root)
        root_free(j->base);
    free(j->path);
    free(j);
}

void auto_journal_free(struct journal **j)
{
    journal_free(*j);
}

/* --- the directory ------------------------------------------------------------------ */

/* What decides where boot configurations come from must be the caller's alone; what root
   owns is as good. */
static int state_trust(const struct journal *j, int fd, struct error *err)
{
    struct stat st;

    if (fstat(fd, &st) < 0)
        return error_system(err, errno, j->path, "cannot look at the state directory");
    if (st.st_uid != geteuid() && st.st_uid != 0)
        return error_set(err, EXIT_CLASS_CONDITION, j->path, 0,
                         "the state directory belongs to user %lu, not to you; give it "
                         "to the user who runs iommuctl, or name another one with "
                         "--state",
                         (unsigned long)st.st_uid);
    if (st.st_mode & 022)
        return error_set(err, EXIT_CLASS_CONDITION, j->path, 0,
                         "the state directory can be written by others; see what is in "
                         "it, then chmod 0700");
    return 0;
}

static int state_enter(struct journal *j, const struct place *place, struct error *err)
{
    int fd, r;

    if (place->linked)
        return error_set(err, EXIT_CLASS_CONDITION, j->path, 0,
                         "the state directory is a symbolic link; name the directory "
                         "itself with --state");
    fd = io_open_dir(place->dir, place->name);
    if (fd == -ENOENT)
        return -ENOENT;
    if (fd == -ENOTDIR)
        return error_set(err, EXIT_CLASS_CONDITION, j->path, 0,
                         "is no directory; the rollback copies belong there");
    if (fd < 0)
        return error_system(err, -fd, j->path, "cannot open the state directory");
    r = state_trust(j, fd, err);
    if (r < 0)
        close(fd);
    else
        j->dir = fd;
    return r;
}

/* -ENOENT: there is none, and nothing is said. */
static int state_open(struct journal *j, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    struct error missing;
    int r = root_find(j->base, j->path, &place, &missing);

    if (r == -ENOENT)
        return r;
    if (r < 0) {
        *err = missing;
        return r;
    }
    return state_enter(j, &place, err);
}

/* One directory on the way, if it is missing: others pass through all but the last. */
static int state_make_one(struct journal *j, const char *path, bool last,
                          struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    struct stat st;
    int r = root_find(j->base, path, &place, err);

    if (r < 0 || place_stat(&place, &st) == 0)
        return r;
    if (mkdirat(place.dir, place.name, last ? 0700 : 0755) < 0)
        r = errno == EEXIST ? 0 : -errno;
    else
        r = io_sync_dir(place.dir); /* a copy in a directory that is lost is no copy */
    return r < 0 ? error_system(err, -r, path, "cannot make the state directory") : 0;
}

static int state_make(struct journal *j, struct error *err)
{
    AUTO_FREE char *path = strdup(j->path);
    char *slash = path;
    int r = path ? 0 : error_memory(err);

    while (!r && slash) {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = '\0';
        r = *path ? state_make_one(j, path, !slash, err) : 0;
        if (slash)
            *slash = '/';
    }
    if (!r)
        r = state_open(j, err);
    return r == -ENOENT ? error_system(err, ENOENT, j->path, "cannot open it") : r;
}

/* --- reading ------------------------------------------------------------------------ */

int journal_enter(const struct journal *j, unsigned number, struct error *err)
{
    char name[GENERATION_NAME_SIZE];
    int fd;

    generation_name(number, name);
    fd = io_open_dir(j->dir, name);
    return fd < 0 ? error_system(err, -fd, j->path, "cannot open generation %s", name)
                  : fd;
}

int journal_blame(const struct journal *j, unsigned number, int r, struct error *err)
{
    char name[GENERATION_NAME_SIZE];

    if (r < 0 && !err->file[0] && r != -ENOMEM) {
        generation_name(number, name);
        snprintf(err->file, sizeof(err->file), "%s/%s", j->path, name);
    }
    return r;
}

static int view_make(struct record *rec, unsigned number)
{
    const struct manifest *m = &rec->manifest;
    struct generation *v = &rec->view;

    *v = (struct generation){number, m->state, m->command, m->time, NULL, m->files};
    v->file = calloc(m->files, sizeof(*v->file));
    for (size_t i = 0; v->file && i < m->files; i++) {
        const struct manifest_file *f = &m->file[i];

        v->file[i].path = f->path;
        v->file[i].absent_before = f->absent_before;
        v->file[i].absent_after = f->absent_after;
        memcpy(v->file[i].before, f->before, HASH_TEXT_SIZE);
        memcpy(v->file[i].after, f->after, HASH_TEXT_SIZE);
    }
    return v->file ? 0 : -ENOMEM;
}

static int record_add(struct journal *j, unsigned number, const struct blob *text,
                      struct error *err)
{
    AUTO_FREE char *file = text_format("%s/%06u/manifest.json", j->path, number);
    char defect[256] = "";
    struct record *rec;
    int r;

    if (!file || array_grow(&j->record, j->records, sizeof(*j->record)) < 0)
        return error_memory(err);
    rec = &j->record[j->records++];
    *rec = (struct record){.view.number = number};
    r = manifest_read(&rec->manifest, text->data, text->len, defect);
    if (r == -EBADMSG)
        return error_set(err, EXIT_CLASS_DATA, file, 0,
                         "%s; if it cannot be mended, move its directory away", defect);
    return r || view_make(rec, number) < 0 ? error_memory(err) : 0;
}

static int record_read(struct journal *j, const char *name, unsigned number,
                       struct error *err)
{
    AUTO_CLOSE int fd = io_open_dir(j->dir, name);
    AUTO_BLOB text = {NULL, 0};
    int r;

    if (number > j->highest)
        j->highest = number;
    if (fd == -ENOENT || fd == -ENOTDIR) /* pruned this moment; not ours */
        return 0;
    if (fd < 0)
        return error_system(err, -fd, j->path, "cannot open generation %s", name);
    r = generation_manifest(fd, &text, err);
    if (!r)
        return record_add(j, number, &text, err);
    if (r != -ENOENT)
        return journal_blame(j, number, r, err);
    if (array_grow(&j->litter, j->litters, sizeof(*j->litter)) < 0)
        return error_memory(err);
    j->litter[j->litters++] = number;
    return 0;
}

static int newest_first(const void *a, const void *b)
{
    unsigned m = ((const struct record *)a)->view.number;
    unsigned n = ((const struct record *)b)->view.number;

    return m < n ? 1 : m > n ? -1 : 0;
}

/* What a later rollback undid is undone, as long as that rollback itself is not. */
static void states_derive(struct journal *j)
{
    for (size_t i = 0; i < j->records; i++) {
        const struct record *later = &j->record[i];

        if (later->view.state != GENERATION_COMMITTED)
            continue;
        for (size_t k = 0; k < later->manifest.undoes_count; k++) {
            struct record *earlier = journal_record(j, later->manifest.undoes[k]);

            if (earlier && earlier > later && earlier->view.state == GENERATION_COMMITTED)
                earlier->view.state = GENERATION_UNDONE;
        }
    }
}

/* A file that a loader has renamed is the same file, in all that is told of it. */
static int row_follow(const struct journal *j, struct manifest_file *f)
{
    char *now;
    int r = j->renamed(j->root, f->path, &now);

    if (r < 0 || !now)
        return r;
    if (f->stored)
        free(f->path);
    else
        f->stored = f->path;
    f->path = now;
    return 0;
}

static int rows_follow(struct journal *j)
{
    int r = 0;

    for (size_t i = 0; j->renamed && i < j->records; i++) {
        struct record *rec = &j->record[i];

        for (size_t k = 0; !r && k < rec->manifest.files; k++) {
            r = row_follow(j, &rec->manifest.file[k]);
            rec->view.file[k].path = rec->manifest.file[k].path;
        }
    }
    return r;
}

int journal_reload(struct journal *j, struct error *err)
{
    int fd = io_open_dir(j->dir, "."), r = fd < 0 ? fd : 0;
    DIR *dir = r < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    struct stat st;

    if (!r && !dir) {
        r = -errno;
        close(fd);
    }
    records_clear(j);
    if (dir && fstat(dirfd(dir), &st) == 0)
        j->changed = st.st_mtim;
    if (!dir)
        return error_system(err, -r, j->path, "cannot list the state directory");
    while (!r) {
        errno = 0;
        entry = readdir(dir);
        if (!entry) {
            if (errno)
                r = error_system(err, errno, j->path, "cannot list the state directory");
            break;
        }
        if (generation_number(entry->d_name))
            r = record_read(j, entry->d_name, generation_number(entry->d_name), err);
    }
    closedir(dir);
    if (j->records)
        qsort(j->record, j->records, sizeof(*j->record), newest_first);
    states_derive(j);
    if (!r && rows_follow(j) < 0)
        r = error_memory(err);
    return r;
}

int journal_look_again(struct journal *j, bool *moved, struct error *err)
{
    bool had = j->dir >= 0;
    struct timespec changed = j->changed;
    unsigned highest = j->highest;
    int r = had ? 0 : state_open(j, err);

    *moved = false;
    if (r == -ENOENT)
        return 0;
    if (!r)
        r = journal_reload(j, err);
    *moved = !had || highest != j->highest || journal_interrupted(j) ||
             changed.tv_sec != j->changed.tv_sec || changed.tv_nsec != j->changed.tv_nsec;
    return r;
}

/* STATE as the user named it, made absolute. */
static int state_name(struct journal *j, const char *state, struct error *err)
{
    AUTO_FREE char *here = NULL;

    if (!state || state[0] == '/') {
        j->path = strdup(state ? state : STATE_DIRECTORY);
    } else {
        here = getcwd(NULL, 0);
        j->path = here ? text_format("%s/%s", here, state) : NULL;
    }
    if (!j->path)
        return error_memory(err);
    j->base = j->root;
    return state ? root_open(&j->base, "/", err) : 0;
}

int journal_open(struct journal **out, struct root *root, const char *state,
                 struct error *err)
{
    struct journal *j = calloc(1, sizeof(*j));
    int r;

    if (!j)
        return error_memory(err);
    j->root = root;
    j->base = root;
    j->dir = j->lock = -1;
    r = state_name(j, state, err);
    if (!r)
        r = state_open(j, err);
    if (!r)
        r = journal_reload(j, err);
    if (r < 0 && (r != -ENOENT || j->dir >= 0)) {
        journal_free(j);
        return r;
    }
    *out = j;
    return 0;
}

int journal_loader_writes(struct journal *j, journal_carry *carry,
                          journal_renamed *renamed)
{
    j->carry = carry;
    j->renamed = renamed;
    return rows_follow(j);
}

size_t journal_count(const struct journal *j)
{
    return j->records;
}

const struct generation *journal_at(const struct journal *j, size_t index)
{
    return index < j->records ? &j->record[index].view : NULL;
}

struct record *journal_record(const struct journal *j, unsigned number)
{
    for (size_t i = 0; i < j->records; i++)
        if (j->record[i].view.number == number)
            return &j->record[i];
    return NULL;
}

const struct generation *journal_interrupted(const struct journal *j)
{
    for (size_t i = 0; i < j->records; i++)
        if (j->record[i].view.state == GENERATION_ARMED)
            return &j->record[i].view;
    return NULL;
}

/* --- the lock ----------------------------------------------------------------------- */

static int lock_open(const struct journal *j)
{
    int fd = io_open(j->dir, LOCK, O_RDWR, 0);

    return fd == -ENOENT ? io_open(j->dir, LOCK, O_RDWR | O_CREAT, 0600) : fd;
}

static int64_t milliseconds(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int lock_wait(int fd, unsigned seconds)
{
    const struct timespec pause = {0, 20 * 1000 * 1000};
    int64_t end = milliseconds() + (int64_t)seconds * 1000;

    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno == EINTR)
            continue;
        if (errno != EWOULDBLOCK)
            return -errno;
        if (milliseconds() >= end)
            return -EBUSY;
        nanosleep(&pause, NULL);
    }
    return 0;
}

int journal_lock(struct journal *j, unsigned seconds, struct error *err)
{
    struct stat st;
    int r = j->dir < 0 ? state_make(j, err) : 0;

    if (r < 0)
        return r;
    if (j->lock < 0)
        j->lock = lock_open(j);
    if (j->lock < 0) {
        r = j->lock;
        j->lock = -1;
        return error_system(err, -r, j->path, "cannot open the lock in it");
    }
    if (fstat(j->lock, &st) == 0 && !S_ISREG(st.st_mode))
        r = -EINVAL;
    if (!r)
        r = lock_wait(j->lock, seconds);
    if (!r)
        return journal_reload(j, err);
    auto_close(&j->lock);
    j->lock = -1;
    if (r == -EBUSY)
        return error_set(err, EXIT_CLASS_BUSY, j->path, 0,
                         "another run of iommuctl holds the lock; waited %u seconds",
                         seconds);
    return error_system(err, -r, j->path, "cannot take the lock in it");
}
