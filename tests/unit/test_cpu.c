/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/cpu.h"

#include <stdio.h>

#include "capture.h"

static const struct {
    const char *id;
    enum vendor vendor;
} vendors[] = {
    {"GenuineIntel", VENDOR_INTEL}, {"AuthenticAMD", VENDOR_AMD},
    {"HygonGenuine", VENDOR_AMD},   {"CentaurHauls", VENDOR_INTEL},
    {"  Shanghai  ", VENDOR_INTEL}, {"Shanghai", VENDOR_NONE},
    {"GenuineTMx86", VENDOR_NONE},  {"genuineintel", VENDOR_NONE},
    {"GenuineInte", VENDOR_NONE},   {"", VENDOR_NONE},
};

START_TEST(vendor_of_id)
{
    ck_assert_int_eq(cpu_vendor(vendors[_i].id), vendors[_i].vendor);
}
END_TEST

static const struct {
    const char *text, *id;
    bool guest;
} infos[] = {
    {"vendor_id\t: GenuineIntel\nflags\t\t: fpu vmx\n", "GenuineIntel", false},
    {"vendor_id\t: AuthenticAMD\nflags\t\t: fpu hypervisor lm\n", "AuthenticAMD", true},
    {"vendor_id\t: AuthenticAMD\nflags\t\t: hypervisor\n", "AuthenticAMD", true},
    {"vendor_id\t: AuthenticAMD\nflags\t\t: fpu hypervisor", "AuthenticAMD", true},
    {"vendor_id\t: AuthenticAMD\nflags\t\t: nohypervisor hypervisors\n", "AuthenticAMD",
     false},
    /* The blanks belong to the id. */
    {"vendor_id\t:   Shanghai  \nflags\t\t: fpu\n", "  Shanghai  ", false},
    /* Another line that begins alike, and a second processor that differs. */
    {"vendor_idx\t: x\nvendor_id\t: GenuineIntel\nvmx flags\t: hypervisor\nflags\t: fpu\n"
     "vendor_id\t: AuthenticAMD\nflags\t: hypervisor\n",
     "GenuineIntel", false},
    {"model name\t: hypervisor\n", "", false},
    {"vendor_id\t: far too long for an id\n", "", false},
    {"vendor_id", "", false},
    {"vendor_id\t:", "", false},
    {"", "", false},
    {NULL, "", false}, /* no file */
};

START_TEST(reads_cpuinfo)
{
    struct capture_file file = {infos[_i].text ? "proc/cpuinfo" : "proc/", infos[_i].text,
                                0};
    struct capture c;
    struct cpu cpu;

    capture_begin(&c);
    capture_add(&c, &file);
    capture_open(&c);
    ck_assert_int_eq(cpu_read(c.platform, &cpu), 0);
    ck_assert_str_eq(cpu.id, infos[_i].id);
    ck_assert_int_eq(cpu.guest, infos[_i].guest);
    ck_assert_int_eq(cpu.vendor, cpu_vendor(infos[_i].id));
    capture_end(&c);
}
END_TEST

/* The instruction and the kernel must tell the same of the machine that runs this. */
START_TEST(machine_agrees_with_cpuinfo)
{
    AUTO_BLOB text = {NULL, 0};
    struct platform *live;
    struct capture_file file;
    struct cpu asked, read;
    struct capture c;
    struct error err;
    const char *preload = getenv("LD_PRELOAD");

    if (preload && strstr(preload, "vgpreload")) {
        puts("SKIP machine_agrees_with_cpuinfo: valgrind plays a processor of its own");
        return;
    }
    ck_assert_int_eq(platform_open(&live, NULL, &err), 0);
    ck_assert_int_eq(cpu_read(live, &asked), 0);
    if (platform_read(live, "proc/cpuinfo", 64 << 20, &text) == 0) {
        file = (struct capture_file){"proc/cpuinfo", text.data, text.len};
        capture_begin(&c);
        capture_add(&c, &file);
        capture_open(&c);
        ck_assert_int_eq(cpu_read(c.platform, &read), 0);
        ck_assert_str_eq(asked.id, read.id);
        ck_assert_int_eq(asked.guest, read.guest);
        capture_end(&c);
    }
    platform_free(live);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu");
    TCase *t = tcase_create("cpu");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, vendor_of_id, 0, ARRAY_LEN(vendors));
    tcase_add_loop_test(t, reads_cpuinfo, 0, ARRAY_LEN(infos));
    tcase_add_test(t, machine_agrees_with_cpuinfo);
    suite_add_tcase(suite, t);
    sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
