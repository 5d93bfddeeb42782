/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses, groups and what is said of a device that the host does not need:
 * 0000:00:10.0, by rows for a /sys. What the host needs is in test_in_use.c.
 */
#include "platform/devices.h"

#include "sysfs.h"

static const struct {
    const char *text;
    bool good;
    struct pci_address address;
} addresses[] = {
    {"0000:00:1f.2", true, {0, 0, 0x1f, 2}},
    {"00:1f.2", true, {0, 0, 0x1f, 2}},
    {"10000:e1:00.7", true, {0x10000, 0xe1, 0, 7}},
    {"FFFFffff:fF:1F.0", true, {0xffffffff, 0xff, 0x1f, 0}},
    {"", false, {0}},
    {":", false, {0}},
    {"::", false, {0}},
    {"000:00:1f.2", false, {0}},
    {"123456789:00:1f.2", false, {0}},
    {"0000:0:1f.2", false, {0}},
    {"0000:00:20.0", false, {0}},
    {"0000:00:1f.8", false, {0}},
    {"0000:00:1f.", false, {0}},
    {"0000:00:1f.22", false, {0}},
    {"0000:00:1f:2", false, {0}},
    {"0000:00:1f.2 ", false, {0}},
    {" 0000:00:1f.2", false, {0}},
    {"0x00:00:1f.2", false, {0}},
    {"00:00:00:1f.2", false, {0}},
    {"-000:00:1f.2", false, {0}},
};

START_TEST(parses_address)
{
    struct pci_address a = {1, 2, 3, 4};

    ck_assert_msg(pci_address_parse(addresses[_i].text, &a) == addresses[_i].good, "%s",
                  addresses[_i].text);
    if (addresses[_i].good)
        ck_assert_msg(a.domain == addresses[_i].address.domain &&
                          a.bus == addresses[_i].address.bus &&
                          a.slot == addresses[_i].address.slot &&
                          a.function == addresses[_i].address.function,
                      "%s", addresses[_i].text);
}
END_TEST

#define P "pci0000:00/0000:00:10.0"
#define Q "pci0000:00/0000:00:11.0"
#define ON "file proc/interrupts 24: 9 IR-PCI-MSI 0-edge x\ndir sys/class/iommu/dmar0\n"
#define UNMAPPED                                                                         \
    "file proc/interrupts 24: 9 PCI-MSI 0-edge x\ndir sys/class/iommu/dmar0\n"
#define RESET "attr 0000:00:10.0 reset_method flr bus\n"
#define FREE "pci " P " 0b4000 - 10\n" RESET
#define HELD "pci " P " 0b4000 vfio-pci 10\n" RESET
#define UNSAFE(value)                                                                    \
    "file sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts " value "\n"
#define REGIONS(text) "file sys/kernel/iommu_groups/10/reserved_regions " text "\n"

