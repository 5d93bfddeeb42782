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

struct child {
    const char *const *argv; /* argv[0] is a path */
    const struct child_input *input;
    size_t inputs;
    bool keep_language; /* LANG, LANGUAGE and LC_* as the caller's, not C */
    unsigned seconds;   /* how long it may take; 0: as long as it likes */
};

#define CHILD_TOO_LONG 124 /* as timeout(1) has it */

/*
 * Run the program and gather its standard output and, where ERRORS is not NULL, its
 * standard error. STATUS: its exit status, 128 + the signal that killed it, 127 if it
 * could not be started, CHILD_TOO_LONG if it was killed, with all that it had started,
 * when its time was up. Fails only for want of means.
 */
int child_run(const struct child *, struct buf *output, struct buf *errors, int *status,
              struct error *);

#endif
