/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a captured file keeps: the lines that are read, less what tells whose machine it
 * is. Names that have to stay the same in several files get aliases.
 */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>

#include "capture_parts.h"

void aliases_clear(struct aliases *a)
{
    for (size_t i = 0; i < a->count; i++)
        free(a->name[i]);
    free(a->name);
    *a = (struct aliases){0};
}

/* NAME's number, from 1; 0 when memory is out. */
static size_t alias_of(struct aliases *a, const char *name, size_t len)
{
    for (size_t i = 0; i < a->count; i++)
        if (strlen(a->name[i]) == len && memcmp(a->name[i], name, len) == 0)
            return i + 1;
    if (array_grow(&a->name, a->count, sizeof(*a->name)) < 0)
        return 0;
    a->name[a->count] = strndup(name, len);
    return a->name[a->count] ? ++a->count : 0;
}

static void add_alias(struct buf *out, struct aliases *a, const char *name, size_t len)
{
    size_t n = alias_of(a, name, len);

    if (n)
        buf_format(out, "volume%zu", n);
    else
        out->failed = true;
}

/* Does LINE begin with one of the words of ONLY, "a|b"? */
static bool begins_so(const char *line, const char *only)
{
    for (;;) {
        size_t n = strcspn(only, "|");

        if (strncmp(line, only, n) == 0)
            return true;
        if (!only[n])
            return false;
        only += n + 1;
    }
}

/* --- a line: what is added to OUT for it, with its newline; or nothing */

/* The first processor speaks for all. */
static void cut_cpuinfo(struct buf *out, struct aliases *a, const char *line, size_t len)
{
    size_t name = strcspn(line, "\t :");

    (void)a;
    for (const char *p = buf_text(out); *p; p = strchr(p, '\n') + 1)
        if (strncmp(p, line, name) == 0)
            return;
    buf_add(out, line, len);
}

/* The controllers of remapped interrupts; not how often each came, nor whose it is. */
static void cut_interrupts(struct buf *out, struct aliases *a, const char *line,
                           size_t len)
{
    static const char *const words[] = {" IR-IO-APIC", " IR-PCI-MSI"};

    (void)a;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (memmem(line, len, words[i], strlen(words[i])) &&
            !strstr(buf_text(out), words[i]))
            buf_format(out, " 0: 0%s\n", words[i]);
}

/* A device's name where a mount or an argument has it: logical volumes and arrays bear
   the names of their machines. */
static void add_device(struct buf *out, struct aliases *a, const char *name, size_t len)
{
    /* the kernel's own directories */
    static const char *const plain[] = {"/dev/cciss/", "/dev/disk/by-uuid/", "/dev/ida/",
                                        "/dev/rd/"};
    static const char mapper[] = "/dev/mapper/";
    size_t n = sizeof(mapper) - 1;
    bool keep = len <= 5 || !memchr(name + 5, '/', len - 5);

    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        keep |= len > strlen(plain[i]) && starts_with(name, plain[i]);
    if (len > n && strncmp(name, mapper, n) == 0) {
        buf_add(out, mapper, n);
        add_alias(out, a, name + n, len - n);
    } else if (keep) {
        buf_add(out, name, len);
    } else {
        buf_add_text(out, "/dev/");
        add_alias(out, a, name + 5, len - 5);
    }
}

/* What is mounted: devices, several of them for bcachefs; servers, data sets and whatever
   programs think of are left out. */
static void add_source(struct buf *out, struct aliases *a, const char *name, size_t len)
{
    if (len <= 5 || strncmp(name, "/dev/", 5) != 0) {
        buf_add_text(out, "none");
        return;
    }
    while (len) {
        const char *colon = memchr(name, ':', len);
        size_t n =
            colon && strncmp(colon, ":/dev/", 6) == 0 ? (size_t)(colon - name) : len;

        add_device(out, a, name, n);
        if (n < len)
            buf_add_char(out, ':');
        n += n < len;
        name += n;
        len -= n;
    }
}

