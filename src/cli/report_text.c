/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <unistd.h>

#include "cli/report.h"
#include "cli/report_capture.h"
#include "cli/report_devices.h"
#include "cli/report_tables.h"
#include "cli/report_verify.h"
#include "cli/text.h"

static const char *plural(size_t n, const char *one, const char *many)
{
    return n == 1 ? one : many;
}

static void print_line(const char *label, const char *text)
{
    printf("%-10s ", label);
    text_print(stdout, text);
    putchar('\n');
}

/* "on", "off", "no flag": for the vendor wanted; for both, or none, whatever there is. */
static void flag_column(const struct report *report, const struct outcome *o,
                        char column[40])
{
    const char *words[2];
    enum vendor vendors = report->choice.vendors;

    for (size_t v = 0; v < 2; v++)
        words[v] = o->state_after[v] == FLAG_UNSET ? "no flag"
                                                   : word_flag_state(o->state_after[v]);
    if (vendors == VENDOR_INTEL || o->entry->kind == ENTRY_XEN)
        snprintf(column, 40, "%s", words[0]);
    else if (vendors == VENDOR_AMD)
        snprintf(column, 40, "%s", words[1]);
    else if (streq(words[0], words[1]))
        snprintf(column, 40, "%s", words[0]);
    else
        snprintf(column, 40, "%s%s%s%s%s",
                 o->state_after[0] != FLAG_UNSET ? "intel " : "",
                 o->state_after[0] != FLAG_UNSET ? words[0] : "",
                 o->state_after[0] && o->state_after[1] ? ", " : "",
                 o->state_after[1] != FLAG_UNSET ? "amd " : "",
                 o->state_after[1] != FLAG_UNSET ? words[1] : "");
}

/* What the kernel does without a flag, by its configuration; "" if that is not known. */
static const char *own_default(const struct report *report, const struct entry *entry)
{
    static const char *const words[] = {
        [DRIVER_UNKNOWN] = "",
        [DRIVER_MISSING] = "built without the driver",
        [DRIVER_OFF] = "off by default",
        [DRIVER_PARTLY] = "on by default but for the integrated GPU",
        [DRIVER_ON] = "on by default",
    };
    enum vendor vendor = report->choice.vendors;

    if (entry->spared || (vendor != VENDOR_INTEL && vendor != VENDOR_AMD))
        return "";
    return words[kernel_driver(&entry->image, vendor)];
}

/* Behind a kernel's title. */
static void print_kernel(const struct report *report, const struct entry *entry)
{
    const char *version = entry->image.version, *own = own_default(report, entry);

    if (strstr(entry->title, version)) /* an unknown one, too */
        version = "";
    if (*version || *own)
        printf("  (%s%s%s)", version, *version && *own ? "; " : "", own);
}

static void print_entry(const struct report *report, const struct outcome *o,
                        bool verbose)
{
    const struct entry *entry = o->entry;
    char column[40] = "-";

    if (entry->slots && entry->kind != ENTRY_UNKNOWN)
        flag_column(report, o, column);
    printf("  %c %-8s ", entry->is_default ? '*' : ' ', column);
    text_print(stdout, entry->title);
    if (entry->kind == ENTRY_XEN)
        printf("  (Xen: its own iommu=)");
    else if (entry->kind == ENTRY_TEMPLATE)
        printf("  (what entries are made of)");
    else if (entry->kind == ENTRY_OTHER)
        printf("  (not Linux)");
    else if (entry->kind == ENTRY_UNKNOWN)
        printf("  (not known to be Linux)");
    else
        print_kernel(report, entry);
    putchar('\n');
    if (verbose && entry->slots) {
        printf("             line %u: ", entry->line);
        text_print(stdout, o->after);
        putchar('\n');
    }
}

/* As the caller reaches it: behind the name of the root. */
static void print_path(const struct report *report, const char *path)
{
    text_print(stdout, root_prefix(report->root));
    text_print(stdout, path);
}

static void print_stores(const struct report *report, bool verbose)
{
    for (size_t s = 0; s < report->host.stores; s++) {
        const struct store *store = report->host.store[s];

        putchar('\n');
        print_path(report, store->path);
        if (verbose || store->state == STORE_STALE) {
            printf("  (%s, %s: ", store->type->name, word_store_state(store->state));
            text_print(stdout, store->evidence);
            putchar(')');
        }
        putchar('\n');
        for (size_t i = 0; report->plan.outcome && i < report->host.entries; i++)
            if (report->host.entry[i]->store == store)
                print_entry(report, &report->plan.outcome[i], verbose);
    }
    if (report->host.stores)
        printf("\n");
}

