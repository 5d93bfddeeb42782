/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/uki.h"

#include <errno.h>
#include <stdio.h>

#include "boot/pe.h"

#define CMDLINE_MAX 65536

/* Some other EFI program: systemd-boot lists those that hold a system's name alone. */
static bool is_image(const struct blob *head)
{
    static const char *const names[] = {".osrel", ".linux", ".cmdline"};
    struct pe_section section;

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (pe_find_section(head->data, head->len, names[i], &section) != -ENOENT)
            return true;
    return false;
}

/* The command line in the image at PLACE. -ENOENT: it has none; -ENOEXEC: it is no kernel
   image; -EINVAL: it cannot be told. */
static int read_cmdline(const struct place *place, struct blob *text)
{
    AUTO_BLOB head = {NULL, 0};
    struct pe_section section;
    struct error ignored;
    int e = place_read_part(place, 0, PE_HEADERS, &head, &ignored);

    if (!e)
        e = pe_find_section(head.data, head.len, ".cmdline", &section);
    if (e == -ENOENT && !is_image(&head))
        return -ENOEXEC;
    if (e < 0)
        return e == -ENOENT || e == -ENOMEM ? e : -EINVAL;
    if (section.size > CMDLINE_MAX ||
        place_read_part(place, section.at, section.size, text, &ignored) < 0 ||
        text->len != section.size)
        return -EINVAL;
    return 0;
}

static int add_slot(struct host *host, struct store *store, struct entry *entry,
                    struct error *err)
{
    struct slot *slot;

    if (host_add_slot(host, &slot, err) < 0)
        return -ENOMEM;
    slot->store = store;
    slot->kind = SLOT_LINUX;
    slot->dialect = KARGS_PLAIN;
    slot->text = strndup(store->text.data ? store->text.data : "", store->text.len);
    return slot->text ? entry_add_slot(entry, slot, err) : error_memory(err);
}

static int add_entry(struct host *host, struct store *store, enum entry_kind kind,
                     struct error *err)
{
    const char *name = strrchr(store->path, '/') + 1;
    struct entry *entry;

    if (host_add_entry(host, &entry, err) < 0)
        return -ENOMEM;
    entry->store = store;
    entry->kind = kind;
    entry->generated = true;
    entry->by_systemd = true;
    entry->title = strdup(name);
    entry->kernel = strdup(store->path);
    if (!entry->title || !entry->kernel)
        return error_memory(err);
    return kind == ENTRY_LINUX ? add_slot(host, store, entry, err) : 0;
}

static int scan_image(struct host *host, const char *path, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    struct store *store;
    struct stat st;
    int e;

    if (root_find(host->root, path, &place, err) < 0 || place_stat(&place, &st) < 0 ||
        !S_ISREG(st.st_mode) || host_store(host, place.path))
        return 0;
    if (host_add_store(host, &store, err) < 0)
        return -ENOMEM;
    store->type = &uki;
    store->state = STORE_LIVE;
    store->path = strdup(place.path);
    if (!store->path)
        return error_memory(err);
    e = read_cmdline(&place, &store->text);
    if (e == -ENOMEM)
        return error_memory(err);
    snprintf(store->evidence, sizeof(store->evidence), "%s",
             e == -EINVAL    ? "a kernel image whose command line cannot be read"
             : e == -ENOENT  ? "a kernel image without a command line in it"
             : e == -ENOEXEC ? "an EFI program that is no kernel image"
                             : "a kernel image with its command line in it");
    if (e == -EINVAL)
        store->state = STORE_UNKNOWN;
    return add_entry(host, store,
                     e == -EINVAL    ? ENTRY_UNKNOWN
                     : e == -ENOEXEC ? ENTRY_OTHER
                                     : ENTRY_LINUX,
                     err);
}

static int scan(struct host *host, struct error *err)
{
    static const char *const directories[] = {"/boot/EFI/Linux", "/efi/EFI/Linux",
                                              "/boot/efi/EFI/Linux"};
    int e = 0;

    for (size_t d = 0; !e && d < ARRAY_LEN(directories); d++) {
        CLEANUP(auto_names_free) char **names = NULL;

        e = root_list(host->root, directories[d], &names, err);
        for (size_t i = 0; !e && names[i]; i++) {
            AUTO_FREE char *path = text_format("%s/%s", directories[d], names[i]);

            if (!path)
                return error_memory(err);
            if (strlen(path) > 4 && strcasecmp(path + strlen(path) - 4, ".efi") == 0)
                e = scan_image(host, path, err);
        }
    }
    return e;
}

const struct store_type uki = {
    .name = "unified-kernel-image",
    .scan = scan,
    .rank = 100,
    .starts = true,
    .built = true,
};
