/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/iommu_args.h"

#include <errno.h>

/* A sub-value of a comma list, as it stands in the list. */
struct word {
    const char *text;
    size_t len;
};

/* Words that mean the same to a parser. Linux compares the beginning only, Xen all. */
struct words {
    bool whole;
    const char *any[6];
};

static const struct words word_on = {.any = {"on"}};
static const struct words word_off = {.any = {"off"}};
static const struct words word_igfx_off = {.any = {"igfx_off"}};
static const struct words word_soft = {.any = {"soft"}};
static const struct words word_pt = {.any = {"pt"}};
static const struct words word_nopt = {.any = {"nopt"}};
static const struct words xen_true = {true, {"1", "yes", "on", "true", "enable"}};
static const struct words xen_false = {true, {"0", "no", "off", "false", "disable"}};
static const struct words xen_force = {true, {"force", "required"}};

static const struct flag {
    enum vendor vendor;
    const char *name;
    bool sticky_off;  /* an "off" holds wherever it stands; else the last word does */
    bool old_only_on; /* 2.6.x: knows no "off", and any value that holds "on" is on */
} flags[] = {
    {.vendor = VENDOR_INTEL, .name = "intel_iommu"},
    {.vendor = VENDOR_AMD, .name = "amd_iommu", .sticky_off = true, .old_only_on = true},
};

/* What writing a flag takes: LEAD stands first and once, YIELD nowhere. */
struct writing {
    const char *lead;
    const struct words *keep, *yield;
    unsigned found_kept;    /* nothing to do */
    unsigned found_yielded; /* YIELD stood and is gone */
    unsigned found_written; /* LEAD had to be put in */
    bool yielded_says_all;  /* then found_written is not said */
};

static const struct writing write_on = {
    .lead = "on",
    .keep = &word_on,
    .yield = &word_off,
    .found_yielded = FOUND_OFF_DROPPED,
    .found_written = FOUND_ADDED,
    .yielded_says_all = true,
};

static const struct writing write_off = {
    .lead = "off",
    .keep = &word_off,
    .yield = &word_on,
    .found_kept = FOUND_OFF_KEPT,
    .found_yielded = FOUND_REMOVED,
    .found_written = FOUND_OFF_WRITTEN,
};

/* The next word of the list at *REST; empty ones are passed over. A blank, a quote or a
 * backslash ends a word: no kernel knows one that holds such, and written again without
 * the quotes it would not stay one argument. */
static bool word_next(const char **rest, struct word *word)
{
    do {
        word->text = *rest + strspn(*rest, ",");
        word->len = strcspn(word->text, ", \t\n\r\v\f\"\\");
        *rest = word->text + strcspn(word->text, ",");
    } while (!word->len && **rest);
    return word->len > 0;
}

static bool word_in(const struct word *word, const struct words *set)
{
    for (size_t i = 0; i < ARRAY_LEN(set->any) && set->any[i]; i++) {
        size_t n = strlen(set->any[i]);

        if (word->len >= n && memcmp(word->text, set->any[i], n) == 0 &&
            (word->len == n || !set->whole))
            return true;
    }
    return false;
}

/* Where an argument stands. */
struct spot {
    size_t piece, index;
};

/* The argument that the kernel reads next, at *AT or behind it; NULL if there is none. */
static const struct karg *arg_at(const struct cmdline *c, struct spot *at)
{
    for (; at->piece < c->pieces; at->piece++, at->index = 0) {
        const struct kargs *k = c->piece[at->piece];

        if (at->index < k->count)
            return karg_ends(&k->arg[at->index]) ? NULL : &k->arg[at->index];
    }
    return NULL;
}

/* The same for the next NAME=... */
static const struct karg *arg_next(const struct cmdline *c, const char *name,
                                   struct spot *at)
{
    const struct karg *arg;

    while ((arg = arg_at(c, at)) && !(arg->value && karg_is(arg, name)))
        at->index++;
    return arg;
}

static size_t args_count(const struct cmdline *c, const char *name)
{
    size_t n = 0;

    for (struct spot at = {0, 0}; arg_next(c, name, &at); at.index++)
        n++;
    return n;
}

static size_t words_in_list(const char *list, const struct words *set)
{
    struct word word;
    size_t n = 0;

    while (word_next(&list, &word))
        n += word_in(&word, set);
    return n;
}

static size_t words_count(const struct cmdline *c, const char *name,
                          const struct words *set)
{
    const struct karg *arg;
    size_t n = 0;

    for (struct spot at = {0, 0}; (arg = arg_next(c, name, &at)); at.index++)
        n += words_in_list(arg->value, set);
    return n;
}

