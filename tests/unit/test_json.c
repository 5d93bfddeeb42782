/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include <check.h>
#include <stdio.h>

static const struct {
    const char *text;
    size_t len; /* 0: to the NUL */
    const char *json;
} escapes[] = {
    {"plain", 0, "\"plain\""},
    {"", 0, "\"\""},
    {"a\"b\\c", 0, "\"a\\\"b\\\\c\""},
    {"tab\there", 0, "\"tab\\there\""},
    {"\b\f\n\r\x01\x1f\x7f", 0, "\"\\b\\f\\n\\r\\u0001\\u001f\x7f\""},
    {"a\0b", 3, "\"a\\\\x00b\""},
    {"gr\xc3\xbc\xc3\x9f", 0, "\"gr\xc3\xbc\xc3\x9f\""}, /* two bytes */
    {"\xe2\x82\xac", 0, "\"\xe2\x82\xac\""},             /* three */
    {"\xf0\x9f\x90\xa7", 0, "\"\xf0\x9f\x90\xa7\""},     /* four */
    {"gr\xfc\xdf", 0, "\"gr\\\\xFC\\\\xDF\""},           /* Latin-1 */
    {"\xc3", 0, "\"\\\\xC3\""},                          /* cut short */
    {"\xe2\x82", 0, "\"\\\\xE2\\\\x82\""},               /* cut short */
    {"\xe2\x82\x41", 0,
     "\"\\\\xE2\\\\x82"
     "A\""},                                                     /* broken inside */
    {"\xc0\xaf", 0, "\"\\\\xC0\\\\xAF\""},                       /* overlong */
    {"\xe0\x80\xaf", 0, "\"\\\\xE0\\\\x80\\\\xAF\""},            /* overlong */
    {"\xed\xa0\x80", 0, "\"\\\\xED\\\\xA0\\\\x80\""},            /* a surrogate */
    {"\xf4\x90\x80\x80", 0, "\"\\\\xF4\\\\x90\\\\x80\\\\x80\""}, /* past U+10FFFF */
    {"\xff\xfe", 0, "\"\\\\xFF\\\\xFE\""},
};

START_TEST(test_escape)
{
    size_t len = escapes[_i].len ? escapes[_i].len : strlen(escapes[_i].text);
    struct json *o = json_new_object();
    AUTO_BUF out = BUF_INIT, expected = BUF_INIT;

    json_put_bytes(o, "k", escapes[_i].text, len);
    buf_format(&expected, "{\n  \"k\": %s\n}\n", escapes[_i].json);
    ck_assert_int_eq(json_write(o, &out), 0);
    ck_assert_str_eq(buf_text(&out), buf_text(&expected));
    json_free(o);
}
END_TEST

static struct json *sample(void)
{
    struct json *o = json_new_object(), *list = json_new_array(),
                *inner = json_new_object();

    json_put_text(o, "z", "last letter first");
    json_put_int(o, "big", 9007199254740993LL);
    json_put_int(o, "less", -1);
    json_put_bool(o, "yes", true);
    json_put_bool(o, "no", false);
    json_put_null(o, "nothing");
    json_put_text(o, "absent", NULL);
    json_put_int(list, NULL, 1);
    json_put_text(list, NULL, "two");
    json_put(list, NULL, inner);
    json_put(o, "list", list);
    json_put(o, "empty", json_new_array());
    json_put_text(o, "a", "kept in order");
    return o;
}

static const char sample_text[] = "{\n"
                                  "  \"z\": \"last letter first\",\n"
                                  "  \"big\": 9007199254740993,\n"
                                  "  \"less\": -1,\n"
                                  "  \"yes\": true,\n"
                                  "  \"no\": false,\n"
                                  "  \"nothing\": null,\n"
                                  "  \"absent\": null,\n"
                                  "  \"list\": [\n"
                                  "    1,\n"
                                  "    \"two\",\n"
                                  "    {}\n"
                                  "  ],\n"
                                  "  \"empty\": [],\n"
                                  "  \"a\": \"kept in order\"\n"
                                  "}\n";

START_TEST(test_write)
{
    struct json *o = sample();
    AUTO_BUF out = BUF_INIT;

    ck_assert_int_eq(json_write(o, &out), 0);
    ck_assert_str_eq(buf_text(&out), sample_text);
    json_free(o);
}
END_TEST

START_TEST(test_read)
{
    struct json *o = json_read(sample_text, strlen(sample_text), NULL);
    const struct json *list = json_get(o, "list");
    AUTO_BUF again = BUF_INIT;

    ck_assert_ptr_nonnull(o);
    ck_assert_str_eq(json_get_text(o, "z"), "last letter first");
    ck_assert(json_get_int(o, "big", 0) == 9007199254740993LL);
    ck_assert(json_get_int(o, "z", 7) == 7);
    ck_assert(json_get_int(o, "missing", 8) == 8);
    ck_assert(json_get_bool(o, "yes", false) && !json_get_bool(o, "no", true));
    ck_assert(json_get_bool(o, "missing", true));
    ck_assert_ptr_null(json_get_text(o, "big"));
    ck_assert_ptr_null(json_get(list, "z"));
    ck_assert(json_is_nothing(json_get(o, "nothing")));
    ck_assert(!json_is_nothing(json_get(o, "missing")));
    ck_assert_uint_eq(json_count(list), 3);
    ck_assert_uint_eq(json_count(o), 0);
    ck_assert_str_eq(json_as_text(json_at(list, 1)), "two");
    ck_assert(json_as_int(json_at(list, 0), -1) == 1);
    ck_assert_ptr_null(json_at(list, 3));
    ck_assert_str_eq(json_key(o, 1), "big");
    ck_assert_ptr_null(json_key(o, 10));
    ck_assert_int_eq(json_write(o, &again), 0);
    ck_assert_str_eq(buf_text(&again), sample_text);
    json_free(o);
}
END_TEST

static const char *const broken[] = {
    "",
    "{",
    "{\"a\": 1,}",
    "nonsense",
    "{\"a\": 1} x",
    "{\"a\": 1, \"a\": 2}",
    "\"a\"",
    "{\"a\": \"\xff\"}",
};

START_TEST(test_broken)
{
    char defect[256] = "";

    ck_assert_ptr_null(json_read(broken[_i], strlen(broken[_i]), defect));
    ck_assert_msg(strncmp(defect, "line ", 5) == 0, "%s", defect);
    ck_assert_ptr_null(json_read(broken[_i], strlen(broken[_i]), NULL));
}
END_TEST

/* What failed below, or came as NULL, is known at the end. */
START_TEST(test_sticky)
{
    struct json *o = json_new_object(), *inner = json_new_array();
    AUTO_BUF out = BUF_INIT;

    json_put(inner, NULL, NULL);
    json_put_int(inner, NULL, 1);
    json_put(o, "inner", inner);
    json_put_int(NULL, "k", 1);
    json_put(NULL, "k", json_new_object());
    ck_assert_int_lt(json_write(o, &out), 0);
    ck_assert_int_lt(json_write(NULL, &out), 0);
    ck_assert_str_eq(buf_text(&out), "");
    json_free(o);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("json");
    TCase *tcase = tcase_create("json");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, test_escape, 0, (int)ARRAY_LEN(escapes));
    tcase_add_test(tcase, test_write);
    tcase_add_test(tcase, test_read);
    tcase_add_loop_test(tcase, test_broken, 0, (int)ARRAY_LEN(broken));
    tcase_add_test(tcase, test_sticky);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
