/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/kargs.h"

#include <check.h>

/* What the kernel makes of a text. An argument is written NAME or NAME|VALUE. */
static const struct reading {
    const char *text;
    enum kargs_dialect dialect;
    bool joined;
    const char *arg[6];
    const char *head, *tail;
} readings[] = {
    {"", KARGS_PLAIN, false, {NULL}, "", ""},
    {"  ", KARGS_PLAIN, true, {NULL}, "", "  "},
    {"ro quiet", KARGS_PLAIN, false, {"ro", "quiet"}, "", ""},
    {"\tro\v quiet\f\n", KARGS_PLAIN, false, {"ro", "quiet"}, "", "\f\n"},
    {"a\rb\r", KARGS_PLAIN, false, {"a", "b"}, "", "\r"},
    {"a\\\nb", KARGS_PLAIN, false, {"a\\", "b"}, "", ""},
    {"root=/dev/sda1", KARGS_PLAIN, false, {"root|/dev/sda1"}, "", ""},
    {"root=UUID=1-2", KARGS_PLAIN, false, {"root|UUID=1-2"}, "", ""},
    {"a= b", KARGS_PLAIN, false, {"a|", "b"}, "", ""},
    {"=a =a=b", KARGS_PLAIN, false, {"=a", "=a|b"}, "", ""},
    {"\"intel_iommu=on\" x", KARGS_PLAIN, false, {"intel_iommu|on", "x"}, "", ""},
    {"intel_iommu=\"on\" x", KARGS_PLAIN, false, {"intel_iommu|on", "x"}, "", ""},
    {"dyndbg=\"file a +p\" x", KARGS_PLAIN, false, {"dyndbg|file a +p", "x"}, "", ""},
    {"\"a b=c d\" x", KARGS_PLAIN, false, {"a b|c d", "x"}, "", ""},
    {"a=b\"c d\"e x", KARGS_PLAIN, false, {"a|b\"c d\"e", "x"}, "", ""},
    {"a=\"b\"c", KARGS_PLAIN, false, {"a|b\"c"}, "", ""},
    {"\"a=\"b c\"", KARGS_PLAIN, false, {"a|b", "c\""}, "", ""},
    {"x a=\"b c ", KARGS_PLAIN, false, {"x", "a|b c "}, "", ""},
    {"\"", KARGS_PLAIN, false, {""}, "", ""},
    {"a=\"", KARGS_PLAIN, false, {"a|"}, "", ""},
    {"\"\" a", KARGS_PLAIN, false, {"", "a"}, "", ""},
    {"b c", KARGS_PLAIN, true, {"c"}, "b", ""},
    {"b", KARGS_LEGACY, true, {NULL}, "b", ""},
    {"\r b\r", KARGS_LEGACY, true, {"b"}, "", "\r"},
    {"\rb c", KARGS_LEGACY, true, {"c"}, "\rb", ""},
    {"a \\\n\tb", KARGS_LEGACY, false, {"a", "b"}, "", ""},
    {"a\\\r\r\nb", KARGS_LEGACY, false, {"a", "b"}, "", ""},
    {"a\\\\\nb", KARGS_LEGACY, false, {"a\\", "b"}, "", ""},
    {"a\\b \\ c", KARGS_LEGACY, false, {"a\\b", "\\", "c"}, "", ""},
    {"ro quiet\r", KARGS_LEGACY, false, {"ro", "quiet"}, "", "\r"},
    {"ro quiet \r\r", KARGS_LEGACY, false, {"ro", "quiet"}, "", " \r\r"},
    {"r\ro=\r1\r x\r\ry", KARGS_LEGACY, false, {"ro|1", "xy"}, "", ""},
    {"\rro", KARGS_LEGACY, false, {"ro"}, "", ""},
    {"a \r b", KARGS_LEGACY, false, {"a", "b"}, "", ""},
    {"a=\"b\\\r\nc\" d", KARGS_LEGACY, false, {"a|b c", "d"}, "", ""},
    {"\"a b\r", KARGS_LEGACY, false, {"a b"}, "", "\r"},
    {" 'a b' \"c d\" e\\ f", KARGS_SCRIPT, true, {"a b", "c d", "e f"}, "", ""},
    {" 'a\"\\' \"b'\\\"\\c\" \\'d",
     KARGS_SCRIPT,
     true,
     {"a\"\\", "b'\"\\c", "'d"},
     "",
     ""},
    {" 'a=b' a='b c'\"d\" \\a\\=b", KARGS_SCRIPT, true, {"a|b", "a|b cd", "a|b"}, "", ""},
    {" a=\"b c\" 'a=b", KARGS_SCRIPT, true, {"a|b c", "a|b"}, "", ""},
    {" a\\\nb \\\r\n c\r\\\n \\\n", KARGS_SCRIPT, true, {"ab", "c"}, "", "\r\\\n \\\n"},
    {" \"a\\\nb\rc\" \\\r;d e", KARGS_SCRIPT, true, {"abc", ";d", "e"}, "", ""},
    {"\\\n a", KARGS_SCRIPT, true, {"a"}, "", ""},
    {"'a b' c", KARGS_SCRIPT, true, {"c"}, "'a b'", ""},
    {"\xff\xa0=\xe9 b", KARGS_PLAIN, false, {"\xff\xa0|\xe9", "b"}, "", ""},
};

