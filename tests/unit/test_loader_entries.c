/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One loader entry, ugly ones most of all, as each of its readers takes it; and the
 * variables that entries name. */
#include "boot/loader_entries.h"

#include "plans.h"

#define ENTRY "/boot/loader/entries/a.conf"
#define CFG "/boot/grub2/grub.cfg"
#define ENV "/boot/grub2/grubenv"
#define ON " intel_iommu=on"
#define OFF " intel_iommu=off"
#define OURS "# Added by iommuctl; disable takes it out again.\noptions intel_iommu=on"
#define L "linux /vmlinuz-1\n"

/* Who reads the directory: put there what shows it. */
static void put_readers(const char *readers)
{
    if (strchr(readers, 'g'))
        put(CFG, "insmod blscfg\n  blscfg\n");
    if (strchr(readers, 's'))
        put("/boot/loader/loader.conf", "timeout 3\n");
}

static const struct row {
    const char *what;
    const char *readers; /* "g", "s", "gs", or "" where none is seen */
    const char *text;
    const char *after; /* NULL: refused */
    unsigned line;     /* in which it is refused */
    const char *says;
    unsigned asked; /* enum asked */
} rows[] = {
    {.what = "one line",
     .readers = "g",
     .text = L "options ro\n",
     .after = L "options ro" ON "\n"},
    {.what = "the same",
     .readers = "s",
     .text = L "options ro\n",
     .after = L "options ro" ON "\n"},
    {.what = "the same",
     .readers = "",
     .text = L "options ro\n",
     .after = L "options ro" ON "\n"},
    {.what = "no newline at the end",
     .readers = "g",
     .text = L "options ro",
     .after = L "options ro" ON},
    {.what = "trailing blanks stay",
     .readers = "g",
     .text = L "options ro \t \n",
     .after = L "options ro" ON " \t \n"},
    {.what = "carriage returns",
     .readers = "gs",
     .text = "title a\r\n" L "options ro\r\n",
     .after = "title a\r\n" L "options ro" ON "\r\n"},
    {.what = "several blanks and tabs inside",
     .readers = "g",
     .text = L "  options   a\t b\n",
     .after = L "  options   a\t b" ON "\n"},
    {.what = "before a bare --",
     .readers = "g",
     .text = L "options a -- b\n",
     .after = L "options a" ON " -- b\n"},
    {.what = "not UTF-8",
     .readers = "g",
     .text = "title \377\n" L "options a=\376\n",
     .after = "title \377\n" L "options a=\376" ON "\n"},
    {.what = "off gives way",
     .readers = "g",
     .text = L "options a" OFF " b\n",
     .after = L "options a" ON " b\n",
     .says = "off"},

    /* several options lines */
    {.what = "GRUB reads the first",
     .readers = "g",
     .text = L "options a\noptions b\n",
     .after = L "options a" ON "\noptions b\n"},
    {.what = "GRUB does not read the second",
     .readers = "g",
     .text = L "options a\noptions b" ON "\n",
     .after = L "options a" ON "\noptions b" ON "\n"},
    {.what = "systemd-boot joins them",
     .readers = "s",
     .text = L "options a\noptions b" ON "\n",
     .after = L "options a\noptions b" ON "\n"},
    {.what = "an off in the second",
     .readers = "s",
     .text = L "options a\noptions b" OFF "\n",
     .after = L "options a\noptions b" ON "\n",
     .says = "off"},
    {.what = "right for both",
     .readers = "gs",
     .text = L "options a\noptions b" OFF "\n",
     .after = L "options a" ON "\noptions b\n",
     .says = "off"},
    {.what = "a later line holds nothing else",
     .readers = "s",
     .text = L "options a\noptions intel_iommu=on\n",
     .after = L "options a\n",
     .asked = DISABLE},

    /* where GRUB stops */
    {.what = "a blank line before the options",
     .readers = "g",
     .text = L "\noptions a\n",
     .line = 2,
     .says = "stops reading"},
    {.what = "a blank line where systemd-boot reads",
     .readers = "s",
     .text = L "\noptions a\n",
     .after = L "\noptions a" ON "\n"},
    {.what = "a blank line and no reader seen",
     .readers = "",
     .text = L " \t\noptions a\n",
     .line = 2,
     .says = "stops reading"},
    {.what = "a blank line at the end",
     .readers = "g",
     .text = L "options a\n\n\n",
     .after = L "options a" ON "\n\n\n"},
    {.what = "a key alone before linux",
     .readers = "g",
     .text = "options a\ngrub_users\n" L,
     .line = 2,
     .says = "stops reading"},
    {.what = "a key and one blank",
     .readers = "g",
     .text = "grub_users \n" L "options a\n",
     .line = 1,
     .says = "stops reading"},
    {.what = "a comment is no end",
     .readers = "g",
     .text = L " # x\n#\noptions a\n",
     .after = L " # x\n#\noptions a" ON "\n"},
    {.what = "a blank line of CRLF",
     .readers = "g",
     .text = L "\r\noptions a\n",
     .line = 2,
     .says = "stops reading"},

    /* tabs */
    {.what = "a tab behind the key",
     .readers = "g",
     .text = L "options\ta b\n",
     .line = 2,
     .says = "tab"},
    {.what = "a tab, and no space",
     .readers = "g",
     .text = L "options\ta\n",
     .line = 2,
     .says = "tab"},
    {.what = "a tab for systemd-boot",
     .readers = "s",
     .text = L "options\ta b\n",
     .after = L "options\ta b" ON "\n"},
    {.what = "a tab behind linux",
     .readers = "g",
     .text = "linux\t/vmlinuz-1\noptions a\n",
     .line = 1,
     .says = "tab"},

    /* no options */
    {.what = "none", .readers = "s", .text = L, .after = L OURS "\n"},
    {.what = "none, no newline",
     .readers = "s",
     .text = "linux /vmlinuz-1",
     .after = "linux /vmlinuz-1\n" OURS},
    {.what = "none, for GRUB", .readers = "g", .text = L, .after = L OURS "\n"},
    {.what = "none, and GRUB would not read on",
     .readers = "g",
     .text = L "\n",
     .line = 2,
     .says = "stops reading"},
    {.what = "a key alone is none",
     .readers = "s",
     .text = L "options\n",
     .after = L "options\n" OURS "\n"},
    {.what = "our line goes",
     .readers = "g",
     .text = L OURS "\n",
     .after = L,
     .asked = DISABLE},
    {.what = "somebody's line with the flag alone",
     .readers = "g",
     .text = "options intel_iommu=on\n" L,
     .after = L,
     .asked = DISABLE},

    /* quotes */
    {.what = "quotes around all",
     .readers = "s",
     .text = L "options \"a b\" \n",
     .after = L "options \"a b" ON "\" \n"},
    {.what = "quotes around all, for GRUB",
     .readers = "g",
     .text = L "options \"a b\"\n",
     .line = 2,
     .says = "quotes"},
    {.what = "quotes around one",
     .readers = "g",
     .text = L "options a=\"b c\" d\n",
     .after = L "options a=\"b c\" d" ON "\n"},
    {.what = "a flag inside quotes is none",
     .readers = "s",
     .text = L "options x=\"a" ON "\" b\n",
     .after = L "options x=\"a" ON "\" b" ON "\n"},
    {.what = "a backslash at the end",
     .readers = "g",
     .text = L "options a \\\n",
     .line = 2,
     .says = "backslash"},
    {.what = "the same for systemd-boot",
     .readers = "s",
     .text = L "options a \\\n",
     .after = L "options a \\" ON "\n"},

    /* what is no kernel */
    {.what = "a memory test beside",
     .readers = "s",
     .text = "linux /memtest86+.bin\noptions a\n",
     .line = 0,
     .says = "no entry"},
    {.what = "an EFI program",
     .readers = "s",
     .text = "efi /shell.efi\noptions a\n",
     .line = 0,
     .says = "no entry"},
    {.what = "a kernel as an EFI program",
     .readers = "s",
     .text = "efi /vmlinuz-1\noptions a\n",
     .after = "efi /vmlinuz-1\noptions a" ON "\n"},
    {.what = "a unified image",
     .readers = "s",
     .text = "uki /EFI/Linux/a.efi\n",
     .line = 0,
     .says = "no entry"},
    {.what = "a unified image where no other store looks",
     .readers = "s",
     .text = "uki /b/a.efi\noptions a\n",
     .line = 2,
     .says = "cannot tell"},
    {.what = "half written",
     .readers = "g",
     .text = "title Fedora\nversi",
     .line = 0,
     .says = "no entry"},
    {.what = "empty", .readers = "g", .text = "", .line = 0, .says = "no entry"},
    {.what = "a control character",
     .readers = "s",
     .text = L "options a\004b\n",
     .line = 2,
     .says = "control character"},
};

