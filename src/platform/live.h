/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Is the IOMMU on in the kernel that runs now, and on what evidence. Reads proc and sys
 * of the platform directory only; never meaningful for a foreign root.
 */
#ifndef PLATFORM_LIVE_H
#define PLATFORM_LIVE_H

#include "base/vendor.h"
#include "platform/platform.h"

enum live_state { LIVE_UNKNOWN, LIVE_OFF, LIVE_ON };

struct live {
    enum live_state state;
    enum vendor vendor; /* whose driver, where sys/class/iommu names it; else NONE */
    size_t units;       /* dmarN and ivhdN in sys/class/iommu */
    size_t groups;      /* IOMMU groups that hold a PCI device */
    bool interrupts_remapped; /* "IR-" controllers in proc/interrupts */
    char evidence[160];       /* one line: what the state rests on */
    char *cmdline;            /* proc/cmdline less its newline; NULL if unknown; owned */
    char *release;            /* proc/sys/kernel/osrelease; NULL if unknown; owned */
};

/*
 *  what is seen                                            state    vendor
 *  dmarN, ivhdN in sys/class/iommu                         ON       by their names
 *  groups with PCI devices (not of no-IOMMU vfio)          ON       NONE
 *  sys/devices/system/iommu (to 2.6.38; made on success)   ON       INTEL
 *  none of these, in a Xen dom0: Xen drives it             UNKNOWN  NONE
 *  none; sys/kernel/iommu_groups readable, and 3.17 on
 *  or sys/class/iommu readable: it would show              OFF      NONE
 *  else                                                    UNKNOWN  NONE
 *
 * Remapped interrupts prove nothing here: they come without the rest. Fails only when
 * memory is out.
 */
int live_read(const struct platform *, struct live *, struct error *);

/* 1 if proc/xen/capabilities says that this kernel runs as Xen's dom0, else 0; -ENOMEM.
 */
int live_is_dom0(const struct platform *);
/* Xen hides the IOMMU from dom0: what looked OFF is UNKNOWN. */
void live_doubt_dom0(struct live *);
void live_clear(struct live *);

#endif
