/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/* What a caller sees as errno; the class is what the user sees. */
static const struct {
    enum exit_class class;
    int errnum;
} class_errnum[] = {
    {EXIT_CLASS_USAGE, EINVAL},
    {EXIT_CLASS_DATA, EBADMSG},
    {EXIT_CLASS_NO_LOADER, ENOENT},
    {EXIT_CLASS_NO_IOMMU, ENODEV},
    {EXIT_CLASS_INTERNAL, EPROTO},
    {EXIT_CLASS_UNCONFIRMED, EINPROGRESS},
    {EXIT_CLASS_IO, EIO},
    {EXIT_CLASS_BUSY, EBUSY},
    {EXIT_CLASS_NOT_PERMITTED, EPERM},
    {EXIT_CLASS_CONDITION, ECANCELED},
};

static enum exit_class errnum_class(int errnum)
{
    switch (errnum) {
    case EACCES:
    case EPERM:
        return EXIT_CLASS_NOT_PERMITTED;
    case ENOMEM:
        return EXIT_CLASS_INTERNAL;
    case ELOOP:
    case ENOTDIR:
    case EISDIR:
    case ENAMETOOLONG:
    case ENOENT:
        return EXIT_CLASS_DATA;
    default:
        return EXIT_CLASS_IO;
    }
}

static void fill(struct error *err, enum exit_class class, const char *file,
                 unsigned line, const char *format, va_list args) PRINTF_LIKE(5, 0);

static void fill(struct error *err, enum exit_class class, const char *file,
                 unsigned line, const char *format, va_list args)
{
    err->exit = class;
    err->line = line;
    err->command[0] = '\0';
    snprintf(err->file, sizeof(err->file), "%s", file ? file : "");
    vsnprintf(err->text, sizeof(err->text), format, args);
}

int error_set(struct error *err, enum exit_class class, const char *file, unsigned line,
              const char *format, ...)
{
    va_list args;

    va_start(args, format);
    fill(err, class, file, line, format, args);
    va_end(args);
    for (size_t i = 0; i < ARRAY_LEN(class_errnum); i++)
        if (class_errnum[i].class == class)
            return -class_errnum[i].errnum;
    return -EINVAL;
}

int error_system(struct error *err, int errnum, const char *file, const char *format, ...)
{
    va_list args;
    size_t n;

    va_start(args, format);
    fill(err, errnum_class(errnum), file, 0, format, args);
    va_end(args);
    n = strlen(err->text);
    snprintf(err->text + n, sizeof(err->text) - n, ": %s", strerror(errnum));
    return -errnum;
}

int error_named(struct error *err, int errnum, const char *dir, const char *message)
{
    error_system(err, errnum, dir, "%s", message);
    if (err->exit == EXIT_CLASS_DATA)
        err->exit = EXIT_CLASS_USAGE;
    return -errnum;
}

void error_command(struct error *err, const char *command)
{
    snprintf(err->command, sizeof(err->command), "%s", command);
}

int error_memory(struct error *err)
{
    error_set(err, EXIT_CLASS_INTERNAL, NULL, 0, "out of memory");
    return -ENOMEM;
}
