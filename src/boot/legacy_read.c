/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/legacy_read.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#define DEFAULT_FILE_MAX 65536
#define FALLBACKS 8 /* stage2/shared.h: MAX_FALLBACK_ENTRIES */

#define AUTOMAGIC_BEGIN "### BEGIN AUTOMAGIC KERNELS LIST"
#define AUTOMAGIC_END "### END DEBIAN AUTOMAGIC KERNELS LIST"
#define OPTIONS_BEGIN "## ## Start Default Options ##"
#define OPTIONS_END "## ## End Default Options ##"

/* The commands that make a title an entry (stage2/builtins.c, with Debian's and SUSE's).
 */
static const char *const commands[] = {
    "background",   "blocklist",   "boot",     "bootp",         "cat",
    "chainloader",  "clear",       "cmp",      "color",         "configfile",
    "debug",        "default",     "device",   "dhcp",          "displayapm",
    "displaymem",   "embed",       "fallback", "find",          "foreground",
    "fstest",       "geometry",    "gfxmenu",  "halt",          "help",
    "hiddenmenu",   "hide",        "ifconfig", "impsprobe",     "initrd",
    "install",      "ioprobe",     "kernel",   "lock",          "makeactive",
    "map",          "md5crypt",    "module",   "modulenounzip", "pager",
    "partnew",      "parttype",    "password", "pause",         "quiet",
    "quit",         "rarp",        "read",     "reboot",        "root",
    "rootnoverify", "savedefault", "serial",   "setkey",        "setup",
    "shade",        "splashimage", "terminal", "terminfo",      "testload",
    "testvbe",      "tftpserver",  "timeout",  "unhide",        "uppermem",
    "uuid",         "vbeprobe",    "viewport",
};

/* A live comment of Debian's: "# kopt=root=/dev/sda1 ro". */
struct live_comment {
    char *name;
    struct slot *slot;
};

enum region { REGION_NONE, REGION_AUTOMAGIC, REGION_OPTIONS };

struct reader {
    struct host *host;
    struct store *store;
    struct tree *tree;
    struct error *err;

    char *title; /* the stanza being read; NULL before the first */
    unsigned title_line;
    bool counted;       /* it holds a command: the loader counts it as an entry */
    size_t first_entry; /* where its entries begin in the host */
    size_t position;    /* what the loader calls it */

    unsigned long default_entry;
    bool default_saved;
    unsigned long fallback[FALLBACKS];
    size_t fallbacks;

    enum region region;
    bool automagic_seen;
    struct live_comment *comment;
    size_t comments;
};

/* Length of a logical line: a backslash before the newline continues it, CRs not counted.
 */
static size_t logical_line(const char *text, size_t left)
{
    size_t at = 0, end;

    for (;;) {
        const char *newline = memchr(text + at, '\n', left - at);

        if (!newline)
            return left + 1;
        end = (size_t)(newline - text);
        for (at = end; at && text[at - 1] == '\r';)
            at--;
        if (!at || text[at - 1] != '\\')
            return end + 1;
        at = end + 1;
    }
}

static const struct tree_format format = {"Iommuctl_Menu.lns", logical_line};

/* As the loader reads it: CRs dropped, a continuation and a tab become a blank. */
static char *as_read(const char *raw)
{
    char *text = strdup(raw), *to = text;

    if (!text)
        return NULL;
    for (const char *p = raw; *p; p++) {
        size_t crs = *p == '\\' ? strspn(p + 1, "\r") : 0;

        if (*p == '\\' && p[1 + crs] == '\n') {
            *to++ = ' ';
            p += 1 + crs;
        } else if (*p != '\r') {
            *to++ = *p == '\t' ? ' ' : *p;
        }
    }
    *to = '\0';
    return text;
}

static bool is_command(const char *word, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strlen(commands[i]) == len && memcmp(commands[i], word, len) == 0)
            return true;
    return false;
}

