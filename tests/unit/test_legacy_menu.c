/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/legacy_menu.h"

#include "scratch.h"

#define GRUB_CONF "/boot/grub/grub.conf"
#define MENU_LST "/boot/grub/menu.lst"

static const char *const kinds[] = {[ENTRY_LINUX] = "linux",
                                    [ENTRY_XEN] = "xen",
                                    [ENTRY_TEMPLATE] = "template",
                                    [ENTRY_OTHER] = "other",
                                    [ENTRY_UNKNOWN] = "unknown"};

/* "POSITION KIND LINE [*][r][g] TITLE > IMAGE > ARGUMENTS" for each entry: default,
 * recovery, generated; its slots parted by "|", CRs and newlines as they stand. */
static char *entries_text(const struct host *host)
{
    AUTO_BUF b = BUF_INIT;

    for (size_t i = 0; i < host->entries; i++) {
        const struct entry *e = host->entry[i];

        buf_format(&b, "%zu %s %u %s%s%s %s > %s >", e->position, kinds[e->kind], e->line,
                   e->is_default ? "*" : "", e->recovery ? "r" : "",
                   e->generated ? "g" : "", e->title, e->kernel);
        for (size_t s = 0; s < e->slots; s++)
            buf_format(&b, "%s%s", s ? "|" : "", e->slot[s]->text);
        buf_add_char(&b, '\n');
    }
    return buf_take(&b);
}

