/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/iommu_args.h"

#include <check.h>

#define PIECES 3

enum option { PLAIN = 0, EXCLUSIVE = 1, PT = 2, OLD = 4, XEN = 8, AT_0 = 16 };

#define ON GOAL_ENABLE
#define OUT GOAL_DISABLE
#define OFF GOAL_FORCE_OFF
#define INTEL VENDOR_INTEL
#define AMD VENDOR_AMD
#define BOTH VENDOR_BOTH

/* A row: what stands, what is wanted, what stands then and what is said. "|" parts the
 * pieces. Where AFTER is NULL, nothing changes. A new argument goes to the last piece, or
 * with AT_0 to the first. */
static const struct row {
    const char *before;
    enum flag_goal goal;
    enum vendor vendors;
    unsigned options;
    const char *after;
    unsigned findings;
} rows[] = {
    /* nothing stands */
    {"ro", ON, INTEL, PLAIN, "ro intel_iommu=on", FOUND_ADDED},
    {"ro", ON, AMD, PLAIN, "ro amd_iommu=on", FOUND_ADDED},
    {"", ON, BOTH, PLAIN, "intel_iommu=on amd_iommu=on", FOUND_ADDED},
    {"ro -- 1", ON, INTEL, PLAIN, "ro intel_iommu=on -- 1", FOUND_ADDED},
    {"-- 1", ON, BOTH, PLAIN, "intel_iommu=on amd_iommu=on -- 1", FOUND_ADDED},
    {"ro|quiet", ON, INTEL, PLAIN, "ro|quiet intel_iommu=on", FOUND_ADDED},
    {"ro|quiet", ON, INTEL, AT_0, "ro intel_iommu=on|quiet", FOUND_ADDED},
    {"ro|-- 1|quiet", ON, INTEL, PLAIN, "ro|intel_iommu=on -- 1|quiet", FOUND_ADDED},
    {"ro|-- 1", ON, INTEL, AT_0, "ro intel_iommu=on|-- 1", FOUND_ADDED},
    {"ro \"a b", ON, INTEL, PLAIN, "ro intel_iommu=on \"a b", FOUND_ADDED},
    {"ro|a=\"b |", ON, INTEL, PLAIN, "ro|intel_iommu=on a=\"b |", FOUND_ADDED},
    {"ro", OUT, INTEL, PLAIN, NULL, 0},
    {"ro", OFF, INTEL, PLAIN, "ro intel_iommu=off", FOUND_OFF_WRITTEN},
    {"ro", OFF, BOTH, PLAIN, "ro intel_iommu=off amd_iommu=off", FOUND_OFF_WRITTEN},

    /* what is no occurrence */
    {"intel_iommu", ON, INTEL, PLAIN, "intel_iommu intel_iommu=on", FOUND_ADDED},
    {"xintel_iommu=on", ON, INTEL, PLAIN, "xintel_iommu=on intel_iommu=on", FOUND_ADDED},
    {"-- intel_iommu=off", ON, INTEL, PLAIN, "intel_iommu=on -- intel_iommu=off",
     FOUND_ADDED},
    {"--|intel_iommu=on", ON, INTEL, PLAIN, "intel_iommu=on --|intel_iommu=on",
     FOUND_ADDED},
    {"-- intel_iommu=on", OUT, INTEL, PLAIN, NULL, 0},
    {"--|amd_iommu=on", OUT, INTEL, PLAIN, NULL, 0},
    {"a=\"x intel_iommu=off\"", ON, INTEL, PLAIN,
     "a=\"x intel_iommu=off\" intel_iommu=on", FOUND_ADDED},

    /* right already: no byte changes, however it is spelled */
    {"intel_iommu=on", ON, INTEL, PLAIN, NULL, 0},
    {"a|intel-iommu=on b", ON, INTEL, PLAIN, NULL, 0},
    {"intel_iommu=\"on\"", ON, INTEL, PLAIN, NULL, 0},
    {"\"intel_iommu=on\"", ON, INTEL, PLAIN, NULL, 0},
    {"intel_iommu=sp_off,on", ON, INTEL, PLAIN, NULL, 0},
    {"intel_iommu=only,,strict", ON, INTEL, PLAIN, NULL, 0},
    {"amd_iommu=on", ON, AMD, PLAIN, NULL, 0},
    {"amd-iommu=fullflush,on", ON, AMD, PLAIN, NULL, 0},

    /* intel_iommu=off, on ... off */
    {"a intel_iommu=off b", ON, INTEL, PLAIN, "a intel_iommu=on b", FOUND_OFF_DROPPED},
    {"a intel-iommu=\"off\" b", ON, INTEL, PLAIN, "a intel_iommu=on b",
     FOUND_OFF_DROPPED},
    {"a intel_iommu=off,strict b", ON, INTEL, PLAIN, "a intel_iommu=on,strict b",
     FOUND_OFF_DROPPED},
    {"a intel_iommu=on b|c intel_iommu=off d", ON, INTEL, PLAIN, "a intel_iommu=on b|c d",
     FOUND_OFF_DROPPED | FOUND_MERGED},
    {"intel_iommu=on,sp_off,off", ON, INTEL, PLAIN, "intel_iommu=on,sp_off",
     FOUND_OFF_DROPPED},
    {"intel_iommu=official", ON, INTEL, PLAIN, "intel_iommu=on", FOUND_OFF_DROPPED},
    {"intel_iommu=off", OUT, INTEL, PLAIN, NULL, FOUND_OFF_KEPT},
    {"intel_iommu=on a intel_iommu=off", OUT, INTEL, PLAIN, NULL, FOUND_OFF_KEPT},
    {"intel_iommu=on,off", OUT, INTEL, PLAIN, NULL, FOUND_OFF_KEPT},
    {"intel_iommu=off", OFF, INTEL, PLAIN, NULL, FOUND_OFF_KEPT},
    {"intel_iommu=on intel_iommu=off", OFF, INTEL, PLAIN, "intel_iommu=off",
     FOUND_REMOVED | FOUND_MERGED},

    /* off ... on */
    {"intel_iommu=off a intel_iommu=on b", ON, INTEL, PLAIN, "intel_iommu=on a b",
     FOUND_OFF_DROPPED | FOUND_MERGED},
    {"intel_iommu=off a|intel_iommu=on b", OUT, INTEL, PLAIN, "intel_iommu=off a|b",
     FOUND_REMOVED | FOUND_MERGED},
    {"intel_iommu=off,on", OUT, INTEL, PLAIN, "intel_iommu=off", FOUND_REMOVED},

    /* igfx_off and other words that only set */
    {"intel_iommu=igfx_off", ON, INTEL, PLAIN, "intel_iommu=on,igfx_off",
     FOUND_ADDED | FOUND_IGFX_OFF},
    {"intel_iommu=igfx_off", OUT, INTEL, PLAIN, NULL, 0},
    {"intel_iommu=on,igfx_off", ON, INTEL, PLAIN, NULL, FOUND_IGFX_OFF},
    {"intel_iommu=on,igfx_off", ON, AMD, PLAIN, "intel_iommu=on,igfx_off amd_iommu=on",
     FOUND_ADDED | FOUND_OTHER_VENDOR},
    {"a intel_iommu=on,igfx_off b", OUT, INTEL, PLAIN, "a intel_iommu=igfx_off b",
     FOUND_REMOVED},
    {"intel_iommu=igfx_off", OFF, INTEL, PLAIN, "intel_iommu=off,igfx_off",
     FOUND_OFF_WRITTEN},
    {"intel_iommu=,strict,,off,", ON, INTEL, PLAIN, "intel_iommu=on,strict",
     FOUND_OFF_DROPPED},
    {"intel_iommu= a", ON, INTEL, PLAIN, "intel_iommu=on a", FOUND_ADDED},
    {"intel_iommu= a", OUT, INTEL, PLAIN, NULL, 0},
    {"intel_iommu=off,\"x y\",a\\b", ON, INTEL, PLAIN, "intel_iommu=on,a",
     FOUND_OFF_DROPPED},
    {"iommu=pt\\,off intel_iommu=on", ON, INTEL, PT, "iommu=pt intel_iommu=on",
     FOUND_IOMMU_OFF_DROPPED},

    /* duplicates */
    {"intel_iommu=on a intel_iommu=on", ON, INTEL, PLAIN, "intel_iommu=on a",
     FOUND_MERGED},
    {"intel_iommu=strict,on|a|intel_iommu=sp_off,strict intel_iommu=forcedac", ON, INTEL,
     PLAIN, "intel_iommu=on,strict,sp_off,forcedac|a|", FOUND_MERGED},
    {"intel_iommu=on a intel_iommu=on", OUT, INTEL, PLAIN, "a", FOUND_REMOVED},
    {"intel_iommu=on,strict a|intel_iommu=on,strict,sp_off", OUT, INTEL, PLAIN,
     "intel_iommu=strict,sp_off a|", FOUND_REMOVED | FOUND_MERGED},

    /* amd_iommu=off[,x]: sticky */
    {"a amd_iommu=off b", ON, AMD, PLAIN, "a amd_iommu=on b", FOUND_OFF_DROPPED},
    {"amd_iommu=off,fullflush", ON, AMD, PLAIN, "amd_iommu=on,fullflush",
     FOUND_OFF_DROPPED},
    {"amd_iommu=off a|amd_iommu=on", ON, AMD, PLAIN, "amd_iommu=on a|",
     FOUND_OFF_DROPPED | FOUND_MERGED},
    {"amd_iommu=off,fullflush", OUT, AMD, PLAIN, NULL, FOUND_OFF_KEPT},
    {"amd_iommu=off a amd_iommu=on", OUT, AMD, PLAIN, NULL, FOUND_OFF_KEPT},
    {"amd_iommu=force_enable", ON, AMD, PLAIN, "amd_iommu=on,force_enable", FOUND_ADDED},

    /* amd_iommu=on */
    {"a amd_iommu=on b", OUT, AMD, PLAIN, "a b", FOUND_REMOVED},
    {"a amd_iommu=on,fullflush b", OUT, AMD, PLAIN, "a amd_iommu=fullflush b",
     FOUND_REMOVED},
    {"amd_iommu=on a", OFF, AMD, PLAIN, "amd_iommu=off a",
     FOUND_REMOVED | FOUND_OFF_WRITTEN},
    {"amd_iommu=off", OFF, AMD, PLAIN, NULL, FOUND_OFF_KEPT},

    /* 2.6.x: the word "on" anywhere in the value, no "off" */
    {"amd_iommu=on", OFF, AMD, OLD, "iommu=off", FOUND_REMOVED | FOUND_OFF_WRITTEN},
    {"a", OFF, AMD, OLD, "a iommu=off", FOUND_OFF_WRITTEN},
    {"a iommu=pt", OFF, AMD, OLD, "a iommu=pt iommu=off", FOUND_OFF_WRITTEN},
    {"a iommu=off", OFF, AMD, OLD, NULL, FOUND_OFF_KEPT},
    {"a", OFF, INTEL, OLD, "a intel_iommu=off", FOUND_OFF_WRITTEN},
    {"a", OFF, BOTH, OLD, "a intel_iommu=off iommu=off", FOUND_OFF_WRITTEN},
    {"amd_iommu=off amd_iommu=on", OUT, AMD, OLD, "amd_iommu=off",
     FOUND_REMOVED | FOUND_MERGED},
    {"amd_iommu=off", OUT, AMD, OLD, NULL, 0},
    {"amd_iommu=force_isolation", OUT, AMD, OLD, NULL, 0},
    {"amd_iommu=off", ON, AMD, OLD, "amd_iommu=on", FOUND_OFF_DROPPED},
    {"a amd_iommu=isolation", ON, INTEL, OLD, "a amd_iommu=isolation intel_iommu=on",
     FOUND_ADDED | FOUND_OTHER_VENDOR},

    /* the other vendor's =on */
    {"amd_iommu=on a", ON, INTEL, PLAIN, "amd_iommu=on a intel_iommu=on",
     FOUND_ADDED | FOUND_OTHER_VENDOR},
    {"intel_iommu=on amd_iommu=on", ON, AMD, PLAIN, NULL, FOUND_OTHER_VENDOR},
    {"amd_iommu=on a", ON, INTEL, EXCLUSIVE, "a intel_iommu=on",
     FOUND_ADDED | FOUND_OTHER_REMOVED},
    {"intel_iommu=on,igfx_off amd_iommu=on", ON, AMD, EXCLUSIVE,
     "intel_iommu=igfx_off amd_iommu=on", FOUND_OTHER_REMOVED},
    {"amd_iommu=off intel_iommu=on", ON, INTEL, EXCLUSIVE, NULL, 0},
    {"amd_iommu=off intel_iommu=on", ON, INTEL, PLAIN, NULL, 0},
    {"amd_iommu=on a|intel_iommu=on", OUT, INTEL, PLAIN, "a|", FOUND_REMOVED},
    {"amd_iommu=on a|intel_iommu=on", OUT, AMD, PLAIN, "a|", FOUND_REMOVED},
    {"amd_iommu=on", OFF, INTEL, PLAIN, "intel_iommu=off",
     FOUND_REMOVED | FOUND_OFF_WRITTEN},
    {"amd_iommu=on intel_iommu=off", OFF, INTEL, PLAIN, "intel_iommu=off",
     FOUND_REMOVED | FOUND_OFF_KEPT},

    /* iommu=off[,pt] */
    {"a iommu=off,pt intel_iommu=on", ON, INTEL, PLAIN, "a iommu=pt intel_iommu=on",
     FOUND_IOMMU_OFF_DROPPED},
    {"a iommu=off b", ON, AMD, PLAIN, "a b amd_iommu=on",
     FOUND_ADDED | FOUND_IOMMU_OFF_DROPPED},
    {"iommu=pt,off a|iommu=off|amd_iommu=on", ON, AMD, PLAIN, "iommu=pt a||amd_iommu=on",
     FOUND_IOMMU_OFF_DROPPED},
    {"iommu=off,pt", OUT, INTEL, PLAIN, NULL, FOUND_OFF_KEPT},
    {"iommu=off intel_iommu=on", OUT, INTEL, PLAIN, "iommu=off",
     FOUND_OFF_KEPT | FOUND_REMOVED},
    {"intel_iommu=on -- iommu=off", ON, INTEL, PLAIN, NULL, 0},

    /* iommu=soft */
    {"iommu=soft,noforce intel_iommu=on", ON, INTEL, OLD, "iommu=noforce intel_iommu=on",
     FOUND_SOFT_DROPPED},
    {"iommu=soft amd_iommu=on", ON, AMD, OLD, "amd_iommu=on", FOUND_SOFT_DROPPED},
    {"iommu=soft intel_iommu=on", ON, INTEL, PLAIN, NULL, FOUND_SOFT_KEPT},
    {"iommu=soft", OUT, INTEL, OLD, NULL, 0},
    {"iommu=soft", OUT, INTEL, PLAIN, NULL, 0},

    /* iommu=pt */
    {"iommu=pt intel_iommu=on", ON, INTEL, PLAIN, NULL, 0},
    {"a", ON, INTEL, PT, "a intel_iommu=on iommu=pt", FOUND_ADDED | FOUND_PT_ADDED},
    {"a|b", ON, AMD, PT | AT_0, "a amd_iommu=on iommu=pt|b",
     FOUND_ADDED | FOUND_PT_ADDED},
    {"iommu=pt intel_iommu=on", ON, INTEL, PT, NULL, 0},
    {"iommu=nopt,pt intel_iommu=on", ON, INTEL, PT, NULL, 0},
    {"iommu=soft intel_iommu=on", ON, INTEL, PT, "iommu=soft intel_iommu=on iommu=pt",
     FOUND_SOFT_KEPT | FOUND_PT_ADDED},
    {"iommu=soft,nopt intel_iommu=on", ON, INTEL, PT, "iommu=soft,pt intel_iommu=on",
     FOUND_SOFT_KEPT | FOUND_PT_ADDED},
    {"iommu=pt a|iommu=pt,nopt|intel_iommu=on", ON, INTEL, PT,
     "iommu=pt a|iommu=pt|intel_iommu=on", FOUND_PT_ADDED},
    {"intel_iommu=on iommu=off", ON, INTEL, PT, "intel_iommu=on iommu=pt",
     FOUND_IOMMU_OFF_DROPPED | FOUND_PT_ADDED},
    {"iommu=pt", OUT, INTEL, PLAIN, NULL, 0},
    {"a iommu=pt,soft b|iommu=pt", OUT, INTEL, PT, "a iommu=soft b|", FOUND_PT_REMOVED},
    {"iommu=nopt", OUT, INTEL, PT, NULL, 0},
    {"intel_iommu=on iommu=pt", OFF, INTEL, PT, "intel_iommu=off",
     FOUND_REMOVED | FOUND_OFF_WRITTEN | FOUND_PT_REMOVED},

    /* interrupt remapping */
    {"intremap=off intel_iommu=on", ON, INTEL, PLAIN, NULL, FOUND_INTREMAP_OFF},
    {"nointremap intel_iommu=on", ON, INTEL, PLAIN, NULL, FOUND_INTREMAP_OFF},
    {"nointremap amd_iommu=on|intremap=on,nosid", ON, AMD, PLAIN, NULL, 0},
    {"intremap=on,nosid|intremap=off amd_iommu=on", ON, AMD, PLAIN, NULL,
     FOUND_INTREMAP_OFF},
    {"amd_iommu=on -- nointremap", ON, AMD, PLAIN, NULL, 0},
    {"intremap=off", OUT, INTEL, PLAIN, NULL, 0},

    /* the blanks before what stays are those that stood there */
    {"intel_iommu=on  -- 1", ON, AMD, EXCLUSIVE, "amd_iommu=on  -- 1",
     FOUND_ADDED | FOUND_OTHER_REMOVED},
    {"intel_iommu=on  -- 1", OFF, AMD, PLAIN, "amd_iommu=off  -- 1",
     FOUND_REMOVED | FOUND_OFF_WRITTEN},
    {"amd_iommu=on  -- 1", OFF, AMD, OLD, "iommu=off  -- 1",
     FOUND_REMOVED | FOUND_OFF_WRITTEN},
    {"iommu=off  -- 1", ON, INTEL, PT, "intel_iommu=on iommu=pt  -- 1",
     FOUND_ADDED | FOUND_PT_ADDED | FOUND_IOMMU_OFF_DROPPED},
    {"iommu=no  -- 1", ON, INTEL, XEN, "iommu=1  -- 1",
     FOUND_XEN_OFF_DROPPED | FOUND_XEN_ADDED},
    {"iommu=1  -- 1", OFF, INTEL, XEN, "iommu=0  -- 1",
     FOUND_XEN_REMOVED | FOUND_OFF_WRITTEN},

    /* Xen's own line */
    {"dom0_mem=1G", ON, BOTH, XEN, "dom0_mem=1G iommu=1", FOUND_XEN_ADDED},
    {"iommu=1", ON, INTEL, XEN, NULL, 0},
    {"iommu=pv,yes", ON, INTEL, XEN, NULL, 0},
    {"iommu=force", ON, INTEL, XEN, NULL, 0},
    {"iommu=required", ON, INTEL, XEN, NULL, 0},
    {"iommu=pv", ON, INTEL, XEN, "iommu=pv iommu=1", FOUND_XEN_ADDED},
    {"a iommu=0 b", ON, INTEL, XEN, "a b iommu=1",
     FOUND_XEN_OFF_DROPPED | FOUND_XEN_ADDED},
    {"iommu=off,pv,no a iommu=disable,true", ON, INTEL, XEN, "iommu=pv a iommu=true",
     FOUND_XEN_OFF_DROPPED},
    {"iommu=offside,1", ON, INTEL, XEN, NULL, 0},
    {"intel_iommu=off iommu=1", ON, INTEL, XEN, NULL, 0},
    {"a iommu=1 b iommu=1", OUT, INTEL, XEN, "a b", FOUND_XEN_REMOVED},
    {"a iommu=1,pv", OUT, INTEL, XEN, NULL, FOUND_XEN_OTHER_ON},
    {"iommu=force a iommu=1", OUT, INTEL, XEN, "iommu=force a",
     FOUND_XEN_REMOVED | FOUND_XEN_OTHER_ON},
    {"iommu=no", OUT, INTEL, XEN, NULL, FOUND_OFF_KEPT},
    {"a", OUT, INTEL, XEN, NULL, 0},
    {"a iommu=1", OFF, INTEL, XEN, "a iommu=0", FOUND_XEN_REMOVED | FOUND_OFF_WRITTEN},
    {"a iommu=pv,on", OFF, INTEL, XEN, "a iommu=pv iommu=0",
     FOUND_XEN_REMOVED | FOUND_OFF_WRITTEN},
    {"a iommu=0", OFF, INTEL, XEN, NULL, FOUND_OFF_KEPT},
    {"a iommu=force", OFF, INTEL, XEN, NULL, FOUND_XEN_OTHER_ON},
};

