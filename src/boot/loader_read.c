/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/loader_read.h"

#include <errno.h>

/* "BOOT_IMAGE=(hd0,gpt2)", which GRUB puts before the arguments; the image follows. */
#define GRUB_OVERHEAD 21

struct reader {
    struct host *host;
    struct store *store;
    const struct loader_file *file;
    const struct loader_context *context;
    const char *id;
    struct error *err;

    char *title, *version, *kernel, *efi, *uki, *initrd;
    bool any;       /* it has a key */
    size_t *option; /* the nodes of its options lines that count */
    size_t options;
    unsigned stopped; /* where GRUB stops reading; 0: nowhere */
    struct entry *entry;
};

static unsigned line_of(const struct reader *r, const struct tree_node *n)
{
    return n->line - r->file->line + 1;
}

static bool grub_reads(const struct reader *r)
{
    return r->context->readers & READER_GRUB;
}

static bool only_systemd_reads(const struct reader *r)
{
    return r->context->readers == READER_SYSTEMD;
}

/* A line as GRUB gets it: without carriage returns. */
static char *without_crs(const char *line, size_t len)
{
    char *text = strndup(line, len), *to = text;

    if (!text)
        return NULL;
    for (const char *p = text; *p; p++)
        if (*p != '\r')
            *to++ = *p;
    *to = '\0';
    return text;
}

/* The length of the key that GRUB finds in LINE, behind its blanks; 0: a comment;
 * negative: it stops reading. */
static long grub_key(const char *line)
{
    const char *key = line + strspn(line, " \t"), *separator;

    if (*key == '#')
        return 0;
    separator = strchr(key, ' ');
    if (!separator)
        separator = strchr(key, '\t');
    return separator && separator[1] ? separator - key : -1;
}

/* A value that is no command line: without blanks and carriage returns at its end, and
 * without quotes where systemd-boot takes them off. */
static char *plain_value(const struct reader *r, const char *value)
{
    AUTO_FREE char *text = without_crs(value, strlen(value));
    size_t n = text ? strlen(text) : 0;

    while (n && strchr(" \t", text[n - 1]))
        text[--n] = '\0';
    if (n > 1 && only_systemd_reads(r) && text[0] == '"' && text[n - 1] == '"')
        return strndup(text + 1, n - 2);
    return text ? strdup(text) : NULL;
}

/* GRUB takes the first of several, systemd-boot the last. */
static int take_value(struct reader *r, char **field, const char *value)
{
    if (*field && grub_reads(r))
        return 0;
    free(*field);
    *field = plain_value(r, value);
    return *field ? 0 : error_memory(r->err);
}

/* What GRUB would not read as it stands, though it matters. */
static int check_grub(const struct reader *r, const struct tree_node *n, const char *line)
{
    long key = grub_key(line);
    const char *text = line + strspn(line, " \t");

    if (!streq(n->label, "options") && !streq(n->label, "linux"))
        return 0;
    if (r->stopped && r->stopped < line_of(r, n))
        return error_set(r->err, EXIT_CLASS_DATA, r->store->path, r->stopped,
                         "GRUB stops reading at this line, being blank or a key alone, "
                         "and %s follows in line %u; take the line out",
                         n->label, line_of(r, n));
    if (key != (long)strlen(n->label) || strchr(text, '\t') == text + key)
        return error_set(
            r->err, EXIT_CLASS_DATA, r->store->path, line_of(r, n),
            "there is a tab behind \"%s\", and GRUB wants a space; write one", n->label);
    if (*line && line[strlen(line) - 1] == '\\')
        return error_set(r->err, EXIT_CLASS_DATA, r->store->path, line_of(r, n),
                         "ends in a backslash, with which GRUB joins the next command; "
                         "take it out");
    return 0;
}

static int take_options(struct reader *r, size_t node)
{
    if (r->options && r->context->readers == READER_GRUB)
        return 0;
    if (array_grow(&r->option, r->options, sizeof(*r->option)) < 0)
        return error_memory(r->err);
    r->option[r->options++] = node;
    return 0;
}

static int take_pair(struct reader *r, size_t node)
{
    const struct tree_node *n = tree_at(r->file->all->tree, node);
    const struct {
        const char *key;
        char **field;
    } fields[] = {{"title", &r->title}, {"version", &r->version}, {"linux", &r->kernel},
                  {"efi", &r->efi},     {"uki", &r->uki},         {"initrd", &r->initrd}};

    r->any = true;
    if (streq(n->label, "options"))
        return take_options(r, node);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (streq(n->label, fields[i].key))
            return take_value(r, fields[i].field, n->value);
    return 0;
}

static int read_line(struct reader *r, size_t node, const char *line, size_t len)
{
    const struct tree_node *n = tree_at(r->file->all->tree, node);
    AUTO_FREE char *text = without_crs(line, len);
    bool pair = n->label[0] != '#' && n->value[strspn(n->value, " \t\r")];
    int e = 0;

    if (!text)
        return error_memory(r->err);
    if (grub_reads(r) && !r->stopped && grub_key(text) < 0)
        r->stopped = line_of(r, n);
    if (pair && grub_reads(r))
        e = check_grub(r, n, text);
    return e || !pair ? e : take_pair(r, node);
}

