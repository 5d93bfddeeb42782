/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/ivrs.h"

#include <errno.h>

#include "platform/walk.h"

#define HEADER_SIZE 36     /* the header common to all ACPI tables */
#define FIRST 48           /* offset of the first block */
#define ENTRY_ACPI_SIZE 22 /* of the one entry of variable length, less its name */

static const struct block_type {
    uint8_t type;
    const char *name;
    size_t size; /* the least; an IVHD's device entries begin behind it */
    bool ivhd;
} types[] = {
    {0x10, "IVHD", 24, true},  {0x11, "IVHD", 40, true},  {0x40, "IVHD", 40, true},
    {0x20, "IVMD", 32, false}, {0x21, "IVMD", 32, false}, {0x22, "IVMD", 32, false},
};

struct walk {
    const uint8_t *data;
    size_t len;
    struct ivrs *ivrs;
    char *defect;
};

static const struct block_type *type_of(uint8_t type)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (types[i].type == type)
            return &types[i];
    return NULL;
}

/* The length of the entry at P with LEFT bytes to the block's end; 0: not a valid type;
   more than LEFT: it reaches past the end. */
static size_t entry_size(const uint8_t *p, size_t left, uint8_t block_type)
{
    if (p[0] < 0x80)
        return 4u << (p[0] >> 6);
    if (p[0] != IVRS_ACPI || block_type != 0x40)
        return 0;
    return left < ENTRY_ACPI_SIZE ? ENTRY_ACPI_SIZE : ENTRY_ACPI_SIZE + (size_t)p[21];
}

/* The fields behind the first four bytes, as the type has them. */
static void read_entry(struct ivrs_entry *entry, const uint8_t *p, size_t size)
{
    *entry = (struct ivrs_entry){.type = p[0], .device = le16(p + 1), .setting = p[3]};
    if (size == 8)
        entry->extended = le32(p + 4);
    switch (p[0]) {
    case IVRS_SPECIAL:
        entry->handle = p[4];
        entry->variety = p[7];
        /* fall through */
    case IVRS_ALIAS:
    case IVRS_ALIAS_RANGE_START:
        entry->source = le16(p + 5);
        break;
    case IVRS_ACPI:
        memcpy(entry->hid, p + 4, 8);
        memcpy(entry->cid, p + 12, 8);
        entry->uid_type = p[20];
        entry->uid_length = p[21];
        entry->uid = p + ENTRY_ACPI_SIZE;
        break;
    }
}

static int read_entries(struct walk *w, struct ivrs_block *block, size_t offset,
                        size_t end)
{
    while (offset < end) {
        const uint8_t *p = w->data + offset;
        size_t left = end - offset, size = entry_size(p, left, block->type);

        if (!size)
            return defect_note(
                w->defect, "the device entry at offset %zu has the invalid type %02Xh",
                offset, p[0]);
        if (size > left)
            return defect_note(
                w->defect,
                "the device entry at offset %zu reaches past the end of its IVHD",
                offset);
        if (array_grow(&block->entry, block->entries, sizeof(*block->entry)) < 0)
            return -ENOMEM;
        read_entry(&block->entry[block->entries++], p, size);
        offset += size;
    }
    return 0;
}

static void read_fields(struct walk *w, const struct block_type *type,
                        struct ivrs_block *block, size_t offset)
{
    const uint8_t *p = w->data + offset;

    *block = (struct ivrs_block){.type = p[0], .flags = p[1], .device = le16(p + 4)};
    if (!type->ivhd) {
        block->last_device = le16(p + 6);
        block->segment = le16(p + 8);
        block->start = le64(p + 16);
        block->length = le64(p + 24);
        return;
    }
    block->capability = le16(p + 6);
    block->base = le64(p + 8);
    block->segment = le16(p + 16);
    block->info = le16(p + 18);
    block->attributes = le32(p + 20);
    if (type->size >= 40) {
        block->efr[0] = le64(p + 24);
        block->efr[1] = le64(p + 32);
    }
    if (block->base == 0)
        defect_note(w->defect, "the IVHD at offset %zu has a register base of 0", offset);
}

