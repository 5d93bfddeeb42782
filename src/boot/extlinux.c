/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/extlinux.h"

#include <stdio.h>

#include "boot/extlinux_read.h"

#define FRAGMENTS "/etc/update-extlinux.d"

/* Where the installers put the loader, and the files that are its own there. */
static const struct {
    const char *directory, *menu;
    const char *loader[3];
} places[] = {
    {"/boot", "extlinux.conf", {"ldlinux.sys", "extlinux.sys"}},
    {"/boot/extlinux", "extlinux.conf", {"ldlinux.sys", "extlinux.sys"}},
    {"/boot/syslinux", "extlinux.conf", {"ldlinux.sys", "extlinux.sys"}},
    {"/boot/syslinux", "syslinux.cfg", {"ldlinux.sys", "extlinux.sys"}},
    {"/boot/EFI/syslinux", "syslinux.cfg", {"syslinux.efi", "ldlinux.e64"}},
    {"/efi/EFI/syslinux", "syslinux.cfg", {"syslinux.efi", "ldlinux.e64"}},
    {"/boot/efi/EFI/syslinux", "syslinux.cfg", {"syslinux.efi", "ldlinux.e64"}},
};

static int judge(struct host *host, struct store *store, size_t place, struct error *err)
{
    const char *found = NULL;

    for (const char *const *name = places[place].loader; *name && !found; name++) {
        AUTO_FREE char *path = text_format("%s/%s", places[place].directory, *name);

        if (!path)
            return error_memory(err);
        if (root_exists(host->root, path))
            found = *name;
    }
    store->state = found ? STORE_LIVE : STORE_UNKNOWN;
    if (found)
        snprintf(store->evidence, sizeof(store->evidence), "%s/%s is installed beside it",
                 places[place].directory, found);
    else
        snprintf(store->evidence, sizeof(store->evidence),
                 "a menu of Syslinux, but no ldlinux.sys is beside it");
    return 0;
}

static int scan_menus(struct host *host, struct error *err)
{
    int e = 0;

    for (size_t i = 0; !e && i < ARRAY_LEN(places); i++) {
        AUTO_FREE char *path = text_format("%s/%s", places[i].directory, places[i].menu);
        struct store *store = NULL;

        e = path ? extlinux_open(host, &extlinux, path, &store, err) : error_memory(err);
        if (!e && store)
            e = judge(host, store, i, err);
        if (!e && store)
            e = extlinux_read(host, store, err);
    }
    return e;
}

/* update-extlinux puts every file of the directory behind its own entries. */
static int scan_fragments(struct host *host, struct error *err)
{
    CLEANUP(auto_names_free) char **names = NULL;
    int e = root_list(host->root, FRAGMENTS, &names, err);

    for (size_t i = 0; !e && names[i]; i++) {
        AUTO_FREE char *path = text_format(FRAGMENTS "/%s", names[i]);
        struct store *store = NULL;

        if (path && names[i][0] == '.')
            continue;
        e = path ? extlinux_open(host, &extlinux_fragment, path, &store, err)
                 : error_memory(err);
        if (e < 0 || !store)
            continue;
        store->state = STORE_LIVE;
        snprintf(store->evidence, sizeof(store->evidence),
                 "update-extlinux copies it into extlinux.conf");
        e = extlinux_read(host, store, err);
    }
    return e;
}

static int splice_order(const void *a, const void *b)
{
    const struct splice *m = a, *n = b;

    return m->begin < n->begin ? -1 : m->begin > n->begin;
}

static int render(const struct host *host, const struct store *store, char *const *text,
                  struct blob *out, struct error *err)
{
    struct tree *tree = store->detail;
    CLEANUP(tree_changes_free) struct tree_change *change = tree_changes(tree);
    CLEANUP(splices_clear) struct splices list = {NULL, 0};
    int e = change ? 0 : error_memory(err);

    for (size_t i = 0; !e && i < host->slots; i++) {
        const struct slot *slot = host->slot[i];

        if (slot->store != store || !text[i])
            continue;
        if (slot->node == EXTLINUX_NOT_THERE)
            e = error_set(err, EXIT_CLASS_DATA, store->path, slot->line,
                          "this entry has no APPEND line of its own to be changed; write "
                          "one below its kernel");
        else if (splices_add(&list, slot->offset, slot->offset + strlen(slot->text),
                             text[i]) < 0)
            e = error_memory(err);
    }
    if (list.count)
        qsort(list.splice, list.count, sizeof(*list.splice), splice_order);
    if (!e)
        e = tree_splice(tree, &list, change, err);
    return e ? e : tree_render(tree, change, NULL, 0, out, err);
}

static void free_tree(void *tree)
{
    tree_free(tree);
}

const struct store_type extlinux = {
    .name = "extlinux",
    .scan = scan_menus,
    .render = render,
    .free_detail = free_tree,
    .rank = 100,
    .starts = true,
    .unjoined = true,
    .keep_rollback = true,
};

/* update-extlinux takes whatever is in the directory: no copy may stay there. */
const struct store_type extlinux_fragment = {
    .name = "extlinux-fragment",
    .scan = scan_fragments,
    .render = render,
    .free_detail = free_tree,
    .rank = 20,
    .unjoined = true,
};
