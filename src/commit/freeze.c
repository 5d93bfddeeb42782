/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/freeze.h"

#include <errno.h>
#include <linux/fs.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"

#define PATIENCE 30000 /* milliseconds between two of the child's signs of life */

/* From the child, twice: it is ready; it has done. Positive errnos, or 0. */
struct report {
    int error;
    int thaw_error;
};

/* --- the child: async-signal-safe calls only ---------------------------------------- */

/* False: nobody is there to read it. */
static bool tell(int to, struct report report)
{
    return write(to, &report, sizeof(report)) == sizeof(report);
}

/* Without privileges it is the limit that forbids it, though the kernel speaks of memory.
 */
static int lock_memory(void)
{
    const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
    bool limited = setrlimit(RLIMIT_MEMLOCK, &all) < 0;

    if (mlockall(MCL_CURRENT | MCL_FUTURE) == 0)
        return 0;
    return limited && errno == ENOMEM ? EPERM : errno;
}

static int thaw(int fd)
{
    const struct timespec pause = {0, 10 * 1000 * 1000};
    int error = 0;

    for (int i = 0; i < 3; i++) {
        if (ioctl(fd, FITHAW, 0) == 0)
            return 0;
        error = errno;
        if (error == EINVAL) /* it is not frozen any more */
            return 0;
        nanosleep(&pause, NULL);
    }
    return error;
}

static void freezer(int fd, int from, int to) __attribute__((noreturn));

static void freezer(int fd, int from, int to)
{
    struct report done = {0, 0};
    char go = 0;

    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_IGN); /* all that can be */
    setsid();
    done.error = lock_memory();
    if (!tell(to, done) || done.error || read(from, &go, 1) != 1)
        _exit(0); /* nothing is frozen */
    done.error = ioctl(fd, FIFREEZE, 0) < 0 ? errno : 0;
    if (!done.error)
        done.thaw_error = thaw(fd);
    _exit(tell(to, done) ? 0 : 1);
}

/* --- the parent --------------------------------------------------------------------- */

struct watch {
    int fd;   /* of the file system */
    int from; /* the child's reports */
    int to;   /* its leave to begin */
    pid_t child;
};

static long long milliseconds(void)
{
    struct timespec now = {0, 0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* The child's next report: 0, -ESRCH: it is dead, -ETIMEDOUT. */
static int hear(const struct watch *w, struct report *report)
{
    long long end = milliseconds() + PATIENCE;
    struct pollfd ear = {.fd = w->from, .events = POLLIN};
    ssize_t n;
    int ready;

    do {
        long long left = end - milliseconds();

        ready = poll(&ear, 1, left > 0 ? (int)left : 0);
    } while (ready < 0 && errno == EINTR);
    if (ready <= 0)
        return ready < 0 ? -errno : -ETIMEDOUT;
    do
        n = read(w->from, report, sizeof(*report));
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    return n == sizeof(*report) ? 0 : -ESRCH;
}

static void end(struct watch *w, bool dead)
{
    if (dead)
        kill(w->child, SIGKILL);
    while (waitpid(w->child, NULL, 0) < 0 && errno == EINTR)
        ;
    w->child = -1;
}

/*
 * The child is dead or stopped, or could not thaw, or cannot be heard: do it in its
 * place. That this succeeds shows that all was frozen, which is what was wanted. The
 * child is to be dead first, or it freezes behind our thawing. Unless it says nothing: if
 * nothing is frozen then, it still waits for the disk, and thaws when it has done.
 */
static int take_over(struct watch *w, int why, bool *stuck)
{
    int error;

    if (why != -ETIMEDOUT)
        end(w, true);
    error = ioctl(w->fd, FITHAW, 0) < 0 ? errno : 0;
    *stuck = error && error != EINVAL;
    if (why == -ETIMEDOUT && error == EINVAL)
        w->child = -1;
    else if (why == -ETIMEDOUT)
        end(w, true);
    return error ? why : 0;
}

static int supervise(struct watch *w, bool *stuck)
{
    struct report report;
    const char go = 1;
    int r = hear(w, &report);

    if (!r)
        r = -report.error;
    if (!r && write(w->to, &go, 1) != 1)
        r = -errno;
    if (r < 0) {
        end(w, true); /* it has frozen nothing */
        return r;
    }
    r = hear(w, &report);
    if (r < 0)
        return take_over(w, r, stuck);
    if (report.thaw_error) {
        r = take_over(w, -report.thaw_error, stuck);
        return *stuck ? r : 0;
    }
    end(w, false);
    return -report.error;
}

static int start(struct watch *w, int down[2], int up[2])
{
    if (pipe(down) < 0 || pipe(up) < 0)
        return -errno;
    w->child = fork();
    if (w->child < 0)
        return -errno;
    if (w->child == 0) {
        close(down[1]);
        close(up[0]);
        freezer(w->fd, down[0], up[1]);
    }
    auto_close(&down[0]);
    auto_close(&up[1]);
    w->from = up[0];
    w->to = down[1];
    return 0;
}

int freeze_and_thaw(int fd, bool *stuck)
{
    struct watch w = {.fd = fd, .from = -1, .to = -1, .child = -1};
    int down[2] = {-1, -1}, up[2] = {-1, -1};
    int r = start(&w, down, up);

    *stuck = false;
    if (!r)
        r = supervise(&w, stuck);
    for (size_t i = 0; i < 2; i++) {
        auto_close(&down[i]);
        auto_close(&up[i]);
    }
    return r;
}
