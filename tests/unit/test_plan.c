/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plans.h"

/* ---- one kernel line, everything around it the same */

#define BEFORE "default 0\n\ntitle\ta\n\troot (hd0,0)\n"
#define AFTER "\n\tinitrd /i\ntitle b\nchainloader +1\n"

static const struct line {
    unsigned asked;
    const char *line, *after; /* NULL: it stays */
    const char *says;
} lines[] = {
    /* how it is written */
    {0, "kernel /vmlinuz ro root=/dev/sda1",
     "kernel /vmlinuz ro root=/dev/sda1 intel_iommu=on", NULL},
    {0, "kernel=/vmlinuz ro", "kernel=/vmlinuz ro intel_iommu=on", NULL},
    {0, " kernel = = /vmlinuz  ro", " kernel = = /vmlinuz  ro intel_iommu=on", NULL},
    {0, "\tkernel\t(hd0,0)/vmlinuz\tro\t x \t",
     "\tkernel\t(hd0,0)/vmlinuz\tro\t x intel_iommu=on \t", NULL},
    {0, "kernel /vmlinuz", "kernel /vmlinuz intel_iommu=on", NULL},
    {0, "kernel /vmlinuz \t", "kernel /vmlinuz intel_iommu=on \t", NULL},
    {0, "kernel /vmlinuz\r", "kernel /vmlinuz intel_iommu=on\r", NULL},
    {0, "kernel /vmlinuz ro \r\r", "kernel /vmlinuz ro intel_iommu=on \r\r", NULL},
    {0, "kernel --type=linux --no-mem-option /mine ro",
     "kernel --type=linux --no-mem-option /mine ro intel_iommu=on", NULL},
    {0, "kernel --type=biglinux /mine", "kernel --type=biglinux /mine intel_iommu=on",
     NULL},
    {0, "kernel /vmlinuz ro \\\n\t quiet",
     "kernel /vmlinuz ro \\\n\t quiet intel_iommu=on", NULL},
    {0, "kernel /vmlinuz ro \\\r\n quiet \\\r\n\r",
     "kernel /vmlinuz ro \\\r\n quiet intel_iommu=on \\\r\n\r", NULL},
    {0, "kernel \\\n /vmlinuz\\\nro", "kernel \\\n /vmlinuz\\\nro intel_iommu=on", NULL},
    {0, "kernel /vmlinuz ro\\\\\nx", "kernel /vmlinuz ro\\\\\nx intel_iommu=on", NULL},
    {0, "kernel /vmlinuz ro -- 3", "kernel /vmlinuz ro intel_iommu=on -- 3", NULL},
    {0, "kernel /vmlinuz dyndbg=\"file a +p\" ro # x",
     "kernel /vmlinuz dyndbg=\"file a +p\" ro # x intel_iommu=on", NULL},
    {0, "kernel /vmlinuz l=\xe9 \xff\xfe",
     "kernel /vmlinuz l=\xe9 \xff\xfe intel_iommu=on", NULL},

    /* what is asked for */
    {AMD, "kernel /vmlinuz ro", "kernel /vmlinuz ro amd_iommu=on", NULL},
    {BOTH, "kernel /vmlinuz ro", "kernel /vmlinuz ro intel_iommu=on amd_iommu=on", NULL},
    {PT, "kernel /vmlinuz ro", "kernel /vmlinuz ro intel_iommu=on iommu=pt", NULL},
    {0, "kernel /vmlinuz iommu=pt ro", "kernel /vmlinuz iommu=pt ro intel_iommu=on",
     NULL},
    {0, "kernel /vmlinuz amd_iommu=on ro",
     "kernel /vmlinuz amd_iommu=on ro intel_iommu=on",
     "the other vendor's flag is on too"},
    {EXCLUSIVE, "kernel /vmlinuz amd_iommu=on ro", "kernel /vmlinuz ro intel_iommu=on",
     "was taken out"},
    {0, "kernel /vmlinuz ro intel_iommu=on x", NULL, NULL},
    {0, "kernel /vmlinuz ro intel-iommu=sp_off,on\r", NULL, NULL},

    /* what contradicts it */
    {0, "kernel /vmlinuz intel_iommu=off ro", "kernel /vmlinuz intel_iommu=on ro",
     "that stood before"},
    {0, "kernel /vmlinuz intel_iommu=on\tintel_iommu=off ro",
     "kernel /vmlinuz intel_iommu=on ro", "became one"},
    {0, "kernel /vmlinuz ro\\\n\tintel_iommu=off \\\n\tx",
     "kernel /vmlinuz ro\\\n\tintel_iommu=on \\\n\tx", "that stood before"},
    {0, "kernel /vmlinuz iommu=off,pt ro", "kernel /vmlinuz iommu=pt ro intel_iommu=on",
     "no other argument undoes"},
    {0, "kernel /vmlinuz iommu=off\tro", "kernel /vmlinuz\tro intel_iommu=on",
     "no other argument undoes"},
    {0, "kernel /vmlinuz intel_iommu=igfx_off", "kernel /vmlinuz intel_iommu=on,igfx_off",
     "graphics"},
    {0, "kernel /vmlinuz nointremap ro", "kernel /vmlinuz nointremap ro intel_iommu=on",
     "interrupt remapping"},

    /* iommu=soft is in the way up to 2.6.32 */
    {0, "kernel /vmlinuz-2.6.32-754.el6 iommu=soft ro",
     "kernel /vmlinuz-2.6.32-754.el6 ro intel_iommu=on", "iommu=soft"},
    {0, "kernel /vmlinuz-3.10.0 iommu=soft ro",
     "kernel /vmlinuz-3.10.0 iommu=soft ro intel_iommu=on", "iommu=soft stands"},

    /* out again */
    {DISABLE, "kernel /vmlinuz ro\tintel_iommu=on x", "kernel /vmlinuz ro x", NULL},
    {DISABLE, "kernel /vmlinuz\tintel_iommu=on\r", "kernel /vmlinuz\r", NULL},
    {DISABLE, "kernel /vmlinuz intel_iommu=on amd_iommu=on", "kernel /vmlinuz", NULL},
    {DISABLE, "kernel /vmlinuz intel_iommu=on,igfx_off iommu=pt",
     "kernel /vmlinuz intel_iommu=igfx_off iommu=pt", NULL},
    {DISABLE | PT, "kernel /vmlinuz intel_iommu=on iommu=pt", "kernel /vmlinuz", NULL},
    {DISABLE, "kernel /vmlinuz ro", NULL, NULL},
    {DISABLE, "kernel /vmlinuz intel_iommu=off", NULL, "in force and was left"},
    {FORCE_OFF, "kernel /vmlinuz ro", "kernel /vmlinuz ro intel_iommu=off", NULL},
    {FORCE_OFF | AMD, "kernel /vmlinuz-3.2 amd_iommu=on ro",
     "kernel /vmlinuz-3.2 amd_iommu=off ro", NULL},
    {FORCE_OFF | AMD, "kernel /vmlinuz-2.6.32-754.el6 amd_iommu=on ro",
     "kernel /vmlinuz-2.6.32-754.el6 ro iommu=off", NULL},

    /* Xen's own line */
    {0, "kernel /xen.gz dom0_mem=1G\nmodule /vmlinuz-2.6.18xen ro",
     "kernel /xen.gz dom0_mem=1G iommu=1\nmodule /vmlinuz-2.6.18xen ro",
     "Xen's own line"},
    {AMD, "kernel /xen.gz\nmodule /vmlinuz ro",
     "kernel /xen.gz iommu=1\nmodule /vmlinuz ro", "Xen's own line"},
    {0, "kernel /xen.gz iommu=no,verbose x", "kernel /xen.gz iommu=verbose x iommu=1",
     "iommu=no"},
    {0, "kernel /xen.gz iommu=pv", "kernel /xen.gz iommu=pv iommu=1", "Xen's own line"},
    {0, "kernel /xen.gz iommu=pv,yes", NULL, NULL},
    {0, "kernel /xen.gz iommu=required", NULL, NULL},
    {DISABLE, "kernel /xen.gz a iommu=1 b\nmodule /vmlinuz intel_iommu=on",
     "kernel /xen.gz a b\nmodule /vmlinuz intel_iommu=on", NULL},
    {DISABLE, "kernel /xen.gz iommu=force", NULL, "another argument than iommu=1"},
    {FORCE_OFF, "kernel /xen.gz a iommu=1", "kernel /xen.gz a iommu=0", NULL},
};

