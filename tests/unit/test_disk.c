/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/disk.h"

#include <sched.h>
#include <sys/mount.h>

#include "scratch.h"

#define FSTAB "/etc/fstab"

/* A root whose /boot is a directory and no mount point; is it right so? */
static const struct table {
    const char *fstab;
    const char *spec; /* refused, naming this; NULL: content */
} tables[] = {
    {"", NULL},
    {"# nothing\n\n", NULL},
    {"/dev/sda2 / ext4 defaults 0 1\n", NULL},
    {"/dev/sda1 /boot ext4 defaults 0 2\n", "/dev/sda1"},
    {"# /dev/sda1 /boot ext4 defaults 0 2\n", NULL},
    {"  # /dev/sda1 /boot ext4\n#\n/dev/sda1\t\t/boot\text4\tdefaults\t0 2\n",
     "/dev/sda1"},
    {"UUID=0000-dead /boot vfat noauto 0 0\n", "UUID=0000-dead"},
    {"LABEL=/boot /boot ext3 defaults", "LABEL=/boot"},
    {"/dev/sda1 /boot/ ext4 defaults 0 2\n", "/dev/sda1"},
    {"/dev/sda1 /boot/efi vfat defaults 0 2\n", NULL},
    {"/dev/sda1 /bootx vfat defaults 0 2\n/dev/sda1 /mnt/boot ext4 x 0 0\n", NULL},
    {"/dev/sda1 /boot swap sw 0 0\n", NULL},
    {"/boot swap swap sw 0 0\n", NULL},
    {"/dev/sda2 none swap sw 0 0\n/dev/sda1 /boot ext4 noauto,x-systemd.automount 0 2\n",
     "/dev/sda1"},
    {"/dev/disk\\040a /boot ext4 defaults 0 2\n", "/dev/disk a"},
    {"nonsense\n/dev/sda1\n/dev/sda1 /boot ext4\n", "/dev/sda1"},
    {"/dev/sda1 /boot ext4 defaults 0 2\r\n", "/dev/sda1"},
    {"/dev/sda1 /boot ext4 a 0 2\n/dev/sda9 /boot ext4 b 0 2\n", "/dev/sda1"},
};

START_TEST(looks_into_the_fstab)
{
    const struct table *t = &tables[_i];
    struct error err;
    int r;

    put("/boot/grub/grub.conf", "");
    put(FSTAB, t->fstab);
    r = disk_check_mounted(root, "/boot", &err);
    if (!t->spec) {
        ck_assert_msg(r == 0, "%s", err.text);
        return;
    }
    ck_assert_int_lt(r, 0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_CONDITION);
    ck_assert_str_eq(err.file, "/boot");
    ck_assert_msg(strstr(err.text, t->spec) && strstr(err.text, "not mounted"), "%s",
                  err.text);
}
END_TEST

START_TEST(asks_for_no_fstab)
{
    struct error err;

    put("/boot/x", "");
    ck_assert_int_eq(disk_check_mounted(root, "/boot", &err), 0);
    ck_assert_int_eq(mkdir(at("/etc"), 0755), 0);
    ck_assert_int_eq(disk_check_mounted(root, "/boot", &err), 0);
}
END_TEST

/* What cannot be read may list anything. */
START_TEST(lets_nothing_pass_unread)
{
    struct error err;

    put("/boot/x", "");
    ck_assert_int_eq(mkdir(at("/etc"), 0755), 0);
    ck_assert_int_eq(mkdir(at(FSTAB), 0755), 0);
    ck_assert_int_lt(disk_check_mounted(root, "/boot", &err), 0);
    ck_assert_str_eq(err.file, FSTAB);
}
END_TEST

/* What is not there holds no menu either. */
START_TEST(asks_for_no_directory)
{
    struct error err;

    put(FSTAB, "/dev/sda1 /boot ext4 defaults 0 2\n");
    ck_assert_int_eq(disk_check_mounted(root, "/boot", &err), 0);
}
END_TEST

START_TEST(reads_the_roots_own_fstab)
{
    struct error err;

    put("/boot/x", "");
    put("/etc/real", "/dev/sda1 /boot ext4 defaults 0 2\n");
    ck_assert_int_eq(symlink("/etc/real", at(FSTAB)), 0);
    ck_assert_int_lt(disk_check_mounted(root, "/boot", &err), 0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_CONDITION);
}
END_TEST

START_TEST(wants_a_directory)
{
    struct error err;

    put("/boot", "");
    put(FSTAB, "/dev/sda1 /boot ext4 defaults 0 2\n");
    ck_assert_int_lt(disk_check_mounted(root, "/boot", &err), 0);
    ck_assert_str_eq(err.file, "/boot");
}
END_TEST

/* In a mount namespace of our own, where we may have one. */
START_TEST(is_content_with_a_mounted_one)
{
    struct root *inside; /* the other one was opened outside of the namespace */
    struct error err;

    put("/boot/x", "");
    put(FSTAB, "UUID=0000-dead /boot ext4 noauto 0 2\n");
    ck_assert_int_lt(disk_check_mounted(root, "/boot", &err), 0);
    if ((unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) ||
        mount("none", "/", "none", MS_REC | MS_PRIVATE, "") < 0 ||
        mount("none", at("/boot"), "tmpfs", 0, "") < 0)
        return;
    ck_assert_int_eq(root_open(&inside, scratch, &err), 0);
    ck_assert_msg(disk_check_mounted(inside, "/boot", &err) == 0, "%s", err.text);
    root_free(inside);
    umount2(at("/boot"), MNT_DETACH);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("disk");

    tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
    tcase_add_loop_test(t, looks_into_the_fstab, 0, ARRAY_LEN(tables));
    tcase_add_test(t, asks_for_no_fstab);
    tcase_add_test(t, lets_nothing_pass_unread);
    tcase_add_test(t, asks_for_no_directory);
    tcase_add_test(t, reads_the_roots_own_fstab);
    tcase_add_test(t, wants_a_directory);
    tcase_add_test(t, is_content_with_a_mounted_one);
    return run_suite("disk", (TCase *const[]){t, NULL});
}
