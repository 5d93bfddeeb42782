/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans made from menus in a scratch root, and what came of them. */
#ifndef TESTS_PLANS_H
#define TESTS_PLANS_H

#include "boot/audit.h"
#include "plan.h"
#include "scratch.h"

#define GRUB_CONF "/boot/grub/grub.conf"
#define MENU_LST "/boot/grub/menu.lst"

/* What is wanted; nothing said is enable for Intel. */
enum asked {
    PT = 1,
    EXCLUSIVE = 2,
    IF_NEEDED = 4,
    ALL_STORES = 8,
    AMD = 16,
    BOTH = 32,
    DISABLE = 64,
    FORCE_OFF = 128,
};

static struct want want_of(unsigned asked, const char *kernel)
{
    return (struct want){
        .goal = asked & DISABLE     ? GOAL_DISABLE
                : asked & FORCE_OFF ? GOAL_FORCE_OFF
                                    : GOAL_ENABLE,
        .vendors = asked & AMD    ? VENDOR_AMD
                   : asked & BOTH ? VENDOR_BOTH
                                  : VENDOR_INTEL,
        .exclusive = asked & EXCLUSIVE,
        .iommu_pt = asked & PT,
        .if_needed = asked & IF_NEEDED,
        .all_stores = asked & ALL_STORES,
        .kernel = kernel,
    };
}

struct run {
    struct host host;
    struct plan plan;
    struct changeset set;
    struct error err;
    int r;
};

static void run_begin(struct run *run, unsigned asked, const char *kernel)
{
    const struct want want = want_of(asked, kernel);

    memset(run, 0, sizeof(*run));
    run->r = host_scan(root, NULL, &run->host, &run->err);
    if (!run->r)
        run->r = plan_make(&run->host, &want, &run->plan, &run->err);
    if (!run->r)
        run->r = plan_render(&run->plan, &run->set, &run->err);
}

static void run_end(struct run *run)
{
    changeset_clear(&run->set);
    plan_clear(&run->plan);
    host_clear(&run->host);
}

/* Put the new texts where the old ones are, as the commit wing would. */
UNUSED static void write_changes(const struct run *run)
{
    struct error err;

    for (size_t i = 0; i < run->set.count; i++) {
        const struct change *c = &run->set.change[i];

        ck_assert_str_eq(text_at(c->path), c->before.data);
        ck_assert_uint_eq(strlen(c->after.data), c->after.len);
        ck_assert_msg(!blob_same(&c->before, &c->after), "%s: no change", c->path);
        ck_assert_msg(audit_texts(c->path, &c->before, &c->after, &err) == 0, "%s",
                      err.text);
        put(c->path, c->after.data);
    }
}

/* The same once more changes nothing; and where the menu, which was BEFORE, held no word
 * of ours, disable gives its bytes back. */
UNUSED static void hold_to_promises(unsigned asked, const char *kernel,
                                    const char *before)
{
    struct run run;

    run_begin(&run, asked, kernel);
    ck_assert_msg(run.r == 0, "again: %s", run.err.text);
    ck_assert_msg(!run.plan.changes && !run.set.count, "again: changes");
    run_end(&run);
    if (asked & (DISABLE | FORCE_OFF) || strstr(before, "iommu"))
        return;
    run_begin(&run, asked | DISABLE, kernel);
    ck_assert_msg(run.r == 0, "disable: %s", run.err.text);
    write_changes(&run);
    run_end(&run);
    ck_assert_str_eq(before, text_at(MENU_LST));
}

/* A remark, or a refusal, must hold the words SAYS; without any no remark may be a
 * warning.
 */
UNUSED static void hear(const char *what, const struct run *run, const char *says)
{
    bool heard = !says;

    if (run->r < 0) {
        ck_assert_msg(says && strstr(run->err.text, says), "%s: %s", what, run->err.text);
        return;
    }
    for (size_t i = 0; i < run->plan.remarks; i++) {
        const struct remark *r = &run->plan.remark[i];

        ck_assert_msg(says || !r->warning, "%s: %s", what, r->text);
        heard |= says && strstr(r->text, says);
    }
    ck_assert_msg(heard, "%s: nobody says %s", what, says);
}

/* It was refused with this class and line, or with EXIT 0 not. */
UNUSED static void judge(const char *what, const struct run *run, enum exit_class exit,
                         unsigned line)
{
    if (!exit) {
        ck_assert_msg(run->r == 0, "%s: %s:%u: %s", what, run->err.file, run->err.line,
                      run->err.text);
        return;
    }
    ck_assert_msg(run->r < 0, "%s: not refused", what);
    ck_assert_msg(run->err.exit == exit && run->err.line == line, "%s: %d, line %u: %s",
                  what, run->err.exit, run->err.line, run->err.text);
    ck_assert_str_eq(run->err.file, MENU_LST);
    ck_assert_uint_eq(run->set.count, 0);
}

#endif