START_TEST(changes_a_line)
{
    const struct line *t = &lines[_i];
    AUTO_FREE char *before = text_format("%s%s%s", BEFORE, t->line, AFTER);
    AUTO_FREE char *after =
        text_format("%s%s%s", BEFORE, t->after ? t->after : t->line, AFTER);
    struct run run;

    put(MENU_LST, before);
    run_begin(&run, t->asked, NULL);
    judge(t->line, &run, 0, 0);
    hear(t->line, &run, t->says);
    ck_assert_int_eq(run.plan.changes, t->after != NULL);
    ck_assert_uint_eq(run.set.count, t->after != NULL);
    write_changes(&run);
    run_end(&run);
    ck_assert_str_eq(text_at(MENU_LST), after);
    hold_to_promises(t->asked, NULL, before);
}
END_TEST

/* ---- how long a line may get */

static const struct length {
    const char *what;
    bool redhat;
    const char *before, *image; /* what stands before the image, and it; NULL: /vmlinuz */
    const char *args;           /* NULL: "root=/dev/sda1 *"; "*" is the filling */
    char filling;               /* 0: x */
    size_t n;                   /* so many */
    unsigned asked;
    bool refused;
    const char *says;
    unsigned protocol, cmdline_size; /* the image is there, with such a header */
} lengths[] = {
    /* "root=/dev/sda1 " + n + " intel_iommu=on": 30 + n characters */
    {.what = "vanilla, 255", .n = 225},
    {.what = "vanilla, 256",
     .n = 226,
     .refused = true,
     .says = "256 characters and only 255"},
    {.what = "blanks reach the kernel too",
     .args = "root=/dev/sda1*x",
     .filling = ' ',
     .n = 226,
     .refused = true,
     .says = "256 characters"},
    {.what = "and tabs", .args = "root=/dev/sda1*x", .filling = '\t', .n = 225},
    {.what = "but no carriage returns",
     .args = "root=/dev/sda1 x*",
     .filling = '\r',
     .n = 300},
    {.what = "nor blanks before the first",
     .args = "*root=/dev/sda1 ro",
     .filling = ' ',
     .n = 300},
    {.what = "nor behind the last",
     .args = "root=/dev/sda1 ro*",
     .filling = ' ',
     .n = 300},
    {.what = "too long already, and on",
     .args = "intel_iommu=on *",
     .n = 300,
     .says = "only 255 reach the kernel"},
    {.what = "too long already, and none",
     .args = "ro *",
     .n = 300,
     .refused = true,
     .says = "only 255"},
    {.what = "too long, but shorter than before",
     .args = "ro intel_iommu=on *",
     .n = 300,
     .asked = DISABLE,
     .says = "only 255 reach the kernel"},
    {.what = "too long, and no longer than before",
     .args = "ro * intel_iommu=off",
     .n = 300,
     .says = "only 255 reach the kernel"},
    {.what = "Red Hat's", .redhat = true, .n = 1400},
    {.what = "an old kernel by its name",
     .redhat = true,
     .image = "/vmlinuz-2.6.18-8.el5",
     .n = 226,
     .refused = true,
     .says = "only 255"},
    {.what = "an old kernel by its name, 255",
     .redhat = true,
     .image = "/vmlinuz-2.6.18-8.el5",
     .n = 225},
    {.what = "an old kernel by its header",
     .redhat = true,
     .image = "/vmlinuz-0",
     .n = 226,
     .refused = true,
     .says = "only 255",
     .protocol = 0x0204},
    {.what = "the header's own limit",
     .redhat = true,
     .image = "/vmlinuz-3",
     .n = 471,
     .refused = true,
     .says = "only 500",
     .protocol = 0x0206,
     .cmdline_size = 500},
    {.what = "the header's own limit, held",
     .redhat = true,
     .image = "/vmlinuz-3",
     .n = 470,
     .protocol = 0x0206,
     .cmdline_size = 500},
    {.what = "the loader's is the smaller one",
     .image = "/vmlinuz-3",
     .n = 226,
     .refused = true,
     .says = "only 255",
     .protocol = 0x020a,
     .cmdline_size = 2047},

    /* "kernel /vmlinuz " + "root=/dev/sda1 " + n + " intel_iommu=on": 46 + n */
    {.what = "a logical line, 1500", .redhat = true, .n = 1454},
    {.what = "a logical line, 1501",
     .redhat = true,
     .n = 1455,
     .refused = true,
     .says = "1500"},
    {.what = "what stands before the image counts",
     .redhat = true,
     .before = "--no-mem-option ",
     .n = 1439,
     .refused = true,
     .says = "1500"},
    {.what = "a longer one that gets shorter",
     .redhat = true,
     .args = "intel_iommu=on *",
     .n = 1600,
     .asked = DISABLE},

    /* "a " + n + " iommu=1": 10 + n; Xen keeps 1023 */
    {.what = "Xen, 1023", .redhat = true, .image = "/xen.gz", .args = "a *", .n = 1013},
    {.what = "Xen, 1024",
     .redhat = true,
     .image = "/xen.gz",
     .args = "a *",
     .n = 1014,
     .refused = true,
     .says = "only 1023"},
    {.what = "Xen is no Linux to the loader",
     .image = "/xen.gz",
     .args = "a *",
     .n = 400},
};

