/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/live.h"

#include "capture.h"

#define RELEASE "proc/sys/kernel/osrelease"
#define GROUPS "sys/kernel/iommu_groups/"
#define CLASS "sys/class/iommu/"
#define SYSDEV "sys/devices/system/"

static const struct {
    const char *what;
    struct capture_file file[6];
    enum live_state state;
    enum vendor vendor;
    size_t units, groups;
    bool remapped;
    const char *evidence; /* stands in it */
} cases[] = {
    {.what = "nothing at all", .file = {{"x", "", 0}}, .evidence = "is not there"},
    {.what = "modern, all empty",
     .file = {{RELEASE, "5.14.0-503.el9.x86_64\n", 0}, {CLASS, 0, 0}, {GROUPS, 0, 0}},
     .state = LIVE_OFF,
     .evidence = "no group with a PCI device"},
    {.what = "from 3.17 on the groups' directory is enough",
     .file = {{RELEASE, "3.17.0\n", 0}, {GROUPS, 0, 0}},
     .state = LIVE_OFF},
    {.what = "before, it is not",
     .file = {{RELEASE, "3.16.9\n", 0}, {GROUPS, 0, 0}},
     .evidence = "a kernel this old"},
    {.what = "before, with the class taken over from later",
     .file = {{RELEASE, "3.10.0-1160.el7.x86_64\n", 0}, {CLASS, 0, 0}, {GROUPS, 0, 0}},
     .state = LIVE_OFF},
    {.what = "an unknown kernel without the class",
     .file = {{GROUPS, 0, 0}},
     .evidence = "is not there"},
    {.what = "a release without numbers",
     .file = {{RELEASE, "custom\n", 0}, {GROUPS, 0, 0}},
     .evidence = "a kernel this old"},
    {.what = "modern, but no groups' directory: no driver, or a container",
     .file = {{RELEASE, "6.1.0\n", 0}, {CLASS, 0, 0}},
     .evidence = "is not there"},
    {.what = "groups may not be listed",
     .file = {{RELEASE, "6.1.0\n", 0},
              {CLASS, 0, 0},
              {GROUPS "0/devices/0000:00:00.0", 0, 0},
              {"unreadable", "sys/kernel/iommu_groups\n", 0}}},
    {.what = "one group may not be",
     .file = {{RELEASE, "6.1.0\n", 0},
              {GROUPS "0/devices/0000:00:00.0", 0, 0},
              {"unreadable", GROUPS "0/devices\n", 0}}},
    {.what = "remapped interrupts alone are no proof",
     .file = {{RELEASE, "5.14.0\n", 0},
              {GROUPS, 0, 0},
              {"proc/interrupts", "  0:  9  IR-IO-APIC    2-edge  timer\n", 0}},
     .state = LIVE_OFF,
     .remapped = true},
    {.what = "the option in the command line is no proof",
     .file = {{RELEASE, "5.14.0\n", 0},
              {GROUPS, 0, 0},
              {"proc/cmdline", "intel_iommu=on\n", 0}},
     .state = LIVE_OFF},
    {.what = "Intel's units",
     .file = {{CLASS "dmar0/x", 0, 0}, {CLASS "dmar11/x", 0, 0}},
     .state = LIVE_ON,
     .vendor = VENDOR_INTEL,
     .units = 2,
     .evidence = "2 IOMMU units in /sys/class/iommu, 0 groups"},
    {.what = "AMD's unit",
     .file = {{CLASS "ivhd0/x", 0, 0}, {GROUPS "7/devices/0000:00:00.0", 0, 0}},
     .state = LIVE_ON,
     .vendor = VENDOR_AMD,
     .units = 1,
     .groups = 1,
     .evidence = "1 IOMMU unit in /sys/class/iommu, 1 group "},
    {.what = "units of neither",
     .file = {{RELEASE, "6.1.0\n", 0},
              {GROUPS, 0, 0},
              {CLASS "smmu3.0/x", 0, 0},
              {CLASS "dmar/x", 0, 0},
              {CLASS "dmar1x/x", 0, 0}},
     .state = LIVE_OFF},
    {.what = "groups alone, of whatever IOMMU",
     .file = {{GROUPS "0/devices/0000:00:00.0", 0, 0},
              {GROUPS "1/devices/10000:e1:1f.7", 0, 0},
              {GROUPS "1/devices/10000:e2:00.0", 0, 0}},
     .state = LIVE_ON,
     .groups = 2,
     .evidence = "2 IOMMU groups with PCI devices"},
    {.what = "groups without PCI devices",
     .file = {{RELEASE, "6.1.0\n", 0},
              {GROUPS "0/devices/fed40000.tpm", 0, 0},
              {GROUPS "1/devices/0000:00:00.8", 0, 0},
              {GROUPS "2/devices/00:00.0", 0, 0},
              {GROUPS "3/devices/", 0, 0},
              {GROUPS "4/", 0, 0}},
     .state = LIVE_OFF},
    {.what = "vfio's groups without an IOMMU",
     .file = {{RELEASE, "6.1.0\n", 0},
              {GROUPS "0/devices/0000:00:00.0", 0, 0},
              {GROUPS "0/name", "vfio-noiommu\n", 0}},
     .state = LIVE_OFF},
    {.what = "RHEL 6, VT-d on",
     .file = {{RELEASE, "2.6.32-754.el6.x86_64\n", 0}, {SYSDEV "iommu/iommu0/", 0, 0}},
     .state = LIVE_ON,
     .vendor = VENDOR_INTEL,
     .evidence = "/sys/devices/system/iommu"},
    {.what = "RHEL 6, AMD-Vi perhaps on",
     .file = {{RELEASE, "2.6.32-754.el6.x86_64\n", 0}, {SYSDEV "amd_iommu/", 0, 0}},
     .evidence = "before the IOMMU is switched on"},
    {.what = "RHEL 6, nothing to see",
     .file = {{RELEASE, "2.6.32-754.el6.x86_64\n", 0},
              {"proc/interrupts", "  0:  9  IR-PCI-MSI-edge  eth0\n", 0}},
     .remapped = true,
     .evidence = "a kernel this old"},
    {.what = "an interrupt's own name",
     .file = {{"proc/interrupts", "  0:  9  PCI-MSI-edge  IR-remote\n", 0}}},
    {.what = "Xen's dom0 shows nothing",
     .file = {{RELEASE, "6.1.0\n", 0},
              {CLASS, 0, 0},
              {GROUPS, 0, 0},
              {"proc/xen/capabilities", "control_d\n", 0}},
     .evidence = "Xen drives the IOMMU"},
    {.what = "Xen's guest is no dom0",
     .file = {{RELEASE, "6.1.0\n", 0}, {GROUPS, 0, 0}, {"proc/xen/capabilities", "", 0}},
     .state = LIVE_OFF},
};

