/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "apply_parts.h"

#include <errno.h>

#include "base/child.h"
#include "boot/measured.h"

/* Proxmox: copies of kernels and entries, on partitions that are not mounted. */
static bool has_copies(struct root *root)
{
    AUTO_BLOB text = {NULL, 0};
    struct error ignored;

    return root_read(root, "/etc/kernel/proxmox-boot-uuids", 1 << 16, &text, &ignored) ==
               0 &&
           text.len;
}

/* Alpine: its loader is there and the menu was not made yet. A menu that is there was
   changed as update-extlinux would write it. */
static bool lacks_menu(struct root *root)
{
    return root_exists(root, "/etc/update-extlinux.conf") &&
           root_exists(root, "/boot/ldlinux.sys") &&
           !root_exists(root, "/boot/extlinux.conf");
}

/* SUSE: what the TPM is to find at the next start, the command line in it, is predicted
   by the tool. */
static bool has_predictions(struct root *root)
{
    struct measured m;
    struct error ignored;

    return root_exists(root, "/usr/bin/sdbootutil") &&
           measured_look(root, &m, &ignored) == 0 && m.pcr && m.binding.predicted;
}

static const char copies[] = "their copies that the machine boots from";

/* What only a tool can bring to where the loader reads it. */
static const struct publisher {
    bool (*needed)(struct root *);
    const char *what; /* is not changed yet */
    bool makes_entries;
    const char *argv[3];
    const char *command; /* as people type it */
    unsigned seconds;
} publishers[] = {
    {.needed = has_copies,
     .what = copies,
     .makes_entries = true,
     .argv = {"/usr/sbin/proxmox-boot-tool", "refresh", NULL},
     .command = "proxmox-boot-tool refresh",
     .seconds = 300},
    {.needed = lacks_menu,
     .what = copies,
     .makes_entries = true,
     .argv = {"/sbin/update-extlinux", NULL},
     .command = "update-extlinux",
     .seconds = 120},
    {.needed = has_predictions,
     .what = "what the TPM is to find at the next start",
     .argv = {"/usr/bin/sdbootutil", "update-predictions", NULL},
     .command = "sdbootutil update-predictions",
     .seconds = 300},
};

static const struct publisher *find(struct root *root)
{
    for (size_t i = 0; i < ARRAY_LEN(publishers); i++)
        if (publishers[i].needed(root))
            return &publishers[i];
    return NULL;
}

const char *apply_publisher(struct root *root)
{
    const struct publisher *p = find(root);

    return p ? p->command : NULL;
}

bool apply_makes_entries(struct root *root)
{
    const struct publisher *p = find(root);

    return p && p->makes_entries;
}

int apply_publish_begin(struct report *report, struct error *err)
{
    return find(report->root) ? journal_set_pending(report->journal, true, err) : 0;
}

static int tell(struct report *report, const struct publisher *p, const char *why)
{
    error_set(&report->later, EXIT_CLASS_UNCONFIRMED, NULL, 0,
              "publish pending: the files are changed, but not yet %s (%s); run: %s",
              p->what, why, p->command);
    error_command(&report->later, p->command);
    return 0;
}

void apply_publish_check(struct report *report)
{
    const struct publisher *p = find(report->root);

    if (p && !root_is_live(report->root) &&
        (report->changes.count || journal_pending(report->journal)))
        tell(report, p, "nothing is run below --root");
}

int apply_publish(struct report *report, struct error *err)
{
    const struct publisher *p = find(report->root);
    AUTO_BUF output = BUF_INIT, errors = BUF_INIT;
    AUTO_FREE char *why = NULL;
    int status, r;

    if (!p)
        return journal_set_pending(report->journal, false, err);
    if (!root_is_live(report->root))
        return tell(report, p, "nothing is run below --root");
    r = child_run(&(struct child){.argv = p->argv, .seconds = p->seconds}, &output,
                  &errors, &status, err);
    if (r == -ENOMEM)
        return r;
    if (r < 0) /* it is not there, say; the files are changed all the same */
        return tell(report, p, err->text);
    if (!status)
        return journal_set_pending(report->journal, false, err);
    why =
        text_format("the tool failed with status %d: %.200s", status, buf_text(&errors));
    return why ? tell(report, p, why) : error_memory(err);
}

int apply_check_published(struct report *report, const struct want *want,
                          struct error *err)
{
    struct error ignored;
    struct host host;
    struct plan plan;
    int r = host_scan_with(report->root, NULL, &report->firmware, &host, &ignored);

    if (r < 0)
        return r == -ENOMEM ? error_memory(err) : 0;
    r = plan_make(&host, want, &plan, &ignored);
    if (r == 0 && plan.changes)
        error_set(&report->later, EXIT_CLASS_UNCONFIRMED, NULL, 0,
                  "the tool was run, and what it made is not as wanted; run the same "
                  "command again, which changes that");
    if (r == 0)
        plan_clear(&plan);
    host_clear(&host);
    return r == -ENOMEM ? error_memory(err) : 0;
}