/* A command line of its own, made from texts. */
struct line {
    struct kargs own[PIECES], *piece[PIECES];
    struct cmdline c;
};

static void line_make(struct line *l, const char *text, unsigned options)
{
    AUTO_FREE char *copy = strdup(text), *rest = copy, *piece;

    l->c = (struct cmdline){.piece = l->piece};
    while ((piece = strsep(&rest, "|"))) {
        size_t i = l->c.pieces++;

        ck_assert_uint_lt(i, PIECES);
        ck_assert_int_eq(kargs_parse(&l->own[i], piece, KARGS_PLAIN, false), 0);
        l->piece[i] = &l->own[i];
    }
    l->c.add_to = options & AT_0 ? 0 : l->c.pieces - 1;
}

static void line_clear(struct line *l)
{
    for (size_t i = 0; i < l->c.pieces; i++)
        kargs_clear(&l->own[i]);
}

static char *line_text(const struct line *l)
{
    struct buf b = BUF_INIT;

    for (size_t i = 0; i < l->c.pieces; i++) {
        if (i)
            buf_add_char(&b, '|');
        kargs_write(&l->own[i], &b);
    }
    return buf_take(&b);
}

static void line_is(const struct line *l, const char *text)
{
    AUTO_FREE char *own = line_text(l);

    ck_assert_str_eq(own, text);
}