static int read_lines(struct reader *r)
{
    const char *at = r->store->text.data, *end = at + r->store->text.len;
    int e = 0;

    for (size_t i = 0; !e && i < r->file->nodes; i++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((newline ? newline : end) - at);

        e = read_line(r, r->file->first + i, at, len);
        at += len + (newline != NULL);
    }
    return e;
}

static enum entry_kind kind_of(const struct reader *r)
{
    const char *image = r->kernel ? r->kernel : r->efi;
    AUTO_BUF options = BUF_INIT;
    enum kernel_guess guess;

    if (!image && r->uki) /* there they are stores of their own */
        return starts_with(r->uki, "/EFI/Linux/") ? ENTRY_OTHER : ENTRY_UNKNOWN;
    if (!image)
        return ENTRY_OTHER;
    for (size_t i = 0; i < r->options; i++) {
        buf_add_char(&options, ' ');
        buf_add_text(&options, tree_at(r->file->all->tree, r->option[i])->value);
    }
    guess = kernel_guess(r->host->root, image, buf_text(&options));
    if (guess == KERNEL_UNKNOWN && r->kernel)
        return ENTRY_LINUX; /* nothing else may stand there */
    return guess == KERNEL_LINUX ? ENTRY_LINUX : ENTRY_OTHER;
}

static int add_entry(struct reader *r, enum entry_kind kind, struct entry **entry)
{
    const char *image = r->kernel ? r->kernel : r->efi ? r->efi : r->uki ? r->uki : "";

    if (host_add_entry(r->host, entry, r->err) < 0)
        return -ENOMEM;
    (*entry)->store = r->store;
    (*entry)->kind = kind;
    (*entry)->line =
        r->options ? line_of(r, tree_at(r->file->all->tree, r->option[0])) : 1;
    (*entry)->title = strdup(r->title ? r->title : r->id);
    (*entry)->kernel = strdup(kind == ENTRY_TEMPLATE ? "" : image);
    return (*entry)->title && (*entry)->kernel ? 0 : error_memory(r->err);
}

static int add_slot(struct reader *r, size_t node, size_t from, size_t end, bool joined,
                    struct slot **slot)
{
    const struct tree_node *n = tree_at(r->file->all->tree, node);

    if (host_add_slot(r->host, slot, r->err) < 0)
        return -ENOMEM;
    (*slot)->store = r->store;
    (*slot)->line = line_of(r, n);
    (*slot)->kind = SLOT_LINUX;
    (*slot)->dialect = only_systemd_reads(r) || r->context->readers != READER_GRUB
                           ? KARGS_PLAIN
                           : KARGS_SCRIPT;
    (*slot)->joined = joined;
    (*slot)->node = node;
    (*slot)->offset = n->at + from;
    (*slot)->text = strndup(n->value + from, end - from);
    if (!(*slot)->text)
        return error_memory(r->err);
    return entry_add_slot(r->entry, *slot, r->err);
}

static size_t word_length(const char *p)
{
    return strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
}

/* The first variable from AT on that is known to hold something; else the text's end. */
static size_t next_variable(const struct reader *r, const char *value, size_t at,
                            size_t end, struct slot **slot, size_t *len)
{
    const struct loader_context *c = r->context;
    const struct {
        const char *name;
        struct slot *slot;
    } known[] = {{"kernelopts", c->kernelopts},
                 {"tuned_params", c->tuned_params},
                 {"default_kernelopts", c->default_kernelopts}};

    *slot = NULL;
    for (; at < end && grub_reads(r); at++) {
        *len = value[at] == '$' ? word_length(value + at + 1) : 0;
        for (size_t i = 0; *len && i < ARRAY_LEN(known); i++)
            if (known[i].slot && strlen(known[i].name) == *len &&
                memcmp(value + at + 1, known[i].name, *len) == 0) {
                *slot = known[i].slot;
                *len += 1;
                return at;
            }
    }
    *len = 0;
    return end;
}

/* systemd-boot takes quotes around the whole value off; GRUB makes one argument of it. */
static int unquote(const struct reader *r, const struct tree_node *n, size_t *from,
                   size_t *end)
{
    while (*end && strchr(" \t\r", n->value[*end - 1]))
        --*end;
    if (*end < 2 || n->value[0] != '"' || n->value[*end - 1] != '"') {
        *end = strlen(n->value);
        return 0;
    }
    if (!only_systemd_reads(r))
        return error_set(r->err, EXIT_CLASS_DATA, r->store->path, line_of(r, n),
                         "there are quotes around all of the options, which GRUB takes "
                         "for one argument; take them off");
    *from = 1;
    --*end;
    return 0;
}