static int add_slot(struct reader *r, enum slot_kind kind, size_t node, size_t offset,
                    bool joined, struct slot **slot)
{
    const struct tree_node *n = tree_at(r->tree, node);

    if (host_add_slot(r->host, slot, r->err) < 0)
        return -ENOMEM;
    (*slot)->store = r->store;
    (*slot)->line = n->line;
    (*slot)->kind = kind;
    (*slot)->dialect = KARGS_LEGACY;
    (*slot)->joined = joined;
    (*slot)->node = node;
    (*slot)->offset = offset;
    (*slot)->lead = strlen(n->label) + 1 + offset;
    (*slot)->text = strdup(n->value + offset);
    return (*slot)->text ? 0 : error_memory(r->err);
}

static int add_entry(struct reader *r, enum entry_kind kind, unsigned line,
                     const char *title, const char *kernel, struct entry **entry)
{
    if (host_add_entry(r->host, entry, r->err) < 0)
        return -ENOMEM;
    (*entry)->store = r->store;
    (*entry)->kind = kind;
    (*entry)->line = line;
    (*entry)->position = r->position;
    (*entry)->title = as_read(title);
    (*entry)->kernel = strdup(kernel);
    return (*entry)->title && (*entry)->kernel ? 0 : error_memory(r->err);
}

static bool looks_like_recovery(const char *title)
{
    static const char *const words[] = {"(recovery mode)", "(single-user", "Failsafe",
                                        "failsafe", "(rescue"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strstr(title, words[i]))
            return true;
    return false;
}

/* Without a newline behind it, a backslash is no continuation but part of the argument.
 */
static int check_end(const struct reader *r, size_t node)
{
    const struct blob *text = &r->store->text;

    if (node + 1 < tree_count(r->tree) || !text->len || text->data[text->len - 1] != '\\')
        return 0;
    return error_set(
        r->err, EXIT_CLASS_DATA, r->store->path, tree_at(r->tree, node)->line,
        "ends in a backslash at the very end of the file; remove it, or put a "
        "newline behind it");
}

/* The pieces of "kernel [--type=TYPE] [--no-mem-option] IMAGE ARGUMENTS". The loader
   parts them at blanks; to quotes it pays no heed. */
struct kernel_line {
    char *image;   /* as it stands; NULL if there is none */
    char *type;    /* the last one; NULL: none was named */
    size_t offset; /* where ARGUMENTS begin in the node's value */
};

static void kernel_line_clear(struct kernel_line *line)
{
    free(line->image);
    free(line->type);
}

static int split_kernel_line(const char *value, struct kernel_line *line)
{
    static const char type[] = "--type=";
    size_t blank, len;

    *line = (struct kernel_line){.offset = 0};
    while ((len = kargs_loader_word(value + line->offset, KARGS_LEGACY, &blank))) {
        AUTO_FREE char *word = strndup(value + line->offset + blank, len);
        AUTO_FREE char *read = word ? as_read(word) : NULL;

        if (!read)
            return -ENOMEM;
        line->offset += blank + len;
        if (!starts_with(read, "--")) {
            line->image = word;
            word = NULL;
            return 0;
        }
        if (starts_with(read, type)) {
            free(line->type);
            line->type = strdup(read + strlen(type));
            if (!line->type)
                return -ENOMEM;
        }
    }
    return 0;
}

static enum kernel_guess guess_kernel(struct reader *r, const struct kernel_line *line,
                                      const char *value)
{
    enum kernel_guess guess =
        kernel_guess(r->host->root, line->image, value + line->offset);

    if (!line->type)
        return guess;
    if (streq(line->type, "linux") || streq(line->type, "biglinux"))
        return guess == KERNEL_OTHER ? KERNEL_OTHER : KERNEL_LINUX;
    return guess == KERNEL_XEN ? KERNEL_XEN : KERNEL_OTHER;
}

