/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
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

/* In the child: nothing but its inputs, its output and /dev/null stays open to it. */
static void become(const char *const *argv, const struct child_input *input,
                   size_t inputs, const int *feed_fd, int out)
{
    int null = open("/dev/null", O_RDWR);

    dup2(null, 0);
    dup2(out, 1);
    dup2(null, 2);
    if (null > 2)
        close(null);
    for (size_t i = 0; i < inputs; i++)
        dup2(feed_fd[i], input[i].fd);
    execve(argv[0], (char *const *)argv, (char *const *)environment);
    _exit(127);
}

static int gather(int fd, struct buf *output)
{
    ssize_t n;

    do {
        char *room = buf_room(output, 65536);

        if (!room)
            return -ENOMEM;
        n = read(fd, room, 65536);
        if (n > 0)
            output->len += (size_t)n;
    } while (n > 0 || (n < 0 && errno == EINTR));
    return n < 0 ? -errno : 0;
}

int child_run(const char *const *argv, const struct child_input *input, size_t inputs,
              struct buf *output, int *status, struct error *err)
{
    int feed_fd[INPUTS_MAX], out[2] = {-1, -1}, r;
    pid_t feeder[INPUTS_MAX], pid = -1;
    size_t fed = 0;

    r = inputs > INPUTS_MAX ? -EINVAL : high_pipe(out);
    while (!r && fed < inputs) {
        feeder[fed] = feed(input[fed].data, &feed_fd[fed]);
        if (feeder[fed] < 0)
            r = -EAGAIN;
        else
            fed++;
    }
    if (!r) {
        pid = fork();
        if (pid == 0)
            become(argv, input, inputs, feed_fd, out[1]);
        r = pid < 0 ? -errno : 0;
    }
    auto_close(&out[1]);
    for (size_t i = 0; i < fed; i++)
        close(feed_fd[i]);
    if (!r)
        r = gather(out[0], output);
    auto_close(&out[0]);
    *status = pid > 0 ? wait_for(pid) : 127;
    for (size_t i = 0; i < fed; i++)
        wait_for(feeder[i]);
    return r < 0 ? error_system(err, -r, argv[0], "cannot run the program") : 0;
}
