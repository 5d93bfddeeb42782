/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The text format that Prometheus' node_exporter collects from files. */
#include "cli/report.h"

static void gauge(const char *name, const char *help, enum tristate value)
{
    if (value == UNKNOWN)
        return;
    printf("# HELP iommuctl_%s %s\n", name, help);
    printf("# TYPE iommuctl_%s gauge\n", name);
    printf("iommuctl_%s %d\n", name, value == YES);
}

void report_prometheus(const struct told *told)
{
    const struct report *report = told->report;
    bool readable =
        told->err->exit == EXIT_CLASS_DONE && report->unread.exit == EXIT_CLASS_DONE;

    gauge("readable", "Whether all that decides the next start could be read.",
          readable ? YES : NO);
    if (told->err->exit == EXIT_CLASS_DONE) {
        gauge("enabled",
              "Whether every entry that starts Linux has the flag, recovery aside.",
              report_enabled(report));
        gauge("active", "Whether the IOMMU is on in the kernel that runs.",
              report_active(report));
        gauge("reboot_pending",
              "Whether the default entry will give another state than the one that runs.",
              report->reboot_required);
    }
    fflush(stdout);
    report_errors(told);
}
