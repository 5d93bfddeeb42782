/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/pe.h"

#include <errno.h>

#define SECTIONS_MAX 96 /* the specification's limit for what a loader takes */
#define SECTION_SIZE 40u
#define COFF_SIZE 24u /* with the signature before it */

static uint32_t le32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static unsigned le16(const uint8_t *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

int pe_find_section(const void *head, size_t len, const char *name,
                    struct pe_section *section)
{
    const uint8_t *p = head, *row;
    uint32_t coff, virtual_size;
    size_t sections, table;
    char padded[9] = "";

    if (len < 64 || memcmp(p, "MZ", 2) != 0)
        return -EINVAL;
    coff = le32(p + 60);
    if (coff > len || len - coff < COFF_SIZE || memcmp(p + coff, "PE\0\0", 4) != 0)
        return -EINVAL;
    sections = le16(p + coff + 6);
    table = coff + COFF_SIZE + le16(p + coff + 20);
    if (sections > SECTIONS_MAX || table > len || len - table < sections * SECTION_SIZE)
        return -EINVAL;
    memcpy(padded, name, strnlen(name, 8));
    for (size_t i = 0; i < sections; i++) {
        row = p + table + i * SECTION_SIZE;
        if (memcmp(row, padded, 8) != 0)
            continue;
        virtual_size = le32(row + 8);
        section->size = le32(row + 16); /* padded to the file's alignment */
        if (virtual_size && virtual_size < section->size)
            section->size = virtual_size;
        section->at = le32(row + 20);
        return 0;
    }
    return -ENOENT;
}
