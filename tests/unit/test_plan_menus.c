/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whole menus and what lies beside them: which entries change, and what is refused. */
#include "plans.h"

#define ETC "/etc/grub.conf"
#define OPEN "### BEGIN AUTOMAGIC KERNELS LIST\n## ## Start Default Options ##\n"
#define MIDDLE "## ## End Default Options ##\n"
#define CLOSE "### END DEBIAN AUTOMAGIC KERNELS LIST\n"
#define ON " intel_iommu=on"
#define DRIVERLESS "CONFIG_X86=y\n# CONFIG_INTEL_IOMMU is not set\n"
#define DEFAULT_ON "#\nCONFIG_INTEL_IOMMU=y\nCONFIG_INTEL_IOMMU_DEFAULT_ON=y\n"
#define DEFAULT_OFF "#\nCONFIG_INTEL_IOMMU=y\n"
#define DEFAULT_PARTLY                                                                   \
    "#\nCONFIG_INTEL_IOMMU=y\nCONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y\n"

#define TWO(above, x, y)                                                                 \
    above "title one\nkernel /vmlinuz-3.1 ro" x "\ntitle two\nkernel /vmlinuz-3.2 ro" y  \
          "\n"
/* live comments and the stanzas made from them: "a" with defoptions, "s" without */
#define DEBIAN(kopt, defoptions, a, s)                                                   \
    OPEN "# kopt=" kopt "\n# defoptions=" defoptions "\n" MIDDLE                         \
         "title a\nkernel /vmlinuz " a                                                   \
         "\ntitle s (single-user mode)\nkernel /vmlinuz " s "\n" CLOSE