static void check_again(const struct row *t)
{
    struct run run;

    run_begin(&run, t->asked, NULL);
    ck_assert_msg(run.r == 0, "%s, again: %s", t->what, run.err.text);
    ck_assert_msg(!run.plan.changes, "%s, again: changes", t->what);
    run_end(&run);
    if (t->asked || strstr(t->text, "iommu"))
        return;
    run_begin(&run, DISABLE, NULL);
    ck_assert_msg(run.r == 0, "%s, disable: %s", t->what, run.err.text);
    write_changes(&run);
    run_end(&run);
    ck_assert_str_eq(text_at(ENTRY), t->text);
}

START_TEST(gives_the_flag)
{
    const struct row *t = &rows[_i];
    struct run run;

    put_readers(t->readers);
    put(ENTRY, t->text);
    run_begin(&run, t->asked, NULL);
    if (!t->after) {
        ck_assert_msg(run.r < 0, "%s: not refused", t->what);
        ck_assert_msg(strstr(run.err.text, t->says) && run.err.line == t->line,
                      "%s: %u: %s", t->what, run.err.line, run.err.text);
        ck_assert_uint_eq(run.set.count, 0);
        run_end(&run);
        return;
    }
    ck_assert_msg(run.r == 0, "%s: %u: %s", t->what, run.err.line, run.err.text);
    hear(t->what, &run, t->says);
    write_changes(&run);
    run_end(&run);
    ck_assert_msg(streq(text_at(ENTRY), t->after), "%s (%s): %s", t->what, t->readers,
                  text_at(ENTRY));
    check_again(t);
}
END_TEST