/* A block of known type whose SIZE bytes all lie inside the table. */
static int read_block(struct walk *w, const struct block_type *type, size_t offset,
                      size_t size)
{
    struct ivrs *v = w->ivrs;
    struct ivrs_block *block;

    if (size < type->size)
        return defect_note(w->defect,
                           "the %s at offset %zu is %zu bytes long, less than its %zu",
                           type->name, offset, size, type->size);
    if (array_grow(&v->block, v->blocks, sizeof(*v->block)) < 0)
        return -ENOMEM;
    block = &v->block[v->blocks++];
    read_fields(w, type, block, offset);
    if (!type->ivhd)
        return 0;
    return read_entries(w, block, offset + type->size, offset + size);
}

static int read_blocks(struct walk *w)
{
    for (size_t offset = FIRST; offset < w->len;) {
        const struct block_type *type = type_of(w->data[offset]);
        size_t left = w->len - offset, size;
        int r;

        if (left < 4)
            return defect_note(w->defect,
                               "%zu bytes at offset %zu are too few for a block", left,
                               offset);
        size = le16(w->data + offset + 2);
        if (size < 4)
            return defect_note(w->defect, "the block at offset %zu has a length of %zu",
                               offset, size);
        if (size > left)
            return defect_note(
                w->defect, "the block at offset %zu reaches past the end of the table",
                offset);
        r = type ? read_block(w, type, offset, size) : 0;
        if (r < 0)
            return r;
        offset += size;
    }
    w->ivrs->whole = true;
    return 0;
}

bool ivrs_is_unit(const struct ivrs_block *block)
{
    const struct block_type *type = type_of(block->type);

    return type && type->ivhd;
}

unsigned ivrs_physical_width(const struct ivrs *v)
{
    return v->info >> 8 & 0x7f;
}

unsigned ivrs_virtual_width(const struct ivrs *v)
{
    return v->info >> 15 & 0x7f;
}

static int compare_bases(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* One unit may have an IVHD of each type; its register base tells it from others. */
static int count_units(struct ivrs *v)
{
    AUTO_FREE uint64_t *base = NULL;
    size_t n = 0;

    for (size_t i = 0; i < v->blocks; i++) {
        if (!ivrs_is_unit(&v->block[i]))
            continue;
        if (array_grow(&base, n, sizeof(*base)) < 0)
            return -ENOMEM;
        base[n++] = v->block[i].base;
    }
    if (n)
        qsort(base, n, sizeof(*base), compare_bases);
    v->remapping_units = n > 0;
    for (size_t i = 1; i < n; i++)
        v->remapping_units += base[i] != base[i - 1];
    return 0;
}

int ivrs_parse(const void *data, size_t len, struct ivrs *v, char defect[160])
{
    struct walk w = {data, len, v, defect};
    int r;

    *v = (struct ivrs){.header_only = len >= HEADER_SIZE && len <= FIRST};
    defect[0] = '\0';
    if (len < FIRST)
        return defect_note(defect, "it is %zu bytes long, less than the %d of its header",
                           len, FIRST);
    v->length = len;
    v->info = le32(w.data + 36);
    r = read_blocks(&w);
    if (r != -ENOMEM && count_units(v) < 0)
        r = -ENOMEM;
    if (r == 0 && v->remapping_units == 0)
        defect_note(defect, "it describes no remapping unit (IVHD)");
    if (r == -ENOMEM)
        return r;
    return defect[0] ? -EBADMSG : 0;
}

void ivrs_clear(struct ivrs *v)
{
    for (size_t i = 0; i < v->blocks; i++)
        free(v->block[i].entry);
    free(v->block);
    *v = (struct ivrs){0};
}