/* A menu as the loader reads it. */
static const struct reading {
    const char *what, *menu, *entries;
} readings[] = {
    {"an ordinary one",
     "default=1\ntimeout=5\ntitle One\n\troot (hd0,0)\n\tkernel /vmlinuz-1 ro\n"
     "\tinitrd /initrd-1\ntitle Two\n\tkernel /vmlinuz-2 ro quiet\n",
     "0 linux 5  One > /vmlinuz-1 > ro\n"
     "1 linux 8 * Two > /vmlinuz-2 > ro quiet\n"},
    {"equal signs, tabs, devices, types",
     "title = a\nkernel=/vmlinuz a=b\ntitle\tb\n \tkernel\t = \t(hd0,0)/vmlinuz\tro\t x "
     "\n"
     "title c\nkernel --type=linux --no-mem-option /mine ro\n"
     "title d\nkernel --no-mem-option (nd)/vmlinuz ro\n",
     "0 linux 2 * a > /vmlinuz > a=b\n"
     "1 linux 4  b > (hd0,0)/vmlinuz >\tro\t x \n"
     "2 linux 6  c > /mine > ro\n"
     "3 linux 8  d > (nd)/vmlinuz > ro\n"},
    {"types of others",
     "title a\nkernel --type=netbsd /vmlinuz ro\ntitle b\nkernel --type=biglinux /mine\n"
     "title c\nkernel --type=linux /memtest\ntitle d\nkernel --type=multiboot /xen.gz "
     "x\n",
     "0 other 2 * a > /vmlinuz >\n1 linux 4  b > /mine >\n2 other 6  c > /memtest >\n"
     "3 xen 8  d > /xen.gz > x\n"},
    {"no arguments",
     "title a\nkernel /vmlinuz\ntitle b\nkernel /vmlinuz\r\ntitle c\nkernel /vmlinuz \n",
     "0 linux 2 * a > /vmlinuz >\n1 linux 4  b > /vmlinuz >\r\n"
     "2 linux 6  c > /vmlinuz > \n"},
    {"CRLF",
     "default 1\r\ntitle a\r\nkernel /vmlinuz ro\r\ntitle b\r\nkernel /vmlinuz x \r\n",
     "0 linux 3  a > /vmlinuz > ro\r\n1 linux 5 * b > /vmlinuz > x \r\n"},
    {"continuations",
     "title a \\\nb\nkernel \\\r\n\t/vmlinuz \\\n ro \\\r\n\tquiet\ntitle "
     "c\\\\\nd\nboot\n",
     "0 linux 3 * a  b > /vmlinuz > \\\n ro \\\r\n\tquiet\n"
     "1 other 7  c\\ d >  >\n"},
    {"no final newline", "title a\nkernel /vmlinuz ro",
     "0 linux 2 * a > /vmlinuz > ro\n"},
    {"a comment that swallows a line",
     "title a\nkernel /vmlinuz ro\n# c \\\nkernel /vmlinuz x\nboot\n",
     "0 linux 2 * a > /vmlinuz > ro\n"},
    {"comments only at the beginning, commented samples",
     "# title x\n#kernel /vmlinuz\n\t#kernel /vmlinuz\ntitle a # b\nkernel /vmlinuz # "
     "ro\n",
     "0 linux 5 * a # b > /vmlinuz > # ro\n"},
    {"case and unknown words matter",
     "Title x\nTITLE y\ntitle a\nKernel /vmlinuz x\nkernels /vmlinuz y\nkernel "
     "/vmlinuz\n",
     "0 linux 6 * a > /vmlinuz >\n"},
    {"a title without a command is no entry",
     "default 1\ntitle empty\n# c\nnonsense x\ntitle a\nkernel /vmlinuz-1\n"
     "title also empty\ntitle b\nkernel /vmlinuz-2\n",
     "0 linux 6  a > /vmlinuz-1 >\n1 linux 9 * b > /vmlinuz-2 >\n"},
    {"whatever command makes an entry",
     "default 3\ntitle a\nifconfig\ntitle b\nbackground 000000\ntitle c\nquiet\ntitle d\n"
     "kernel /vmlinuz\n",
     "0 other 2  a >  >\n1 other 4  b >  >\n2 other 6  c >  >\n"
     "3 linux 9 * d > /vmlinuz >\n"},
    {"commands before the first title start nothing",
     "kernel /vmlinuz-0 ro\ndefault 0\n\xef\xbb\xbftitle x\nkernel /vmlinuz-1 ro\n"
     "title a\nkernel /vmlinuz-2\n",
     "0 linux 6 * a > /vmlinuz-2 >\n"},
    {"commands behind it set nothing",
     "title a\ndefault 1\nkernel /vmlinuz-1\ntitle b\nkernel /vmlinuz-2\n",
     "0 linux 3 * a > /vmlinuz-1 >\n1 linux 5  b > /vmlinuz-2 >\n"},
    {"others",
     "title w\nrootnoverify (hd0,0)\nchainloader +1\ntitle m\nkernel /memtest86+.bin\n"
     "title f\nroot (hd0,2,a)\nkernel /boot/loader\ntitle c\nconfigfile /x\n"
     "title h\nkernel /boot/gnumach.gz root=device:hd0s1\nmodule /hurd/x\n"
     "title t\nkernel /tboot.gz logging=vga\nmodule /vmlinuz ro\ntitle u\nkernel /what\n",
     "0 other 1 * w >  >\n1 other 5  m > /memtest86+.bin >\n2 other 8  f > /boot/loader "
     ">\n"
     "3 other 9  c >  >\n4 other 12  h > /boot/gnumach.gz >\n"
     "5 other 15  t > /tboot.gz > logging=vga\n6 unknown 18  u > /what >\n"},
    {"Xen",
     "title x\nkernel /xen.gz-2.6.18-8.el5 dom0_mem=1G\nmodule /vmlinuz-2.6.18-8.el5xen "
     "ro\n"
     "module /initrd\n",
     "0 xen 2 * x > /xen.gz-2.6.18-8.el5 > dom0_mem=1G\n"},
    {"recovery by its title",
     "title Debian (single-user mode)\nkernel /vmlinuz ro single\n"
     "title Failsafe -- SUSE\nkernel /vmlinuz x\ntitle Linux (recovery mode)\n"
     "kernel /vmlinuz y\n",
     "0 linux 2 *r Debian (single-user mode) > /vmlinuz > ro single\n"
     "1 linux 4 r Failsafe -- SUSE > /vmlinuz > x\n"
     "2 linux 6 r Linux (recovery mode) > /vmlinuz > y\n"},
    {"two kernels in one stanza: the loader boots the last one",
     "title a\nkernel /vmlinuz-1 ro\nkernel /vmlinuz-2 ro\ntitle b\nkernel /vmlinuz-3\n",
     "0 linux 2 * a > /vmlinuz-1 > ro\n0 linux 3 * a > /vmlinuz-2 > ro\n"
     "1 linux 5  b > /vmlinuz-3 >\n"},
    {"a kernel without an image", "title a\nkernel\nkernel --type=linux\nboot\n",
     "0 other 1 * a >  >\n"},
    {"not UTF-8, quotes", "title Caf\xe9\nkernel /vmlinuz \"a b\" \xff\n",
     "0 linux 2 * Caf\xe9 > /vmlinuz > \"a b\" \xff\n"},
    {"a quote in the image's name is none to the loader",
     "title a\nkernel --type=linux /b\"/k ro\nkernel /\"vmlinuz a=\"b c\"\n",
     "0 linux 2 * a > /b\"/k > ro\n0 unknown 3 * a > /\"vmlinuz > a=\"b c\"\n"},
    {"nothing", "", ""},
    {"only comments", "# a\n\n \t\r\n", ""},
};

