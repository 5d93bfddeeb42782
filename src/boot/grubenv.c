/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/grubenv.h"

#include <errno.h>
#include <stdio.h>

#include "boot/grub_cfg.h"
#include "boot/grub_default.h"
#include "boot/grub_variables.h"
#include "boot/tree.h"

#define BLOCK_MAX 65536
#define SIGNATURE "# GRUB Environment Block\n"

/* The variables that loader entries use, and whether new entries are made of them. */
static const struct {
    const char *name;
    bool feeds;
} variables[] = {
    {"kernelopts", true},
    {"default_kernelopts", true},
    {"tuned_params", false},
};

/* A backslash takes the next byte along, a newline too. */
static size_t logical_line(const char *text, size_t left)
{
    for (size_t i = 0; i < left; i++) {
        if (text[i] == '\n')
            return i + 1;
        i += text[i] == '\\';
    }
    return left + 1;
}

static const struct tree_format format = {"Iommuctl_Grubenv.lns", logical_line};

/* How many bytes of the block are lines; what is behind them is padding. */
static size_t used(const struct blob *block)
{
    size_t n = block->len;

    while (n && block->data[n - 1] == '#')
        n--;
    return n;
}

static bool is_relevant(const struct blob *block)
{
    for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
        char line[32];
        int n = snprintf(line, sizeof(line), "\n%s=", variables[i].name);

        if (memmem(block->data, block->len, line, (size_t)n))
            return true;
    }
    return false;
}

static int check_block(const struct store *store, struct error *err)
{
    const struct blob *block = &store->text;
    size_t n = used(block);
    int e = host_check_text(store, err);

    if (e < 0)
        return e;
    if (block->len < strlen(SIGNATURE) ||
        memcmp(block->data, SIGNATURE, strlen(SIGNATURE)) != 0)
        return error_set(err, EXIT_CLASS_DATA, store->path, 1,
                         "is no environment block of GRUB: its first line is another; "
                         "make it anew with grub2-editenv %s create",
                         store->path);
    if (block->data[n - 1] != '\n')
        return error_set(
            err, EXIT_CLASS_DATA, store->path, 0,
            "is a broken environment block: its last line is not ended; make "
            "it anew with grub2-editenv %s create",
            store->path);
    return 0;
}

static int add_template(struct host *host, struct slot *slot, const char *name,
                        struct error *err)
{
    struct entry *entry;

    if (host_add_entry(host, &entry, err) < 0)
        return -ENOMEM;
    entry->store = slot->store;
    entry->kind = ENTRY_TEMPLATE;
    entry->line = slot->line;
    entry->generated = true;
    entry->groups = 1;
    entry->feed = host_template(host, &grub_default, false);
    entry->title = text_format("%s in grubenv", name);
    entry->kernel = strdup("");
    if (!entry->title || !entry->kernel)
        return error_memory(err);
    return entry_add_slot(entry, slot, err);
}

static int add_slot(struct host *host, struct store *store, size_t node, bool feeds,
                    struct error *err)
{
    const struct tree_node *n = tree_at(store->detail, node);
    struct slot *slot;

    if (host_add_slot(host, &slot, err) < 0)
        return -ENOMEM;
    slot->store = store;
    slot->line = n->line;
    slot->kind = SLOT_LINUX;
    slot->dialect = KARGS_PLAIN;
    slot->node = node;
    slot->text = strdup(n->value);
    if (!slot->text)
        return error_memory(err);
    return feeds ? add_template(host, slot, n->label, err) : 0;
}

/* Of equal names the last one counts. */
static size_t find_node(const struct tree *tree, const char *name)
{
    size_t i = tree_count(tree);

    while (i && !streq(tree_at(tree, i - 1)->label, name))
        i--;
    return i;
}

