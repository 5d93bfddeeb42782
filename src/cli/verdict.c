/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdarg.h>

#include "cli/report.h"
#include "cli/text.h"

/* Entries that start Linux or Xen, recovery ones aside, and those of them without the
 * flag. */
static void count_entries(const struct report *report, size_t *entries, size_t *without)
{
    enum vendor wanted = report->choice.vendors;

    *entries = *without = 0;
    for (size_t i = 0; report->plan.outcome && i < report->host.entries; i++) {
        const struct outcome *o = &report->plan.outcome[i];
        const struct entry *entry = o->entry;
        bool on = true;

        if ((entry->kind != ENTRY_LINUX && entry->kind != ENTRY_XEN) || entry->recovery ||
            entry->spared || entry->store->state == STORE_STALE)
            continue;
        if (wanted == VENDOR_NONE)
            on = o->state_after[0] == FLAG_ON || o->state_after[1] == FLAG_ON;
        if (wanted & VENDOR_INTEL)
            on &= o->state_after[0] == FLAG_ON;
        if (wanted & VENDOR_AMD)
            on &= o->state_after[1] == FLAG_ON;
        *entries += 1;
        *without += !on;
    }
}

enum tristate report_enabled(const struct report *report)
{
    size_t entries, without;

    count_entries(report, &entries, &without);
    if (!entries || report->unread.exit != EXIT_CLASS_DONE)
        return UNKNOWN;
    return without ? NO : YES;
}

enum tristate report_active(const struct report *report)
{
    if (!report->root || !root_is_running(report->root) ||
        !platform_is_live(report->platform) || report->machine.live.state == LIVE_UNKNOWN)
        return UNKNOWN;
    return report->machine.live.state == LIVE_ON ? YES : NO;
}

static void say(char text[512], const char *format, ...) PRINTF_LIKE(2, 3);

static void say(char text[512], const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(text, 512, format, args);
    va_end(args);
}

/* Why no flag can be named or nothing is known of the next start: true if that is all. */
static bool say_obstacle(const struct report *report, enum live_state live,
                         char text[512])
{
    const struct choice *choice = &report->choice;
    const struct error *unread = &report->unread;
    const char *now = live == LIVE_ON ? "On now. " : live == LIVE_OFF ? "Off now. " : "";

    if (!choice->applicable)
        say(text, "Not applicable: %s.", choice->reason);
    else if (unread->exit == EXIT_CLASS_NOT_PERMITTED ||
             (unread->exit == EXIT_CLASS_DONE &&
              choice->exit == EXIT_CLASS_NOT_PERMITTED))
        say(text, "%sUnknown: not root. Run it as root to see what the next start gives.",
            now);
    else if (unread->exit != EXIT_CLASS_DONE)
        say(text, "Unknown: the boot configuration could not be read.");
    else if (choice->exit == EXIT_CLASS_NO_IOMMU && report->machine.cpu.guest)
        say(text, "No IOMMU: %s.", choice->reason);
    else if (choice->exit == EXIT_CLASS_NO_IOMMU)
        say(text, "Firmware has it switched off, or it is not supported: %s.",
            choice->reason);
    else if (choice->exit != EXIT_CLASS_DONE)
        say(text, "Cannot choose the flag: %s.", choice->reason);
    else
        return false;
    return true;
}

void report_verdict(const struct report *report, char text[512])
{
    bool running = root_is_running(report->root) && platform_is_live(report->platform);
    enum live_state live = running ? report->machine.live.state : LIVE_UNKNOWN;
    size_t entries, without;

    count_entries(report, &entries, &without);
    if (say_obstacle(report, live, text))
        return;
    if (report->pending)
        say(text, "Publish pending: run %s, or iommuctl enable again.", report->pending);
    else if (!entries)
        say(text, "No entry starts a Linux kernel.");
    else if (live == LIVE_ON && !without)
        say(text, "On.");
    else if (live == LIVE_ON && report->reboot_required == YES)
        say(text, "On now, off after the next reboot: iommuctl enable keeps it on.");
    else if (live == LIVE_ON)
        say(text, "On now; %zu of %zu entries start without the flag: iommuctl enable.",
            without, entries);
    else if (live == LIVE_OFF && !without)
        say(text, "Reboot to turn the IOMMU on.");
    else if (live == LIVE_OFF)
        say(text,
            "Off. Run iommuctl enable, then reboot (%zu of %zu entries have no flag).",
            without, entries);
    else if (without)
        say(text, "Not set: %zu of %zu entries start without the flag: iommuctl enable.",
            without, entries);
    else
        say(text, "Set for the next start%s.",
            running ? "; whether it is on now is unknown" : "");
}

void report_log_line(const struct told *told, char text[512])
{
    const struct report *report = told->report;
    const struct error *err = told->err;

    text[0] = '\0';
    if (told->options->request.check || told->options->request.action == ACTION_STATUS ||
        told->options->request.action == ACTION_VERIFY ||
        told->options->request.action == ACTION_DEVICES)
        return;
    if (err->exit != EXIT_CLASS_DONE)
        say(text, "%s failed: %s%s%s", told->command->name, err->file,
            err->file[0] ? ": " : "", err->text);
    else if (report->generation)
        say(text, "%s changed %s%s (generation %06u)", told->command->name,
            report->changes.count ? report->changes.change[0].path : "",
            report->files > 1 ? " and others" : "", report->generation);
    else if (report->recovered)
        say(text, "%s undid the interrupted generation %06u", told->command->name,
            report->recovered);
}
