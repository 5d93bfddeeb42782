/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan.h"

#include <errno.h>

#include "plan_parts.h"

const enum vendor plan_vendors[2] = {VENDOR_INTEL, VENDOR_AMD};

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

/* An entry's slots as one command line over the draft; PIECE is the caller's room. ALONE:
   what is added is for this entry, not for those that share its slots. */
static struct cmdline join(const struct draft *draft, const struct entry *entry,
                           struct kargs **piece, bool alone)
{
    struct cmdline line = {piece, entry->slots, entry->add_to};

    for (size_t i = 0; i < entry->slots; i++) {
        piece[i] = &draft->args[entry->slot[i]->index];
        if (alone && entry->slot[i] == entry->own_slot)
            line.add_to = i;
    }
    return line;
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
                       : cmdline_state(line, plan_vendors[v]);
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

/* A variable's text: the slots of one group run together. DRAFT NULL: as it is on disk.
 */
static void add_group(const struct entry *template, unsigned group,
                      const struct draft *draft, struct buf *b)
{
    for (size_t i = 0; i < template->slots; i++) {
        const struct slot *slot = template->slot[i];

        if (slot->group != group)
            continue;
        if (draft)
            kargs_write(&draft->args[slot->index], b);
        else
            buf_add_text(b, slot->text);
    }
}

/* A template's text as its generator writes it into the entries: a blank between the
   groups from FIRST up to END. */
static char *template_text(const struct entry *template, const struct draft *draft,
                           unsigned first, unsigned end)
{
    AUTO_BUF b = BUF_INIT;

    for (unsigned group = first; group < end; group++) {
        if (group > first)
            buf_add_char(&b, ' ');
        add_group(template, group, draft, &b);
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

    for (const char *at = line; (at = strstr(at, old)) && *at; at++)
        if (is_blank_or_end(at == line ? ' ' : at[-1]) && is_blank_or_end(at[n]) &&
            (at > line || !is_blank_or_end(*old)))
            return at;
    return NULL;
}

/* TEXT without the blanks at its ends, in its own room. */
static char *trim(char *text)
{
    size_t n = strlen(text);

    while (n && is_blank_or_end(text[n - 1]))
        text[--n] = '\0';
    return text + strspn(text, " \t");
}

/* LINE with NEW where OLD stands, in *REPLACED; NULL there if it stands nowhere. */
static int replace_text(const char *line, const char *old, const char *new,
                        char **replaced)
{
    const char *at = find_between_blanks(line, old);

    *replaced = NULL;
    if (!at)
        return 0;
    *replaced = text_format("%.*s%s%s", (int)(at - line), line, new, at + strlen(old));
    return *replaced ? 0 : -ENOMEM;
}

/*
 * Where the old text of the groups from FIRST up to END stands in *LINE, the generator
 * will write the new one: put it there. Other tools trim the blanks that an empty
 * variable leaves; or the rules take the flag out as they put it in. 1: done; 0: nothing
 * to do, or the text was not found.
 */
static int feed_groups(const struct entry *template, const struct draft *draft,
                       unsigned first, unsigned end, char **line)
{
    AUTO_FREE char *old = template_text(template, NULL, first, end);
    AUTO_FREE char *new = template_text(template, draft, first, end);
    char *fed = NULL;
    int r = 0;

    if (!old || !new)
        return -ENOMEM;
    if (streq(old, new) || (template->leaves_no_blank && !*trim(new)))
        return 0;
    if (end - first > 1 || *old)
        r = replace_text(*line, old, new, &fed);
    if (!r && !fed && *trim(old))
        r = replace_text(*line, trim(old), trim(new), &fed);
    if (r < 0 || !fed)
        return r;
    free(*line);
    *line = fed;
    return 1;
}

/*
 * All of a template's text at once as the generator's own scripts write it, else each
 * variable by itself, as others do. If nothing is found the line is left to the rules.
 */
static int feed_entry(const struct outcome *o, struct draft *draft)
{
    const struct entry *entry = o->entry;
    const struct slot *slot = entry->slots ? entry->slot[0] : NULL;
    AUTO_FREE char *line = NULL;
    struct kargs *args;
    int r = 0;

    if (!entry->feed || !slot)
        return 0;
    if (!o->chosen && !entry->generated && entry->kind != ENTRY_TEMPLATE)
        return 0; /* it was made once, and stays as it is */
    line = strdup(slot->text);
    if (!line)
        return -ENOMEM;
    if (!entry->not_fed)
        r = feed_groups(entry->feed, draft, 0, (unsigned)entry->feed->groups, &line);
    for (unsigned group = 0; !r && entry->feed->groups > 1 && group < entry->feed->groups;
         group++) {
        if (entry->not_fed & 1u << group)
            continue;
        r = feed_groups(entry->feed, draft, group, group + 1, &line);
        r = r > 0 ? 0 : r;
    }
    if (r < 0 || streq(line, slot->text))
        return r < 0 ? r : 0;
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
        struct cmdline line = join(draft, o->entry, piece, false);

        if (o->entry->slots)
            states(&line, o->entry, o->state_before);
        o->before = joined_text(&line);
        if (!o->before)
            return error_memory(err);
    }
    r = want ? plan_choose(plan, want, err) : 0;
    for (size_t i = 0; want && !r && i < host->entries; i++) {
        struct cmdline line = join(draft, host->entry[i], piece, want->kernel != NULL);

        if (feed_entry(&plan->outcome[i], draft) < 0)
            r = error_memory(err);
        else if (plan->outcome[i].chosen &&
                 apply_to_entry(plan, want, &plan->outcome[i], &line) < 0)
            r = error_memory(err);
    }
    for (size_t i = 0; !r && i < host->entries; i++) {
        struct outcome *o = &plan->outcome[i];
        struct cmdline line = join(draft, o->entry, piece, false);

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

static int finish(struct plan *plan, const struct want *want, struct error *err)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->host->entries; i++) {
        const struct outcome *o = &plan->outcome[i];

        if (o->chosen)
            r = plan_check_result(want, o, err);
        if (!r)
            r = plan_check_length(plan, o, err);
        if (!r)
            r = plan_remark_entry(plan, want, o, err);
    }
    if (!r)
        r = plan_check_shared(plan, want, err);
    if (!r)
        r = plan_remark_findings(plan, err);
    return r ? r : plan_remark_stores(plan, want, err);
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
    change->how = store->type->in_place ? WRITE_IN_PLACE : WRITE_REPLACE;
    change->rank = store->type->rank;
    change->ahead = store->type->ahead;
    if (!change->path ||
        blob_copy(&change->before, store->text.data, store->text.len) < 0)
        return error_memory(err);
    return store->type->render(plan->host, store, plan->text, &change->after, err);
}

int plan_render(const struct plan *plan, struct changeset *set, struct error *err)
{
    int r = 0;

    for (size_t i = 0; !r && i < plan->host->stores; i++)
        if (!plan->host->store[i]->type->built &&
            store_changes(plan, plan->host->store[i]))
            r = render_store(plan, plan->host->store[i], set, err);
    return r;
}
