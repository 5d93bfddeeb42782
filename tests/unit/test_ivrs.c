/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/ivrs.h"

#include <errno.h>

#include "table_bytes.h"

#define HEAD ACPI_HEADER "41302000 0000000000000000"
/* An IVHD of type 10h that is 24 bytes long and begins at its length. */
#define IVHD10_REST "0200 4000" BASE("000010fd") "0000 0000 00000000"
#define IVHD10 "10 b0 1800" IVHD10_REST
#define IVHD_LONG_REST IVHD10_REST "00000000000000000000000000000000"
#define ZEROS16 "00000000000000000000000000000000"
#define ZEROS20 "0000000000000000000000000000000000000000"

static const struct {
    const char *hex;
    const char *defect; /* "": none; it begins so */
    size_t blocks, units;
    bool whole, header_only;
} cases[] = {
    {HEAD IVHD10, "", 1, 1, true, false},
    {HEAD "11 b0 2800" IVHD_LONG_REST, "", 1, 1, true, false},
    {HEAD "40 b0 2800" IVHD_LONG_REST, "", 1, 1, true, false},
    /* One unit described three times, and two units. */
    {HEAD IVHD10 "11 b0 2800" IVHD_LONG_REST "40 b0 2800" IVHD_LONG_REST, "", 3, 1, true,
     false},
    {HEAD IVHD10 "10 b0 1800 0200 4000" BASE("000020fd") "0000 0000 00000000" IVHD10, "",
     3, 2, true, false},
    {HEAD IVHD10 "20 08 2000 0000 0000 0000000000000000" BASE("0000007a")
         BASE("00001000"),
     "", 2, 1, true, false},
    /* Unknown blocks are skipped. */
    {HEAD "99 00 0400" IVHD10 "98 00 0500 ff", "", 1, 1, true, false},
    /* Entries of 4 and of 8 bytes, and one of variable length. */
    {HEAD "10 b0 2800" IVHD10_REST "03 0800 00 04 feff 00 48 0000 00 01a00002", "", 1, 1,
     true, false},
    {HEAD "40 b0 4000" IVHD_LONG_REST "f0 0000 00 0000000000000000 0000000000000000 01 02"
          "4142",
     "", 1, 1, true, false},

    /* A block within another one's length is that one's entries. */
    {HEAD "10 b0 3000" IVHD10_REST IVHD10, "", 1, 1, true, false},
    /* Padding, and a type that is new but of a known size. */
    {HEAD "11 b0 3800" IVHD_LONG_REST "00 0000 00 40 0000 00 00000000 3f 0000 00", "", 1,
     1, true, false},
    {HEAD "40 b0 3e00" IVHD_LONG_REST "f0 0000 00 " ZEROS16 "00 00", "", 1, 1, true,
     false},

    /* what stops the walk */
    {HEAD "10 b0 ffff" IVHD10_REST, "the block at offset 48 reaches past the end", 0, 0,
     false, false},
    {HEAD "10 b0 3100" IVHD10_REST IVHD10 "fd",
     "the device entry at offset 96 has the invalid type FDh", 1, 1, false, false},
    {"", "it is 0 bytes long", 0, 0, false, false},
    {ACPI_HEADER, "it is 36 bytes long, less than the 48", 0, 0, false, true},
    {HEAD IVHD10 "10", "1 bytes at offset 72 are too few for a block", 1, 1, false,
     false},
    {HEAD IVHD10 "10 00 0000", "the block at offset 72 has a length of 0", 1, 1, false,
     false},
    {HEAD "99 00 0300", "the block at offset 48 has a length of 3", 0, 0, false, false},
    {HEAD "10 b0 1900" IVHD10_REST, "the block at offset 48 reaches past the end", 0, 0,
     false, false},
    {HEAD "10 b0 1400 0200 4000" BASE("000010fd") "0000 0000",
     "the IVHD at offset 48 is 20 bytes long, less than its 24", 0, 0, false, false},
    {HEAD "11 b0 1800" IVHD10_REST,
     "the IVHD at offset 48 is 24 bytes long, less than its 40", 0, 0, false, false},
    {HEAD "40 b0 1800" IVHD10_REST,
     "the IVHD at offset 48 is 24 bytes long, less than its 40", 0, 0, false, false},
    {HEAD IVHD10 "21 08 1800" ZEROS20,
     "the IVMD at offset 72 is 24 bytes long, less than its 32", 1, 1, false, false},
    {HEAD "10 b0 1a00" IVHD10_REST "03 08",
     "the device entry at offset 72 reaches past the end of its IVHD", 1, 1, false,
     false},
    {HEAD "10 b0 1c00" IVHD10_REST "48 0000 00",
     "the device entry at offset 72 reaches past the end of its IVHD", 1, 1, false,
     false},
    {HEAD "10 b0 1c00" IVHD10_REST "80 0000 00",
     "the device entry at offset 72 has the invalid type 80h", 1, 1, false, false},
    {HEAD "40 b0 2c00" IVHD_LONG_REST "f1 0000 00",
     "the device entry at offset 88 has the invalid type F1h", 1, 1, false, false},
    {HEAD "11 b0 3e00" IVHD_LONG_REST "f0 00" ZEROS20,
     "the device entry at offset 88 has the invalid type F0h", 1, 1, false, false},
    {HEAD "40 b0 3d00" IVHD_LONG_REST "f0" ZEROS20,
     "the device entry at offset 88 reaches past the end of its IVHD", 1, 1, false,
     false},
    {HEAD "40 b0 3e00" IVHD_LONG_REST
          "f0 0000 00 0000000000000000 0000000000000000 01 ff",
     "the device entry at offset 88 reaches past the end of its IVHD", 1, 1, false,
     false},

    /* what is reported though the walk goes on */
    {HEAD, "it describes no remapping unit (IVHD)", 0, 0, true, true},
    {HEAD "20 08 2000 0000 0000 0000000000000000" BASE("0000007a") BASE("00001000"),
     "it describes no remapping unit (IVHD)", 1, 0, true, false},
    {HEAD "10 b0 1800 0200 4000" BASE("00000000") "0000 0000 00000000" IVHD10,
     "the IVHD at offset 48 has a register base of 0", 2, 2, true, false},
};