/* Where something is mounted: what people named is left out. */
static void add_place(struct buf *out, const char *path, size_t len)
{
    static const char *const theirs[] = {"/home/",      "/media/",    "/mnt/", "/net/",
                                         "/run/media/", "/run/user/", "/srv/"};

    for (size_t i = 0; i < ARRAY_LEN(theirs); i++)
        if (len > strlen(theirs[i]) && starts_with(path, theirs[i])) {
            buf_format(out, "%s...", theirs[i]);
            return;
        }
    buf_add(out, path, len);
}

/* The FIELD-th word of a line, from 0; its length in *LEN, 0 if there is none. */
static const char *word_at(const char *line, size_t field, size_t *len)
{
    for (;; field--) {
        line += strspn(line, " \t");
        *len = strcspn(line, " \t\n");
        if (!field || !*len)
            return line;
        line += *len;
    }
}

/* SOURCE PLACE TYPE OPTIONS 0 0. Of the options none is read, and "addr=" tells much. */
static void cut_mounts(struct buf *out, struct aliases *a, const char *line, size_t len)
{
    size_t source_len, place_len, type_len;
    const char *source = word_at(line, 0, &source_len);
    const char *place = word_at(line, 1, &place_len);
    const char *type = word_at(line, 2, &type_len);

    (void)len;
    if (!type_len)
        return;
    add_source(out, a, source, source_len);
    buf_add_char(out, ' ');
    add_place(out, place, place_len);
    buf_format(out, " %.*s rw 0 0\n", (int)type_len, type);
}

/* ID PARENT MAJOR:MINOR ROOT PLACE OPTIONS... - TYPE SOURCE OPTIONS */
static void cut_mountinfo(struct buf *out, struct aliases *a, const char *line,
                          size_t len)
{
    const char *dash = memmem(line, len, " - ", 3), *place, *source, *type;
    size_t place_len, source_len, type_len;

    place = word_at(line, 4, &place_len);
    if (!dash || !place_len || place > dash)
        return;
    type = word_at(dash, 1, &type_len);
    source = word_at(dash, 2, &source_len);
    buf_add(out, line, (size_t)(word_at(line, 3, &len) - line));
    buf_add_text(out, "/ ");
    add_place(out, place, place_len);
    buf_format(out, " rw - %.*s ", (int)type_len, type);
    add_source(out, a, source, source_len);
    buf_add_text(out, " rw\n");
}

/* NAME TYPE SIZE USED PRIORITY; a file's name is not asked for. */
static void cut_swaps(struct buf *out, struct aliases *a, const char *line, size_t len)
{
    size_t n;
    const char *name = word_at(line, 0, &n);

    if (starts_with(name, "/dev/"))
        add_device(out, a, name, n);
    else
        add_place(out, name, n);
    buf_add(out, name + n, len - (size_t)(name + n - line));
}

/* Hexadecimal words of LENGTH digits are addresses: one that is none of anybody's
   (documentation) in their place, nothing but zeroes as it stands, fe80 known as such. */
static void cut_addresses(struct buf *out, const char *line, size_t len, size_t length,
                          const char *instead)
{
    while (len) {
        size_t n = strspn(line, "0123456789abcdefABCDEF");
        bool none = strspn(line, "0") >= n, mine = n == length && !none;

        if (n > len)
            n = len;
        if (!n)
            n = 1;
        if (mine && length == 32 && strncmp(line, "fe80", 4) == 0)
            buf_add_text(out, "fe800000000000000000000000000001");
        else if (mine && !(line[0] == 'f' && line[1] == 'f'))
            buf_add_text(out, instead);
        else
            buf_add(out, line, n);
        line += n;
        len -= n;
    }
}

static void cut_ipv6(struct buf *out, struct aliases *a, const char *line, size_t len)
{
    (void)a;
    cut_addresses(out, line, len, 32, "20010db8000000000000000000000001");
}

/* IFACE DESTINATION GATEWAY FLAGS REFCNT USE METRIC MASK MTU WINDOW IRTT; the mask stays.
 */
