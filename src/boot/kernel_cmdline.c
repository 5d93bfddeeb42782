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

static int read_lines(struct host *host, struct store *store, struct error *err)
{
    struct tree *tree = NULL;
    int e = tree_load(&tree, &format, store->path, &store->text, err);
    struct entry *entry;

    store->detail = tree;
    if (e < 0)
        return e;
    if (!count_arguments(tree))
        return host_add_note(
            host, err,
            "%s holds no argument, and was left so: new kernels will not "
            "be given the flag by it",
            store->path);
    if (host_add_entry(host, &entry, err) < 0)
        return -ENOMEM;
    entry->store = store;
    entry->kind = ENTRY_TEMPLATE;
    entry->generated = true;
    entry->feed = host_template(host, &grub_default, false);
    entry->title = strdup(KERNEL_CMDLINE);
    entry->kernel = strdup("");
    if (!entry->title || !entry->kernel)
        return error_memory(err);
    for (size_t i = 0; !e && i < tree_count(tree); i++)
        if (streq(tree_at(tree, i)->label, "arguments"))
            e = add_slot(host, store, entry, i, err);
    return e;
}

static int scan(struct host *host, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    struct store *store;
    struct stat st;
    int e = root_find(host->root, KERNEL_CMDLINE, &place, err);

    if (!e)
        e = place_stat(&place, &st);
    if (e == -ENOENT && !place.linked)
        return 0;
    if (e < 0)
        return e == -ENOENT
                   ? error_set(
                         err, EXIT_CLASS_DATA, KERNEL_CMDLINE, 0,
                         "is a symbolic link that leads to no file; mend or remove it")
                   : error_system(err, -e, KERNEL_CMDLINE, "cannot look at the file");
    if (host_add_store(host, &store, err) < 0)
        return -ENOMEM;
    store->type = &kernel_cmdline;
    store->state = STORE_LIVE;
    snprintf(store->evidence, sizeof(store->evidence),
             "kernel-install makes new loader entries from it");
    store->path = strdup(place.path);
    if (!store->path)
        return error_memory(err);
    e = host_read(host, &place, FILE_MAX_BYTES, &store->text, err);
    if (!e)
        e = host_check_text(store, err);
    return e ? e : read_lines(host, store, err);
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
