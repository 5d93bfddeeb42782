/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/blocks.h"

#include <errno.h>
#include <stdio.h>

#include "base/root.h"
#include "platform/attribute.h"
#include "platform/in_use.h"

#define UDEV_MAX (64 << 10)
#define DEPTH_MAX 64 /* LVM on RAID on multipath: none is as deep */

#define AUTO_NAMES CLEANUP(auto_names_free) char **

void blocks_clear(struct blocks *b)
{
    for (size_t i = 0; i < b->count; i++) {
        free(b->block[i].name);
        free(b->block[i].number);
        free(b->block[i].link);
        free(b->block[i].mapped);
        free(b->block[i].kind);
    }
    free(b->block);
}

/* What udev knows of it. */
static int read_kind(const struct platform *p, struct block *block)
{
    static const char key[] = "E:ID_FS_TYPE=";
    AUTO_BLOB text = {NULL, 0};
    const char *line;
    char path[128];
    int r;

    if (!block->number)
        return 0;
    snprintf(path, sizeof(path), "run/udev/data/b%s", block->number);
    r = platform_read(p, path, UDEV_MAX, &text);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    line = starts_with(text.data, key) ? text.data : strstr(text.data, "\nE:ID_FS_TYPE=");
    line = line ? strchr(line, '=') + 1 : "";
    block->kind = strndup(line, strcspn(line, "\r\n"));
    return block->kind ? 0 : -ENOMEM;
}

static int read_block(struct blocks *b, const char *name)
{
    const struct platform *p = b->platform;
    struct block *block;
    char path[512];

    if (array_grow(&b->block, b->count, sizeof(*b->block)) < 0)
        return -ENOMEM;
    block = &b->block[b->count++];
    *block = (struct block){.name = strdup(name)};
    snprintf(path, sizeof(path), "sys/class/block/%s", name);
    if (!block->name || platform_link(p, path, &block->link) == -ENOMEM ||
        attribute_text(p, &block->number, "sys/class/block/%s/dev", name) < 0 ||
        attribute_text(p, &block->mapped, "sys/class/block/%s/dm/name", name) < 0)
        return -ENOMEM;
    return read_kind(p, block);
}

int blocks_read(struct blocks *b, bool *there)
{
    AUTO_NAMES names = NULL;
    int r = attribute_names(b->platform, &names, there, "sys/class/block");

    for (size_t i = 0; !r && names[i]; i++)
        r = read_block(b, names[i]);
    return r;
}

/* They are in the order of their names. */
struct block *blocks_find(const struct blocks *b, const char *name)
{
    size_t from = 0, to = b->count;

    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(name, b->block[middle].name);

        if (!order)
            return &b->block[middle];
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return NULL;
}

struct block *blocks_of_number(const struct blocks *b, const char *number)
{
    for (size_t i = 0; i < b->count; i++)
        if (b->block[i].number && streq(b->block[i].number, number))
            return &b->block[i];
    return NULL;
}

/* sysfs has '!' where the name has '/'. */
static bool same_name(const char *sysfs, const char *name)
{
    for (; *name && *sysfs == (*name == '/' ? '!' : *name); name++)
        sysfs++;
    return !*name && !*sysfs;
}

struct block *blocks_of_source(const struct blocks *b, const char *source)
{
    bool mapped = starts_with(source, "/dev/mapper/");
    const char *name = source + strlen(mapped ? "/dev/mapper/" : "/dev/");

    for (size_t i = 0; i < b->count && starts_with(source, "/dev/"); i++) {
        const struct block *block = &b->block[i];

        if (mapped ? block->mapped && streq(block->mapped, name)
                   : same_name(block->name, name))
            return &b->block[i];
    }
    return NULL;
}

/* NVMe disks with several paths stand below no controller: their subsystem has links to
 * all. */
static int mark_subsystem(struct blocks *b, struct block *block,
                          enum device_reason reason, const char *detail)
{
    static const char above[] = "/nvme-subsystem";
    const char *at = strstr(block->link, "/nvme-subsystem/nvme-subsys");
    AUTO_NAMES names = NULL;
    int r, n, found = 0;

    if (!at)
        return 0;
    at += strlen(above);
    n = (int)strcspn(at + 1, "/");
    r = attribute_names(b->platform, &names, NULL, "sys/class/nvme-subsystem/%.*s", n,
                        at + 1);
    for (size_t i = 0; r >= 0 && names[i]; i++) {
        AUTO_FREE char *link = NULL;
        char path[512];

        if (!starts_with(names[i], "nvme"))
            continue;
        snprintf(path, sizeof(path), "sys/class/nvme/%s", names[i]);
        r = platform_link(b->platform, path, &link);
        if (r == 0) {
            block->remote |= strstr(link, "/nvme-fabrics/") != NULL;
            r = in_use_mark(b->devices, link, reason, detail);
            found |= r > 0 || block->remote;
        } else if (r != -ENOMEM) {
            r = 0;
        }
    }
    block->unplaced |= !found;
    return r < 0 ? r : 0;
}

static int mark(struct blocks *b, struct block *block, enum device_reason reason,
                const char *detail, unsigned depth)
{
    AUTO_NAMES slaves = NULL;
    int r;

    block->unplaced |= depth > DEPTH_MAX;
    if (!block->link || block->visit == b->visits || depth > DEPTH_MAX)
        return 0;
    block->visit = b->visits;
    block->remote |= strstr(block->link, "/nvme-fabrics/") != NULL;
    r = in_use_mark(b->devices, block->link, reason, detail);
    if (r >= 0)
        r = mark_subsystem(b, block, reason, detail);
    if (!r)
        r = attribute_names(b->platform, &slaves, NULL, "sys/class/block/%s/slaves",
                            block->name);
    for (size_t i = 0; !r && slaves[i]; i++) {
        struct block *slave = blocks_find(b, slaves[i]);

        if (slave)
            r = mark(b, slave, reason, detail, depth + 1);
    }
    return r;
}

int blocks_mark(struct blocks *b, struct block *block, enum device_reason reason,
                const char *detail)
{
    b->visits++;
    return mark(b, block, reason, detail, 0);
}
