/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The block devices that sysfs lists, by name, number and path, and the PCI functions
 * below them, through whatever they are made of. Knows what is where, not who uses it.
 */
#ifndef PLATFORM_BLOCKS_H
#define PLATFORM_BLOCKS_H

#include "platform/devices.h"

struct block {
    char *name, *number; /* "sda1", "8:1" */
    char *link;          /* its place below sys/devices */
    char *mapped;        /* device-mapper's name, or NULL */
    char *kind;    /* what udev found on it, "" if nothing; NULL: it was not asked */
    bool used;     /* a mount, swap or whatever was found on it itself */
    bool unplaced; /* what it hangs on is not told */
    bool remote;   /* behind a fabric, by an adapter that is not told */
    size_t visit;  /* the walk that came by here last */
};

struct blocks {
    const struct platform *platform;
    struct devices *devices;
    struct block *block;
    size_t count;
    size_t visits;
    bool zfs;   /* pools are imported */
    bool btrfs; /* one is mounted, and its members are not listed */
};

/* THERE: whether this kernel lists them. 0 or -ENOMEM; to be cleared either way. */
int blocks_read(struct blocks *, bool *there);
void blocks_clear(struct blocks *);

struct block *blocks_find(const struct blocks *, const char *name);
struct block *blocks_of_number(const struct blocks *, const char *number);

/* "/dev/sda1", "/dev/mapper/vg-root", "/dev/cciss/c0d0p1" */
struct block *blocks_of_source(const struct blocks *, const char *source);

/* The finding goes to the controllers of BLOCK and of all that it is made of. */
int blocks_mark(struct blocks *, struct block *, enum device_reason, const char *detail);

#endif
