/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GRUB 2's scripts and the defaults beside them: what changes, and what is refused.
 * GRUB's own checker has to accept whatever it accepted before. */
#include "plans.h"

#define GRUB_CFG "/boot/grub/grub.cfg"
#define DEFAULTS "/etc/default/grub"
#define ON " intel_iommu=on"
#define AMD_ON " amd_iommu=on"
#define ENTRY(title, line) "menuentry '" title "' {\n\t" line "\n}\n"
#define SECTION(name, text)                                                              \
    "### BEGIN /etc/grub.d/" name " ###\n" text "### END /etc/grub.d/" name " ###\n"
#define LINUX(args) "linux\t/vmlinuz-6.1 root=UUID=1 ro " args
#define GENERATED(normal, recovery)                                                      \
    SECTION("10_linux", ENTRY("a", LINUX(normal))                                        \
                            ENTRY("a (recovery mode)", LINUX("single " recovery)))
#define VARIABLES(linux, normal)                                                         \
    "GRUB_CMDLINE_LINUX=\"" linux "\"\nGRUB_CMDLINE_LINUX_DEFAULT=\"" normal "\"\n"
#define OURS "# Added by iommuctl; disable takes it out again.\n"
#define XEN(xen, linux) "multiboot2 /xen-4.17.gz " xen "\n\tmodule2 /vmlinuz-6.1 x " linux