static void print_remarks(FILE *out, const struct report *report, bool notes)
{
    for (size_t i = 0; i < report->plan.remarks; i++) {
        const struct remark *remark = &report->plan.remark[i];

        if (!remark->warning && !notes)
            continue;
        fprintf(out, "%s: ", remark->warning ? "warning" : "note");
        text_print(out, remark->text);
        putc('\n', out);
    }
}

static bool bold(void)
{
    const char *terminal = getenv("TERM");

    return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && terminal &&
           !streq(terminal, "dumb");
}

static void print_interrupted(const struct report *report)
{
    const struct generation *interrupted =
        report->journal ? journal_interrupted(report->journal) : NULL;

    if (interrupted)
        printf("Run %06u was interrupted; the next enable, disable or rollback undoes it "
               "first. Told is what that leaves.\n",
               interrupted->number);
}

static void print_recovered(const struct report *report)
{
    if (report->recovered)
        printf("Run %06u had been interrupted and was undone%s.\n", report->recovered,
               report->generation ? " first" : "");
}

static void print_status(const struct told *told)
{
    const struct report *report = told->report;
    bool verbose = told->options->verbose;
    char verdict[512];

    print_line("Firmware", report->choice.reason);
    if (report->choice.warning[0])
        print_line("", report->choice.warning);
    print_line("CPU", report->machine.cpu.id[0] ? report->machine.cpu.id : "unknown");
    if (report->choice.vendors != VENDOR_NONE)
        print_line("Flag", flag_names(report->choice.vendors));
    if (verbose)
        print_tables(report);
    if (report->foreign_platform)
        print_line("",
                   "chosen from this machine's tables, not the target's; see --platform");
    if (root_is_running(report->root)) {
        print_line("Running", report->machine.live.evidence);
        if (verbose && report->machine.live.cmdline)
            print_line("", report->machine.live.cmdline);
    }
    if (report->assigned)
        print_assign(&report->assign);
    print_stores(report, verbose);
    for (size_t i = 0; i < report->host.notes; i++) {
        fputs("note: ", stdout);
        text_print(stdout, report->host.note[i]);
        putchar('\n');
    }
    print_interrupted(report);
    report_verdict(report, verdict);
    if (bold())
        fputs("\033[1m", stdout);
    text_print(stdout, verdict);
    puts(bold() ? "\033[0m" : "");
}

static void print_generations(const struct report *report)
{
    if (!journal_count(report->journal)) {
        puts("there is nothing to roll back");
        return;
    }
    printf("%-6s  %-20s  %-10s  %-11s  FILES\n", "NUMBER", "TIME", "COMMAND", "STATE");
    for (size_t i = 0; i < journal_count(report->journal); i++) {
        const struct generation *g = journal_at(report->journal, i);

        printf("%06u  %-20s  %-10s  %-11s ", g->number, g->time, g->command,
               word_generation_state(g->state));
        for (size_t f = 0; f < g->files; f++)
            if (!ends_with(g->file[f].path, ".rollback")) {
                putchar(' ');
                text_print(stdout, g->file[f].path);
            }
        putchar('\n');
    }
}

/* What is started from the file; what other entries are made of is none. */
static size_t changed_entries(const struct report *report, const char *path)
{
    size_t n = 0;

    for (size_t i = 0; report->plan.outcome && i < report->host.entries; i++) {
        const struct outcome *o = &report->plan.outcome[i];

        n += streq(o->entry->store->path, path) && !streq(o->before, o->after) &&
             o->entry->kind != ENTRY_TEMPLATE;
    }
    return n;
}

static void print_change(const struct told *told, const struct change *change)
{
    const struct report *report = told->report;
    const char *would = told->options->request.check ? "would be " : "";
    size_t n;

    print_path(report, change->path);
    fputs(": ", stdout);
    if (told->command->action == ACTION_ROLLBACK) {
        printf("%sbrought back\n", would);
        return;
    }
    n = changed_entries(report, change->path);
    if (n)
        printf("%zu %s ", n, plural(n, "entry", "entries"));
    printf("%s%s\n", would,
           told->command->action == ACTION_ENABLE && !told->options->request.want.iommu_pt
               ? "given the flag"
               : "changed");
}