static void scan(struct host *host)
{
    struct error err;

    ck_assert_msg(host_scan(root, NULL, host, &err) == 0, "%s:%u: %s", err.file, err.line,
                  err.text);
}

START_TEST(reads)
{
    const struct reading *t = &readings[_i];
    AUTO_FREE char *text = NULL;
    struct host host;

    put(GRUB_CONF, t->menu);
    scan(&host);
    text = entries_text(&host);
    ck_assert_msg(streq(text, t->entries), "%s:\n%s-- instead of\n%s", t->what, text,
                  t->entries);
    host_clear(&host);
}
END_TEST

/* Which of four entries is the default one, by what stands above them; SAVED is the
 * content of the file beside the menu. */
static const struct choosing {
    const char *above, *saved;
    size_t entry;
    bool note;
} choosings[] = {
    {"", NULL, 0, false},
    {"default 2\n", NULL, 2, false},
    {"default=2\n", NULL, 2, false},
    {"default\t = 2 \n", NULL, 2, false},
    {"default 2\r\n", NULL, 2, false},
    {"default 0x2\n", NULL, 2, false},
    {"default 03\n", NULL, 3, false},
    {"default 1\ndefault 2\n", NULL, 2, false},
    {"default 2x\n", NULL, 2, false},
    {"default x\n", NULL, 0, false},
    {"default -1\n", NULL, 0, false},
    {"default\n", NULL, 0, false},
    {"#default 2\n", NULL, 0, false},
    {"default 4\n", NULL, 0, true},
    {"default 99999999999999999999\n", NULL, 0, true},
    {"default 4\nfallback 3\n", NULL, 3, true},
    {"fallback 9 8 2 3\ndefault 7\n", NULL, 2, true},
    {"fallback 9 x 2\ndefault 7\n", NULL, 0, true},
    {"fallback\t= 010 3\r\ndefault 7\n", NULL, 3, true},
    {"fallback 1\nfallback 9\ndefault 7\n", NULL, 0, true},
    {"fallback 3\n", NULL, 0, false},
    {"default saved\n", "2\n#\n#\n#\n#\n", 2, false},
    {"default saved\r\n", "2\n#\n#\n", 2, false},
    {"default=saved\n", "3", 3, false},
    {"default saved\n", NULL, 0, false},
    {"default saved\n", "", 0, false},
    {"default saved\n", "9\n", 0, true},
    {"default saved\n", "x\n", 0, false},
    {"default 1\n", "2\n", 1, false},
    {"default Saved\n", "2\n", 0, false},
    {"default saved \n", "2\n", 0, false}, /* it must match exactly */
    {"default savedx\n", "2\n", 0, false},
    {"default 1\ndefault saved\n", "2\n", 2, false},
};

