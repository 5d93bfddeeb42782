/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The I/O virtualization reporting structure of AMD-Vi, walked with every bound checked.
 * Layout: AMD I/O Virtualization Technology (IOMMU) Specification, publication 48882,
 * chapter 5. All numbers in the table are little-endian.
 */
#ifndef PLATFORM_IVRS_H
#define PLATFORM_IVRS_H

#include "base/buf.h"
#include "base/error.h"

struct ivrs_entry { /* a device entry of an IVHD block */
    uint8_t type;
    uint16_t device; /* bus, device, function */
    uint8_t setting;
    uint32_t extended; /* types 40h and up: the second doubleword */
};

struct ivrs_block {
    uint8_t type;  /* IVHD: 10h, 11h, 40h; IVMD: 20h all, 21h one device, 22h a range */
    uint8_t flags; /* IVMD: bit 0 unity, 1 read, 2 write, 3 exclusion range */
    uint16_t device;
    /* IVHD */
    uint16_t capability;
    uint64_t base;
    uint16_t segment;
    struct ivrs_entry *entry;
    size_t entries;
    /* IVMD */
    uint16_t last_device;
    uint64_t start, length;
};

struct ivrs {
    uint32_t info; /* IVinfo */
    struct ivrs_block *block;
    size_t blocks;
    size_t remapping_units; /* distinct IVHD base addresses */
    bool header_only;       /* no block at all: nothing to drive */
    bool whole;             /* the walk reached the end of the table */
};

/*
 * As dmar_parse. A device entry of an invalid type stops the walk too, since it has no
 * known length. Reported: no IVHD block, an IVHD whose base address is 0.
 */
int ivrs_parse(const void *data, size_t len, struct ivrs *, char defect[160]);
void ivrs_clear(struct ivrs *);

#endif
