/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One run: scan -> plan -> render -> audit -> commit, for status, enable, disable and
 * rollback. Fills a report; prints nothing and decides no exit code but an error's.
 */
#ifndef APPLY_H
#define APPLY_H

#include "capture.h"
#include "commit/journal.h"
#include "plan.h"
#include "platform/assign.h"
#include "platform/choose.h"
#include "platform/devices.h"
#include "platform/pci_tree.h"
#include "verify.h"

enum action {
    ACTION_STATUS,
    ACTION_ENABLE,
    ACTION_DISABLE,
    ACTION_ROLLBACK,
    ACTION_VERIFY,
    ACTION_DEVICES,
    ACTION_CAPTURE,
};

struct request {
    enum action action;
    const char *root, *platform, *state; /* NULL: "/", the machine, below the root */
    enum vendor vendor;                  /* --vendor, NONE for auto */
    struct want want;                    /* vendors are filled in by the run */
    bool check;                          /* change nothing, tell what would be */
    bool if_supported;                   /* no IOMMU is no failure */
    bool regenerate;                     /* run the distribution's generator, too */
    bool accept_measured_boot;           /* a passphrase may be asked for */
    bool boot_in_root;                   /* do not ask whether /boot is mounted */
    unsigned wait;                       /* seconds for the lock */
    unsigned generation;                 /* rollback: before which one; 0: the newest */
    bool force, list;                    /* rollback */
    const char *device;                  /* devices: this one; NULL: all */
    bool xml, dot;                       /* devices */
    bool want_off;                       /* verify: off is what is wanted */
    const char *directory;               /* capture: what to make */
};

enum result {
    RESULT_NONE, /* status, rollback --list: there is none */
    RESULT_UNCHANGED,
    RESULT_CHANGED,        /* or, with check, would be */
    RESULT_NOT_APPLICABLE, /* this machine needs no flag */
    RESULT_UNSUPPORTED,    /* no IOMMU, and --if-supported */
};

enum tristate { NO, YES, UNKNOWN };

/* What verify found out. */
struct verify {
    struct verify_facts facts;
    const struct verify_rule *rule; /* NULL where nothing was verified */
    char detail[800];               /* belongs behind the rule's words; "" if nothing */
};

struct report {
    struct root *root;
    struct platform *platform;
    struct journal *journal; /* NULL where it may not be read */
    struct machine machine;
    struct choice choice;  /* rule is NULL where none was made */
    bool foreign_platform; /* the tables are this machine's, the root is another's */
    bool firmware_speaks;  /* its variables are of the machine that starts the root */
    struct host host;
    struct overlay overlay;
    struct firmware firmware; /* of the machine that starts this root; its host's */
    struct plan plan;
    struct error
        unread; /* status: why the host could not be read; exit DONE if it could */
    struct changeset changes;
    size_t files; /* how many of the changes are not copies kept beside a file */
    const char
        *pending; /* status: what must be run to publish what is committed, or NULL */
    enum result result;
    unsigned generation; /* the one this run made, 0 if none */
    unsigned recovered;  /* the interrupted one that was settled first, 0 if none */
    enum tristate reboot_required;
    struct verify verify;
    struct devices devices;
    const struct pci_function *device; /* the one asked for, or NULL */
    struct pci_tree tree;              /* status: which function is behind which */
    struct assign assign;
    bool assigned; /* the assignment's wants were looked at */
    struct capture capture;
    struct error later; /* UNCONFIRMED: committed, and this remains; status: why the
                           rollback copies could not be read; else exit DONE */
};

/* 0, or a negative errno with ERR; the report is to be cleared either way. */
int apply_run(const struct request *, struct report *, struct error *);
void report_clear(struct report *);

/* The entry that starts if nobody chooses: the default of the loader that the firmware
   names, else of the first store that may boot. */
const struct outcome *report_default(const struct report *);

/* Will that vendor's IOMMU be on after the next start of that entry? */
enum tristate report_next(const struct report *, enum vendor);

#endif
