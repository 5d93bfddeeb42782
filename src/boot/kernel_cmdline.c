/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/kernel_cmdline.h"

#include <errno.h>
#include <stdio.h>

#include "boot/grub_default.h"
#include "boot/tree.h"

#define FILE_MAX_BYTES (1u << 20)

static size_t physical_line(const char *text, size_t left)
{
    const char *newline = memchr(text, '\n', left);

    return newline ? (size_t)(newline - text) + 1 : left + 1;
}

static const struct tree_format format = {"Iommuctl_Cmdline.lns", physical_line};

static int add_slot(struct host *host, struct store *store, struct entry *entry,
                    size_t node, struct error *err)
{
    const struct tree_node *n = tree_at(store->detail, node);
    struct slot *slot;

    if (host_add_slot(host, &slot, err) < 0)
        return -ENOMEM;
    slot->store = store;
    slot->line = n->line;
    slot->kind = SLOT_LINUX;
    slot->dialect = KARGS_PLAIN;
    slot->group = (unsigned)entry->slots;
    slot->node = node;
    slot->text = strdup(n->value);
    if (!slot->text)
        return error_memory(err);
    entry->add_to = entry->slots;
    entry->groups = entry->slots + 1;
    entry->line = slot->line;
    return entry_add_slot(entry, slot, err);
}

static size_t count_arguments(const struct tree *tree)
{
    size_t n = 0;

    for (size_t i = 0; i < tree_count(tree); i++)
        n += streq(tree_at(tree, i)->label, "arguments");
    return n;
}

static int add_template(struct host *host, struct store *store, const char *title,
                        struct entry **entry, struct error *err)
{
    if (host_add_entry(host, entry, err) < 0)
        return -ENOMEM;
    (*entry)->store = store;
    (*entry)->kind = ENTRY_TEMPLATE;
    (*entry)->generated = true;
    (*entry)->feed = host_template(host, &grub_default, false);
    (*entry)->title = strdup(title);
    (*entry)->kernel = strdup("");
    return (*entry)->title && (*entry)->kernel ? 0 : error_memory(err);
}

/* The lines of one file behind those of *ENTRY, which is made for the first of them. */
static int read_lines(struct host *host, struct store *store, const char *title,
                      struct entry **entry, struct error *err)
{
    struct tree *tree = NULL;
    int e = tree_load(&tree, &format, store->path, &store->text, err);

    store->detail = tree;
    if (e < 0 || !count_arguments(tree))
        return e;
    if (!*entry)
        e = add_template(host, store, title, entry, err);
    if (e < 0)
        return e;
    (*entry)->store = store;
    for (size_t i = 0; !e && i < tree_count(tree); i++)
        if (streq(tree_at(tree, i)->label, "arguments"))
            e = add_slot(host, store, *entry, i, err);
    return e;
}

/* A store for the file at PATH, read; NULL where there is none. */
static int open_store(struct host *host, const char *path, const char *evidence,
                      struct store **store, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    struct stat st;
    int e = root_find(host->root, path, &place, err);

    *store = NULL;
    if (!e)
        e = place_stat(&place, &st);
    if (e == -ENOENT && !place.linked)
        return 0;
    if (e < 0)
        return e == -ENOENT
                   ? error_set(
                         err, EXIT_CLASS_DATA, path, 0,
                         "is a symbolic link that leads to no file; mend or remove it")
                   : error_system(err, -e, path, "cannot look at the file");
    if (host_store(host, place.path))
        return 0;
    if (host_add_store(host, store, err) < 0)
        return -ENOMEM;
    (*store)->type = &kernel_cmdline;
    (*store)->state = STORE_LIVE;
    snprintf((*store)->evidence, sizeof((*store)->evidence), "%s", evidence);
    (*store)->path = strdup(place.path);
    if (!(*store)->path)
        return error_memory(err);
    e = host_read(host, &place, FILE_MAX_BYTES, &(*store)->text, err);
    return e ? e : host_check_text(*store, err);
}

static int scan_file(struct host *host, struct error *err)
{
    struct store *store;
    struct entry *entry = NULL;
    int e = open_store(host, KERNEL_CMDLINE,
                       "kernel-install makes new loader entries from it", &store, err);

    if (!e && store)
        e = read_lines(host, store, KERNEL_CMDLINE, &entry, err);
    if (e < 0 || !store || entry)
        return e;
    return host_add_note(host, err,
                         "%s holds no argument, and was left so: new kernels will not "
                         "be given the flag by it",
                         store->path);
}

/* All files of a directory are one command line, where its reader is here. */
static int scan_directory(struct host *host, const char *directory, const char *evidence,
                          struct error *err)
{
    CLEANUP(auto_names_free) char **names = NULL;
    struct entry *entry = NULL;
    int e = root_list(host->root, directory, &names, err);

    for (size_t i = 0; !e && names[i]; i++) {
        AUTO_FREE char *path = text_format("%s/%s", directory, names[i]);
        struct store *store = NULL;

        if (!path)
            return error_memory(err);
        if (names[i][0] == '.' || !ends_with(path, ".conf"))
            continue;
        e = open_store(host, path, evidence, &store, err);
        if (!e && store)
            e = read_lines(host, store, directory, &entry, err);
    }
    return e;
}

static int scan(struct host *host, struct error *err)
{
    static const struct {
        const char *reader, *directory, *evidence;
    } directories[] = {
        {"/usr/bin/clr-boot-manager", "/etc/kernel/cmdline.d",
         "clr-boot-manager makes the loader entries from it"},
        {"/etc/mkinitcpio.conf", "/etc/cmdline.d",
         "mkinitcpio puts it into unified kernel images"},
    };
    int e = scan_file(host, err);

    for (size_t i = 0; !e && i < ARRAY_LEN(directories); i++)
        if (root_exists(host->root, directories[i].reader))
            e = scan_directory(host, directories[i].directory, directories[i].evidence,
                               err);
    return e;
}

static int render(const struct host *host, const struct store *store, char *const *text,
                  struct blob *out, struct error *err)
{
    struct tree *tree = store->detail;
    CLEANUP(tree_changes_free) struct tree_change *change = tree_changes(tree);

    if (!change)
        return error_memory(err);
    for (size_t i = 0; i < host->slots; i++) {
        const struct slot *slot = host->slot[i];

        if (slot->store != store || !text[i])
            continue;
        if (!text[i][strspn(text[i], " \t\r")]) {
            change[slot->node].remove = true; /* it held the flag alone */
            continue;
        }
        change[slot->node].value = strdup(text[i]);
        if (!change[slot->node].value)
            return error_memory(err);
    }
    return tree_render(tree, change, NULL, 0, out, err);
}

static void free_tree(void *tree)
{
    tree_free(tree);
}

const struct store_type kernel_cmdline = {
    .name = "kernel-cmdline",
    .scan = scan,
    .render = render,
    .unjoined = true,
    .free_detail = free_tree,
    .rank = 20, /* behind /etc/default/grub */
    .ahead = 2,
};