/* Which of the two stands last in LIST. */
static enum flag_state list_last(const char *list, const struct words *on,
                                 const struct words *off)
{
    enum flag_state state = FLAG_UNSET;
    struct word word;

    while (word_next(&list, &word)) {
        if (word_in(&word, on))
            state = FLAG_ON;
        else if (word_in(&word, off))
            state = FLAG_OFF;
    }
    return state;
}

/* Which of the two stands last in all lists of NAME; *SPOT (may be NULL): there. */
static enum flag_state words_last(const struct cmdline *c, const char *name,
                                  const struct words *on, const struct words *off,
                                  struct spot *spot)
{
    enum flag_state state = FLAG_UNSET;
    const struct karg *arg;

    for (struct spot at = {0, 0}; (arg = arg_next(c, name, &at)); at.index++) {
        enum flag_state own = list_last(arg->value, on, off);

        if (own == FLAG_UNSET)
            continue;
        state = own;
        if (spot)
            *spot = at;
    }
    return state;
}

/* The flag's own argument alone, without regard to iommu=off. */
static enum flag_state flag_state(const struct cmdline *c, const struct flag *flag,
                                  bool old_kernel)
{
    if (flag->old_only_on && old_kernel) {
        const struct karg *arg;

        for (struct spot at = {0, 0}; (arg = arg_next(c, flag->name, &at)); at.index++)
            if (strstr(arg->value, "on"))
                return FLAG_ON;
        return FLAG_UNSET;
    }
    if (flag->sticky_off && words_count(c, flag->name, &word_off))
        return FLAG_OFF;
    return words_last(c, flag->name, &word_on, &word_off, NULL);
}

enum flag_state cmdline_state(const struct cmdline *c, enum vendor vendor)
{
    if (words_count(c, "iommu", &word_off))
        return FLAG_OFF;
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if (flags[i].vendor == vendor)
            return flag_state(c, &flags[i], false);
    return FLAG_UNSET;
}

enum flag_state cmdline_xen_state(const struct cmdline *c)
{
    if (words_count(c, "iommu", &xen_false))
        return FLAG_OFF;
    if (words_count(c, "iommu", &xen_true) || words_count(c, "iommu", &xen_force))
        return FLAG_ON;
    return FLAG_UNSET;
}

static int arg_append(struct cmdline *c, const char *raw)
{
    for (size_t i = 0; i < c->pieces; i++) {
        size_t place = kargs_place(c->piece[i]);

        if (place < c->piece[i]->count || i == c->add_to)
            return kargs_insert(c->piece[i], place, raw);
    }
    return -EINVAL;
}

/* Add a word to a list unless it is there. */
static void list_add(struct buf *list, const struct word *word)
{
    const char *rest = buf_text(list);
    struct word own;

    while (word_next(&rest, &own))
        if (own.len == word->len && memcmp(own.text, word->text, own.len) == 0)
            return;
    if (list->len)
        buf_add_char(list, ',');
    buf_add(list, word->text, word->len);
}

static void list_add_text(struct buf *list, const char *text)
{
    list_add(list, &(struct word){text, strlen(text)});
}

/* Give the argument at *AT the list as its value; with an empty one it goes. *AT is moved
 * on to what follows. */
static int list_put(struct cmdline *c, struct spot *at, const char *name,
                    const struct buf *list)
{
    struct kargs *k = c->piece[at->piece];
    AUTO_FREE char *raw = NULL;

    if (list->failed)
        return -ENOMEM;
    if (!list->len) {
        kargs_remove(k, at->index);
        return 0;
    }
    raw = text_format("%s=%s", name, list->data);
    if (!raw || kargs_replace(k, at->index, raw) < 0)
        return -ENOMEM;
    at->index++;
    return 0;
}

/* Make one argument of all NAME=... in the first one's place: LEAD (may be NULL), then
 * all their words but those in DROP and DROP2. */
static int lists_merge(struct cmdline *c, const char *name, const char *lead,
                       const struct words *drop, const struct words *drop2)
{
    AUTO_BUF list = BUF_INIT;
    struct spot first = {0, 0};
    const struct karg *arg;
    int r;

    if (lead)
        list_add_text(&list, lead);
    for (struct spot at = {0, 0}; (arg = arg_next(c, name, &at)); at.index++) {
        const char *rest = arg->value;
        struct word word;

        while (word_next(&rest, &word))
            if (!word_in(&word, drop) && !word_in(&word, drop2))
                list_add(&list, &word);
    }
    arg_next(c, name, &first);
    r = list_put(c, &first, name, &list);
    while (!r && arg_next(c, name, &first))
        kargs_remove(c->piece[first.piece], first.index);
    return r;
}

