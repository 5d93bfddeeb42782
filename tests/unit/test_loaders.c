/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which loader does a host use? What its files, its ESP and its firmware tell of a store.
 */
#include "boot/esp.h"
#include "boot/host.h"

#include "scratch.h"

#define CFG "menuentry 'a' {\nlinux /vmlinuz ro\n}\n"
#define MENU "title a\nkernel /vmlinuz ro\n"
#define ENTRY "linux /vmlinuz\noptions ro\n"
#define STUB(menu)                                                                       \
    "search --set=dev x\nset prefix=($dev)" menu "\nconfigfile $prefix/grub.cfg\n"
#define DEBIAN "/boot/efi/EFI/debian/"
#define UUIDS "/etc/kernel/proxmox-boot-uuids"

static const struct row {
    const char *path; /* the store that is judged */
    enum store_state state;
    const char *evidence; /* part of it */
    struct {
        const char *path, *text;
    } file[6];
    const char *loader; /* what the firmware says */
} rows[] = {
    {"/boot/grub/grub.cfg",
     STORE_LIVE,
     "where GRUB 2 looks for it",
     {{"/boot/grub/grub.cfg", CFG}},
     NULL},
    {"/boot/grub/grub.cfg",
     STORE_LIVE,
     "own image is in /boot/grub",
     {{"/boot/grub/grub.cfg", CFG}, {"/boot/grub/i386-pc/core.img", ""}},
     NULL},
    {"/boot/grub/grub.cfg",
     STORE_LIVE,
     DEBIAN "grubx64.efi starts it",
     {{"/boot/grub/grub.cfg", CFG},
      {DEBIAN "grubx64.efi", ""},
      {DEBIAN "shimx64.efi", ""},
      {DEBIAN "grub.cfg",
       "search.fs_uuid x root hd0,gpt2\nset prefix=($root)'/boot/grub'\n"
       "configfile $prefix/grub.cfg\n"}},
     NULL},
    {"/boot/grub2/grub.cfg", /* /boot is a partition */
     STORE_LIVE,
     "EFI/fedora/grubx64.efi starts it",
     {{"/boot/grub2/grub.cfg", CFG},
      {"/boot/efi/EFI/fedora/grubx64.efi", ""},
      {"/boot/efi/EFI/fedora/grub.cfg", STUB("/grub2")}},
     NULL},
    {"/boot/grub/grub.cfg", /* a subvolume */
     STORE_LIVE,
     "grubx64.efi starts it",
     {{"/boot/grub/grub.cfg", CFG},
      {"/efi/EFI/ubuntu/grubx64.efi", ""},
      {"/efi/EFI/ubuntu/grub.cfg", STUB("/@/boot/grub")}},
     NULL},
    {"/boot/grub/grub.cfg", /* the other one, and no image of its own */
     STORE_UNKNOWN,
     "EFI/fedora/grub.cfg names another",
     {{"/boot/grub2/grub.cfg", CFG},
      {"/boot/grub/grub.cfg", CFG},
      {"/boot/efi/EFI/fedora/grubx64.efi", ""},
      {"/boot/efi/EFI/fedora/grub.cfg", STUB("/grub2")}},
     NULL},
    {"/boot/efi/EFI/redhat/grub.cfg",
     STORE_LIVE,
     "redhat/grubx64.efi is installed beside it",
     {{"/boot/efi/EFI/redhat/grub.cfg", CFG}, {"/boot/efi/EFI/redhat/grubx64.efi", ""}},
     NULL},
    {"/boot/grub/grub.cfg", /* left from before systemd-boot */
     STORE_UNKNOWN,
     "only systemd-boot was found",
     {{"/boot/grub/grub.cfg", CFG},
      {"/efi/loader/entries/a.conf", ENTRY},
      {"/efi/EFI/systemd/systemd-bootx64.efi", ""}},
     NULL},
    {"/efi/loader/entries/a.conf",
     STORE_LIVE,
     "systemd-boot 254 started this system",
     {{"/boot/grub/grub.cfg", CFG},
      {"/efi/loader/entries/a.conf", ENTRY},
      {"/efi/EFI/systemd/systemd-bootx64.efi", ""}},
     "systemd-boot 254"},
    {"/boot/grub/grub.cfg",
     STORE_LIVE,
     "GRUB 2.12 started this system",
     {{"/boot/grub/grub.cfg", CFG},
      {"/efi/loader/entries/a.conf", ENTRY},
      {"/efi/EFI/systemd/systemd-bootx64.efi", ""}},
     "GRUB 2.12"},
    {"/boot/grub/menu.lst", /* from before the machine had UEFI */
     STORE_STALE,
     "only the other GRUB",
     {{"/boot/grub/menu.lst", MENU},
      {"/boot/grub/grub.cfg", CFG},
      {DEBIAN "grubx64.efi", ""}},
     NULL},
    {"/boot/grub/menu.lst",
     STORE_UNKNOWN,
     "both have a menu",
     {{"/boot/grub/menu.lst", MENU},
      {"/boot/grub/stage2", ""},
      {"/boot/grub/grub.cfg", CFG},
      {DEBIAN "grubx64.efi", ""}},
     NULL},
    {"/boot/grub/menu.lst", /* GRUB legacy's own name for itself on an ESP */
     STORE_LIVE,
     "",
     {{"/boot/grub/menu.lst", MENU},
      {"/boot/grub/stage2", ""},
      {"/boot/grub/grub.cfg", CFG},
      {"/boot/efi/EFI/suse/grub.efi", ""},
      {"/boot/efi/EFI/suse/grub.conf", "timeout=1\n"}},
     NULL},
    {"/etc/kernel/cmdline",
     STORE_LIVE,
     "proxmox-boot-tool makes",
     {{"/etc/kernel/cmdline", "ro\n"}, {UUIDS, "8A3B-11F0\n"}},
     NULL},
    {"/etc/kernel/cmdline",
     STORE_UNKNOWN,
     "no loader entry",
     {{"/etc/kernel/cmdline", "ro\n"}, {UUIDS, "\n"}},
     NULL},
};

