/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/in_use.h"

#include <errno.h>
#include <stdio.h>

#include "base/root.h"
#include "platform/attribute.h"

#define TABLE_MAX (64 << 20)
#define DEPTH_MAX 16 /* LVM on RAID on multipath: none is deeper */

#define AUTO_NAMES CLEANUP(auto_names_free) char **

int in_use_mark(struct devices *d, const char *path, enum device_reason reason,
                const char *detail)
{
    char name[32];
    int r = 0;

    while (!r && *path) {
        size_t n = strcspn(path, "/");
        struct pci_function *f;

        snprintf(name, sizeof(name), "%.*s", (int)(n < sizeof(name) ? n : 0), path);
        f = n < sizeof(name) ? devices_find(d, name) : NULL;
        if (f)
            r = function_found(f, reason, detail);
        path += n;
        path += strspn(path, "/");
    }
    return r;
}

struct block {
    char *name, *number; /* "sda1", "8:1" */
    char *link;          /* its place below sys/devices */
    char *mapped;        /* device-mapper's name, or NULL */
};

struct blocks {
    const struct platform *platform;
    struct devices *devices;
    struct block *block;
    size_t count;
    bool zfs; /* pools are imported */
};

static void blocks_clear(struct blocks *b)
{
    for (size_t i = 0; i < b->count; i++) {
        free(b->block[i].name);
        free(b->block[i].number);
        free(b->block[i].link);
        free(b->block[i].mapped);
    }
    free(b->block);
}

static int read_block(struct blocks *b, const char *name)
{
    struct block *block;
    char path[512];
    int r;

    if (array_grow(&b->block, b->count, sizeof(*b->block)) < 0)
        return -ENOMEM;
    block = &b->block[b->count++];
    *block = (struct block){.name = strdup(name)};
    if (!block->name)
        return -ENOMEM;
    snprintf(path, sizeof(path), "sys/class/block/%s", name);
    r = platform_link(b->platform, path, &block->link);
    if (r == -ENOMEM)
        return r;
    r = attribute_text(b->platform, &block->number, "sys/class/block/%s/dev", name);
    return r ? r
             : attribute_text(b->platform, &block->mapped, "sys/class/block/%s/dm/name",
                              name);
}

static const struct block *find_block(const struct blocks *b, const char *name)
{
    for (size_t i = 0; i < b->count; i++)
        if (streq(b->block[i].name, name))
            return &b->block[i];
    return NULL;
}

static int mark_block(struct blocks *b, const struct block *block,
                      enum device_reason reason, const char *detail, unsigned depth);

/* NVMe disks with several paths stand below no controller: their subsystem has links to
 * all. */
static int mark_subsystem(struct blocks *b, const struct block *block,
                          enum device_reason reason, const char *detail)
{
    static const char above[] = "/nvme-subsystem";
    const char *at = strstr(block->link, "/nvme-subsystem/nvme-subsys");
    AUTO_NAMES names = NULL;
    char path[512];
    int r, n;

    if (!at)
        return 0;
    at += strlen(above);
    n = (int)strcspn(at + 1, "/");
    r = attribute_names(b->platform, &names, NULL, "sys/class/nvme-subsystem/%.*s", n,
                        at + 1);
    for (size_t i = 0; !r && names[i]; i++) {
        AUTO_FREE char *link = NULL;

        if (!starts_with(names[i], "nvme"))
            continue;
        snprintf(path, sizeof(path), "sys/class/nvme/%s", names[i]);
        r = platform_link(b->platform, path, &link);
        if (r == 0)
            r = in_use_mark(b->devices, link, reason, detail);
        else if (r != -ENOMEM)
            r = 0;
    }
    return r;
}

/* The controllers below: of what it is made of, or its own. */
static int mark_block(struct blocks *b, const struct block *block,
                      enum device_reason reason, const char *detail, unsigned depth)
{
    AUTO_NAMES slaves = NULL;
    int r = 0;