/* In the argument at *AT put INSTEAD (NULL: nothing) for the words in DROP. */
static int list_edit(struct cmdline *c, struct spot *at, const char *name,
                     const struct words *drop, const char *instead)
{
    const char *rest = c->piece[at->piece]->arg[at->index].value;
    AUTO_BUF list = BUF_INIT;
    struct word word;

    while (word_next(&rest, &word)) {
        if (!word_in(&word, drop))
            list_add(&list, &word);
        else if (instead)
            list_add_text(&list, instead);
    }
    return list_put(c, at, name, &list);
}

/* Take the words in DROP out of each NAME=...; FOUND is said if there was one. */
static int lists_drop(struct cmdline *c, const char *name, const struct words *drop,
                      unsigned found, unsigned *findings)
{
    struct spot at = {0, 0};
    const struct karg *arg;
    int r = 0;

    while (!r && (arg = arg_next(c, name, &at))) {
        if (words_in_list(arg->value, drop)) {
            *findings |= found;
            r = list_edit(c, &at, name, drop, NULL);
        } else {
            at.index++;
        }
    }
    return r;
}

/* Let exactly one argument of the flag stand, with the wanted word and not the other. */
static int flag_write(struct cmdline *c, const struct flag *flag, const struct writing *w,
                      unsigned *findings)
{
    size_t args = args_count(c, flag->name);
    bool kept = words_count(c, flag->name, w->keep) > 0;
    bool yielded = words_count(c, flag->name, w->yield) > 0;

    if (args == 1 && kept && !yielded) {
        *findings |= w->found_kept;
        return 0;
    }
    if (yielded)
        *findings |= w->found_yielded;
    if (!kept && !(yielded && w->yielded_says_all))
        *findings |= w->found_written;
    if (args > 1)
        *findings |= FOUND_MERGED;
    if (!args) {
        AUTO_FREE char *raw = text_format("%s=%s", flag->name, w->lead);

        return raw ? arg_append(c, raw) : -ENOMEM;
    }
    return lists_merge(c, flag->name, w->lead, w->keep, w->yield);
}

/* Take "on" out where it is in force; FOUND is said then. */
static int flag_remove(struct cmdline *c, const struct flag *flag, bool old_kernel,
                       unsigned found, unsigned *findings)
{
    size_t args = args_count(c, flag->name);
    int r;

    if (flag_state(c, flag, old_kernel) != FLAG_ON ||
        !words_count(c, flag->name, &word_on))
        return 0;
    *findings |= found;
    r = lists_merge(c, flag->name, NULL, &word_on, &word_on);
    if (!r && args > 1 && args_count(c, flag->name))
        *findings |= FOUND_MERGED;
    return r;
}

/* The flag of a vendor that is not wanted, on enabling. */
static int enable_other(struct cmdline *c, const struct flag *flag,
                        const struct flag_want *want, unsigned *findings)
{
    if (want->exclusive)
        return flag_remove(c, flag, want->old_kernel, FOUND_OTHER_REMOVED, findings);
    if (flag_state(c, flag, want->old_kernel) == FLAG_ON)
        *findings |= FOUND_OTHER_VENDOR;
    return 0;
}

/* Write an "off", by another argument where the kernel knows none for the flag. */
static int force_off(struct cmdline *c, const struct flag *flag, bool old_kernel,
                     unsigned *findings)
{
    if (!flag->old_only_on || !old_kernel)
        return flag_write(c, flag, &write_off, findings);
    if (words_count(c, "iommu", &word_off))
        return 0;
    *findings |= FOUND_OFF_WRITTEN;
    return arg_append(c, "iommu=off");
}

/* Let iommu=pt be in force. */
static int pt_write(struct cmdline *c, unsigned *findings)
{
    struct spot at = {0, 0};

    switch (words_last(c, "iommu", &word_pt, &word_nopt, &at)) {
    case FLAG_ON:
        return 0;
    case FLAG_OFF:
        *findings |= FOUND_PT_ADDED;
        return list_edit(c, &at, "iommu", &word_nopt, "pt");
    default:
        *findings |= FOUND_PT_ADDED;
        return arg_append(c, "iommu=pt");
    }
}

/* The last word wins; nointremap is one of them. */
static bool intremap_off(const struct cmdline *c)
{
    enum flag_state state = FLAG_UNSET;
    const struct karg *arg;

    for (struct spot at = {0, 0}; (arg = arg_at(c, &at)); at.index++) {
        enum flag_state own = FLAG_UNSET;

        if (karg_is(arg, "nointremap"))
            own = FLAG_OFF;
        else if (arg->value && karg_is(arg, "intremap"))
            own = list_last(arg->value, &word_on, &word_off);
        if (own != FLAG_UNSET)
            state = own;
    }
    return state == FLAG_OFF;
}

