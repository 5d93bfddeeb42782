/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GRUB 2's scripts: which entries are found, which is the default, how many, how long. */
#include "plans.h"

#define GRUB_CFG "/boot/grub/grub.cfg"
#define ON " intel_iommu=on"
#define ENTRY(title, line) "menuentry '" title "' {\n\t" line "\n}\n"
#define LINUX "linux /vmlinuz-6.1 root=UUID=1 ro quiet splash"
#define XEN(xen, linux) "multiboot2 /xen-4.17.gz " xen "\n\tmodule2 /vmlinuz-6.1 x " linux
#define AB ENTRY("a", "linux /va") ENTRY("b", "linux /vb")
#define MENU                                                                             \
    ENTRY("0t", "linux /v")                                                              \
    "submenu 's' --id si {\n" ENTRY("t", "linux /v")                                     \
        ENTRY("u", "linux /v") "submenu 's' {\n" ENTRY("t", "linux /v")                  \
            ENTRY("w", "linux /v") "}\n}\n" ENTRY("t", "linux /v")

/* Each entry: its kind, its position and title, and "*" for the default, "r" for a
 * recovery entry, "-" for one that is spared. */
static const struct listing {
    const char *what, *cfg, *grubenv, *told;
} listings[] = {
    /* kinds */
    {"kinds",
     ENTRY("a", "linux /v") ENTRY("b", "linux16 /memtest86+.bin") ENTRY("c", "boot")
         ENTRY("d", XEN("", "ro")) ENTRY("e", "multiboot /x.elf"),
     NULL, "L0 a*, O1 b, O2 c, X3 d, L3 d-, U4 e"},
    {"two kernels in one", ENTRY("a", "linux /va\nlinux /vb") ENTRY("b", ""), NULL,
     "L0 a*, L0 a*, O1 b"},
    {"submenus count as entries do", MENU, NULL, "L0 0t*, L0 t, L1 u, L0 t, L1 w, L2 t"},
    {"functions do not", "function f {\n linux /v\n}\n" AB, NULL, "L0 a*, L1 b"},
    {"modules without Xen", ENTRY("a", "multiboot2 /x\n module2 /vmlinuz ro"), NULL,
     "U0 a*"},
    {"Xen ends with its entry",
     ENTRY("x", XEN("", "")) ENTRY("a", "module2 /vmlinuz ro") ENTRY("b", "linux /v"),
     NULL, "X0 x*, L0 x-, O1 a, L2 b"},
    {"recovery by title and by id",
     ENTRY("a (recovery mode)", "linux /v") "menuentry b --id x-recovery-y {\nlinux /v\n}"
                                            "\nmenuentry c $menuentry_id_option "
                                            "'x-advanced-y' {\nlinux /v\n}\n",
     NULL, "L0 a (recovery mode)*r-, L1 br-, L2 c"},
    {"quotes in titles",
     "menuentry \"a\\\"b\" {\n}\nmenuentry 'c'\\''d' {\n}\nmenuentry {\n}", NULL,
     "O0 a\"b*, O1 c'd, O2 "},
    {"never ended", "submenu s {\nmenuentry a {\nlinux /v\n", NULL, "L0 a*"},

    /* the default */
    {"by number", "set default=1\n" AB, NULL, "L0 a, L1 b*"},
    {"in quotes", "set default=\"1\"\n" AB, NULL, "L0 a, L1 b*"},
    {"without set", "default=1\n" AB, NULL, "L0 a, L1 b*"},
    {"behind the entries", AB "set default=1\n", NULL, "L0 a, L1 b*"},
    {"the last one", "set default=1\nset default=0\n" AB, NULL, "L0 a*, L1 b"},
    {"not inside an entry", ENTRY("a", "set default=1\nlinux /v") ENTRY("b", "linux /v"),
     NULL, "L0 a*, L1 b"},
    {"not inside a function", "function f {\nset default=1\n}\n" AB, NULL, "L0 a*, L1 b"},
    {"another variable", "set default_x=1\nset x=default=1\n" AB, NULL, "L0 a*, L1 b"},
    {"guarded, the once-only one left out",
     "if [ \"${next_entry}\" ] ; then\n   set default=\"${next_entry}\"\nelse\n   set "
     "default=\"1\"\nfi\n" AB,
     NULL, "L0 a, L1 b*"},
    {"by title", "set default='b'\n" AB, NULL, "L0 a, L1 b*"},
    {"by id",
     "set default=i\nmenuentry a --id i1 {\n}\nmenuentry b --class x --id i {\n}\n", NULL,
     "O0 a, O1 b*"},
    {"by a generated id",
     "set default=i\nmenuentry a {\n}\nmenuentry b $menuentry_id_option 'i' {\n}\n", NULL,
     "O0 a, O1 b*"},
    {"nothing", "set default=\n" AB, NULL, "L0 a*, L1 b"},
    {"no such number: the first", "set default=2\n" AB, NULL, "L0 a*, L1 b"},
    {"no such title: the first", "set default=x\n" AB, NULL, "L0 a*, L1 b"},
    {"the first of two titles", "set default=a\n" AB AB, NULL, "L0 a*, L1 b, L2 a, L3 b"},
    {"a title that begins with a digit", "set default=0t\n" MENU, NULL,
     "L0 0t*, L0 t, L1 u, L0 t, L1 w, L2 t"},
    {"a submenu: its first", "set default=1\n" MENU, NULL,
     "L0 0t, L0 t*, L1 u, L0 t, L1 w, L2 t"},
    {"inside a submenu", "set default='1>1'\n" MENU, NULL,
     "L0 0t, L0 t, L1 u*, L0 t, L1 w, L2 t"},
    {"inside, by titles", "set default='s>u'\n" MENU, NULL,
     "L0 0t, L0 t, L1 u*, L0 t, L1 w, L2 t"},
    {"inside, by id and number", "set default='si>1'\n" MENU, NULL,
     "L0 0t, L0 t, L1 u*, L0 t, L1 w, L2 t"},
    {"two deep", "set default='1>2>1'\n" MENU, NULL,
     "L0 0t, L0 t, L1 u, L0 t, L1 w*, L2 t"},
    {"two deep, its first", "set default='s>s'\n" MENU, NULL,
     "L0 0t, L0 t, L1 u, L0 t*, L1 w, L2 t"},
    {"nothing like it inside: its first", "set default='1>x'\n" MENU, NULL,
     "L0 0t, L0 t*, L1 u, L0 t, L1 w, L2 t"},
    {"a title outside is not the one inside", "set default=t\n" MENU, NULL,
     "L0 0t, L0 t, L1 u, L0 t, L1 w, L2 t*"},
    {"Xen's line is the default, not Linux below it",
     "set default=x\n" ENTRY("a", "linux /v") ENTRY("x", XEN("", "")), NULL,
     "L0 a, X1 x*, L1 x-"},
    {"saved", "set default=\"${saved_entry}\"\n" AB,
     "# GRUB Environment Block\nx=0\nsaved_entry=1\n####", "L0 a, L1 b*"},
    {"saved by title", "set default=\"$saved_entry\"\n" AB,
     "# GRUB Environment Block\nsaved_entry=b\nx=y\n####", "L0 a, L1 b*"},
    {"saved, but nothing is", "set default=1\nset default=\"${saved_entry}\"\n" AB,
     "# GRUB Environment Block\nprev_saved_entry=1\n####", "L0 a*, L1 b"},
    {"saved, without a block", "set default=\"${saved_entry}\"\n" AB, NULL,
     "L0 a*, L1 b"},
    {"saved, not asked for", "set default=0\n" AB,
     "# GRUB Environment Block\nsaved_entry=1\n####", "L0 a*, L1 b"},
};

