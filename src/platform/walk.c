/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/walk.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int defect_note(char defect[DEFECT_SIZE], const char *format, ...)
{
    va_list args;

    if (!defect[0]) {
        va_start(args, format);
        vsnprintf(defect, DEFECT_SIZE, format, args);
        va_end(args);
    }
    return -EBADMSG;
}
