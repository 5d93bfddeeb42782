/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/text.h"

#include <check.h>

/* What is printed where the terminal is UTF-8, and where it is not (NULL: the same). */
static const struct printing {
    const char *text, *utf8, *c;
} printings[] = {
    {"", "", NULL},
    {"plain ~ text", "plain ~ text", NULL},
    {"back\\slash \"quoted\"", "back\\slash \"quoted\"", NULL},
    {"tab\tnewline\n", "tab\\x09newline\\x0a", NULL},
    {"\r\x1b[31mred\x1b[0m\a\x7f", "\\x0d\\x1b[31mred\\x1b[0m\\x07\\x7f", NULL},
    {"caf\xc3\xa9", "caf\xc3\xa9", "caf\\xc3\\xa9"},
    {"\xe2\x82\xac \xf0\x9f\x90\xa7", "\xe2\x82\xac \xf0\x9f\x90\xa7",
     "\\xe2\\x82\\xac \\xf0\\x9f\\x90\\xa7"},
    {"caf\xe9 \xff", "caf\\xe9 \\xff", NULL},
    {"\xc2\x9b"
     "31m \xc2\xa0",
     "\\xc2\\x9b"
     "31m \xc2\xa0",
     "\\xc2\\x9b"
     "31m \\xc2\\xa0"},
    {"a\xc3", "a\\xc3", NULL},
    {"\xe2\x82", "\\xe2\\x82", NULL},
    {"\xc3\xa9\xc3", "\xc3\xa9\\xc3", "\\xc3\\xa9\\xc3"},
    {"\xc0\xaf \xe0\x80\xaf", "\\xc0\\xaf \\xe0\\x80\\xaf", NULL},
    {"\xed\xa0\x80", "\\xed\\xa0\\x80", NULL},
    {"\xf4\x90\x80\x80 \xf5\x80\x80\x80", "\\xf4\\x90\\x80\\x80 \\xf5\\x80\\x80\\x80",
     NULL},
};

static char *printed(const char *text, const char *locale)
{
    char *out = NULL;
    size_t len;
    FILE *file = open_memstream(&out, &len);

    setenv("LC_ALL", locale, 1);
    text_print(file, text);
    ck_assert_int_eq(fclose(file), 0);
    return out;
}

START_TEST(prints)
{
    const struct printing *t = &printings[_i];
    AUTO_FREE char *utf8 = printed(t->text, "C.UTF-8");
    AUTO_FREE char *c = printed(t->text, "C");
    AUTO_FREE char *none = printed(t->text, "xx_NONE.UTF-8");

    ck_assert_str_eq(utf8, t->utf8);
    ck_assert_str_eq(c, t->c ? t->c : t->utf8);
    ck_assert_str_eq(none, c); /* a locale that is not installed */
}
END_TEST

/* The first character's length, 0 if it is none, and whether all of it is UTF-8. */
static const struct measuring {
    const char *text;
    size_t length;
    bool whole;
} measurings[] = {
    {"", 1, true},
    {"a\xff", 1, false},
    {"\x7f", 1, true},
    {"\x80", 0, false},
    {"\xbf", 0, false},
    {"\xc1\xbf", 0, false},
    {"\xc2\x80", 2, true},
    {"\xdf\xbf"
     "a",
     2, true},
    {"\xdf"
     "a",
     0, false},
    {"\xe0\x9f\xbf", 0, false},
    {"\xe0\xa0\x80", 3, true},
    {"\xec\xbf\xbf", 3, true},
    {"\xed\x9f\xbf", 3, true},
    {"\xed\xa0\x80", 0, false},
    {"\xee\x80\x80", 3, true},
    {"\xef\xbf", 0, false},
    {"\xef\xbf\xbf\xc3", 3, false},
    {"\xf0\x8f\xbf\xbf", 0, false},
    {"\xf0\x90\x80\x80", 4, true},
    {"\xf3\xbf\xbf\xbf", 4, true},
    {"\xf4\x8f\xbf\xbf", 4, true},
    {"\xf4\x90\x80\x80", 0, false},
    {"\xf1\x80\x80", 0, false},
    {"\xf8\x88\x80\x80\x80", 0, false},
    {"\xfe", 0, false},
};

START_TEST(measures)
{
    const struct measuring *t = &measurings[_i];

    ck_assert_uint_eq(text_utf8_length(t->text), t->length);
    ck_assert(text_is_utf8(t->text) == t->whole);
}
END_TEST

/* Nothing of the process' own locale changes: Augeas reads bytes. */
START_TEST(leaves_the_locale)
{
    AUTO_FREE char *text = printed("\xc3\xa9", "C.UTF-8");

    ck_assert_str_eq(text, "\xc3\xa9");
    ck_assert_uint_eq(MB_CUR_MAX, 1);
}
END_TEST

START_TEST(has_a_word_for_everything)
{
    for (int i = RESULT_NONE; i <= RESULT_UNSUPPORTED; i++)
        ck_assert(word_result((enum result)i)[0]);
    for (int i = STORE_LIVE; i <= STORE_STALE; i++)
        ck_assert(word_store_state((enum store_state)i)[0]);
    for (int i = ENTRY_LINUX; i <= ENTRY_UNKNOWN; i++)
        ck_assert(word_entry_kind((enum entry_kind)i)[0]);
    for (int i = FLAG_UNSET; i <= FLAG_OFF; i++)
        ck_assert(word_flag_state((enum flag_state)i)[0]);
    for (int i = LIVE_UNKNOWN; i <= LIVE_ON; i++)
        ck_assert(word_live_state((enum live_state)i)[0]);
    for (int i = ACPI_ABSENT; i <= ACPI_VALID; i++)
        ck_assert(word_acpi_state((enum acpi_state)i)[0]);
    for (int i = DRIVER_UNKNOWN; i <= DRIVER_ON; i++)
        ck_assert(word_driver_state((enum driver_state)i)[0]);
    ck_assert_str_eq(flag_names(VENDOR_BOTH), "intel_iommu=on amd_iommu=on");
    ck_assert_str_eq(flag_names(VENDOR_AMD), "amd_iommu=on");
}
END_TEST

int main(void)
{
    Suite *s = suite_create("text");
    TCase *t = tcase_create("text");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, prints, 0, ARRAY_LEN(printings));
    tcase_add_loop_test(t, measures, 0, ARRAY_LEN(measurings));
    tcase_add_test(t, leaves_the_locale);
    tcase_add_test(t, has_a_word_for_everything);
    suite_add_tcase(s, t);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
