/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The decision of verify: a case, and more, for each row of its table. */
#include "verify.h"

#include <check.h>

#define GOOD .firmware = FIRMWARE_GIVES
#define OFF_NOW .live = LIVE_OFF
#define ON_NOW .live = LIVE_ON
#define WANT_OFF .want_off = true

static const struct {
    const char *what, *cause;
    enum verify_result result;
    struct verify_facts facts;
} cases[] = {
    {"below --root", "other-root", VERIFY_UNKNOWN, {.where = WHERE_OTHER_ROOT, ON_NOW}},
    {"below --root, off wanted",
     "other-root",
     VERIFY_UNKNOWN,
     {.where = WHERE_OTHER_ROOT, OFF_NOW, WANT_OFF}},
    {"chroot", "chroot", VERIFY_UNKNOWN, {.where = WHERE_CHROOT, ON_NOW}},
    {"container", "container", VERIFY_UNKNOWN, {.where = WHERE_CONTAINER, OFF_NOW}},
    {"container, off wanted: off is no proof there",
     "container",
     VERIFY_UNKNOWN,
     {.where = WHERE_CONTAINER, OFF_NOW, WANT_OFF}},
    {"container that sees it on",
     "on",
     VERIFY_AS_WANTED,
     {.where = WHERE_CONTAINER, ON_NOW}},
    {"container that sees it on, off wanted",
     "container-off",
     VERIFY_NOT,
     {.where = WHERE_CONTAINER, ON_NOW, WANT_OFF, .next = NEXT_OFF}},

    {"on", "on", VERIFY_AS_WANTED, {ON_NOW, GOOD, .flag = FLAG_ON}},
    {"on, whatever else",
     "on",
     VERIFY_AS_WANTED,
     {ON_NOW, .flag = FLAG_OFF, .defect = true}},
    {"off", "off", VERIFY_AS_WANTED, {OFF_NOW, WANT_OFF, .flag = FLAG_ON}},
    {"not x86", "not-applicable", VERIFY_AS_WANTED, {OFF_NOW, .inapplicable = true}},
    {"not x86, and off is wanted where it is on",
     "off-despite",
     VERIFY_NOT,
     {ON_NOW, WANT_OFF, .inapplicable = true}},
    {"dom0", "xen", VERIFY_UNKNOWN, {.xen = true, .flag = FLAG_ON}},
    {"dom0, off wanted", "xen", VERIFY_UNKNOWN, {.xen = true, WANT_OFF}},

    {"off wanted, unknown", "off-unknown", VERIFY_UNKNOWN, {WANT_OFF}},
    {"off wanted, tboot",
     "off-tboot",
     VERIFY_NOT,
     {WANT_OFF, ON_NOW, .forced = true, .flag = FLAG_OFF, .next = NEXT_OFF}},
    {"on wanted, tboot", "on", VERIFY_AS_WANTED, {ON_NOW, .forced = true}},
    {"off wanted, opt-in",
     "off-opt-in",
     VERIFY_NOT,
     {WANT_OFF, ON_NOW, .opt_in = true, .next = NEXT_OFF}},
    {"off wanted, opt-in, but the flag does it",
     "off-flag",
     VERIFY_NOT,
     {WANT_OFF, ON_NOW, .opt_in = true, .flag = FLAG_ON}},
    {"off after the reboot",
     "off-pending",
     VERIFY_PENDING,
     {WANT_OFF, ON_NOW, .flag = FLAG_ON, .next = NEXT_OFF}},
    {"off in the entry that was not used",
     "off-flag",
     VERIFY_NOT,
     {WANT_OFF, ON_NOW, .flag = FLAG_ON, .next = NEXT_OFF, .older = true}},
    {"off wanted, still set",
     "off-still-set",
     VERIFY_NOT,
     {WANT_OFF, ON_NOW, .flag = FLAG_ON, .next = NEXT_ON}},
    {"off wanted, on by default",
     "off-default",
     VERIFY_NOT,
     {WANT_OFF, ON_NOW, .driver = DRIVER_ON, .next = NEXT_ON}},
    {"off wanted, nothing explains it",
     "off-despite",
     VERIFY_NOT,
     {WANT_OFF, ON_NOW, .flag = FLAG_OFF, .next = NEXT_UNKNOWN}},

    {"no driver, with the flag",
     "no-driver",
     VERIFY_NOT,
     {OFF_NOW, GOOD, .flag = FLAG_ON, .driver = DRIVER_MISSING}},
    {"no driver, on an old kernel",
     "no-driver",
     VERIFY_NOT,
     {.driver = DRIVER_MISSING, .next = NEXT_ON}},
    {"flag, no table",
     "firmware-off",
     VERIFY_NOT,
     {OFF_NOW, .firmware = FIRMWARE_NONE, .flag = FLAG_ON}},
    {"no flag, no table",
     "firmware-none",
     VERIFY_NOT,
     {OFF_NOW, .firmware = FIRMWARE_NONE, .next = NEXT_ON}},
    {"broken table",
     "firmware-broken",
     VERIFY_NOT,
     {OFF_NOW, .firmware = FIRMWARE_BROKEN, .flag = FLAG_ON}},
    {"the kernel complains",
     "defect",
     VERIFY_NOT,
     {OFF_NOW, GOOD, .flag = FLAG_ON, .defect = true}},
    {"the kernel complains, and would be on by default",
     "defect-default",
     VERIFY_NOT,
     {OFF_NOW, GOOD, .driver = DRIVER_ON, .defect = true}},
    {"the kernel complains, but was not asked: first the flag",
     "not-set",
     VERIFY_NOT,
     {OFF_NOW, GOOD, .driver = DRIVER_OFF, .defect = true, .next = NEXT_OFF}},

    {"off now, on after the reboot",
     "off-overruled-pending",
     VERIFY_PENDING,
     {OFF_NOW, GOOD, .flag = FLAG_OFF, .on_word = true, .next = NEXT_ON}},
    {"on ... off",
     "later-off",
     VERIFY_NOT,
     {OFF_NOW, GOOD, .flag = FLAG_OFF, .on_word = true}},
    {"off", "off-word", VERIFY_NOT, {OFF_NOW, GOOD, .flag = FLAG_OFF, .next = NEXT_OFF}},
    {"off, and another entry was used",
     "off-word",
     VERIFY_NOT,
     {OFF_NOW, GOOD, .flag = FLAG_OFF, .next = NEXT_ON, .older = true}},
    {"on by default and off",
     "unexplained-default",
     VERIFY_NOT,
     {OFF_NOW, GOOD, .driver = DRIVER_PARTLY, .next = NEXT_ON}},
    {"the default entry had it long before",
     "started-otherwise",
     VERIFY_NOT,
     {OFF_NOW, GOOD, .driver = DRIVER_OFF, .next = NEXT_ON, .older = true}},
    {"enabled, not yet rebooted",
     "pending",
     VERIFY_PENDING,
     {OFF_NOW, GOOD, .driver = DRIVER_OFF, .next = NEXT_ON}},
    {"the same on RHEL 6, which shows nothing",
     "pending",
     VERIFY_PENDING,
     {GOOD, .driver = DRIVER_OFF, .next = NEXT_ON}},
    {"never enabled", "not-set", VERIFY_NOT, {OFF_NOW, GOOD, .next = NEXT_OFF}},
    {"never enabled on RHEL 6",
     "not-set-by-default",
     VERIFY_NOT,
     {GOOD, .driver = DRIVER_OFF, .next = NEXT_OFF}},
    {"not root: no store could be read",
     "not-on-command-line",
     VERIFY_NOT,
     {OFF_NOW, .firmware = FIRMWARE_UNREAD}},

    {"RHEL 6 with the flag", "unknown", VERIFY_UNKNOWN, {GOOD, .flag = FLAG_ON}},
    {"RHEL 5, AMD: on by default",
     "unknown",
     VERIFY_UNKNOWN,
     {GOOD, .driver = DRIVER_ON}},
    {"nothing is known", "unknown", VERIFY_UNKNOWN, {.firmware = FIRMWARE_UNREAD}},
    {"flag, tables unread",
     "unread",
     VERIFY_NOT,
     {OFF_NOW, .firmware = FIRMWARE_UNREAD, .flag = FLAG_ON}},
    {"flag, and all is well",
     "unexplained",
     VERIFY_NOT,
     {OFF_NOW, GOOD, .flag = FLAG_ON, .next = NEXT_ON, .driver = DRIVER_OFF}},
};