static void print_entry_changes(const struct report *report)
{
    for (size_t i = 0; report->plan.outcome && i < report->host.entries; i++) {
        const struct outcome *o = &report->plan.outcome[i];

        if (streq(o->before, o->after))
            continue;
        printf("  ");
        text_print(stdout, o->entry->title);
        printf("\n    before: ");
        text_print(stdout, o->before);
        printf("\n    after:  ");
        text_print(stdout, o->after);
        putchar('\n');
    }
}

/* What undoes the flag at the loader's prompt: for AMD, kernels 2.6 know iommu=off only.
 */
static void print_off_words(const struct report *report)
{
    enum vendor vendors = report->choice.vendors;
    bool old = false, xen = false;

    for (size_t i = 0; report->plan.outcome && i < report->host.entries; i++) {
        const struct outcome *o = &report->plan.outcome[i];

        old |= o->chosen && o->entry->image.old;
        xen |= o->chosen && o->entry->kind == ENTRY_XEN;
    }
    printf(", append %s%s",
           old && (vendors & VENDOR_AMD) ? "iommu=off"
           : vendors == VENDOR_BOTH      ? "intel_iommu=off amd_iommu=off"
           : vendors == VENDOR_AMD       ? "amd_iommu=off"
                                         : "intel_iommu=off",
           xen ? " (on Xen's own line iommu=0)" : "");
}

/* What to do now, and how to get out if it goes wrong. */
static void print_last_words(const struct told *told)
{
    const struct report *report = told->report;
    const char *state = told->options->request.state;

    if (report->generation) {
        fputs("The files of before are in ", stdout);
        if (state)
            text_print(stdout, state);
        else
            print_path(report, "/var/lib/iommuctl");
        printf("/%06u.\n", report->generation);
    }
    if (report->reboot_required == NO)
        puts("No reboot is needed: the running kernel is as the next start will be.");
    else
        puts("Reboot to make it take effect.");
    fputs("If it does not boot: press e", stdout);
    if (told->command->action == ACTION_ENABLE)
        print_off_words(report);
    else
        fputs(" at the menu and mend the kernel line", stdout);
    if (told->command->action == ACTION_ROLLBACK && report->generation)
        printf("; then iommuctl rollback %u.\n", report->generation);
    else
        puts(report->generation ? "; then iommuctl rollback." : ".");
}

/* A patch byte by byte, but nothing that a terminal would act on. */
static void print_diff(const char *diff)
{
    if (!isatty(STDOUT_FILENO)) {
        fputs(diff, stdout);
        return;
    }
    while (*diff) {
        size_t n = strcspn(diff, "\t\n");
        AUTO_FREE char *piece = strndup(diff, n);

        text_print(stdout, piece ? piece : "");
        if (diff[n])
            putchar(diff[n++]);
        diff += n;
    }
}

static void print_changed(const struct told *told)
{
    const struct report *report = told->report;
    const struct options *options = told->options;

    print_recovered(report);
    if (told->command->action == ACTION_ENABLE)
        printf("%s: %s\n", flag_names(report->choice.vendors), report->choice.reason);
    for (size_t i = 0; i < report->changes.count; i++)
        if (!ends_with(report->changes.change[i].path, ".rollback"))
            print_change(told, &report->changes.change[i]);
    if (options->verbose)
        print_entry_changes(report);
    if (told->diff)
        print_diff(told->diff);
    if (options->request.check)
        print_interrupted(report);
    else
        print_last_words(told);
}

