/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the kernel said about the IOMMU when it started: the weakest evidence, for kernels
 * that have no better, and the source of what exactly it does not like. On the machine
 * itself from /dev/kmsg, or klogctl(3) where that cannot be read (before 3.5); of a
 * captured directory from var/log/dmesg, which holds the lines that mean something.
 */
#ifndef PLATFORM_KERNEL_LOG_H
#define PLATFORM_KERNEL_LOG_H

#include "base/buf.h"
#include "base/vendor.h"
#include "platform/platform.h"

struct kernel_log {
    bool read;           /* it could be: silence means little all the same, since old
                            messages make room for new ones */
    enum vendor on;      /* whose driver says that it drives the IOMMU */
    bool forced;         /* tboot, by which the machine was started, has switched it on */
    bool amd_asks;       /* RHEL 6: "pass amd_iommu=on to enable" */
    char defect[200];    /* the first complaint, in the kernel's words; "" if none */
    const char *meaning; /* what it comes to and what to do; NULL if no defect */
    struct buf *kept;    /* the lines that mean something go there, too; or NULL */
};

/* That it may not be read is no failure. Fails (-ENOMEM) only when memory is out. */
int kernel_log_read(const struct platform *, struct kernel_log *);

/* The lines that mean something, without their time: what a captured directory holds.
   Absent where it may not be read. 0 or -ENOMEM. */
int kernel_log_save(const struct platform *, struct blob *text);

/* One line of it, without what stands before the message or with it. For the reader and
   the tests. */
void kernel_log_line(struct kernel_log *, const char *line);

#endif
