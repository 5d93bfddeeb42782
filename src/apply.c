/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply.h"

#include <errno.h>
#include <unistd.h>

#include "apply_parts.h"
#include "base/disk.h"
#include "boot/audit.h"
#include "boot/loader_state.h"
#include "regenerate.h"

const char *const action_words[] = {
    [ACTION_STATUS] = "status",   [ACTION_ENABLE] = "enable",
    [ACTION_DISABLE] = "disable", [ACTION_ROLLBACK] = "rollback",
    [ACTION_VERIFY] = "verify",   [ACTION_CAPTURE] = "capture",
    [ACTION_DEVICES] = "devices",
};

/* What the machine is, and, where a flag has to be written, which. */
static int look_at_machine(const struct request *request, struct report *report,
                           struct error *err)
{
    int r = platform_open(&report->platform, request->platform, err);

    if (!r)
        r = machine_read(report->platform, &report->machine, err);
    if (r < 0)
        return r;
    report->foreign_platform = !request->platform && !root_is_live(report->root);
    report->firmware_speaks = request->platform || root_is_running(report->root);
    r = apply_look_at_viot(request, report, err);
    if (r < 0)
        return r;
    choose_vendor(&report->machine, request->vendor, &report->choice);
    return 0;
}

/* Is there a flag to write at all? 1: go on; 0: the run is over, the result says why. */
static int settle_flag(const struct request *request, struct report *report,
                       struct want *want, struct error *err)
{
    const struct choice *choice = &report->choice;

    *want = request->want;
    if (want->goal == GOAL_DISABLE)
        return 1;
    if (!choice->applicable) {
        report->result = RESULT_NOT_APPLICABLE;
        return 0;
    }
    if (choice->exit == EXIT_CLASS_NO_IOMMU && request->if_supported) {
        report->result = RESULT_UNSUPPORTED;
        return 0;
    }
    if (choice->exit != EXIT_CLASS_DONE)
        return error_set(err, choice->exit, NULL, 0, "%s", choice->reason);
    want->vendors = choice->vendors;
    return 1;
}

int apply_check_boot(const struct request *request, struct report *report,
                     struct error *err)
{
    /* with the state last, which --state moves elsewhere */
    static const char *const paths[] = {"/boot",      "/boot/efi",        "/efi",
                                        "/boot/grub", "/boot/grub2",      "/var",
                                        "/var/lib",   "/var/lib/iommuctl"};
    size_t n = ARRAY_LEN(paths) - (request->state ? 3 : 0);
    int r = 0;

    for (size_t i = 0; !r && !request->boot_in_root && i < n; i++)
        r = disk_check_mounted(report->root, paths[i], err);
    return r;
}

static int read_through(const void *context, const char *path, struct blob *text,
                        struct error *err)
{
    return journal_read_through(context, path, text, err);
}

static void forget_host(struct report *report)
{
    plan_clear(&report->plan);
    host_clear(&report->host);
}

/* Below --root the firmware is another machine's, unless --platform says whose. */
static void take_firmware(struct report *report)
{
    char *const *value = report->machine.efi.value;

    if (!report->firmware_speaks)
        return;
    report->firmware = (struct firmware){
        .loader = value[EFI_LOADER_INFO],
        .preferred = value[EFI_ENTRY_PREFERRED],
        .chosen = value[EFI_ENTRY_DEFAULT],
        .last = value[EFI_ENTRY_LAST],
        .next = value[EFI_ENTRY_ONE_SHOT],
    };
}

/* Where systemd-boot lists something: a variable that may name another default. */
static int note_firmware(struct report *report, struct error *err)
{
    const struct host *host = &report->host;
    bool listed = false;
    int r = 0;

    for (size_t i = 0; i < host->entries; i++)
        listed |= host->entry[i]->by_systemd;
    for (int i = 0; !r && report->firmware_speaks && listed && i < EFI_VARS; i++) {
        int e = report->machine.efi.error[i];

        if (e)
            r = host_add_note(&report->host, err,
                              "the firmware's variable %s could not be read (%s): what "
                              "starts if nobody chooses may be another entry",
                              efi_var_names[i],
                              e == -EBADMSG ? "it is no text" : strerror(-e));
    }
    return r;
}

