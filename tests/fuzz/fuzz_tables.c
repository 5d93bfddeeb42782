/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as an ACPI table, through the judge and both walkers. The walkers also get
 * what the judge would refuse, so that the checksum does not stand in the fuzzer's way.
 */
#include "platform/acpi.h"
#include "platform/dmar.h"
#include "platform/ivrs.h"
#include "platform/pci_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void judge(const uint8_t *data, size_t size, const char *signature)
{
    struct acpi_table t = {.state = ACPI_ABSENT};

    if (blob_copy(&t.data, data, size) < 0)
        return;
    acpi_judge(&t, signature);
    if ((t.state == ACPI_VALID) != (t.defect[0] == '\0') || t.data.len > size)
        abort();
    acpi_clear(&t);
}

/* What is lent out of the table lies inside it, and has its end there. */
static void look_inside(const struct dmar *dmar, const struct ivrs *ivrs)
{
    static const struct pci_tree tree = {.node = NULL};
    char name[PCI_NAME_SIZE];
    volatile size_t sum = 0; /* so that the reading is not left out */

    for (size_t i = 0; i < dmar->units; i++) {
        const struct dmar_unit *u = &dmar->unit[i];

        sum += u->name ? strlen(u->name) : 0;
        for (size_t s = 0; s < u->scopes; s++)
            pci_tree_follow(&tree, u->segment, u->scope[s].bus, u->scope[s].path,
                            u->scope[s].depth, name);
    }
    for (size_t i = 0; i < ivrs->blocks; i++)
        for (size_t e = 0; e < ivrs->block[i].entries; e++) {
            const struct ivrs_entry *entry = &ivrs->block[i].entry[e];

            sum += strlen(entry->hid) + strlen(entry->cid);
            for (size_t u = 0; entry->uid && u < entry->uid_length; u++)
                sum += entry->uid[u];
        }
    (void)sum;
}

static void walk(const void *data, size_t size)
{
    char defect[160];
    struct dmar dmar;
    struct ivrs ivrs;

    if ((dmar_parse(data, size, &dmar, defect) == 0) != (defect[0] == '\0'))
        abort();
    if ((ivrs_parse(data, size, &ivrs, defect) == 0) != (defect[0] == '\0'))
        abort();
    look_inside(&dmar, &ivrs);
    dmar_clear(&dmar);
    ivrs_clear(&ivrs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + !size); /* the sanitizer sees a step over its end */

    judge(data, size, "DMAR");
    judge(data, size, "IVRS");
    if (!copy)
        return 0;
    memcpy(copy, data, size);
    walk(copy, size);
    free(copy);
    return 0;
}
