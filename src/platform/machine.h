/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All that the platform wing found out, in one struct. */
#ifndef PLATFORM_MACHINE_H
#define PLATFORM_MACHINE_H

#include "platform/acpi.h"
#include "platform/cpu.h"
#include "platform/dmar.h"
#include "platform/efi_vars.h"
#include "platform/ivrs.h"
#include "platform/live.h"

struct machine {
    char arch[32];
    bool x86;
    struct cpu cpu;
    struct acpi_table dmar_table, ivrs_table;
    struct dmar dmar; /* filled where the table could be walked */
    struct ivrs ivrs;
    bool viot; /* a VIOT table, whether or not it may be read: a virtio-iommu, which no
                  flag turns on */
    bool viot_driven;      /* the kernels have its driver; told by who knows them */
    char viot_lacking[96]; /* else what is known of it: "VERSION was built without" */
    bool xen; /* this is a Xen dom0: the tables are masked, or proc/xen/capabilities says
                 so */
    bool stoney; /* AMD's Stoney Ridge graphics: recent kernels then leave AMD-Vi off */
    struct live live;
    struct efi_vars efi;
};

/*
 * Broken, absent or unreadable tables are facts, not failures: a table whose walk finds a
 * defect becomes ACPI_CORRUPT with that defect. Fails only when memory is out.
 */
int machine_read(const struct platform *, struct machine *, struct error *);
void machine_clear(struct machine *);

#endif