START_TEST(knows_the_default)
{
    const struct choosing *t = &choosings[_i];
    AUTO_FREE char *menu = text_format(
        "%stitle a\nboot\ntitle none\ntitle b\nkernel /vmlinuz\ntitle c\nboot\ntitle d\n"
        "kernel /vmlinuz\n",
        t->above);
    struct host host;

    put(GRUB_CONF, menu);
    if (t->saved)
        put("/boot/grub/default", t->saved);
    scan(&host);
    ck_assert_uint_eq(host.entries, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_msg(host.entry[i]->is_default == (i == t->entry), "%s: %zu", t->above,
                      i);
    ck_assert_uint_eq(host.notes, t->note ? 1 : 0);
    host_clear(&host);
}
END_TEST

#define BEGIN "### BEGIN AUTOMAGIC KERNELS LIST\n"
#define START "## ## Start Default Options ##\n"
#define STOP "## ## End Default Options ##\n"
#define END "### END DEBIAN AUTOMAGIC KERNELS LIST\n"

/* Debian's live comments: only between the markers, and only as update-grub reads them.
 */
static const struct reading debian[] = {
    {"kopt and defoptions",
     BEGIN START "## kopt=x\n# kopt=root=/dev/sda1 ro\n# defoptions=quiet\n" STOP
                 "title a\nkernel /vmlinuz root=/dev/sda1 ro quiet\n" END
                 "title b\nkernel /vmlinuz ro\n",
     "0 linux 8 *g a > /vmlinuz > root=/dev/sda1 ro quiet\n"
     "1 linux 11  b > /vmlinuz > ro\n"
     "2 template 4 rg # kopt >  >root=/dev/sda1 ro\n"
     "2 template 4 g # kopt and # defoptions >  >root=/dev/sda1 ro|quiet\n"},
    {"outside the markers they mean nothing",
     "# kopt=a\n" START "# kopt=b\n" STOP BEGIN "# kopt=c\n" START "# kopt=d\n" STOP
     "# kopt=e\n" END "# kopt=f\n" START "# kopt=g\n",
     "0 template 8 rg # kopt >  >d\n"},
    {"several of one name, by version, empty, for Xen",
     BEGIN START "# kopt=\n# kopt=a\n# kopt_2_6=b\n# xenhopt=\n# xenkopt=c\n" STOP END,
     "0 template 4 rg # kopt >  >a\n0 template 5 rg # kopt_2_6 >  >b\n"
     "0 template 6 g # xenhopt >  >\n"},
    {"spelled otherwise they are not read, a note",
     BEGIN START
     "#kopt=a\n #  kopt=b\n#  kopt=c\n# kopt =d\n# Kopt=e\n# koptx=f\n" STOP END,
     ""},
    {"no kopt: a note", BEGIN START "# defoptions=a\n" STOP END, ""},
    {"with a CR the markers are others",
     "### BEGIN AUTOMAGIC KERNELS LIST\r\n" START "# kopt=a\n" STOP END, ""},
};

START_TEST(reads_debians)
{
    const struct reading *t = &debian[_i];
    AUTO_FREE char *text = NULL;
    struct host host;

    put(MENU_LST, t->menu);
    scan(&host);
    text = entries_text(&host);
    ck_assert_msg(streq(text, t->entries), "%s:\n%s-- instead of\n%s", t->what, text,
                  t->entries);
    ck_assert_uint_eq(host.notes, strstr(t->what, "a note") ? 1 : 0);
    host_clear(&host);
}
END_TEST

/* Files and links ("@" before the target) of a host, and its stores: "PATH STATE
 * NAME...". */
static const struct finding {
    const char *what;
    struct {
        const char *path, *text;
    } file[5];
    const char *stores;
} findings[] = {
    {"none", {{"/boot/grub/stage2", ""}}, ""},
    {"Red Hat's",
     {{GRUB_CONF, "title a\n"},
      {MENU_LST, "@./grub.conf"},
      {"/etc/grub.conf", "@../boot/grub/grub.conf"}},
     GRUB_CONF " live " MENU_LST " /etc/grub.conf\n"},
    {"Debian's", {{MENU_LST, ""}}, MENU_LST " live\n"},
    {"menu.lst is the file, grub.conf the link",
     {{MENU_LST, "title a\n"}, {GRUB_CONF, "@menu.lst"}},
     MENU_LST " live " GRUB_CONF "\n"},
    {"a chain of links to elsewhere",
     {{"/boot/menu", "title a\n"},
      {GRUB_CONF, "@/boot/grub/menu.lst"},
      {MENU_LST, "@../menu"}},
     "/boot/menu live " GRUB_CONF " " MENU_LST "\n"},
    {"EFI, with the menu.lst link that vfat cannot hold missing",
     {{"/boot/efi/EFI/redhat/grub.conf", "title a\n"},
      {"/etc/grub.conf", "@../boot/efi/EFI/redhat/grub.conf"},
      {"/boot/efi/EFI/.hidden/grub.conf", "title b\n"},
      {"/boot/efi/EFI/BOOT/x", ""}},
     "/boot/efi/EFI/redhat/grub.conf live /etc/grub.conf\n"},
    {"two menus that are two files",
     {{GRUB_CONF, "title a\n"}, {MENU_LST, "title a\n"}},
     GRUB_CONF " unknown\n" MENU_LST " unknown\n"},
    {"two systems on one ESP",
     {{"/boot/efi/EFI/centos/grub.conf", ""}, {"/boot/efi/EFI/redhat/grub.conf", ""}},
     "/boot/efi/EFI/centos/grub.conf unknown\n/boot/efi/EFI/redhat/grub.conf unknown\n"},
    {"a copy where a link should be",
     {{GRUB_CONF, "title a\n"}, {"/etc/grub.conf", "default 0\n\ntitle a\n"}},
     GRUB_CONF " live\n/etc/grub.conf stale\n"},
    {"the copy is all there is",
     {{"/etc/grub.conf", "title a\n"}},
     "/etc/grub.conf unknown\n"},
    {"its titles are indented",
     {{"/etc/grub.conf", "default 0\n\ttitle a\n"}},
     "/etc/grub.conf unknown\n"},
    {"SUSE's install script",
     {{MENU_LST, "title a\n"},
      {"/etc/grub.conf",
       "root (hd0,1)\ninstall --stage2=/boot/grub/stage2 (hd0)\nquit\n"}},
     MENU_LST " live\n"},
    {"nothing but SUSE's install script",
     {{"/etc/grub.conf", "setup --prefix=/boot/grub (hd0,1) (hd0,1)\nquit\n"}},
     ""},
    {"a stale link in /etc",
     {{GRUB_CONF, ""}, {"/etc/grub.conf", "@/none"}},
     GRUB_CONF " live\n"},
};

static void lay(const char *path, const char *text)
{
    put(path, text);
    if (text[0] != '@')
        return;
    ck_assert_int_eq(unlink(at(path)), 0);
    ck_assert_int_eq(symlink(text + 1, at(path)), 0);
}

START_TEST(finds)
{
    static const char *const states[] = {
        [STORE_LIVE] = "live", [STORE_UNKNOWN] = "unknown", [STORE_STALE] = "stale"};
    const struct finding *t = &findings[_i];
    AUTO_BUF b = BUF_INIT;
    struct host host;

    for (size_t i = 0; i < ARRAY_LEN(t->file) && t->file[i].path; i++)
        lay(t->file[i].path, t->file[i].text);
    scan(&host);
    for (size_t i = 0; i < host.stores; i++) {
        const struct store *s = host.store[i];

        buf_format(&b, "%s %s", s->path, states[s->state]);
        for (size_t n = 0; s->names && s->names[n]; n++)
            buf_format(&b, " %s", s->names[n]);
        buf_add_char(&b, '\n');
        ck_assert_str_ne(s->evidence, "");
    }
    ck_assert_msg(streq(buf_text(&b), t->stores), "%s:\n%s-- instead of\n%s", t->what,
                  buf_text(&b), t->stores);
    host_clear(&host);
}
END_TEST

/* What cannot be read as a menu: file, line, and words. */
static const struct refusal {
    const char *path, *text;
    unsigned line;
    const char *says;
} refusals[] = {
    {GRUB_CONF, "title a\nkernel\\\n /vmlinuz ro\n", 2, "\"kernel\" is broken"},
    {GRUB_CONF, "title a\nboot\n\nker\rnel /vmlinuz\n", 4, "\"kernel\" is broken"},
    {GRUB_CONF, "# c \\\n\nti\rtle a\r\n", 3, "\"title\" is broken"},
    {GRUB_CONF, "title\\\n a\n", 1, "\"title\" is broken"},
    {GRUB_CONF, "title a\n\\\n kernel /vmlinuz\n", 2, "\"kernel\" is broken"},
    {GRUB_CONF, "title a\nkernel\r\\\n/vmlinuz\n", 2, "\"kernel\" is broken"},
    {GRUB_CONF, "title a\nkernel /vmlinuz ro\\", 2, "very end"},
    {MENU_LST, BEGIN START "# kopt=ro \\\n# kopt=x\n", 3, "swallow"},
    {MENU_LST, BEGIN START "# kopt=ro\n# defoptions=a\\\\\nx\n", 4, "swallow"},
    {GRUB_CONF, "@grub.conf", 0, "circle"},
    {GRUB_CONF, "@none", 0, "leads to no file"},
    {MENU_LST, "@/none/none", 0, "leads to no file"},
    {"/etc/grub.conf", "@/none", 0, "leads to no file"},
    {"/boot/efi/EFI/redhat/grub.conf", "@none", 0, "leads to no file"},
};

START_TEST(refuses)
{
    const struct refusal *t = &refusals[_i];
    struct error err;
    struct host host;

    lay(t->path, t->text);
    ck_assert_msg(host_scan(root, NULL, &host, &err) < 0, "%s", t->text);
    ck_assert_int_eq(err.exit, EXIT_CLASS_DATA);
    ck_assert_str_eq(err.file, t->path);
    ck_assert_msg(err.line == t->line && strstr(err.text, t->says), "%u: %s", err.line,
                  err.text);
    ck_assert_uint_eq(host.stores, 0);
}
END_TEST

/* Sizes and bytes: N of BYTE behind what stands before them. */
static const struct size {
    const char *before;
    char byte;
    size_t n;
    const char *after;
    unsigned line; /* 0: it is read */
    const char *says;
} sizes[] = {
    {"title a\n", '\0', 1, "\n", 2, "NUL"},
    {"", '\0', 1, "", 1, "NUL"},
    {"title a\n\n", '\0', 1, "", 3, "NUL"},
    {"title a\n", 'x', 65536, "\n", 0, NULL},
    {"title a\n", 'x', 65537, "\n", 2, "65537 bytes"},
    {"title a\n# ", 'x', 70000, "", 2, "70002 bytes"},
    {"title a\n", '\n', 2000, "title b\n", 0, NULL},
};

START_TEST(minds_sizes)
{
    const struct size *t = &sizes[_i];
    AUTO_FREE char *filling = malloc(t->n);
    FILE *out;
    struct error err;
    struct host host;
    int r;

    put(GRUB_CONF, "");
    memset(filling, t->byte, t->n);
    out = fopen(at(GRUB_CONF), "wb");
    fputs(t->before, out);
    ck_assert_uint_eq(fwrite(filling, 1, t->n, out), t->n);
    fputs(t->after, out);
    fclose(out);
    r = host_scan(root, NULL, &host, &err);
    if (t->line) {
        ck_assert_int_eq(err.exit, EXIT_CLASS_DATA);
        ck_assert_uint_eq(err.line, t->line);
        ck_assert_msg(strstr(err.text, t->says), "%s", err.text);
        return;
    }
    ck_assert_int_eq(r, 0);
    host_clear(&host);
}
END_TEST

/* The overlay's text stands for the disk's. */
static int from_overlay(const void *context, const char *path, struct blob *text,
                        struct error *err)
{
    (void)err;
    if (!streq(path, MENU_LST))
        return -ENOENT;
    return blob_copy(text, context, strlen(context));
}

START_TEST(reads_through_an_overlay)
{
    static const char *const menus[] = {"title a\nkernel /vmlinuz old\n",
                                        "title b\nkernel /vmlinuz new\n"};
    const struct overlay overlay = {from_overlay, menus[0]};
    struct error err;
    struct host host;

    put(MENU_LST, menus[1]);
    put("/etc/grub.conf", menus[1]);
    ck_assert_int_eq(host_scan(root, &overlay, &host, &err), 0);
    ck_assert_str_eq(host.store[0]->text.data, menus[0]);
    ck_assert_str_eq(host.store[1]->text.data, menus[1]);
    ck_assert_str_eq(host.entry[0]->title, "a");
    host_clear(&host);
}
END_TEST

/* Loaders that are there and are not edited are named. */
static const struct loader {
    const char *path, *loader;
} loaders[] = {
    {"/etc/lilo.conf", "LILO"},
    {"/boot/grub/stage2", NULL},
};

START_TEST(names_loaders_it_cannot_edit)
{
    const struct loader *t = &loaders[_i];
    struct host host;

    put(t->path, "");
    scan(&host);
    ck_assert_uint_eq(host.stores, 0);
    if (t->loader)
        ck_assert(host.unhandled && strstr(host.unhandled, t->loader));
    else
        ck_assert_ptr_null(host.unhandled);
    host_clear(&host);
}
END_TEST

START_TEST(knows_the_loaders_limit)
{
    struct host host;

    put(GRUB_CONF, "title a\nkernel /vmlinuz\n");
    scan(&host);
    ck_assert_uint_eq(host.store[0]->limit, 255);
    ck_assert_uint_eq(host.store[0]->line_limit, 1500);
    host_clear(&host);
    put("/etc/redhat-release", "x\n");
    scan(&host);
    ck_assert_uint_eq(host.store[0]->limit, 2047);
    host_clear(&host);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("legacy_menu");

    tcase_add_checked_fixture(t, scratch_setup, scratch_teardown);
    tcase_add_loop_test(t, reads, 0, ARRAY_LEN(readings));
    tcase_add_loop_test(t, knows_the_default, 0, ARRAY_LEN(choosings));
    tcase_add_loop_test(t, reads_debians, 0, ARRAY_LEN(debian));
    tcase_add_loop_test(t, finds, 0, ARRAY_LEN(findings));
    tcase_add_loop_test(t, refuses, 0, ARRAY_LEN(refusals));
    tcase_add_loop_test(t, minds_sizes, 0, ARRAY_LEN(sizes));
    tcase_add_test(t, reads_through_an_overlay);
    tcase_add_loop_test(t, names_loaders_it_cannot_edit, 0, ARRAY_LEN(loaders));
    tcase_add_test(t, knows_the_loaders_limit);
    return run_suite("legacy_menu", (TCase *const[]){t, NULL});
}