static void put_header(const char *path, unsigned protocol, unsigned cmdline_size)
{
    unsigned char bytes[0x240] = {0};
    FILE *out;

    put(path, "");
    memcpy(bytes + 0x202, "HdrS", 4);
    bytes[0x206] = (unsigned char)protocol;
    bytes[0x207] = (unsigned char)(protocol >> 8);
    bytes[0x238] = (unsigned char)cmdline_size;
    bytes[0x239] = (unsigned char)(cmdline_size >> 8);
    out = fopen(at(path), "wb");
    ck_assert_uint_eq(fwrite(bytes, 1, sizeof(bytes), out), sizeof(bytes));
    fclose(out);
}

/* The menu of a row. */
static char *menu_of(const struct length *t)
{
    const char *args = t->args ? t->args : "root=/dev/sda1 *";
    size_t head = strcspn(args, "*");
    AUTO_BUF menu = BUF_INIT;

    buf_format(&menu, "title a\nkernel %s%s %.*s", t->before ? t->before : "",
               t->image ? t->image : "/vmlinuz", (int)head, args);
    for (size_t i = 0; i < t->n; i++)
        buf_add_char(&menu, t->filling ? t->filling : 'x');
    buf_format(&menu, "%s\nboot\n", args + head + 1);
    return buf_take(&menu);
}

