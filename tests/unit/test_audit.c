/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/audit.h"

#include <check.h>
#include <errno.h>

/* Two texts that differ in IOMMU arguments only, seen from both sides: what may come may
 * go. */
static const struct pair {
    const char *before, *after;
} accepted[] = {
    {"", ""},
    {"a b\n", "a b\n"},
    {"\tkernel /vmlinuz ro\n", "\tkernel /vmlinuz ro intel_iommu=on\n"},
    {"\tkernel /vmlinuz ro \t\n", "\tkernel /vmlinuz ro intel_iommu=on \t\n"},
    {"kernel /vmlinuz\n", "kernel /vmlinuz intel_iommu=on amd_iommu=on iommu=pt\n"},
    {"kernel /v ro quiet\n", "kernel /v ro amd-iommu=on quiet\n"},
    {"kernel /v ro\tquiet", "kernel /v ro \t intel_iommu=on\tquiet"},
    {"kernel /v ro\n", "kernel /v\tintel_iommu=on ro\n"},
    {"kernel /v ro -- 1\n", "kernel /v ro intel_iommu=on -- 1\n"},

    /* replaced, merged, moved */
    {"k a intel_iommu=off b\n", "k a intel_iommu=on b\n"},
    {"k a intel_iommu=off b iommu=off,pt c\n", "k a intel_iommu=on b iommu=pt c\n"},
    {"k intel_iommu=on a  intel_iommu=off,strict b\n", "k intel_iommu=on,strict a b\n"},
    {"k a intel_iommu=on b\n", "k a b intel_iommu=on\n"},
    {"k amd_iommu=on\tintel_iommu=off b\n", "k\tintel_iommu=on b\n"},

    /* line ends and continuations */
    {"kernel /v ro\r\ninitrd\r\n", "kernel /v ro intel_iommu=on\r\ninitrd\r\n"},
    {"kernel /v ro \r\r\n", "kernel /v ro intel_iommu=on \r\r\n"},
    {"kernel /v ro\r", "kernel /v ro intel_iommu=on\r"},
    {"k a\r b\n", "k a intel_iommu=on\r b\n"},
    {"k a b\n", "k a\r intel_iommu=on b\n"},
    {"kernel /v ro", "kernel /v ro intel_iommu=on"},
    {"k ro \\\n  quiet\n", "k ro \\\n  intel_iommu=on \\\n  quiet\n"},
    {"k ro \\\r\n  quiet\r\n", "k ro \\\r\n  intel_iommu=on \\\r\n  quiet\r\n"},
    {"k ro\ninitrd\n", "k ro \\\n\tintel_iommu=on\ninitrd\n"},
    {"k ro\\\nquiet\n", "k ro intel_iommu=on\\\nquiet\n"},

    /* in the place of an empty variable, and outside a shell's quotes */
    {"k ro  quiet\n", "k ro intel_iommu=on quiet\n"},
    {"k ro  \n", "k ro  intel_iommu=on\n"},
    {"k ro  \n", "k ro intel_iommu=on \n"},
    {"X=quiet\n", "X=quiet\\ intel_iommu=on\n"},
    {"kernel /x y\\ \n", "kernel /x y\\ iommu=1 \n"},
    {"ro  quiet\n", "ro  intel_iommu=on quiet\n"},
    {"X=\\\\", "X=\\\\\n# by iommuctl\nY=\"intel_iommu=on\""},
    {"X=\\\\\nZ\n", "X=\\\\\n# by iommuctl\nY=\"intel_iommu=on\"\nZ\n"},
    {"X=1", "X=1\n# by iommuctl\nY=\"intel_iommu=on\""},
    {"X=quiet\\ splash # c\n", "X=quiet\\ splash\\ amd_iommu=on # c\n"},

    {"APPEND \n", "APPEND intel_iommu=on amd_iommu=on\n"},
    {"APPEND \r\n", "APPEND intel_iommu=on amd_iommu=on iommu=pt\r\n"},

    /* in quotes, behind "=" */
    {"# kopt=root=/dev/sda1 ro\n", "# kopt=intel_iommu=on root=/dev/sda1 ro\n"},
    {"# kopt=\n", "# kopt=intel_iommu=on\n"},
    {"# kopt=\r\n", "# kopt=intel_iommu=on\r\n"},
    {"# kopt=  \n", "# kopt=intel_iommu=on  \n"},
    {"# kopt=ro\n", "# kopt=intel_iommu=on\tro\n"},
    {"# kopt= ro\n", "# kopt= intel_iommu=on ro\n"},
    {"# kopt=amd_iommu=off ro\n", "# kopt=intel_iommu=on amd_iommu=on ro\n"},
    {"X=\"\"\n", "X=\"intel_iommu=on\"\n"},
    {"X=''\n", "X='intel_iommu=on amd_iommu=on'\n"},
    {"X=\"quiet\"\n", "X=\"quiet intel_iommu=on\"\n"},
    {"X=\"quiet\"\n", "X=\"intel_iommu=on quiet\"\n"},
    {"X=quiet\n", "X=quiet intel_iommu=on\n"},
    {"k a b\n", "k a \"intel_iommu=on\" b\n"},
    {"k a b\n", "k a intel_iommu=\"on,igfx_off\" b\n"},
    {"k a\n", "k a \"intel_iommu=on\"\n"},
    {"k a\r\n", "k a \"intel_iommu=on\"\r\n"},
    {"k a intel_iommu=on b\n", "k a \"intel_iommu=off\" b\n"},
    {"k \\\"\\\"\n", "k \\\"intel_iommu=on\\\"\n"},

    /* whole lines */
    {"a b\n", "a b\nX=\"$X intel_iommu=on\"\n"},
    {"a b\nc d\n", "a b\n# Set by iommuctl.\nX=\"intel_iommu=on\"\nc d\n"},
    {"a b\nX=\"amd_iommu=on\"\nc d\n", "a b\nY=\"intel_iommu=on\"\nc d\n"},
    {"a b\r\n", "options intel_iommu=on\r\na b\r\n"},
    {"", "X=\"intel_iommu=on\""},

    /* bytes that are nobody's business */
    {"k \xff\xa0\xe9\n", "k \xff\xa0\xe9 intel_iommu=on\n"},
    {"intel_iommu\n\nxintel_iommu=on\n", "intel_iommu amd_iommu=on\n\nxintel_iommu=on\n"},
};