START_TEST(judges_by_what_is_there)
{
    const struct row *t = &rows[_i];
    const struct firmware firmware = {.loader = t->loader};
    const struct store *store;
    struct error err;
    struct host host;

    for (size_t i = 0; i < ARRAY_LEN(t->file) && t->file[i].path; i++)
        put(t->file[i].path, t->file[i].text);
    ck_assert_int_eq(host_scan_with(root, NULL, &firmware, &host, &err), 0);
    store = host_store(&host, t->path);
    ck_assert_msg(store != NULL, "%d: no store", _i);
    ck_assert_msg(store->state == t->state && strstr(store->evidence, t->evidence),
                  "%d: %d, %s", _i, store->state, store->evidence);
    host_clear(&host);
}
END_TEST

static const struct stub {
    const char *text, *menu; /* NULL: none */
} stubs[] = {
    {"", NULL},
    {"set root=x\n", NULL},
    {"set prefix=(hd0,gpt2)/grub2\n", "/grub2/grub.cfg"},
    {"set prefix=($root)'/boot/grub'\r\nconfigfile $prefix/grub.cfg\r\n",
     "/boot/grub/grub.cfg"},
    {"set prefix=(${root})/boot/grub2\nsource \"${prefix}/grub.cfg\"\n",
     "/boot/grub2/grub.cfg"},
    {"set prefix=\"($root)/grub\"\nconfigfile grub.cfg\n", "/grub/grub.cfg"},
    {"\tconfigfile (hd0,1)/a/grub.cfg; boot\n", "/a/grub.cfg"},
    {"configfile\nset prefix=", "/grub.cfg"},
    {"set prefix=(\nconfigfile (", "(/("},
    {"#set prefix=/a\n", NULL},
};

START_TEST(reads_a_stub)
{
    const struct stub *t = &stubs[_i];
    char *menu = esp_stub_menu(t->text);

    ck_assert_msg(t->menu ? menu && streq(menu, t->menu) : !menu, "%d: %s", _i, menu);
    free(menu);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("loaders");

    tcase_add_checked_fixture(tcase, scratch_setup, scratch_teardown);
    tcase_add_loop_test(tcase, judges_by_what_is_there, 0, ARRAY_LEN(rows));
    tcase_add_loop_test(tcase, reads_a_stub, 0, ARRAY_LEN(stubs));
    return run_suite("loaders", (TCase *const[]){tcase, NULL});
}
