/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/report_tables.h"

#include <inttypes.h>

#include "cli/text.h"

static void begin(const char *label)
{
    printf("%-10s ", label);
}

static const char *yes_no(bool yes)
{
    return yes ? "yes" : "no";
}

/* A list behind a colon; a comma between any two. */
static void separate(size_t *n)
{
    fputs((*n)++ ? ", " : ": ", stdout);
}

static void print_state(const char *label, const struct acpi_table *table)
{
    if (table->state == ACPI_VALID || table->state == ACPI_ABSENT ||
        table->state == ACPI_NO_DIRECTORY)
        return;
    begin(label);
    printf("%s: ", word_acpi_state(table->state));
    text_print(stdout, table->defect);
    putchar('\n');
}

/* --- DMAR */

static void print_scope(const struct dmar_scope *scope, uint16_t segment,
                        const struct pci_tree *tree)
{
    static const char *const words[] = {
        [SCOPE_BRIDGE] = "behind ",
        [SCOPE_IOAPIC] = "I/O APIC",
        [SCOPE_HPET] = "HPET",
        [SCOPE_NAMESPACE] = "ACPI device",
    };
    const char *word = scope->type < ARRAY_LEN(words) ? words[scope->type] : NULL;
    bool numbered = scope->type >= SCOPE_IOAPIC && scope->type <= SCOPE_NAMESPACE;
    char name[PCI_NAME_SIZE];

    if (scope->type == 0 || scope->type > SCOPE_NAMESPACE)
        printf("type %u ", scope->type);
    fputs(word ? word : "", stdout);
    if (numbered)
        printf(" %u (", scope->enumeration_id);
    if (pci_tree_follow(tree, segment, scope->bus, scope->path, scope->depth, name)) {
        fputs(name, stdout);
    } else {
        printf("%04x:%02x:", segment, scope->bus);
        for (size_t i = 0; i < scope->depth; i++)
            printf("%s%02x.%x", i ? "/" : "", scope->path[i][0], scope->path[i][1]);
    }
    if (numbered)
        putchar(')');
}

static void print_unit(const struct dmar_unit *u, const struct pci_tree *tree)
{
    size_t n = 0;

    begin("");
    switch (u->type) {
    case DMAR_DRHD:
        printf("unit at 0x%" PRIx64 ", segment %u", u->base, u->segment);
        if (u->flags & 1) {
            separate(&n);
            fputs("all that no other unit has", stdout);
        }
        break;
    case DMAR_RMRR:
        printf("reserved 0x%" PRIx64 " to 0x%" PRIx64 ", segment %u, pinned for", u->base,
               u->end, u->segment);
        break;
    case DMAR_ATSR:
        printf("address translation services, segment %u", u->segment);
        if (u->flags & 1) {
            separate(&n);
            fputs("all ports", stdout);
        }
        break;
    case DMAR_RHSA:
        printf("the unit at 0x%" PRIx64 " is near to memory domain %u", u->base,
               u->domain);
        break;
    case DMAR_ANDD:
        printf("ACPI device %u: ", u->device);
        text_print(stdout, u->name ? u->name : "?");
        break;
    case DMAR_SATC:
        printf("integrated devices with a translation cache, segment %u%s", u->segment,
               u->flags & 1 ? ", which they need" : "");
        break;
    case DMAR_SIDP:
        printf("integrated devices with properties, segment %u", u->segment);
        break;
    }
    for (size_t i = 0; i < u->scopes; i++) {
        separate(&n);
        print_scope(&u->scope[i], u->segment, tree);
    }
    putchar('\n');
}

static void print_dmar(const struct dmar *d, const struct pci_tree *tree)
{
    begin("DMAR");
    printf("%u-bit addresses; interrupt remapping: %s; x2APIC opt-out: %s; DMA opt-in: "
           "%s\n",
           d->width, yes_no(d->flags & DMAR_INTR_REMAP),
           yes_no(d->flags & DMAR_X2APIC_OPT_OUT),
           yes_no(d->flags & DMAR_DMA_CTRL_PLATFORM_OPT_IN));
    for (size_t i = 0; i < d->units; i++)
        print_unit(&d->unit[i], tree);
}