int apply_scan(struct report *report, struct error *err)
{
    const struct overlay *overlay = NULL;
    int r;

    if (report->journal && journal_interrupted(report->journal)) {
        report->overlay = (struct overlay){read_through, report->journal};
        overlay = &report->overlay;
    }
    forget_host(report);
    take_firmware(report);
    r = host_scan_with(report->root, overlay, &report->firmware, &report->host, err);
    return r ? r : note_firmware(report, err);
}

/* Defaults alone start nothing: what is made of them has to be there. */
static int check_fed(const struct host *host, struct error *err)
{
    const struct store *feeder = NULL;

    for (size_t i = host->stores; i--;)
        if (!host->store[i]->type->starts)
            feeder = host->store[i];
    for (size_t i = 0; feeder && i < host->entries; i++) {
        const struct entry *entry = host->entry[i];

        if (entry->store->type->starts && entry->kind != ENTRY_TEMPLATE &&
            (entry->kind != ENTRY_OTHER || !host->blscfg))
            return 0;
    }
    return feeder && !apply_makes_entries(host->root)
               ? error_set(err, EXIT_CLASS_NO_LOADER, feeder->path, 0,
                           "feeds a grub.cfg or loader entries, and none with an entry "
                           "was found below /boot; mount /boot, or run the generator "
                           "(update-grub, grub2-mkconfig -o ..., kernel-install) first")
               : 0;
}

/* A loader that may start this machine and that we cannot edit: never say done then. */
static int check_stores(const struct host *host, struct error *err)
{
    if (!host->stores && host->unhandled)
        return error_set(
            err, EXIT_CLASS_NO_LOADER, host->unhandled_path, 0,
            "belongs to %s, which this version of iommuctl cannot edit; "
            "write the flag into its append=\"...\" yourself, then run: lilo",
            host->unhandled);
    if (!host->stores && host->ostree)
        return error_set(err, EXIT_CLASS_CONDITION, host->ostree, 0,
                         "ostree's deployments hold the command line, and none of its "
                         "loader entries was found; see: rpm-ostree kargs");
    if (!host->stores)
        return error_set(
            err, EXIT_CLASS_NO_LOADER, NULL, 0,
            "no boot loader configuration was found below /boot or /etc; mount "
            "/boot, or say where with --root");
    if (host->unhandled)
        return error_set(err, EXIT_CLASS_CONDITION, host->unhandled_path, 0,
                         "%s is here beside GRUB, and this version of iommuctl cannot "
                         "edit it; remove what does not boot this machine",
                         host->unhandled);
    return check_fed(host, err);
}

static int scan_and_plan(struct report *report, const struct want *want,
                         struct error *err)
{
    int r = apply_scan(report, err);

    if (!r && report->host.ostree && !report->host.stores)
        r = apply_check_ostree(report, want, err);
    if (!r)
        r = check_stores(&report->host, err);
    return r ? r : plan_make(&report->host, want, &report->plan, err);
}

static const struct store *store_of(const struct host *host, const char *path)
{
    for (size_t i = 0; i < host->stores; i++)
        if (streq(host->store[i]->path, path))
            return host->store[i];
    return NULL;
}

static int audit(const struct report *report, struct error *err)
{
    const struct changeset *set = &report->changes;
    int r = 0;

    for (size_t i = 0; !r && i < set->count; i++) {
        const struct change *c = &set->change[i];

        if (c->how == WRITE_IN_PLACE)
            r = audit_blocks(c->path, &c->before, &c->after, err);
        else if (store_of(&report->host, c->path)->type->unjoined)
            r = audit_lines(c->path, &c->before, &c->after, err);
        else
            r = audit_texts(c->path, &c->before, &c->after, err);
    }
    return r;
}

#define BESIDE_MAX ((size_t)64 << 20) /* nobody's menu; the whole of it is kept */

