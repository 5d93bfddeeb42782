/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a command line, through kargs, the rules for IOMMU arguments and the
 * audit. The first byte chooses dialect and joining, the second and third what is wanted;
 * the rest is the line, whose pieces a byte 1Fh parts.
 */
#include "boot/audit.h"
#include "boot/iommu_args.h"

#define PIECES 3
#define MUST(condition) ((condition) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct line {
    struct kargs own[PIECES], *piece[PIECES];
    char *text[PIECES];
    struct cmdline c;
};

static void line_parse(struct line *l, enum kargs_dialect dialect, bool joined)
{
    l->c.piece = l->piece;
    l->c.add_to = l->c.pieces - 1;
    for (size_t i = 0; i < l->c.pieces; i++) {
        l->piece[i] = &l->own[i];
        MUST(kargs_parse(&l->own[i], l->text[i], dialect, joined) == 0);
    }
}

static void line_clear(struct line *l)
{
    for (size_t i = 0; i < l->c.pieces; i++) {
        kargs_clear(&l->own[i]);
        free(l->text[i]);
    }
}

/* The line as somebody sees it who reads what was written. */
static void line_reread(const struct line *l, struct line *anew)
{
    *anew = (struct line){.c.pieces = l->c.pieces};
    for (size_t i = 0; i < l->c.pieces; i++)
        MUST((anew->text[i] = kargs_text(&l->own[i])));
    line_parse(anew, l->own[0].dialect, l->own[0].joined);
}

static void apply(struct line *l, const struct flag_want *want, bool xen)
{
    unsigned findings = 0;

    MUST((xen ? cmdline_apply_xen : cmdline_apply)(&l->c, want, &findings) == 0);
}

static void must_be(const struct kargs *k, const char *text)
{
    char *own = kargs_text(k);

    MUST(own && streq(own, text));
    free(own);
}

/* What is inserted can be removed again, and by one who reads the text anew too. */
static void try_places(const char *text, enum kargs_dialect dialect, bool joined)
{
    struct kargs k, anew;
    size_t place, step;

    MUST(kargs_parse(&k, text, dialect, joined) == 0);
    must_be(&k, text);
    place = strchr(k.head, '"') ? 0 : kargs_place(&k) + 1;
    step = 1 + k.count / 16;
    for (size_t i = 0; i <= k.count; i += step) {
        char *with;

        MUST(kargs_insert(&k, i, "new=1") == 0 && (with = kargs_text(&k)));
        kargs_remove(&k, i);
        must_be(&k, text);
        if (i < place) {
            MUST(kargs_parse(&anew, with, dialect, joined) == 0);
            MUST(anew.count == k.count + 1 && streq(anew.arg[i].raw, "new=1"));
            kargs_remove(&anew, i);
            must_be(&anew, text);
            kargs_clear(&anew);
        }
        free(with);
    }
    kargs_clear(&k);
}

static bool is_ours(const struct karg *arg)
{
    return arg->value && (karg_is(arg, "intel_iommu") || karg_is(arg, "amd_iommu") ||
                          karg_is(arg, "iommu"));
}

static bool line_has_ours(const struct line *l)
{
    for (size_t i = 0; i < l->c.pieces; i++)
        for (size_t j = 0; j < l->own[i].count; j++)
            if (is_ours(&l->own[i].arg[j]))
                return true;
    return false;
}

/* Is it an argument that the audit takes for one of ours? */
static bool is_clean(const char *raw)
{
    size_t n = strlen(raw), quotes = 0, equals = 0;

    for (size_t i = 0; i < n; i++) {
        quotes += raw[i] == '"';
        equals += raw[i] == '=';
        if ((unsigned char)raw[i] > 126 || !strchr("abcdefghijklmnopqrstuvwxyz0123456789"
                                                   "_-.,:=+\"",
                                                   raw[i]))
            return false;
    }
    return !quotes || (quotes == 2 && equals == 1 && raw[n - 1] == '"' &&
                       (raw[0] == '"' || strstr(raw, "=\"")));
}

