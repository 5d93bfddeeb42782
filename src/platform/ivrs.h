/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The I/O virtualization reporting structure of AMD-Vi, walked with every bound checked,
 * into plain structs. Layout: AMD I/O Virtualization Technology (IOMMU) Specification,
 * publication 48882, chapter 5 "IOMMU ACPI Support": 5.2.1 the table's header and IVinfo,
 * 5.2.2 the IVHD blocks and their device entries, 5.2.3 the IVMD blocks. All numbers in
 * the table are little-endian.
 */
#ifndef PLATFORM_IVRS_H
#define PLATFORM_IVRS_H

#include "base/buf.h"
#include "base/error.h"

/* IVinfo, the table's own flags. */
enum ivrs_info {
    IVRS_EFR_SUPPORTED = 1, /* the EFR images in IVHD 11h and 40h may be believed */
    IVRS_DMA_REMAP = 2,     /* devices were kept in check before the system started */
};

/* Flags of an IVMD. */
enum ivmd_flags {
    IVMD_UNITY = 1, /* to be mapped as it is */
    IVMD_READ = 2,
    IVMD_WRITE = 4,
    IVMD_EXCLUSION = 8, /* not to be translated */
};

enum ivrs_entry_type {
    IVRS_PAD4 = 0x00,
    IVRS_ALL = 0x01,
    IVRS_SELECT = 0x02,
    IVRS_RANGE_START = 0x03,
    IVRS_RANGE_END = 0x04,
    IVRS_PAD8 = 0x40,
    IVRS_ALIAS = 0x42,
    IVRS_ALIAS_RANGE_START = 0x43,
    IVRS_EXTENDED = 0x46,
    IVRS_EXTENDED_RANGE_START = 0x47,
    IVRS_SPECIAL = 0x48, /* an I/O APIC or HPET */
    IVRS_ACPI = 0xf0,    /* a device that the ACPI namespace names */
};

struct ivrs_entry { /* a device entry of an IVHD block; what a type lacks is 0 */
    uint8_t type;
    uint16_t device; /* bus, device, function */
    uint8_t setting;
    uint32_t extended;   /* types 40h to 7Fh: the second doubleword */
    uint16_t source;     /* alias: the device whose requests carry DEVICE; special: the
                            one that it requests as */
    uint8_t handle;      /* special: the id of the I/O APIC, the number of the HPET */
    uint8_t variety;     /* special: 1 I/O APIC, 2 HPET */
    char hid[9], cid[9]; /* ACPI: hardware and compatible id */
    uint8_t uid_type;    /* ACPI: 0 none, 1 a number, 2 text */
    uint8_t uid_length;  /* ACPI */
    const uint8_t *uid;  /* ACPI: borrowed from the table */
};

struct ivrs_block {
    uint8_t type;  /* IVHD: 10h, 11h, 40h; IVMD: 20h all, 21h one device, 22h a range */
    uint8_t flags; /* IVMD: enum ivmd_flags */
    uint16_t device;
    uint16_t segment;
    /* IVHD */
    uint16_t capability;
    uint64_t base;
    uint16_t info;       /* interrupt messages and unit id */
    uint32_t attributes; /* 10h: the features reported; 11h and 40h: the attributes */
    uint64_t efr[2];     /* 11h and 40h: images of the extended feature registers */
    struct ivrs_entry *entry;
    size_t entries;
    /* IVMD */
    uint16_t last_device;
    uint64_t start, length;
};

struct ivrs {
    size_t length; /* of the table; 0: not walked */
    uint32_t info; /* IVinfo: enum ivrs_info and widths */
    struct ivrs_block *block;
    size_t blocks;
    size_t remapping_units; /* distinct IVHD base addresses */
    bool header_only;       /* no block at all: nothing to drive */
    bool whole;             /* the walk reached the end of the table */
};

/* Widths in bits that IVinfo tells; 0: not told. */
unsigned ivrs_physical_width(const struct ivrs *);
unsigned ivrs_virtual_width(const struct ivrs *);

bool ivrs_is_unit(const struct ivrs_block *); /* an IVHD */

/*
 * As dmar_parse: DATA must outlive the struct. A device entry of an invalid type stops
 * the walk too, since it has no known length. Reported: no IVHD block, an IVHD whose base
 * address is 0.
 */
int ivrs_parse(const void *data, size_t len, struct ivrs *, char defect[160]);
void ivrs_clear(struct ivrs *);

#endif