/* The text of now also stays beside a menu, for "configfile" at the loader's prompt. */
static int keep_beside(struct report *report, size_t index, struct error *err)
{
    struct changeset *set = &report->changes;
    AUTO_FREE char *path = text_format("%s" ROLLBACK_SUFFIX, set->change[index].path);
    AUTO_PLACE place = PLACE_INIT;
    struct change *copy = changeset_add(set);
    struct change *change = &set->change[index];
    struct stat st;

    if (!path || !copy)
        return error_memory(err);
    copy->how = WRITE_REPLACE;
    copy->rank = -1; /* before what it is a copy of */
    copy->like = strdup(change->path);
    if (!copy->like ||
        blob_copy(&copy->after, change->before.data, change->before.len) < 0)
        return error_memory(err);
    if (root_find(report->root, path, &place, err) < 0)
        return -EIO;
    if (place.linked)
        return error_set(err, EXIT_CLASS_CONDITION, path, 0,
                         "is a symbolic link, and a copy of the menu belongs there; see "
                         "where it leads, then remove it");
    copy->path = strdup(place.path);
    if (!copy->path)
        return error_memory(err);
    if (place_stat(&place, &st) == -ENOENT)
        return 0;
    return place_read(&place, BESIDE_MAX, &copy->before, NULL, err);
}

static int render(struct report *report, struct error *err)
{
    size_t n;
    int r;

    changeset_clear(&report->changes);
    r = plan_render(&report->plan, &report->changes, err);
    if (!r)
        r = audit(report, err);
    n = report->files = report->changes.count;
    for (size_t i = 0; !r && i < n; i++)
        if (store_of(&report->host, report->changes.change[i].path)->type->keep_rollback)
            r = keep_beside(report, i, err);
    return r;
}

/* Write the changes. What is committed though something remains open is no failure here.
 */
int apply_commit(const struct request *request, struct report *report, struct error *err)
{
    int r;

    report->changes.command = action_words[request->action];
    r = apply_publish_begin(report, err);
    if (!r)
        r = commit_run(report->journal, &report->changes, &report->generation, err);
    if (r < 0 && err->exit == EXIT_CLASS_UNCONFIRMED) {
        report->later = *err;
        r = 0;
    }
    return r;
}

/* The lock, what an interrupted run left, and what one could not confirm. From here on
   nobody else writes. */
int apply_begin_writing(const struct request *request, struct report *report,
                        struct error *err)
{
    int r = journal_lock(report->journal, request->wait, err);

    if (!r)
        r = journal_recover(report->journal, &report->recovered, err);
    if (!r)
        r = journal_confirm(report->journal, err);
    if (r < 0 && err->exit == EXIT_CLASS_UNCONFIRMED) {
        report->later = *err;
        r = 0;
    }
    return r;
}

static int prepare(const struct request *request, struct report *report,
                   const struct want *want, struct error *err)
{
    int r = scan_and_plan(report, want, err);

    if (!r)
        r = render(report, err);
    return r ? r : apply_check_conditions(request, report, want, err);
}

/* Refuse what could not be written before anything is made, the state directory included.
 */
static int check_writable(const struct report *report, struct error *err)
{
    int r = commit_check(report->journal, &report->changes, err);

    return r < 0 && err->exit == EXIT_CLASS_BUSY ? 0 : r; /* the lock will tell */
}

static unsigned newest_generation(const struct journal *journal)
{
    return journal_count(journal) ? journal_at(journal, 0)->number : 0;
}

/*
 * The plan was made without the lock: an unchanged run makes nothing, not even the state
 * directory. Under it the plan is made anew if another run wrote in between, or died, or
 * was at work while the files were read (OVERTAKEN);
 * other programs' edits are seen when the files are compared once more before they are
 * replaced.
 */
static int write_changes(const struct request *request, struct report *report,
                         const struct want *want, bool overtaken, struct error *err)
{
    unsigned newest = newest_generation(report->journal);
    bool armed = journal_interrupted(report->journal); /* dead, or at work this moment */
    int r = armed || overtaken ? 0 : check_writable(report, err);

    if (!r)
        r = apply_begin_writing(request, report, err);
    if (!r && (armed || overtaken || report->recovered ||
               newest != newest_generation(report->journal)))
        r = prepare(request, report, want, err);
    if (!r && report->changes.count)
        r = apply_commit(request, report, err);
    if (!r && request->regenerate && report->later.exit == EXIT_CLASS_DONE &&
        regenerate_run(report->root, report->journal, &report->host, want,
                       &report->later) == 0)
        report->later.exit = EXIT_CLASS_DONE;
    if (r < 0 || report->later.exit != EXIT_CLASS_DONE ||
        !journal_pending(report->journal))
        return r;
    r = apply_publish(report, err);
    if (!r && report->later.exit == EXIT_CLASS_DONE)
        r = apply_check_published(report, want, err);
    return r;
}

