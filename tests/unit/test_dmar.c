/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/dmar.h"

#include <errno.h>

#include "table_bytes.h"

/* Header: width 39 bits, flags 1. */
#define HEAD ACPI_HEADER "2601 00000000000000000000"
#define DRHD "0000 1000 01 00 0000" BASE("0000d9fe")

static const struct {
    const char *hex;
    const char *defect; /* "": none; it begins so */
    size_t units, remapping;
    bool whole, header_only;
} cases[] = {
    {HEAD DRHD, "", 1, 1, true, false},
    {HEAD DRHD DRHD, "", 2, 2, true, false},
    /* Unknown types are skipped, however short. */
    {HEAD "6300 0400" DRHD "ffff 0600 abcd", "", 1, 1, true, false},
    {HEAD DRHD "0100 1800 0000 0000" BASE("0000807b") BASE("ffffff7f"), "", 2, 1, true,
     false},
    {HEAD DRHD "0200 0800 01 00 0000 0500 0800 00 00 0000 0600 0800 0000 0000", "", 4, 1,
     true, false},
    {HEAD DRHD "0300 1400 00000000" BASE("0000d9fe") "01000000", "", 2, 1, true, false},
    {HEAD DRHD "0400 0900 000000 01 00", "", 2, 1, true, false},
    /* scopes: with a path of two steps, without one, of sixteen steps */
    {HEAD "0000 1800 00 00 0000" BASE("0000d9fe") "01 08 0000 00 00 0200", "", 1, 1, true,
     false},
    {HEAD "0000 1600 00 00 0000" BASE("0000d9fe") "05 06 0000 01 00", "", 1, 1, true,
     false},
    {HEAD "0000 3600 00 00 0000" BASE(
         "0000d9fe") "01 26 0000 00 00 "
                     "00000000000000000000000000000000 00000000000000000000000000000000",
     "", 1, 1, true, false},

    /* Behind a DRHD a length of 0 only ends the walk, as it does the kernel's. */
    {HEAD DRHD "0000 0000 01 00 0000" DRHD, "", 1, 1, false, false},
    {HEAD DRHD "6300 0000", "", 1, 1, false, false},
    /* Structures within another one's length are that one's scopes, and end with it. */
    {HEAD "0000 2000 01 00 0000" BASE("0000d9fe") "01 10 0000 00 00 "
                                                  "0000 1000 01 00 0000 0000",
     "", 1, 1, true, false},

    /* what stops the walk */
    {HEAD "0000 2000 01 00 0000" BASE("0000d9fe") DRHD,
     "the scope at offset 64 has a length of 0", 1, 1, false, false},
    {HEAD "0000 ffff 01 00 0000" BASE("0000d9fe"),
     "the structure at offset 48 reaches past the end of the table", 0, 0, false, false},
    {HEAD "0000 1a00 00 00 0000" BASE("0000d9fe") "01 ff 0000 00 00 0200 0300",
     "the scope at offset 64 has a length of 255", 1, 1, false, false},
    {HEAD "0000 1a00 00 00 0000" BASE("0000d9fe") "01 fe 0000 00 00 0200 0300",
     "the scope at offset 64 reaches past the end of its DRHD", 1, 1, false, false},
    {"", "it is 0 bytes long", 0, 0, false, false},
    {ACPI_HEADER, "it is 36 bytes long, less than the 48", 0, 0, false, true},
    {ACPI_HEADER "2601 000000000000000000", "it is 47 bytes long", 0, 0, false, true},
    {HEAD DRHD "00", "1 bytes at offset 64 are too few for a structure", 1, 1, false,
     false},
    {HEAD DRHD "000010", "3 bytes at offset 64 are too few", 1, 1, false, false},
    {HEAD "0000 0000 01 00 0000" DRHD, "the structure at offset 48 has a length of 0", 0,
     0, false, false},
    {HEAD "0100 0000" DRHD, "the structure at offset 48 has a length of 0", 0, 0, false,
     false},
    {HEAD "0000 0300", "the structure at offset 48 has a length of 3", 0, 0, false,
     false},
    {HEAD "6300 0000", "the structure at offset 48 has a length of 0", 0, 0, false,
     false},
    {HEAD "0000 1100 01 00 0000" BASE("0000d9fe"),
     "the structure at offset 48 reaches past the end of the table", 0, 0, false, false},
    {HEAD "6300 0500", "the structure at offset 48 reaches past", 0, 0, false, false},
    {HEAD "0000 0f00 01 00 0000 0000d9fe 000000",
     "the DRHD at offset 48 is 15 bytes long, less than its 16", 0, 0, false, false},
    {HEAD "0100 1600 0000 0000" BASE("0000807b") "ffffff7f 0000",
     "the RMRR at offset 48 is 22 bytes long, less than its 24", 0, 0, false, false},
    {HEAD DRHD "0200 0600 01 00", "the ATSR at offset 64", 1, 1, false, false},
    {HEAD DRHD "0300 1200 00000000" BASE("0000d9fe") "0100", "the RHSA at offset 64", 1,
     1, false, false},
    {HEAD DRHD "0400 0800 000000 01", "the ANDD at offset 64", 1, 1, false, false},
    {HEAD DRHD "0500 0600 01 00", "the SATC at offset 64", 1, 1, false, false},
    {HEAD DRHD "0600 0600 01 00", "the SIDP at offset 64", 1, 1, false, false},
    {HEAD "0000 1800 00 00 0000" BASE("0000d9fe") "01 07 0000 00 00 0200",
     "the scope at offset 64 has a length of 7", 1, 1, false, false},
    {HEAD "0000 1800 00 00 0000" BASE("0000d9fe") "01 00 0000 00 00 0200",
     "the scope at offset 64 has a length of 0", 1, 1, false, false},
    {HEAD "0000 1800 00 00 0000" BASE("0000d9fe") "01 04 0000 00 00 0200",
     "the scope at offset 64 has a length of 4", 1, 1, false, false},
    {HEAD "0000 1800 00 00 0000" BASE("0000d9fe") "01 0a 0000 00 00 0200 0000",
     "the scope at offset 64 reaches past the end of its DRHD", 1, 1, false, false},
    {HEAD "0000 1a00 00 00 0000" BASE("0000d9fe") "01 08 0000 00 00 0200 01 08",
     "2 bytes at offset 72 are too few for a scope", 1, 1, false, false},
    {HEAD "0000 1100 00 00 0000" BASE("0000d9fe") "01",
     "1 bytes at offset 64 are too few for a scope", 1, 1, false, false},
    {HEAD "0000 3800 00 00 0000" BASE("0000d9fe") "01 28 0000 00 00 "
                                                  "00000000000000000000000000000000 "
                                                  "00000000000000000000000000000000 0000",
     "the scope at offset 64 has a path of 17 steps", 1, 1, false, false},

    /* what is reported though the walk goes on */
    {HEAD, "it describes no remapping unit, no DRHD", 0, 0, true, true},
    {HEAD "0100 1800 0000 0000" BASE("0000807b") BASE("ffffff7f"),
     "it describes no remapping unit, no DRHD", 1, 0, true, false},
    {HEAD "0000 1000 01 00 0000" BASE("00000000") DRHD,
     "the DRHD at offset 48 has a register base of 0", 2, 2, true, false},
    {HEAD DRHD "0100 1800 0000 0000" BASE("0000807b") BASE("ffff7f7b"), "", 2, 1, true,
     false},
    {HEAD DRHD "0400 0900 000000 01 41", "the name in the ANDD at offset 64 has no end",
     2, 1, true, false},
    {ACPI_HEADER "0a00 00000000000000000000" DRHD, "its host address width is 11 bits", 1,
     1, true, false},
    {ACPI_HEADER "0b00 00000000000000000000" DRHD, "", 1, 1, true, false},
    {ACPI_HEADER "ff00 00000000000000000000" DRHD, "", 1, 1, true, false},
    /* the first one wins */
    {ACPI_HEADER "0000 00000000000000000000"
                 "0000 1000 01 00 0000" BASE("00000000") "0000 0000",
     "its host address width is 1 bits", 1, 1, false, false},
};

