/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/loader_state.h"

#include "scratch.h"

#define ENV "/boot/grub2/grubenv"
#define SIZE 128

/* A block of SIZE bytes with these lines. */
static struct blob block(const char *lines)
{
    struct blob b = {malloc(SIZE + 1), SIZE};
    int n;

    memset(b.data, '#', SIZE);
    b.data[SIZE] = '\0';
    n = snprintf(b.data, SIZE, "# GRUB Environment Block\n%s", lines);
    ck_assert_int_lt(n, SIZE);
    b.data[n] = '#';
    return b;
}

/* FROM: NULL takes out. GIVES: NULL is no room. */
static const struct {
    const char *from, *to, *gives;
} cases[] = {
    {NULL, "", ""},
    {NULL, "kernelopts=a b\n", "kernelopts=a b\n"},
    {NULL, "saved_entry=x\nkernelopts=a\nboot_success=0\n", "kernelopts=a\n"},
    {NULL, "saved_entryx=x\nxsaved_entry=y\nsaved_entry\n",
     "saved_entryx=x\nxsaved_entry=y\nsaved_entry\n"},
    {NULL, "# WARNING: saved_entry=x\nsaved_entry=x\n", "# WARNING: saved_entry=x\n"},
    {NULL, "kernelopts=a\\\nsaved_entry=x\n", "kernelopts=a\\\nsaved_entry=x\n"},
    {NULL, "next_entry=\n", ""},
    {"saved_entry=x\nkernelopts=new\n", "saved_entry=x\nkernelopts=old\n",
     "saved_entry=x\nkernelopts=old\n"},
    {"saved_entry=2\nkernelopts=new\n", "kernelopts=old\nsaved_entry=1\n",
     "kernelopts=old\nsaved_entry=2\n"},
    {"kernelopts=new\nboot_success=1\n", "kernelopts=old\n",
     "kernelopts=old\nboot_success=1\n"},
    {"kernelopts=new\n", "next_entry=x\nkernelopts=old\n", "kernelopts=old\n"},
    {"other=1\n", "kernelopts=old\n", "kernelopts=old\n"},
    {"saved_entry=a\\\\\n", "saved_entry=b\n", "saved_entry=a\\\\\n"},
    {"saved_entry="
     "0123456789012345678901234567890123456789012345678901234567890123456789\n",
     "kernelopts=0123456789012345678901234567890123456789\n", NULL},
};

START_TEST(carries)
{
    struct blob from = block(cases[_i].from ? cases[_i].from : "");
    struct blob to = block(cases[_i].to);
    struct blob want = block(cases[_i].gives ? cases[_i].gives : cases[_i].to);
    int r = loader_state_carry(ENV, cases[_i].from ? &from : NULL, &to);

    ck_assert_int_eq(r, cases[_i].gives ? 1 : -ENOSPC);
    ck_assert_msg(blob_same(&to, &want), "%s", to.data);
    blob_clear(&from);
    blob_clear(&to);
    blob_clear(&want);
}
END_TEST

static const struct {
    const char *path, *text;
} others[] = {
    {"/boot/grub/grub.cfg", "# GRUB Environment Block\nsaved_entry=x\n"},
    {"/boot/grub/xgrubenv", "# GRUB Environment Block\nsaved_entry=x\n"},
    {ENV, ""},
    {ENV, "# GRUB Environment"},
    {ENV, "saved_entry=x\n# GRUB Environment Block\n"},
};

START_TEST(knows_no_other)
{
    struct blob to = {NULL, 0};

    ck_assert_int_eq(blob_copy(&to, others[_i].text, strlen(others[_i].text)), 0);
    ck_assert_int_eq(loader_state_carry(others[_i].path, NULL, &to), 0);
    ck_assert_str_eq(to.data, others[_i].text);
    blob_clear(&to);
    ck_assert_int_eq(loader_state_carry(others[_i].path, NULL, &to), 0);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("loader_state");

    tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
    tcase_add_loop_test(t, carries, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(t, knows_no_other, 0, ARRAY_LEN(others));
    return run_suite("loader_state", (TCase *const[]){t, NULL});
}