/* A block of 1024 bytes. */
static void put_block(const char *lines)
{
    char block[1025] = "# GRUB Environment Block\n";
    size_t n = strlen(block);

    n += (size_t)snprintf(block + n, sizeof(block) - n, "%s", lines);
    memset(block + n, '#', 1024 - n);
    block[1024] = '\0';
    put(ENV, block);
}

/* Is the block at ENV these lines, and padding up to its length? */
static void block_is(const char *what, const char *lines)
{
    const char *text = text_at(ENV), *at = text + strlen("# GRUB Environment Block\n");

    ck_assert_msg(strlen(text) == 1024, "%s: %zu bytes", what, strlen(text));
    ck_assert_msg(strncmp(at, lines, strlen(lines)) == 0, "%s: %s", what, text);
    at += strlen(lines);
    ck_assert_msg(*at == '#' && at[strspn(at, "#")] == '\0', "%s: %s", what, text);
}

static const struct variable_row {
    const char *what, *cfg, *env, *options;
    const char *cfg_after, *env_after, *options_after; /* NULL: as before */
    const char *kernel;
    enum exit_class exit;
    const char *says;
    unsigned asked;
} variable_rows[] = {
    {.what = "in the block",
     .cfg = "blscfg\n",
     .env = "kernelopts=ro \n",
     .options = "options $kernelopts $tuned_params\n",
     .env_after = "kernelopts=ro" ON " \n"},
    {.what = "not the last variable",
     .cfg = "blscfg\n",
     .env = "kernelopts=ro\nx=1\n",
     .options = "options $kernelopts\n",
     .env_after = "kernelopts=ro" ON "\nx=1\n"},
    {.what = "escapes stay",
     .cfg = "blscfg\n",
     .env = "a=\\\\\\\nb\nkernelopts=x=\\\\ ro\n",
     .options = "options $kernelopts\n",
     .env_after = "a=\\\\\\\nb\nkernelopts=x=\\\\ ro" ON "\n"},
    {.what = "the last of two",
     .cfg = "blscfg\n",
     .env = "kernelopts=a\nkernelopts=b\n",
     .options = "options $kernelopts\n",
     .env_after = "kernelopts=a\nkernelopts=b" ON "\n"},
    {.what = "in grub.cfg alone",
     .cfg = "set kernelopts=\"ro \"\nblscfg\n",
     .env = "x=1\n",
     .options = "options $kernelopts\n",
     .cfg_after = "set kernelopts=\"ro" ON " \"\nblscfg\n"},
    {.what = "nowhere",
     .cfg = "blscfg\n",
     .env = "x=1\n",
     .options = "options $kernelopts\n",
     .options_after = "options $kernelopts" ON "\n"},
    {.what = "no options, and a default",
     .cfg = "set default_kernelopts=\"ro\"\nblscfg\n",
     .env = "x=1\n",
     .options = "",
     .cfg_after = "set default_kernelopts=\"ro" ON "\"\nblscfg\n"},
    {.what = "an off in the entry",
     .cfg = "blscfg\n",
     .env = "kernelopts=ro\n",
     .options = "options $kernelopts" OFF "\n",
     .env_after = "kernelopts=ro" ON "\n",
     .options_after = "options $kernelopts\n",
     .says = "off"},
    {.what = "an off of tuned's",
     .cfg = "blscfg\n",
     .env = "kernelopts=ro\ntuned_params=a" OFF "\n",
     .options = "options $kernelopts $tuned_params\n",
     .env_after = "kernelopts=ro" ON "\ntuned_params=a\n",
     .says = "off"},
    {.what = "another variable",
     .cfg = "blscfg\n",
     .env = "kernelopts=ro\nmine=x\n",
     .options = "options root=$mine $kernelopts\n",
     .env_after = "kernelopts=ro" ON "\nmine=x\n"},
    {.what = "own arguments and tuned's",
     .cfg = "blscfg\n",
     .env = "tuned_params=a b\n",
     .options = "options ro $tuned_params\n",
     .options_after = "options ro" ON " $tuned_params\n"},
    {.what = "a name that is longer",
     .cfg = "blscfg\n",
     .env = "kernelopts=ro\n",
     .options = "options $kernelopts2 a\n",
     .env_after = "kernelopts=ro" ON "\n",
     .options_after = "options $kernelopts2 a" ON "\n"},
    {.what = "one entry alone",
     .cfg = "blscfg\n",
     .env = "kernelopts=ro\n",
     .options = "options $kernelopts\n",
     .options_after = "options $kernelopts" ON "\n",
     .kernel = "a"},
    {.what = "one entry alone, and an off for all",
     .cfg = "blscfg\n",
     .env = "kernelopts=ro" OFF "\n",
     .options = "options $kernelopts\n",
     .kernel = "a",
     .exit = EXIT_CLASS_CONDITION,
     .says = "--kernel ALL"},
    {.what = "the block is broken",
     .cfg = "blscfg\n",
     .env = "kernelopts=ro",
     .options = "options $kernelopts\n",
     .exit = EXIT_CLASS_DATA,
     .says = "not ended"},
    {.what = "set without quotes",
     .cfg = "set kernelopts=ro\nblscfg\n",
     .env = "x=1\n",
     .options = "options $kernelopts\n",
     .exit = EXIT_CLASS_DATA,
     .says = "double quotes"},
    {.what = "no blscfg: nothing of it is read",
     .cfg = "menuentry x {\nlinux /vmlinuz-1 a\n}\n",
     .env = "kernelopts=ro\n",
     .options = "options a\n",
     .cfg_after = "menuentry x {\nlinux /vmlinuz-1 a" ON "\n}\n",
     .options_after = "options a" ON "\n"},
};