START_TEST(walks)
{
    struct bytes b = bytes_of(cases[_i].hex);
    char defect[160];
    struct dmar d;
    int r = dmar_parse(b.data, b.len, &d, defect);

    ck_assert_msg(starts_with(defect, cases[_i].defect), "%s", defect);
    ck_assert_int_eq(r, *cases[_i].defect ? -EBADMSG : 0);
    ck_assert_int_eq(r != 0, defect[0] != '\0');
    ck_assert_uint_eq(d.units, cases[_i].units);
    ck_assert_uint_eq(d.remapping_units, cases[_i].remapping);
    ck_assert_int_eq(d.whole, cases[_i].whole);
    ck_assert_int_eq(d.header_only, cases[_i].header_only);
    dmar_clear(&d);
    bytes_free(&b);
}
END_TEST

static const char every_type[] = HEAD
    "0000 2200 01 00 0200 0010d9fe 01000000"
    "03 08 0000 02 f0 1f01  04 0a 0000 07 05 0203 0400"
    "0100 2000 0000 0300" BASE("0000807b") "ffffff7f 02000000 01 08 0000 00 00 0207"
                                           "0200 0800 01 00 0400"
                                           "0300 1400 00000000" BASE(
                                               "0020d9fe") "04030201"
                                                           "0400 0c00 000000 09 5c5f5300"
                                                           "0500 0800 01 00 0500"
                                                           "0600 0800 00 00 0600";