static const struct {
    const char *what, *rows, *said; /* the verdict and all findings */
} cases[] = {
    {"nothing drives it", ON FREE, "ready"},
    {"held for guests", ON HELD, "ready"},
    {"held by pci-stub", ON "pci " P " 0b4000 pci-stub 10\n" RESET, "ready"},
    {"held by a maker's variant", ON "pci " P " 0b4000 mlx5_vfio_pci 10\n" RESET,
     "ready"},
    {"a driver whose name only begins so", ON "pci " P " 0b4000 vfio-pci-x 10\n" RESET,
     "detach bound:vfio-pci-x"},
    {"a host driver", ON "pci " P " 0b4000 qat 10\n" RESET, "detach bound:qat"},
    {"no way to reset it", ON "pci " P " 0b4000 - 10\n", "ready no-reset"},
    {"a way to reset it that is not told",
     ON "pci " P " 0b4000 - 10\nattr 0000:00:10.0 reset x\n", "ready"},
    {"no class", ON FREE "file unreadable sys/bus/pci/devices/0000:00:10.0/class\n",
     "unknown class-unknown"},
    {"a class of too many digits", ON "pci " P " 10b40001 - 10\n" RESET,
     "unknown class-unknown"},

    /* --- the IOMMU */
    {"it is off",
     "dir sys/class/iommu\ndir sys/kernel/iommu_groups\npci " P " 0b4000 - -\n" RESET,
     "blocked iommu-off"},
    {"this kernel shows no groups", ON "pci " P " 0b4000 - -\n" RESET,
     "unknown iommu-unknown"},
    {"in no group", ON "pci " P " 0b4000 - -\ndir sys/kernel/iommu_groups/3\n" RESET,
     "blocked no-group"},
    {"in vfio's pretence of a group",
     ON FREE "file sys/kernel/iommu_groups/10/name vfio-noiommu\n", "blocked no-group"},
    {"interrupts are not remapped", UNMAPPED FREE, "blocked no-interrupt-remapping"},
    {"not remapped, allowed", UNMAPPED FREE UNSAFE("Y"), "ready unsafe-interrupts"},
    {"not remapped, allowed with a number", UNMAPPED FREE UNSAFE("1"),
     "ready unsafe-interrupts"},
    {"not remapped, not allowed", UNMAPPED FREE UNSAFE("N"),
     "blocked no-interrupt-remapping"},
    {"remapped, and the permission does not matter", ON FREE UNSAFE("Y"), "ready"},

    /* --- its group */
    {"another one, free", ON FREE "pci " Q " 0b4000 - 10\n", "ready"},
    {"another one, held for guests", ON FREE "pci " Q " 0b4000 vfio-pci 10\n", "ready"},
    {"another one on a host driver", ON FREE "pci " Q " 0b4000 qat 10\n",
     "blocked group-bound:0000:00:11.0 (qat)"},
    {"a bridge of it on its driver", ON FREE "pci " Q " 060400 pcieport 10\n", "ready"},
    {"a bridge that is none for PCI, on its driver",
     ON FREE "pci " Q " 060100 lpc_ich 10\n",
     "blocked group-bound:0000:00:11.0 (lpc_ich)"},
    {"another one that the host needs",
     ON FREE "pci " Q " 030000 i915 10\n"
             "attr 0000:00:11.0 boot_vga 1\n",
     "blocked group-in-use:0000:00:11.0 (i915)"},
    {"a disk of the host in the same group",
     ON FREE
     "pci " Q " 010601 ahci 10\nblock sda 8:0 " Q
     "/ata1/block/sda\nfile proc/self/mountinfo 1 0 8:0 / / rw - ext4 /dev/sda rw\n",
     "blocked group-in-use:0000:00:11.0 (ahci)"},
    {"a disk of the host in another group",
     ON FREE
     "pci " Q " 010601 ahci 11\nblock sda 8:0 " Q
     "/ata1/block/sda\nfile proc/self/mountinfo 1 0 8:0 / / rw - ext4 /dev/sda rw\n",
     "ready"},
    {"one that sys/bus/pci does not tell of",
     ON FREE "dir sys/kernel/iommu_groups/10/devices/0000:00:12.0\n", "ready"},
    {"no PCI device in it", ON FREE "dir sys/kernel/iommu_groups/10/devices/serial8250\n",
     "ready"},

    /* --- what firmware keeps */
    {"for ever", ON FREE REGIONS("0x7e000000 0x7effffff direct"),
     "blocked reserved-region:0x7e000000-0x7effffff"},
    {"until a driver takes it", ON FREE REGIONS("0x7e000000 0x7effffff direct-relaxable"),
     "ready"},
    {"for messages", ON FREE REGIONS("0xfee00000 0xfeefffff msi~x y direct~0x1 0x2"),
     "ready"},
    {"the second one of it",
     ON FREE REGIONS("0xfee00000 0xfeefffff msi~0x1000 0x1fff direct"),
     "blocked reserved-region:0x1000-0x1fff"},

    /* --- SR-IOV */
    {"virtual functions, off",
     ON HELD "attr 0000:00:10.0 sriov_totalvfs 8\n"
             "attr 0000:00:10.0 sriov_numvfs 0\n",
     "ready"},
    {"virtual functions, on",
     ON HELD "attr 0000:00:10.0 sriov_totalvfs 8\n"
             "attr 0000:00:10.0 sriov_numvfs 3\n",
     "blocked virtual-functions-on:3"},
    {"a virtual one of its own",
     ON HELD "link sys/devices/" P "/physfn ../0000:00:11.0\npci " Q
             " 020000 vfio-pci 11\n",
     "ready"},
    {"a virtual one of itself", ON HELD "link sys/devices/" P "/physfn ../0000:00:10.0\n",
     "ready"},
    {"all at once",
     UNMAPPED "pci " P " 0b4000 qat 10\n" REGIONS(
         "0x1000 0x1fff direct") "pci " Q
                                 " 0b4000 qat 10\nattr 0000:00:10.0 sriov_totalvfs "
                                 "8\nattr 0000:00:10.0 sriov_numvfs 3\n",
     "blocked group-bound:0000:00:11.0 (qat) no-interrupt-remapping "
     "reserved-region:0x1000-0x1fff virtual-functions-on:3 bound:qat no-reset"},
};

static const char *const verdicts[] = {"ready", "detach", "unknown", "blocked", "never"};

START_TEST(judges)
{
    const struct pci_function *f;
    struct devices devices;
    struct capture c;
    struct error err;
    struct live live;
    char said[512];
    int n;

    capture_begin(&c);
    sysfs_make(&c, "file proc/sys/kernel/osrelease 6.1.0\ndir sys/class/block\n");
    sysfs_make(&c, cases[_i].rows);
    if (!strstr(cases[_i].rows, "mountinfo"))
        sysfs_make(&c, "file proc/self/mountinfo 1 0 0:2 / / rw - rootfs rootfs rw");
    capture_open(&c);
    ck_assert_int_eq(live_read(c.platform, &live, &err), 0);
    ck_assert_int_eq(devices_read(c.platform, &live, &devices, &err), 0);
    live_clear(&live);
    f = devices_find(&devices, "0000:00:10.0");
    ck_assert_ptr_nonnull(f);
    n = snprintf(said, sizeof(said), "%s", verdicts[f->verdict]);
    for (size_t i = 0; i < f->findings && n < (int)sizeof(said); i++)
        n += snprintf(said + n, sizeof(said) - (size_t)n, " %s%s%s",
                      device_reasons[f->finding[i].reason].name,
                      *f->finding[i].detail ? ":" : "", f->finding[i].detail);
    ck_assert_msg(streq(said, cases[_i].said), "%s:\n  %s, not\n  %s", cases[_i].what,
                  said, cases[_i].said);
    devices_clear(&devices);
    capture_end(&c);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("devices");
    Suite *suite = suite_create("devices");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, parses_address, 0, ARRAY_LEN(addresses));
    tcase_add_loop_test(tc, judges, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
