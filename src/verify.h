/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Is the IOMMU as it is wanted in the kernel that runs, and if not, what is the one most
 * likely cause. Pure: one const table over what was gathered, the first row that fits
 * wins. apply_verify.c gathers.
 */
#ifndef VERIFY_H
#define VERIFY_H

#include "base/vendor.h"
#include "boot/iommu_args.h"
#include "boot/kernel.h"
#include "platform/live.h"

enum verify_result { VERIFY_AS_WANTED, VERIFY_NOT, VERIFY_PENDING, VERIFY_UNKNOWN };

/* Whose kernel is looked at. */
enum verify_where {
    WHERE_RUNNING,    /* the one that runs here, started from this root */
    WHERE_CAPTURED,   /* the one of a captured directory */
    WHERE_OTHER_ROOT, /* --root: nobody knows what runs there */
    WHERE_CHROOT,     /* the kernel that runs was started from another root */
    WHERE_CONTAINER,
};

enum verify_firmware {
    FIRMWARE_GIVES,  /* a table that is in order */
    FIRMWARE_NONE,   /* no table */
    FIRMWARE_BROKEN, /* a table that is not */
    FIRMWARE_UNREAD, /* not permitted, or no table directory */
};

/* What the next start of the default entry gives. */
enum verify_next { NEXT_UNKNOWN, NEXT_OFF, NEXT_ON };

struct verify_facts {
    bool want_off;
    enum verify_where where;
    enum live_state live;
    enum verify_firmware firmware;
    enum flag_state flag;     /* what the running command line says for this vendor */
    enum driver_state driver; /* of the kernel that runs */
    enum verify_next next;
    bool inapplicable; /* this machine needs no flag */
    bool xen;          /* dom0: the hypervisor has the IOMMU */
    bool on_word;      /* an "on" stands in the running command line, in force or not */
    bool defect;       /* the kernel's log names one */
    bool older;        /* what the next start gives stood there before this kernel
                          started */
    bool forced; /* the kernel's log: on for tboot, whatever the command line says */
    bool opt_in; /* the firmware asks for the IOMMU whatever the command line says */
};

/* What belongs behind the words, in this very case. */
enum verify_detail {
    DETAIL_NONE,
    DETAIL_EVIDENCE, /* what the state rests on */
    DETAIL_FIRMWARE, /* what is with the tables */
    DETAIL_LOG,      /* the kernel's own message */
    DETAIL_STORE,    /* the file and entry that it hangs on */
    DETAIL_KERNEL,   /* its release */
    DETAIL_WHERE,    /* what was looked at */
};

struct verify_rule {
    const char *cause;                                        /* one word for programs */
    unsigned want, where, live, firmware, flag, driver, next; /* bits; 0: any */
    unsigned with, without;                                   /* enum verify_mark */
    enum verify_result result;
    const char *words;
    enum verify_detail detail;
    const char *advice; /* what to do, or NULL */
};

extern const struct verify_rule verify_rules[];
extern const size_t verify_rules_count;

/* There is one for all facts. */
const struct verify_rule *verify_decide(const struct verify_facts *);

#endif
