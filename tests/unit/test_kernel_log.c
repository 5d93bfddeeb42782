/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/kernel_log.h"

#include "capture.h"
#include "platform/container.h"

#define LOG "var/log/dmesg"

static const struct {
    const char *what, *text;
    enum vendor on;
    bool amd_asks, unread, forced;
    const char *defect; /* all of it */
} logs[] = {
    {.what = "no log", .unread = true, .defect = ""},
    {.what = "an empty one", .text = "", .defect = ""},
    {.what = "the option alone is no proof",
     .text = "[    0.000000] DMAR: IOMMU enabled\n",
     .defect = ""},
    {.what = "VT-d on, RHEL 6",
     .text = "PCI-DMA: Intel(R) Virtualization Technology for Directed I/O\n",
     .on = VENDOR_INTEL,
     .defect = ""},
    {.what = "VT-d on, without a line's end",
     .text = "<6>[    1.2] DMAR: Intel(R) Virtualization Technology for Directed I/O",
     .on = VENDOR_INTEL,
     .defect = ""},
    {.what = "AMD-Vi on, RHEL 6",
     .text = "AMD-Vi: Enabling IOMMU at 0000:00:00.2 cap 0x40\n",
     .on = VENDOR_AMD,
     .defect = ""},
    {.what = "AMD-Vi waits for the flag, RHEL 6",
     .text = "AMD-Vi disabled by default: pass amd_iommu=on to enable\n",
     .amd_asks = true,
     .defect = ""},
    {.what = "started by tboot",
     .text = "[    0.8] DMAR: Forcing Intel-IOMMU to enabled\n",
     .forced = true,
     .defect = ""},
    {.what = "a unit at address 0",
     .text = "<4>[    0.004000] Your BIOS is broken; DMAR reported at address 0!\n"
             "BIOS vendor: x\n",
     .defect = "Your BIOS is broken; DMAR reported at address 0!"},
    {.what = "the first complaint is kept",
     .text = "[    0.1] [Firmware Bug]: AMD-Vi: IOAPIC[0] not in IVRS table\n"
             "[    0.2] AMD-Vi: Disable IOMMU on Stoney Ridge\n",
     .defect = "[Firmware Bug]: AMD-Vi: IOAPIC[0] not in IVRS table"},
    {.what = "as a daemon wrote it, with the machine's name",
     .text = "Jan  1 00:00:00 myhost kernel: [    0.2] AMD-Vi: Disable IOMMU on Stoney "
             "Ridge\n",
     .defect = "AMD-Vi: Disable IOMMU on Stoney Ridge"},
    {.what = "Stoney Ridge",
     .text = "[    0.2] AMD-Vi: Disable IOMMU on Stoney Ridge\n",
     .defect = "AMD-Vi: Disable IOMMU on Stoney Ridge"},
};

START_TEST(reads_log)
{
    struct capture_file file = {LOG, logs[_i].text, 0}, other = {"x", "", 0};
    struct kernel_log log;
    struct capture c;

    capture_begin(&c);
    capture_add(&c, logs[_i].text ? &file : &other);
    capture_open(&c);
    ck_assert_int_eq(kernel_log_read(c.platform, &log), 0);
    ck_assert_int_eq(log.read, !logs[_i].unread);
    ck_assert_int_eq(log.on, logs[_i].on);
    ck_assert_int_eq(log.amd_asks, logs[_i].amd_asks);
    ck_assert_int_eq(log.forced, logs[_i].forced);
    ck_assert_msg(streq(log.defect, logs[_i].defect), "%s: %s", logs[_i].what,
                  log.defect);
    ck_assert(!log.defect[0] == !log.meaning);
    capture_end(&c);
}
END_TEST

static const struct {
    const char *what;
    struct capture_file file[2];
    int result;
    const char *sign;
} places[] = {
    {"a machine", {{"proc/1/environ", "HOME=/\0TERM=linux", 17}}, 0, NULL},
    {"podman", {{"run/.containerenv", "", 0}}, 1, "run/.containerenv"},
    {"docker", {{".dockerenv", "", 0}}, 1, ".dockerenv"},
    {"systemd-nspawn",
     {{"run/systemd/container", "nspawn\n", 0}},
     1,
     "run/systemd/container"},
    {"lxc", {{"proc/1/environ", "container=lxc", 0}}, 1, "container="},
    {"lxc, further behind",
     {{"proc/1/environ", "A=b\0container=lxc\0", 18}},
     1,
     "container="},
    {"a word that only ends so", {{"proc/1/environ", "my_container=x", 0}}, 0, NULL},
    {"another's environment",
     {{"proc/1/environ", "container=lxc", 0}, {"unreadable", "proc/1/environ\n", 0}},
     0,
     NULL},
    {"OpenVZ", {{"proc/vz/", NULL, 0}}, 1, "/proc/vz"},
    {"OpenVZ's host", {{"proc/vz/", NULL, 0}, {"proc/bc/", NULL, 0}}, 0, NULL},
};

START_TEST(knows_containers)
{
    const char *sign = "";
    struct capture c;

    capture_begin(&c);
    for (size_t i = 0; i < 2 && places[_i].file[i].path; i++)
        capture_add(&c, &places[_i].file[i]);
    capture_open(&c);
    ck_assert_msg(container_look(c.platform, &sign) == places[_i].result, "%s",
                  places[_i].what);
    if (places[_i].sign)
        ck_assert_ptr_nonnull(strstr(sign, places[_i].sign));
    capture_end(&c);
}
END_TEST

/* The machine's own log, whatever it holds, is read to an end. */
START_TEST(the_machines_own)
{
    struct platform *p;
    struct kernel_log log;
    struct error err;

    ck_assert_int_eq(platform_open(&p, "/", &err), 0);
    ck_assert_int_eq(kernel_log_read(p, &log), 0);
    platform_free(p);
}
END_TEST

/* What is saved says the same when it is read again, and no more. */
START_TEST(saves_log)
{
    struct capture_file file = {LOG, logs[_i].text, 0}, other = {"x", "", 0},
                        copy = {LOG, NULL, 0};
    AUTO_BLOB text = {NULL, 0};
    struct kernel_log log;
    struct capture c;

    capture_begin(&c);
    capture_add(&c, logs[_i].text ? &file : &other);
    capture_open(&c);
    ck_assert_int_eq(kernel_log_save(c.platform, &text), 0);
    ck_assert_int_eq(blob_absent(&text), logs[_i].unread);
    if (!logs[_i].unread) {
        copy.text = text.data;
        capture_add(&c, &copy);
        ck_assert_int_eq(kernel_log_read(c.platform, &log), 0);
        ck_assert(log.read);
        ck_assert_int_eq(log.on, logs[_i].on);
        ck_assert_int_eq(log.amd_asks, logs[_i].amd_asks);
        ck_assert_int_eq(log.forced, logs[_i].forced);
        ck_assert_str_eq(log.defect, logs[_i].defect);
        ck_assert(!strstr(text.data, "myhost") && !strstr(text.data, "vendor: x"));
    }
    capture_end(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("kernel_log");
    TCase *t = tcase_create("kernel_log");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, reads_log, 0, ARRAY_LEN(logs));
    tcase_add_loop_test(t, saves_log, 0, ARRAY_LEN(logs));
    tcase_add_loop_test(t, knows_containers, 0, ARRAY_LEN(places));
    tcase_add_test(t, the_machines_own);
    suite_add_tcase(suite, t);
    sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
