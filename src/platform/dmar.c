/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/dmar.h"

#include <errno.h>
#include <inttypes.h>

#include "platform/walk.h"

#define HEADER_SIZE 36 /* the header common to all ACPI tables */
#define FIRST 48       /* offset of the first structure */
#define SCOPE_SIZE 6   /* of a scope without its path */
#define WIDTH_MIN 12   /* host address width that the kernel asks for: a page's */

static const struct {
    const char *name;
    size_t size; /* the least; scopes begin behind it */
    bool scopes;
} types[] = {
    [DMAR_DRHD] = {"DRHD", 16, true}, [DMAR_RMRR] = {"RMRR", 24, true},
    [DMAR_ATSR] = {"ATSR", 8, true},  [DMAR_RHSA] = {"RHSA", 20, false},
    [DMAR_ANDD] = {"ANDD", 9, false}, [DMAR_SATC] = {"SATC", 8, true},
    [DMAR_SIDP] = {"SIDP", 8, true},
};

struct walk {
    const uint8_t *data;
    size_t len;
    struct dmar *dmar;
    char *defect;
};

/* One scope at OFFSET, in a structure that ends at END. 0 or a negative errno. */
static int read_scope(struct walk *w, struct dmar_unit *unit, size_t offset, size_t end)
{
    const uint8_t *p = w->data + offset;
    size_t size = end - offset >= SCOPE_SIZE ? p[1] : 0;
    struct dmar_scope *scope;

    if (end - offset < SCOPE_SIZE)
        return defect_note(w->defect, "%zu bytes at offset %zu are too few for a scope",
                           end - offset, offset);
    if (size < SCOPE_SIZE || size % 2)
        return defect_note(w->defect, "the scope at offset %zu has a length of %zu",
                           offset, size);
    if (size > end - offset)
        return defect_note(w->defect,
                           "the scope at offset %zu reaches past the end of its %s",
                           offset, types[unit->type].name);
    if ((size - SCOPE_SIZE) / 2 > ARRAY_LEN(scope->path))
        return defect_note(w->defect, "the scope at offset %zu has a path of %zu steps",
                           offset, (size - SCOPE_SIZE) / 2);
    if (array_grow(&unit->scope, unit->scopes, sizeof(*unit->scope)) < 0)
        return -ENOMEM;
    scope = &unit->scope[unit->scopes++];
    *scope = (struct dmar_scope){.type = p[0],
                                 .enumeration_id = p[4],
                                 .bus = p[5],
                                 .depth = (uint8_t)((size - SCOPE_SIZE) / 2)};
    memcpy(scope->path, p + SCOPE_SIZE, size - SCOPE_SIZE);
    return (int)size;
}

static int read_scopes(struct walk *w, struct dmar_unit *unit, size_t offset, size_t end)
{
    while (offset < end) {
        int size = read_scope(w, unit, offset, end);

        if (size < 0)
            return size;
        offset += (size_t)size;
    }
    return 0;
}

/* The fields before the scopes; what is wrong with them does not stop the walk. */
static void read_fields(struct walk *w, struct dmar_unit *unit, size_t offset,
                        size_t size)
{
    const uint8_t *p = w->data + offset;

    switch (unit->type) {
    case DMAR_DRHD:
        unit->base = le64(p + 8);
        w->dmar->remapping_units++;
        if (unit->base == 0)
            defect_note(w->defect,
                        "the DRHD at offset %zu has a register base of 0 (the kernel: "
                        "\"Your BIOS is broken; DMAR reported at address 0!\")",
                        offset);
        /* fall through */
    case DMAR_ATSR:
    case DMAR_SATC:
        unit->flags = p[4];
        /* fall through */
    case DMAR_SIDP:
        unit->segment = le16(p + 6);
        break;
    case DMAR_RMRR:
        unit->segment = le16(p + 6);
        unit->base = le64(p + 8);
        unit->end = le64(p + 16);
        if (unit->end <= unit->base)
            defect_note(w->dmar->warning,
                        "the RMRR at offset %zu ends at %" PRIx64
                        "h, not behind its begin at %" PRIx64
                        "h (the kernel: \"Your BIOS is broken; bad RMRR\")",
                        offset, unit->end, unit->base);
        break;
    case DMAR_RHSA:
        unit->base = le64(p + 8);
        unit->domain = le32(p + 16);
        break;
    case DMAR_ANDD:
        unit->device = p[7];
        if (memchr(p + 8, '\0', size - 8))
            unit->name = (const char *)p + 8;
        else
            defect_note(w->defect,
                        "the name in the ANDD at offset %zu has no end (the kernel: "
                        "\"ANDD object name is not NUL-terminated\")",
                        offset);
        break;
    }
}