static const struct edit {
    const char *what;
    const char *cfg, *after; /* NULL: it stays */
    unsigned asked;
    const char *kernel;
    enum exit_class exit;
    unsigned line;
    const char *says;
    struct {
        const char *path, *text, *after; /* NULL: it stays */
    } file[3];
} edits[] = {
    /* entries written by hand */
    {.what = "plain",
     .cfg = ENTRY("a", "linux /vmlinuz root=/dev/sda1 ro"),
     .after = ENTRY("a", "linux /vmlinuz root=/dev/sda1 ro" ON)},
    {.what = "no arguments",
     .cfg = ENTRY("a", "linux /vmlinuz"),
     .after = ENTRY("a", "linux /vmlinuz" ON)},
    {.what = "each command that starts Linux",
     .cfg = ENTRY("a", "linux16 /vmlinuz ro") ENTRY("b", "linuxefi\t/vmlinuz ro"),
     .after =
         ENTRY("a", "linux16 /vmlinuz ro" ON) ENTRY("b", "linuxefi\t/vmlinuz ro" ON)},
    {.what = "none that does not",
     .cfg = ENTRY("a", "linux16 /boot/memtest86+x64.bin") ENTRY("b", "chainloader +1")
         ENTRY("c", "linux_x /vmlinuz ro") ENTRY("d", "linux /vmlinuz"),
     .after = ENTRY("a", "linux16 /boot/memtest86+x64.bin") ENTRY("b", "chainloader +1")
         ENTRY("c", "linux_x /vmlinuz ro") ENTRY("d", "linux /vmlinuz" ON),
     .says = "starts no Linux kernel"},
    {.what = "a device before the image, an option before it",
     .cfg = ENTRY("a", "linux ($root)/vmlinuz ro") ENTRY("b", "linux --x=y /vmlinuz ro"),
     .after = ENTRY("a", "linux ($root)/vmlinuz ro" ON)
         ENTRY("b", "linux --x=y /vmlinuz ro" ON)},
    {.what = "an option and no image",
     .cfg = ENTRY("a", "linux --x") ENTRY("b", "linux /vmlinuz ro"),
     .after = ENTRY("a", "linux --x") ENTRY("b", "linux /vmlinuz ro" ON),
     .kernel = "b"},
    {.what = "variables for the image and among the arguments",
     .cfg = ENTRY("a", "linux ${dir}/${kernel} root=${r} $more"),
     .after = ENTRY("a", "linux ${dir}/${kernel} root=${r} $more" ON)},
    {.what = "blanks, tabs and what is behind them",
     .cfg = ENTRY("a", "linux\t /vmlinuz  a\t\tb \t "),
     .after = ENTRY("a", "linux\t /vmlinuz  a\t\tb" ON " \t ")},
    {.what = "before what the kernel does not read",
     .cfg = ENTRY("a", "linux /vmlinuz ro -- x"),
     .after = ENTRY("a", "linux /vmlinuz ro" ON " -- x")},
    {.what = "one line",
     .cfg = "menuentry \"x\" { linux /vmlinuz root=/dev/sda1; initrd /i; }\n",
     .after = "menuentry \"x\" { linux /vmlinuz root=/dev/sda1" ON "; initrd /i; }\n"},
    {.what = "one line without a blank too many",
     .cfg = "menuentry x{linux /vmlinuz}\nmenuentry y{linux /vmlinuz ro}",
     .after = "menuentry x{linux /vmlinuz" ON "}\nmenuentry y{linux /vmlinuz ro" ON "}"},
    {.what = "two entries on a line",
     .cfg = "menuentry x { linux /vmlinuz a ; } ; menuentry y { linux /vmlinuz b }\n",
     .after = "menuentry x { linux /vmlinuz a" ON
              " ; } ; menuentry y { linux /vmlinuz b" ON " }\n"},
    {.what = "a comment behind",
     .cfg = ENTRY("a", "linux /vmlinuz ro # quiet 'x"),
     .after = ENTRY("a", "linux /vmlinuz ro" ON " # quiet 'x")},
    {.what = "no comment",
     .cfg = ENTRY("a", "linux /vmlinuz a#b ro#c"),
     .after = ENTRY("a", "linux /vmlinuz a#b ro#c" ON)},
    {.what = "commands in comments",
     .cfg = "# menuentry x {\n# linux /vmlinuz }\n" ENTRY(
         "a", "# linux /vmlinuz {\n#}\n\tlinux /vmlinuz ro"),
     .after = "# menuentry x {\n# linux /vmlinuz }\n" ENTRY(
         "a", "# linux /vmlinuz {\n#}\n\tlinux /vmlinuz ro" ON)},
    {.what = "behind a comment that ends in a backslash",
     .cfg = ENTRY("a", "# x \\\nlinux /vmlinuz ro"),
     .after = ENTRY("a", "# x \\\nlinux /vmlinuz ro" ON)},
    {.what = "continued",
     .cfg = ENTRY("a", "linux /vmlinuz \\\n\t  ro \\\n\tquiet"),
     .after = ENTRY("a", "linux /vmlinuz \\\n\t  ro \\\n\tquiet" ON)},
    {.what = "continued at the end",
     .cfg = "menuentry x { linux /vmlinuz ro \\\n }\n",
     .after = "menuentry x { linux /vmlinuz ro" ON " \\\n }\n"},
    {.what = "continued inside words",
     .cfg = ENTRY("a", "lin\\\nux /vml\\\ninuz r\\\no"),
     .after = ENTRY("a", "lin\\\nux /vml\\\ninuz r\\\no" ON)},
    {.what = "submenus",
     .cfg = "submenu 'x' {\n" ENTRY("a", "linux /vmlinuz a") "submenu y {\n" ENTRY(
         "b", "linux /vmlinuz b") "}\n" ENTRY("c", "linux /vmlinuz c") "}\n",
     .after = "submenu 'x' {\n" ENTRY("a", "linux /vmlinuz a" ON) "submenu y {\n" ENTRY(
         "b", "linux /vmlinuz b" ON) "}\n" ENTRY("c", "linux /vmlinuz c" ON) "}\n"},
    {.what = "conditions",
     .cfg = ENTRY("a", "if [ x$a = xb ]; then linux /vmlinuz b; else\n"
                       "linux /vmlinuz c\nfi"),
     .after = ENTRY("a", "if [ x$a = xb ]; then linux /vmlinuz b" ON "; else\n"
                         "linux /vmlinuz c" ON "\nfi")},
    {.what = "outside an entry",
     .cfg = "linux /vmlinuz x\nfunction f {\n linux /vmlinuz ro\n}\nfunction g\n{\n"
            "true\n}\n" ENTRY("a", "linux /vmlinuz ro"),
     .after = "linux /vmlinuz x\nfunction f {\n linux /vmlinuz ro\n}\nfunction g\n{\n"
              "true\n}\n" ENTRY("a", "linux /vmlinuz ro" ON)},
    {.what = "quoted command words",
     .cfg = ENTRY("a", "'linux' \"/vmlinuz\" ro"),
     .after = ENTRY("a", "'linux' \"/vmlinuz\" ro" ON)},

    /* quotes among the arguments */
    {.what = "quoted blanks",
     .cfg = ENTRY("a", "linux /vmlinuz \"a b\" 'c d' e\\ f"),
     .after = ENTRY("a", "linux /vmlinuz \"a b\" 'c d' e\\ f" ON)},
    {.what = "a blank with a backslash at the end",
     .cfg = ENTRY("a", "linux /vmlinuz ro\\ "),
     .after = ENTRY("a", "linux /vmlinuz ro\\ " ON)},
    {.what = "no end of arguments inside quotes",
     .cfg = ENTRY("a", "linux /vmlinuz 'x -- y' ro"),
     .after = ENTRY("a", "linux /vmlinuz 'x -- y' ro" ON)},
    {.what = "quotes inside quotes",
     .cfg = ENTRY("a", "linux /vmlinuz '\"' ro") ENTRY("b", "linux /vmlinuz \\\" ro")
         ENTRY("c", "linux /vmlinuz \"'\" \"\\\"\" ro"),
     .after =
         ENTRY("a", "linux /vmlinuz '\"' ro" ON) ENTRY("b", "linux /vmlinuz \\\" ro" ON)
             ENTRY("c", "linux /vmlinuz \"'\" \"\\\"\" ro" ON)},
    {.what = "braces and semicolons in quotes",
     .cfg = ENTRY("a", "linux /vmlinuz '}' \"; {\" \\} ro"),
     .after = ENTRY("a", "linux /vmlinuz '}' \"; {\" \\} ro" ON)},
    {.what = "ours in quotes: there",
     .cfg = ENTRY("a", "linux /vmlinuz 'intel_iommu=on'")
         ENTRY("b", "linux /vmlinuz \"intel_iommu=on\"")
             ENTRY("c", "linux /vmlinuz intel_iommu='on'")
                 ENTRY("d", "linux /vmlinuz intel\\_iommu=o\"n\"")},
    {.what = "ours in quotes: taken out",
     .asked = DISABLE,
     .cfg = ENTRY("a", "linux /vmlinuz 'intel_iommu=on' ro")
         ENTRY("b", "linux /vmlinuz \"intel_iommu=on\" ro"),
     .after = ENTRY("a", "linux /vmlinuz ro") ENTRY("b", "linux /vmlinuz ro")},
    {.what = "another's in quotes",
     .asked = AMD,
     .cfg = ENTRY("a", "linux /vmlinuz 'amd_iommu=off' ro"),
     .after = ENTRY("a", "linux /vmlinuz" AMD_ON " ro"),
     .says = "\"off\""},
    {.what = "a newline in quotes",
     .cfg = "\n" ENTRY("a", "linux /vmlinuz 'a\nb' ro"),
     .exit = EXIT_CLASS_DATA,
     .line = 3,
     .says = "quote"},
    {.what = "a newline in quotes elsewhere",
     .cfg = ENTRY("a", "echo 'a\nlinux /vmlinuz }\n' \"\n\"\n\tlinux /vmlinuz ro"),
     .after = ENTRY("a", "echo 'a\nlinux /vmlinuz }\n' \"\n\"\n\tlinux /vmlinuz ro" ON)},
    {.what = "a title in two lines",
     .cfg = "menuentry 'a\nb' { linux /vmlinuz ro; }\n",
     .after = "menuentry 'a\nb' { linux /vmlinuz ro" ON "; }\n"},

    /* bytes */
    {.what = "carriage returns",
     .cfg = "# a\r\nmenuentry 'a' {\r\n\tlinux /vmlinuz ro\r\n}\r\n",
     .after = "# a\r\nmenuentry 'a' {\r\n\tlinux /vmlinuz ro" ON "\r\n}\r\n"},
    {.what = "carriage returns and no arguments",
     .cfg = "menuentry 'a' {\r\n\tlinux /vmlinuz\r\n}\r\n",
     .after = "menuentry 'a' {\r\n\tlinux /vmlinuz" ON "\r\n}\r\n"},
    {.what = "carriage returns, continued",
     .cfg = "menuentry 'a' {\r\n\tlinux /vmlinuz ro \\\r\n  quiet \\\r\n\r\n}\r\n",
     .after =
         "menuentry 'a' {\r\n\tlinux /vmlinuz ro \\\r\n  quiet" ON " \\\r\n\r\n}\r\n"},
    {.what = "no final newline",
     .cfg = "menuentry 'a' {\n\tlinux /vmlinuz ro\n}",
     .after = "menuentry 'a' {\n\tlinux /vmlinuz ro" ON "\n}"},
    {.what = "it ends in the arguments",
     .cfg = "menuentry 'a' { linux /vmlinuz ro",
     .after = "menuentry 'a' { linux /vmlinuz ro" ON},
    {.what = "it ends in a backslash",
     .cfg = "menuentry 'a' { linux /vmlinuz ro\n}\n# \\",
     .after = "menuentry 'a' { linux /vmlinuz ro" ON "\n}\n# \\"},
    {.what = "a byte order mark hides the first command",
     .cfg =
         "\xef\xbb\xbf" ENTRY("a", "linux /vmlinuz ro") ENTRY("b", "linux /vmlinuz ro"),
     .after = "\xef\xbb\xbf" ENTRY("a", "linux /vmlinuz ro")
         ENTRY("b", "linux /vmlinuz ro" ON)},
    {.what = "titles in other encodings",
     .cfg = ENTRY("a\xe9\xff", "linux /vmlinuz ro") ENTRY(
         "\xc3\xa9", "linux /vmlinuz \xe9=\xc3\xa9") ENTRY("\x7f\v\f", "linux /vmlinuz"),
     .after = ENTRY("a\xe9\xff", "linux /vmlinuz ro" ON)
         ENTRY("\xc3\xa9", "linux /vmlinuz \xe9=\xc3\xa9" ON)
             ENTRY("\x7f\v\f", "linux /vmlinuz" ON)},
    {.what = "control characters elsewhere",
     .cfg = ENTRY("a\x01\x04", "linux /vmlinuz ro") "# \x02\x03\n",
     .after = ENTRY("a\x01\x04", "linux /vmlinuz ro" ON) "# \x02\x03\n"},
    {.what = "control characters in the line itself",
     .cfg = ENTRY("a", "linux /vmlinuz \x04"),
     .exit = EXIT_CLASS_DATA,
     .line = 2,
     .says = "control character"},
    {.what = "braces that do not fit",
     .cfg = "}\n}\n" ENTRY("a", "linux /vmlinuz a") "}\n" ENTRY("b", "linux /vmlinuz b"),
     .after = "}\n}\n" ENTRY("a", "linux /vmlinuz a" ON) "}\n" ENTRY(
         "b", "linux /vmlinuz b" ON)},

    /* flags that are there */
    {.what = "unchanged", .cfg = ENTRY("a", "linux /vmlinuz intel_iommu=on ro")},
    {.what = "some have it",
     .cfg = ENTRY("a", "linux /vmlinuz intel_iommu=on ro") ENTRY("b", "linux /vmlinuz"),
     .after =
         ENTRY("a", "linux /vmlinuz intel_iommu=on ro") ENTRY("b", "linux /vmlinuz" ON)},
    {.what = "off becomes on at its place",
     .cfg = ENTRY("a", "linux /vmlinuz intel_iommu=off ro"),
     .after = ENTRY("a", "linux /vmlinuz" ON " ro"),
     .says = "\"off\""},
    {.what = "forced off",
     .asked = FORCE_OFF,
     .cfg = ENTRY("a", "linux /vmlinuz ro"),
     .after = ENTRY("a", "linux /vmlinuz ro intel_iommu=off")},
    {.what = "one entry of several by its title",
     .cfg = ENTRY("a", "linux /vmlinuz ro") ENTRY("b", "linux /vmlinuz ro"),
     .after = ENTRY("a", "linux /vmlinuz ro") ENTRY("b", "linux /vmlinuz ro" ON),
     .kernel = "b",
     .says = "stays as it is"},
    {.what = "a generated entry cannot be changed alone",
     .cfg = GENERATED("", ""),
     .kernel = "a",
     .exit = EXIT_CLASS_CONDITION,
     .line = 3,
     .says = "--kernel ALL"},

    /* Xen */
    {.what = "Xen's own line",
     .cfg = ENTRY("x", XEN("dom0_mem=1G", "root=/dev/sda1 ro") "\n\tmodule2 /initrd"),
     .after = ENTRY("x", XEN("dom0_mem=1G iommu=1", "root=/dev/sda1 ro") "\n\tmodule2 "
                                                                         "/initrd")},
    {.what = "Xen's own line, multiboot 1, one line",
     .cfg = "menuentry x { multiboot /xen.gz; module /vmlinuz ro; module /initrd }\n",
     .after = "menuentry x { multiboot /xen.gz iommu=1; module /vmlinuz ro; module "
              "/initrd }\n"},
    {.what = "what Xen is given beside Linux is no Linux",
     .cfg = ENTRY("x", XEN("", "ro") "\n\tmodule2 /ucode.bin a\n\tmodule2 /intel.img")
         ENTRY("a", "linux /vmlinuz root=UUID=1"),
     .after = ENTRY("x", "multiboot2 /xen-4.17.gz iommu=1 \n\tmodule2 /vmlinuz-6.1 x ro\n"
                         "\tmodule2 /ucode.bin a\n\tmodule2 /intel.img")
         ENTRY("a", "linux /vmlinuz root=UUID=1" ON)},
    {.what = "another multiboot kernel is no Linux whatever follows",
     .cfg = ENTRY("x", "multiboot /mine.elf a\n\tmodule /vmlinuz ro")
         ENTRY("a", "linux /vmlinuz root=UUID=1"),
     .after = ENTRY("x", "multiboot /mine.elf a\n\tmodule /vmlinuz ro")
         ENTRY("a", "linux /vmlinuz root=UUID=1" ON),
     .kernel = "a",
     .says = "cannot tell"},

    /* entries that were generated */
    {.what = "the flag goes behind the variable's text",
     .cfg = GENERATED("a b quiet $vt_handoff", "a b"),
     .after = GENERATED("a b quiet" ON " $vt_handoff", "a b"),
     .file = {{DEFAULTS, VARIABLES("a b", "quiet"), VARIABLES("a b", "quiet" ON)}}},
    {.what = "both variables are empty: two blanks are there, and stay",
     .cfg = GENERATED(" ", ""),
     .after = GENERATED(ON, ""),
     .file = {{DEFAULTS, VARIABLES("", ""), VARIABLES("", "intel_iommu=on")}}},
    {.what = "both are empty, with something behind",
     .cfg = GENERATED("  $vt_handoff", ""),
     .after = GENERATED(ON " $vt_handoff", ""),
     .file = {{DEFAULTS, VARIABLES("", ""), VARIABLES("", "intel_iommu=on")}}},
    {.what = "the first is empty",
     .cfg = GENERATED(" quiet", ""),
     .after = GENERATED(" quiet" ON, ""),
     .file = {{DEFAULTS, VARIABLES("", "quiet"), VARIABLES("", "quiet" ON)}}},
    {.what = "the second is empty",
     .cfg = GENERATED("a b ", "a b"),
     .after = GENERATED("a b" ON, "a b"),
     .file = {{DEFAULTS, VARIABLES("a b", ""), VARIABLES("a b", "intel_iommu=on")}}},
    {.what = "no recovery entries: into the first variable, in the middle of the line",
     .cfg = SECTION("10_linux", ENTRY("a", LINUX("a b quiet"))),
     .after = SECTION("10_linux", ENTRY("a", LINUX("a b" ON " quiet"))),
     .file = {{DEFAULTS, VARIABLES("a b", "quiet") "GRUB_DISABLE_RECOVERY=true\n",
               VARIABLES("a b" ON, "quiet") "GRUB_DISABLE_RECOVERY=true\n"}}},
    {.what = "its text is not in the line: at the end, by the rules",
     .cfg = GENERATED("old $vt_handoff", ""),
     .after = GENERATED("old $vt_handoff" ON, ""),
     .file = {{DEFAULTS, VARIABLES("", "new"), VARIABLES("", "new" ON)}}},
    {.what = "stale: the defaults have the flag, the entry has not",
     .cfg = GENERATED(" quiet", ""),
     .after = GENERATED(" quiet" ON, ""),
     .file = {{DEFAULTS, VARIABLES("", "quiet intel_iommu=on"), NULL}}},
    {.what = "its text stands twice: it is the first that was",
     .cfg = GENERATED(" quiet quiet", ""),
     .after = GENERATED(" quiet" ON " quiet", ""),
     .file = {{DEFAULTS, VARIABLES("", "quiet"), VARIABLES("", "quiet" ON)}}},
    {.what = "its text is part of a word",
     .cfg = GENERATED(" noquiet quietly", ""),
     .after = GENERATED(" noquiet quietly" ON, ""),
     .file = {{DEFAULTS, VARIABLES("", "quiet"), VARIABLES("", "quiet" ON)}}},
    {.what = "quotes in the variable are the script's, too",
     .cfg = GENERATED(" dyndbg=\"file a +p\" x", ""),
     .after = GENERATED(" dyndbg=\"file a +p\"" ON " x", ""),
     .file = {{DEFAULTS, VARIABLES("", "dyndbg=\\\"file a +p\\\""),
               VARIABLES("", "dyndbg=\\\"file a +p\\\"" ON)}}},
    {.what = "off in the variable, and in the line",
     .cfg = GENERATED("a intel_iommu=off quiet x", "a"),
     .after = GENERATED("a" ON " quiet x", "a"),
     .says = "\"off\"",
     .file = {{DEFAULTS, VARIABLES("a", "intel_iommu=off quiet"),
               VARIABLES("a", "intel_iommu=on quiet")}}},
    {.what = "defaults without variables",
     .cfg = GENERATED(" ", ""),
     .after = GENERATED(ON, ""),
     .file = {{DEFAULTS, "GRUB_TIMEOUT=1\n",
               "GRUB_TIMEOUT=1\n" OURS
               "GRUB_CMDLINE_LINUX_DEFAULT=\"intel_iommu=on\"\n"}}},
    {.what = "a recovery entry's title in another language",
     .cfg = SECTION("10_linux",
                    ENTRY("a", LINUX(" quiet")) "menuentry 'a (Wiederherstellung)' "
                                                "$menuentry_id_option "
                                                "'gnulinux-6.1-recovery-1' {\n" LINUX(
                                                    "single ") "\n}\n"),
     .after = SECTION(
         "10_linux", ENTRY("a", LINUX(" quiet" ON)) "menuentry 'a (Wiederherstellung)' "
                                                    "$menuentry_id_option "
                                                    "'gnulinux-6.1-recovery-1' {\n" LINUX(
                                                        "single ") "\n}\n"),
     .file = {{DEFAULTS, VARIABLES("", "quiet"), VARIABLES("", "quiet" ON)}}},
    {.what = "another system's entries stay",
     .cfg = GENERATED(" ", "") SECTION("30_os-prober", ENTRY("b", LINUX("x"))),
     .after = GENERATED(ON, "") SECTION("30_os-prober", ENTRY("b", LINUX("x"))),
     .file = {{DEFAULTS, VARIABLES("", ""), VARIABLES("", "intel_iommu=on")}}},
    {.what = "a script's own entries stay",
     .cfg = GENERATED(" ", "") SECTION("40_custom", ENTRY("b", LINUX("x")))
         SECTION("41_custom", ENTRY("c", LINUX("y"))),
     .after = GENERATED(ON, "") SECTION("40_custom", ENTRY("b", LINUX("x")))
         SECTION("41_custom", ENTRY("c", LINUX("y"))),
     .file = {{DEFAULTS, VARIABLES("", ""), VARIABLES("", "intel_iommu=on")}}},
    {.what = "a script that uses the variables",
     .cfg = GENERATED(" quiet", "") SECTION("45_mine", ENTRY("b", LINUX("quiet x"))),
     .after = GENERATED(" quiet" ON, "")
         SECTION("45_mine", ENTRY("b", LINUX("quiet" ON " x"))),
     .file = {{DEFAULTS, VARIABLES("", "quiet"), VARIABLES("", "quiet" ON)},
              {"/etc/grub.d/45_mine", "echo $GRUB_CMDLINE_LINUX_DEFAULT x\n", NULL}}},
    {.what = "by hand between generated sections",
     .cfg = GENERATED(" quiet", "") ENTRY("b", "linux /vmlinuz quiet x"),
     .after = GENERATED(" quiet" ON, "") ENTRY("b", "linux /vmlinuz quiet x" ON),
     .file = {{DEFAULTS, VARIABLES("", "quiet"), VARIABLES("", "quiet" ON)}}},
    {.what = "Linux under Xen is fed by the same variables",
     .cfg = GENERATED(" quiet", "")
         SECTION("20_linux_xen", ENTRY("x", XEN("placeholder ", "ro  quiet"))),
     .after = GENERATED(" quiet" ON, "")
         SECTION("20_linux_xen", ENTRY("x", XEN("placeholder iommu=1 ", "ro  quiet" ON))),
     .file = {{DEFAULTS, VARIABLES("", "quiet"), VARIABLES("", "quiet" ON)}}},
    {.what = "Xen's lines are fed by its own",
     .cfg = GENERATED(" quiet", "")
         SECTION("20_linux_xen", ENTRY("x", XEN("placeholder a b ${o}", "ro  quiet"))),
     .after = GENERATED(" quiet" ON, "") SECTION(
         "20_linux_xen", ENTRY("x", XEN("placeholder a b iommu=1 ${o}", "ro  quiet" ON))),
     .file = {{DEFAULTS,
               VARIABLES("", "quiet") "GRUB_CMDLINE_XEN=a\nGRUB_CMDLINE_XEN_DEFAULT=b\n",
               VARIABLES("", "quiet" ON) "GRUB_CMDLINE_XEN=a\n"
                                         "GRUB_CMDLINE_XEN_DEFAULT=b\\ iommu=1\n"},
              {"/boot/xen-4.17.gz", "xen", NULL}}},
    {.what = "generated with carriage returns",
     .cfg = "### BEGIN /etc/grub.d/10_linux ###\r\nmenuentry a {\r\n" LINUX(
         "a quiet") "\r\n}\r\n### END /etc/grub.d/10_linux ###\r\n",
     .after = "### BEGIN /etc/grub.d/10_linux ###\r\nmenuentry a {\r\n" LINUX(
         "a quiet" ON) "\r\n}\r\n### END /etc/grub.d/10_linux ###\r\n",
     .file = {{DEFAULTS, VARIABLES("a", "quiet"), VARIABLES("a", "quiet" ON)}}},

    /* files */
    {.what = "custom.cfg beside it",
     .cfg = ENTRY("a", "linux /vmlinuz a"),
     .after = ENTRY("a", "linux /vmlinuz a" ON),
     .file = {{"/boot/grub/custom.cfg", ENTRY("c", "linux /vmlinuz c"),
               ENTRY("c", "linux /vmlinuz c" ON)}}},
    {.what = "each place that GRUB looks at",
     .file = {{"/boot/grub2/grub.cfg", ENTRY("a", "linux /vmlinuz a"),
               ENTRY("a", "linux /vmlinuz a" ON)},
              {"/boot/grub/grub.cfg", ENTRY("b", "linux /vmlinuz b"),
               ENTRY("b", "linux /vmlinuz b" ON)},
              {"/boot/efi/EFI/x y/grub.cfg", ENTRY("c", "linux /vmlinuz c"),
               ENTRY("c", "linux /vmlinuz c" ON)}}},
    {.what = "a stub that hands over",
     .cfg = ENTRY("a", "linux /vmlinuz a"),
     .after = ENTRY("a", "linux /vmlinuz a" ON),
     .file = {{"/boot/efi/EFI/debian/grub.cfg",
               "search.fs_uuid 1 root\nset prefix=($root)'/boot/grub'\n"
               "configfile $prefix/grub.cfg\n# a menuentry \n",
               NULL}}},
    {.what = "a tab behind menuentry",
     .cfg = "menuentry\t'a'\t{\tlinux\t/vmlinuz\tro\n}\n",
     .after = "menuentry\t'a'\t{\tlinux\t/vmlinuz\tro" ON "\n}\n"},
    {.what = "no entry that starts Linux",
     .cfg = ENTRY("a", "chainloader +1") "blscfg\n",
     .exit = EXIT_CLASS_NO_LOADER,
     .says = "no entry that starts a Linux"},
};

