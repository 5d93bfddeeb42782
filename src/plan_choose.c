/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan_parts.h"

bool entry_starts_linux(const struct entry *entry)
{
    return entry->kind == ENTRY_LINUX || entry->kind == ENTRY_XEN ||
           entry->kind == ENTRY_TEMPLATE;
}

/* An image as it may be named: with or without its device, and /boot where /boot is
 * apart. */
static bool same_image(const char *named, const char *asked)
{
    const char *end = named[0] == '(' ? strchr(named, ')') : NULL;

    if (end && !streq(named, asked))
        named = end + 1;
    if (starts_with(asked, "/boot/") && !starts_with(named, "/boot/"))
        asked += strlen("/boot");
    return streq(named, asked);
}

static bool is_asked_for(const struct entry *entry, const char *kernel)
{
    if (!kernel)
        return true;
    if (streq(kernel, "DEFAULT"))
        return entry->is_default;
    return streq(entry->title, kernel) ||
           (entry->kernel[0] && same_image(entry->kernel, kernel));
}

/* On by default, whichever flag is wanted, and no word against it on the line. */
static bool needs_no_flag(const struct outcome *o, const struct want *want)
{
    const struct entry *entry = o->entry;

    if (!want->if_needed || want->goal != GOAL_ENABLE || entry->kind != ENTRY_LINUX)
        return false;
    for (size_t v = 0; v < 2; v++)
        if ((want->vendors & plan_vendors[v]) &&
            (o->state_before[v] != FLAG_UNSET ||
             kernel_driver(&entry->image, plan_vendors[v]) != DRIVER_ON))
            return false;
    return true;
}

static const char *why_left(const struct outcome *o, const struct want *want)
{
    const struct entry *entry = o->entry;

    if (entry->kind == ENTRY_OTHER)
        return "starts no Linux kernel";
    if (entry->kind == ENTRY_UNKNOWN)
        return "not known to be a Linux kernel";
    if (entry->store->state == STORE_STALE && !want->all_stores)
        return "in a file that does not boot this machine";
    if (entry->spared)
        return entry->spared;
    if (!is_asked_for(entry, want->kernel))
        return "not asked for";
    if (needs_no_flag(o, want))
        return "its kernel has the IOMMU on by default";
    return NULL;
}

/* What the templates make is needed if any of the entries made so far needs it. */
static void leave_templates(struct plan *plan, const struct want *want)
{
    const char *left = NULL;

    for (size_t i = 0; i < plan->host->entries; i++) {
        const struct outcome *o = &plan->outcome[i];

        if (o->entry->kind != ENTRY_LINUX || o->entry->spared ||
            o->entry->store->state == STORE_STALE)
            continue;
        if (!needs_no_flag(o, want))
            return;
        left = o->left;
    }
    for (size_t i = 0; left && i < plan->host->entries; i++)
        if (plan->outcome[i].entry->kind == ENTRY_TEMPLATE && plan->outcome[i].chosen) {
            plan->outcome[i].chosen = false;
            plan->outcome[i].left = left;
        }
}

/* Whose work a generated entry is. */
static const char *maker_of(const struct host *host, const struct entry *entry)
{
    if (entry->store->type->built)
        return "the tool that builds the image";
    if (streq(entry->store->type->name, "extlinux"))
        return "update-extlinux";
    return streq(entry->store->type->name, "legacy-menu") ? "update-grub"
                                                          : host->generator;
}

int plan_choose(struct plan *plan, const struct want *want, struct error *err)
{
    size_t chosen = 0, linuxes = 0;

    for (size_t i = 0; i < plan->host->entries; i++) {
        struct outcome *o = &plan->outcome[i];
        const struct entry *entry = o->entry;

        o->left = why_left(o, want);
        o->chosen = !o->left;
        linuxes += entry_starts_linux(entry);
        chosen +=
            o->chosen || (entry_starts_linux(entry) && is_asked_for(entry, want->kernel));
        if (o->chosen && want->kernel && entry->generated)
            return error_set(err, EXIT_CLASS_CONDITION, entry->store->path, entry->line,
                             "entry \"%s\" is made anew by %s, which would undo a "
                             "change to it alone; use --kernel ALL",
                             entry->title, maker_of(plan->host, entry));
        if (entry->kind == ENTRY_UNKNOWN && entry->is_default &&
            want->goal == GOAL_ENABLE && entry->store->state != STORE_STALE &&
            is_asked_for(entry, want->kernel))
            return error_set(
                err, EXIT_CLASS_DATA, entry->store->path, entry->line,
                "cannot tell whether the default entry's image %s is a Linux "
                "kernel; put it below the root, or name the entries to change "
                "with --kernel",
                entry->kernel);
    }
    if (!linuxes)
        return error_set(err, EXIT_CLASS_NO_LOADER, plan->host->store[0]->path, 0,
                         "holds no entry that starts a Linux kernel");
    if (!chosen)
        return error_set(err, EXIT_CLASS_CONDITION, plan->host->store[0]->path, 0,
                         "no Linux entry has the kernel or title \"%s\"; %s",
                         want->kernel,
                         strcasecmp(want->kernel, "all") == 0 ||
                                 strcasecmp(want->kernel, "default") == 0
                             ? "the words ALL and DEFAULT are written large"
                             : "iommuctl status lists them");
    leave_templates(plan, want);
    return 0;
}
