/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan_parts.h"

#define KERNEL_LIMIT 2047      /* x86 COMMAND_LINE_SIZE less its NUL, if unread */
#define OLD_PROTOCOL_LIMIT 255 /* before boot protocol 2.06 (Linux 2.6.22) */
#define XEN_LIMIT 1023         /* Xen's own 1024 less the NUL */

/* Characters of arguments that reach the kernel: the loader's limit and the kernel's. The
 * loader's is for Linux: a multiboot kernel gets all. */
static size_t args_limit(const struct entry *entry)
{
    const struct kernel *k = &entry->image;
    size_t limit = KERNEL_LIMIT, loader = entry->store->limit;

    if (entry->slots && entry->slot[0]->kind == SLOT_XEN)
        return XEN_LIMIT;
    if (k->cmdline_size)
        limit = k->cmdline_size;
    else if ((k->protocol && k->protocol < 0x0206) || starts_with(k->version, "2.6.18"))
        limit = OLD_PROTOCOL_LIMIT;
    return loader && loader < limit ? loader : limit;
}

static bool entry_changes(const struct plan *plan, const struct entry *entry)
{
    for (size_t i = 0; i < entry->slots; i++)
        if (plan->text[entry->slot[i]->index])
            return true;
    return false;
}

/* From a piece's first argument to its last, as GRUB legacy hands it on: with each blank
 * between them, a continuation for one, without CRs. */
static size_t piece_length(const char *text)
{
    size_t n = 0, end = 0;

    for (; *text; text++) {
        size_t crs = *text == '\\' ? strspn(text + 1, "\r") : 0;
        bool joint = *text == '\\' && text[1 + crs] == '\n';
        bool blank = joint || *text == ' ' || *text == '\t';

        if (*text == '\r' || (blank && !n))
            continue;
        n++;
        end = blank ? end : n;
        text += joint ? 1 + crs : 0;
    }
    return end;
}

/* The same for all of an entry's pieces: as they stand, or as they are to be. */
static size_t args_length(const struct plan *plan, const struct entry *entry, bool new)
{
    size_t sum = entry->overhead;

    for (size_t i = 0; i < entry->slots; i++) {
        const char *text = new ? plan->text[entry->slot[i]->index] : NULL;
        size_t n = piece_length(text ? text : entry->slot[i]->text);

        sum += n + (n && sum);
    }
    return sum;
}

int plan_check_length(struct plan *plan, const struct outcome *o, struct error *err)
{
    const struct entry *entry = o->entry;
    size_t limit = args_limit(entry), len = args_length(plan, entry, true);
    size_t line_limit = entry->store->line_limit;
    const char *text;

    if (len > limit && entry_changes(plan, entry) &&
        len > args_length(plan, entry, false))
        return error_set(
            err, EXIT_CLASS_DATA, entry->store->path, entry->line,
            "the command line would have %zu characters and only %zu reach the "
            "kernel; shorten it first",
            len, limit);
    if (len > limit && entry_starts_linux(entry))
        return plan_remark(
            plan, true, err,
            "%s:%u: the command line has %zu characters and only %zu reach the "
            "kernel",
            entry->store->path, entry->line, len, limit);
    for (size_t i = 0; i < entry->slots; i++) {
        const struct slot *slot = entry->slot[i];

        text = plan->text[slot->index];
        if (text && line_limit && slot->lead + strlen(text) > line_limit &&
            strlen(text) > strlen(slot->text))
            return error_set(err, EXIT_CLASS_DATA, entry->store->path, slot->line,
                             "the line would have more than the %zu characters that the "
                             "loader reads; shorten it first",
                             line_limit);
    }
    return 0;
}

/* What only some entries are to get must not be changed where others have it from, too.
 */
int plan_check_shared(const struct plan *plan, const struct want *want, struct error *err)
{
    for (size_t i = 0; want->kernel && i < plan->host->entries; i++) {
        const struct entry *entry = plan->host->entry[i];

        for (size_t k = 0; !plan->outcome[i].chosen && k < entry->slots; k++)
            if (plan->text[entry->slot[k]->index])
                return error_set(
                    err, EXIT_CLASS_CONDITION, entry->slot[k]->store->path,
                    entry->slot[k]->line,
                    "would have to be changed, and other entries get their arguments "
                    "from it, too; use --kernel ALL");
    }
    return 0;
}

/* The last question before anything is written: does each chosen entry get what is
 * wanted? */
int plan_check_result(const struct want *want, const struct outcome *o, struct error *err)
{
    const struct entry *entry = o->entry;
    bool good = true;

    for (size_t v = 0; v < 2; v++) {
        if (want->goal == GOAL_ENABLE && (want->vendors & plan_vendors[v]))
            good &= o->state_after[v] == FLAG_ON;
        if (want->goal == GOAL_FORCE_OFF && (want->vendors & plan_vendors[v]))
            good &= o->state_after[v] == FLAG_OFF;
        if (want->goal == GOAL_DISABLE && entry->slot[0]->kind == SLOT_LINUX)
            good &= o->state_after[v] != FLAG_ON;
    }
    if (good)
        return 0;
    if (o->findings & FOUND_XEN_OTHER_ON)
        return error_set(err, EXIT_CLASS_CONDITION, entry->store->path, entry->line,
                         "Xen's line has iommu=force or iommu=required, with which Xen "
                         "refuses to start where the IOMMU is off; take that out first");
    return error_set(
        err, EXIT_CLASS_INTERNAL, entry->store->path, entry->line,
        "the planned command line is not what is wanted: %s; please report this",
        o->after);
}
