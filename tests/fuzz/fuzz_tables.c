/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as an ACPI table, through the judge and both walkers. The walkers also get
 * what the judge would refuse, so that the checksum does not stand in the fuzzer's way.
 */
#include "platform/acpi.h"
#include "platform/dmar.h"
#include "platform/ivrs.h"

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

static void walk(const void *data, size_t size)
{
    char defect[160];
    struct dmar dmar;
    struct ivrs ivrs;

    if ((dmar_parse(data, size, &dmar, defect) == 0) != (defect[0] == '\0'))
        abort();
    dmar_clear(&dmar);
    if ((ivrs_parse(data, size, &ivrs, defect) == 0) != (defect[0] == '\0'))
        abort();
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
