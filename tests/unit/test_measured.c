/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/measured.h"

#include <check.h>

#define AREA(token) "{\"keyslots\":{},\"tokens\":{\"0\":" token "},\"config\":{}}"
#define SYSTEMD(pcrs) AREA("{\"type\":\"systemd-tpm2\",\"tpm2-pcrs\":" pcrs "}")
#define CLEVIS(head) AREA("{\"type\":\"clevis\",\"jwe\":{\"protected\":\"" head "\"}}")

static const struct {
    const char *json;
    unsigned pcr;
    bool clevis;
} cases[] = {
    {SYSTEMD("[7]"), 0, false},
    {SYSTEMD("[7,12]"), 12, false},
    {SYSTEMD("[8]"), 8, false},
    {SYSTEMD("[]"), 0, false},
    {SYSTEMD("\"8\""), 0, false},
    {SYSTEMD("[4294967304]"), 0, false},
    {AREA("{\"type\":\"luks2-keyring\",\"tpm2-pcrs\":[8]}"), 0, false},
    {AREA("7"), 0, false},
    /* {"clevis":{"pin":"tpm2","tpm2":{"pcr_ids":"7,8"}}} */
    {CLEVIS("eyJjbGV2aXMiOnsicGluIjoidHBtMiIsInRwbTIiOnsicGNyX2lkcyI6IjcsOCJ9fX0"), 8,
     true},
    /* the same with "7" */
    {CLEVIS("eyJjbGV2aXMiOnsicGluIjoidHBtMiIsInRwbTIiOnsicGNyX2lkcyI6IjcifX19"), 0, true},
    {CLEVIS("!"), 0, true},
    {CLEVIS(""), 0, true},
    {"", 0, false},
    {"{", 0, false},
    {"[]", 0, false},
    {"{\"tokens\":[]}", 0, false},
};

START_TEST(tokens_tell_the_register)
{
    bool clevis = false;
    unsigned pcr = measured_tokens(cases[_i].json, strlen(cases[_i].json), &clevis);

    ck_assert_msg(pcr == cases[_i].pcr, "%s: %u", cases[_i].json, pcr);
    if (pcr)
        ck_assert_int_eq(clevis, cases[_i].clevis);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("measured");
    TCase *tcase = tcase_create("tokens");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, tokens_tell_the_register, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
