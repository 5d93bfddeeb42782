/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <stdio.h>

#include "base/root.h"
#include "platform/attribute.h"
#include "platform/blocks.h"
#include "platform/in_use.h"

#define TABLE_MAX (64 << 20)

#define AUTO_NAMES CLEANUP(auto_names_free) char **

/* Without the lists it may be anything: whatever can have disks behind it counts. */
static int doubt_disks(struct devices *d, const char *why)
{
    static const uint32_t buses[] = {0x0c03, 0x0c04, 0x0c00, 0x0805}; /* USB, FC, ... */
    int r = 0;

    for (size_t i = 0; !r && i < d->functions; i++) {
        struct pci_function *f = &d->function[i];
        bool may = f->class >> 16 == 0x01;

        for (size_t k = 0; k < ARRAY_LEN(buses); k++)
            may |= f->class >> 8 == buses[k];
        if (f->has_class && may && f->driver && !driver_is_for_guests(f->driver))
            r = function_found(f, REASON_DISK_UNKNOWN, why);
    }
    return r;
}

static int mark(struct blocks *b, struct block *block, const char *how, const char *what)
{
    AUTO_FREE char *detail =
        text_format("%s%s%s%s %s%s%s", block->name, block->mapped ? " (" : "",
                    block->mapped ? block->mapped : "", block->mapped ? ")" : "", how,
                    *what ? " " : "", what);

    block->used = true;
    return detail ? blocks_mark(b, block, REASON_DISK, detail) : -ENOMEM;
}

/* A disk that is used, and that is not in the list: it may be behind any controller. */
static int lost(struct blocks *b, const char *what, const char *where)
{
    AUTO_FREE char *why =
        text_format("what is %s %s is on a disk that is not listed", what, where);

    return why ? doubt_disks(b->devices, why) : -ENOMEM;
}

/* bcachefs names all of its disks: "/dev/sda:/dev/sdb". 1 if they are known, else 0. */
static int mark_sources(struct blocks *b, char *sources, const char *point)
{
    int known = 1, r = 0;
    char *source;

    while (r >= 0 && (source = strsep(&sources, ":")) != NULL) {
        struct block *block = blocks_of_source(b, source);

        known &= block != NULL;
        r = block ? mark(b, block, "mounted on", point) : 0;
    }
    return r < 0 ? r : known;
}

static void note_kind(struct blocks *b, const char *kind)
{
    b->zfs |= streq(kind, "zfs");
    b->btrfs |= streq(kind, "btrfs");
}

/* File systems that programs serve name what they like. */
static bool is_disk_source(const char *source, const char *kind)
{
    return starts_with(source, "/dev/") && !starts_with(kind, "fuse.") &&
           !streq(source, "/dev/fuse");
}

/* "36 25 8:1 / /boot rw,relatime shared:1 - ext4 /dev/sda1 rw" */
static int take_mount(struct blocks *b, const char *line)
{
    char number[32], point[256], kind[64] = "", source[256] = "";
    const char *dash = strstr(line, " - ");
    struct block *block;
    int r;

    if (sscanf(line, "%*s %*s %31s %*s %255s", number, point) != 2)
        return 0;
    if (dash)
        sscanf(dash, " - %63s %255s", kind, source);
    note_kind(b, kind);
    block = blocks_of_number(b, number);
    if (block)
        return mark(b, block, "mounted on", point);
    if (!is_disk_source(source, kind) && starts_with(number, "0:"))
        return 0;
    r = mark_sources(b, source, point);
    return r == 0 ? lost(b, "mounted on", point) : r < 0 ? r : 0;
}

/* "/dev/sda1 /boot ext4 rw 0 0" */
static int take_old_mount(struct blocks *b, const char *line)
{
    char source[256], point[256], kind[64];
    int r;

    if (sscanf(line, "%255s %255s %63s", source, point, kind) != 3)
        return 0;
    note_kind(b, kind);
    if (!is_disk_source(source, kind))
        return 0;
    r = mark_sources(b, source, point);
    return r == 0 ? lost(b, "mounted on", point) : r < 0 ? r : 0;
}