static void print_unchanged(const struct told *told)
{
    const struct report *report = told->report;
    size_t chosen = 0;

    for (size_t i = 0; report->plan.outcome && i < report->host.entries; i++)
        chosen += report->plan.outcome[i].chosen;
    if (told->command->action == ACTION_ROLLBACK && told->options->request.generation)
        printf("unchanged: all is as it was before generation %06u\n",
               told->options->request.generation);
    else if (told->command->action == ACTION_ROLLBACK)
        puts("unchanged: no change of ours is left to undo");
    else if (told->command->action == ACTION_DISABLE && !told->options->force_off)
        puts("unchanged: the flag is on in no entry");
    else if (told->command->action == ACTION_DISABLE)
        printf("unchanged: the flag is off in all %zu entries\n", chosen);
    else if (report->later.exit != EXIT_CLASS_DONE)
        puts("unchanged: what can be edited here is as wanted");
    else if (!chosen)
        puts("unchanged: every kernel has the IOMMU on by default");
    else
        printf("unchanged: %s%s is in force in %s%zu %s\n",
               flag_names(report->choice.vendors),
               told->options->request.want.iommu_pt ? " with iommu=pt" : "",
               chosen == 1 ? "" : "all ", chosen, plural(chosen, "entry", "entries"));
    if (told->options->request.check)
        print_interrupted(report);
    else
        print_recovered(report);
}

static void print_result(const struct told *told)
{
    const struct report *report = told->report;

    switch (report->result) {
    case RESULT_NONE:
        if (told->command->action == ACTION_STATUS)
            print_status(told);
        else if (told->command->action == ACTION_DEVICES)
            print_devices(told);
        else if (told->command->action == ACTION_VERIFY)
            print_verify(&report->verify);
        else
            print_generations(report);
        break;
    case RESULT_UNCHANGED:
        print_unchanged(told);
        break;
    case RESULT_CHANGED:
        if (told->command->action == ACTION_CAPTURE)
            print_capture(told);
        else
            print_changed(told);
        break;
    case RESULT_NOT_APPLICABLE:
        printf("not applicable: %s\n", report->choice.reason);
        break;
    case RESULT_UNSUPPORTED:
        printf("no IOMMU: %s\n", report->choice.reason);
        break;
    }
}

/* A captured machine and a state directory of one's own are named as the caller did. */
static bool is_below_root(const struct request *request, const char *file)
{
    size_t n = request->state ? strlen(request->state) : 0;

    if (request->platform && streq(file, request->platform))
        return false;
    return !n || strncmp(file, request->state, n) != 0 || (file[n] && file[n] != '/');
}

/* One line: what, which file and line, what to do. */
static void print_error(const struct told *told, const struct error *err)
{
    fputs("iommuctl: ", stderr);
    if (err->file[0]) {
        const char *prefix = told->report->root && err->file[0] == '/' &&
                                     is_below_root(&told->options->request, err->file)
                                 ? root_prefix(told->report->root)
                                 : "";

        if (!starts_with(err->file, prefix) || !prefix[0])
            text_print(stderr, prefix);
        text_print(stderr, err->file);
        if (err->line)
            fprintf(stderr, ":%u", err->line);
        fputs(": ", stderr);
    }
    text_print(stderr, err->text);
    putc('\n', stderr);
}

static void print_warnings(const struct told *told)
{
    const struct report *report = told->report;
    bool verbose = told->options->verbose;

    if (told->command->action == ACTION_CAPTURE ||
        (report->result != RESULT_CHANGED && !verbose))
        return;
    if (told->command->action != ACTION_STATUS) {
        if (report->choice.warning[0] && report->choice.vendors != VENDOR_NONE &&
            told->command->action == ACTION_ENABLE)
            fprintf(stderr, "warning: %s\n", report->choice.warning);
        if (report->foreign_platform && told->command->action == ACTION_ENABLE &&
            told->options->request.vendor == VENDOR_NONE)
            fprintf(stderr,
                    "warning: the flag was chosen from the tables of this machine; if "
                    "the target is another, give --vendor or --platform\n");
        print_remarks(stderr, report, verbose);
    }
}

void report_errors(const struct told *told)
{
    const struct report *report = told->report;

    if (told->err->exit != EXIT_CLASS_DONE)
        print_error(told, told->err);
    else if (report->later.exit != EXIT_CLASS_DONE)
        print_error(told, &report->later);
    if (told->err->exit == EXIT_CLASS_DONE && report->unread.exit != EXIT_CLASS_DONE &&
        report->unread.exit != EXIT_CLASS_NOT_PERMITTED)
        print_error(told, &report->unread);
}

void report_text(const struct told *told)
{
    if (told->err->exit == EXIT_CLASS_DONE && !told->options->quiet) {
        print_result(told);
        fflush(stdout);
        print_warnings(told);
    }
    report_errors(told);
}
