/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a refusal travels upwards: a function returns 0 or a negative errno and, when it
 * fails, fills the caller's struct error where the fact is known. Nothing below cli/
 * prints.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include "base/base.h"

/* Exit codes of the program (README, iommuctl(8)); most follow sysexits.h. */
enum exit_class {
    EXIT_CLASS_DONE = 0,
    EXIT_CLASS_NOT_AS_WANTED = 1,  /* verify */
    EXIT_CLASS_CHANGED = 2,        /* only with --detailed-exitcodes */
    EXIT_CLASS_REBOOT_PENDING = 3, /* verify */
    EXIT_CLASS_NOT_KNOWN = 4,      /* verify */
    EXIT_CLASS_USAGE = 64,         /* the command line of iommuctl is wrong */
    EXIT_CLASS_DATA = 65,          /* data that cannot be read, or that would not fit */
    EXIT_CLASS_NO_LOADER = 66,     /* no boot loader configuration */
    EXIT_CLASS_NO_IOMMU = 69,      /* the firmware shows no IOMMU */
    EXIT_CLASS_INTERNAL = 70,      /* our own check failed, or memory is out */
    EXIT_CLASS_UNCONFIRMED = 71,   /* committed, but something after it is unconfirmed */
    EXIT_CLASS_IO = 74,            /* reading or writing failed */
    EXIT_CLASS_BUSY = 75,          /* another run holds the lock */
    EXIT_CLASS_NOT_PERMITTED = 77,
    EXIT_CLASS_CONDITION = 78, /* the user has to choose, or to see to something first */
};

struct error {
    enum exit_class exit;
    char file[256];    /* the file spoken of, as seen below the root; "" if none */
    unsigned line;     /* 1-based; 0 if none */
    char text[512];    /* one line: what is wrong and what to do; no final full stop or
                          newline */
    char command[256]; /* what to run, word for word; "" if TEXT says all */
};

/* Fill ERR and return the negative errno that stands for CLASS. FILE may be NULL. */
int error_set(struct error *err, enum exit_class class, const char *file, unsigned line,
              const char *format, ...) PRINTF_LIKE(5, 6);

/*
 * The same for a failed system call: the class follows from ERRNUM (positive), whose text
 * is added behind the message. Returns -ERRNUM.
 */
int error_system(struct error *err, int errnum, const char *file, const char *format, ...)
    PRINTF_LIKE(4, 5);

/*
 * The same for a directory that the command line names: that it is not there, or is none,
 * is a fault of the command line (USAGE).
 */
int error_named(struct error *err, int errnum, const char *dir, const char *message);

/* Behind error_set: the command that does what this program does not. */
void error_command(struct error *err, const char *command);

int error_memory(struct error *err); /* out of memory: -ENOMEM, class INTERNAL */

#endif
