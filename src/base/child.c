/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define INPUTS_MAX 4
#define HIGH_FD 32 /* pipes are made from here up, clear of the inputs' numbers */

static const char *const environment[] = {"LC_ALL=C",
                                          "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int high_pipe(int end[2])
{
    int low[2];

    if (pipe(low) < 0)
        return -errno;
    for (size_t i = 0; i < 2; i++) {
        end[i] = fcntl(low[i], F_DUPFD_CLOEXEC, HIGH_FD);
        close(low[i]);
    }
    if (end[0] >= 0 && end[1] >= 0)
        return 0;
    auto_close(&end[0]);
    auto_close(&end[1]);
    return -EMFILE;
}

/* A child of its own writes the input, so that nobody waits for anybody in a circle. */
static pid_t feed(const struct blob *data, int *read_end)
{
    int end[2];
    pid_t pid;

    if (high_pipe(end) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        size_t done = 0;
        ssize_t n = 1;

        close(end[0]);
        signal(SIGPIPE, SIG_DFL);
        signal(SIGXFSZ, SIG_DFL);
        while (done < data->len && n > 0) {
            n = write(end[1], data->data + done, data->len - done);
            done += n > 0 ? (size_t)n : 0;
        }
        _exit(0);
    }
    close(end[1]);
    if (pid < 0)
        close(end[0]);
    else
        *read_end = end[0];
    return pid;
}

/* The clean environment, and the caller's language if it is asked for. */
static void set_environment(const char *to[], size_t room, bool keep_language)
{
    size_t n = 0;

    for (size_t i = keep_language ? 1 : 0; environment[i]; i++)
        to[n++] = environment[i];
    for (char **p = environ; keep_language && p && *p && n + 1 < room; p++)
        if (starts_with(*p, "LANG=") || starts_with(*p, "LANGUAGE=") ||
            starts_with(*p, "LC_"))
            to[n++] = *p;
    to[n] = NULL;
}

/* In the child: nothing but its inputs, its outputs and /dev/null stays open to it. */
static void become(const struct child *child, const int *feed_fd, int out, int errors)
{
    const char *variables[24];
    int null = open("/dev/null", O_RDWR);

    set_environment(variables, ARRAY_LEN(variables), child->keep_language);
    setpgid(0, 0); /* so that its children can be stopped with it */
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(errors >= 0 ? errors : null, STDERR_FILENO);
    if (null > STDERR_FILENO)
        close(null);
    for (size_t i = 0; i < child->inputs; i++)
        dup2(feed_fd[i], child->input[i].fd);
    execve(child->argv[0], (char *const *)child->argv, (char *const *)variables);
    _exit(127);
}

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* What one descriptor has to give: 1: more to come, 0: its end. */
static int drain(int fd, struct buf *to)
{
    char *room = buf_room(to, 65536);
    ssize_t n;

    if (!room)
        return -ENOMEM;
    n = read(fd, room, 65536);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN ? 1 : -errno;
    buf_grew(to, (size_t)n);
    return n > 0;
}

/* Read both ends until they close, or the time is up: -ETIMEDOUT. */
static int gather(int out, int errors, struct buf *output, struct buf *error_output,
                  unsigned seconds)
{
    struct pollfd ends[2] = {{.fd = out, .events = POLLIN},
                             {.fd = errors, .events = POLLIN}};
    struct buf *to[2] = {output, error_output};
    long long deadline = now_ms() + seconds * 1000LL;

    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        long long left = deadline - now_ms();
        int ready = poll(ends, 2, !seconds ? -1 : left > 0 ? (int)left : 0);

        if (ready == 0)
            return -ETIMEDOUT;
        if (ready < 0 && errno != EINTR)
            return -errno;
        for (size_t i = 0; ready > 0 && i < 2; i++) {
            int more = ends[i].fd >= 0 && ends[i].revents ? drain(ends[i].fd, to[i]) : 1;

            if (more < 0)
                return more;
            if (!more)
                ends[i].fd = -1;
        }
    }
    return 0;
}

/* The ends of everything that ties a running child to us. */
struct ties {
    pid_t feeder[INPUTS_MAX];
    int feed_fd[INPUTS_MAX];
    size_t fed;
    int out[2], errors[2];
    pid_t pid;
};

static int start(const struct child *child, bool errors, struct ties *t)
{
    int r = child->inputs > INPUTS_MAX ? -EINVAL : high_pipe(t->out);

    if (!r && errors)
        r = high_pipe(t->errors);
    while (!r && t->fed < child->inputs) {
        t->feeder[t->fed] = feed(child->input[t->fed].data, &t->feed_fd[t->fed]);
        if (t->feeder[t->fed] < 0)
            r = -EAGAIN;
        else
            t->fed++;
    }
    if (r < 0)
        return r;
    t->pid = fork();
    if (t->pid == 0)
        become(child, t->feed_fd, t->out[1], t->errors[1]);
    return t->pid < 0 ? -errno : 0;
}

int child_run(const struct child *child, struct buf *output, struct buf *errors,
              int *status, struct error *err)
{
    struct ties t = {.out = {-1, -1}, .errors = {-1, -1}, .pid = -1};
    int r = start(child, errors != NULL, &t);

    auto_close(&t.out[1]);
    auto_close(&t.errors[1]);
    for (size_t i = 0; i < t.fed; i++)
        close(t.feed_fd[i]);
    if (!r)
        r = gather(t.out[0], t.errors[0], output, errors, child->seconds);
    auto_close(&t.out[0]);
    auto_close(&t.errors[0]);
    if (r < 0 && t.pid > 0)
        kill(-t.pid, SIGKILL);
    *status = t.pid > 0 ? wait_for(t.pid) : 127;
    for (size_t i = 0; i < t.fed; i++)
        wait_for(t.feeder[i]);
    if (r == -ETIMEDOUT) {
        *status = CHILD_TOO_LONG;
        return 0;
    }
    return r < 0 ? error_system(err, -r, child->argv[0], "cannot run the program") : 0;
}