static const struct menu {
    const char *what;
    const char *menu, *after; /* NULL: it stays */
    unsigned asked;
    const char *kernel;
    enum exit_class exit;
    unsigned line;
    const char *says;
    struct {
        const char *path, *text, *after; /* NULL: it stays */
    } file[3];
} menus[] = {
    {.what = "all Linux entries and nothing else",
     .menu =
         "title m\nkernel /memtest86+.bin root=x\ntitle a\nkernel /vmlinuz ro\ntitle n\n"
         "kernel /netbsd x\ntitle w\nchainloader +1\n# kernel /vmlinuz x\ntitle b\n"
         "kernel /bzImage\n",
     .after = "title m\nkernel /memtest86+.bin root=x\ntitle a\nkernel /vmlinuz ro" ON
              "\ntitle n\n"
              "kernel /netbsd x\ntitle w\nchainloader +1\n# kernel /vmlinuz x\ntitle b\n"
              "kernel /bzImage" ON "\n",
     .says = "the default entry stays as it is: starts no Linux kernel"},
    {.what = "before the first title nothing counts",
     .menu = "kernel /vmlinuz x\ntitle a\nkernel /vmlinuz ro\n",
     .after = "kernel /vmlinuz x\ntitle a\nkernel /vmlinuz ro" ON "\n"},
    {.what = "no final newline",
     .menu = "title a\nkernel /vmlinuz ro",
     .after = "title a\nkernel /vmlinuz ro" ON},
    {.what = "ends in a backslash",
     .menu = "title a\nkernel /vmlinuz ro\\",
     .exit = EXIT_CLASS_DATA,
     .line = 2,
     .says = "backslash"},
    {.what = "ends in a continuation",
     .menu = "title a\nkernel /vmlinuz ro \\\n",
     .after = "title a\nkernel /vmlinuz ro" ON " \\\n"},
    {.what = "a BOM hides the first title, and its kernel with it",
     .menu = "\xef\xbb\xbftitle a\nkernel /vmlinuz x\ntitle b\nkernel /vmlinuz ro\n",
     .after =
         "\xef\xbb\xbftitle a\nkernel /vmlinuz x\ntitle b\nkernel /vmlinuz ro" ON "\n"},
    {.what = "Xen has to have it: not to be forced off",
     .menu = "title x\nkernel /xen.gz iommu=force\n",
     .asked = FORCE_OFF,
     .exit = EXIT_CLASS_CONDITION,
     .line = 2,
     .says = "refuses to start"},

    /* there is nothing to do it to */
    {.what = "no entry",
     .menu = "default 0\n",
     .exit = EXIT_CLASS_NO_LOADER,
     .says = "no entry"},
    {.what = "no Linux",
     .menu = "title a\nchainloader +1\ntitle b\nkernel /memtest\n",
     .exit = EXIT_CLASS_NO_LOADER,
     .says = "no entry that starts a Linux"},
    {.what = "a Linux only in a comment",
     .menu = "# title a\n# kernel /vmlinuz\n",
     .exit = EXIT_CLASS_NO_LOADER,
     .says = "no entry that starts a Linux"},

    /* a kernel that nobody knows */
    {.what = "it is not the default: left, and said",
     .menu = "title a\nkernel /vmlinuz ro\ntitle b\nkernel /mine\n",
     .after = "title a\nkernel /vmlinuz ro" ON "\ntitle b\nkernel /mine\n",
     .says = "cannot tell whether /mine"},
    {.what = "it is the default: refused",
     .menu = "default 1\ntitle a\nkernel /vmlinuz ro\ntitle b\nkernel /mine\n",
     .exit = EXIT_CLASS_DATA,
     .line = 5,
     .says = "/mine"},
    {.what = "it is the default, and another was asked for",
     .menu = "title b\nkernel /mine\ntitle a\nkernel /vmlinuz ro\n",
     .after = "title b\nkernel /mine\ntitle a\nkernel /vmlinuz ro" ON "\n",
     .kernel = "a",
     .says = "stays as it is"},
    {.what = "it is the default that was asked for",
     .menu = "title b\nkernel /mine\ntitle a\nkernel /vmlinuz ro\n",
     .kernel = "DEFAULT",
     .exit = EXIT_CLASS_DATA,
     .line = 2,
     .says = "/mine"},
    {.what = "disable goes by it",
     .menu = "title b\nkernel /mine\ntitle a\nkernel /vmlinuz ro" ON "\n",
     .after = "title b\nkernel /mine\ntitle a\nkernel /vmlinuz ro\n",
     .asked = DISABLE,
     .says = "/mine"},

    /* --kernel */
    {.what = "DEFAULT",
     .menu = TWO("default 1\n", "", ""),
     .after = TWO("default 1\n", "", ON),
     .kernel = "DEFAULT"},
    {.what = "DEFAULT, the first",
     .menu = TWO("", "", ""),
     .after = TWO("", ON, ""),
     .kernel = "DEFAULT"},
    {.what = "DEFAULT, saved",
     .menu = TWO("default saved\n", "", ""),
     .after = TWO("default saved\n", "", ON),
     .kernel = "DEFAULT",
     .file = {{"/boot/grub/default", "1\n#\n", NULL}}},
    {.what = "DEFAULT, out of range with a fallback",
     .menu = TWO("fallback 1\ndefault 5\n", "", ""),
     .after = TWO("fallback 1\ndefault 5\n", "", ON),
     .kernel = "DEFAULT",
     .says = "number 5"},
    {.what = "DEFAULT is no Linux",
     .menu = "title w\nchainloader +1\ntitle a\nkernel /vmlinuz\n",
     .kernel = "DEFAULT",
     .exit = EXIT_CLASS_CONDITION,
     .says = "DEFAULT"},
    {.what = "PATH",
     .menu = TWO("", "", ""),
     .after = TWO("", "", ON),
     .kernel = "/vmlinuz-3.2",
     .says = "stays as it is"},
    {.what = "PATH below /boot",
     .menu = TWO("", "", ""),
     .after = TWO("", ON, ""),
     .kernel = "/boot/vmlinuz-3.1"},
    {.what = "PATH on a device",
     .menu = "title a\nkernel (hd0,0)/vmlinuz-1 ro\ntitle b\nkernel "
             "(hd0,0)/boot/vmlinuz-1 ro\n"
             "title c\nkernel (hd0,0)/vmlinuz-11 ro\n",
     .after = "title a\nkernel (hd0,0)/vmlinuz-1 ro" ON
              "\ntitle b\nkernel (hd0,0)/boot/vmlinuz-1 ro" ON
              "\ntitle c\nkernel (hd0,0)/vmlinuz-11 ro\n",
     .kernel = "/boot/vmlinuz-1"},
    {.what = "PATH with its device",
     .menu =
         "title a\nkernel (hd0,0)/vmlinuz-1 ro\ntitle b\nkernel (hd1,0)/vmlinuz-1 ro\n",
     .after =
         "title a\nkernel (hd0,0)/vmlinuz-1 ro\ntitle b\nkernel (hd1,0)/vmlinuz-1 ro" ON
         "\n",
     .kernel = "(hd1,0)/vmlinuz-1",
     .says = "stays as it is"},
    {.what = "TITLE",
     .menu = TWO("", "", ""),
     .after = TWO("", "", ON),
     .kernel = "two",
     .says = "stays as it is"},
    {.what = "TITLE that two entries have",
     .menu = "title a\nkernel /vmlinuz-1\ntitle a\nkernel /vmlinuz-2\n",
     .after = "title a\nkernel /vmlinuz-1" ON "\ntitle a\nkernel /vmlinuz-2" ON "\n",
     .kernel = "a"},
    {.what = "TITLE of CRLF",
     .menu = "title a b\r\nkernel /vmlinuz\r\n",
     .after = "title a b\r\nkernel /vmlinuz" ON "\r\n",
     .kernel = "a b"},
    {.what = "not there",
     .menu = TWO("", "", ""),
     .kernel = "three",
     .exit = EXIT_CLASS_CONDITION,
     .says = "\"three\""},
    {.what = "no part of a title",
     .menu = TWO("", "", ""),
     .kernel = "tw",
     .exit = EXIT_CLASS_CONDITION,
     .says = "\"tw\""},
    {.what = "TITLE of another system",
     .menu = "title a\nkernel /vmlinuz\ntitle w\nchainloader +1\n",
     .kernel = "w",
     .exit = EXIT_CLASS_CONDITION,
     .says = "\"w\""},
    {.what = "disable one alone",
     .menu = TWO("", ON, ON),
     .after = TWO("", ON, ""),
     .asked = DISABLE,
     .kernel = "two"},
    {.what = "what update-grub makes anew",
     .menu = DEBIAN("ro", "", "ro", "ro"),
     .kernel = "a",
     .exit = EXIT_CLASS_CONDITION,
     .line = 7,
     .says = "update-grub"},
    {.what = "what it makes anew, as DEFAULT",
     .menu = DEBIAN("ro", "", "ro", "ro"),
     .kernel = "DEFAULT",
     .exit = EXIT_CLASS_CONDITION,
     .line = 7,
     .says = "--kernel ALL"},
    {.what = "by hand, beside what it makes",
     .menu = "title h\nkernel /vmlinuz x\n" DEBIAN("ro", "", "ro", "ro"),
     .after = "title h\nkernel /vmlinuz x" ON "\n" DEBIAN("ro", "", "ro", "ro"),
     .kernel = "h"},

    /* Debian's live comments, together with what was made from them */
    {.what = "kopt feeds all",
     .menu = DEBIAN("ro", "quiet", "ro quiet", "ro single"),
     .after = DEBIAN("ro" ON, "quiet", "ro quiet" ON, "ro single" ON)},
    {.what = "kopt is empty",
     .menu = DEBIAN("", "", "", ""),
     .after = DEBIAN("", "", "intel_iommu=on ", "intel_iommu=on "),
     .says = "no \"# kopt=\" line"},
    {.what = "defoptions would undo it",
     .menu =
         DEBIAN("ro", "intel_iommu=off quiet", "ro intel_iommu=off quiet", "ro single"),
     .after = DEBIAN("ro" ON, "quiet", "ro intel_iommu=on quiet", "ro single" ON),
     .says = "that stood before"},
    {.what = "iommu=off in defoptions",
     .menu = DEBIAN("ro", "iommu=off", "ro iommu=off", "ro"),
     .after = DEBIAN("ro" ON, "", "ro" ON, "ro" ON),
     .says = "no other argument undoes"},
    {.what = "it stands in defoptions, which the single-user entries lack",
     .menu = DEBIAN("ro", "intel_iommu=on", "ro" ON, "ro single"),
     .after = DEBIAN("ro" ON, "", "ro" ON, "ro single" ON)},
    {.what = "out of both",
     .menu = DEBIAN("ro" ON, "intel_iommu=on q", "ro" ON ON, "ro" ON),
     .after = DEBIAN("ro", "q", "ro", "ro"),
     .asked = DISABLE},
    {.what = "several kopt lines and names",
     .menu = OPEN "# kopt=a\n# kopt=b\n# kopt_2_6=c\n# kopt_2_6_26=\n# xenkopt=d\n" MIDDLE
                  "title a\nkernel /vmlinuz\n" CLOSE,
     .after = OPEN "# kopt=a" ON "\n# kopt=b\n# kopt_2_6=c" ON
                   "\n# kopt_2_6_26=\n# xenkopt=d\n" MIDDLE "title a\nkernel /vmlinuz" ON
                   "\n" CLOSE},
    {.what = "for Xen",
     .menu = OPEN "# kopt=ro\n# xenhopt=dom0_mem=1G\n" MIDDLE
                  "title x\nkernel /xen.gz dom0_mem=1G\nmodule /vmlinuz ro\n" CLOSE,
     .after =
         OPEN "# kopt=ro" ON "\n# xenhopt=dom0_mem=1G iommu=1\n" MIDDLE
              "title x\nkernel /xen.gz dom0_mem=1G iommu=1\nmodule /vmlinuz ro\n" CLOSE,
     .says = "Xen's own line"},
    {.what = "outside the markers a comment is a comment",
     .menu = "# kopt=ro\ntitle a\nkernel /vmlinuz\n### x\n# defoptions=intel_iommu=off\n",
     .after = "# kopt=ro\ntitle a\nkernel /vmlinuz" ON
              "\n### x\n# defoptions=intel_iommu=off\n"},
    {.what = "no kopt between the markers",
     .menu = "### BEGIN AUTOMAGIC KERNELS LIST\ntitle a\nkernel /vmlinuz\n" CLOSE,
     .after = "### BEGIN AUTOMAGIC KERNELS LIST\ntitle a\nkernel /vmlinuz" ON "\n" CLOSE,
     .says = "no \"# kopt=\" line"},
    {.what = "a kopt of CRLF",
     .menu = OPEN "# kopt=ro \r\n" MIDDLE "title a\nkernel /vmlinuz\n" CLOSE,
     .after =
         OPEN "# kopt=ro" ON " \r\n" MIDDLE "title a\nkernel /vmlinuz" ON "\n" CLOSE},

    /* broken words */
    {.what = "a command on two lines",
     .menu = "title a\nkernel /vmlinuz\ntitle b\nkernel\\\n /vmlinuz ro\n",
     .exit = EXIT_CLASS_DATA,
     .line = 4,
     .says = "broken"},
    {.what = "a command with a CR in it",
     .menu = "title a\nkernel /vmlinuz\nini\rtrd /i\n",
     .exit = EXIT_CLASS_DATA,
     .line = 3,
     .says = "broken"},

    /* what the kernels were built with */
    {.what = "without the driver",
     .menu = "title a\nkernel /vmlinuz-1 ro\n",
     .after = "title a\nkernel /vmlinuz-1 ro" ON "\n",
     .says = "without CONFIG_INTEL_IOMMU",
     .file = {{"/boot/config-1", DRIVERLESS, NULL}}},
    {.what = "on by default",
     .menu = "title a\nkernel /vmlinuz-1 ro\n",
     .after = "title a\nkernel /vmlinuz-1 ro" ON "\n",
     .says = "on by default",
     .file = {{"/boot/config-1", DEFAULT_ON, NULL}}},
    {.what = "taking it out does not turn that off",
     .menu = "title a\nkernel /vmlinuz-1 ro" ON "\n",
     .after = "title a\nkernel /vmlinuz-1 ro\n",
     .asked = DISABLE,
     .says = "--force-off",
     .file = {{"/boot/config-1", DEFAULT_ON, NULL}}},
    {.what = "nor what is on in part",
     .menu = "title a\nkernel /vmlinuz-1 ro" ON "\n",
     .after = "title a\nkernel /vmlinuz-1 ro\n",
     .asked = DISABLE,
     .says = "--force-off",
     .file = {{"/boot/config-1", DEFAULT_PARTLY, NULL}}},
    {.what = "an old kernel knows no amd_iommu=off",
     .menu = "title a\nkernel /vmlinuz-2.6.18-9 ro amd_iommu=on\n",
     .after = "title a\nkernel /vmlinuz-2.6.18-9 ro\n",
     .asked = DISABLE,
     .says = "--force-off writes iommu=off",
     .file = {{"/boot/config-2.6.18-9", "CONFIG_AMD_IOMMU=y\n", NULL}}},
    {.what = "--if-needed: each by its own",
     .menu = TWO("", "", ""),
     .after = TWO("", "", ON),
     .asked = IF_NEEDED,
     .file = {{"/boot/config-3.1", DEFAULT_ON, NULL},
              {"/boot/config-3.2", DEFAULT_OFF, NULL}}},
    {.what = "--if-needed: nobody knows",
     .menu = TWO("", "", ""),
     .after = TWO("", ON, ON),
     .asked = IF_NEEDED},
    {.what = "--if-needed: in part is not on",
     .menu = "title a\nkernel /vmlinuz-1 ro\n",
     .after = "title a\nkernel /vmlinuz-1 ro" ON "\n",
     .asked = IF_NEEDED,
     .file = {{"/boot/config-1", DEFAULT_PARTLY, NULL}}},
    {.what = "--if-needed: off on the line",
     .menu = "title a\nkernel /vmlinuz-1 ro iommu=off\n",
     .after = "title a\nkernel /vmlinuz-1 ro" ON "\n",
     .asked = IF_NEEDED,
     .says = "no other argument undoes",
     .file = {{"/boot/config-1", DEFAULT_ON, NULL}}},
    {.what = "--if-needed: none is",
     .menu = TWO("", "", ""),
     .asked = IF_NEEDED,
     .file = {{"/boot/config-3.1", DEFAULT_ON, NULL},
              {"/boot/config-3.2", DEFAULT_ON, NULL}}},
    {.what = "--if-needed: the comments with the kernels",
     .menu = OPEN "# kopt=ro\n" MIDDLE "title a\nkernel /vmlinuz-1 ro\n" CLOSE,
     .asked = IF_NEEDED,
     .file = {{"/boot/config-1", DEFAULT_ON, NULL}}},
    {.what = "--if-needed: the comments for one that needs it",
     .menu = OPEN "# kopt=ro\n" MIDDLE
                  "title a\nkernel /vmlinuz-1 ro\ntitle b\nkernel /vmlinuz-2 ro\n" CLOSE,
     .after = OPEN "# kopt=ro" ON "\n" MIDDLE
                   "title a\nkernel /vmlinuz-1 ro\ntitle b\nkernel /vmlinuz-2 ro" ON
                   "\n" CLOSE,
     .asked = IF_NEEDED,
     .file = {{"/boot/config-1", DEFAULT_ON, NULL}}},

    /* several files */
    {.what = "a copy that nobody reads",
     .menu = "title a\nkernel /vmlinuz ro\n",
     .after = "title a\nkernel /vmlinuz ro" ON "\n",
     .says = "--all-stores",
     .file = {{ETC, "title a\nkernel /vmlinuz old\n", NULL}}},
    {.what = "that copy too",
     .menu = "title a\nkernel /vmlinuz ro\n",
     .after = "title a\nkernel /vmlinuz ro" ON "\n",
     .asked = ALL_STORES,
     .file = {{ETC, "title a\nkernel /vmlinuz old\n",
               "title a\nkernel /vmlinuz old" ON "\n"}}},
    {.what = "an unknown default in that copy stops nobody",
     .menu = "title a\nkernel /vmlinuz ro\n",
     .after = "title a\nkernel /vmlinuz ro" ON "\n",
     .says = "--all-stores",
     .file = {{ETC, "title a\nkernel /mine\n", NULL}}},
    {.what = "SUSE's install script",
     .menu = "title a\nkernel /vmlinuz ro\n",
     .after = "title a\nkernel /vmlinuz ro" ON "\n",
     .asked = ALL_STORES,
     .file = {{ETC, "root (hd0,1)\nkernel /vmlinuz\nsetup (hd0)\nquit\n", NULL}}},
    {.what = "two menus",
     .menu = "title a\nkernel /vmlinuz ro\n",
     .after = "title a\nkernel /vmlinuz ro" ON "\n",
     .file = {{GRUB_CONF, "title b\r\nkernel /vmlinuz\r\n",
               "title b\r\nkernel /vmlinuz" ON "\r\n"}}},
    {.what = "two menus, one of which has it",
     .menu = "title a\nkernel /vmlinuz ro\n",
     .after = "title a\nkernel /vmlinuz ro" ON "\n",
     .file = {{GRUB_CONF, "title a\nkernel /vmlinuz ro" ON "\n", NULL}}},
    {.what = "a menu and one on the ESP",
     .menu = "title a\nkernel /vmlinuz ro\n",
     .after = "title a\nkernel /vmlinuz ro" ON "\n",
     .file = {{"/boot/efi/EFI/redhat/grub.conf", "title a\nkernel /vmlinuz-2\n",
               "title a\nkernel /vmlinuz-2" ON "\n"}}},
};

