/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define KERNEL_LIMIT                                                                     \
    2047 /* x86 COMMAND_LINE_SIZE less its NUL, where the image is not read */
#define OLD_PROTOCOL_LIMIT 255 /* before boot protocol 2.06 (Linux 2.6.22) */
#define XEN_LIMIT 1023         /* Xen's own 1024 less the NUL */

static const enum vendor vendors[2] = {VENDOR_INTEL, VENDOR_AMD};

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

/* One slot's arguments while the plan is made. */
struct draft {
    struct kargs *args; /* by slot index */
    size_t count;
};

static void draft_clear(struct draft *draft)
{
    for (size_t i = 0; draft->args && i < draft->count; i++)
        kargs_clear(&draft->args[i]);
    free(draft->args);
}

static int draft_make(const struct host *host, struct draft *draft)
{
    draft->args = calloc(host->slots + 1, sizeof(*draft->args));
    if (!draft->args)
        return -ENOMEM;
    draft->count = host->slots;
    for (size_t i = 0; i < host->slots; i++) {
        const struct slot *slot = host->slot[i];

        if (kargs_parse(&draft->args[i], slot->text, slot->dialect, slot->joined) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* An entry's slots as one command line over the draft; PIECE is the caller's room. */
static struct cmdline join(const struct draft *draft, const struct entry *entry,
                           struct kargs **piece)
{
    for (size_t i = 0; i < entry->slots; i++)
        piece[i] = &draft->args[entry->slot[i]->index];
    return (struct cmdline){piece, entry->slots, entry->add_to};
}

static char *joined_text(const struct cmdline *line)
{
    AUTO_BUF b = BUF_INIT;

    for (size_t p = 0; p < line->pieces; p++) {
        const struct kargs *args = line->piece[p];

        for (size_t i = 0; i < args->count; i++) {
            if (b.len)
                buf_add_char(&b, ' ');
            buf_add_text(&b, args->arg[i].raw);
        }
    }
    return buf_take(&b);
}

static void states(const struct cmdline *line, const struct entry *entry,
                   enum flag_state state[2])
{
    for (size_t v = 0; v < 2; v++)
        state[v] = entry->kind == ENTRY_XEN || entry->slot[0]->kind == SLOT_XEN
                       ? cmdline_xen_state(line)
                       : cmdline_state(line, vendors[v]);
}

/* "%s" names whom the remark is about. */
static int remark(struct plan *plan, bool warning, struct error *err, const char *format,
                  ...) PRINTF_LIKE(4, 5);

static int remark(struct plan *plan, bool warning, struct error *err, const char *format,
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

static bool starts_linux(const struct entry *entry)
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
        if ((want->vendors & vendors[v]) &&
            (o->state_before[v] != FLAG_UNSET ||
             kernel_driver(&entry->image, vendors[v]) != DRIVER_ON))
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

static int choose_entries(struct plan *plan, const struct want *want, struct error *err)
{
    size_t chosen = 0, linuxes = 0;

    for (size_t i = 0; i < plan->host->entries; i++) {
        struct outcome *o = &plan->outcome[i];
        const struct entry *entry = o->entry;

        o->left = why_left(o, want);
        o->chosen = !o->left;
        linuxes += starts_linux(entry);
        chosen += o->chosen || (starts_linux(entry) && is_asked_for(entry, want->kernel));
        if (o->chosen && want->kernel && entry->generated)
            return error_set(
                err, EXIT_CLASS_CONDITION, entry->store->path, entry->line,
                "entry \"%s\" is made anew by update-grub, which would undo a "
                "change to it alone; use --kernel ALL",
                entry->title);
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
                         "no Linux entry has the kernel or title \"%s\"; iommuctl status "
                         "lists them",
                         want->kernel);
    leave_templates(plan, want);
    return 0;
}

static bool is_old(const struct plan *plan, const struct entry *entry)
{
    if (entry->kind != ENTRY_TEMPLATE)
        return entry->image.old;
    for (size_t i = 0; i < plan->host->entries; i++)
        if (plan->host->entry[i]->store == entry->store &&
            plan->host->entry[i]->image.old)
            return true;
    return false;
}

/* Room for an entry's pieces, taken once for all. */
static size_t most_slots(const struct host *host)
{
    size_t most = 1;

    for (size_t i = 0; i < host->entries; i++)
        if (host->entry[i]->slots > most)
            most = host->entry[i]->slots;
    return most;
}

static int apply_to_entry(struct plan *plan, const struct want *want, struct outcome *o,
                          struct cmdline *line)
{
    struct flag_want fw = {
        .goal = want->goal,
        .vendors = want->vendors,
        .exclusive = want->exclusive,
        .iommu_pt = want->iommu_pt,
        .old_kernel = is_old(plan, o->entry),
    };

    if (o->entry->slot[0]->kind == SLOT_XEN)
        return cmdline_apply_xen(line, &fw, &o->findings);
    return cmdline_apply(line, &fw, &o->findings);
}

/* A template's text as the generator writes it into the entries: the slots of a group run
   together, a blank between the groups. DRAFT NULL: as it is on disk. */
static char *template_text(const struct entry *template, const struct draft *draft)
{
    AUTO_BUF b = BUF_INIT;

    for (unsigned group = 0; group < template->groups; group++) {
        if (group)
            buf_add_char(&b, ' ');
        for (size_t i = 0; i < template->slots; i++) {
            const struct slot *slot = template->slot[i];

            if (slot->group != group)
                continue;
            if (draft)
                kargs_write(&draft->args[slot->index], &b);
            else
                buf_add_text(&b, slot->text);
        }
    }
    return buf_take(&b);
}

static bool is_blank_or_end(char c)
{
    return c == '\0' || c == ' ' || c == '\t';
}

/* Where OLD stands in LINE between blanks (a blank that is part of it does not count);
 * NULL. */
static const char *find_between_blanks(const char *line, const char *old)
{
    size_t n = strlen(old);

    for (const char *at = line; *at && (at = strstr(at + 1, old));)
        if (is_blank_or_end(at[-1]) && is_blank_or_end(at[n]))
            return at;
    return NULL;
}

/*
 * The generator will write the template's new text where its old text stands in the
 * entry's line: so it is put there. If it is not found the line is left to the rules.
 */
static int feed_entry(const struct outcome *o, struct draft *draft)
{
    const struct entry *entry = o->entry;
    const struct slot *slot = entry->slots ? entry->slot[0] : NULL;
    AUTO_FREE char *old = NULL, *new = NULL, *line = NULL;
    const char *at;
    struct kargs *args;

    if (!entry->feed || !slot || slot->kind != SLOT_LINUX)
        return 0;
    old = template_text(entry->feed, NULL);
    new = template_text(entry->feed, draft);
    if (!old || !new)
        return -ENOMEM;
    at = streq(old, new) ? NULL : find_between_blanks(slot->text, old);
    if (!at)
        return 0;
    line = text_format("%.*s%s%s", (int)(at - slot->text), slot->text, new,
                       at + strlen(old));
    if (!line)
        return -ENOMEM;
    args = &draft->args[slot->index];
    kargs_clear(args);
    return kargs_parse(args, line, slot->dialect, slot->joined);
}

/*
 * Over the entries in turn: first what stands, then the changes, then what stands
 * afterwards, since entries may share slots.
 */
static int work_out(struct plan *plan, const struct want *want, struct draft *draft,
                    struct error *err)
{
    const struct host *host = plan->host;
    AUTO_FREE struct kargs **piece = calloc(most_slots(host), sizeof(struct kargs *));
    int r;

    if (!piece)
        return error_memory(err);
    for (size_t i = 0; i < host->entries; i++) {
        struct outcome *o = &plan->outcome[i];
        struct cmdline line = join(draft, o->entry, piece);

        if (o->entry->slots)
            states(&line, o->entry, o->state_before);
        o->before = joined_text(&line);
        if (!o->before)
            return error_memory(err);
    }
    r = want ? choose_entries(plan, want, err) : 0;
    for (size_t i = 0; want && !r && i < host->entries; i++) {
        struct cmdline line = join(draft, host->entry[i], piece);

        if (feed_entry(&plan->outcome[i], draft) < 0)
            r = error_memory(err);
        else if (plan->outcome[i].chosen &&
                 apply_to_entry(plan, want, &plan->outcome[i], &line) < 0)
            r = error_memory(err);
    }
    for (size_t i = 0; !r && i < host->entries; i++) {
        struct outcome *o = &plan->outcome[i];
        struct cmdline line = join(draft, o->entry, piece);

        if (o->entry->slots)
            states(&line, o->entry, o->state_after);
        o->after = joined_text(&line);
        if (!o->after)
            r = error_memory(err);
    }
    return r;
}

static int take_texts(struct plan *plan, const struct draft *draft, struct error *err)
{
    for (size_t i = 0; i < draft->count; i++) {
        AUTO_FREE char *text = kargs_text(&draft->args[i]);

        if (!text)
            return error_memory(err);
        if (streq(text, plan->host->slot[i]->text))
            continue;
        plan->text[i] = text;
        plan->changes = true;
        text = NULL;
    }
    return 0;
}

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

static int check_length(struct plan *plan, const struct outcome *o, struct error *err)
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
    if (len > limit && starts_linux(entry))
        return remark(plan, true, err,
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

/* The last question before anything is written: does each chosen entry get what is
 * wanted? */
static int check_result(const struct want *want, const struct outcome *o,
                        struct error *err)
{
    const struct entry *entry = o->entry;
    bool good = true;

    for (size_t v = 0; v < 2; v++) {
        if (want->goal == GOAL_ENABLE && (want->vendors & vendors[v]))
            good &= o->state_after[v] == FLAG_ON;
        if (want->goal == GOAL_FORCE_OFF && (want->vendors & vendors[v]))
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

static int count_remarks(struct plan *plan, struct error *err)
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
            r = remark(plan, findings[f].warning, err, "%s:%u: %s", first->store->path,
                       first->line, findings[f].text);
        else
            r = remark(plan, findings[f].warning, err, "%s:%u and %zu more: %s",
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
        return remark(plan, true, err,
                      "kernel %s was built without %s: %s=on will do nothing there",
                      version, driver_words[v], flags[v]);
    if (want->goal == GOAL_ENABLE && driver == DRIVER_ON)
        return remark(plan, false, err,
                      "kernel %s has the IOMMU on by default: the flag only "
                      "says so",
                      version);
    if (want->goal == GOAL_DISABLE && (driver == DRIVER_ON || driver == DRIVER_PARTLY) &&
        o->state_after[v] == FLAG_UNSET && o->state_before[v] == FLAG_ON)
        return remark(
            plan, true, err,
            "kernel %s has the IOMMU on by default: without the flag it stays on; "
            "--force-off writes %s=off",
            version, flags[v]);
    return 0;
}

static int remark_entry(struct plan *plan, const struct want *want,
                        const struct outcome *o, struct error *err)
{
    const struct entry *entry = o->entry;
    int r = 0;

    if (entry->kind == ENTRY_UNKNOWN)
        return remark(plan, true, err,
                      "%s:%u: cannot tell whether %s is a Linux kernel: left alone",
                      entry->store->path, entry->line, entry->kernel);
    if (!o->chosen || entry->kind != ENTRY_LINUX)
        return 0;
    for (size_t v = 0; !r && v < 2; v++)
        if (want->goal == GOAL_DISABLE || (want->vendors & vendors[v]))
            r = remark_driver(plan, want, o, vendors[v], err);
    return r;
}

static int remark_stores(struct plan *plan, const struct want *want, struct error *err)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->host->stores; i++) {
        const struct store *store = plan->host->store[i];

        if (store->state == STORE_STALE && !want->all_stores)
            r = remark(plan, true, err,
                       "%s was left alone: %s; --all-stores changes it too", store->path,
                       store->evidence);
    }
    for (size_t i = 0; !r && i < plan->host->notes; i++)
        r = remark(plan, false, err, "%s", plan->host->note[i]);
    if (!r && want->kernel && want->goal == GOAL_ENABLE)
        for (size_t i = 0; !r && i < plan->host->entries; i++)
            if (plan->outcome[i].entry->is_default && !plan->outcome[i].chosen)
                r = remark(
                    plan, true, err,
                    "%s:%u: the default entry was not asked for and stays as it is; a "
                    "new kernel copies it",
                    plan->outcome[i].entry->store->path, plan->outcome[i].entry->line);
    return r;
}

static int finish(struct plan *plan, const struct want *want, struct error *err)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->host->entries; i++) {
        const struct outcome *o = &plan->outcome[i];

        if (o->chosen)
            r = check_result(want, o, err);
        if (!r)
            r = check_length(plan, o, err);
        if (!r)
            r = remark_entry(plan, want, o, err);
    }
    if (!r)
        r = count_remarks(plan, err);
    return r ? r : remark_stores(plan, want, err);
}

int plan_make(const struct host *host, const struct want *want, struct plan *plan,
              struct error *err)
{
    CLEANUP(draft_clear) struct draft draft = {NULL, 0};
    int r;

    memset(plan, 0, sizeof(*plan));
    plan->host = host;
    plan->text = calloc(host->slots + 1, sizeof(*plan->text));
    plan->outcome = calloc(host->entries + 1, sizeof(*plan->outcome));
    if (!plan->text || !plan->outcome || draft_make(host, &draft) < 0) {
        plan_clear(plan);
        return error_memory(err);
    }
    for (size_t i = 0; i < host->entries; i++)
        plan->outcome[i].entry = host->entry[i];
    r = work_out(plan, want, &draft, err);
    if (!r)
        r = take_texts(plan, &draft, err);
    if (!r && want)
        r = finish(plan, want, err);
    if (r < 0)
        plan_clear(plan);
    return r;
}

void plan_clear(struct plan *plan)
{
    for (size_t i = 0; plan->text && i < plan->host->slots; i++)
        free(plan->text[i]);
    for (size_t i = 0; plan->outcome && i < plan->host->entries; i++) {
        free(plan->outcome[i].before);
        free(plan->outcome[i].after);
    }
    for (size_t i = 0; i < plan->remarks; i++)
        free(plan->remark[i].text);
    free(plan->text);
    free(plan->outcome);
    free(plan->remark);
    memset(plan, 0, sizeof(*plan));
}

static bool store_changes(const struct plan *plan, const struct store *store)
{
    for (size_t i = 0; i < plan->host->slots; i++)
        if (plan->host->slot[i]->store == store && plan->text[i])
            return true;
    return false;
}

static int render_store(const struct plan *plan, const struct store *store,
                        struct changeset *set, struct error *err)
{
    struct change *change = changeset_add(set);

    if (!change)
        return error_memory(err);
    change->path = strdup(store->path);
    change->how = WRITE_REPLACE;
    change->rank = store->type->rank;
    if (!change->path ||
        blob_copy(&change->before, store->text.data, store->text.len) < 0)
        return error_memory(err);
    return store->type->render(plan->host, store, plan->text, &change->after, err);
}

int plan_render(const struct plan *plan, struct changeset *set, struct error *err)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->host->stores; i++)
        if (store_changes(plan, plan->host->store[i]))
            r = render_store(plan, plan->host->store[i], set, err);
    return r;
}
