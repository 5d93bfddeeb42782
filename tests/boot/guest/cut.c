/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Preloaded inside a guest: before call number CUT_AT of those that matter for what is on
 * the disk, tells so on the second serial line and stops for ever, for the host to cut
 * the power. With 0 the calls are only counted. A child of the program goes on
 * undisturbed. */
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static int calls, cut_at, renames[64], renamed;
static pid_t first;

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("CUT_AT");

    cut_at = number ? atoi(number) : 0;
    first = getpid();
}

__attribute__((destructor)) static void end(void)
{
    if (getpid() == first)
        fprintf(stderr, "calls %d\n", calls);
    for (int i = 0; getpid() == first && i < renamed; i++)
        fprintf(stderr, "renames %d\n", renames[i]);
}

static void count(const char *name)
{
    char line[80];
    int n, fd;

    if (getpid() != first)
        return;
    calls++;
    if (!strncmp(name, "rename", 6) &&
        renamed < (int)(sizeof(renames) / sizeof(*renames)))
        renames[renamed++] = calls;
    if (calls != cut_at)
        return;
    fd = open("/dev/ttyS1", O_WRONLY | O_NOCTTY);
    n = snprintf(line, sizeof(line), "mark %d before %s\n", calls, name);
    if (write(fd, line, (size_t)n) != n)
        abort();
    for (;;)
        pause();
}

#define NEXT(name) ((__typeof__(name) *)dlsym(RTLD_NEXT, #name))

int rename(const char *from, const char *to)
{
    count("rename");
    return NEXT(rename)(from, to);
}

int renameat(int dir, const char *from, int other, const char *to)
{
    count("renameat");
    return NEXT(renameat)(dir, from, other, to);
}

int unlinkat(int dir, const char *name, int flags)
{
    count("unlinkat");
    return NEXT(unlinkat)(dir, name, flags);
}

int mkdirat(int dir, const char *name, mode_t mode)
{
    count("mkdirat");
    return NEXT(mkdirat)(dir, name, mode);
}

int fsync(int fd)
{
    count("fsync");
    return NEXT(fsync)(fd);
}

int fdatasync(int fd)
{
    count("fdatasync");
    return NEXT(fdatasync)(fd);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list rest;
    void *argument;

    va_start(rest, request);
    argument = va_arg(rest, void *);
    va_end(rest);
    if (request == FIFREEZE || request == FITHAW)
        count(request == FIFREEZE ? "FIFREEZE" : "FITHAW");
    return NEXT(ioctl)(fd, request, argument);
}
