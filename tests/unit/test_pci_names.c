/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/pci_names.h"

#include "capture.h"

static const struct {
    const char *what, *text;
    const char *class, *vendor, *device; /* of the one that is asked about */
} cases[] = {
    {"nothing", "", NULL, NULL, NULL},
    {"maker and device", "8086  Intel\n\t10d3  A card\n", NULL, "Intel", "A card"},
    {"comments, empty lines, carriage returns",
     "# 8086  no\r\n\r\n8086  Intel\r\n# x\r\n\t10d3  A card\r\n", NULL, "Intel",
     "A card"},
    {"no last line's end", "8086  Intel\n\t10d3  A card", NULL, "Intel", "A card"},
    {"capital digits", "8086  Intel\n\t10D3  A card\n", NULL, "Intel", "A card"},
    {"another maker's device of that number",
     "1234  Other\n\t10d3  No\n8086  Intel\n\t10d4  Nor\n", NULL, "Intel", NULL},
    {"a device before its maker", "\t10d3  Nobody's\n8086  Intel\n", NULL, "Intel", NULL},
    {"a card's line is no device's", "8086  Intel\n\t10d4  x\n\t\t10d3 0001  A board\n",
     NULL, "Intel", NULL},
    {"a class with its subclass", "C 02  Network\n\t00  Ethernet\n\t\t00  Interface\n",
     "Ethernet", NULL, NULL},
    {"a class without its subclass", "C 02  Network\n\t01  Token ring\n", "Network", NULL,
     NULL},
    {"what comes behind a class is no device of a maker",
     "8086  Intel\nC 02  Network\n\t10d3  x\n", "Network", "Intel", NULL},
    {"sections of no use end the one before", "8086  Intel\nS 00  x\n\t10d3  y\n", NULL,
     "Intel", NULL},
    {"the last one counts", "8086  One\n8086  Two\n\t10d3  x\n\t10d3  y\n", NULL, "Two",
     "y"},
    {"lines that are none",
     "80861 x\n808  x\n8086x\nC 2  x\nC  02  x\n\tzzzz  y\n8086  \n", NULL, "", NULL},
    {"bytes that are no text", "8086  In\377tel\n\t10d3  \1\n", NULL, "In\377tel", "\1"},
};

static void check(const char *found, const char *expected, const char *what)
{
    ck_assert_msg(found == expected || (found && expected && streq(found, expected)),
                  "%s: \"%s\", not \"%s\"", what, found ? found : "(none)",
                  expected ? expected : "(none)");
}

START_TEST(names)
{
    struct pci_function f = {.has_class = true,
                             .has_ids = true,
                             .class = 0x020000,
                             .vendor = 0x8086,
                             .device = 0x10d3};
    struct pci_function unread = {0};
    struct pci_function functions[2] = {f, unread};
    struct devices devices = {.function = functions, .functions = 2};
    char *text = strdup(cases[_i].text);

    ck_assert_int_eq(pci_names_take(text, &devices), 0);
    check(functions[0].class_name, cases[_i].class, cases[_i].what);
    check(functions[0].vendor_name, cases[_i].vendor, cases[_i].what);
    check(functions[0].device_name, cases[_i].device, cases[_i].what);
    ck_assert_ptr_null(functions[1].class_name);
    ck_assert_ptr_null(functions[1].vendor_name);
    free(functions[0].class_name);
    free(functions[0].vendor_name);
    free(functions[0].device_name);
    free(text);
}
END_TEST

/* The machine's own list comes before that of who reads. */
START_TEST(own_list)
{
    static const struct capture_file files[] = {
        {"usr/share/misc/pci.ids", "8086  Second place\n", 0},
        {"usr/share/hwdata/pci.ids", "8086  First place\n", 0},
    };
    struct pci_function f = {.has_ids = true, .vendor = 0x8086};
    struct devices devices = {.function = &f, .functions = 1};
    struct capture c;

    capture_begin(&c);
    for (int i = 0; i <= _i; i++)
        capture_add(&c, &files[i]);
    capture_open(&c);
    ck_assert_int_eq(pci_names_read(c.platform, &devices), 0);
    ck_assert_str_eq(f.vendor_name, _i ? "First place" : "Second place");
    free(f.vendor_name);
    capture_end(&c);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("pci_names");
    Suite *suite = suite_create("pci_names");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tc, names, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tc, own_list, 0, 2);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
