/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * stopwatch RUNS PREPARE COMMAND [ARGUMENT]...
 *
 * Run COMMAND three times to warm up and RUNS times by the clock, its output thrown away,
 * the shell command PREPARE (may be empty) before each, untimed. Prints the median wall
 * time of the whole process in milliseconds, the fastest one, and the most memory that a
 * run had resident, in KiB.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP 3

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void become(char **command)
{
    int null = open("/dev/null", O_RDWR);

    if (null >= 0) {
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
    }
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

/* Milliseconds, or negative when the command failed. */
static double run_once(char **command, long *kib)
{
    struct rusage usage;
    double begin = now(), end;
    int status;
    pid_t child = fork();

    if (child == 0)
        become(command);
    if (child < 0 || wait4(child, &status, 0, &usage) < 0)
        return -1;
    end = now();
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return -1;
    if (usage.ru_maxrss > *kib)
        *kib = usage.ru_maxrss;
    return end - begin;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    long runs = argc > 3 ? strtol(argv[1], NULL, 10) : 0, kib = 0;
    double *took, ms;

    if (runs < 1 || runs > 100000) {
        fprintf(stderr, "usage: stopwatch RUNS PREPARE COMMAND [ARGUMENT]...\n");
        return 64;
    }
    took = calloc((size_t)runs, sizeof *took);
    if (took == NULL)
        return EXIT_FAILURE;
    for (long i = -WARM_UP; i < runs; i++) {
        if (argv[2][0] != '\0' && system(argv[2]) != 0)
            return EXIT_FAILURE;
        ms = run_once(argv + 3, &kib);
        if (ms < 0) {
            fprintf(stderr, "stopwatch: %s failed\n", argv[3]);
            return EXIT_FAILURE;
        }
        if (i >= 0)
            took[i] = ms;
    }
    qsort(took, (size_t)runs, sizeof *took, compare);
    printf("%.2f %.2f %ld\n", took[runs / 2], took[0], kib);
    free(took);
    return EXIT_SUCCESS;
}
