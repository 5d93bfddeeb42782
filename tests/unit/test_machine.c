/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/machine.h"

#include "capture.h"
#include "table_bytes.h"

#define TABLES "sys/firmware/acpi/tables/"
#define BODY "2601 00000000000000000000 0000 1000 01 00 0000" BASE("0000d9fe")
#define DRHD_AT_0 "2601 00000000000000000000 0000 1000 01 00 0000" BASE("00000000")

static const struct {
    const char *what;
    const char *file, *signature; /* the one table; NULL: none */
    const char *body;
    int spoilt; /* added to its checksum */
    struct capture_file also[3];
    enum acpi_state dmar;
    const char *defect, *warning;
    size_t units;
    bool x86, xen, viot;
    enum live_state live;
} cases[] = {
    {.what = "a table in order",
     .file = "DMAR",
     .signature = "DMAR",
     .body = BODY,
     .dmar = ACPI_VALID,
     .units = 1,
     .x86 = true},
    {.what = "the walk's defect makes it corrupt",
     .file = "DMAR",
     .signature = "DMAR",
     .body = DRHD_AT_0,
     .dmar = ACPI_CORRUPT,
     .defect =
         "the DRHD at offset 48 has a register base of 0 (the kernel: \"Your BIOS is "
         "broken; DMAR reported at address 0!\")",
     .units = 1,
     .x86 = true},
    {.what = "a checksum that Linux only warns of",
     .file = "DMAR",
     .signature = "DMAR",
     .body = BODY,
     .spoilt = 1,
     .dmar = ACPI_VALID,
     .warning = "its checksum is wrong: the bytes add up to 01h, not to 0 (the kernel: "
                "\"Incorrect checksum in table\")",
     .units = 1,
     .x86 = true},
    {.what = "an RMRR that Linux only warns of",
     .file = "DMAR",
     .signature = "DMAR",
     .body = BODY "0100 1800 0000 0000 0000807b00000000 ffff7f7b00000000",
     .dmar = ACPI_VALID,
     .warning = "the RMRR at offset 64 ends at 7b7fffffh, not behind its begin at "
                "7b800000h (the kernel: \"Your BIOS is broken; bad RMRR\")",
     .units = 2,
     .x86 = true},
    {.what = "an altered signature means Xen, which hides the IOMMU",
     .file = "XMAR",
     .signature = "XMAR",
     .body = BODY,
     .spoilt = 1,
     .also = {{"proc/sys/kernel/osrelease", "6.1.0\n", 0},
              {"sys/kernel/iommu_groups/", NULL, 0}},
     .dmar = ACPI_VALID,
     .units = 1,
     .x86 = true,
     .xen = true},
    {.what = "dom0 without a table",
     .also = {{TABLES, NULL, 0}, {"proc/xen/capabilities", "control_d\n", 0}},
     .x86 = true,
     .xen = true},
    {.what = "not x86: no table is looked for",
     .file = "DMAR",
     .signature = "DMAR",
     .body = BODY,
     .also = {{"proc/sys/kernel/arch", "aarch64\n", 0},
              {"sys/kernel/iommu_groups/0/devices/0000:00:00.0", NULL, 0}},
     .live = LIVE_ON},
    {.what = "a VIOT",
     .file = "VIOT",
     .signature = "VIOT",
     .body = "00",
     .x86 = true,
     .viot = true},
    {.what = "a VIOT that may not be read",
     .file = "VIOT",
     .signature = "VIOT",
     .body = "00",
     .also = {{"unreadable", TABLES "VIOT\n", 0}},
     .x86 = true,
     .viot = true},
    {.what = "a broken VIOT",
     .file = "VIOT",
     .signature = "VIOX",
     .body = "00",
     .spoilt = 1,
     .x86 = true},
    {.what = "a directory that may not be listed shows no VIOT",
     .also = {{TABLES, NULL, 0}, {"unreadable", "sys/firmware/acpi/tables\n", 0}},
     .dmar = ACPI_UNREADABLE,
     .defect = "it may not be read",
     .x86 = true},
    {.what = "nothing", .dmar = ACPI_NO_DIRECTORY, .x86 = true},
};

static void add_table(const struct capture *c, int i)
{
    struct bytes b = bytes_of(ACPI_HEADER);
    struct bytes body = bytes_of(cases[i].body);
    char path[64], table[256];
    struct capture_file file = {path, table, b.len + body.len};
    unsigned sum = 0;

    snprintf(path, sizeof(path), TABLES "%s", cases[i].file);
    memcpy(table, b.data, b.len);
    memcpy(table, cases[i].signature, 4);
    table[4] = (char)file.len;
    memcpy(table + b.len, body.data, body.len);
    for (size_t j = 0; j < file.len; j++)
        sum += (uint8_t)table[j];
    table[9] = (char)(0x100 - sum % 0x100 + (unsigned)cases[i].spoilt);
    capture_add(c, &file);
    bytes_free(&b);
    bytes_free(&body);
}

START_TEST(puts_it_together)
{
    struct capture c;
    struct machine m;
    struct error err;

    capture_begin(&c);
    if (cases[_i].file)
        add_table(&c, _i);
    for (size_t i = 0; i < 3 && cases[_i].also[i].path; i++)
        capture_add(&c, &cases[_i].also[i]);
    capture_open(&c);
    ck_assert_int_eq(machine_read(c.platform, &m, &err), 0);
    ck_assert_msg(m.dmar_table.state == cases[_i].dmar, "%s: %d", cases[_i].what,
                  m.dmar_table.state);
    ck_assert_str_eq(m.dmar_table.defect, cases[_i].defect ? cases[_i].defect : "");
    ck_assert_str_eq(m.dmar_table.warning, cases[_i].warning ? cases[_i].warning : "");
    ck_assert_uint_eq(m.dmar.units, cases[_i].units);
    ck_assert_int_eq(m.x86, cases[_i].x86);
    ck_assert_int_eq(m.xen, cases[_i].xen);
    ck_assert_int_eq(m.viot, cases[_i].viot);
    ck_assert_int_eq(m.live.state, cases[_i].live);
    machine_clear(&m);
    capture_end(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("machine");
    TCase *t = tcase_create("machine");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, puts_it_together, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, t);
    sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
