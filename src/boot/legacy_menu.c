/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/legacy_menu.h"

#include <errno.h>
#include <stdio.h>

#include "boot/legacy_read.h"

#define MENU_MAX (4u << 20)

/* Characters of arguments: facts of the loader, not of the kernel. */
#define ARGS_MAX_VANILLA 255 /* stage2/boot.c: LINUX_CL_END_OFFSET - LINUX_CL_OFFSET */
#define ARGS_MAX_REDHAT                                                                  \
    2047 /* Red Hat's since 2010: min(2047, the kernel's cmdline_size) */
#define LOGICAL_LINE_MAX 1500 /* stage2: NEW_HEAPSIZE, the rest of a line is dropped */

static int add_name(struct store *store, const char *name, struct error *err)
{
    size_t n = 0;

    if (streq(name, store->path))
        return 0;
    while (store->names && store->names[n])
        n++;
    store->names = store->names ? store->names : calloc(1, sizeof(*store->names));
    if (!store->names || array_grow(&store->names, n + 1, sizeof(*store->names)) < 0)
        return error_memory(err);
    store->names[n] = strdup(name);
    if (!store->names[n])
        return error_memory(err);
    store->names[n + 1] = NULL;
    return 0;
}

/* /etc/grub.conf of SUSE is the script that installs the loader: commands, but no title.
 */
static bool is_install_script(const struct blob *text)
{
    const char *line = text->data;

    while (line) {
        if (starts_with(line + strspn(line, " \t\r"), "title"))
            return false;
        line = strchr(line, '\n');
        line += line != NULL;
    }
    return true;
}

static int add_store(struct host *host, const char *name, const struct place *place,
                     struct blob *text, struct error *err)
{
    struct store *store;

    if (host_add_store(host, &store, err) < 0)
        return -ENOMEM;
    store->type = &legacy_menu;
    store->text = *text;
    *text = (struct blob){NULL, 0};
    store->path = strdup(place->path);
    store->limit = root_exists(host->root, "/etc/redhat-release") ? ARGS_MAX_REDHAT
                                                                  : ARGS_MAX_VANILLA;
    store->line_limit = LOGICAL_LINE_MAX;
    if (!store->path)
        return error_memory(err);
    if (add_name(store, name, err) < 0)
        return -ENOMEM;
    return host_check_text(store, err);
}

/*
 * A menu by one of its names. A name that leads to a menu we have is one name more. A
 * link that leads nowhere is refused where the loader reads it, or if it is all there is.
 */
static int scan_name(struct host *host, const char *name, bool loader_reads,
                     struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    AUTO_BLOB text = {NULL, 0};
    struct store *store;
    int e = host_find(host, name, &place, err);

    if (e == -ENOENT && place.linked && (loader_reads || !host->stores))
        return error_set(
            err, EXIT_CLASS_DATA, name, 0,
            "is a symbolic link that leads to no file; mount or mend what it "
            "points to, or remove the link");
    if (e == -ENOENT)
        return 0;
    if (e < 0)
        return e == -ELOOP ? e : error_system(err, -e, name, "cannot look at the file");
    store = host_store(host, place.path);
    if (store)
        return add_name(store, name, err);
    e = host_read(host, &place, MENU_MAX, &text, err);
    if (e < 0)
        return e;
    if (!loader_reads && is_install_script(&text))
        return 0;
    return add_store(host, name, &place, &text, err);
}

static int scan_efi(struct host *host, struct error *err)
{
    CLEANUP(auto_names_free) char **vendors = NULL;
    int e = root_list(host->root, "/boot/efi/EFI", &vendors, err);

    for (size_t i = 0; !e && vendors[i]; i++) {
        AUTO_FREE char *name = text_format("/boot/efi/EFI/%s/grub.conf", vendors[i]);

        e = name ? scan_name(host, name, true, err) : error_memory(err);
    }
    return e;
}

/* Which of the menus may boot, and why we think so. */
static void judge(struct host *host, size_t first, size_t etc)
{
    size_t menus = etc - first;

    for (size_t i = first; i < host->stores; i++) {
        struct store *store = host->store[i];
        const char *why = "a menu where GRUB legacy looks for it";

        store->state = menus > 1 ? STORE_UNKNOWN : STORE_LIVE;
        if (menus > 1)
            why = "one of several menus where GRUB legacy looks";
        if (i >= etc) {
            store->state = menus ? STORE_STALE : STORE_UNKNOWN;
            why = menus ? "a copy that no loader reads: it should be a symbolic link"
                        : "the only menu there is, though loaders look below /boot";
        }
        snprintf(store->evidence, sizeof(store->evidence), "%s", why);
    }
}

static int scan(struct host *host, struct error *err)
{
    size_t first = host->stores, etc;
    int e = scan_name(host, "/boot/grub/grub.conf", true, err);

    if (!e)
        e = scan_name(host, "/boot/grub/menu.lst", true, err);
    if (!e)
        e = scan_efi(host, err);
    etc = host->stores;
    if (!e)
        e = scan_name(host, "/etc/grub.conf", false, err);
    judge(host, first, etc);
    for (size_t i = first; !e && i < host->stores; i++) {
        struct tree *tree = NULL;

        e = legacy_read(host, host->store[i], &tree, err);
        host->store[i]->detail = tree;
    }
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
        change[slot->node].value = text_format("%.*s%s", (int)slot->offset,
                                               tree_at(tree, slot->node)->value, text[i]);
        if (!change[slot->node].value)
            return error_memory(err);
    }
    return tree_render(tree, change, NULL, 0, out, err);
}

static void free_tree(void *tree)
{
    tree_free(tree);
}

const struct store_type legacy_menu = {
    .name = "legacy-menu",
    .scan = scan,
    .render = render,
    .free_detail = free_tree,
    .rank = 100,
    .starts = true,
    .keep_rollback = true,
};
