/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A note on entries whose root file system nobody here has: they would not start. */
#include <unistd.h>

#include "apply_parts.h"
#include "base/disk.h"

/* The tag behind the last root= that the kernel reads; NULL: none, or a plain device. */
static char *root_tag(const struct entry *entry)
{
    static const char *const tags[] = {"UUID=", "LABEL=", "PARTUUID=", "PARTLABEL="};
    char *tag = NULL;

    for (size_t i = 0; i < entry->slots; i++) {
        const struct slot *slot = entry->slot[i];
        struct kargs args;
        size_t end;

        if (slot->kind != SLOT_LINUX ||
            kargs_parse(&args, slot->text, slot->dialect, slot->joined) < 0)
            continue;
        end = kargs_end(&args);
        for (size_t a = 0; a < end; a++)
            if (karg_is(&args.arg[a], "root") && args.arg[a].value) {
                free(tag);
                tag = strdup(args.arg[a].value);
            }
        end = args.count - end;
        kargs_clear(&args);
        if (end) /* "--": the kernel reads no further */
            break;
    }
    for (size_t i = 0; tag && i < ARRAY_LEN(tags); i++)
        if (starts_with(tag, tags[i]))
            return tag;
    free(tag);
    return NULL;
}

/* Without udev's links only root, who may read the disks, can say that there is none. */
static bool may_judge(const struct report *report)
{
    return root_is_running(report->root) &&
           (geteuid() == 0 || access("/dev/disk/by-uuid", X_OK) == 0);
}

static bool is_new(char *const *seen, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (seen[i] && streq(seen[i], seen[n]))
            return false;
    return true;
}

int apply_note_roots(struct report *report, struct error *err)
{
    struct host *host = &report->host;
    char **seen = calloc(host->entries + 1, sizeof(*seen));
    int r = seen ? 0 : error_memory(err);

    for (size_t i = 0; !r && may_judge(report) && i < host->entries; i++) {
        const struct entry *entry = host->entry[i];

        if (entry->kind == ENTRY_TEMPLATE || entry->store->state == STORE_STALE)
            continue;
        seen[i] = root_tag(entry);
        if (seen[i] && is_new(seen, i) && !disk_names_device(seen[i]))
            r = host_add_note(host, err, "%s:%u: no device here is the root=%s of \"%s\"",
                              entry->store->path, entry->line, seen[i], entry->title);
    }
    for (size_t i = 0; seen && i < host->entries; i++)
        free(seen[i]);
    free(seen);
    return r;
}