/* The pieces of one options line: between GRUB's variables, and what these hold. OWN is
 * the last one of this file. */
static int split_options(struct reader *r, size_t node, struct slot **own)
{
    const struct tree_node *n = tree_at(r->file->all->tree, node);
    size_t from = 0, end = strlen(n->value), len;
    struct slot *variable;
    int e = unquote(r, n, &from, &end);

    *own = NULL;
    for (size_t next = from; !e && next < end; from = next + len) {
        next = next_variable(r, n->value, from, end, &variable, &len);
        if (from + strspn(n->value + from, " \t\r") < next)
            e = add_slot(r, node, from, next, from > 0, own);
        if (!e && variable)
            e = entry_add_slot(r->entry, variable, r->err);
    }
    if (!e && !*own)
        e = add_slot(r, node, end, end, end > 0, own);
    return e;
}

static void choose_place(struct reader *r, struct slot *own)
{
    r->entry->own_slot = own;
    for (size_t i = 0; i < r->entry->slots; i++)
        if (r->entry->slot[i] == own)
            r->entry->add_to = i;
    for (size_t i = 0; r->context->kernelopts && i < r->entry->slots; i++)
        if (r->entry->slot[i] == r->context->kernelopts)
            r->entry->add_to = i;
}

/* Nothing is given by the file itself. */
static int read_without_options(struct reader *r)
{
    struct slot *variable = grub_reads(r) ? r->context->default_kernelopts : NULL, *slot;

    if (variable && r->context->readers == READER_GRUB)
        return entry_add_slot(r->entry, variable, r->err);
    if (variable)
        return error_set(r->err, EXIT_CLASS_DATA, r->store->path, 1,
                         "has no options, and GRUB would give default_kernelopts, "
                         "systemd-boot nothing; write an options line");
    if (r->stopped)
        return error_set(r->err, EXIT_CLASS_DATA, r->store->path, r->stopped,
                         "GRUB stops reading at this line, being blank or a key alone, "
                         "and options could only be added behind it; take the line out");
    if (host_add_slot(r->host, &slot, r->err) < 0)
        return -ENOMEM;
    slot->store = r->store;
    slot->kind = SLOT_LINUX;
    slot->dialect = KARGS_PLAIN;
    slot->node = LOADER_NOT_THERE;
    slot->text = strdup("");
    return slot->text ? entry_add_slot(r->entry, slot, r->err) : error_memory(r->err);
}

/* GRUB may read the first line alone: by itself it must be right, too. */
static int add_first_line(struct reader *r, struct entry *first)
{
    size_t n = r->entry->slots;
    int e = 0;

    for (size_t i = 0; !e && i < n; i++)
        e = entry_add_slot(first, r->entry->slot[i], r->err);
    first->add_to = r->entry->add_to;
    return e;
}

static int read_options(struct reader *r, struct entry *first)
{
    struct slot *own, *last;
    int e = split_options(r, r->option[0], &own);

    if (e < 0)
        return e;
    choose_place(r, own);
    if (first)
        e = add_first_line(r, first);
    for (size_t i = 1; !e && i < r->options; i++)
        e = split_options(r, r->option[i], &last);
    return e;
}

/* SUSE's has the snapshot's number before it: "12@6.11.2-1-default". */
static const char *kernel_version(const struct reader *r)
{
    const char *at = r->version ? strrchr(r->version, '@') : NULL;

    return at ? at + 1 : r->version;
}

static int read_entry(struct reader *r)
{
    enum entry_kind kind = kind_of(r);
    bool two_views = kind == ENTRY_LINUX && r->options > 1 && grub_reads(r);
    struct entry *first = NULL;
    int e = two_views ? add_entry(r, ENTRY_TEMPLATE, &first) : 0;

    if (!e)
        e = add_entry(r, kind, &r->entry);
    if (e < 0)
        return e;
    if (first)
        first->groups = 1;
    if (r->initrd && /* Red Hat's: "/initramfs.img $tuned_initrd" */
        !(r->entry->initrd = strndup(r->initrd, strcspn(r->initrd, " \t"))))
        return error_memory(r->err);
    kernel_look_version(r->host->root, r->entry->kernel, kernel_version(r),
                        &r->entry->image);
    if (grub_reads(r))
        r->entry->overhead = GRUB_OVERHEAD + strlen(r->entry->kernel);
    if (kind != ENTRY_LINUX)
        return 0;
    return r->options ? read_options(r, first) : read_without_options(r);
}

int loader_read(struct host *host, struct store *store, const char *id,
                const struct loader_context *context, struct error *err)
{
    struct reader r = {.host = host,
                       .store = store,
                       .file = store->detail,
                       .context = context,
                       .id = id,
                       .err = err};
    int e = read_lines(&r);

    if (!e && r.any)
        e = read_entry(&r);
    free(r.title);
    free(r.version);
    free(r.kernel);
    free(r.efi);
    free(r.uki);
    free(r.initrd);
    free(r.option);
    return e;
}
