/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded, this counts allocations. ALLOC_COUNT=FILE: their number goes there at the
 * end. ALLOC_FAIL=N: the Nth fails; with ALLOC_ON=1, so do all behind it.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t boundary, size_t size);

static unsigned long count, fail;
static bool on, known;

static bool refused(void)
{
    if (!known) {
        const char *number = getenv("ALLOC_FAIL");

        fail = number ? strtoul(number, NULL, 10) : 0;
        on = getenv("ALLOC_ON");
        known = true;
    }
    count++;
    if (!fail || (on ? count < fail : count != fail))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refused() ? NULL : __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return refused() ? NULL : __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return refused() ? NULL : __libc_realloc(old, size);
}

void *memalign(size_t boundary, size_t size)
{
    return refused() ? NULL : __libc_memalign(boundary, size);
}

void *aligned_alloc(size_t boundary, size_t size)
{
    return memalign(boundary, size);
}

int posix_memalign(void **out, size_t boundary, size_t size)
{
    void *got = memalign(boundary, size);

    if (got)
        *out = got;
    return got ? 0 : ENOMEM;
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("ALLOC_COUNT");
    char text[32];
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600) : -1;

    if (fd >= 0) {
        int n = snprintf(text, sizeof(text), "%lu\n", count);

        if (write(fd, text, (size_t)n) == n)
            close(fd);
    }
}
