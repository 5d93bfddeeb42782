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

int live_read(const struct platform *, struct live *, struct error *);
void live_clear(struct live *);

#endif
