/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/host.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "boot/legacy_menu.h"

const struct store_type *const store_types[] = {
    &legacy_menu,
    NULL,
};

/* Boot loaders that are known by a file and not edited yet. */
static const struct {
    const char *path, *loader;
} unhandled[] = {
    {"/boot/grub2/grub.cfg", "GRUB 2"},
    {"/boot/grub/grub.cfg", "GRUB 2"},
    {"/boot/loader/entries", "loader entries (BLS)"},
    {"/efi/loader/entries", "systemd-boot"},
    {"/boot/efi/loader/entries", "systemd-boot"},
    {"/ostree/repo", "ostree"},
    {"/boot/extlinux/extlinux.conf", "extlinux"},
    {"/boot/extlinux.conf", "extlinux"},
    {"/etc/lilo.conf", "LILO"},
};

static void look_for_unhandled(struct host *host)
{
    for (size_t i = 0; i < ARRAY_LEN(unhandled) && !host->unhandled; i++)
        if (root_exists(host->root, unhandled[i].path)) {
            host->unhandled = unhandled[i].loader;
            host->unhandled_path = unhandled[i].path;
        }
}

int host_scan(struct root *root, const struct overlay *overlay, struct host *host,
              struct error *err)
{
    int r = 0;

    memset(host, 0, sizeof(*host));
    host->root = root;
    host->overlay = overlay;
    for (size_t i = 0; !r && store_types[i]; i++)
        r = store_types[i]->scan(host, err);
    if (r < 0)
        host_clear(host);
    else
        look_for_unhandled(host);
    return r;
}

int host_read(const struct host *host, const struct place *place, size_t max,
              struct blob *text, struct error *err)
{
    const struct overlay *overlay = host->overlay;
    int r = overlay ? overlay->read(overlay->context, place->path, text, err) : -ENOENT;

    return r == -ENOENT ? place_read(place, max, text, NULL, err) : r;
}

static void store_free(struct store *store)
{
    if (store->detail)
        store->type->free_detail(store->detail);
    names_free(store->names);
    blob_clear(&store->text);
    free(store->path);
    free(store);
}

static void entry_free(struct entry *entry)
{
    free(entry->title);
    free(entry->kernel);
    free(entry->initrd);
    free(entry->slot);
    free(entry);
}

void host_clear(struct host *host)
{
    for (size_t i = 0; i < host->entries; i++)
        entry_free(host->entry[i]);
    for (size_t i = 0; i < host->slots; i++) {
        free(host->slot[i]->text);
        free(host->slot[i]);
    }
    for (size_t i = 0; i < host->stores; i++)
        store_free(host->store[i]);
    for (size_t i = 0; i < host->notes; i++)
        free(host->note[i]);
    free(host->entry);
    free(host->slot);
    free(host->store);
    free(host->note);
    memset(host, 0, sizeof(*host));
}

/* A zeroed struct of SIZE bytes at the end of an array of pointers; NULL: no memory. */
static void *add_new(void *array, size_t *count, size_t size)
{
    void *item = calloc(1, size);
    char *items;

    if (!item || array_grow(array, *count, sizeof(void *)) < 0) {
        free(item);
        return NULL;
    }
    memcpy(&items, array, sizeof(items));
    memcpy(items + (*count)++ * sizeof(void *), &item, sizeof(item));
    return item;
}

int host_add_store(struct host *host, struct store **store, struct error *err)
{
    *store = add_new(&host->store, &host->stores, sizeof(**store));
    return *store ? 0 : error_memory(err);
}

int host_add_slot(struct host *host, struct slot **slot, struct error *err)
{
    *slot = add_new(&host->slot, &host->slots, sizeof(**slot));
    if (!*slot)
        return error_memory(err);
    (*slot)->index = host->slots - 1;
    return 0;
}

int host_add_entry(struct host *host, struct entry **entry, struct error *err)
{
    *entry = add_new(&host->entry, &host->entries, sizeof(**entry));
    return *entry ? 0 : error_memory(err);
}

int host_add_note(struct host *host, struct error *err, const char *format, ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0 || array_grow(&host->note, host->notes, sizeof(*host->note)) < 0) {
        if (n >= 0)
            free(text);
        return error_memory(err);
    }
    host->note[host->notes++] = text;
    return 0;
}

int entry_add_slot(struct entry *entry, struct slot *slot, struct error *err)
{
    if (array_grow(&entry->slot, entry->slots, sizeof(*entry->slot)) < 0)
        return error_memory(err);
    entry->slot[entry->slots++] = slot;
    return 0;
}