static int read_block(struct host *host, struct store *store, struct error *err)
{
    struct tree *tree = NULL;
    int e = tree_load(&tree, &format, store->path, &store->text, err);

    store->detail = tree;
    for (size_t i = 0; !e && i < ARRAY_LEN(variables); i++) {
        size_t node = find_node(tree, variables[i].name);

        if (node)
            e = add_slot(host, store, node - 1, variables[i].feeds, err);
    }
    return e;
}

static int scan_file(struct host *host, const char *path, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    AUTO_BLOB text = {NULL, 0};
    struct store *store;
    struct stat st;
    int e = root_find(host->root, path, &place, err);

    if (!e)
        e = place_stat(&place, &st);
    if (e == -ENOENT)
        return 0; /* a link that leads nowhere, too: GRUB finds no variables then */
    if (e < 0)
        return error_system(err, -e, path, "cannot look at the file");
    if (host_store(host, place.path))
        return 0;
    e = host_read(host, &place, BLOCK_MAX, &text, err);
    if (e < 0 || !is_relevant(&text))
        return e;
    if (host_add_store(host, &store, err) < 0)
        return -ENOMEM;
    store->type = &grubenv;
    store->state = STORE_LIVE;
    snprintf(store->evidence, sizeof(store->evidence),
             "GRUB reads its variables for the loader entries");
    store->path = strdup(place.path);
    store->text = text;
    text = (struct blob){NULL, 0};
    if (!store->path)
        return error_memory(err);
    e = check_block(store, err);
    return e ? e : read_block(host, store, err);
}

static int scan(struct host *host, struct error *err)
{
    size_t stores = host->stores;
    int e = 0;

    for (size_t i = 0; !e && i < stores; i++) {
        const struct store *store = host->store[i];
        AUTO_FREE char *path = NULL;

        if (store->type != &grub_cfg || !grub_lists_entries(&store->text))
            continue;
        path = text_format("%.*s/grubenv", (int)(strrchr(store->path, '/') - store->path),
                           store->path);
        e = path ? scan_file(host, path, err) : error_memory(err);
    }
    return e;
}

/* The lines, and padding up to the length that the block had. */
static int pad(const struct store *store, struct blob *block, struct error *err)
{
    size_t n = used(block), size = store->text.len;
    AUTO_BUF b = BUF_INIT;

    if (n >= size)
        return error_set(err, EXIT_CLASS_DATA, store->path, 0,
                         "has no room for the flag: its %zu bytes are used up but for "
                         "%zu; take out a variable (grub2-editenv - list, unset)",
                         size, size - used(&store->text));
    buf_add(&b, block->data, n);
    while (b.len < size && !b.failed)
        buf_add_char(&b, '#');
    blob_clear(block);
    return b.failed || blob_copy(block, buf_text(&b), b.len) < 0 ? error_memory(err) : 0;
}

static int render(const struct host *host, const struct store *store, char *const *text,
                  struct blob *out, struct error *err)
{
    struct tree *tree = store->detail;
    CLEANUP(tree_changes_free) struct tree_change *change = tree_changes(tree);
    int e;

    if (!change)
        return error_memory(err);
    for (size_t i = 0; i < host->slots; i++) {
        const struct slot *slot = host->slot[i];

        if (slot->store != store || !text[i])
            continue;
        change[slot->node].value = strdup(text[i]);
        if (!change[slot->node].value)
            return error_memory(err);
    }
    e = tree_render(tree, change, NULL, 0, out, err);
    return e ? e : pad(store, out, err);
}

static void free_tree(void *tree)
{
    tree_free(tree);
}

struct slot *grubenv_find(const struct host *host, const char *name)
{
    for (size_t i = 0; i < host->slots; i++) {
        const struct slot *slot = host->slot[i];

        if (slot->store->type == &grubenv &&
            streq(tree_at(slot->store->detail, slot->node)->label, name))
            return host->slot[i];
    }
    return NULL;
}

const struct store_type grubenv = {
    .name = "grubenv",
    .scan = scan,
    .render = render,
    .free_detail = free_tree,
    .rank = 80,
    .in_place = true,
};
