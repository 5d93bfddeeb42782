/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/attribute.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define TEXT_MAX 65536
#define PATH_ROOM 1024

/* False where the path would not fit: there is no such file then. */
PRINTF_LIKE(2, 0)
static bool make_path(char path[PATH_ROOM], const char *format, va_list args)
{
    int n = vsnprintf(path, PATH_ROOM, format, args);

    return n >= 0 && n < PATH_ROOM;
}

int attribute_text(const struct platform *p, char **text, const char *format, ...)
{
    AUTO_BLOB blob = {NULL, 0};
    char path[PATH_ROOM];
    va_list args;
    bool fits;
    size_t n;
    int r;

    *text = NULL;
    va_start(args, format);
    fits = make_path(path, format, args);
    va_end(args);
    if (!fits)
        return 0;
    r = platform_read(p, path, TEXT_MAX, &blob);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    n = strcspn(blob.data, "\n");
    while (n && strchr(" \t\r", blob.data[n - 1]))
        n--;
    blob.data[n] = '\0';
    *text = blob.data;
    blob.data = NULL;
    return 0;
}

bool attribute_number(const char *text, unsigned long limit, unsigned long *number)
{
    bool hex = text && starts_with(text, "0x");
    const char *digits = hex ? "0123456789abcdefABCDEF" : "0123456789";
    size_t n;

    if (!text)
        return false;
    text += hex ? 2 : 0;
    n = strspn(text, digits);
    if (!n || n > 12 || text[n])
        return false;
    *number = strtoul(text, NULL, hex ? 16 : 10);
    return *number < limit;
}

int attribute_link(const struct platform *p, char **name, const char *format, ...)
{
    AUTO_FREE char *target = NULL;
    char path[PATH_ROOM];
    const char *slash;
    va_list args;
    bool fits;
    int r;

    *name = NULL;
    va_start(args, format);
    fits = make_path(path, format, args);
    va_end(args);
    if (!fits)
        return 0;
    r = platform_link(p, path, &target);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    slash = strrchr(target, '/');
    *name = strdup(slash ? slash + 1 : target);
    return *name ? 0 : -ENOMEM;
}

int attribute_names(const struct platform *p, char ***names, bool *there,
                    const char *format, ...)
{
    char path[PATH_ROOM];
    va_list args;
    bool fits;
    int r;

    *names = NULL;
    va_start(args, format);
    fits = make_path(path, format, args);
    va_end(args);
    r = fits ? platform_list(p, path, names) : -ENOENT;
    if (there)
        *there = r == 0;
    if (r == 0 || r == -ENOMEM)
        return r;
    *names = calloc(1, sizeof(**names));
    return *names ? 0 : -ENOMEM;
}