/* --- IVRS */

static void print_id(uint16_t segment, uint16_t id)
{
    char name[PCI_NAME_SIZE];

    pci_id_name(segment, id, name);
    fputs(name, stdout);
}

static void print_special(const struct ivrs_entry *e, uint16_t segment)
{
    printf("%s %u (",
           e->variety == 1   ? "I/O APIC"
           : e->variety == 2 ? "HPET"
                             : "special device",
           e->handle);
    print_id(segment, e->source);
    putchar(')');
}

static void print_acpi(const struct ivrs_entry *e, uint16_t segment)
{
    fputs("ACPI device ", stdout);
    text_print(stdout, e->hid);
    fputs(" (", stdout);
    print_id(segment, e->device);
    putchar(')');
}

/* The end of a range follows its begin. */
static void print_entry(const struct ivrs_entry *e, uint16_t segment, size_t *n)
{
    if (e->type == IVRS_PAD4 || e->type == IVRS_PAD8)
        return;
    if (e->type == IVRS_RANGE_END)
        fputs(" to ", stdout);
    else
        separate(n);
    switch (e->type) {
    case IVRS_ALL:
        fputs("all devices", stdout);
        return;
    case IVRS_SPECIAL:
        print_special(e, segment);
        return;
    case IVRS_ACPI:
        print_acpi(e, segment);
        return;
    }
    print_id(segment, e->device);
    if (e->type == IVRS_ALIAS || e->type == IVRS_ALIAS_RANGE_START) {
        fputs(" as ", stdout);
        print_id(segment, e->source);
    }
}

static void print_ivhd(const struct ivrs_block *b)
{
    size_t n = 0;

    begin("");
    fputs("unit ", stdout);
    print_id(b->segment, b->device);
    printf(" at 0x%" PRIx64 " (IVHD %02Xh)", b->base, b->type);
    for (size_t i = 0; i < b->entries; i++)
        print_entry(&b->entry[i], b->segment, &n);
    putchar('\n');
}

static void print_ivmd(const struct ivrs_block *b)
{
    begin("");
    printf("reserved 0x%" PRIx64 " to 0x%" PRIx64 " (%s), pinned for ", b->start,
           b->start + b->length - !!b->length,
           b->flags & IVMD_EXCLUSION ? "not translated"
           : b->flags & IVMD_UNITY   ? "mapped as it is"
                                     : "mapped");
    if (b->type == 0x20) {
        fputs("all devices", stdout);
    } else {
        print_id(b->segment, b->device);
        if (b->type == 0x22) {
            fputs(" to ", stdout);
            print_id(b->segment, b->last_device);
        }
    }
    putchar('\n');
}

/* Of several blocks for a unit the kernel takes the one of the highest type. */
static bool is_outdone(const struct ivrs *v, const struct ivrs_block *b)
{
    for (size_t i = 0; i < v->blocks; i++)
        if (ivrs_is_unit(&v->block[i]) && v->block[i].base == b->base &&
            v->block[i].type > b->type)
            return true;
    return false;
}

static void print_ivrs(const struct ivrs *v)
{
    begin("IVRS");
    if (ivrs_physical_width(v))
        printf("%u-bit addresses; ", ivrs_physical_width(v));
    printf("DMA opt-in: %s\n", yes_no(v->info & IVRS_DMA_REMAP));
    for (size_t i = 0; i < v->blocks; i++) {
        const struct ivrs_block *b = &v->block[i];

        if (!ivrs_is_unit(b))
            print_ivmd(b);
        else if (!is_outdone(v, b))
            print_ivhd(b);
    }
}

void print_tables(const struct report *report)
{
    const struct machine *m = &report->machine;

    print_state("DMAR", &m->dmar_table);
    if (m->dmar.length)
        print_dmar(&m->dmar, &report->tree);
    print_state("IVRS", &m->ivrs_table);
    if (m->ivrs.length)
        print_ivrs(&m->ivrs);
}