static void cut_route(struct buf *out, struct aliases *a, const char *line, size_t len)
{
    size_t name_len, mask_len, n;
    const char *name = word_at(line, 0, &name_len);
    const char *flags = word_at(line, 3, &n);

    (void)a;
    word_at(line, 7, &mask_len);
    if (!mask_len || starts_with(name, "Iface")) {
        buf_add(out, line, len);
        return;
    }
    buf_add(out, line, (size_t)(name + name_len - line));
    cut_addresses(out, name + name_len, (size_t)(flags - name) - name_len, 8, "000200C0");
    buf_add(out, flags, len - (size_t)(flags - line));
}

/* The name of a mapped device. */
static void cut_volume(struct buf *out, struct aliases *a, const char *line, size_t len)
{
    size_t n = strcspn(line, "\n");

    if (n)
        add_alias(out, a, line, n);
    buf_add(out, line + n, len - n);
}

/* Arguments whose values are read, or tell nothing of a machine's owner. */
static const char *const open_arguments[] = {
    "BOOT_IMAGE",
    "amd_iommu",
    "amd_iommu_intr",
    "console",
    "efi",
    "hugepages",
    "hugepagesz",
    "init",
    "intel_iommu",
    "intremap",
    "iommu",
    "iommu.passthrough",
    "iommu.strict",
    "isolcpus",
    "kvm.ignore_msrs",
    "kvm_amd.nested",
    "kvm_intel.nested",
    "loglevel",
    "module_blacklist",
    "modprobe.blacklist",
    "panic",
    "pci",
    "pci-stub.ids",
    "pcie_acs_override",
    "pcie_aspm",
    "pcie_ports",
    "rd.driver.pre",
    "rootfstype",
    "rootflags",
    "selinux",
    "swiotlb",
    "vfio-pci.ids",
    "vfio_iommu_type1.allow_unsafe_interrupts",
    "xen-pciback.hide",
};

static bool is_open(const char *word, size_t name_len)
{
    for (size_t i = 0; i < ARRAY_LEN(open_arguments); i++)
        if (strlen(open_arguments[i]) == name_len &&
            strncmp(word, open_arguments[i], name_len) == 0)
            return true;
    return false;
}

/* One argument; quotes and what is inside them belong to it. */
static size_t argument_length(const char *p)
{
    bool quoted = false;
    size_t n = 0;

    for (; p[n] && p[n] != '\n' && (quoted || (p[n] != ' ' && p[n] != '\t')); n++)
        quoted ^= p[n] == '"';
    return n;
}

static void cut_cmdline(struct buf *out, struct aliases *a, const char *line, size_t len)
{
    const char *end = line + len;
    bool ours = false; /* behind "--": for the first process */

    while (line < end) {
        size_t n = argument_length(line), name = strcspn(line, "=\" \t\n");

        if (!n) {
            buf_add_char(out, *line++);
            continue;
        }
        ours |= n == 2 && starts_with(line, "--");
        if (name >= n && !ours && *line != '"')
            buf_add(out, line, n);
        else if (name < n && is_open(line, name))
            buf_add(out, line, n);
        else if (ours && n == 2)
            buf_add(out, line, n);
        else if (name == 4 && starts_with(line, "root=") &&
                 (starts_with(line, "root=/dev/") || starts_with(line, "root=UUID="))) {
            buf_add_text(out, "root=");
            add_device(out, a, line + 5, n - 5);
        } else if (name && name < n && line[name] == '=' && !ours)
            buf_format(out, "%.*s=...", (int)name, line);
        else
            buf_add_text(out, "...");
        line += n;
    }
}

/* What a loop device stands on, if it is a disk. */
static void cut_loop(struct buf *out, struct aliases *a, const char *line, size_t len)
{
    size_t n = strcspn(line, "\n");

    add_source(out, a, line, n);
    buf_add(out, line + n, len - n);
}

/* The modules that are asked for; who has made others is nobody's business. */
static void cut_modules(struct buf *out, struct aliases *a, const char *line, size_t len)
{
    static const char *const names[] = {"/vfio-pci.ko", "/pci-stub.ko", "/kvm-intel.ko",
                                        "/kvm-amd.ko"};
    size_t path = strcspn(line, ":\n");

    (void)a;
    (void)len;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (memmem(line, path, names[i], strlen(names[i]))) {
            buf_add(out, line, path);
            buf_add_text(out, ":\n");
        }
}