static void tell(const struct entry *entry, struct buf *b)
{
    static const char kinds[] = "LXTOU";

    buf_format(b, "%s%c%zu %s%s%s%s", b->len ? ", " : "", kinds[entry->kind],
               entry->position, entry->title, entry->is_default ? "*" : "",
               entry->recovery ? "r" : "", entry->spared ? "-" : "");
}

START_TEST(lists)
{
    const struct listing *c = &listings[_i];
    AUTO_BUF told = BUF_INIT;
    struct error err;
    struct host host;

    put(GRUB_CFG, c->cfg);
    if (c->grubenv)
        put("/boot/grub/grubenv", c->grubenv);
    ck_assert_int_eq(host_scan(root, NULL, &host, &err), 0);
    for (size_t i = 0; i < host.entries; i++)
        tell(host.entry[i], &told);
    ck_assert_msg(streq(buf_text(&told), c->told), "%s: %s", c->what, buf_text(&told));
    host_clear(&host);
}
END_TEST

/* What is no menu of GRUB 2. */
static const char *const none[] = {
    "",
    "# menuentry 'a' {\n# linux /vmlinuz\n# }\n",
    "search.fs_uuid 1 root hd0\nset prefix=($root)'/grub'\nconfigfile $prefix/grub.cfg\n",
    "insmod blscfg\n# blscfg\nexport menuentry_id_option\n",
    "if [ x\"${feature_menuentry_id}\" = xy ]; then\n menuentry_id_option=--id\nfi\n",
    "echo 'menuentry x {' \"menuentry y {\"\nlinux /vmlinuz\n",
    "menuentry x\nxmenuentry x {\n}\n",
};