START_TEST(reads)
{
    const struct reading *t = &readings[_i];
    struct kargs k;
    size_t n = 0;
    AUTO_FREE char *text = NULL;

    ck_assert_int_eq(kargs_parse(&k, t->text, t->dialect, t->joined), 0);
    while (n < ARRAY_LEN(t->arg) && t->arg[n])
        n++;
    ck_assert_uint_eq(k.count, n);
    for (size_t i = 0; i < n; i++) {
        AUTO_FREE char *own = k.arg[i].value
                                  ? text_format("%s|%s", k.arg[i].name, k.arg[i].value)
                                  : strdup(k.arg[i].name);

        ck_assert_str_eq(own, t->arg[i]);
        ck_assert(i == 0 || *k.arg[i].blank);
    }
    ck_assert_str_eq(k.head, t->head);
    ck_assert_str_eq(k.tail, t->tail);
    text = kargs_text(&k);
    ck_assert_str_eq(text, t->text);
    kargs_clear(&k);
}
END_TEST

/* Where an argument lands, in bytes. */
static const struct insertion {
    const char *text;
    enum kargs_dialect dialect;
    bool joined;
    size_t index;
    const char *after;
} insertions[] = {
    {"", KARGS_PLAIN, false, 0, "X"},
    {"", KARGS_PLAIN, true, 0, " X"},
    {"  ", KARGS_PLAIN, false, 0, "X  "},
    {"a", KARGS_PLAIN, false, 0, "X a"},
    {" a", KARGS_PLAIN, false, 0, " X a"},
    {" a", KARGS_PLAIN, true, 0, " X a"},
    {"a\tb ", KARGS_PLAIN, false, 1, "a X\tb "},
    {"a\tb ", KARGS_PLAIN, false, 2, "a\tb X "},
    {"b c", KARGS_PLAIN, true, 0, "b X c"},
    {"a\r", KARGS_LEGACY, false, 1, "a X\r"},
    {"\r", KARGS_LEGACY, false, 0, "X\r"},
    {"\r", KARGS_LEGACY, true, 0, " X\r"},
    {" a \\\r\n\tb\r", KARGS_LEGACY, true, 1, " a X \\\r\n\tb\r"},
    {"\ra", KARGS_LEGACY, false, 0, "X \ra"},
};