/* Two texts that differ in more, seen from both sides too; and where. */
static const struct refusal {
    const char *before, *after;
    unsigned line, line_back;
} refused[] = {
    {"a\n", "b\n", 1, 1},
    {"k ro quiet\n", "k ro quiet, intel_iommu=on\n", 1, 1},
    {"title A\nk ro\n", "title a\nk ro intel_iommu=on\n", 1, 1},
    {"title A\nk ro\n", "title A\nk rw intel_iommu=on\n", 2, 2},
    {"k ro\nboot\n", "k ro intel_iommu=on\nBoot\n", 2, 2},
    {"a b\nc d\n", "c d\na b\n", 1, 1},
    {"a b intel_iommu=on\nc d\n", "c d\na b intel_iommu=on\n", 1, 1},
    {"k one\nk two intel_iommu=on\n", "k one intel_iommu=on\nk three\n", 2, 2},

    /* lines */
    {"a b\n\nc\n", "a b\nc\n", 2, 2},
    {"a b\nc\n", "a b\n", 2, 2},
    {"a b\nk c intel_iommu=on d\n", "a b\n", 2, 2},
    {"a b\nkernel /v intel_iommu=on\n", "a b\n", 2, 2},
    {"a b\n# iommu=pt is fast\n", "a b\n", 2, 2},
    {"a b\n# a note\n", "a b\n", 2, 2},
    {"a b\niommuctl x\n", "a b\n", 2, 2},
    {"k ro\n", "k ro", 1, 1},
    {"k ro", "k ro\nk intel_iommu=on\nx y\n", 1, 1},
    {"k ro", "k ro\n", 1, 1},
    {"k ro\n", "k ro intel_iommu=on", 1, 1},
    {"k ro\n", "k ro intel_iommu=on\n\n", 2, 2},
    {"k ro\ninitrd\n", "k ro initrd intel_iommu=on\n", 1, 1},
    {"a b\n", "a b\n# iommuctl \\\n", 2, 2},
    {"a b\n", "X=intel_iommu=on \\\na b\n", 1, 1},
    {"a b \\\nc d\n", "a b \\\nX intel_iommu=on\nc d\n", 2, 2},
    {"a b \\\\\\\nc d\n", "a b \\\\\\\nX intel_iommu=on\nc d\n", 2, 2},
    {"a b\\", "a b\\\n# by iommuctl\nX=intel_iommu=on", 1, 1},

    {"APPEND   \n", "APPEND intel_iommu=on amd_iommu=on\n", 1, 1},
    {"APPEND  ro\n", "APPEND intel_iommu=on amd_iommu=on iommu=pt ro\n", 1, 1},

    /* line ends and continuations */
    {"k ro\r\n", "k ro\n", 1, 1},
    {"k ro\r\n", "k ro intel_iommu=on\n", 1, 1},
    {"k ro\r\n", "k ro\r intel_iommu=on\n", 1, 1},
    {"k ro\r", "k ro intel_iommu=on", 1, 1},
    {"k ro\n", "k ro intel_iommu=on\r\n", 1, 1},
    {"# kopt=\r\n", "# kopt=intel_iommu=on\n", 1, 1},
    {"k ro \\\n  quiet\n", "k ro intel_iommu=on\n  quiet\n", 1, 1},
    {"k ro \\\n quiet\n", "k ro \\\n quiet intel_iommu=on \\\n", 2, 2},
    {"k ro\ninitrd\n", "k ro \\\n intel_iommu=on \\\ninitrd\n", 1, 2},

    /* blanks */
    {"k  ro quiet\n", "k ro quiet intel_iommu=on\n", 1, 1},
    {"k\tro quiet\n", "k ro quiet intel_iommu=on\n", 1, 1},
    {"k ro quiet  \n", "k ro quiet intel_iommu=on\n", 1, 1},
    {"k ro   quiet\n", "k ro intel_iommu=on quiet\n", 1, 1},
    {"k ro  quiet\n", "k ro intel_iommu=on\tquiet x\n", 1, 1},
    {"k ro quiet\n", "k ro intel_iommu=onquiet\n", 1, 1},
    {"k ro\n", "kintel_iommu=on ro\n", 1, 1},
    {"k ro quiet\n", "k rointel_iommu=on quiet\n", 1, 1},
    {"\tk ro\n", "k ro intel_iommu=on\n", 1, 1},
    {"k=intel_iommu=on  ro\n", "k=intel_iommu=off ro\n", 1, 1},
    {"X=\"a b\"\n", "X=\"a  b intel_iommu=on\"\n", 1, 1},
    {"a b\nk ro\n", "a\tb\nk ro intel_iommu=on\n", 1, 1},

    /* quotes and what belongs to others */
    {"X=\"quiet\"\n", "X=\"quiet intel_iommu=on\n", 1, 1},
    {"X=\"\"\n", "X=intel_iommu=on\n", 1, 1},
    {"X=\"a\"\n", "X=\"a\" intel_iommu=on\"\n", 1, 1},
    {"X=''\n", "X=\"intel_iommu=on\"\n", 1, 1},
    {"X=\"\"\n", "\"intel_iommu=on\"\n", 1, 1},
    {"k ro;\n", "k ro intel_iommu=on\n", 1, 1},
    {"k ro\n", "k ro intel_iommu=on;reboot\n", 1, 1},
    {"k ro\n", "k ro intel_iommu=$(reboot)\n", 1, 1},
    {"k ro\n", "k ro intel_iommu=on\\\n", 1, 1},
    {"k ro\n", "k ro intel_iommu\n", 1, 1},
    {"k ro\n", "k ro Intel_iommu=on\n", 1, 1},
    {"k ro\n", "k ro xintel_iommu=on\n", 1, 1},
    {"k ro\n", "k ro intel_iommu_x=on\n", 1, 1},
    {"k ro\n", "k ro \"intel_iommu=on quiet\"\n", 1, 1},
    {"k ro intremap=off\n", "k ro intel_iommu=on\n", 1, 1},
};

