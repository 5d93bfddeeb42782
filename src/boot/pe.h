/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where a section lies in an EFI program (PE/COFF specification, "MS-DOS stub", "COFF
 * file header", "section table"). Pure, bounds-checked: the bytes may be anything.
 */
#ifndef BOOT_PE_H
#define BOOT_PE_H

#include "base/base.h"

#define PE_HEADERS 65536 /* bytes of the file's beginning that are enough */

struct pe_section {
    uint32_t at, size; /* in the file; nothing says that they lie inside it */
};

/* 0; -ENOENT: there is none of that NAME (8 characters at most); -EINVAL: no such
   program, or HEAD ends inside its headers. */
int pe_find_section(const void *head, size_t len, const char *name, struct pe_section *);

#endif