static unsigned line_apply(struct line *l, enum flag_goal goal, enum vendor vendors,
                           unsigned options)
{
    struct flag_want want = {goal, vendors, options & EXCLUSIVE, options & PT,
                             options & OLD};
    unsigned findings = 0;

    ck_assert_int_eq(
        (options & XEN ? cmdline_apply_xen : cmdline_apply)(&l->c, &want, &findings), 0);
    return findings;
}

/* The texts as a program sees them that reads them anew. */
static void line_reread(struct line *l, unsigned options)
{
    AUTO_FREE char *text = line_text(l);

    line_clear(l);
    line_make(l, text, options);
}

START_TEST(obeys_the_table)
{
    const struct row *row = &rows[_i];
    const char *after = row->after ? row->after : row->before;
    struct line l;

    line_make(&l, row->before, row->options);
    ck_assert_uint_eq(line_apply(&l, row->goal, row->vendors, row->options),
                      row->findings);
    line_is(&l, after);
    line_clear(&l);
}
END_TEST

/* The second time nothing changes; and what is in force is what was wanted. */
START_TEST(is_settled_by_one_run)
{
    const struct row *row = &rows[_i];
    const char *after = row->after ? row->after : row->before;
    struct line l;

    line_make(&l, row->before, row->options);
    line_apply(&l, row->goal, row->vendors, row->options);
    line_reread(&l, row->options);
    for (enum vendor v = VENDOR_INTEL; v <= VENDOR_AMD; v++) {
        enum flag_state state =
            row->options & XEN ? cmdline_xen_state(&l.c) : cmdline_state(&l.c, v);

        if (!(row->vendors & v) && !(row->options & XEN))
            continue;
        if (row->goal == GOAL_ENABLE)
            ck_assert_int_eq(state, FLAG_ON);
        else if (row->goal == GOAL_FORCE_OFF && !(row->findings & FOUND_XEN_OTHER_ON))
            ck_assert_int_eq(state, FLAG_OFF);
        else if (!(row->findings & FOUND_XEN_OTHER_ON))
            ck_assert_int_ne(state, FLAG_ON);
    }
    ck_assert_uint_eq(line_apply(&l, row->goal, row->vendors, row->options) &
                          ~(unsigned)(FOUND_IGFX_OFF | FOUND_INTREMAP_OFF |
                                      FOUND_SOFT_KEPT | FOUND_OTHER_VENDOR |
                                      FOUND_OFF_KEPT | FOUND_XEN_OTHER_ON),
                      0);
    line_is(&l, after);
    line_clear(&l);
}
END_TEST

