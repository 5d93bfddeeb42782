/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every file may use: cleanup attributes and a few words the language lacks. */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define CLEANUP(function) __attribute__((cleanup(function)))
#define AUTO_FREE CLEANUP(auto_free)
#define AUTO_CLOSE CLEANUP(auto_close)

void auto_free(void *pointer_to_pointer);
void auto_close(int *fd); /* closes unless negative; errno is kept */

static inline bool streq(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

static inline bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static inline bool ends_with(const char *text, const char *suffix)
{
    size_t n = strlen(text), m = strlen(suffix);

    return n >= m && streq(text + n - m, suffix);
}

/*
 * Room for one more element of SIZE bytes in the array *ITEMS (a pointer of any type)
 * that holds N: grows it by doubling at each power of two, so no capacity is kept. 0 or
 * -ENOMEM (array untouched).
 */
int array_grow(void *items, size_t n, size_t size);

/* Text made as by printf, to be freed; NULL when memory is out. */
char *text_format(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