static int audit(const char *before, const char *after, struct error *err)
{
    AUTO_BLOB a = {NULL, 0}, b = {NULL, 0};

    ck_assert_int_eq(blob_copy(&a, before, strlen(before)), 0);
    ck_assert_int_eq(blob_copy(&b, after, strlen(after)), 0);
    return audit_texts("/menu", &a, &b, err);
}

START_TEST(accepts)
{
    const struct pair *t = &accepted[_i];
    struct error err = {.text = ""};

    ck_assert_msg(audit(t->before, t->after, &err) == 0, "%s", err.text);
    ck_assert_msg(audit(t->after, t->before, &err) == 0, "back: %s", err.text);
    ck_assert_int_eq(audit(t->after, t->after, &err), 0);
}
END_TEST

static void refuses_one(const char *before, const char *after, unsigned line)
{
    struct error err = {.text = ""};

    ck_assert_int_eq(audit(before, after, &err), -EPROTO);
    ck_assert_int_eq(err.exit, EXIT_CLASS_INTERNAL);
    ck_assert_str_eq(err.file, "/menu");
    ck_assert_uint_eq(err.line, line);
}

START_TEST(refuses)
{
    const struct refusal *t = &refused[_i];

    refuses_one(t->before, t->after, t->line);
    refuses_one(t->after, t->before, t->line_back);
}
END_TEST

