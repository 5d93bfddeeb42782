/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply_parts.h"

#include <stdio.h>

#include "boot/kernel_cmdline.h"
#include "boot/measured.h"

#define DRACUT "dracut --force --uefi --regenerate-all"
#define DRACUT_MAX (1u << 20)
#define KERNEL_INSTALL "/usr/bin/kernel-install"
#define PROGRAM_MAX (16u << 20)

/* Does a built image start without what is wanted? */
static const struct store *built_store(const struct report *report)
{
    for (size_t i = 0; i < report->host.slots; i++)
        if (report->plan.text[i] && report->host.slot[i]->store->type->built)
            return report->host.slot[i]->store;
    return NULL;
}

/* What the image's builder reads is here to be edited. */
static bool has_source(const struct report *report)
{
    for (size_t i = 0; i < report->host.entries; i++)
        if (report->host.entry[i]->kind == ENTRY_TEMPLATE &&
            report->host.entry[i]->store->type == &kernel_cmdline)
            return true;
    return false;
}

/* "FILE:LINE" of dracut's own place for an image's command line; NULL: none. Owned. */
static char *dracut_line(struct root *root, const char *path)
{
    AUTO_BLOB text = {NULL, 0};
    struct error ignored;
    unsigned line = 0;

    if (root_read(root, path, DRACUT_MAX, &text, &ignored) < 0)
        return NULL;
    for (const char *at = text.data; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        line++;
        at += strspn(at, " \t");
        if (starts_with(at, "kernel_cmdline=") || starts_with(at, "kernel_cmdline+="))
            return text_format("%s:%u", path, line);
    }
    return NULL;
}

static char *dracut_source(struct root *root)
{
    static const char directory[] = "/etc/dracut.conf.d";
    CLEANUP(auto_names_free) char **names = NULL;
    char *source = dracut_line(root, "/etc/dracut.conf");
    struct error ignored;

    if (source || root_list(root, directory, &names, &ignored) < 0)
        return source;
    for (size_t i = 0; !source && names[i]; i++) {
        AUTO_FREE char *path = text_format("%s/%s", directory, names[i]);

        if (path && ends_with(path, ".conf"))
            source = dracut_line(root, path);
    }
    return source;
}

/* kernel-install builds all anew since systemd 255. */
static bool knows_all(struct root *root)
{
    static const char word[] = "add-all";
    AUTO_BLOB program = {NULL, 0};
    struct error ignored;

    return root_read(root, KERNEL_INSTALL, PROGRAM_MAX, &program, &ignored) == 0 &&
           program.len && memmem(program.data, program.len, word, strlen(word));
}

/* How this root builds its images, by what is there. */
static const char *builder(struct root *root)
{
    static const struct {
        const char *path, *command;
    } builders[] = {
        {"/etc/mkinitcpio.conf", "mkinitcpio -P"},
        {KERNEL_INSTALL, "kernel-install add VERSION IMAGE, for each kernel"},
        {"/usr/bin/dracut", DRACUT},
        {"/usr/lib/systemd/ukify", "ukify build"},
        {"/usr/bin/ukify", "ukify build"},
    };

    AUTO_FREE char *source = NULL;

    if (!root_exists(root, builders[0].path) && (source = dracut_source(root)))
        return DRACUT;
    for (size_t i = 0; i < ARRAY_LEN(builders); i++)
        if (root_exists(root, builders[i].path))
            return streq(builders[i].path, KERNEL_INSTALL) && knows_all(root)
                       ? "kernel-install add-all"
                       : builders[i].command;
    return "ukify build";
}

/* What its builder reads besides, and nobody edits: a clause, "" for nothing. Owned. */
static char *other_source(struct root *root)
{
    AUTO_FREE char *source = dracut_source(root);

    if (!source || !streq(builder(root), DRACUT))
        return strdup("");
    return text_format("; dracut takes kernel_cmdline= of %s, which is not edited: write "
                       "the flag there first",
                       source);
}

