/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/mounts.h"

#include <sys/mount.h>
#include <sys/sysmacros.h>

#include "scratch.h"

#define ROOT_LINE                                                                        \
    "22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw,errors=remount-ro\n"

static const struct {
    const char *text, *dir;
    const char *found; /* "top type source device", NULL: nothing is mounted there */
} tables[] = {
    {ROOT_LINE, "/", "/ ext4 /dev/sda2 8:2"},
    {ROOT_LINE, "/boot", NULL},
    {"", "/", NULL},
    {"\n\n", "/", NULL},
    {ROOT_LINE "30 22 8:1 / /boot rw - ext3 /dev/sda1 rw\n", "/boot",
     "/ ext3 /dev/sda1 8:1"},
    {"30 22 8:1 / /boot rw shared:2 master:7 propagate_from:1 - vfat UUID=X rw", "/boot",
     "/ vfat UUID=X 8:1"},
    {"30 22 0:31 /@boot /boot rw - btrfs /dev/sda2 rw,subvol=/@boot\n", "/boot",
     "/@boot btrfs /dev/sda2 0:31"},
    {"30 22 8:2 /a\\040b\\134 /a\\011b rw - ext4 /dev/x\\012y rw\n", "/a\tb",
     "/a b\\ ext4 /dev/x\ny 8:2"},
    {"30 22 0:9 / /boot rw - autofs systemd-1 rw\n31 30 8:1 / /boot rw - ext4 /dev/sda1 "
     "rw\n",
     "/boot", "/ ext4 /dev/sda1 8:1"},
    {"30 22 8:1 / /boot rw - ext4\n", "/boot", "/ ext4  8:1"},
    {"30 22 8:1 / /boot rw -\n", "/boot", NULL},
    {"30 22 8:1 / /boot\n" ROOT_LINE, "/", "/ ext4 /dev/sda2 8:2"},
    {"30 22 8:1 / /boot\n" ROOT_LINE, "/boot", NULL},
    {"nonsense\n" ROOT_LINE, "/", "/ ext4 /dev/sda2 8:2"},
    {"30 22 x / /boot rw - ext4 a rw\n", "/boot", "/ ext4 a 0:0"},
    {"30 22 8:1 / /boot rw - 9p \\04 rw\n", "/boot", "/ 9p \\04 8:1"},
};

START_TEST(reads_a_table)
{
    AUTO_MOUNTS m = {.count = 0};
    const struct mount_point *p;
    char text[256];

    ck_assert_int_eq(mounts_parse(&m, tables[_i].text), 0);
    p = mounts_at(&m, tables[_i].dir);
    ck_assert_int_eq(p != NULL, tables[_i].found != NULL);
    if (!p)
        return;
    snprintf(text, sizeof(text), "%s %s %s %u:%u", p->top, p->type, p->source,
             major(p->device), minor(p->device));
    ck_assert_str_eq(text, tables[_i].found);
}
END_TEST

static const struct {
    const char *options, *name, *value;
} options[] = {
    {"rw,upperdir=/up,workdir=/w", "upperdir", "/up"},
    {"rw,workdir=/w,upperdir=/up", "upperdir", "/up"},
    {"rw,xupperdir=/up", "upperdir", NULL},
    {"rw,upperdir", "upperdir", NULL},
    {"upperdir=", "upperdir", ""},
    {"", "upperdir", NULL},
    {",,upperdir=a,", "upperdir", "a"},
    {"upperdir=a-much-too-long-one", "upperdir", NULL},
};

START_TEST(finds_an_option)
{
    struct mount_point p = {.options = (char *)options[_i].options};
    char room[16];
    bool found = mount_option(&p, options[_i].name, room, sizeof(room));

    ck_assert_int_eq(found, options[_i].value != NULL);
    if (found)
        ck_assert_str_eq(room, options[_i].value);
}
END_TEST

/* Against stat(): what the kernel says of the file systems that are mounted here. */
START_TEST(reads_the_kernels)
{
    AUTO_MOUNTS m = {.count = 0};
    const struct mount_point *p;
    struct stat st;

    ck_assert_int_eq(mounts_read(&m), 0);
    p = mounts_at(&m, "/proc");
    ck_assert(p != NULL);
    ck_assert_str_eq(p->type, "proc");
    ck_assert_int_eq(stat("/proc", &st), 0);
    ck_assert(st.st_dev == p->device);
    ck_assert(mounts_at(&m, "/no/such") == NULL);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("mounts");

    tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
    tcase_add_loop_test(t, reads_a_table, 0, ARRAY_LEN(tables));
    tcase_add_loop_test(t, finds_an_option, 0, ARRAY_LEN(options));
    tcase_add_test(t, reads_the_kernels);
    return run_suite("mounts", (TCase *const[]){t, NULL});
}
