/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as the beginning of an EFI program, and as the JSON area of a LUKS2 header.
 */
#include "boot/measured.h"
#include "boot/pe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct binding binding = {.slot = -1};
    struct pe_section section;
    char list[96];
    unsigned pcr;

    (void)pe_find_section(data, size, ".cmdline", &section);
    pcr = measured_tokens((const char *)data, size, &binding);
    measured_list(binding.pcrs, list);
    if (pcr != 0 && pcr != 8 && pcr != 12)
        abort();
    return 0;
}