/* The arguments of "rpm-ostree kargs" that do what the plan would. */
static void ostree_command(const struct report *report, const struct want *want,
                           char text[256])
{
    static const char *const flags[] = {"intel_iommu", "amd_iommu"};
    static const enum vendor vendors[] = {VENDOR_INTEL, VENDOR_AMD};
    unsigned findings = 0;
    AUTO_BUF b = BUF_INIT;

    for (size_t i = 0; i < report->host.entries; i++)
        findings |= report->plan.outcome[i].findings;
    buf_add_text(&b, "rpm-ostree kargs");
    if (findings & FOUND_IOMMU_OFF_DROPPED)
        buf_add_text(&b, " --delete-if-present=iommu=off");
    for (size_t v = 0; v < ARRAY_LEN(flags); v++) {
        bool asked = want->vendors & vendors[v];
        const char *value = want->goal == GOAL_ENABLE ? "on" : "off";

        if (want->goal != GOAL_ENABLE)
            buf_format(&b, " --delete-if-present=%s=on", flags[v]);
        if (want->goal == GOAL_ENABLE && asked && (findings & FOUND_OFF_DROPPED))
            buf_format(&b, " --delete-if-present=%s=off", flags[v]);
        if (want->goal != GOAL_DISABLE && asked)
            buf_format(&b, " --append-if-missing=%s=%s", flags[v], value);
    }
    if (want->iommu_pt)
        buf_format(&b, " --%s=iommu=pt",
                   want->goal == GOAL_ENABLE ? "append-if-missing" : "delete-if-present");
    snprintf(text, 256, "%s", buf_text(&b));
}

static int refuse_ostree(const struct report *report, const struct want *want,
                         struct error *err)
{
    char command[256];
    int r;

    ostree_command(report, want, command);
    if (!root_exists(report->root, "/usr/bin/rpm-ostree") &&
        root_exists(report->root, "/usr/bin/bootc"))
        return error_set(err, EXIT_CLASS_CONDITION, report->host.ostree, 0,
                         "this is an image of bootc: no file here is the place for the "
                         "flag; write it to /usr/lib/bootc/kargs.d/50-iommu.toml of the "
                         "image (kargs = [\"intel_iommu=on\"], or amd_iommu), build that "
                         "anew, then: bootc upgrade");
    r = error_set(err, EXIT_CLASS_CONDITION, report->host.ostree, 0,
                  "ostree's deployments hold the command line, and no file is touched; "
                  "run: %s",
                  command);
    error_command(err, command);
    return r;
}

int apply_check_ostree(const struct report *report, const struct want *want,
                       struct error *err)
{
    bool read = false;

    if (!report->host.ostree)
        return 0;
    for (size_t i = 0; i < report->host.entries; i++)
        read |= report->host.entry[i]->kind == ENTRY_LINUX;
    return read && !report->plan.changes ? 0 : refuse_ostree(report, want, err);
}

/* What binds the key anew, to the same registers, once the new command line is measured;
   with predictions before that. */
static char *bind_command(struct root *root, const struct measured *m)
{
    const struct binding *b = &m->binding;
    char pcrs[96], signed_pcrs[96];

    if (b->predicted)
        return strdup(root_exists(root, "/usr/bin/sdbootutil")
                          ? "sdbootutil update-predictions"
                          : "/usr/lib/systemd/systemd-pcrlock make-policy");
    if (b->clevis && b->slot >= 0)
        return text_format("clevis luks regen -d %s -s %d", m->path, b->slot);
    if (b->clevis)
        return text_format("clevis luks regen -d %s -s SLOT", m->path);
    measured_list(b->pcrs, pcrs);
    measured_list(b->signed_pcrs, signed_pcrs);
    return text_format("systemd-cryptenroll --wipe-slot=tpm2 --tpm2-device=auto "
                       "--tpm2-pcrs=%s%s%s %s",
                       pcrs, signed_pcrs[0] ? " --tpm2-public-key-pcrs=" : "",
                       signed_pcrs, m->path);
}

static int refuse_measured(const struct report *report, const struct measured *m,
                           struct error *err)
{
    AUTO_FREE char *command = bind_command(report->root, m);

    if (!command)
        return error_memory(err);
    return error_set(err, EXIT_CLASS_CONDITION, "/etc/crypttab", m->line,
                     "the TPM gives %s's key only if register %u, which measures the "
                     "command line, is as it was: with a changed one the next start "
                     "asks for the passphrase. With that at hand give "
                     "--accept-measured-boot, and %s the reboot bind it anew: %s",
                     m->device, m->pcr, m->binding.predicted ? "before" : "after",
                     command);
}

static int check_measured(const struct request *request, struct report *report,
                          struct error *err)
{
    struct measured m;
    int r = measured_look(report->root, &m, err);