static void put_host(const struct variable_row *t)
{
    char entry[256];

    snprintf(entry, sizeof(entry), "title a\nlinux /vmlinuz-1\n%s", t->options);
    put(CFG, t->cfg);
    put_block(t->env);
    put(ENTRY, entry);
}

static void host_is(const struct variable_row *t, const char *cfg, const char *env,
                    const char *options)
{
    char entry[256];

    snprintf(entry, sizeof(entry), "title a\nlinux /vmlinuz-1\n%s", options);
    ck_assert_msg(streq(text_at(CFG), cfg), "%s: %s", t->what, text_at(CFG));
    ck_assert_msg(streq(text_at(ENTRY), entry), "%s: %s", t->what, text_at(ENTRY));
    block_is(t->what, env);
}

static void write_all(const struct run *run)
{
    struct error err;

    for (size_t i = 0; i < run->set.count; i++) {
        const struct change *c = &run->set.change[i];
        bool block = c->how == WRITE_IN_PLACE;

        ck_assert_int_eq(block, ends_with(c->path, "grubenv"));
        ck_assert_msg((block ? audit_blocks : audit_texts)(c->path, &c->before, &c->after,
                                                           &err) == 0,
                      "%s: %s", c->path, err.text);
        put(c->path, c->after.data);
    }
}

