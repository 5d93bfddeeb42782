/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Preloaded into iommuctl: something happens when it freezes a file system, by
 * FREEZE_FAULT; a line in FREEZE_LOG, which lies on another one, tells that it did.
 *
 *   kill-child    the process that froze it is killed before it can thaw
 *   stop-child    it is stopped there; the other one's patience is made short
 *   kill-parent   the process that waits for it is killed
 *   cannot-thaw   in the child, thawing fails
 *   errno:N       freezing is refused with that number
 *   no-freeze     nothing is frozen though it says so: an unsafe writer
 *   no-lock       memory cannot be locked
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static pid_t first; /* the program itself */

__attribute__((constructor)) static void begin(void)
{
    first = getpid();
}

static int fault_is(const char *name)
{
    const char *fault = getenv("FREEZE_FAULT");

    return fault && strcmp(fault, name) == 0;
}

static void note(const char *line)
{
    const char *path = getenv("FREEZE_LOG");
    int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;

    if (fd < 0 || write(fd, line, strlen(line)) < 0)
        abort();
    close(fd);
}

static void frozen(void)
{
    note("frozen\n");
    if (fault_is("kill-child"))
        kill(getpid(), SIGKILL);
    if (fault_is("stop-child"))
        kill(getpid(), SIGSTOP);
    if (fault_is("kill-parent")) {
        kill(first, SIGKILL);
        while (getppid() == first)
            usleep(1000);
    }
}

int ioctl(int fd, unsigned long request, ...)
{
    int (*real)(int, unsigned long, ...) = dlsym(RTLD_NEXT, "ioctl");
    const char *fault = getenv("FREEZE_FAULT");
    void *argument;
    va_list args;
    int r;

    va_start(args, request);
    argument = va_arg(args, void *);
    va_end(args);
    if (request == FIFREEZE && fault && strncmp(fault, "errno:", 6) == 0) {
        note("refused\n");
        errno = atoi(fault + 6);
        return -1;
    }
    if (request == FITHAW)
        note("thawed\n");
    if ((request == FIFREEZE || request == FITHAW) && fault_is("no-freeze")) {
        note("skipped\n");
        return 0;
    }
    if (request == FITHAW && fault_is("cannot-thaw") && getpid() != first) {
        errno = EIO;
        return -1;
    }
    r = real(fd, request, argument);
    if (request == FIFREEZE && r == 0)
        frozen();
    return r;
}

int mlockall(int flags)
{
    int (*real)(int) = dlsym(RTLD_NEXT, "mlockall");

    if (!fault_is("no-lock"))
        return real(flags);
    note("refused\n");
    errno = EAGAIN;
    return -1;
}

int poll(struct pollfd *fds, nfds_t n, int timeout)
{
    int (*real)(struct pollfd *, nfds_t, int) = dlsym(RTLD_NEXT, "poll");

    return real(fds, n, fault_is("stop-child") && timeout > 1000 ? 1000 : timeout);
}
