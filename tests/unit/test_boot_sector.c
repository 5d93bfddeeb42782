/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/boot_sector.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>

#include "base/disk.h"

static void put(unsigned char sector[BOOT_SECTOR], size_t at, const char *bytes, size_t n)
{
    memcpy(sector + at, bytes, n);
}

/* At 3Eh, at 42h, at 5Ah, two bytes each; the text; the mark at the end. */
static const struct {
    const char *version, *stage2, *kernel, *text, *mark;
    enum boot_code code;
} cases[] = {
    {"\x03\x02", "\x00\x80", "\0\0", "GRUB ", "\x55\xaa", CODE_GRUB_LEGACY},
    {"\x03\x01", "\x00\x20", "\0\0", "GRUB ", "\x55\xaa", CODE_GRUB_LEGACY},
    {"\x00\x00", "\x00\x00", "\x00\x80", "GRUB ", "\x55\xaa", CODE_GRUB2},
    {"\x03\x02", "\x00\x80", "\x00\x80", "GRUB ", "\x55\xaa", CODE_GRUB_LEGACY},
    {"\x03\x02", "\x00\x90", "\x00\x80", "GRUB ", "\x55\xaa", CODE_UNKNOWN},
    {"\x03\x03", "\x00\x80", "\0\0", "GRUB ", "\x55\xaa", CODE_UNKNOWN},
    {"\x03\x00", "\x00\x80", "\0\0", "GRUB ", "\x55\xaa", CODE_UNKNOWN},
    {"\x00\x00", "\x00\x00", "\x00\x00", "GRUB ", "\x55\xaa", CODE_UNKNOWN},
    {"\x03\x02", "\x00\x80", "\0\0", "LILO ", "\x55\xaa", CODE_UNKNOWN},
    {"\x03\x02", "\x00\x80", "\0\0", "GRUB ", "\x00\x00", CODE_UNKNOWN},
    {"\x00\x00", "\x00\x00", "\x00\x80", "Grub ", "\x55\xaa", CODE_UNKNOWN},
};

START_TEST(tells_the_generation)
{
    unsigned char sector[BOOT_SECTOR] = {0};

    put(sector, 0x3e, cases[_i].version, 2);
    put(sector, 0x42, cases[_i].stage2, 2);
    put(sector, 0x5a, cases[_i].kernel, 2);
    put(sector, 0x180, cases[_i].text, 5);
    put(sector, 510, cases[_i].mark, 2);
    ck_assert_int_eq(boot_sector_code(sector), cases[_i].code);
}
END_TEST

/* What the packages of this system would install, where they are here. */
static const struct {
    const char *path;
    enum boot_code code;
} images[] = {
    {"/usr/lib/grub/i386-pc/boot.img", CODE_GRUB2},
    {"/usr/lib/grub/x86_64-pc/stage1", CODE_GRUB_LEGACY},
    {"/usr/lib/grub/i386-pc/stage1", CODE_GRUB_LEGACY},
};

START_TEST(knows_real_ones)
{
    unsigned char sector[BOOT_SECTOR];
    FILE *file = fopen(images[_i].path, "re");

    if (!file)
        return;
    ck_assert_uint_eq(fread(sector, 1, BOOT_SECTOR, file), BOOT_SECTOR);
    fclose(file);
    ck_assert_int_eq(boot_sector_code(sector), images[_i].code);
}
END_TEST

/* The partition table begins behind the code: nothing in it counts. */
START_TEST(reads_the_code_alone)
{
    unsigned char sector[BOOT_SECTOR] = {0};

    put(sector, 0x5b, "\x80", 1);
    put(sector, 0x1bc, "GRUB ", 5);
    put(sector, 510, "\x55\xaa", 2);
    ck_assert_int_eq(boot_sector_code(sector), CODE_UNKNOWN);
}
END_TEST

START_TEST(a_tree_has_no_disk)
{
    unsigned char sector[BOOT_SECTOR];
    struct root *root;
    struct error err;

    ck_assert_int_eq(root_open(&root, "/usr", &err), 0);
    ck_assert_int_eq(disk_first_sector(root, "/share", false, sector), -ENODEV);
    ck_assert_int_eq(disk_first_sector(root, "/no/such", true, sector), -ENODEV);
    root_free(root);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("boot_sector");
    TCase *t = tcase_create("boot_sector");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(t, tells_the_generation, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(t, knows_real_ones, 0, ARRAY_LEN(images));
    tcase_add_test(t, reads_the_code_alone);
    tcase_add_test(t, a_tree_has_no_disk);
    suite_add_tcase(suite, t);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