/* "/dev/dm-1 partition 2097148 0 -2"; a file is on what is mounted. */
static int take_swap(struct blocks *b, const char *line)
{
    char source[256], kind[32];
    struct block *block;

    if (sscanf(line, "%255s %31s", source, kind) != 2)
        return 0;
    block = blocks_of_source(b, source);
    if (block)
        return mark(b, block, "swapped to", "");
    return streq(kind, "partition") ? lost(b, "swapped to", source) : 0;
}

enum table { TABLE_NONE, TABLE_READ, TABLE_CLOSED };

/* enum table, or -ENOMEM. */
static int take_table(struct blocks *b, const char *path,
                      int (*take)(struct blocks *, const char *))
{
    AUTO_BLOB text = {NULL, 0};
    int r = platform_read(b->platform, path, TABLE_MAX, &text);
    char *rest, *line;

    if (r < 0)
        return r == -ENOMEM                    ? r
               : r == -ENOENT || r == -ENOTDIR ? TABLE_NONE
                                               : TABLE_CLOSED;
    rest = text.data;
    while ((line = strsep(&rest, "\n")) != NULL)
        if (take(b, line) < 0)
            return -ENOMEM;
    return TABLE_READ;
}

static int take_tables(struct blocks *b)
{
    int first = take_table(b, "proc/1/mountinfo", take_mount);
    int own = first < 0 ? first : take_table(b, "proc/self/mountinfo", take_mount);
    int any = first == TABLE_READ || own == TABLE_READ ? TABLE_READ : own;
    int swaps, r = 0;

    if (any >= 0 && any != TABLE_READ)
        any = take_table(b, "proc/mounts", take_old_mount);
    if (any < 0)
        return any;
    if (any != TABLE_READ)
        r = doubt_disks(b->devices, "the list of mounts cannot be read");
    swaps = r ? r : take_table(b, "proc/swaps", take_swap);
    if (swaps == TABLE_CLOSED)
        return doubt_disks(b->devices, "the list of swaps cannot be read");
    return swaps < 0 ? swaps : 0;
}

/* What is mounted in whatever name space: these file systems list their disks. */
static int take_mounted(struct blocks *b)
{
    static const char *const kinds[] = {"ext4", "xfs", "f2fs"};
    int r = 0;

    for (size_t i = 0; !r && i < ARRAY_LEN(kinds); i++) {
        AUTO_NAMES names = NULL;
        char where[32];

        snprintf(where, sizeof(where), "(%s)", kinds[i]);
        r = attribute_names(b->platform, &names, NULL, "sys/fs/%s", kinds[i]);
        for (size_t n = 0; !r && names[n]; n++) {
            struct block *block = blocks_find(b, names[n]);

            if (block && !block->used)
                r = mark(b, block, "mounted somewhere", where);
        }
    }
    return r;
}

/* All members of a mounted btrfs; the mount table names one. */
static int take_btrfs(struct blocks *b)
{
    AUTO_NAMES systems = NULL;
    int r = attribute_names(b->platform, &systems, NULL, "sys/fs/btrfs");

    for (size_t i = 0; !r && systems[i]; i++) {
        AUTO_NAMES names = NULL;
        bool listed;

        r = attribute_names(b->platform, &names, &listed, "sys/fs/btrfs/%s/devices",
                            systems[i]);
        if (listed)
            b->btrfs = false; /* this kernel (3.14 on) lists them */
        for (size_t n = 0; !r && names[n]; n++) {
            struct block *block = blocks_find(b, names[n]);

            r = block ? mark(b, block, "part of a mounted btrfs", "") : 0;
        }
    }
    return r;
}

static int take_zfs(struct blocks *b)
{
    AUTO_NAMES pools = NULL;
    int r = attribute_names(b->platform, &pools, NULL, "proc/spl/kstat/zfs");

    for (size_t i = 0; !r && pools[i]; i++) {
        AUTO_NAMES inside = NULL;
        bool pool; /* a pool is a directory; the rest are files */

        r = attribute_names(b->platform, &inside, &pool, "proc/spl/kstat/zfs/%s",
                            pools[i]);
        b->zfs |= pool;
    }
    return r;
}