static const struct state {
    const char *text;
    enum flag_state intel, amd, xen;
} states[] = {
    {"", FLAG_UNSET, FLAG_UNSET, FLAG_UNSET},
    {"intel_iommu=on", FLAG_ON, FLAG_UNSET, FLAG_UNSET},
    {"intel_iommu=on,off|intel-iommu=on", FLAG_ON, FLAG_UNSET, FLAG_UNSET},
    {"intel_iommu=on|intel_iommu=igfx_off,off", FLAG_OFF, FLAG_UNSET, FLAG_UNSET},
    {"intel_iommu=on --|intel_iommu=off", FLAG_ON, FLAG_UNSET, FLAG_UNSET},
    {"intel_iommu=igfx_off", FLAG_UNSET, FLAG_UNSET, FLAG_UNSET},
    {"intel_iommu intel_iommu=", FLAG_UNSET, FLAG_UNSET, FLAG_UNSET},
    {"\"intel_iommu=on\" amd_iommu=\"on\"", FLAG_ON, FLAG_ON, FLAG_UNSET},
    {"amd_iommu=on", FLAG_UNSET, FLAG_ON, FLAG_UNSET},
    {"amd_iommu=off|amd_iommu=on", FLAG_UNSET, FLAG_OFF, FLAG_UNSET},
    {"amd_iommu=force_isolation", FLAG_UNSET, FLAG_UNSET, FLAG_UNSET},
    {"iommu=off,pt intel_iommu=on amd_iommu=on", FLAG_OFF, FLAG_OFF, FLAG_OFF},
    {"iommu=pt", FLAG_UNSET, FLAG_UNSET, FLAG_UNSET},
    {"iommu=1", FLAG_UNSET, FLAG_UNSET, FLAG_ON},
    {"iommu=pv,enable", FLAG_UNSET, FLAG_UNSET, FLAG_ON},
    {"iommu=force", FLAG_UNSET, FLAG_UNSET, FLAG_ON},
    {"iommu=0 iommu=1", FLAG_UNSET, FLAG_UNSET, FLAG_OFF},
    {"iommu=1,no", FLAG_UNSET, FLAG_UNSET, FLAG_OFF},
    {"iommu", FLAG_UNSET, FLAG_UNSET, FLAG_UNSET},
};