START_TEST(decides)
{
    const struct verify_rule *rule = verify_decide(&cases[_i].facts);

    ck_assert_msg(streq(rule->cause, cases[_i].cause), "%s: %s, not %s", cases[_i].what,
                  rule->cause, cases[_i].cause);
    ck_assert_int_eq(rule->result, cases[_i].result);
}
END_TEST

/* A row that no case reaches is not tested, or can never fit. */
START_TEST(every_row_has_its_case)
{
    bool found = false;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        found |= streq(cases[i].cause, verify_rules[_i].cause);
    ck_assert_msg(found, "%s", verify_rules[_i].cause);
}
END_TEST

/* Never "off" where nothing was seen: unknown evidence is no "as wanted", whatever is
 * wanted, but for machines that need no flag. */
START_TEST(unknown_is_never_as_wanted)
{
    for (unsigned bits = 0; bits < 1u << 13; bits++) {
        struct verify_facts facts = {
            .want_off = bits & 1,
            .flag = (enum flag_state)(bits >> 1 & 3) % 3,
            .driver = (enum driver_state)(bits >> 3 & 7) % 5,
            .firmware = (enum verify_firmware)(bits >> 6 & 3),
            .next = (enum verify_next)(bits >> 8 & 3) % 3,
            .on_word = bits >> 10 & 1,
            .older = bits >> 11 & 1,
            .defect = bits >> 12 & 1,
        };

        ck_assert_int_ne(verify_decide(&facts)->result, VERIFY_AS_WANTED);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("verify");
    TCase *t = tcase_create("verify");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, decides, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(t, every_row_has_its_case, 0, (int)verify_rules_count);
    tcase_add_test(t, unknown_is_never_as_wanted);
    suite_add_tcase(suite, t);
    sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
