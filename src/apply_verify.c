/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Gathers what verify.c decides on. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "apply_parts.h"
#include "platform/container.h"
#include "platform/kernel_log.h"

#define STAT_MAX (64 << 20) /* /proc/stat has a number an interrupt */

bool apply_verify_needs_host(const struct report *report)
{
    return root_is_running(report->root) && platform_is_live(report->platform);
}

/* For which vendor's flag the command line is read: the tables', else the likely one. */
static enum vendor vendor_of(const struct report *report)
{
    if (report->choice.vendors == VENDOR_INTEL || report->choice.vendors == VENDOR_AMD)
        return report->choice.vendors;
    if (report->machine.live.vendor == VENDOR_INTEL ||
        report->machine.live.vendor == VENDOR_AMD)
        return report->machine.live.vendor;
    return report->machine.cpu.vendor == VENDOR_AMD ? VENDOR_AMD : VENDOR_INTEL;
}

static int find_where(struct report *report, const char **sign)
{
    int r;

    *sign = "";
    if (!root_is_live(report->root)) {
        report->verify.facts.where = WHERE_OTHER_ROOT;
    } else if (!platform_is_live(report->platform)) {
        report->verify.facts.where = WHERE_CAPTURED;
    } else if (!root_is_running(report->root)) {
        report->verify.facts.where = WHERE_CHROOT;
    } else {
        r = container_look(report->platform, sign);
        if (r < 0)
            return r;
        report->verify.facts.where = r ? WHERE_CONTAINER : WHERE_RUNNING;
    }
    return 0;
}

static bool is_wanted(const struct report *report)
{
    return report->machine.live.state ==
           (report->verify.facts.want_off ? LIVE_OFF : LIVE_ON);
}

/* A unit that runs early may be here before the groups are. */
static int wait_for_it(const struct request *request, struct report *report,
                       struct error *err)
{
    const struct timespec pause = {.tv_nsec = 200 * 1000 * 1000};
    struct timespec now, end;

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += (time_t)request->wait;
    for (;;) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (is_wanted(report) || now.tv_sec > end.tv_sec ||
            (now.tv_sec == end.tv_sec && now.tv_nsec >= end.tv_nsec))
            return 0;
        nanosleep(&pause, NULL);
        live_clear(&report->machine.live);
        if (live_read(report->platform, &report->machine.live, err) < 0)
            return -ENOMEM;
        if (report->machine.xen)
            live_doubt_dom0(&report->machine.live);
    }
}

/* An old kernel that shows nothing may have said it. */
static void believe_log(struct report *report, const struct kernel_log *log)
{
    struct live *live = &report->machine.live;

    if (live->state != LIVE_UNKNOWN || log->on == VENDOR_NONE || report->machine.xen)
        return;
    live->state = LIVE_ON;
    live->vendor = log->on;
    snprintf(live->evidence, sizeof(live->evidence), "the kernel's log says so");
}

/* Is "on" one of the comma-separated words that stand for the IOMMU? */
static bool says_on(const struct karg *arg)
{
    const char *at = arg->value;

    if (!at || (!karg_is(arg, "intel_iommu") && !karg_is(arg, "amd_iommu")))
        return false;
    for (; at; at = strchr(at, ','), at = at ? at + 1 : NULL)
        if (starts_with(at, "on"))
            return true;
    return false;
}

static int read_flag(struct report *report)
{
    struct verify_facts *facts = &report->verify.facts;
    const char *text = report->machine.live.cmdline;
    struct kargs args, *piece = &args;
    struct cmdline line = {&piece, 1, 0};

    facts->flag = FLAG_UNSET;
    if (!text)
        return 0;
    if (kargs_parse(&args, text, KARGS_PLAIN, false) < 0)
        return -ENOMEM;
    facts->flag = cmdline_state(&line, vendor_of(report));
    for (size_t i = 0; i < kargs_end(&args); i++)
        facts->on_word |= says_on(&args.arg[i]);
    kargs_clear(&args);
    return 0;
}

/* How the kernel that runs was built is told by the tree that it was started from. */
static int read_driver(struct report *report, struct kernel *kernel, struct error *err)
{
    const char *release = report->machine.live.release;
    CLEANUP(auto_root_free) struct root *captured = NULL;
    AUTO_FREE char *image = text_format("/vmlinuz-%s", release ? release : "");
    struct root *root = report->root;
    int r;

    if (!image)
        return error_memory(err);
    if (report->verify.facts.where == WHERE_CAPTURED) {
        r = root_open(&captured, platform_dir(report->platform), err);
        if (r < 0)
            return r;
        root = captured;
    }
    if (release && !strchr(release, '/'))
        kernel_look(root, image, kernel);
    report->verify.facts.driver = kernel_driver(kernel, vendor_of(report));
    return 0;
}

static enum verify_firmware firmware_of(const struct report *report)
{
    if (report->machine.dmar_table.state == ACPI_VALID &&
        report->machine.ivrs_table.state == ACPI_VALID)
        return FIRMWARE_GIVES; /* both: which one is not asked for here */
    switch (report->choice.exit) {
    case EXIT_CLASS_DONE:
        return FIRMWARE_GIVES;
    case EXIT_CLASS_NO_IOMMU:
        return FIRMWARE_NONE;
    case EXIT_CLASS_DATA:
        return FIRMWARE_BROKEN;
    default:
        return FIRMWARE_UNREAD;
    }
}