START_TEST(passes_over)
{
    struct error err;
    struct host host;

    put(GRUB_CFG, none[_i]);
    ck_assert_int_eq(host_scan(root, NULL, &host, &err), 0);
    ck_assert_msg(host.stores == 0, "%s", none[_i]);
    host_clear(&host);
}
END_TEST

/* COUNT copies of TEXT between BEFORE and AFTER. */
static char *many(const char *before, const char *text, size_t count, const char *after)
{
    AUTO_BUF b = BUF_INIT;

    buf_add_text(&b, before);
    while (count--)
        buf_add_text(&b, text);
    buf_add_text(&b, after);
    return buf_take(&b);
}

/* The arguments and BOOT_IMAGE=/vmlinuz, with the blank between them, have up to 2047
 * characters. */
static const struct length {
    size_t letters; /* of arguments */
    enum exit_class exit;
    const char *says;
} lengths[] = {
    {2047 - 20 - 15, 0, NULL},
    {2047 - 20 - 15 + 1, EXIT_CLASS_DATA, "2048 characters"},
    {2047 - 20, EXIT_CLASS_DATA, "only 2047 reach the kernel"},
    {2047 - 20 + 1, EXIT_CLASS_DATA, "only 2047 reach the kernel"},
};

START_TEST(counts_what_the_kernel_gets)
{
    const struct length *c = &lengths[_i];
    AUTO_FREE char *text =
        many("menuentry a {\nlinux /vmlinuz ", "x", c->letters, "\n}\n");
    struct run run;

    put(GRUB_CFG, text);
    run_begin(&run, 0, NULL);
    ck_assert_msg(run.r == 0 ? !c->exit : run.err.exit == c->exit, "%s", run.err.text);
    ck_assert_uint_eq(run.r ? run.err.line : 0, c->exit ? 2 : 0);
    hear("length", &run, c->says);
    run_end(&run);
}
END_TEST

START_TEST(edits_a_thousand)
{
    const char *const before = "submenu s {\n", *const after = "}\n";
    AUTO_FREE char *text = many(before, ENTRY("a", LINUX), 1000, after);
    AUTO_FREE char *wanted = many(before, ENTRY("a", LINUX ON), 1000, after);
    struct run run;

    put(GRUB_CFG, text);
    run_begin(&run, 0, NULL);
    ck_assert_msg(run.r == 0, "%s", run.err.text);
    ck_assert_uint_eq(run.host.entries, 1000);
    ck_assert_uint_eq(run.set.count, 1);
    ck_assert(streq(run.set.change[0].after.data, wanted));
    put(GRUB_CFG, wanted);
    run_end(&run);
    run_begin(&run, DISABLE, NULL);
    ck_assert_msg(run.r == 0, "%s", run.err.text);
    ck_assert(streq(run.set.change[0].after.data, text));
    run_end(&run);
}
END_TEST

/* As deep as nobody goes, and deeper. */
START_TEST(goes_only_so_deep)
{
    const size_t depth = 62 + (size_t)_i;
    AUTO_FREE char *text = many("", "submenu s {\n", depth, ENTRY("a", "linux /vmlinuz"));
    struct run run;

    put(GRUB_CFG, text);
    run_begin(&run, 0, NULL);
    ck_assert_int_eq(run.r < 0, _i);
    if (run.r < 0)
        ck_assert_uint_eq(run.err.line, 64);
    hear("depth", &run, _i ? "63 blocks" : NULL);
    run_end(&run);
}
END_TEST

int main(void)
{
    TCase *all = tcase_create("entries");

    tcase_add_checked_fixture(all, scratch_setup, scratch_teardown);
    tcase_add_loop_test(all, lists, 0, ARRAY_LEN(listings));
    tcase_add_loop_test(all, passes_over, 0, ARRAY_LEN(none));
    tcase_add_loop_test(all, counts_what_the_kernel_gets, 0, ARRAY_LEN(lengths));
    tcase_add_test(all, edits_a_thousand);
    tcase_add_loop_test(all, goes_only_so_deep, 0, 2);
    return run_suite("grub_entries", (TCase *const[]){all, NULL});
}
