/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>

#include "cli/report_tables.h"

const char *word_scope_type(uint8_t type)
{
    static const char *const words[] = {
        [SCOPE_ENDPOINT] = "endpoint", [SCOPE_BRIDGE] = "bridge",
        [SCOPE_IOAPIC] = "ioapic",     [SCOPE_HPET] = "hpet",
        [SCOPE_NAMESPACE] = "acpi",
    };

    return type < ARRAY_LEN(words) && words[type] ? words[type] : "unknown";
}

const char *word_entry_type(uint8_t type)
{
    static const char *const words[] = {
        [IVRS_PAD4] = "pad",
        [IVRS_ALL] = "all",
        [IVRS_SELECT] = "select",
        [IVRS_RANGE_START] = "range-start",
        [IVRS_RANGE_END] = "range-end",
        [IVRS_PAD8] = "pad",
        [IVRS_ALIAS] = "alias",
        [IVRS_ALIAS_RANGE_START] = "alias-range-start",
        [IVRS_EXTENDED] = "extended",
        [IVRS_EXTENDED_RANGE_START] = "extended-range-start",
        [IVRS_SPECIAL] = "special",
        [IVRS_ACPI] = "acpi",
    };

    return type < ARRAY_LEN(words) && words[type] ? words[type] : "unknown";
}

const char *word_special(uint8_t variety)
{
    return variety == 1 ? "ioapic" : variety == 2 ? "hpet" : "unknown";
}

/* Sixty-four bits are more than a number of JSON holds everywhere. */
static void put_hex(struct json *object, const char *key, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "0x%" PRIx64, number);
    json_put_text(object, key, text);
}

static void put_id(struct json *object, const char *key, uint16_t segment, uint16_t id)
{
    char name[PCI_NAME_SIZE];

    pci_id_name(segment, id, name);
    json_put_text(object, key, name);
}

/* --- DMAR */

static struct json *scope_value(const struct dmar_scope *scope, uint16_t segment,
                                const struct pci_tree *tree)
{
    struct json *value = json_new_object(), *path = json_new_array();
    char name[PCI_NAME_SIZE];

    json_put_text(value, "type", word_scope_type(scope->type));
    json_put_int(value, "code", scope->type);
    json_put_int(value, "id", scope->enumeration_id);
    json_put_int(value, "bus", scope->bus);
    for (size_t i = 0; i < scope->depth; i++) {
        snprintf(name, sizeof(name), "%02x.%x", scope->path[i][0], scope->path[i][1]);
        json_put_text(path, NULL, name);
    }
    json_put(value, "path", path);
    pci_tree_follow(tree, segment, scope->bus, scope->path, scope->depth, name);
    json_put_text(value, "device", name[0] ? name : NULL);
    return value;
}

static void put_scopes(struct json *object, const struct dmar_unit *u,
                       const struct pci_tree *tree)
{
    struct json *scopes = json_new_array();

    for (size_t i = 0; i < u->scopes; i++)
        json_put(scopes, NULL, scope_value(&u->scope[i], u->segment, tree));
    json_put(object, "scopes", scopes);
}

static struct json *unit_value(const struct dmar_unit *u, const struct pci_tree *tree)
{
    struct json *value = json_new_object();

    switch (u->type) {
    case DMAR_DRHD:
        put_hex(value, "address", u->base);
        json_put_int(value, "segment", u->segment);
        json_put_bool(value, "include_all", u->flags & 1);
        break;
    case DMAR_RMRR:
        json_put_int(value, "segment", u->segment);
        put_hex(value, "start", u->base);
        put_hex(value, "end", u->end);
        break;
    case DMAR_ATSR:
        json_put_int(value, "segment", u->segment);
        json_put_bool(value, "all_ports", u->flags & 1);
        break;
    case DMAR_RHSA:
        put_hex(value, "address", u->base);
        json_put_int(value, "domain", u->domain);
        return value;
    case DMAR_ANDD:
        json_put_int(value, "number", u->device);
        json_put_text(value, "name", u->name);
        return value;
    case DMAR_SATC:
        json_put_int(value, "segment", u->segment);
        json_put_bool(value, "atc_required", u->flags & 1);
        break;
    case DMAR_SIDP:
        json_put_int(value, "segment", u->segment);
        break;
    }
    put_scopes(value, u, tree);
    return value;
}

struct json *dmar_value(const struct dmar *d, const struct pci_tree *tree)
{
    static const char *const keys[] = {
        [DMAR_DRHD] = "units", [DMAR_RMRR] = "reserved", [DMAR_ATSR] = "atsr",
        [DMAR_RHSA] = "rhsa",  [DMAR_ANDD] = "andd",     [DMAR_SATC] = "satc",
        [DMAR_SIDP] = "sidp",
    };
    struct json *value = json_new_object();