START_TEST(reads_the_state)
{
    struct line l;

    line_make(&l, states[_i].text, PLAIN);
    ck_assert_int_eq(cmdline_state(&l.c, VENDOR_INTEL), states[_i].intel);
    ck_assert_int_eq(cmdline_state(&l.c, VENDOR_AMD), states[_i].amd);
    ck_assert_int_eq(cmdline_xen_state(&l.c), states[_i].xen);
    line_clear(&l);
}
END_TEST

START_TEST(needs_a_piece)
{
    struct cmdline none = {NULL, 0, 0};
    struct flag_want want = {.goal = GOAL_ENABLE, .vendors = VENDOR_INTEL};
    unsigned findings = 0;

    ck_assert_int_lt(cmdline_apply(&none, &want, &findings), 0);
}
END_TEST

/* Lines made by a small generator of its own, the same ones in each run. */
static unsigned dice(unsigned long long *seed, size_t sides)
{
    *seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)((*seed >> 33) % sides);
}

static char *random_text(unsigned long long *seed, const char *const *word, size_t words)
{
    static const char *const blank[] = {" ", "  ", "\t", " \t "};
    struct buf b = BUF_INIT;

    for (unsigned piece = dice(seed, PIECES) + 1; piece; piece--) {
        if (!dice(seed, 4))
            buf_add_text(&b, blank[dice(seed, ARRAY_LEN(blank))]);
        for (unsigned n = dice(seed, 6); n; n--) {
            buf_add_text(&b, word[dice(seed, words)]);
            if (n > 1 || !dice(seed, 4))
                buf_add_text(&b, blank[dice(seed, ARRAY_LEN(blank))]);
        }
        if (piece > 1)
            buf_add_char(&b, '|');
    }
    return buf_take(&b);
}