START_TEST(reads_every_field)
{
    struct bytes b = bytes_of(every_type);
    char defect[160];
    const struct dmar_unit *u;
    struct dmar d;

    ck_assert_int_eq(dmar_parse(b.data, b.len, &d, defect), 0);
    ck_assert_uint_eq(d.width, 39);
    ck_assert_uint_eq(d.flags, DMAR_INTR_REMAP);
    ck_assert_uint_eq(d.units, 7);
    for (unsigned i = 0; i < 7; i++)
        ck_assert_uint_eq(d.unit[i].type, i);
    u = &d.unit[DMAR_DRHD];
    ck_assert_uint_eq(u->flags, 1);
    ck_assert_uint_eq(u->segment, 2);
    ck_assert_uint_eq(u->base, 0x1fed91000);
    ck_assert_uint_eq(u->scopes, 2);
    ck_assert_uint_eq(u->scope[0].type, 3);
    ck_assert_uint_eq(u->scope[0].enumeration_id, 2);
    ck_assert_uint_eq(u->scope[0].bus, 0xf0);
    ck_assert_uint_eq(u->scope[0].depth, 1);
    ck_assert_uint_eq(u->scope[0].path[0][0], 0x1f);
    ck_assert_uint_eq(u->scope[0].path[0][1], 1);
    ck_assert_uint_eq(u->scope[1].depth, 2);
    ck_assert_uint_eq(u->scope[1].path[1][0], 4);
    u = &d.unit[DMAR_RMRR];
    ck_assert_uint_eq(u->segment, 3);
    ck_assert_uint_eq(u->base, 0x7b800000);
    ck_assert_uint_eq(u->end, 0x27fffffff);
    ck_assert_uint_eq(u->scopes, 1);
    ck_assert_uint_eq(u->scope[0].path[0][1], 7);
    ck_assert_uint_eq(d.unit[DMAR_ATSR].flags, 1);
    ck_assert_uint_eq(d.unit[DMAR_ATSR].segment, 4);
    ck_assert_uint_eq(d.unit[DMAR_RHSA].base, 0xfed92000);
    ck_assert_uint_eq(d.unit[DMAR_RHSA].domain, 0x01020304);
    ck_assert_uint_eq(d.unit[DMAR_ANDD].device, 9);
    ck_assert_str_eq(d.unit[DMAR_ANDD].name, "\\_S");
    ck_assert_uint_eq(d.unit[DMAR_SATC].flags, 1);
    ck_assert_uint_eq(d.unit[DMAR_SATC].segment, 5);
    ck_assert_uint_eq(d.unit[DMAR_SIDP].segment, 6);
    dmar_clear(&d);
    bytes_free(&b);
}
END_TEST

/* Whatever the bytes: it ends, and what it says of itself fits together. */
START_TEST(survives_damage)
{
    struct bytes good = bytes_of(every_type);

    for (unsigned seed = 0; seed < 20000; seed++) {
        struct bytes b = bytes_damaged(&good, seed);
        char defect[160];
        struct dmar d;
        int r = dmar_parse(b.data, b.len, &d, defect);

        ck_assert(r == 0 || r == -EBADMSG);
        ck_assert_int_eq(r == 0, defect[0] == '\0');
        ck_assert(r != 0 || ((d.whole || d.warning[0]) && d.remapping_units));
        ck_assert(d.units * 4 <= b.len);
        dmar_clear(&d);
        bytes_free(&b);
    }
    bytes_free(&good);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dmar");
    TCase *t = tcase_create("dmar");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, walks, 0, ARRAY_LEN(cases));
    tcase_add_test(t, reads_every_field);
    tcase_add_test(t, survives_damage);
    suite_add_tcase(suite, t);
    sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