START_TEST(minds_lengths)
{
    const struct length *t = &lengths[_i];
    AUTO_FREE char *menu = menu_of(t);
    AUTO_FREE char *image = text_format("/boot%s", t->image ? t->image : "");
    struct run run;

    if (t->redhat)
        put("/etc/redhat-release", "x\n");
    if (t->protocol)
        put_header(image, t->protocol, t->cmdline_size);
    put(MENU_LST, menu);
    run_begin(&run, t->asked, NULL);
    judge(t->what, &run, t->refused ? EXIT_CLASS_DATA : 0, t->refused ? 2 : 0);
    hear(t->what, &run, t->says);
    run_end(&run);
}
END_TEST

/* ---- what the plan tells of each entry */

START_TEST(tells_of_each_entry)
{
    static const struct {
        bool chosen;
        const char *left, *before, *after;
        enum flag_state intel[2], amd[2];
    } rows[] = {
        {true,
         NULL,
         "ro amd_iommu=on x",
         "ro amd_iommu=on x intel_iommu=on",
         {FLAG_UNSET, FLAG_ON},
         {FLAG_ON, FLAG_ON}},
        {true,
         NULL,
         "ro iommu=off",
         "ro intel_iommu=on",
         {FLAG_OFF, FLAG_ON},
         {FLAG_OFF, FLAG_UNSET}},
        {false,
         "starts no Linux kernel",
         "",
         "",
         {FLAG_UNSET, FLAG_UNSET},
         {FLAG_UNSET, FLAG_UNSET}},
        {false,
         "not known to be a Linux kernel",
         "x",
         "x",
         {FLAG_UNSET, FLAG_UNSET},
         {FLAG_UNSET, FLAG_UNSET}},
        {true, NULL, "iommu=1", "iommu=1", {FLAG_ON, FLAG_ON}, {FLAG_ON, FLAG_ON}},
    };
    struct run run;

    put(MENU_LST, "title a\nkernel /vmlinuz ro \\\n amd_iommu=on\tx\r\n"
                  "title b\nkernel /vmlinuz  ro  iommu=off \ntitle c\nchainloader +1\n"
                  "title d\nkernel /mine x\ntitle e\nkernel /xen.gz iommu=1\n");
    run_begin(&run, 0, NULL);
    ck_assert_int_eq(run.r, 0);
    ck_assert_uint_eq(run.host.entries, ARRAY_LEN(rows));
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct outcome *o = &run.plan.outcome[i];

        ck_assert_int_eq(o->chosen, rows[i].chosen);
        ck_assert_str_eq(o->left ? o->left : "", rows[i].left ? rows[i].left : "");
        ck_assert_str_eq(o->before, rows[i].before);
        ck_assert_str_eq(o->after, rows[i].after);
        ck_assert_int_eq(o->state_before[0], rows[i].intel[0]);
        ck_assert_int_eq(o->state_after[0], rows[i].intel[1]);
        ck_assert_int_eq(o->state_before[1], rows[i].amd[0]);
        ck_assert_int_eq(o->state_after[1], rows[i].amd[1]);
    }
    run_end(&run);
}
END_TEST

