/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a run found and did, for people (text) and for programs (JSON, metrics). */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "cli/options.h"

/* All that both tell: ERR is DONE on success; DIFF is NULL unless --diff. */
struct told {
    const struct options *options;
    const struct command *command;
    const struct report *report;
    const struct error *err;
    const char *diff;
    int exit; /* the process's exit status */
};

void report_text(const struct told *);
void report_errors(const struct told *); /* what failed, on standard error */
int report_json(const struct told *, struct error *);

/* For a monitoring system: what is unknown has no line. */
void report_prometheus(const struct told *);

/* Has every entry that starts Linux the flag, recovery ones aside? */
enum tristate report_enabled(const struct report *);

/* Is the IOMMU on in the kernel that runs? */
enum tristate report_active(const struct report *);

/* The one line that sums a status up; TEXT is the caller's room. */
void report_verdict(const struct report *, char text[512]);

/* What happened in one line, for the system log; "" if nothing that belongs there did. */
void report_log_line(const struct told *, char text[512]);

#endif
