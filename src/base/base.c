/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/base.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

void auto_free(void *pointer_to_pointer)
{
    free(*(void **)pointer_to_pointer);
}

void auto_close(int *fd)
{
    int kept = errno;

    if (*fd >= 0)
        close(*fd);
    errno = kept;
}

int array_grow(void *items, size_t n, size_t size)
{
    void *array, *grown;

    if (n & (n - 1)) /* not a power of two: the last doubling left room */
        return 0;
    if (n > SIZE_MAX / 2 / size)
        return -ENOMEM;
    memcpy(&array, items, sizeof(array)); /* a pointer of whatever type */
    grown = realloc(array, (n ? 2 * n : 1) * size);
    if (!grown)
        return -ENOMEM;
    memcpy(items, &grown, sizeof(grown));
    return 0;
}

char *text_format(const char *format, ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    return n < 0 ? NULL : text;
}