/* A structure of known type whose SIZE bytes all lie inside the table. */
static int read_unit(struct walk *w, unsigned type, size_t offset, size_t size)
{
    struct dmar *d = w->dmar;
    struct dmar_unit *unit;

    if (size < types[type].size)
        return defect_note(w->defect,
                           "the %s at offset %zu is %zu bytes long, less than its %zu",
                           types[type].name, offset, size, types[type].size);
    if (array_grow(&d->unit, d->units, sizeof(*d->unit)) < 0)
        return -ENOMEM;
    unit = &d->unit[d->units++];
    *unit = (struct dmar_unit){.type = (enum dmar_type)type};
    read_fields(w, unit, offset, size);
    if (!types[type].scopes)
        return 0;
    return read_scopes(w, unit, offset + types[type].size, offset + size);
}

static int read_units(struct walk *w)
{
    for (size_t offset = FIRST; offset < w->len;) {
        size_t left = w->len - offset, size;
        unsigned type;
        int r;

        if (left < 4)
            return defect_note(w->defect,
                               "%zu bytes at offset %zu are too few for a structure",
                               left, offset);
        type = le16(w->data + offset);
        size = le16(w->data + offset + 2);
        if (size == 0 && w->dmar->remapping_units) {
            defect_note(w->dmar->warning,
                        "the structure at offset %zu has a length of 0, and what follows "
                        "is left out (the kernel: \"Invalid 0-length structure\"; before "
                        "3.19 it gives up)",
                        offset);
            return 0;
        }
        if (size < 4)
            return defect_note(w->defect,
                               "the structure at offset %zu has a length of %zu", offset,
                               size);
        if (size > left)
            return defect_note(
                w->defect,
                "the structure at offset %zu reaches past the end of the table (the "
                "kernel: \"Record passes table end\")",
                offset);
        r = type < ARRAY_LEN(types) ? read_unit(w, type, offset, size) : 0;
        if (r < 0)
            return r;
        offset += size;
    }
    w->dmar->whole = true;
    return 0;
}

int dmar_parse(const void *data, size_t len, struct dmar *d, char defect[160])
{
    struct walk w = {data, len, d, defect};
    int r;

    *d = (struct dmar){.header_only = len >= HEADER_SIZE && len <= FIRST};
    defect[0] = '\0';
    if (len < FIRST)
        return defect_note(defect, "it is %zu bytes long, less than the %d of its header",
                           len, FIRST);
    d->length = len;
    d->width = (uint16_t)(w.data[36] + 1);
    d->flags = w.data[37];
    if (d->width < WIDTH_MIN)
        defect_note(
            defect,
            "its host address width is %u bits (the kernel: \"Invalid DMAR haw\")",
            d->width);
    r = read_units(&w);
    if (r == 0 && d->remapping_units == 0)
        defect_note(defect, "it describes no remapping unit, no DRHD (the kernel: \"No "
                            "DRHD structure found in DMAR table\")");
    if (r == -ENOMEM)
        return r;
    return defect[0] ? -EBADMSG : 0;
}

void dmar_clear(struct dmar *d)
{
    for (size_t i = 0; i < d->units; i++)
        free(d->unit[i].scope);
    free(d->unit);
    *d = (struct dmar){0};
}
