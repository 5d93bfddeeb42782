/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/limit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* The size of the process in pages, which /proc/self/statm begins with; 0: unknown. No
   allocation is made for it. */
static unsigned long pages(void)
{
    char text[64];
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    text[n] = '\0';
    return strtoul(text, NULL, 10);
}

static bool narrow(int resource, rlim_t most, struct rlimit *before)
{
    struct rlimit now;

    if (getrlimit(resource, before) < 0)
        return false;
    now = *before;
    if (now.rlim_cur != RLIM_INFINITY && now.rlim_cur <= most)
        return false;
    now.rlim_cur = most;
    return setrlimit(resource, &now) == 0;
}

void limits_set(struct limits *limits, size_t bytes, unsigned seconds)
{
    rlim_t has = (rlim_t)pages() * (rlim_t)sysconf(_SC_PAGESIZE);
    struct rusage used;

    limits->memory.set = has && narrow(RLIMIT_AS, has + bytes, &limits->memory.before);
    limits->time.set =
        getrusage(RUSAGE_SELF, &used) == 0 &&
        narrow(RLIMIT_CPU,
               (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + 1 + seconds,
               &limits->time.before);
}

void limits_lift(struct limits *limits)
{
    if (limits->memory.set)
        setrlimit(RLIMIT_AS, &limits->memory.before);
    if (limits->time.set)
        setrlimit(RLIMIT_CPU, &limits->time.before);
    limits->memory.set = limits->time.set = false;
}