/* A backslash at a line's end, where it joins the next line and where it does not. */
static const struct lines_row {
    const char *before, *after;
    bool joined, unjoined;
} lines_rows[] = {
    {"options a \\\noptions intel_iommu=on\n", "options a \\\n", false, true},
    {"options a \\\nx y\n", "options a \\\noptions intel_iommu=on\nx y\n", false, true},
    {"options a \\", "options a \\\noptions intel_iommu=on", false, true},
    {"a \\\nintel_iommu=on\n", "a \\\n", false, true},
    {"a\\\r\nintel_iommu=on\r\n", "a\\\r\n", false, true},
    {"options a\n", "options a intel_iommu=on \\\n", false, false},
    {"options a\n", "options a \\\nintel_iommu=on\n", true, false},
    {"options a \\\nx y\n", "options a x y\n", false, false},
    {"options a \\\nintel_iommu=on\nx y\n", "options a \\\nx y\n", false, true},
};

START_TEST(minds_joined_lines)
{
    const struct lines_row *t = &lines_rows[_i];
    AUTO_BLOB a = {NULL, 0}, b = {NULL, 0};
    struct error err = {.text = ""};

    ck_assert_int_eq(blob_copy(&a, t->before, strlen(t->before)), 0);
    ck_assert_int_eq(blob_copy(&b, t->after, strlen(t->after)), 0);
    ck_assert_msg((audit_texts("/menu", &a, &b, &err) == 0) == t->joined, "%d", _i);
    ck_assert_msg((audit_lines("/entry", &a, &b, &err) == 0) == t->unjoined, "%d", _i);
}
END_TEST

START_TEST(refuses_nul)
{
    static const char with[] = "a\nk \0intel_iommu=on\n";
    AUTO_BLOB clean = {NULL, 0}, dirty = {NULL, 0};
    struct error err;

    ck_assert_int_eq(blob_copy(&clean, "a\nk\n", 4), 0);
    ck_assert_int_eq(blob_copy(&dirty, with, sizeof(with) - 1), 0);
    ck_assert_int_eq(audit_texts("/menu", &clean, &dirty, &err), -EPROTO);
    ck_assert_uint_eq(err.line, 2);
    ck_assert_int_eq(audit_texts("/menu", &dirty, &clean, &err), -EPROTO);
    ck_assert_int_eq(audit_texts("/menu", &dirty, &dirty, &err), -EPROTO);
}
END_TEST

START_TEST(refuses_absent)
{
    AUTO_BLOB text = {NULL, 0};
    struct blob absent = {NULL, 0};
    struct error err;

    ck_assert_int_eq(blob_copy(&text, "", 0), 0);
    ck_assert_int_eq(audit_texts("/menu", &absent, &text, &err), -EPROTO);
    ck_assert_int_eq(audit_texts("/menu", &text, &absent, &err), -EPROTO);
    ck_assert_int_eq(err.exit, EXIT_CLASS_INTERNAL);
}
END_TEST

static const char menu[] = "# kopt=root=/dev/sda1 ro\r\n"
                           "default=0\n\n"
                           "title\tLinux (2.6.32)\n"
                           "\troot (hd0,0)\n"
                           "\tkernel /vmlinuz ro  root=LABEL=/ \\\n"
                           "\t  intel_iommu=on quiet \n"
                           "\tinitrd /initrd.img\r\n";

/* No byte of a menu can be lost, changed or doubled but those of the flag; the blanks
 * before it go with it. */