static int read_kernel(struct reader *r, size_t node)
{
    static const enum entry_kind kinds[] = {
        [KERNEL_LINUX] = ENTRY_LINUX,
        [KERNEL_XEN] = ENTRY_XEN,
        [KERNEL_OTHER] = ENTRY_OTHER,
        [KERNEL_UNKNOWN] = ENTRY_UNKNOWN,
    };
    const struct tree_node *n = tree_at(r->tree, node);
    CLEANUP(kernel_line_clear) struct kernel_line line;
    enum kernel_guess guess;
    struct entry *entry;
    struct slot *slot;

    if (split_kernel_line(n->value, &line) < 0)
        return error_memory(r->err);
    if (!line.image)
        return 0; /* a "kernel" without an image starts nothing */
    guess = guess_kernel(r, &line, n->value);
    if (add_entry(r, kinds[guess], n->line, r->title, line.image, &entry) < 0)
        return -ENOMEM;
    entry->recovery = looks_like_recovery(r->title);
    entry->generated = r->region == REGION_AUTOMAGIC;
    kernel_look(r->host->root, entry->kernel, &entry->image);
    if (guess == KERNEL_OTHER)
        return 0;
    if (check_end(r, node) < 0)
        return -EBADMSG;
    if (add_slot(r, guess == KERNEL_XEN ? SLOT_XEN : SLOT_LINUX, node, line.offset, true,
                 &slot) < 0)
        return -ENOMEM;
    return entry_add_slot(entry, slot, r->err);
}

/* Only a multiboot kernel takes modules: what was no Xen before one is no Linux either.
 */
static void read_module(struct reader *r)
{
    struct host *host = r->host;

    if (host->entries > r->first_entry &&
        host->entry[host->entries - 1]->kind == ENTRY_UNKNOWN)
        host->entry[host->entries - 1]->kind = ENTRY_OTHER;
}

static int read_initrd(struct reader *r, const char *value)
{
    struct host *host = r->host;
    struct entry *entry;
    size_t n = strcspn(value, " \t\r\n\\");

    if (host->entries == r->first_entry)
        return 0;
    entry = host->entry[host->entries - 1];
    free(entry->initrd);
    entry->initrd = strndup(value, n);
    return entry->initrd ? 0 : error_memory(r->err);
}

/* An entry that starts no kernel (a chain loader, another menu) is listed too. */
static int end_stanza(struct reader *r)
{
    struct entry *entry;

    if (r->title && r->counted && r->host->entries == r->first_entry &&
        add_entry(r, ENTRY_OTHER, r->title_line, r->title, "", &entry) < 0)
        return -ENOMEM;
    if (r->counted)
        r->position++;
    free(r->title);
    r->title = NULL;
    r->counted = false;
    r->first_entry = r->host->entries;
    return 0;
}

static int begin_stanza(struct reader *r, const struct tree_node *n)
{
    if (end_stanza(r) < 0)
        return -ENOMEM;
    r->title = as_read(n->value);
    r->title_line = n->line;
    return r->title ? 0 : error_memory(r->err);
}

/* A number as the loader reads one: decimal or 0x, no sign, up to what is no digit.
 * Returns what follows it, NULL if there is none. */
static const char *read_number(const char *text, unsigned long *number)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = text + (hex ? 2 : 0);
    char *end;

    if (!(hex ? isxdigit((unsigned char)*digits) : isdigit((unsigned char)*digits)))
        return NULL;
    *number = strtoul(digits, &end, hex ? 16 : 10);
    return end;
}

static void read_default(struct reader *r, const char *value)
{
    AUTO_FREE char *text = as_read(value);

    r->default_saved = text && streq(text, "saved");
    if (!text || !read_number(text, &r->default_entry))
        r->default_entry = 0;
}