#define LINES 4000

START_TEST(settles_random_lines)
{
    static const char *const word[] = {
        "ro",
        "quiet",
        "--",
        "a=\"b c\"",
        "intel_iommu=on",
        "intel_iommu=off",
        "amd_iommu=on",
        "amd_iommu=off,x",
        "intel-iommu=on,igfx_off",
        "iommu=pt",
        "iommu=off,soft",
        "intel_iommu=on,off,sp_off",
        "iommu=nopt",
        "iommu=1",
        "iommu=0,pv",
        "iommu=force",
        "\"amd_iommu=on\"",
        "amd_iommu=isolation",
    };
    unsigned long long seed = (unsigned)_i + 1;

    for (int n = 0; n < LINES; n++) {
        unsigned options = dice(&seed, 32);
        enum flag_goal goal = dice(&seed, 3);
        enum vendor vendors = 1 + dice(&seed, 3);
        AUTO_FREE char *text = random_text(&seed, word, ARRAY_LEN(word));
        struct line l;

        line_make(&l, text, options);
        line_apply(&l, goal, vendors, options);
        free(text);
        text = line_text(&l);
        line_reread(&l, options);
        line_apply(&l, goal, vendors, options);
        line_is(&l, text);
        if (goal == GOAL_ENABLE && !(options & XEN)) {
            ck_assert(!(vendors & INTEL) || cmdline_state(&l.c, INTEL) == FLAG_ON);
            ck_assert(!(vendors & AMD) || cmdline_state(&l.c, AMD) == FLAG_ON);
        }
        line_clear(&l);
    }
}
END_TEST

