/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One-line files and links below sys/ and proc/, read with their bounds. */
#ifndef PLATFORM_ATTRIBUTE_H
#define PLATFORM_ATTRIBUTE_H

#include "platform/platform.h"

/*
 * The first line of the file, without blanks behind it; NULL in *TEXT where there is
 * none to be read. 0 or -ENOMEM. The path is made as by printf.
 */
int attribute_text(const struct platform *, char **text, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* A number, "0x1af4" or "16" as sysfs writes them: true if it is one below LIMIT. */
bool attribute_number(const char *text, unsigned long limit, unsigned long *number);

/* The last name in what the link says; NULL where there is no link. 0 or -ENOMEM. */
int attribute_link(const struct platform *, char **name, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* As platform_list, and an empty list where there is no directory. 0 or -ENOMEM; THERE
   may be NULL. */
int attribute_names(const struct platform *, char ***names, bool *there,
                    const char *format, ...) PRINTF_LIKE(4, 5);

#endif
