/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The tree that plays "/": the running system's, or the one given with --root. Paths are
 * walked a component at a time with O_NOFOLLOW; symbolic links are resolved here, inside
 * the root, as a chroot would: an absolute target starts at the root and ".." cannot
 * leave it.
 */
#ifndef BASE_ROOT_H
#define BASE_ROOT_H

#include <sys/stat.h>

#include "base/buf.h"
#include "base/error.h"

struct root;

int root_open(struct root **, const char *dir, struct error *);
void root_free(struct root *);
void auto_root_free(struct root **);
bool root_is_live(const struct root *); /* it is "/", the running system's */

/* It is the system that the running kernel was started with: "/", and not inside a
   chroot, where /proc speaks of another system (kickstart's %post). */
bool root_is_running(const struct root *);

/* What to print before a path: "" if live. */
const char *root_prefix(const struct root *);

/* Where a path leads when its symbolic links are followed; the file itself need not
 * exist. */
struct place {
    int dir;     /* the directory it stands in, open; owned */
    char *name;  /* its last component; never a symbolic link when looked at */
    char *path;  /* absolute below the root, free of links, "." and ".." */
    bool linked; /* the last component asked for is a symbolic link */
};

#define AUTO_PLACE CLEANUP(place_clear) struct place
#define PLACE_INIT                                                                       \
    {                                                                                    \
        -1, NULL, NULL, false                                                            \
    }

/*
 * -ENOENT where a directory on the way is missing, -ELOOP for looping links, -ENOTDIR for
 * a file in the way; these fill ERR too (class DATA). PATH is absolute below the root.
 */
int root_find(struct root *, const char *path, struct place *, struct error *);
void place_clear(struct place *);

/* The file at PLACE, without following: 0, -ENOENT, or another negative errno. */
int place_stat(const struct place *, struct stat *);

/*
 * The bytes of the regular file at PLACE. Refused with class DATA: anything but a regular
 * file, more than MAX bytes. ST (may be NULL) receives what was read, from the open file.
 * -ENOENT, with ERR filled, when there is no such file.
 */
int place_read(const struct place *, size_t max, struct blob *, struct stat *st,
               struct error *);

/* At most LEN bytes from AT of the regular file or block device at PLACE: fewer at its
   end. */
int place_read_part(const struct place *, off_t at, size_t len, struct blob *,
                    struct error *);

/* root_find and place_read in one. */
int root_read(struct root *, const char *path, size_t max, struct blob *, struct error *);

/* Does PATH lead to a file of any kind? Links are followed; an error counts as no. */
bool root_exists(struct root *, const char *path);

/*
 * Names in the directory PATH, sorted bytewise, no dot files: a NULL-terminated array in
 * *NAMES to be freed with names_free. A missing directory is an empty list.
 */
int root_list(struct root *, const char *path, char ***names, struct error *);
/* The same of the open directory FD, which is closed. 0 or a negative errno, and then
   NULL in *NAMES. */
int names_read(int fd, char ***names);
void names_free(char **names);
void auto_names_free(char ***names);

#endif
