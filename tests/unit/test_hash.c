/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/hash.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* The examples of FIPS 180-2, appendix B, and the empty message. */
static const struct {
    const char *text;
    size_t times;
    const char *hash;
} table[] = {
    {"", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
};

START_TEST(test_known)
{
    size_t n = strlen(table[_i].text), len = n * table[_i].times;
    char *data = malloc(len + 1), text[HASH_TEXT_SIZE];

    for (size_t i = 0; i < table[_i].times; i++)
        memcpy(data + i * n, table[_i].text, n);
    hash_text(data, len, text);
    free(data);
    ck_assert_str_eq(text, table[_i].hash);
}
END_TEST

START_TEST(test_nothing)
{
    char text[HASH_TEXT_SIZE];

    hash_text(NULL, 0, text);
    ck_assert_str_eq(text, table[0].hash);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hash");
    TCase *tcase = tcase_create("hash");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, test_known, 0, (int)(sizeof(table) / sizeof(table[0])));
    tcase_add_test(tcase, test_nothing);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
