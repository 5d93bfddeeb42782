/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every path that the program reads of a machine, as one table: what a captured directory
 * has to hold for the same answers. Knows paths, not meanings. Who reads a new path adds
 * a row.
 */
#ifndef PLATFORM_FACTS_H
#define PLATFORM_FACTS_H

#include "base/base.h"

enum fact_kind {
    FACT_TEXT,  /* the bytes of a file */
    FACT_LINK,  /* where a symbolic link points */
    FACT_NAMES, /* the names in a directory */
    FACT_THERE, /* that it is there, and may be opened */
    FACT_LOG,   /* the kernel's log, which of the machine itself is no file */
    FACT_OURS,  /* a text that whoever reads a captured directory has as well */
};

struct fact {
    const char *path; /* '*' stands for any part of one name, '?' for a character */
    enum fact_kind kind;
    const char *only; /* TEXT: only the lines that begin so (a|b: or so), since no other
                         is read, and it may name a machine or its owner; NULL: all */
    bool secret_mode; /* root's alone on most machines: unreadable is worth a word */
};

extern const struct fact facts[];
extern const size_t facts_count;

#endif