START_TEST(inserts)
{
    const struct insertion *t = &insertions[_i];
    AUTO_FREE char *text = NULL;
    struct kargs k;

    ck_assert_int_eq(kargs_parse(&k, t->text, t->dialect, t->joined), 0);
    ck_assert_int_eq(kargs_insert(&k, t->index, "X"), 0);
    text = kargs_text(&k);
    ck_assert_str_eq(text, t->after);
    kargs_clear(&k);
}
END_TEST

static const struct removal {
    const char *text;
    enum kargs_dialect dialect;
    size_t index;
    const char *after;
} removals[] = {
    {"a  b\tc", KARGS_PLAIN, 1, "a\tc"},
    {"a  b\tc", KARGS_PLAIN, 0, "b\tc"},
    {"a  b\tc ", KARGS_PLAIN, 2, "a  b "},
    {"  a b", KARGS_PLAIN, 0, " b"},
    {"a  ", KARGS_PLAIN, 0, "  "},
    {"a\r", KARGS_LEGACY, 0, "\r"},
    {" ro \\\n  x \\\n  quiet", KARGS_LEGACY, 1, " ro \\\n  quiet"},
    {" ro \\\n  'x y' \\\n  quiet", KARGS_SCRIPT, 1, " ro \\\n  quiet"},
};

START_TEST(removes)
{
    const struct removal *t = &removals[_i];
    AUTO_FREE char *text = NULL;
    struct kargs k;

    ck_assert_int_eq(kargs_parse(&k, t->text, t->dialect, false), 0);
    kargs_remove(&k, t->index);
    text = kargs_text(&k);
    ck_assert_str_eq(text, t->after);
    kargs_clear(&k);
}
END_TEST

START_TEST(replaces_between_its_blanks)
{
    AUTO_FREE char *text = NULL;
    struct kargs k;

    ck_assert_int_eq(kargs_parse(&k, "\ta \t b  c ", KARGS_PLAIN, false), 0);
    ck_assert_int_eq(kargs_replace(&k, 1, "x=1"), 0);
    ck_assert_str_eq(k.arg[1].name, "x");
    ck_assert_str_eq(k.arg[1].value, "1");
    text = kargs_text(&k);
    ck_assert_str_eq(text, "\ta \t x=1  c ");
    kargs_clear(&k);
}
END_TEST

static const char *const ugly[] = {
    "",
    " ",
    "\t \t",
    "\r",
    " \r",
    "\r\r \r",
    "a",
    " a",
    "\ra",
    "\r a",
    "  a  ",
    "a b",
    "a\tb\v c\fd",
    "a\r b\r\r c\r",
    "a\rb \rc",
    "a \r b",
    "a\r\nb\r\n",
    "a\\\nb",
    "a \\\r\n\\\n b\\\n",
    "\\\na",
    "\\ a \\",
    "a\\\\\nb",
    "\"a b\" c",
    "a=\"b c\"d e",
    "a \"b c ",
    "\"",
    "a=\"b\\\nc\" d",
    "-- a",
    " -- a",
    "a -- b --",
    "==  = =a",
    "\xff\xfe \xa0 \xc3\xa9",
    "root=/dev/sda1 ro  quiet\tsplash \r",
    "a\\ b \\ ",
    " 'a -- b' \"c\\\\d\" -- e",
    " 'a\\' b 'c d",
    " a\\\n\\\nb \\\n\\\n",
    " a\\\r\\\r\nb",
};

/* Each insertion is undone by removing, at once and after the text was read anew. */
static void undoes(const char *text, enum kargs_dialect dialect, bool joined,
                   size_t index)
{
    struct kargs k, again;
    size_t count;
    AUTO_FREE char *with = NULL, *without = NULL, *anew = NULL;

    ck_assert_int_eq(kargs_parse(&k, text, dialect, joined), 0);
    count = k.count;
    ck_assert_int_eq(kargs_insert(&k, index, "new=1"), 0);
    ck_assert_str_eq(k.arg[index].raw, "new=1");
    with = kargs_text(&k);
    kargs_remove(&k, index);
    without = kargs_text(&k);
    ck_assert_str_eq(without, text);

    if (index <= kargs_place(&k) || kargs_end(&k) == kargs_place(&k)) {
        ck_assert_int_eq(kargs_parse(&again, with, dialect, joined), 0);
        ck_assert_uint_eq(again.count, count + 1);
        ck_assert_str_eq(again.arg[index].raw, "new=1");
        kargs_remove(&again, index);
        anew = kargs_text(&again);
        ck_assert_str_eq(anew, text);
        kargs_clear(&again);
    }
    kargs_clear(&k);
}