START_TEST(sees_every_byte)
{
    const char *flag = strstr(menu, "intel_iommu=on");
    size_t from = (size_t)(flag - menu), to = from + strlen("intel_iommu=on");
    size_t blank = (size_t)(strstr(menu, " \\\n") - menu);
    char text[sizeof(menu) + 1];
    struct error err;

    for (size_t i = 0; i < sizeof(menu) - 1; i++) {
        bool own = i >= from && i < to, near = i >= blank && i < to;

        memcpy(text, menu, sizeof(menu));
        memmove(text + i, text + i + 1, sizeof(menu) - i - 1);
        ck_assert_msg(near || audit(menu, text, &err) < 0, "lost byte %zu", i);
        memcpy(text, menu, sizeof(menu));
        text[i] = text[i] == '#' ? '%' : '#';
        ck_assert_msg(own || audit(menu, text, &err) < 0, "changed byte %zu", i);
        memcpy(text, menu, i + 1);
        memcpy(text + i + 1, menu + i, sizeof(menu) - i);
        ck_assert_msg(near || audit(menu, text, &err) < 0, "doubled byte %zu", i);
    }
}
END_TEST

/* A text that would be slow to read, were a blank looked at again and again. */
START_TEST(takes_long_blanks)
{
    size_t n = 1 << 20;
    AUTO_BUF b = BUF_INIT;
    struct error err;

    for (size_t i = 0; i < n; i++)
        buf_add_text(&b, i % 3 ? " " : "\\\n");
    ck_assert(!b.failed);
    ck_assert_int_eq(audit(b.data, b.data, &err), 0);
    for (size_t i = 0; i < n / 2; i++)
        b.data[i] = '\r';
    ck_assert_int_eq(audit(b.data, b.data, &err), 0);
}
END_TEST

/* Environment blocks: of 64 bytes here, "$" for what fills them up. */
#define BLOCK "# GRUB Environment Block\n"

static const struct {
    const char *before, *after;
    bool good;
} blocks[] = {
    {BLOCK "k=a\n$", BLOCK "k=a intel_iommu=on\n$", true},
    {BLOCK "k=a intel_iommu=on\nl=b\n$", BLOCK "k=a\nl=b\n$", true},
    {BLOCK "k=a\n$", BLOCK "k=a\n$", true},
    {BLOCK "k=a\n$", BLOCK "k=b\n$", false},
    {BLOCK "k=a\n$", BLOCK "k=a\nl=b\n$", false},
    {BLOCK "k=a\n$", BLOCK "k=a intel_iommu=on$", false},  /* the padding in a value */
    {BLOCK "k=a\n$", BLOCK "k=a intel_iommu=on\n", false}, /* shorter */
    {BLOCK "k=a\n$", "# GRUB environment Block\nk=a intel_iommu=on\n$", false},
    {"k=a\n$", "k=a intel_iommu=on\n$", false},
    {BLOCK "k=123456789012345678901\n$", /* full: no byte of padding is left */
     BLOCK "k=123456789012345678901 intel_iommu=on\n$", false},
    {BLOCK "k=12345678901234567890\n$", BLOCK "k=12345678901234567890 intel_iommu=on\n$",
     true},
};

static char *filled(const char *text, char block[65])
{
    size_t n = strcspn(text, "$");

    memcpy(block, text, n);
    if (text[n]) {
        memset(block + n, '#', 64 - n);
        n = 64;
    }
    block[n] = '\0';
    return block;
}

START_TEST(knows_blocks)
{
    char before[65], after[65];
    struct blob a = {filled(blocks[_i].before, before), 0};
    struct blob b = {filled(blocks[_i].after, after), 0};
    struct error err;

    a.len = strlen(a.data);
    b.len = strlen(b.data);
    ck_assert_msg((audit_blocks("/x", &a, &b, &err) == 0) == blocks[_i].good, "%d", _i);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("audit");
    TCase *t = tcase_create("audit");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, accepts, 0, ARRAY_LEN(accepted));
    tcase_add_loop_test(t, refuses, 0, ARRAY_LEN(refused));
    tcase_add_loop_test(t, minds_joined_lines, 0, ARRAY_LEN(lines_rows));
    tcase_add_test(t, refuses_nul);
    tcase_add_test(t, refuses_absent);
    tcase_add_test(t, sees_every_byte);
    tcase_add_test(t, takes_long_blanks);
    tcase_add_loop_test(t, knows_blocks, 0, ARRAY_LEN(blocks));
    suite_add_tcase(s, t);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