START_TEST(walks)
{
    struct bytes b = bytes_of(cases[_i].hex);
    char defect[160];
    struct ivrs v;
    int r = ivrs_parse(b.data, b.len, &v, defect);

    ck_assert_msg(starts_with(defect, cases[_i].defect), "%s", defect);
    ck_assert_int_eq(r, *cases[_i].defect ? -EBADMSG : 0);
    ck_assert_int_eq(r != 0, defect[0] != '\0');
    ck_assert_uint_eq(v.blocks, cases[_i].blocks);
    ck_assert_uint_eq(v.remapping_units, cases[_i].units);
    ck_assert_int_eq(v.whole, cases[_i].whole);
    ck_assert_int_eq(v.header_only, cases[_i].header_only);
    ivrs_clear(&v);
    bytes_free(&b);
}
END_TEST

static const char every_type[] =
    HEAD "10 b0 2800 0200 4000 000010fd 01000000 0300 2301 6e8f0480"
         "03 0800 d7 04 feff 00 48 0000 01 01a00002"
         "40 30 5000 0300 4400 000020fd 00000000 0400 0000 00020000"
         "de8aaff773afd646 1000000000000000"
         "42 0003 00 00 a500 00 46 0500 00 00000080"
         "f0 1000 02 4142434445464748 0000000000000000 01 02 4142"
         "22 08 2000 1000 1800 0500000000000000 0000007a 02000000 00001000 00000000";