START_TEST(tells_state)
{
    struct capture c;
    struct error err;
    struct live live;

    capture_begin(&c);
    for (size_t i = 0; i < ARRAY_LEN(cases[_i].file) && cases[_i].file[i].path; i++)
        capture_add(&c, &cases[_i].file[i]);
    capture_open(&c);
    ck_assert_int_eq(live_read(c.platform, &live, &err), 0);
    ck_assert_msg(live.state == cases[_i].state, "%s: %d", cases[_i].what, live.state);
    ck_assert_int_eq(live.vendor, cases[_i].vendor);
    ck_assert_uint_eq(live.units, cases[_i].units);
    ck_assert_uint_eq(live.groups, cases[_i].groups);
    ck_assert_int_eq(live.interrupts_remapped, cases[_i].remapped);
    ck_assert_str_ne(live.evidence, "");
    if (cases[_i].evidence)
        ck_assert_msg(strstr(live.evidence, cases[_i].evidence), "%s", live.evidence);
    live_clear(&live);
    capture_end(&c);
}
END_TEST

START_TEST(gives_texts)
{
    static const struct {
        struct capture_file file;
        const char *cmdline, *release;
    } texts[] = {
        {{"proc/cmdline", "ro  quiet \n", 0}, "ro  quiet ", NULL},
        {{"proc/cmdline", "ro", 0}, "ro", NULL},
        {{"proc/cmdline", "\n", 0}, "", NULL},
        {{RELEASE, "6.1.0\n", 0}, NULL, "6.1.0"},
    };
    struct capture c;
    struct error err;
    struct live live;

    capture_begin(&c);
    capture_add(&c, &texts[_i].file);
    capture_open(&c);
    ck_assert_int_eq(live_read(c.platform, &live, &err), 0);
    ck_assert_pstr_eq(live.cmdline, texts[_i].cmdline);
    ck_assert_pstr_eq(live.release, texts[_i].release);
    live_clear(&live);
    capture_end(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live");
    TCase *t = tcase_create("live");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, tells_state, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(t, gives_texts, 0, 4);
    suite_add_tcase(suite, t);
    sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