static bool checker(void)
{
    return access("/usr/bin/grub-script-check", X_OK) == 0;
}

static bool accepted(const char *path)
{
    char command[600];

    snprintf(command, sizeof(command), "/usr/bin/grub-script-check '%s' >/dev/null 2>&1",
             at(path));
    return checker() && system(command) == 0;
}

/* The same once more changes nothing; and where no word of ours stood before, disable
 * gives the bytes back. */
static void hold_to_it(const struct edit *c)
{
    bool ours = c->cfg && strstr(c->cfg, "iommu");
    struct run run;

    run_begin(&run, c->asked, c->kernel);
    ck_assert_msg(run.r == 0 && !run.set.count, "%s: again: %s", c->what, run.err.text);
    run_end(&run);
    for (size_t i = 0; i < ARRAY_LEN(c->file) && c->file[i].path; i++)
        ours |= strstr(c->file[i].text, "iommu") != NULL;
    if (ours || c->asked & (DISABLE | FORCE_OFF))
        return;
    run_begin(&run, c->asked | DISABLE, c->kernel);
    ck_assert_msg(run.r == 0, "%s: disable: %s", c->what, run.err.text);
    write_changes(&run);
    run_end(&run);
    if (c->cfg)
        ck_assert_str_eq(text_at(GRUB_CFG), c->cfg);
    for (size_t i = 0; i < ARRAY_LEN(c->file) && c->file[i].path; i++)
        ck_assert_str_eq(text_at(c->file[i].path), c->file[i].text);
}

