/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The DMA remapping table of Intel VT-d, walked with every bound checked, into plain
 * structs. Layout: Intel Virtualization Technology for Directed I/O, architecture
 * specification, chapter 8 "BIOS Considerations": 8.1 the table's header, 8.2 the types,
 * 8.3 DRHD and its device scopes, 8.4 RMRR, 8.5 ATSR, 8.6 RHSA, 8.7 ANDD, 8.8 SATC, 8.9
 * SIDP. All numbers in the table are little-endian.
 */
#ifndef PLATFORM_DMAR_H
#define PLATFORM_DMAR_H

#include "base/buf.h"
#include "base/error.h"

/* Header flags, byte 37. */
enum dmar_flags {
    DMAR_INTR_REMAP = 1,
    DMAR_X2APIC_OPT_OUT = 2,
    DMAR_DMA_CTRL_PLATFORM_OPT_IN = 4,
};

enum dmar_type {
    DMAR_DRHD,
    DMAR_RMRR,
    DMAR_ATSR,
    DMAR_RHSA,
    DMAR_ANDD,
    DMAR_SATC,
    DMAR_SIDP
};

enum dmar_scope_type {
    SCOPE_ENDPOINT = 1,
    SCOPE_BRIDGE, /* and all that is behind it */
    SCOPE_IOAPIC,
    SCOPE_HPET,
    SCOPE_NAMESPACE,
};

struct dmar_scope { /* a device that a structure speaks of */
    uint8_t type;   /* enum dmar_scope_type, or one that is newer */
    uint8_t enumeration_id;
    uint8_t bus;
    uint8_t depth;       /* pairs in path */
    uint8_t path[16][2]; /* device, function; deeper paths are refused */
};

struct dmar_unit { /* one structure of any type; fields that a type lacks are 0 */
    enum dmar_type type;
    uint8_t flags; /* DRHD: bit 0 INCLUDE_ALL; ATSR: bit 0 ALL_PORTS */
    uint16_t segment;
    uint64_t base;    /* DRHD, RHSA: register base; RMRR: first byte */
    uint64_t end;     /* RMRR: last byte */
    uint32_t domain;  /* RHSA: proximity domain */
    uint8_t device;   /* ANDD: ACPI device number */
    const char *name; /* ANDD: borrowed from the table; else NULL */
    struct dmar_scope *scope;
    size_t scopes;
};

struct dmar {
    size_t length;  /* of the table; 0: not walked */
    uint16_t width; /* host address width in bits */
    uint8_t flags;
    struct dmar_unit *unit;
    size_t units;
    size_t remapping_units; /* how many are DRHD */
    bool header_only;       /* no structure at all: nothing to drive */
    bool whole;             /* the walk reached the end of the table */
    char warning[160]; /* the first fault that Linux warns of and lives with, or "" */
};

/*
 * 0, or -EBADMSG with DEFECT saying in words which structure at which offset is wrong (or
 * -ENOMEM); what was walked so far stays in the struct in any case, for dmar_clear.
 * Structures of unknown type are skipped. DATA must outlive the struct. Defects that stop
 * the walk: too short, a zero or too small length, a structure or scope past the end, an
 * odd or too small scope. Defects that are reported though the walk goes on (first one
 * wins): DRHD base 0, width below 12 bits (11 in the table, which holds one less), an
 * ANDD name without end, no DRHD. With each of these the kernel leaves the IOMMU off
 * (kernel: drivers/iommu/intel/dmar.c). Of an RMRR whose end is not behind its base it
 * warns only (drivers/iommu/intel/iommu.c, rmrr_sanity_check): a warning here. So is a
 * zero length behind a DRHD: since 3.19 the kernel stops there and takes what it has.
 */
int dmar_parse(const void *data, size_t len, struct dmar *, char defect[160]);
void dmar_clear(struct dmar *);

#endif
