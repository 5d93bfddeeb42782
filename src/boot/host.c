/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/host.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "boot/extlinux.h"
#include "boot/extlinux_default.h"
#include "boot/grub_cfg.h"
#include "boot/grub_default.h"
#include "boot/grubenv.h"
#include "boot/kernel_cmdline.h"
#include "boot/legacy_menu.h"
#include "boot/loader_default.h"
#include "boot/loader_entries.h"
#include "boot/loaders.h"
#include "boot/uki.h"

#define LINE_MAX_BYTES (64u << 10)

const struct store_type *const store_types[] = {
    &grub_default,      &legacy_menu,    &grub_cfg, &grubenv,
    &kernel_cmdline,    &loader_entries, &uki,      &extlinux_default,
    &extlinux_fragment, &extlinux,       NULL,
};

int host_scan(struct root *root, const struct overlay *overlay, struct host *host,
              struct error *err)
{
    return host_scan_with(root, overlay, NULL, host, err);
}

int host_scan_with(struct root *root, const struct overlay *overlay,
                   const struct firmware *firmware, struct host *host, struct error *err)
{
    int r = 0;

    memset(host, 0, sizeof(*host));
    host->root = root;
    host->overlay = overlay;
    host->firmware = firmware;
    for (size_t i = 0; !r && store_types[i]; i++)
        r = store_types[i]->scan(host, err);
    if (!r)
        r = loader_settle_systemd(host, err);
    if (!r && loaders_judge(host) < 0)
        r = error_memory(err);
    if (r < 0)
        host_clear(host);
    return r;
}

int host_read(const struct host *host, const struct place *place, size_t max,
              struct blob *text, struct error *err)
{
    const struct overlay *overlay = host->overlay;
    int r = overlay ? overlay->read(overlay->context, place->path, text, err) : -ENOENT;

    return r == -ENOENT ? place_read(place, max, text, NULL, err) : r;
}

int host_find(const struct host *host, const char *path, struct place *place,
              struct error *err)
{
    const struct overlay *overlay = host->overlay;
    AUTO_BLOB text = {NULL, 0};
    struct stat st;
    int r = root_find(host->root, path, place, err);

    if (r < 0)
        return r;
    r = place_stat(place, &st);
    if (r == -ENOENT && overlay &&
        overlay->read(overlay->context, place->path, &text, err) == 0 &&
        !blob_absent(&text))
        return 0;
    return r;
}

/* What no loader could mean: NUL bytes, endless lines. */
int host_check_text(const struct store *store, struct error *err)
{
    const char *path = store->path;
    const char *at = store->text.data, *end = at + store->text.len, *nul;
    unsigned line = 1;

    for (; at < end; line++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((newline ? newline : end) - at);

        nul = memchr(at, '\0', n);
        if (nul)
            return error_set(err, EXIT_CLASS_DATA, path, line,
                             "holds a NUL byte; restore the file from a good copy");
        if (n > LINE_MAX_BYTES)
            return error_set(err, EXIT_CLASS_DATA, path, line,
                             "this line is %zu bytes long; the longest that is read "
                             "is %u",
                             n, LINE_MAX_BYTES);
        at += n + 1;
    }
    return 0;
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
    free(host->blscfg_default);
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

struct store *host_store(const struct host *host, const char *path)
{
    for (size_t i = 0; i < host->stores; i++)
        if (streq(host->store[i]->path, path))
            return host->store[i];
    return NULL;
}

const struct entry *host_template(const struct host *host, const struct store_type *type,
                                  bool recovery)
{
    for (size_t i = 0; i < host->entries; i++) {
        struct entry *entry = host->entry[i];

        if (entry->kind == ENTRY_TEMPLATE && entry->store && entry->store->type == type &&
            !entry->for_hypervisor && entry->recovery == recovery)
            return entry;
    }
    return NULL;
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