START_TEST(changes)
{
    const struct edit *c = &edits[_i];
    struct run run;
    bool fine;

    if (c->cfg)
        put(GRUB_CFG, c->cfg);
    for (size_t i = 0; i < ARRAY_LEN(c->file) && c->file[i].path; i++)
        put(c->file[i].path, c->file[i].text);
    fine = accepted(GRUB_CFG);
    run_begin(&run, c->asked, c->kernel);
    if (c->exit) {
        ck_assert_msg(run.r < 0, "%s: not refused", c->what);
        ck_assert_msg(run.err.exit == c->exit && run.err.line == c->line,
                      "%s: %d, %u: %s", c->what, run.err.exit, run.err.line,
                      run.err.text);
        ck_assert_str_eq(run.err.file, GRUB_CFG);
    } else {
        ck_assert_msg(run.r == 0, "%s: %s:%u: %s", c->what, run.err.file, run.err.line,
                      run.err.text);
        write_changes(&run);
    }
    hear(c->what, &run, c->says);
    run_end(&run);
    if (c->cfg)
        ck_assert_str_eq(text_at(GRUB_CFG), c->after ? c->after : c->cfg);
    for (size_t i = 0; i < ARRAY_LEN(c->file) && c->file[i].path; i++)
        ck_assert_str_eq(text_at(c->file[i].path),
                         c->file[i].after ? c->file[i].after : c->file[i].text);
    ck_assert_msg(!fine || accepted(GRUB_CFG), "%s: GRUB refuses it now", c->what);
    if (!c->exit)
        hold_to_it(c);
}
END_TEST

int main(void)
{
    TCase *all = tcase_create("edits");

    tcase_add_checked_fixture(all, scratch_setup, scratch_teardown);
    tcase_add_loop_test(all, changes, 0, ARRAY_LEN(edits));
    return run_suite("grub_cfg", (TCase *const[]){all, NULL});
}