static const struct {
    const char *path;
    void (*line)(struct buf *, struct aliases *, const char *, size_t);
} cuts[] = {
    {"proc/cpuinfo", cut_cpuinfo},
    {"proc/interrupts", cut_interrupts},
    {"proc/cmdline", cut_cmdline},
    {"proc/mounts", cut_mounts},
    {"proc/*/mountinfo", cut_mountinfo},
    {"proc/swaps", cut_swaps},
    {"proc/net/route", cut_route},
    {"proc/net/ipv6_route", cut_ipv6},
    {"lib/modules/*/modules.*", cut_modules},
    {"proc/net/if_inet6", cut_ipv6},
    {"sys/class/block/*/dm/name", cut_volume},
    {"sys/class/block/*/loop/backing_file", cut_loop},
};

/* The first process's environment: its one variable that is read, as it stands there. */
static int cut_environ(struct blob *text)
{
    static const char word[] = "container=";
    AUTO_BLOB kept = {NULL, 0};
    size_t n;

    for (const char *p = text->data; p < text->data + text->len; p += n + 1) {
        n = strlen(p);
        if (!starts_with(p, word))
            continue;
        if (blob_copy(&kept, p, n + 1) < 0)
            return -ENOMEM;
        break;
    }
    if (blob_absent(&kept) && blob_copy(&kept, "", 0) < 0)
        return -ENOMEM;
    blob_clear(text);
    *text = kept;
    kept = (struct blob){NULL, 0};
    return 0;
}

/* Entries are named after the machine's id, 32 hexadecimal digits, here in UTF-16. What
   is put there matches any, as their names are patterns. */
static void cut_machine_id(struct blob *text)
{
    enum { DIGITS = 32 };
    size_t run = 0;

    for (size_t i = 4; i + 1 < text->len; i += 2) {
        char c = text->data[i];

        run =
            !text->data[i + 1] && c && strchr("0123456789abcdefABCDEF", c) ? run + 1 : 0;
        if (run < DIGITS)
            continue;
        for (size_t k = 0; k < DIGITS; k++)
            text->data[i - 2 * k] = '?';
        run = 0;
    }
}

int capture_cut(const struct fact *fact, const char *path, struct aliases *a,
                struct blob *text)
{
    void (*cut)(struct buf *, struct aliases *, const char *, size_t) = NULL;
    AUTO_BUF out = BUF_INIT;
    size_t n;

    if (streq(path, "proc/1/environ"))
        return cut_environ(text);
    if (starts_with(path, "sys/firmware/efi/efivars/")) {
        cut_machine_id(text);
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(cuts); i++)
        if (fnmatch(cuts[i].path, path, FNM_PATHNAME) == 0)
            cut = cuts[i].line;
    if (!cut && !fact->only)
        return 0;
    buf_add_text(&out, "");
    for (const char *line = text->data; *line; line += n) {
        n = strcspn(line, "\n");
        n += line[n] == '\n';
        if (fact->only && !begins_so(line, fact->only))
            continue;
        if (cut)
            cut(&out, a, line, n);
        else
            buf_add(&out, line, n);
    }
    n = out.len;
    blob_clear(text);
    text->data = buf_take(&out);
    text->len = text->data ? n : 0;
    return text->data ? 0 : -ENOMEM;
}

int capture_hide(struct aliases *cards, char *text, size_t len)
{
    static const char *const kinds[] = {"en", "wl", "ww"};
    enum { HEAD = 3, DIGITS = 12 };

    for (char *p = text; p && len >= HEAD + DIGITS; p++, len--) {
        bool named = false;
        char number[DIGITS + 1];
        size_t n;

        for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
            named |= p[0] == kinds[i][0] && p[1] == kinds[i][1] && p[2] == 'x';
        if (!named || strspn(p + HEAD, "0123456789abcdef") != DIGITS)
            continue;
        n = alias_of(cards, p + HEAD, DIGITS);
        if (!n)
            return -ENOMEM;
        snprintf(number, sizeof(number), "02%010llu",
                 (unsigned long long)n % 10000000000u);
        memcpy(p + HEAD, number, DIGITS);
    }
    return 0;
}
