/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/buf.h"

#include <check.h>
#include <errno.h>

START_TEST(begins_empty)
{
    AUTO_BUF b = BUF_INIT;
    char *text;

    ck_assert_str_eq(buf_text(&b), "");
    text = buf_take(&b);
    ck_assert_ptr_nonnull(text);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

START_TEST(gathers_bytes)
{
    AUTO_BUF b = BUF_INIT;
    char *text;

    buf_add_text(&b, "a");
    buf_add_char(&b, '\0');
    buf_add(&b, "b\0c", 3);
    buf_add(&b, NULL, 0);
    buf_format(&b, "-%d-%s", 12, "x");
    ck_assert_uint_eq(b.len, 10);
    ck_assert(!b.failed);
    ck_assert_mem_eq(b.data, "a\0b\0c-12-x", 11); /* its NUL too */
    text = buf_take(&b);
    ck_assert_mem_eq(text, "a\0b\0c-12-x", 11);
    free(text);
    ck_assert(!b.data && !b.len && !b.size && !b.failed);
    buf_add_text(&b, "again");
    ck_assert_str_eq(buf_text(&b), "again");
}
END_TEST

/* Around each size at which the buffer grows, a byte at a time and all at once. */
START_TEST(ends_in_a_nul_at_every_length)
{
    AUTO_BUF slow = BUF_INIT;

    for (size_t n = 0; n < 300; n++) {
        AUTO_BUF fast = BUF_INIT;

        ck_assert_uint_eq(slow.len, n);
        buf_add(&fast, slow.data, slow.len);
        ck_assert_uint_eq(fast.len, n);
        ck_assert_int_eq(buf_text(&fast)[n], '\0');
        ck_assert_int_eq(buf_text(&slow)[n], '\0');
        ck_assert_uint_eq(strlen(buf_text(&slow)), n);
        buf_add_char(&slow, 'x');
    }
}
END_TEST

START_TEST(gives_room_to_write_in)
{
    AUTO_BUF b = BUF_INIT;
    char *room;

    buf_add_text(&b, "ab");
    room = buf_room(&b, 1000);
    memset(room, 'c', 1000);
    ck_assert_uint_eq(b.len, 2); /* the caller tells how many were written */
    b.len += 3;
    buf_add_text(&b, "d");
    ck_assert_str_eq(buf_text(&b), "abcccd");
}
END_TEST

/* What cannot be had: later calls do nothing, and there is no text at the end. */
START_TEST(keeps_a_failure)
{
    struct buf b = BUF_INIT;

    buf_add_text(&b, "a");
    ck_assert_ptr_null(buf_room(&b, SIZE_MAX));
    ck_assert(b.failed);
    buf_add_text(&b, "b");
    buf_format(&b, "%d", 1);
    ck_assert_ptr_null(buf_room(&b, 1));
    ck_assert_uint_eq(b.len, 1);
    ck_assert_ptr_null(buf_take(&b));
    ck_assert(!b.failed);
    buf_add_text(&b, "anew");
    ck_assert_str_eq(buf_text(&b), "anew");
    buf_clear(&b);
    buf_clear(&b);
}
END_TEST

/* A length of -1 is an absent blob. */
static const struct comparison {
    const char *a;
    int a_len;
    const char *b;
    int b_len;
    bool same;
} comparisons[] = {
    {"", -1, "", -1, true},   {"", -1, "", 0, false},        {"", 0, "", -1, false},
    {"", 0, "", 0, true},     {"a", 1, "a", 1, true},        {"a", 1, "b", 1, false},
    {"a", 1, "ab", 2, false}, {"a\0b", 3, "a\0c", 3, false}, {"a\0b", 3, "a\0b", 3, true},
    {"\0", 1, "", 0, false},
};

START_TEST(compares_blobs)
{
    const struct comparison *t = &comparisons[_i];
    AUTO_BLOB a = {NULL, 0};
    AUTO_BLOB b = {NULL, 0};

    if (t->a_len >= 0)
        ck_assert_int_eq(blob_copy(&a, t->a, (size_t)t->a_len), 0);
    if (t->b_len >= 0)
        ck_assert_int_eq(blob_copy(&b, t->b, (size_t)t->b_len), 0);
    ck_assert_int_eq(blob_absent(&a), t->a_len < 0);
    ck_assert(blob_same(&a, &b) == t->same);
    ck_assert(blob_same(&b, &a) == t->same);
}
END_TEST

START_TEST(copies_over_a_blob)
{
    AUTO_BLOB a = {NULL, 0};

    ck_assert_int_eq(blob_copy(&a, NULL, 0), 0);
    ck_assert(!blob_absent(&a));
    ck_assert_str_eq(a.data, "");
    ck_assert_int_eq(blob_copy(&a, "one", 3), 0);
    ck_assert_int_eq(blob_copy(&a, a.data + 1, 2), 0); /* out of itself */
    ck_assert_str_eq(a.data, "ne");
    ck_assert_uint_eq(a.len, 2);
    blob_clear(&a);
    ck_assert(blob_absent(&a));
}
END_TEST

START_TEST(grows_arrays)
{
    const size_t top_bit = ~(SIZE_MAX >> 1);
    unsigned *numbers = NULL;

    for (unsigned i = 0; i < 1000; i++) {
        ck_assert_int_eq(array_grow(&numbers, i, sizeof(*numbers)), 0);
        numbers[i] = i;
    }
    for (unsigned i = 0; i < 1000; i++)
        ck_assert_uint_eq(numbers[i], i);
    ck_assert_int_eq(array_grow(&numbers, top_bit / 2, sizeof(*numbers)), -ENOMEM);
    ck_assert_uint_eq(numbers[999], 999);
    free(numbers);
}
END_TEST

static const struct affix {
    const char *text, *affix;
    bool starts, ends;
} affixes[] = {
    {"", "", true, true},        {"a", "", true, true},       {"", "a", false, false},
    {"ab", "a", true, false},    {"ab", "b", false, true},    {"ab", "ab", true, true},
    {"ab", "xab", false, false}, {"ab", "abx", false, false}, {"aba", "a", true, true},
};

START_TEST(knows_affixes)
{
    const struct affix *t = &affixes[_i];

    ck_assert(starts_with(t->text, t->affix) == t->starts);
    ck_assert(ends_with(t->text, t->affix) == t->ends);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("buf");
    TCase *t = tcase_create("buf");
    SRunner *sr;
    int failed;

    tcase_add_test(t, begins_empty);
    tcase_add_test(t, gathers_bytes);
    tcase_add_test(t, ends_in_a_nul_at_every_length);
    tcase_add_test(t, gives_room_to_write_in);
    tcase_add_test(t, keeps_a_failure);
    tcase_add_loop_test(t, compares_blobs, 0, ARRAY_LEN(comparisons));
    tcase_add_test(t, copies_over_a_blob);
    tcase_add_test(t, grows_arrays);
    tcase_add_loop_test(t, knows_affixes, 0, ARRAY_LEN(affixes));
    suite_add_tcase(s, t);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