START_TEST(reads_every_field)
{
    struct bytes b = bytes_of(every_type);
    const struct ivrs_block *block;
    char defect[160];
    struct ivrs v;

    ck_assert_int_eq(ivrs_parse(b.data, b.len, &v, defect), 0);
    ck_assert_uint_eq(v.info, 0x203041);
    ck_assert_uint_eq(v.length, b.len);
    ck_assert_uint_eq(ivrs_physical_width(&v), 48);
    ck_assert_uint_eq(ivrs_virtual_width(&v), 64);
    ck_assert_uint_eq(v.blocks, 3);
    ck_assert_uint_eq(v.remapping_units, 2);
    block = &v.block[0];
    ck_assert_uint_eq(block->type, 0x10);
    ck_assert_uint_eq(block->flags, 0xb0);
    ck_assert_uint_eq(block->device, 2);
    ck_assert_uint_eq(block->capability, 0x40);
    ck_assert_uint_eq(block->base, 0x1fd100000);
    ck_assert_uint_eq(block->segment, 3);
    ck_assert_uint_eq(block->entries, 3);
    ck_assert_uint_eq(block->entry[0].type, 3);
    ck_assert_uint_eq(block->entry[0].device, 8);
    ck_assert_uint_eq(block->entry[0].setting, 0xd7);
    ck_assert_uint_eq(block->entry[0].extended, 0);
    ck_assert_uint_eq(block->entry[1].device, 0xfffe);
    ck_assert_uint_eq(block->entry[2].extended, 0x0200a001);
    ck_assert_uint_eq(block->entry[2].handle, 1);
    ck_assert_uint_eq(block->entry[2].source, 0xa0);
    ck_assert_uint_eq(block->entry[2].variety, 2);
    ck_assert_uint_eq(block->info, 0x123);
    ck_assert_uint_eq(block->attributes, 0x80048f6e);
    ck_assert_uint_eq(block->efr[0], 0);
    ck_assert(ivrs_is_unit(block));
    block = &v.block[1];
    ck_assert_uint_eq(block->segment, 4);
    ck_assert_uint_eq(block->attributes, 0x200);
    ck_assert(block->efr[0] == 0x46d6af73f7af8ade && block->efr[1] == 0x10);
    ck_assert_uint_eq(block->entries, 3);
    ck_assert_uint_eq(block->entry[0].device, 0x300);
    ck_assert_uint_eq(block->entry[0].source, 0xa5);
    ck_assert_uint_eq(block->entry[1].extended, 0x80000000);
    ck_assert_uint_eq(block->entry[2].type, 0xf0);
    ck_assert_uint_eq(block->entry[2].device, 0x10);
    ck_assert_uint_eq(block->entry[2].setting, 2);
    ck_assert_str_eq(block->entry[2].hid, "ABCDEFGH");
    ck_assert_str_eq(block->entry[2].cid, "");
    ck_assert_uint_eq(block->entry[2].uid_type, 1);
    ck_assert_uint_eq(block->entry[2].uid_length, 2);
    ck_assert_int_eq(memcmp(block->entry[2].uid, "AB", 2), 0);
    block = &v.block[2];
    ck_assert_uint_eq(block->type, 0x22);
    ck_assert_uint_eq(block->device, 0x10);
    ck_assert_uint_eq(block->last_device, 0x18);
    ck_assert_uint_eq(block->segment, 5);
    ck_assert(!ivrs_is_unit(block));
    ck_assert_uint_eq(block->start, 0x27a000000);
    ck_assert_uint_eq(block->length, 0x100000);
    ivrs_clear(&v);
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
        struct ivrs v;
        int r = ivrs_parse(b.data, b.len, &v, defect);

        ck_assert(r == 0 || r == -EBADMSG);
        ck_assert_int_eq(r == 0, defect[0] == '\0');
        ck_assert(r != 0 || (v.whole && v.remapping_units));
        ck_assert(v.blocks * 4 <= b.len && v.remapping_units <= v.blocks);
        ivrs_clear(&v);
        bytes_free(&b);
    }
    bytes_free(&good);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ivrs");
    TCase *t = tcase_create("ivrs");
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