START_TEST(gives_the_bytes_back)
{
    for (int dialect = KARGS_PLAIN; dialect <= KARGS_SCRIPT; dialect++) {
        for (int joined = 0; joined <= 1; joined++) {
            AUTO_FREE char *text = NULL;
            struct kargs k;
            size_t count;

            ck_assert_int_eq(kargs_parse(&k, ugly[_i], dialect, joined), 0);
            text = kargs_text(&k);
            ck_assert_str_eq(text, ugly[_i]);
            count = k.count;
            /* a quote left open in what is not ours leaves no place at all */
            if (!strpbrk(k.head, "'\"\\"))
                for (size_t i = 0; i <= count; i++)
                    undoes(ugly[_i], dialect, joined, i);
            kargs_clear(&k);
        }
    }
}
END_TEST

static const struct limits {
    const char *text;
    size_t end, place;
} limits[] = {
    {"", 0, 0},
    {"a b", 2, 2},
    {"a -- b", 1, 1},
    {"a \"--\" b", 1, 1},
    {"a --=x b", 3, 3},
    {"a --x __ b", 4, 4},
    {"a -- b -- c", 1, 1},
    {"a \"b c", 2, 1},
    {"a b=\"c", 2, 1},
    {"a -- \"b", 1, 1},
    {"a \"b\" c=\"d e\"", 3, 3},
};

START_TEST(knows_its_end)
{
    struct kargs k;

    ck_assert_int_eq(kargs_parse(&k, limits[_i].text, KARGS_PLAIN, false), 0);
    ck_assert_uint_eq(kargs_end(&k), limits[_i].end);
    ck_assert_uint_eq(kargs_place(&k), limits[_i].place);
    kargs_clear(&k);
}
END_TEST

static const struct naming {
    const char *text, *name;
    bool is;
} namings[] = {
    {"intel_iommu=on", "intel_iommu", true},  {"intel-iommu=on", "intel_iommu", true},
    {"\"intel-iommu\"", "intel_iommu", true}, {"intel_iommu", "intel-iommu", true},
    {"Intel_iommu=on", "intel_iommu", false}, {"intel_iommux=on", "intel_iommu", false},
    {"intel_iomm=on", "intel_iommu", false},  {"xintel_iommu=on", "intel_iommu", false},
    {"intel iommu=on", "intel_iommu", false},
};

START_TEST(compares_names)
{
    struct kargs k;

    ck_assert_int_eq(kargs_parse(&k, namings[_i].text, KARGS_PLAIN, false), 0);
    ck_assert(karg_is(&k.arg[0], namings[_i].name) == namings[_i].is);
    kargs_clear(&k);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("kargs");
    TCase *t = tcase_create("kargs");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, reads, 0, ARRAY_LEN(readings));
    tcase_add_loop_test(t, inserts, 0, ARRAY_LEN(insertions));
    tcase_add_loop_test(t, removes, 0, ARRAY_LEN(removals));
    tcase_add_test(t, replaces_between_its_blanks);
    tcase_add_loop_test(t, gives_the_bytes_back, 0, ARRAY_LEN(ugly));
    tcase_add_loop_test(t, knows_its_end, 0, ARRAY_LEN(limits));
    tcase_add_loop_test(t, compares_names, 0, ARRAY_LEN(namings));
    suite_add_tcase(s, t);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