START_TEST(disable_undoes_enable)
{
    static const char *const word[] = {
        "ro",    "quiet",       "--",     "a=\"b c\"",        "root=LABEL=/",
        "iommu", "intel_iommu", "splash", "xintel_iommu=off", "intremap=off",
    };
    unsigned long long seed = (unsigned)_i + 1;

    for (int n = 0; n < LINES; n++) {
        unsigned options = dice(&seed, 32);
        AUTO_FREE char *text = random_text(&seed, word, ARRAY_LEN(word));
        struct line l;

        line_make(&l, text, options);
        line_apply(&l, GOAL_ENABLE, 1 + dice(&seed, 3), options);
        line_reread(&l, options);
        line_apply(&l, GOAL_DISABLE, 1 + dice(&seed, 3), options);
        line_is(&l, text);
        line_clear(&l);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("iommu_args");
    TCase *t = tcase_create("iommu_args");
    SRunner *sr;
    int failed;

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, obeys_the_table, 0, ARRAY_LEN(rows));
    tcase_add_loop_test(t, is_settled_by_one_run, 0, ARRAY_LEN(rows));
    tcase_add_loop_test(t, reads_the_state, 0, ARRAY_LEN(states));
    tcase_add_test(t, needs_a_piece);
    tcase_add_loop_test(t, settles_random_lines, 0, 3);
    tcase_add_loop_test(t, disable_undoes_enable, 0, 3);
    suite_add_tcase(s, t);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