    if (depth > DEPTH_MAX || !block->link)
        return 0;
    r = in_use_mark(b->devices, block->link, reason, detail);
    if (!r)
        r = mark_subsystem(b, block, reason, detail);
    if (!r)
        r = attribute_names(b->platform, &slaves, NULL, "sys/class/block/%s/slaves",
                            block->name);
    for (size_t i = 0; !r && slaves[i]; i++) {
        const struct block *slave = find_block(b, slaves[i]);

        if (slave)
            r = mark_block(b, slave, reason, detail, depth + 1);
    }
    return r;
}

static int mark(struct blocks *b, const struct block *block, const char *how,
                const char *what)
{
    AUTO_FREE char *detail =
        text_format("%s%s%s%s %s%s%s", block->name, block->mapped ? " (" : "",
                    block->mapped ? block->mapped : "", block->mapped ? ")" : "", how,
                    *what ? " " : "", what);

    return detail ? mark_block(b, block, REASON_DISK, detail, 0) : -ENOMEM;
}

/* "/dev/sda1", "/dev/mapper/vg-root", "/dev/dm-0"; names with blanks are written \040. */
static const struct block *block_of_source(const struct blocks *b, const char *source)
{
    const char *name = strrchr(source, '/');

    if (!starts_with(source, "/dev/"))
        return NULL;
    name++;
    for (size_t i = 0; i < b->count; i++)
        if (streq(b->block[i].name, name) ||
            (b->block[i].mapped && streq(b->block[i].mapped, name)))
            return &b->block[i];
    return NULL;
}

static const struct block *block_of_number(const struct blocks *b, const char *number)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->block[i].number && streq(b->block[i].number, number))
            return &b->block[i];
    return NULL;
}

/* "36 25 8:1 / /boot rw,relatime shared:1 - ext4 /dev/sda1 rw" */
static int take_mount(struct blocks *b, const char *line)
{
    char number[32], point[256], kind[64] = "", source[256] = "";
    const char *dash = strstr(line, " - ");
    const struct block *block;

    if (sscanf(line, "%*s %*s %31s %*s %255s", number, point) != 2)
        return 0;
    if (dash)
        sscanf(dash, " - %63s %255s", kind, source);
    b->zfs |= streq(kind, "zfs");
    block = block_of_number(b, number);
    if (!block)
        block = block_of_source(b, source);
    return block ? mark(b, block, "mounted on", point) : 0;
}

static int take_swap(struct blocks *b, const char *line)
{
    char source[256];
    const struct block *block;

    if (sscanf(line, "%255s", source) != 1)
        return 0;
    block = block_of_source(b, source);
    return block ? mark(b, block, "swapped to", "") : 0;
}

/* "/dev/sda1 /boot ext4 rw 0 0" */
static int take_old_mount(struct blocks *b, const char *line)
{
    char source[256], point[256];
    const struct block *block;

    if (sscanf(line, "%255s %255s", source, point) != 2)
        return 0;
    block = block_of_source(b, source);
    return block ? mark(b, block, "mounted on", point) : 0;
}

/* 1 if the table could be read, else 0; -ENOMEM. */
static int take_table(struct blocks *b, const char *path,
                      int (*take)(struct blocks *, const char *))
{
    AUTO_BLOB text = {NULL, 0};
    int r = platform_read(b->platform, path, TABLE_MAX, &text);
    char *rest, *line;

    if (r < 0)
        return r == -ENOMEM ? r : 0;
    rest = text.data;
    while ((line = strsep(&rest, "\n")) != NULL)
        if (take(b, line) < 0)
            return -ENOMEM;
    return 1;
}