    json_put_int(value, "length", (long long)d->length);
    json_put_bool(value, "whole", d->whole);
    json_put_int(value, "address_width", d->width);
    json_put_bool(value, "interrupt_remapping", d->flags & DMAR_INTR_REMAP);
    json_put_bool(value, "x2apic_opt_out", d->flags & DMAR_X2APIC_OPT_OUT);
    json_put_bool(value, "dma_opt_in", d->flags & DMAR_DMA_CTRL_PLATFORM_OPT_IN);
    for (size_t type = 0; type < ARRAY_LEN(keys); type++) {
        struct json *list = json_new_array();

        for (size_t i = 0; i < d->units; i++)
            if (d->unit[i].type == type)
                json_put(list, NULL, unit_value(&d->unit[i], tree));
        json_put(value, keys[type], list);
    }
    return value;
}

/* --- IVRS */

static void put_uid(struct json *object, const struct ivrs_entry *e)
{
    uint64_t number = 0;

    if (e->uid_type == 1 && e->uid_length == 8) {
        for (int i = 7; i >= 0; i--)
            number = number << 8 | e->uid[i];
        put_hex(object, "uid", number);
    } else if (e->uid_type && e->uid_length) {
        json_put_bytes(object, "uid", e->uid, e->uid_length);
    } else {
        json_put_null(object, "uid");
    }
}

static struct json *entry_value(const struct ivrs_entry *e, uint16_t segment)
{
    struct json *value = json_new_object();

    json_put_text(value, "type", word_entry_type(e->type));
    json_put_int(value, "code", e->type);
    put_id(value, "device", segment, e->device);
    json_put_int(value, "setting", e->setting);
    switch (e->type) {
    case IVRS_SPECIAL:
        json_put_text(value, "special", word_special(e->variety));
        json_put_int(value, "handle", e->handle);
        /* fall through */
    case IVRS_ALIAS:
    case IVRS_ALIAS_RANGE_START:
        put_id(value, "source", segment, e->source);
        break;
    case IVRS_EXTENDED:
    case IVRS_EXTENDED_RANGE_START:
        put_hex(value, "extended", e->extended);
        break;
    case IVRS_ACPI:
        json_put_text(value, "hid", e->hid);
        json_put_text(value, "cid", e->cid);
        put_uid(value, e);
        break;
    }
    return value;
}

static struct json *ivhd_value(const struct ivrs_block *b)
{
    struct json *value = json_new_object(), *entries = json_new_array();

    json_put_int(value, "type", b->type);
    put_hex(value, "address", b->base);
    json_put_int(value, "segment", b->segment);
    put_id(value, "device", b->segment, b->device);
    json_put_int(value, "flags", b->flags);
    json_put_int(value, "capability", b->capability);
    json_put_int(value, "info", b->info);
    put_hex(value, "attributes", b->attributes);
    if (b->type == 0x10) {
        json_put_null(value, "efr");
        json_put_null(value, "efr2");
    } else {
        put_hex(value, "efr", b->efr[0]);
        put_hex(value, "efr2", b->efr[1]);
    }
    for (size_t i = 0; i < b->entries; i++)
        json_put(entries, NULL, entry_value(&b->entry[i], b->segment));
    json_put(value, "entries", entries);
    return value;
}

static struct json *ivmd_value(const struct ivrs_block *b)
{
    struct json *value = json_new_object();

    json_put_int(value, "type", b->type);
    json_put_int(value, "segment", b->segment);
    put_hex(value, "start", b->start);
    if (b->length)
        put_hex(value, "end", b->start + b->length - 1);
    else
        json_put_null(value, "end");
    if (b->type == 0x20) {
        json_put_null(value, "first");
        json_put_null(value, "last");
    } else {
        put_id(value, "first", b->segment, b->device);
        put_id(value, "last", b->segment, b->type == 0x22 ? b->last_device : b->device);
    }
    json_put_bool(value, "unity", b->flags & IVMD_UNITY);
    json_put_bool(value, "read", b->flags & IVMD_READ);
    json_put_bool(value, "write", b->flags & IVMD_WRITE);
    json_put_bool(value, "exclusion", b->flags & IVMD_EXCLUSION);
    return value;
}

static void put_width(struct json *object, const char *key, unsigned width)
{
    if (width)
        json_put_int(object, key, width);
    else
        json_put_null(object, key);
}

struct json *ivrs_value(const struct ivrs *v)
{
    struct json *value = json_new_object();
    struct json *units = json_new_array(), *reserved = json_new_array();

    json_put_int(value, "length", (long long)v->length);
    json_put_bool(value, "whole", v->whole);
    put_width(value, "address_width", ivrs_physical_width(v));
    put_width(value, "virtual_address_width", ivrs_virtual_width(v));
    json_put_bool(value, "efr_supported", v->info & IVRS_EFR_SUPPORTED);
    json_put_bool(value, "dma_opt_in", v->info & IVRS_DMA_REMAP);
    for (size_t i = 0; i < v->blocks; i++)
        if (ivrs_is_unit(&v->block[i]))
            json_put(units, NULL, ivhd_value(&v->block[i]));
        else
            json_put(reserved, NULL, ivmd_value(&v->block[i]));
    json_put(value, "units", units);
    json_put(value, "reserved", reserved);
    return value;
}