START_TEST(follows_variables)
{
    const struct variable_row *t = &variable_rows[_i];
    struct run run;

    put_host(t);
    run_begin(&run, t->asked, t->kernel);
    ck_assert_msg(t->exit ? run.r < 0 && run.err.exit == t->exit : run.r == 0,
                  "%s: %d %s", t->what, run.r, run.err.text);
    if (t->says)
        hear(t->what, &run, t->says);
    if (!run.r)
        write_all(&run);
    run_end(&run);
    if (t->exit)
        return;
    host_is(t, t->cfg_after ? t->cfg_after : t->cfg, t->env_after ? t->env_after : t->env,
            t->options_after ? t->options_after : t->options);
    run_begin(&run, t->asked, t->kernel);
    ck_assert_msg(run.r == 0 && !run.plan.changes, "%s, again: changes", t->what);
    run_end(&run);
    if (strstr(t->env, "iommu") || strstr(t->options, "iommu"))
        return;
    run_begin(&run, DISABLE, t->kernel);
    ck_assert_int_eq(run.r, 0);
    write_all(&run);
    run_end(&run);
    host_is(t, t->cfg, t->env, t->options);
}
END_TEST

/* From too long to just fitting: the block keeps at least one byte of padding. */
START_TEST(refuses_a_full_block)
{
    for (int room = 14; room < 19; room++) {
        char lines[1025];
        struct run run;
        int n = 1024 - (int)strlen("# GRUB Environment Block\nkernelopts=\n") - room;

        snprintf(lines, sizeof(lines), "kernelopts=%0*d\n", n, 0);
        put(CFG, "blscfg\n");
        put_block(lines);
        put(ENTRY, L "options $kernelopts\n");
        run_begin(&run, 0, NULL);
        ck_assert_msg((run.r == 0) == (room > (int)strlen(ON)), "%d: %s", room,
                      run.err.text);
        if (run.r < 0) {
            ck_assert_int_eq(run.err.exit, EXIT_CLASS_DATA);
            ck_assert(strstr(run.err.text, "no room") != NULL);
        }
        run_end(&run);
    }
}
END_TEST

/* What is no block, but holds nothing that entries use, is nobody's. */
START_TEST(minds_blocks_that_matter)
{
    static const char *const texts[] = {"", "x", "\nsaved_entry=a\n", "kernelopts=\n"};
    struct run run;

    put(CFG, "blscfg\n");
    put(ENTRY, L "options a\n");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        put(ENV, texts[i]);
        run_begin(&run, 0, NULL);
        ck_assert_msg(run.r == 0, "%s", run.err.text);
        run_end(&run);
    }
    put(ENV, "# GRUB\nkernelopts=a\n######");
    run_begin(&run, 0, NULL);
    ck_assert_int_eq(run.err.exit, EXIT_CLASS_DATA);
    ck_assert_str_eq(run.err.file, ENV);
    run_end(&run);
}
END_TEST