/* Is it a piece that stands on one logical line and can be judged there? */
static bool is_one_line(const struct kargs *k, const char *text)
{
    size_t n = strlen(text);

    for (const char *p = text; (p = strchr(p, '\n')); p++) {
        const char *q = p;

        while (q > text && q[-1] == '\r')
            q--;
        if (k->dialect == KARGS_PLAIN || q == text || q[-1] != '\\')
            return false;
    }
    while (n && text[n - 1] == '\r')
        n--;
    if ((n && text[n - 1] == '\\') || (k->dialect == KARGS_LEGACY && *text == '\r'))
        return false;
    return true;
}

/* Merging carries what stands in one piece into another. */
static bool line_is_clean(const struct line *l)
{
    for (size_t i = 0; i < l->c.pieces; i++)
        for (size_t j = 0; j < l->own[i].count; j++)
            if (is_ours(&l->own[i].arg[j]) && !is_clean(l->own[i].arg[j].raw))
                return false;
    return true;
}

static void must_pass(const char *start, const char *before, const char *after)
{
    struct blob a, b;
    struct error err;

    a.data = text_format("title x\n%s%s\r\nboot\n", start, before);
    b.data = text_format("title x\n%s%s\r\nboot\n", start, after);
    MUST(a.data && b.data);
    a.len = strlen(a.data);
    b.len = strlen(b.data);
    MUST(audit_texts("/menu", &a, &b, &err) == 0);
    free(a.data);
    free(b.data);
}

static void audit(const struct line *before, const struct line *after)
{
    if (!line_is_clean(before))
        return;
    for (size_t i = 0; i < before->c.pieces; i++) {
        const char *text = before->text[i];

        if (!is_one_line(&before->own[i], text))
            continue;
        must_pass(before->own[i].joined ? "\tkernel /v" : "", text, after->text[i]);
        if (!strchr(text, '"') && !before->own[i].joined)
            must_pass("# kopt=", text, after->text[i]);
    }
}

static void try_rules(struct line *l, const struct flag_want *want, bool xen)
{
    struct flag_want back = *want;
    struct line once, twice;
    bool ours = line_has_ours(l);

    line_reread(l, &twice);
    apply(&twice, want, xen);
    line_reread(&twice, &once);
    apply(&twice, want, xen);
    for (size_t i = 0; i < l->c.pieces; i++)
        must_be(&twice.own[i], once.text[i]);
    line_clear(&twice);
    if (want->goal == GOAL_ENABLE && xen)
        MUST(cmdline_xen_state(&once.c) == FLAG_ON);
    for (enum vendor v = VENDOR_INTEL; v <= VENDOR_AMD; v++)
        if (want->goal == GOAL_ENABLE && !xen && want->vendors & v)
            MUST(cmdline_state(&once.c, v) == FLAG_ON);
    audit(l, &once);
    if (want->goal == GOAL_ENABLE && !ours) {
        back.goal = GOAL_DISABLE;
        apply(&once, &back, xen);
        for (size_t i = 0; i < l->c.pieces; i++)
            must_be(&once.own[i], l->text[i]);
    }
    line_clear(&once);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *at = (const char *)data + 3, *end = (const char *)data + size;
    enum kargs_dialect dialect = size && data[0] & 1 ? KARGS_LEGACY : KARGS_PLAIN;
    bool joined = size && data[0] & 2;
    struct line l = {.c.pieces = 0};
    bool placeless = false;

    if (size < 3 || size > 4096)
        return 0;
    while (l.c.pieces < PIECES && at <= end) {
        const char *stop = memchr(at, 0x1f, (size_t)(end - at));

        stop = stop ? stop : end;
        MUST((l.text[l.c.pieces] = strndup(at, (size_t)(stop - at))));
        try_places(l.text[l.c.pieces++], dialect, joined);
        at = stop + 1;
    }
    line_parse(&l, dialect, joined);
    for (size_t i = 0; i < l.c.pieces; i++)
        placeless |= strchr(l.own[i].head, '"') != NULL;
    if (!placeless)
        try_rules(&l,
                  &(struct flag_want){.goal = data[1] % 3,
                                      .vendors = 1 + data[2] % 3,
                                      .exclusive = data[1] & 4,
                                      .iommu_pt = data[1] & 8,
                                      .old_kernel = data[1] & 16},
                  data[1] & 32);
    line_clear(&l);
    return 0;
}