START_TEST(changes_a_menu)
{
    const struct menu *t = &menus[_i];
    struct run run;

    put(MENU_LST, t->menu);
    for (size_t i = 0; i < ARRAY_LEN(t->file) && t->file[i].path; i++)
        put(t->file[i].path, t->file[i].text);
    run_begin(&run, t->asked, t->kernel);
    judge(t->what, &run, t->exit, t->line);
    hear(t->what, &run, t->says);
    write_changes(&run);
    run_end(&run);
    ck_assert_str_eq(text_at(MENU_LST), t->after ? t->after : t->menu);
    for (size_t i = 0; i < ARRAY_LEN(t->file) && t->file[i].path; i++)
        ck_assert_str_eq(text_at(t->file[i].path),
                         t->file[i].after ? t->file[i].after : t->file[i].text);
    if (!t->exit)
        hold_to_promises(t->asked, t->kernel, t->menu);
}
END_TEST

/* A link beside the menu is one name more, and one file is changed. */
START_TEST(changes_a_linked_menu_once)
{
    struct run run;

    put(GRUB_CONF, "title a\nkernel /vmlinuz ro\n");
    ck_assert_int_eq(symlink("./grub.conf", at(MENU_LST)), 0);
    put("/etc/x", "");
    ck_assert_int_eq(symlink("../boot/grub/menu.lst", at(ETC)), 0);
    run_begin(&run, 0, NULL);
    ck_assert_int_eq(run.r, 0);
    ck_assert_uint_eq(run.set.count, 1);
    ck_assert_str_eq(run.set.change[0].path, GRUB_CONF);
    ck_assert_str_eq(run.set.change[0].after.data, "title a\nkernel /vmlinuz ro" ON "\n");
    run_end(&run);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("plan_menus");

    tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
    tcase_add_loop_test(t, changes_a_menu, 0, ARRAY_LEN(menus));
    tcase_add_test(t, changes_a_linked_menu_once);
    return run_suite("plan_menus", (TCase *const[]){t, NULL});
}