static const struct {
    const char *older, *newer;
} orders[] = {
    {"a-5.14.0-70", "a-5.14.0-284"},
    {"a-5.9.0", "a-5.14.0"},
    {"a-0-rescue", "a-5.14.0"},
    {"a-5.14.0~rc1", "a-5.14.0"},
    {"a-5.14", "a-5.14.1"},
    {"a", "b"},
    {"a-5.14.0-1.el9", "a-5.14.0-1.el10"},
    {"a-5.x", "a-5.1"},
    {"a-007", "a-10"},
    {"", "a"},
};

START_TEST(orders_names)
{
    ck_assert_int_lt(loader_name_compare(orders[_i].older, orders[_i].newer), 0);
    ck_assert_int_gt(loader_name_compare(orders[_i].newer, orders[_i].older), 0);
    ck_assert_int_eq(loader_name_compare(orders[_i].older, orders[_i].older), 0);
}
END_TEST

static const struct default_row {
    const char *cfg, *conf, *env; /* grub.cfg, loader.conf, saved_entry */
    const char *expected;         /* the file */
    struct firmware firmware;
    const char *image; /* one with a command line in it, of that name */
    const char *note;  /* part of one that there is, or NULL: none that names an entry */
} defaults[] = {
    {.cfg = "blscfg\n", .expected = "x-2.conf"},
    {.cfg = "set default=\"1\"\nblscfg\n", .expected = "x-1.conf"},
    {.cfg = "set default=\"${saved_entry}\"\nblscfg\n",
     .env = "saved_entry=x-1\n",
     .expected = "x-1.conf"},
    {.cfg = "set default=\"${saved_entry}\"\nblscfg\n",
     .env = "saved_entry=t0\n",
     .expected = "w-9.conf"},
    {.cfg = "set default=\"${saved_entry}\"\nblscfg\n",
     .env = "saved_entry=gone\n",
     .expected = "x-2.conf"},
    {.cfg = "set default=0\nblscfg\nmenuentry 'UEFI' { fwsetup\n}\n",
     .expected = "x-2.conf"},
    {.conf = "default x-1\n", .expected = "x-1.conf"},
    {.conf = "#default w-9\ndefault\tx-1.conf \r\n", .expected = "x-1.conf"},
    {.conf = "default w-*\n", .expected = "w-9.conf"},
    {.conf = "timeout 1\n", .expected = "x-2.conf"},
    {.conf = "default gone*\n", .expected = "x-2.conf"},
    {.conf = "default @saved\n", .expected = "x-2.conf"},
    {.conf = "default @saved\n", .firmware.last = "x-1.conf", .expected = "x-1.conf"},
    {.conf = "default @saved\n", .firmware.last = "gone.conf", .expected = "x-2.conf"},
    {.conf = "default w-9\n", .firmware.last = "x-1.conf", .expected = "w-9.conf"},
    {.conf = "default w-9\n", .firmware.chosen = "X-1.CONF", .expected = "x-1.conf"},
    {.conf = "default w-9\n", .firmware.chosen = "x-*", .expected = "x-2.conf"},
    {.conf = "default w-9\n",
     .firmware = {.chosen = "@saved", .last = "x-1"},
     .expected = "x-1.conf"},
    {.conf = "default w-9\n", .firmware.chosen = "@saved", .expected = "w-9.conf"},
    {.conf = "default w-9\n",
     .firmware.chosen = "auto-windows",
     .note = "\"auto-windows\" as the default",
     .expected = "w-9.conf"},
    {.conf = "default w-9\n",
     .firmware.next = "x-1.conf",
     .note = "next start alone is of \"x-1.conf\"",
     .expected = "w-9.conf"},
    {.conf = "default w-9\n", .firmware.next = "w-9.conf", .expected = "w-9.conf"},
    {.conf = "",
     .firmware = {.preferred = "x-1.conf", .chosen = "w-9.conf"},
     .expected = "x-1.conf"},
    {.conf = "", /* given up: systemd-boot passes over it, there alone */
     .firmware = {.preferred = "v-*", .chosen = "w-9.conf"},
     .expected = "w-9.conf"},
    {.conf = "", .firmware.chosen = "v-5.conf", .expected = "v-5+0-3.conf"},
    {.cfg = "blscfg\n", .firmware.chosen = "x-1.conf", .expected = "x-2.conf"},
    {.conf = "", .image = "zz.efi", .expected = "x-2.conf"},
    {.conf = "default zz*\n", .image = "zz.efi", .expected = "zz.efi"},
    {.conf = "default w-9\n",
     .image = "zz.efi",
     .firmware.chosen = "zz.efi",
     .expected = "zz.efi"},
    {.cfg = "blscfg\n", .image = "zz.efi", .expected = "x-2.conf"},
};

