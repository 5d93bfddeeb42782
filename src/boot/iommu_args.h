/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel (and Xen) make of the IOMMU's arguments on a command line, and how to
 * change them: the rules for tokens that are found, as data. Pure. Kernel parsers:
 * intel_iommu_setup (drivers/iommu/intel/iommu.c), parse_amd_iommu_options
 * (drivers/iommu/amd/init.c), iommu_setup (arch/x86/kernel/pci-dma.c).
 */
#ifndef BOOT_IOMMU_ARGS_H
#define BOOT_IOMMU_ARGS_H

#include "base/vendor.h"
#include "boot/kargs.h"

/* What one start of a kernel gets: pieces in the loader's order. Nothing behind a bare
   "--" in any piece is read, in the later pieces neither. */
struct cmdline {
    struct kargs **piece; /* borrowed */
    size_t pieces;
    size_t add_to; /* the piece that takes a new argument (before a bare "--" in or before
                      it) */
};

enum flag_state {
    FLAG_UNSET, /* no word about it: the kernel's own default decides */
    FLAG_ON,
    FLAG_OFF,
};

/* What the kernel will make of intel_iommu= or amd_iommu= (one vendor, not BOTH);
   iommu=off (sticky, kills both) counts as FLAG_OFF. AMD is read as kernels since 2.6.33
   do. */
enum flag_state cmdline_state(const struct cmdline *, enum vendor);

/* The hypervisor's iommu=. A false word anywhere counts as FLAG_OFF, since whether a
   later true one undoes it depends on Xen's version. */
enum flag_state cmdline_xen_state(const struct cmdline *);

enum flag_goal { GOAL_ENABLE, GOAL_DISABLE, GOAL_FORCE_OFF };

struct flag_want {
    enum flag_goal goal;
    enum vendor
        vendors;     /* enable, force-off: which flags; plain disable takes out both */
    bool exclusive;  /* enable: remove the other vendor's "on" */
    bool iommu_pt;   /* enable: add iommu=pt; disable: remove its "pt" */
    bool old_kernel; /* 2.6.x (EL5, EL6): no amd_iommu=off; iommu=soft blocks both */
};

/* What was met or done, as bits; each becomes a line of the report. */
enum flag_finding {
    FOUND_ADDED = 1 << 0,             /* a flag was appended, or "on" put into one */
    FOUND_REMOVED = 1 << 1,           /* an "on" was taken out */
    FOUND_OFF_DROPPED = 1 << 2,       /* an intel_iommu=off or amd_iommu=off gave way */
    FOUND_OFF_WRITTEN = 1 << 3,       /* --force-off */
    FOUND_MERGED = 1 << 4,            /* several of one name became one */
    FOUND_IOMMU_OFF_DROPPED = 1 << 5, /* iommu=off gave way */
    FOUND_SOFT_DROPPED = 1 << 6,      /* iommu=soft gave way (old kernels) */
    FOUND_SOFT_KEPT = 1 << 7,         /* iommu=soft stands (newer kernels): a note */
    FOUND_OTHER_VENDOR = 1 << 8,      /* the other vendor's "on" stands */
    FOUND_OTHER_REMOVED = 1 << 9,     /* --exclusive took it out */
    FOUND_IGFX_OFF = 1 << 10, /* igfx_off: the integrated GPU cannot be assigned */
    FOUND_INTREMAP_OFF =
        1 << 11, /* intremap=off or nointremap: interrupts not remapped */
    FOUND_PT_ADDED = 1 << 12,
    FOUND_PT_REMOVED = 1 << 13,
    FOUND_OFF_KEPT = 1 << 14,  /* disable met an "off" that is in force: left */
    FOUND_XEN_ADDED = 1 << 15, /* the hypervisor's iommu=1 */
    FOUND_XEN_REMOVED = 1 << 16,
    FOUND_XEN_OFF_DROPPED =
        1 << 17, /* a boolean "no" gave way on the hypervisor's line */
    FOUND_XEN_OTHER_ON =
        1 << 18, /* disable: turned on by another token than iommu=1: left */
};

/*
 * Change the pieces so that the goal holds; FINDINGS (bits or-ed in) tells what happened.
 * Nothing to do changes nothing; doing it twice changes nothing the second time. Only the
 * arguments intel_iommu, amd_iommu and iommu are ever touched. 0 or -ENOMEM (then the
 * pieces are to be thrown away); -EINVAL if there is no piece to add to.
 */
int cmdline_apply(struct cmdline *, const struct flag_want *, unsigned *findings);

/*
 * The same for a Xen hypervisor's own line. enable: every false boolean in its iommu=
 * lists is taken out (sticky in 4.0 to 4.8), and iommu=1 appended unless a true one
 * stands; "force" and "required" are never written. disable takes out exactly iommu=1;
 * force-off takes out every true boolean and writes iommu=0, but leaves the line alone
 * where "force" or "required" stands: Xen would refuse to boot.
 */
int cmdline_apply_xen(struct cmdline *, const struct flag_want *, unsigned *findings);

#endif
