/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan_parts.h"

#include <stdarg.h>
#include <stdio.h>

#include "boot/legacy_menu.h"

/* What is said about each finding; %s is "entry TITLE" or "N entries". NULL: goes unsaid.
 */
static const struct {
    const char *name;
    bool warning;
    const char *text;
} findings[] = {
    {"added", false, NULL},
    {"removed", false, NULL},
    {"off-dropped", true, "an \"off\" that stood before was taken out"},
    {"off-written", false, NULL},
    {"merged", false, "several flags of one name became one"},
    {"iommu-off-dropped", true,
     "iommu=off, which no other argument undoes, was taken out"},
    {"iommu-soft-dropped", true,
     "iommu=soft, which keeps the driver from starting here, was "
     "taken out"},
    {"iommu-soft-kept", false,
     "iommu=soft stands and is left; this kernel minds it only for "
     "bounce buffers"},
    {"other-vendor", true,
     "the other vendor's flag is on too and was left; --exclusive "
     "takes it out"},
    {"other-vendor-removed", false, "the other vendor's flag was taken out"},
    {"igfx-off", true, "igfx_off stands: the integrated graphics cannot be assigned"},
    {"intremap-off", true,
     "interrupt remapping is switched off: guests get devices only "
     "with unsafe interrupts allowed"},
    {"pt-added", false, NULL},
    {"pt-removed", false, NULL},
    {"off-kept", false, "an \"off\" is in force and was left"},
    {"xen-added", false,
     "the flag went on Xen's own line (iommu=1), since the hypervisor "
     "drives the IOMMU, not Linux under it"},
    {"xen-removed", false, NULL},
    {"xen-off-dropped", true, "Xen's iommu=no was taken out"},
    {"xen-other-on", true,
     "Xen's IOMMU is switched on by another argument than iommu=1, "
     "which was left"},
};

const char *finding_name(unsigned bit)
{
    return bit < ARRAY_LEN(findings) ? findings[bit].name : NULL;
}

int plan_remark(struct plan *plan, bool warning, struct error *err, const char *format,
                ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0)
        return error_memory(err);
    for (size_t i = 0; i < plan->remarks; i++)
        if (streq(plan->remark[i].text, text)) { /* the same kernel in another entry */
            free(text);
            return 0;
        }
    if (array_grow(&plan->remark, plan->remarks, sizeof(*plan->remark)) < 0) {
        free(text);
        return error_memory(err);
    }
    plan->remark[plan->remarks++] = (struct remark){warning, text};
    return 0;
}

int plan_remark_findings(struct plan *plan, struct error *err)
{
    for (size_t f = 0; f < ARRAY_LEN(findings); f++) {
        const struct entry *first = NULL;
        size_t n = 0;
        int r = 0;

        for (size_t i = 0; i < plan->host->entries; i++)
            if (plan->outcome[i].findings & 1u << f && n++ == 0)
                first = plan->outcome[i].entry;
        if (!n || !findings[f].text)
            continue;
        if (n == 1)
            r = plan_remark(plan, findings[f].warning, err, "%s:%u: %s",
                            first->store->path, first->line, findings[f].text);
        else
            r = plan_remark(plan, findings[f].warning, err, "%s:%u and %zu more: %s",
                            first->store->path, first->line, n - 1, findings[f].text);
        if (r < 0)
            return r;
    }
    return 0;
}

/* What the kernel's own configuration says about the flag on it. */
static int remark_driver(struct plan *plan, const struct want *want,
                         const struct outcome *o, enum vendor vendor, struct error *err)
{
    static const char *const driver_words[] = {"CONFIG_INTEL_IOMMU", "CONFIG_AMD_IOMMU"};
    static const char *const flags[] = {"intel_iommu", "amd_iommu"};
    const char *version = o->entry->image.version;
    enum driver_state driver = kernel_driver(&o->entry->image, vendor);
    size_t v = vendor == VENDOR_AMD;

    if (want->goal == GOAL_ENABLE && driver == DRIVER_MISSING)
        return plan_remark(plan, true, err,
                           "kernel %s was built without %s: %s=on will do nothing there",
                           version, driver_words[v], flags[v]);
    if (want->goal == GOAL_ENABLE && driver == DRIVER_ON)
        return plan_remark(plan, false, err,
                           "kernel %s has the IOMMU on by default: the flag only "
                           "says so",
                           version);
    if (want->goal == GOAL_DISABLE && (driver == DRIVER_ON || driver == DRIVER_PARTLY) &&
        o->state_after[v] == FLAG_UNSET && o->state_before[v] == FLAG_ON)
        return plan_remark(
            plan, true, err,
            "kernel %s has the IOMMU on by default: without the flag it stays on; "
            "--force-off writes %s=off",
            version, v && o->entry->image.old ? "iommu" : flags[v]);
    return 0;
}

/* One entry alone: what will undo it, or not carry it on. */
static int remark_alone(struct plan *plan, const struct entry *entry, struct error *err)
{
    int r = 0;

    if (entry->rewritten)
        r = plan_remark(plan, true, err,
                        "%s:%u: the next grub2-mkconfig undoes a change to one entry "
                        "alone, but for grub2-mkconfig --no-grubenv-update; --kernel ALL "
                        "lasts",
                        entry->store->path, entry->line);
    if (!r && entry->successor)
        r = plan_remark(
            plan, true, err,
            "%s is left as it is, and the next kernel's entry is made from it",
            entry->successor);
    return r;
}

int plan_remark_entry(struct plan *plan, const struct want *want, const struct outcome *o,
                      struct error *err)
{
    const struct entry *entry = o->entry;
    int r = 0;

    if (entry->kind == ENTRY_UNKNOWN && entry->store->type->built)
        return 0; /* told at the end, with what to do */
    if (entry->kind == ENTRY_UNKNOWN)
        return plan_remark(plan, true, err,
                           "%s:%u: cannot tell whether %s is a Linux kernel: left alone",
                           entry->store->path, entry->line, entry->kernel);
    if (!o->chosen || entry->kind != ENTRY_LINUX)
        return 0;
    if (want->kernel)
        r = remark_alone(plan, entry, err);
    for (size_t v = 0; !r && v < 2; v++)
        if (want->goal == GOAL_DISABLE || (want->vendors & plan_vendors[v]))
            r = remark_driver(plan, want, o, plan_vendors[v], err);
    return r;
}

/* What starts if nobody chooses, and does not get what is wanted. */
static int remark_default(struct plan *plan, const struct want *want, struct error *err)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->host->entries; i++) {
        const struct outcome *o = &plan->outcome[i];
        const struct entry *entry = o->entry;

        if (want->goal == GOAL_ENABLE && entry->is_default && !o->chosen &&
            entry->kernel[0] && !want->if_needed && entry->store->state != STORE_STALE)
            r = plan_remark(plan, true, err,
                            "%s:%u: the default entry stays as it is: %s%s",
                            entry->store->path, entry->line, o->left,
                            want->kernel && entry->store->type == &legacy_menu
                                ? "; a new kernel copies it"
                                : "");
    }
    return r;
}

int plan_remark_stores(struct plan *plan, const struct want *want, struct error *err)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->host->stores; i++) {
        const struct store *store = plan->host->store[i];

        if (store->state == STORE_STALE && !want->all_stores)
            r = plan_remark(plan, true, err,
                            "%s was left alone: %s; --all-stores changes it too",
                            store->path, store->evidence);
    }
    for (size_t i = 0; !r && i < plan->host->notes; i++)
        r = plan_remark(plan, false, err, "%s", plan->host->note[i]);
    return r ? r : remark_default(plan, want, err);
}
