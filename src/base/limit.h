/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Bounds for a library that, once an allocation has failed it, goes on for ever and takes
 * more and more. Source: setrlimit(2), RLIMIT_AS and RLIMIT_CPU; proc(5), statm.
 */
#ifndef BASE_LIMIT_H
#define BASE_LIMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

struct limits {
    struct {
        struct rlimit before;
        bool set;
    } memory, time;
};

/* From here to limits_lift the process gets at most BYTES more, behind which allocations
   fail, and so many SECONDS of processor more, behind which SIGXCPU ends it. A limit that
   is narrower stands; where the system does not tell what is used up, there is none. */
void limits_set(struct limits *, size_t bytes, unsigned seconds);
void limits_lift(struct limits *);

#endif
