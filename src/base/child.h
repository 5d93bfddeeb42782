/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Child programs: a fixed path, a clean environment (LC_ALL=C), no terminal, no shell. */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include "base/buf.h"
#include "base/error.h"

/* Bytes that the child can read from descriptor FD (3 and up, to be named /dev/fd/N).
   They go through a pipe and so never lie on a disk. */
struct child_input {
    int fd;
    const struct blob *data; /* absent: empty */
};

/*
 * Run ARGV[0] (a path) and gather its standard output. STATUS: its exit status, 128 + the
 * signal that killed it, 127 if it could not be started. Fails only for want of means.
 */
int child_run(const char *const *argv, const struct child_input *input, size_t inputs,
              struct buf *output, int *status, struct error *);

#endif