/* When the kernel was started, in seconds since 1970; 0 if unknown. */
static long long boot_time(const struct platform *platform)
{
    AUTO_BLOB text = {NULL, 0};
    const char *line;

    if (platform_read(platform, "proc/stat", STAT_MAX, &text) < 0)
        return 0;
    line = starts_with(text.data, "btime ") ? text.data : strstr(text.data, "\nbtime ");
    return line ? strtoll(strchr(line, ' '), NULL, 10) : 0;
}

/* Did the default entry's file stand as it is before the kernel was started? A minute is
 * left for clocks that were set in between. */
static bool is_older(const struct report *report, const struct outcome *o)
{
    long long start = boot_time(report->platform);
    AUTO_PLACE place = PLACE_INIT;
    struct error ignored;
    struct stat st;

    return start > 0 &&
           root_find(report->root, o->entry->store->path, &place, &ignored) == 0 &&
           place_stat(&place, &st) == 0 && (long long)st.st_mtime + 60 < start;
}

/* The entry that the answer hangs on: of the kernel that runs, a Linux one that misses
 * the flag, rather the default one; else the default one. */
static const struct outcome *entry_of(const struct report *report)
{
    const char *release = report->machine.live.release;
    const struct outcome *found = report_default(report);
    size_t v = vendor_of(report) == VENDOR_AMD;

    if (report->verify.facts.next != NEXT_OFF || report->verify.facts.want_off)
        return found;
    for (size_t i = 0; report->plan.outcome && i < report->host.entries; i++) {
        const struct outcome *o = &report->plan.outcome[i];

        if (o->entry->kind == ENTRY_LINUX && !o->entry->recovery &&
            o->entry->store->state != STORE_STALE && release &&
            streq(o->entry->image.version, release) && o->state_after[v] != FLAG_ON &&
            !(found && streq(found->entry->image.version, release)))
            found = o;
    }
    return found;
}

static void look_ahead(struct report *report)
{
    struct verify_facts *facts = &report->verify.facts;
    const struct outcome *o = report_default(report);
    enum tristate next = report_next(report, vendor_of(report));

    facts->next = next == YES ? NEXT_ON : next == NO ? NEXT_OFF : NEXT_UNKNOWN;
    facts->older = o && next != UNKNOWN && is_older(report, o);
}

static void add_detail(struct report *report, const char *sign,
                       const struct kernel_log *log)
{
    struct verify *v = &report->verify;
    const struct machine *machine = &report->machine;
    const struct outcome *o = entry_of(report);

    switch (v->rule->detail) {
    case DETAIL_NONE:
        break;
    case DETAIL_EVIDENCE:
        snprintf(v->detail, sizeof(v->detail), "%s", machine->live.evidence);
        break;
    case DETAIL_FIRMWARE:
        snprintf(v->detail, sizeof(v->detail), "%s", report->choice.reason);
        break;
    case DETAIL_LOG:
        snprintf(v->detail, sizeof(v->detail), "\"%s\" (%s)", log->defect,
                 log->meaning ? log->meaning : "");
        break;
    case DETAIL_STORE:
        if (o)
            snprintf(v->detail, sizeof(v->detail), "entry \"%s\" in %s:%u",
                     o->entry->title, o->entry->store->path, o->entry->line);
        else if (report->unread.exit != EXIT_CLASS_DONE)
            snprintf(v->detail, sizeof(v->detail), "%s%s%s", report->unread.file,
                     report->unread.file[0] ? ": " : "", report->unread.text);
        break;
    case DETAIL_KERNEL:
        snprintf(v->detail, sizeof(v->detail), "%s",
                 machine->live.release ? machine->live.release : "");
        break;
    case DETAIL_WHERE:
        snprintf(v->detail, sizeof(v->detail), "%s",
                 *sign ? sign : root_prefix(report->root));
    }
}

int apply_verify(const struct request *request, struct report *report, struct error *err)
{
    struct verify *v = &report->verify;
    struct kernel_log log = {.on = VENDOR_NONE};
    struct kernel kernel = {.intel = DRIVER_UNKNOWN, .amd = DRIVER_UNKNOWN};
    const char *sign;
    int r = 0;

    v->facts = (struct verify_facts){.want_off = request->want_off};
    if (find_where(report, &sign) < 0)
        return error_memory(err);
    if (v->facts.where == WHERE_RUNNING && request->wait)
        r = wait_for_it(request, report, err);
    if (!r && v->facts.where <= WHERE_CAPTURED) {
        r = kernel_log_read(report->platform, &log);
        believe_log(report, &log);
        if (!r)
            r = read_driver(report, &kernel, err);
    }
    if (!r)
        r = read_flag(report);
    if (r < 0)
        return r == -ENOMEM ? error_memory(err) : r;
    v->facts.live = report->machine.live.state;
    v->facts.firmware = firmware_of(report);
    v->facts.inapplicable = !report->choice.applicable;
    v->facts.xen = report->machine.xen;
    v->facts.defect = log.defect[0];
    v->facts.forced = log.forced;
    v->facts.opt_in = report->machine.dmar_table.state == ACPI_VALID &&
                      (report->machine.dmar.flags & DMAR_DMA_CTRL_PLATFORM_OPT_IN);
    look_ahead(report);
    v->rule = verify_decide(&v->facts);
    add_detail(report, sign, &log);
    report->unread.exit = EXIT_CLASS_DONE; /* it stands in the detail, where it matters */
    return 0;
}