/* What is known to be refused, and what an earlier run left in doubt. */
static int check_dry(struct report *report, struct error *err)
{
    struct error doubt;

    if (!report->changes.count && journal_unconfirmed(report->journal, &doubt))
        report->later = doubt;
    return commit_check_state(report->journal, &report->changes, err);
}

static int run_change(const struct request *request, struct report *report,
                      struct error *err)
{
    struct error doubt;
    struct want want;
    bool overtaken = false;
    int r = settle_flag(request, report, &want, err);

    if (r <= 0)
        return r;
    if (request->regenerate && !root_is_live(report->root))
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                         "--regenerate runs programs of the system it changes and so not "
                         "below --root; it is not needed there either");
    r = apply_check_boot(request, report, err);
    if (!r)
        r = prepare(request, report, &want, err);
    /* what needs no change may be what another run is about to undo */
    if (!r && !request->check && !report->changes.count)
        r = journal_look_again(report->journal, &overtaken, err);
    if (!r && !request->check &&
        (overtaken || report->changes.count || request->regenerate ||
         journal_pending(report->journal) || journal_interrupted(report->journal) ||
         journal_unconfirmed(report->journal, &doubt)))
        r = write_changes(request, report, &want, overtaken, err);
    if (!r && request->check)
        r = check_dry(report, err);
    /* what was interrupted is undone on disk, or with --check would be */
    if (!r && request->check)
        apply_publish_check(report);
    if (!r)
        apply_tell_built(report);
    report->result = report->changes.count || report->recovered ||
                             (report->journal && journal_interrupted(report->journal))
                         ? RESULT_CHANGED
                         : RESULT_UNCHANGED;
    return r;
}

static int note_doubt(struct report *report, struct error *err)
{
    struct error doubt;

    if (!report->journal || !journal_unconfirmed(report->journal, &doubt))
        return 0;
    return host_add_note(&report->host, err, "%s: %s", doubt.file, doubt.text);
}

/* What may not be read is told of, not a failure: status is for everybody. */
static int run_status(const struct request *request, struct report *report,
                      struct error *err)
{
    struct error *unread = &report->unread;
    int r = apply_check_boot(request, report, unread);

    if (report->journal && journal_pending(report->journal))
        report->pending = apply_publisher(report->root);

    (void)err;
    if (!r)
        r = apply_scan(report, unread);
    if (!r)
        r = check_stores(&report->host, unread);
    if (!r)
        r = plan_make(&report->host, NULL, &report->plan, unread);
    if (!r)
        r = apply_note_roots(report, unread);
    if (!r)
        r = note_doubt(report, unread);
    if (!r)
        unread->exit = EXIT_CLASS_DONE; /* what was tried on the way did not matter */
    return r == -ENOMEM ? error_memory(err) : 0;
}

const struct outcome *report_default(const struct report *report)
{
    const char *loader = report->firmware.loader ? report->firmware.loader : "";
    bool systemd = starts_with(loader, "systemd-boot");
    const struct outcome *found = NULL;

    for (size_t i = 0; report->plan.outcome && i < report->host.entries; i++) {
        const struct entry *entry = report->host.entry[i];

        if (entry->is_default && entry->store->state != STORE_STALE &&
            (!found || (systemd && entry->by_systemd && !found->entry->by_systemd)))
            found = &report->plan.outcome[i];
    }
    return found;
}

enum tristate report_next(const struct report *report, enum vendor vendor)
{
    const struct outcome *o = report_default(report);
    enum driver_state driver;
    size_t v = vendor == VENDOR_AMD;

    if (!o || !o->entry->slots || (vendor != VENDOR_INTEL && vendor != VENDOR_AMD))
        return UNKNOWN;
    if (o->state_after[v] != FLAG_UNSET)
        return o->state_after[v] == FLAG_ON ? YES : NO;
    driver = kernel_driver(&o->entry->image, vendor);
    if (driver == DRIVER_ON || driver == DRIVER_PARTLY)
        return YES;
    return driver == DRIVER_UNKNOWN ? UNKNOWN : NO;
}