/* Here and below, what is added is added before anything is taken out: so the blanks
 * between an argument that goes and a bare "--" stay for the one that comes. */
static int enable(struct cmdline *c, const struct flag_want *want, unsigned *findings)
{
    int r = 0;

    for (size_t i = 0; !r && i < ARRAY_LEN(flags); i++)
        if (flags[i].vendor & want->vendors)
            r = flag_write(c, &flags[i], &write_on, findings);
    if (!r && want->iommu_pt)
        r = pt_write(c, findings);
    for (size_t i = 0; !r && i < ARRAY_LEN(flags); i++)
        if (!(flags[i].vendor & want->vendors))
            r = enable_other(c, &flags[i], want, findings);
    if (!r)
        r = lists_drop(c, "iommu", &word_off, FOUND_IOMMU_OFF_DROPPED, findings);
    if (!r && want->old_kernel)
        r = lists_drop(c, "iommu", &word_soft, FOUND_SOFT_DROPPED, findings);
    if (words_count(c, "iommu", &word_soft))
        *findings |= FOUND_SOFT_KEPT;
    if (want->vendors & VENDOR_INTEL && words_count(c, "intel_iommu", &word_igfx_off))
        *findings |= FOUND_IGFX_OFF;
    if (intremap_off(c))
        *findings |= FOUND_INTREMAP_OFF;
    return r;
}

static int disable(struct cmdline *c, const struct flag_want *want, unsigned *findings)
{
    enum vendor off = want->goal == GOAL_FORCE_OFF ? want->vendors : VENDOR_NONE;
    int r = 0;

    if (words_count(c, "iommu", &word_off))
        *findings |= FOUND_OFF_KEPT;
    for (size_t i = 0; i < ARRAY_LEN(flags); i++)
        if (!(flags[i].vendor & off) &&
            flag_state(c, &flags[i], want->old_kernel) == FLAG_OFF)
            *findings |= FOUND_OFF_KEPT;
    for (size_t i = 0; !r && i < ARRAY_LEN(flags); i++)
        if (flags[i].vendor & off)
            r = force_off(c, &flags[i], want->old_kernel, findings);
    for (size_t i = 0; !r && i < ARRAY_LEN(flags); i++)
        r = flag_remove(c, &flags[i], want->old_kernel, FOUND_REMOVED, findings);
    if (!r && want->iommu_pt)
        r = lists_drop(c, "iommu", &word_pt, FOUND_PT_REMOVED, findings);
    return r;
}

int cmdline_apply(struct cmdline *c, const struct flag_want *want, unsigned *findings)
{
    return want->goal == GOAL_ENABLE ? enable(c, want, findings)
                                     : disable(c, want, findings);
}

static int xen_enable(struct cmdline *c, unsigned *findings)
{
    int r = 0;

    if (!words_count(c, "iommu", &xen_true) && !words_count(c, "iommu", &xen_force)) {
        *findings |= FOUND_XEN_ADDED;
        r = arg_append(c, "iommu=1");
    }
    return r ? r : lists_drop(c, "iommu", &xen_false, FOUND_XEN_OFF_DROPPED, findings);
}

static void xen_remove(struct cmdline *c, unsigned *findings)
{
    struct spot at = {0, 0};
    const struct karg *arg;

    while ((arg = arg_next(c, "iommu", &at))) {
        if (streq(arg->value, "1")) {
            *findings |= FOUND_XEN_REMOVED;
            kargs_remove(c->piece[at.piece], at.index);
        } else {
            at.index++;
        }
    }
}

/* "force" beside a "no" would be a hypervisor that refuses to boot: left alone. The true
 * words go, since from 4.10 on the last one wins. */
static int xen_force_off(struct cmdline *c, unsigned *findings)
{
    int r = 0;

    if (words_count(c, "iommu", &xen_force))
        return 0;
    if (!words_count(c, "iommu", &xen_false)) {
        *findings |= FOUND_OFF_WRITTEN;
        r = arg_append(c, "iommu=0");
    }
    return r ? r : lists_drop(c, "iommu", &xen_true, FOUND_XEN_REMOVED, findings);
}

int cmdline_apply_xen(struct cmdline *c, const struct flag_want *want, unsigned *findings)
{
    int r = 0;

    if (want->goal == GOAL_ENABLE)
        return xen_enable(c, findings);
    if (cmdline_xen_state(c) == FLAG_OFF)
        *findings |= FOUND_OFF_KEPT;
    if (want->goal == GOAL_FORCE_OFF)
        r = xen_force_off(c, findings);
    xen_remove(c, findings);
    if (words_count(c, "iommu", &xen_true) || words_count(c, "iommu", &xen_force))
        *findings |= FOUND_XEN_OTHER_ON;
    return r;
}