/* All members of a mounted btrfs; the mount table names one. */
static int take_btrfs(struct blocks *b)
{
    AUTO_NAMES systems = NULL;
    int r = attribute_names(b->platform, &systems, NULL, "sys/fs/btrfs");

    for (size_t i = 0; !r && systems[i]; i++) {
        AUTO_NAMES names = NULL;

        r = attribute_names(b->platform, &names, NULL, "sys/fs/btrfs/%s/devices",
                            systems[i]);
        for (size_t n = 0; !r && names[n]; n++) {
            const struct block *block = find_block(b, names[n]);

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
        {"LVM2_member", "part of LVM"},    {"LVM1_member", "part of LVM"},
        {"zfs_member", "part of ZFS"},     {"bcache", "part of bcache"},
        {"drbd", "part of DRBD"},          {"ceph_bluestore", "part of Ceph"},
        {"mpath_member", "a multipath's"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (streq(kind, rows[i].kind))
            return rows[i].words;
    return ends_with(kind, "_raid_member") ? "part of RAID" : NULL;
}

/* What udev knows of it: "" if nothing; NULL if it was not asked. 0 or -ENOMEM. */
static int kind_of(struct blocks *b, const struct block *block, char **kind)
{
    static const char key[] = "E:ID_FS_TYPE=";
    AUTO_BLOB text = {NULL, 0};
    const char *line;
    char path[128];
    int r;

    *kind = NULL;
    if (!block->number)
        return 0;
    snprintf(path, sizeof(path), "run/udev/data/b%s", block->number);
    r = platform_read(b->platform, path, TABLE_MAX, &text);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    line = starts_with(text.data, key) ? text.data : strstr(text.data, "\nE:ID_FS_TYPE=");
    line = line ? strchr(line, '=') + 1 : "";
    *kind = strndup(line, strcspn(line, "\r\n"));
    return *kind ? 0 : -ENOMEM;
}

static int take_member(struct blocks *b, const struct block *block)
{
    AUTO_NAMES holders = NULL;
    AUTO_FREE char *kind = NULL;
    const char *words;
    int r = attribute_names(b->platform, &holders, NULL, "sys/class/block/%s/holders",
                            block->name);

    for (size_t i = 0; !r && holders[i]; i++) {
        const struct block *holder = find_block(b, holders[i]);

        r = mark(b, block, "part of",
                 holder && holder->mapped ? holder->mapped : holders[i]);
    }
    if (!r)
        r = kind_of(b, block, &kind);
    if (r < 0)
        return r;
    words = kind ? member_of(kind) : NULL;
    if (words)
        return mark(b, block, words, "");
    return kind || !b->zfs ? 0
                           : mark_block(b, block, REASON_DISK_UNKNOWN,
                                        "ZFS pools are here, and udev was not asked", 0);
}

/* Without the lists it may be anything: whatever can have disks behind it counts. */
static int doubt_disks(struct devices *d, const char *why)
{
    int r = 0;

    for (size_t i = 0; !r && i < d->functions; i++) {
        struct pci_function *f = &d->function[i];
        uint32_t kind = f->class >> 8;

        if (f->has_class &&
            (f->class >> 16 == 0x01 || kind == 0x0c03 || kind == 0x0c04) && f->driver &&
            !driver_is_for_guests(f->driver))
            r = function_found(f, REASON_DISK_UNKNOWN, why);
    }
    return r;
}

static int take_tables(struct blocks *b)
{
    int first = take_table(b, "proc/1/mountinfo", take_mount);
    int own = first < 0 ? first : take_table(b, "proc/self/mountinfo", take_mount);
    int old = first || own ? own : take_table(b, "proc/mounts", take_old_mount);

    if (first < 0 || own < 0 || old < 0 || take_table(b, "proc/swaps", take_swap) < 0)
        return -ENOMEM;
    return first || own || old
               ? 0
               : doubt_disks(b->devices, "the list of mounts cannot be read");
}

int in_use_disks(const struct platform *p, struct devices *d)
{
    struct blocks b = {.platform = p, .devices = d};
    AUTO_NAMES names = NULL;
    bool there;
    int r = attribute_names(p, &names, &there, "sys/class/block");

    if (!r && !there)
        r = doubt_disks(d, "this kernel does not list its disks");
    for (size_t i = 0; !r && names[i]; i++)
        r = read_block(&b, names[i]);
    if (!r && there)
        r = take_tables(&b);
    if (!r)
        r = take_btrfs(&b);
    if (!r)
        r = take_zfs(&b);
    for (size_t i = 0; !r && i < b.count; i++)
        r = take_member(&b, &b.block[i]);
    blocks_clear(&b);
    return r;
}