    if (r < 0 || request->accept_measured_boot)
        return r;
    if (m.pcr)
        return refuse_measured(report, &m, err);
    if (m.unread[0])
        return plan_remark(&report->plan, true, err,
                           "%s could not be read: whether the TPM binds a disk's key to "
                           "the command line is unknown; have the passphrase at hand",
                           m.unread);
    return 0;
}

int apply_check_conditions(const struct request *request, struct report *report,
                           const struct want *want, struct error *err)
{
    const struct store *built = built_store(report);
    AUTO_FREE char *other = NULL;
    int r = apply_check_ostree(report, want, err);

    if (!r && report->changes.count)
        r = check_measured(request, report, err);
    if (r || !built || report->changes.count || has_source(report))
        return r;
    other = other_source(report->root);
    if (!other)
        return error_memory(err);
    return error_set(err, EXIT_CLASS_CONDITION, built->path, 0,
                     "holds its command line in itself, and nothing that it is built "
                     "from was found to edit%s, then rebuild it: %s",
                     *other ? other
                            : "; write the arguments where its builder reads them",
                     builder(report->root));
}

/* An image that the machine may start and that nobody can read, say a half-written one.
 */
static const struct store *unread_store(const struct report *report)
{
    for (size_t i = 0; i < report->host.entries; i++) {
        const struct entry *entry = report->host.entry[i];

        if (entry->kind == ENTRY_UNKNOWN && entry->store->type->built &&
            entry->store->state != STORE_STALE)
            return entry->store;
    }
    return NULL;
}

static void tell_built(struct report *report, const struct store *store, const char *what)
{
    AUTO_FREE char *other = other_source(report->root);

    error_set(&report->later, EXIT_CLASS_UNCONFIRMED, store->path, 0, "%s%s; run: %s",
              what, other ? other : "", builder(report->root));
    error_command(&report->later, builder(report->root));
}

void apply_tell_built(struct report *report)
{
    const struct store *built = built_store(report), *unread = unread_store(report);

    if (report->later.exit != EXIT_CLASS_DONE)
        return;
    if (built)
        tell_built(
            report, built,
            "publish pending: this image starts with the old command line until it "
            "is rebuilt");
    else if (unread)
        tell_built(report, unread,
                   "cannot be read as a kernel image, and so not what command line it "
                   "would start with; rebuild it, or remove it if nothing starts it");
}

/* What an entry's command line says of either flag, compared with what it is built from.
 */
static bool same_flags(const struct report *report, size_t entry, size_t source)
{
    const struct outcome *a = &report->plan.outcome[entry],
                         *b = &report->plan.outcome[source];

    return a->state_before[0] == b->state_before[0] &&
           a->state_before[1] == b->state_before[1];
}

void apply_tell_stale_image(struct report *report)
{
    size_t n = report->plan.outcome ? report->host.entries : 0;

    for (size_t i = 0; i < n && report->later.exit == EXIT_CLASS_DONE; i++) {
        const struct entry *image = report->host.entry[i];

        for (size_t k = 0; k < n && image->store->type->built && image->slots; k++) {
            const struct entry *source = report->host.entry[k];

            if (source->kind == ENTRY_TEMPLATE &&
                source->store->type == &kernel_cmdline && !same_flags(report, i, k)) {
                tell_built(
                    report, image->store,
                    "publish pending: this image was built from the text of before "
                    "the rollback, and starts with it until it is rebuilt");
                break;
            }
        }
    }
}

/* Of the machine itself, or of the captured one, what runs counts too. */
int apply_look_at_viot(const struct request *request, struct report *report,
                       struct error *err)
{
    CLEANUP(auto_root_free) struct root *captured = NULL;
    struct machine *m = &report->machine;
    struct root *root = report->root;
    bool runs = request->platform ? root_is_live(root) : root_is_running(root);
    char version[64];
    int r;

    if (!m->viot)
        return 0;
    if (runs && request->platform) {
        r = root_open(&captured, request->platform, err);
        if (r < 0)
            return r;
        root = captured;
    }
    r = kernels_have(root, "CONFIG_VIRTIO_IOMMU", version, sizeof(version));
    if (r < 0)
        return error_memory(err);
    m->viot_driven = r > 0 || (runs && m->live.state == LIVE_ON);
    if (version[0])
        snprintf(m->viot_lacking, sizeof(m->viot_lacking), "%s was built without it",
                 version);
    else
        snprintf(m->viot_lacking, sizeof(m->viot_lacking),
                 "no kernel here is known to have it");
    return 0;
}