/* Only the running system can say: under --root and in a chroot /proc is another's. */
static enum tristate reboot_required(const struct report *report)
{
    enum tristate next = report_next(report, report->choice.vendors);

    if (!root_is_running(report->root) || !platform_is_live(report->platform) ||
        report->machine.live.state == LIVE_UNKNOWN || next == UNKNOWN)
        return UNKNOWN;
    return (report->machine.live.state == LIVE_ON) == (next == YES) ? NO : YES;
}

/* After a rollback: what the next start gives is told by what stands there now. */
static void look_again(struct report *report)
{
    struct error ignored;

    if (apply_scan(report, &ignored) < 0 ||
        plan_make(&report->host, NULL, &report->plan, &ignored) < 0)
        forget_host(report);
    apply_tell_stale_image(report);
}

/* status and verify write nothing: they tell what they can without it, and status why. */
static int open_journal(const struct request *request, struct report *report,
                        struct error *err)
{
    int r = journal_open(&report->journal, report->root, request->state, err);

    if (r >= 0 && journal_loader_writes(report->journal, loader_state_carry,
                                        loader_state_renamed) < 0)
        r = error_memory(err);
    if (r >= 0 || r == -ENOMEM ||
        (request->action != ACTION_STATUS && request->action != ACTION_VERIFY))
        return r;
    report->journal = NULL;
    if (request->action == ACTION_STATUS && err->exit != EXIT_CLASS_NOT_PERMITTED)
        report->later = *err;
    return 0;
}

/* Nothing of a system's loader is read or needed for it. */
static int run_capture(const struct request *request, struct report *report,
                       struct error *err)
{
    int r = platform_open(&report->platform, request->platform, err);

    if (!r)
        r = capture_run(report->platform, request->directory, &report->capture, err);
    if (r < 0)
        return r;
    report->result = RESULT_CHANGED;
    if (report->capture.tables_unread)
        error_set(&report->later, EXIT_CLASS_NOT_PERMITTED, request->directory, 0,
                  "lacks the firmware's tables, which may not be read, and so what "
                  "decides: capture as root");
    return 0;
}

int apply_run(const struct request *request, struct report *report, struct error *err)
{
    int r;

    memset(report, 0, sizeof(*report));
    report->reboot_required = UNKNOWN;
    if (request->action == ACTION_CAPTURE)
        return run_capture(request, report, err);
    r = root_open(&report->root, request->root ? request->root : "/", err);
    if (!r && request->action != ACTION_DEVICES)
        r = open_journal(request, report, err);
    if (!r)
        r = look_at_machine(request, report, err);
    if (r < 0)
        return r;
    switch (request->action) {
    case ACTION_STATUS:
        r = run_status(request, report, err);
        if (!r && root_is_running(report->root))
            r = apply_assign(report, err);
        if (!r && pci_tree_read(report->platform, &report->tree) < 0)
            r = error_memory(err);
        break;
    case ACTION_DEVICES:
        return apply_devices(request, report, err);
    case ACTION_VERIFY:
        r = apply_verify_needs_host(report) ? run_status(request, report, err) : 0;
        r = r ? r : apply_verify(request, report, err);
        break;
    case ACTION_ROLLBACK:
        r = apply_rollback(request, report, err);
        break;
    default:
        r = run_change(request, report, err);
    }
    if (!r && request->action == ACTION_ROLLBACK && report->generation)
        look_again(report);
    if (!r)
        report->reboot_required = reboot_required(report);
    if (request->action == ACTION_ROLLBACK)
        forget_host(report);
    return r;
}

void report_clear(struct report *report)
{
    changeset_clear(&report->changes);
    plan_clear(&report->plan);
    host_clear(&report->host);
    devices_clear(&report->devices);
    pci_tree_clear(&report->tree);
    machine_clear(&report->machine);
    capture_clear(&report->capture);
    platform_free(report->platform);
    journal_free(report->journal);
    root_free(report->root);
    memset(report, 0, sizeof(*report));
}
