/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One ACPI table as the firmware gave it: found, read to the end, its header and checksum
 * judged. Layout of the 36-byte header: ACPI specification 6.5, section 5.2.6.
 */
#ifndef PLATFORM_ACPI_H
#define PLATFORM_ACPI_H

#include "platform/platform.h"

#define ACPI_HEADER_SIZE 36

enum acpi_state {
    ACPI_ABSENT,       /* the table directory is there and does not hold it */
    ACPI_NO_DIRECTORY, /* no table directory at all: nothing can be said */
    ACPI_UNREADABLE,   /* it may not be read; without a name: nor the directory listed */
    ACPI_CORRUPT,      /* read, and broken: see defect */
    ACPI_VALID,        /* read, header and checksum in order */
};

struct acpi_table {
    enum acpi_state state;
    char name[16];     /* the file's name: "DMAR", "DMAR1" */
    struct blob data;  /* the bytes, where read; cut to the header's length when VALID */
    bool masked;       /* its signature was altered by Xen, which keeps it from Linux */
    char defect[160];  /* CORRUPT or UNREADABLE: one line in words, without the table's
                          name */
    char warning[160]; /* VALID: a fault that Linux warns of and lives with, or "" */
};

/*
 * Look for SIGNATURE ("DMAR", "IVRS"): its file name, then NAME1. A signature that Xen
 * altered (DMAR as NUL+"MAR", "XMAR", "RMAD"; facts: Xen 4.0, 4.1-4.4, 4.6 on) is
 * accepted, and then the checksum is not asked for, since Xen does not always mend it.
 * Whatever is wrong with the table is a state; fails (-ENOMEM) only when memory is out.
 */
int acpi_find(const struct platform *, const char *signature, struct acpi_table *);
void acpi_clear(struct acpi_table *);

/* Judge bytes that were read: sets state, masked, defect, warning. A wrong checksum makes
   an IVRS corrupt, since the AMD driver refuses it (kernel: drivers/iommu/amd/init.c,
   check_ivrs_checksum); of other tables ACPICA only warns and Linux goes on. For
   acpi_find, tests, fuzzing. The data must be a blob of its own (a NUL is put behind what
   a VALID one keeps). */
void acpi_judge(struct acpi_table *, const char *signature);

#endif
