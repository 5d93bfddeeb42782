/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/measured.h"

#include <check.h>

#define AREA(token) "{\"keyslots\":{},\"tokens\":{\"0\":" token "},\"config\":{}}"
#define SYSTEMD(pcrs) AREA("{\"type\":\"systemd-tpm2\",\"tpm2-pcrs\":" pcrs "}")
#define CLEVIS(head) AREA("{\"type\":\"clevis\",\"jwe\":{\"protected\":\"" head "\"}}")

/* {"clevis":{"pin":"sss","sss":{"t":2,"jwe":[...]}}}: a tang server and a TPM with
 * "0,7,8" */
#define SSS                                                                              \
    CLEVIS("eyJhbGciOiJkaXIiLCJjbGV2aXMiOnsicGluIjoic3NzIiwic3NzIjp7InQiOjIsInAiOi"      \
           "JBUSIsImp3ZSI6WyJleUpqYkdWMmFYTWlPbnNpY0dsdUlqb2lkR0Z1WnlJc0luUmhibWNp"      \
           "T25zaWRYSnNJam9pZUNKOWZYMC4uaXYuYy50IiwiZXlKaGJHY2lPaUprYVhJaUxDSmpiR1"      \
           "YyYVhNaU9uc2ljR2x1SWpvaWRIQnRNaUlzSW5Sd2JUSWlPbnNpYUdGemFDSTZJbk5vWVRJ"      \
           "MU5pSXNJbkJqY2w5cFpITWlPaUl3TERjc09DSjlmWDAuay5pdi5jLnQiXX19fQ")
/* sss in sss, and in it a TPM with "12" */
#define NESTED                                                                           \
    CLEVIS("eyJjbGV2aXMiOnsicGluIjoic3NzIiwic3NzIjp7InQiOjEsImp3ZSI6WyJleUpqYkdWMm"      \
           "FYTWlPbnNpY0dsdUlqb2ljM056SWl3aWMzTnpJanA3SW5RaU9qRXNJbXAzWlNJNld5Smxl"      \
           "VXBvWWtkamFVOXBTbXRoV0VscFRFTkthbUpIVmpKaFdFMXBUMjV6YVdOSGJIVkphbTlwWk"      \
           "VoQ2RFMXBTWE5KYmxKM1lsUkphVTl1YzJsaFIwWjZZVU5KTmtsdVRtOVpWRWt4VG1sSmMw"      \
           "bHVRbXBqYkRsd1draE5hVTlwU1hoTmFVbzVabGd3TG1zdWFYWXVZeTUwSWwxOWZYMC54Il"      \
           "19fX0")
/* sss, and in it a TPM with "7" */
#define SSS7                                                                             \
    CLEVIS("eyJjbGV2aXMiOnsicGluIjoic3NzIiwic3NzIjp7InQiOjEsImp3ZSI6WyJleUpoYkdjaU"      \
           "9pSmthWElpTENKamJHVjJhWE1pT25zaWNHbHVJam9pZEhCdE1pSXNJblJ3YlRJaU9uc2lh"      \
           "R0Z6YUNJNkluTm9ZVEkxTmlJc0luQmpjbDlwWkhNaU9pSTNJbjE5ZlEuay5pdi5jLnQiXX"      \
           "19fQ")

static const struct {
    const char *json;
    unsigned pcr;
    bool clevis;
    const char *list, *signed_list;
    int slot;
} cases[] = {
    {SYSTEMD("[7]"), 0, false, "", "", 0},
    {SYSTEMD("[7,12]"), 12, false, "7+12", "", -1},
    {SYSTEMD("[8]"), 8, false, "8", "", -1},
    {SYSTEMD("[23,12,24,-1,8]"), 8, false, "8+12+23", "", -1},
    {SYSTEMD("[]"), 0, false, "", "", 0},
    {SYSTEMD("\"8\""), 0, false, "", "", 0},
    {SYSTEMD("[4294967304]"), 0, false, "", "", 0},
    {SYSTEMD("[12],\"tpm2_pubkey_pcrs\":[11],\"keyslots\":[\"3\"]"), 12, false, "12",
     "11", 3},
    {SYSTEMD("[7],\"tpm2_pubkey_pcrs\":[12]"), 0, false, "", "", 0},
    {SYSTEMD("[],\"tpm2_pcrlock\":true"), 12, false, "", "", -1},
    {SYSTEMD("[],\"tpm2_pcrlock\":false"), 0, false, "", "", 0},
    {AREA("{\"type\":\"luks2-keyring\",\"tpm2-pcrs\":[8]}"), 0, false, "", "", 0},
    {AREA("7"), 0, false, "", "", 0},
    /* {"clevis":{"pin":"tpm2","tpm2":{"pcr_ids":"7,8"}}} */
    {CLEVIS("eyJjbGV2aXMiOnsicGluIjoidHBtMiIsInRwbTIiOnsicGNyX2lkcyI6IjcsOCJ9fX0"), 8,
     true, "7+8", "", -1},
    /* the same with "7" */
    {CLEVIS("eyJjbGV2aXMiOnsicGluIjoidHBtMiIsInRwbTIiOnsicGNyX2lkcyI6IjcifX19"), 0, true,
     "", "", 0},
    {SSS, 8, true, "0+7+8", "", -1},
    {NESTED, 12, true, "12", "", -1},
    {SSS7, 0, true, "", "", 0},
    {CLEVIS("!"), 0, true, "", "", 0},
    {CLEVIS(""), 0, true, "", "", 0},
    {"", 0, false, "", "", 0},
    {"{", 0, false, "", "", 0},
    {"[]", 0, false, "", "", 0},
    {"{\"tokens\":[]}", 0, false, "", "", 0},
};

START_TEST(tokens_tell_the_register)
{
    struct binding b = {.pcrs = 0};
    unsigned pcr = measured_tokens(cases[_i].json, strlen(cases[_i].json), &b);
    char list[96];

    ck_assert_msg(pcr == cases[_i].pcr, "%s: %u", cases[_i].json, pcr);
    if (!pcr)
        return;
    ck_assert_int_eq(b.clevis, cases[_i].clevis);
    ck_assert_int_eq(b.slot, cases[_i].slot);
    measured_list(b.pcrs, list);
    ck_assert_str_eq(list, cases[_i].list);
    measured_list(b.signed_pcrs, list);
    ck_assert_str_eq(list, cases[_i].signed_list);
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