/* What is written on it, as udev found out: a member, whether or not it is put together.
 */
static const char *member_of(const char *kind)
{
    static const struct {
        const char *kind, *words;
    } rows[] = {
        {"LVM2_member", "part of LVM"},
        {"LVM1_member", "part of LVM"},
        {"zfs_member", "part of ZFS"},
        {"bcache", "part of bcache"},
        {"drbd", "part of DRBD"},
        {"ceph_bluestore", "part of Ceph"},
        {"mpath_member", "a multipath's"},
        {"stratis", "part of Stratis"},
        {"vdo", "part of VDO"},
        {"oracleasm", "part of Oracle ASM"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (streq(kind, rows[i].kind))
            return rows[i].words;
    return ends_with(kind, "_raid_member") ? "part of RAID" : NULL;
}

static int take_holders(struct blocks *b, struct block *block)
{
    AUTO_NAMES holders = NULL;
    int r = attribute_names(b->platform, &holders, NULL, "sys/class/block/%s/holders",
                            block->name);

    for (size_t i = 0; !r && holders[i]; i++) {
        const struct block *holder = blocks_find(b, holders[i]);

        r = mark(b, block, "part of",
                 holder && holder->mapped ? holder->mapped : holders[i]);
    }
    return r;
}

/* A loop device may stand on a disk, and holds it without a word. */
static int take_loop(struct blocks *b, const struct block *block)
{
    AUTO_FREE char *file = NULL;
    struct block *below;
    int r = attribute_text(b->platform, &file, "sys/class/block/%s/loop/backing_file",
                           block->name);

    below = !r && file ? blocks_of_source(b, file) : NULL;
    return below ? mark(b, below, "part of", block->name) : r;
}

static int take_member(struct blocks *b, struct block *block)
{
    const char *words, *doubt = NULL;
    int r = take_holders(b, block);

    if (!r)
        r = take_loop(b, block);
    if (r < 0)
        return r;
    words = block->kind ? member_of(block->kind) : NULL;
    if (words)
        return mark(b, block, words, "");
    if (!block->kind && b->zfs)
        doubt = "ZFS pools are here, and udev was not asked";
    else if (b->btrfs && (!block->kind || streq(block->kind, "btrfs")))
        doubt = "a btrfs is mounted, and this kernel does not list its disks";
    return doubt ? blocks_mark(b, block, REASON_DISK_UNKNOWN, doubt) : 0;
}

/* Disks whose paths lead to no controller: of an NVMe subsystem that does not tell its
 * own, or over a fabric, whose adapters nothing here tells. */
static int take_homeless(struct blocks *b)
{
    int r = 0;

    for (size_t i = 0; !r && i < b->count; i++) {
        const struct block *block = &b->block[i];
        AUTO_FREE char *why = NULL;

        if (!block->visit || (!block->unplaced && !block->remote))
            continue;
        why = text_format("%s is in use%s", block->name,
                          block->remote ? " over some adapter"
                                        : ", and its controllers are not told");
        r = why ? doubt_disks(b->devices, why) : -ENOMEM;
    }
    return r;
}

int in_use_disks(const struct platform *p, struct devices *d)
{
    struct blocks b = {.platform = p, .devices = d};
    bool there;
    int r = blocks_read(&b, &there);

    if (!r && !there)
        r = doubt_disks(d, "this kernel does not list its disks");
    if (!r && there)
        r = take_tables(&b);
    if (!r)
        r = take_mounted(&b);
    if (!r)
        r = take_btrfs(&b);
    if (!r)
        r = take_zfs(&b);
    for (size_t i = 0; !r && i < b.count; i++)
        r = take_member(&b, &b.block[i]);
    if (!r)
        r = take_homeless(&b);
    blocks_clear(&b);
    return r;
}