static void read_fallback(struct reader *r, const char *value)
{
    AUTO_FREE char *text = as_read(value);
    const char *at = text;
    unsigned long number;

    r->fallbacks = 0;
    while (at && r->fallbacks < FALLBACKS && (at = read_number(at, &number))) {
        r->fallback[r->fallbacks++] = number;
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
}

static int read_command(struct reader *r, size_t node)
{
    const struct tree_node *n = tree_at(r->tree, node);

    if (streq(n->label, "title"))
        return begin_stanza(r, n);
    if (!is_command(n->label, strlen(n->label)))
        return 0;
    if (!r->title) {
        if (streq(n->label, "default"))
            read_default(r, n->value);
        else if (streq(n->label, "fallback"))
            read_fallback(r, n->value);
        return 0;
    }
    r->counted = true;
    if (streq(n->label, "kernel"))
        return read_kernel(r, node);
    if (streq(n->label, "module") || streq(n->label, "modulenounzip"))
        read_module(r);
    if (streq(n->label, "initrd"))
        return read_initrd(r, n->value);
    return 0;
}

/* A line that the lens gives whole, yet the loader would take for a command. */
static int read_other(struct reader *r, const struct tree_node *n)
{
    AUTO_FREE char *text = as_read(n->value);
    const char *word;
    size_t len;

    if (!text)
        return error_memory(r->err);
    word = text + strspn(text, " ");
    len = strcspn(word, " =");
    if (is_command(word, len) || (len == 5 && memcmp(word, "title", 5) == 0))
        return error_set(r->err, EXIT_CLASS_DATA, r->store->path, n->line,
                         "the command \"%.*s\" is broken by a carriage return or a "
                         "continuation; write it on one line",
                         (int)len, word);
    return 0;
}

/* "# NAME=VALUE" where update-grub reads it: exactly so, at the line's very beginning. */
static int read_live_comment(struct reader *r, size_t node)
{
    const struct tree_node *n = tree_at(r->tree, node);
    size_t len = strspn(n->value + 2, "abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    const char *name = n->value + 2;
    struct live_comment *comment;
    enum slot_kind kind;

    if (name[len] != '=' ||
        !(starts_with(name, "kopt=") || starts_with(name, "kopt_") ||
          starts_with(name, "defoptions=") || starts_with(name, "xenhopt=")))
        return 0;
    /* update-grub takes an empty one for none, and then gives root= by itself */
    if (starts_with(name, "kopt") && !name[len + 1 + strspn(name + len + 1, " \t\r")])
        return 0;
    if (strchr(name, '\n'))
        return error_set(
            r->err, EXIT_CLASS_DATA, r->store->path, n->line,
            "\"%.*s\" ends in a backslash, which makes GRUB swallow the next "
            "line; remove the backslash",
            (int)len, name);
    if (array_grow(&r->comment, r->comments, sizeof(*r->comment)) < 0)
        return error_memory(r->err);
    comment = &r->comment[r->comments];
    kind = starts_with(name, "xenhopt=") ? SLOT_XEN : SLOT_LINUX;
    if (add_slot(r, kind, node, 2 + len + 1, false, &comment->slot) < 0)
        return -ENOMEM;
    comment->name = strndup(name, len);
    if (!comment->name)
        return error_memory(r->err);
    r->comments++;
    return 0;
}

static int read_comment(struct reader *r, size_t node)
{
    const char *text = tree_at(r->tree, node)->value;

    if (streq(text, AUTOMAGIC_BEGIN)) {
        r->region = REGION_AUTOMAGIC;
        r->automagic_seen = true;
    } else if (streq(text, AUTOMAGIC_END)) {
        r->region = REGION_NONE;
    } else if (r->region == REGION_AUTOMAGIC && streq(text, OPTIONS_BEGIN)) {
        r->region = REGION_OPTIONS;
    } else if (r->region == REGION_OPTIONS && streq(text, OPTIONS_END)) {
        r->region = REGION_AUTOMAGIC;
    } else if (r->region == REGION_OPTIONS && starts_with(text, "# ")) {
        return read_live_comment(r, node);
    }
    return 0;
}

/* An entry for what update-grub makes from the comments called NAME and, if not NULL,
 * TAIL. */
static int add_template(struct reader *r, const char *name, const char *tail)
{
    const char *const parts[] = {name, tail};
    struct entry *entry;
    AUTO_FREE char *title =
        text_format("# %s%s%s", name, tail ? " and # " : "", tail ? tail : "");

    if (!title)
        return error_memory(r->err);
    if (add_entry(r, ENTRY_TEMPLATE, 0, title, "", &entry) < 0)
        return -ENOMEM;
    entry->generated = true;
    entry->recovery = !tail && !streq(name, "xenhopt");
    for (size_t p = 0; p < ARRAY_LEN(parts); p++)
        for (size_t i = 0; parts[p] && i < r->comments; i++)
            if (streq(r->comment[i].name, parts[p]) &&
                entry_add_slot(entry, r->comment[i].slot, r->err) < 0)
                return -ENOMEM;
    entry->line = entry->slot[0]->line;
    return 0;
}

static bool first_of_name(const struct reader *r, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (streq(r->comment[i].name, r->comment[index].name))
            return false;
    return true;
}

static bool has_comment(const struct reader *r, const char *name)
{
    for (size_t i = 0; i < r->comments; i++)
        if (streq(r->comment[i].name, name))
            return true;
    return false;
}

/*
 * Each kopt feeds the alternative (single-user) entries alone and, with defoptions behind
 * it, the normal ones: shorter lines first, so that what all need goes into kopt.
 */
static int add_templates(struct reader *r)
{
    bool defoptions = has_comment(r, "defoptions");
    int e = 0;

    for (size_t i = 0; !e && i < r->comments; i++) {
        const char *name = r->comment[i].name;

        if (!first_of_name(r, i) || streq(name, "defoptions"))
            continue;
        e = add_template(r, name, NULL);
        if (!e && defoptions && !streq(name, "xenhopt"))
            e = add_template(r, name, "defoptions");
    }
    if (!e && r->automagic_seen && !has_comment(r, "kopt"))
        e = host_add_note(r->host, r->err,
                          "%s: there is no \"# kopt=\" line with a value, so the next "
                          "update-grub will make entries without the flag",
                          r->store->path);
    return e;
}

/* "default saved": the number is in the file "default" beside the menu. */
static unsigned long saved_default(struct reader *r)
{
    const char *slash = strrchr(r->store->path, '/');
    AUTO_FREE char *path =
        text_format("%.*s/default", (int)(slash - r->store->path), r->store->path);
    AUTO_BLOB text = {NULL, 0};
    struct error ignored;

    if (!path || root_read(r->host->root, path, DEFAULT_FILE_MAX, &text, &ignored) < 0)
        return 0;
    return strtoul(text.data, NULL, 10);
}

/* Past the end GRUB takes the first fallback that exists, else the first entry. */
static unsigned long instead_of_default(const struct reader *r)
{
    for (size_t i = 0; i < r->fallbacks; i++)
        if (r->fallback[i] < r->position)
            return r->fallback[i];
    return 0;
}

static int mark_default(struct reader *r, size_t first)
{
    unsigned long number = r->default_saved ? saved_default(r) : r->default_entry;
    int e = 0;

    if (r->position && number >= r->position) {
        e = host_add_note(r->host, r->err,
                          "%s: the default entry is number %lu and there are %zu; GRUB "
                          "takes number %lu instead",
                          r->store->path, number, r->position, instead_of_default(r));
        number = instead_of_default(r);
    }
    for (size_t i = first; i < r->host->entries; i++)
        r->host->entry[i]->is_default = r->host->entry[i]->position == number;
    return e;
}

static int read_nodes(struct reader *r)
{
    size_t first = r->host->entries;
    int e = 0;

    r->first_entry = first;
    for (size_t i = 0; !e && i < tree_count(r->tree); i++) {
        const struct tree_node *n = tree_at(r->tree, i);

        if (n->label[0] != '#')
            e = read_command(r, i);
        else if (streq(n->label, "#comment"))
            e = read_comment(r, i);
        else if (streq(n->label, "#other"))
            e = read_other(r, n);
    }
    if (!e)
        e = end_stanza(r);
    if (!e)
        e = mark_default(r, first);
    return e ? e : add_templates(r);
}

int legacy_read(struct host *host, struct store *store, struct tree **tree,
                struct error *err)
{
    struct reader r = {.host = host, .store = store, .err = err};
    int e = tree_load(&r.tree, &format, store->path, &store->text, err);

    *tree = r.tree;
    if (!e)
        e = read_nodes(&r);
    free(r.title);
    for (size_t i = 0; i < r.comments; i++)
        free(r.comment[i].name);
    free(r.comment);
    return e;
}