/* An EFI program with a .cmdline section and nothing else. */
static void put_image(const char *name)
{
    char data[512] = "MZ", path[64];
    int fd;

    data[0x3c] = 0x40;                          /* where the header is */
    memcpy(data + 0x40, "PE\0\0\x64\x86\1", 7); /* one section */
    memcpy(data + 0x58, ".cmdline", 8);
    data[0x60] = 2; /* its size, in memory and in the file */
    data[0x68] = 2;
    data[0x6c] = (char)0x80; /* and where it is */
    memcpy(data + 0x80, "ro", 2);
    snprintf(path, sizeof(path), "/boot/EFI/Linux/%s", name);
    put(path, "");
    fd = open(at(path), O_WRONLY);
    ck_assert_int_eq(write(fd, data, sizeof(data)), (ssize_t)sizeof(data));
    close(fd);
}

START_TEST(finds_the_default)
{
    const struct default_row *t = &defaults[_i];
    const char *found = "none";
    struct error err;
    struct host host;
    unsigned n = 0;
    int noted = 0;

    put("/boot/loader/entries/x-1.conf", L "options a\n");
    put("/boot/loader/entries/x-2.conf", L "options a\n");
    put("/boot/loader/entries/w-9.conf", "title t0\n" L "options a\n");
    if (t->firmware.chosen || t->firmware.preferred)
        put("/boot/loader/entries/v-5+0-3.conf", L "options a\n");
    if (t->image)
        put_image(t->image);
    if (t->cfg)
        put(CFG, t->cfg);
    if (t->env)
        put_block(t->env);
    if (t->conf)
        put("/boot/loader/loader.conf", t->conf);
    ck_assert_int_eq(host_scan_with(root, NULL, &t->firmware, &host, &err), 0);
    for (size_t i = 0; i < host.notes; i++)
        noted += t->note ? strstr(host.note[i], t->note) != NULL
                         : strstr(host.note[i], "bootctl") != NULL;
    ck_assert_int_eq(noted, t->note != NULL);
    for (size_t i = 0; i < host.entries; i++)
        if (host.entry[i]->is_default) {
            found = strrchr(host.entry[i]->store->path, '/') + 1;
            n++;
        }
    ck_assert_msg(n == 1 && streq(found, t->expected), "%d: %s, %u", _i, found, n);
    host_clear(&host);
}
END_TEST

int main(void)
{
    TCase *entries = tcase_create("entries");

    tcase_add_checked_fixture(entries, scratch_setup, scratch_teardown);
    tcase_add_loop_test(entries, gives_the_flag, 0, ARRAY_LEN(rows));
    tcase_add_loop_test(entries, follows_variables, 0, ARRAY_LEN(variable_rows));
    tcase_add_test(entries, refuses_a_full_block);
    tcase_add_test(entries, minds_blocks_that_matter);
    tcase_add_loop_test(entries, orders_names, 0, ARRAY_LEN(orders));
    tcase_add_loop_test(entries, finds_the_default, 0, ARRAY_LEN(defaults));
    return run_suite("loader_entries", (TCase *const[]){entries, NULL});
}
