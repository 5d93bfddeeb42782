/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which flag this machine needs: one const table, first row that fits wins. Drivers match
 * the firmware's table, not the processor's vendor (kernel: drivers/iommu/intel/dmar.c
 * detect_intel_iommu, drivers/iommu/amd/init.c amd_iommu_detect); the vendor
 * cross-checks.
 */
#ifndef PLATFORM_CHOOSE_H
#define PLATFORM_CHOOSE_H

#include "base/error.h"
#include "platform/machine.h"

struct choice {
    const char *rule; /* the row's name, for JSON and tests: "dmar", "both-tables", ... */
    enum vendor vendors;  /* the flags to write; NONE: see exit */
    enum exit_class exit; /* DONE, or why there is no flag */
    bool
        applicable; /* false: this machine needs no flag at all (not x86, virtio-iommu) */
    char reason[320];  /* one line: what was found, and on failure what to do */
    char warning[320]; /* one line worth saying although there is a flag, or "" */
};

/* FORCED: the user's --vendor, or VENDOR_NONE for auto. Pure. */
void choose_vendor(const struct machine *, enum vendor forced, struct choice *);

#endif
