/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is mounted where, as this process sees it: /proc/self/mountinfo as a list. */
#ifndef BASE_MOUNTS_H
#define BASE_MOUNTS_H

#include <sys/types.h>

#include "base/buf.h"

struct mount_point {
    long id;
    dev_t device;
    char *top;  /* the directory of the file system that stands here: "/", or "/@boot" */
    char *dir;  /* where it is mounted */
    char *type; /* "ext4", "autofs" */
    char *source;  /* "/dev/sda1"; whatever the kernel was told */
    char *options; /* the file system's own: "rw,subvol=/@,upperdir=/x" */
};

struct mounts {
    struct mount_point *point; /* in the order of mounting: later ones cover earlier */
    size_t count;
};

#define AUTO_MOUNTS CLEANUP(mounts_clear) struct mounts

int mounts_read(struct mounts *); /* 0, -ENOENT without /proc, or another errno */
/* The same from a text; lines that are no such entry are left out. 0 or -ENOMEM. */
int mounts_parse(struct mounts *, const char *text);
void mounts_clear(struct mounts *);

/* The mount that an open file lies on; -1 where the kernel (before 3.15) does not say. */
long mount_id(int fd);
const struct mount_point *mounts_by_id(const struct mounts *, long id); /* or NULL */

/* What is mounted on DIR and not covered there, or NULL. */
const struct mount_point *mounts_at(const struct mounts *, const char *dir);

/* The value of NAME= in the options, in ROOM; false if there is none, or it is longer. */
bool mount_option(const struct mount_point *, const char *name, char *room, size_t size);

/* In place: without the escapes of such a table or of the fstab (\040 for a blank). */
void mount_unescape(char *text);

#endif
