/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text that came from files, made fit for a terminal; and the words used in every report.
 */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdio.h>

#include "apply.h"

/*
 * TEXT with everything a terminal might act on, and what it cannot show, as \xHH: control
 * characters always, other than ASCII unless the locale is UTF-8 and the bytes are, too.
 */
void text_print(FILE *, const char *text);

bool text_terminal_is_utf8(void);
bool text_is_utf8(const char *text);       /* all of it */
size_t text_utf8_length(const char *text); /* of the character at TEXT; 0 if it is none */

const char *word_result(enum result);
const char *word_store_state(enum store_state);
const char *word_entry_kind(enum entry_kind);
const char *word_flag_state(enum flag_state);
const char *word_live_state(enum live_state);
const char *word_acpi_state(enum acpi_state);
const char *word_driver_state(enum driver_state);
const char *word_generation_state(enum generation_state);
const char *flag_names(enum vendor); /* "intel_iommu=on"; both, joined by a blank */

#endif
