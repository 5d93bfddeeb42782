/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the firmware's tables hold: for status --verbose, and for programs. */
#ifndef CLI_REPORT_TABLES_H
#define CLI_REPORT_TABLES_H

#include "base/json.h"
#include "cli/report.h"

void print_tables(const struct report *);

/* The whole of a table, or null where it was not walked. */
struct json *dmar_value(const struct dmar *, const struct pci_tree *);
struct json *ivrs_value(const struct ivrs *);

/* Words of the specifications' numbers; "unknown" for what is newer. */
const char *word_scope_type(uint8_t type);
const char *word_entry_type(uint8_t type);
const char *word_special(uint8_t variety);

#endif