/* Without a want it tells what stands and refuses nothing. */
START_TEST(only_looks)
{
    struct error err;
    struct host host;
    struct plan plan;

    put(MENU_LST, "title d\nkernel /mine intel_iommu=off\n");
    ck_assert_int_eq(host_scan(root, NULL, &host, &err), 0);
    ck_assert_int_eq(plan_make(&host, NULL, &plan, &err), 0);
    ck_assert(!plan.changes);
    ck_assert_int_eq(plan.outcome[0].state_before[0], FLAG_OFF);
    ck_assert_int_eq(plan.outcome[0].state_after[0], FLAG_OFF);
    plan_clear(&plan);
    host_clear(&host);
}
END_TEST

START_TEST(names_every_finding)
{
    unsigned bit = 0;

    while (finding_name(bit))
        bit++;
    ck_assert_uint_eq(1u << bit, FOUND_XEN_OTHER_ON << 1);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("plan");

    tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
    tcase_add_loop_test(t, changes_a_line, 0, ARRAY_LEN(lines));
    tcase_add_loop_test(t, minds_lengths, 0, ARRAY_LEN(lengths));
    tcase_add_test(t, tells_of_each_entry);
    tcase_add_test(t, only_looks);
    tcase_add_test(t, names_every_finding);
    return run_suite("plan", (TCase *const[]){t, NULL});
}
