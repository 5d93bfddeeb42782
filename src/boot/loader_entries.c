/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/loader_entries.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "boot/entry_sources.h"
#include "boot/grub_cfg.h"
#include "boot/grub_default.h"
#include "boot/grub_variables.h"
#include "boot/grubenv.h"
#include "boot/kernel_cmdline.h"
#include "boot/loader_default.h"
#include "boot/loader_read.h"

#define FILE_MAX_BYTES (1u << 20)

/* The partitions that may hold entries; GRUB looks on the first alone. */
static const char *const partitions[] = {"/boot", "/efi", "/boot/efi"};

static size_t physical_line(const char *text, size_t left)
{
    const char *newline = memchr(text, '\n', left);

    return newline ? (size_t)(newline - text) + 1 : left + 1;
}

static const struct tree_format format = {"Iommuctl_Entry.lns", physical_line};

/* One directory's entries while they are read. */
struct directory {
    const char *partition;
    char path[64];
    struct loader_context context;
    enum store_state state;
    const char *evidence;
    char **name;          /* of the files, in the loader's order */
    struct store **store; /* and theirs; NULL: it is none */
    size_t count;
    struct loader_tree *all;
};

int loader_name_compare(const char *a, const char *b)
{
    for (;;) {
        size_t m, n;
        int order;

        a +=
            strcspn(a, "~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        b +=
            strcspn(b, "~abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
        if (*a == '~' || *b == '~') { /* before everything, the end too */
            if (*a != *b)
                return *a == '~' ? -1 : 1;
            a++;
            b++;
            continue;
        }
        if (!*a || !*b)
            return (*a != '\0') - (*b != '\0');
        if (!isdigit((unsigned char)*a) != !isdigit((unsigned char)*b))
            return isdigit((unsigned char)*a) ? 1 : -1;
        if (isdigit((unsigned char)*a)) {
            a += strspn(a, "0");
            b += strspn(b, "0");
            m = strspn(a, "0123456789");
            n = strspn(b, "0123456789");
            order = m != n ? (m < n ? -1 : 1) : memcmp(a, b, m);
        } else {
            for (m = 0; isalpha((unsigned char)a[m]);)
                m++;
            for (n = 0; isalpha((unsigned char)b[n]);)
                n++;
            order = memcmp(a, b, m < n ? m : n);
            order = order ? order : (m > n) - (m < n);
        }
        if (order)
            return order;
        a += m;
        b += n;
    }
}

/* "NAME+0-3": systemd-boot has given it up and lists it last. */
bool loader_given_up(const char *name)
{
    const char *plus = strrchr(name, '+');

    return plus && starts_with(plus, "+0") && (plus[2] == '-' || plus[2] == '.');
}

static int newest_first(const void *a, const void *b)
{
    const char *const *m = a, *const *n = b;

    return loader_name_compare(*n, *m);
}

static int given_up_last(const void *a, const void *b)
{
    const char *const *m = a, *const *n = b;
    int order = loader_given_up(*m) - loader_given_up(*n);

    return order ? order : newest_first(a, b);
}

static bool has_systemd_boot(struct root *root, const char *partition)
{
    AUTO_FREE char *path = text_format("%s/EFI/systemd", partition);
    CLEANUP(auto_names_free) char **names = NULL;
    struct error ignored;

    if (!path || root_list(root, path, &names, &ignored) < 0)
        return false;
    for (size_t i = 0; names[i]; i++)
        if (starts_with(names[i], "systemd-boot"))
            return true;
    return false;
}

static void find_readers(struct host *host, struct directory *d)
{
    AUTO_FREE char *conf = text_format("%s/loader/loader.conf", d->partition);
    bool grub = host->blscfg && streq(d->partition, partitions[0]);
    bool systemd = conf && root_exists(host->root, conf);

    for (size_t i = 0; i < ARRAY_LEN(partitions); i++)
        systemd |= has_systemd_boot(host->root, partitions[i]);
    d->context.readers = grub == systemd ? READER_GRUB | READER_SYSTEMD
                         : grub          ? READER_GRUB
                                         : READER_SYSTEMD;
    d->state = grub || systemd ? STORE_LIVE : STORE_UNKNOWN;
    d->evidence = grub && systemd ? "GRUB's blscfg and systemd-boot both may read it"
                  : grub          ? "grub.cfg lists the loader entries (blscfg)"
                  : systemd       ? "systemd-boot is installed and reads it"
                            : "a loader entry, but no loader that reads it was found";
    if (!grub && d->context.readers & READER_GRUB)
        return;
    d->context.kernelopts = grubenv_find(host, "kernelopts");
    if (!d->context.kernelopts)
        d->context.kernelopts = grub_variables_find(host, "kernelopts");
    d->context.default_kernelopts = grub_variables_find(host, "default_kernelopts");
    if (!d->context.default_kernelopts)
        d->context.default_kernelopts = grubenv_find(host, "default_kernelopts");
    d->context.tuned_params = grubenv_find(host, "tuned_params");
}

/* A file that is there and no directory; a loader skips the others. */
static int add_store(struct host *host, const struct directory *d, const char *name,
                     struct store **store, struct error *err)
{
    AUTO_FREE char *path = text_format("%s/%s", d->path, name);
    AUTO_PLACE place = PLACE_INIT;
    struct stat st;
    int e = path ? root_find(host->root, path, &place, err) : error_memory(err);

    *store = NULL;
    if (!e)
        e = place_stat(&place, &st);
    if (e == -ENOENT)
        return host_add_note(host, err, "%s is a symbolic link that leads to no file",
                             path);
    if (e < 0)
        return e == -ELOOP || e == -ENOMEM
                   ? e
                   : error_system(err, -e, path, "cannot look at the file");
    if (S_ISDIR(st.st_mode) || host_store(host, place.path))
        return 0;
    if (host_add_store(host, store, err) < 0)
        return -ENOMEM;
    (*store)->type = &loader_entries;
    (*store)->state = d->state;
    snprintf((*store)->evidence, sizeof((*store)->evidence), "%s", d->evidence);
    (*store)->path = strdup(place.path);
    if (!(*store)->path)
        return error_memory(err);
    e = host_read(host, &place, FILE_MAX_BYTES, &(*store)->text, err);
    return e ? e : host_check_text(*store, err);
}

/* Augeas parts its labels by these bytes and cannot edit what holds one. */
static int check_reserved(const struct store *store, struct error *err)
{
    unsigned line = 1;

    for (size_t i = 0; i < store->text.len; i++) {
        unsigned char c = (unsigned char)store->text.data[i];

        line += c == '\n';
        if (c >= 1 && c <= 4)
            return error_set(err, EXIT_CLASS_DATA, store->path, line,
                             "holds the control character \\x%02x, and cannot be edited; "
                             "remove it",
                             c);
    }
    return 0;
}

/* One text of all files, each with the newline that its last line lacks. */
static int join(struct directory *d, struct buf *text, struct error *err)
{
    unsigned line = 1;

    for (size_t i = 0; i < d->count; i++) {
        const struct blob *own = d->store[i] ? &d->store[i]->text : NULL;
        struct loader_file *file;

        if (!own)
            continue;
        if (check_reserved(d->store[i], err) < 0)
            return -EBADMSG;
        file = calloc(1, sizeof(*file));
        if (!file)
            return error_memory(err);
        d->store[i]->detail = file;
        file->all = d->all;
        d->all->users++;
        file->begin = text->len;
        file->line = line;
        file->padded = own->len && own->data[own->len - 1] != '\n';
        buf_add(text, own->data, own->len);
        if (file->padded)
            buf_add_char(text, '\n');
        if (text->failed)
            return error_memory(err);
        file->len = text->len - file->begin;
        for (size_t k = file->begin; k < text->len; k++)
            file->nodes += text->data[k] == '\n';
        line += (unsigned)file->nodes;
    }
    return 0;
}

static int load(struct directory *d, struct error *err)
{
    AUTO_BUF text = BUF_INIT;
    struct blob all;
    size_t node = 0;
    int e = join(d, &text, err);

    if (e < 0)
        return e;
    d->all->len = text.len;
    all = (struct blob){text.data ? text.data : (char *)"", text.len};
    e = tree_load(&d->all->tree, &format, d->path, &all, err);
    for (size_t i = 0; !e && i < d->count; i++) {
        struct loader_file *file = d->store[i] ? d->store[i]->detail : NULL;

        if (!file)
            continue;
        file->first = node;
        node += file->nodes;
    }
    return e;
}

/* All of a template's text, lines joined, stands in the options. */
static bool holds(const char *options, const struct entry *template)
{
    AUTO_BUF b = BUF_INIT;
    const char *text;
    size_t n;

    for (size_t i = 0; i < template->slots; i++) {
        if (i)
            buf_add_char(&b, ' ');
        buf_add_text(&b, template->slot[i]->text);
    }
    text = buf_text(&b) + strspn(buf_text(&b), " \t\r");
    n = strlen(text);
    while (n && strchr(" \t\r", text[n - 1]))
        n--;
    return n && memmem(options, strlen(options), text, n);
}

/* The template whose text the new kernel's entry was made of. */
static const struct entry *find_feed(const struct host *host, const struct entry *entry)
{
    const struct entry *feed = host_template(host, &kernel_cmdline, false);
    const struct slot *slot = entry->slots ? entry->slot[0] : NULL;

    if (!slot || slot->store != entry->store || slot->node == LOADER_NOT_THERE)
        return NULL;
    if (feed && holds(slot->text, feed))
        return feed;
    return host->blscfg ? host_template(host, &grub_default, false) : NULL;
}

static int read_entries(struct host *host, struct directory *d, struct error *err)
{
    bool rewritten = entries_are_rewritten(host);
    size_t position = 0;
    struct entry *entry;
    int e = 0;

    for (size_t i = 0; !e && i < d->count; i++) {
        AUTO_FREE char *id = strndup(d->name[i], strlen(d->name[i]) - strlen(".conf"));
        size_t before = host->entries;

        if (!d->store[i])
            continue;
        e = id ? loader_read(host, d->store[i], id, &d->context, err) : error_memory(err);
        if (e < 0 || host->entries == before)
            continue;
        entry = host->entry[host->entries - 1];
        entry->position = position++;
        entry->by_systemd = d->context.readers == READER_SYSTEMD;
        entry->successor = entry_source(host);
        entry->rewritten = rewritten && entry->slots &&
                           entry->slot[entry->add_to]->store == entry->store;
        host->entry[before]->feed = find_feed(host, host->entry[before]);
    }
    return e;
}

static int read_directory(struct host *host, struct directory *d, struct error *err)
{
    size_t first = host->entries;
    int e = 0;

    find_readers(host, d);
    qsort(d->name, d->count, sizeof(*d->name),
          d->context.readers == READER_SYSTEMD ? given_up_last : newest_first);
    for (size_t i = 0; !e && i < d->count; i++)
        e = add_store(host, d, d->name[i], &d->store[i], err);
    if (!e)
        e = load(d, err);
    if (!e)
        e = read_entries(host, d, err);
    if (!e && d->context.readers != READER_SYSTEMD)
        loader_settle_grub(host, first);
    return e;
}

static void tree_release(struct loader_tree *all)
{
    if (--all->users)
        return;
    tree_free(all->tree);
    free(all);
}

static size_t keep_entries(char **names)
{
    size_t n = 0;

    for (size_t i = 0; names[i]; i++) {
        if (ends_with(names[i], ".conf") && strlen(names[i]) > strlen(".conf"))
            names[n++] = names[i];
        else
            free(names[i]);
    }
    names[n] = NULL;
    return n;
}

static int scan_directory(struct host *host, const char *partition, struct error *err)
{
    struct directory d = {.partition = partition};
    int e;

    snprintf(d.path, sizeof(d.path), "%s/loader/entries", partition);
    e = root_list(host->root, d.path, &d.name, err);
    d.count = e ? 0 : keep_entries(d.name);
    if (d.count) {
        d.all = calloc(1, sizeof(*d.all));
        d.store = calloc(d.count, sizeof(*d.store));
        if (d.all)
            d.all->users = 1;
        e = d.all && d.store ? read_directory(host, &d, err) : error_memory(err);
    }
    if (d.all)
        tree_release(d.all);
    free(d.store);
    names_free(d.name);
    return e;
}

static int scan(struct host *host, struct error *err)
{
    size_t stores = host->stores;
    int e = 0;

    for (size_t i = 0; !e && i < ARRAY_LEN(partitions); i++)
        e = scan_directory(host, partitions[i], err);
    return e || host->stores == stores ? e : note_source(host, err);
}

/* Does this slot hold all of its line's value? */
static bool is_whole(const struct tree_node *n, const struct slot *slot)
{
    return slot->offset == n->at &&
           !n->value[strlen(slot->text) + strspn(n->value + strlen(slot->text), " \t\r")];
}

/* Without a value, GRUB would stop reading at the line: it goes, and our comment before
 * it. */
static void remove_line(const struct loader_file *file, size_t node,
                        struct tree_change *change)
{
    change[node].remove = true;
    if (node > file->first &&
        streq(tree_at(file->all->tree, node - 1)->value, LOADER_COMMENT))
        change[node - 1].remove = true;
}

/* The file's own part of the common text, as it will be. */
static int render_part(const struct loader_file *file, const struct tree_change *change,
                       struct buf *b, struct error *err)
{
    AUTO_BLOB all = {NULL, 0};
    int e = tree_render(file->all->tree, change, NULL, 0, &all, err);

    if (!e) /* only this part differs */
        buf_add(b, all.data + file->begin, all.len - (file->all->len - file->len));
    return e;
}

/* The lines that it gets: ours and the options. */
static int render_lines(const struct loader_file *file, const char *options,
                        struct buf *b, struct error *err)
{
    const struct tree_addition addition[] = {{"#line", LOADER_COMMENT},
                                             {"options", options}};
    CLEANUP(tree_changes_free) struct tree_change *none = tree_changes(file->all->tree);
    AUTO_BLOB all = {NULL, 0};
    int e = none ? 0 : error_memory(err);

    if (!e)
        e = tree_render(file->all->tree, none, addition, ARRAY_LEN(addition), &all, err);
    if (!e)
        buf_add(b, all.data + file->all->len, all.len - file->all->len);
    return e;
}

static int render(const struct host *host, const struct store *store, char *const *text,
                  struct blob *out, struct error *err)
{
    const struct loader_file *file = store->detail;
    CLEANUP(tree_changes_free) struct tree_change *change = tree_changes(file->all->tree);
    CLEANUP(splices_clear) struct splices list = {NULL, 0};
    const char *added = NULL;
    AUTO_BUF b = BUF_INIT;
    int e = change ? 0 : error_memory(err);

    for (size_t i = 0; !e && i < host->slots; i++) {
        const struct slot *slot = host->slot[i];

        if (slot->store != store || !text[i])
            continue;
        if (slot->node == LOADER_NOT_THERE)
            added = text[i];
        else if (!text[i][strspn(text[i], " \t\r")] &&
                 is_whole(tree_at(file->all->tree, slot->node), slot))
            remove_line(file, slot->node, change);
        else if (splices_add(&list, slot->offset, slot->offset + strlen(slot->text),
                             text[i]) < 0)
            e = error_memory(err);
    }
    if (!e)
        e = tree_splice(file->all->tree, &list, change, err);
    if (!e)
        e = render_part(file, change, &b, err);
    if (!e && added)
        e = render_lines(file, added, &b, err);
    if (e < 0)
        return e;
    if (b.failed)
        return error_memory(err);
    return blob_copy(out, buf_text(&b), b.len - (file->padded && b.len)) < 0
               ? error_memory(err)
               : 0;
}

static void free_detail(void *detail)
{
    struct loader_file *file = detail;

    tree_release(file->all);
    free(file);
}

const struct store_type loader_entries = {
    .name = "loader-entry",
    .scan = scan,
    .render = render,
    .unjoined = true,
    .free_detail = free_detail,
    .rank = 90,
    .starts = true,
};
