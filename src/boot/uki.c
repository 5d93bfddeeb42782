/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/uki.h"

#include <errno.h>
#include <stdio.h>

#include "boot/pe.h"

#define SECTION_MAX 65536

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

/* -ENOENT: there is no such section; -EINVAL: it cannot be told. */
static int read_section(const struct place *place, const struct blob *head,
                        const char *name, struct blob *text)
{
    struct pe_section section;
    struct error ignored;
    int e = pe_find_section(head->data, head->len, name, &section);

    if (e < 0)
        return e == -ENOENT ? e : -EINVAL;
    if (section.size > SECTION_MAX)
        return -EINVAL;
    e = place_read_part(place, section.at, section.size, text, &ignored);
    if (e < 0 || text->len != section.size)
        return e == -ENOMEM ? e : -EINVAL;
    return 0;
}

/* The command line in the image at PLACE. -ENOENT: it has none; -ENOEXEC: it is no kernel
   image; -EINVAL: it cannot be told. */
static int read_cmdline(const struct place *place, const struct blob *head,
                        struct blob *text)
{
    int e = read_section(place, head, ".cmdline", text);

    return e == -ENOENT && !is_image(head) ? -ENOEXEC : e;
}

/* The value of the first of KEYS that an os-release file has, N characters; "" for none.
 */
static const char *release_value(const char *text, const char *const *keys, int *n)
{
    for (; *keys; keys++) {
        size_t len = strlen(*keys);

        for (const char *line = text; line; line = strchr(line, '\n')) {
            line += strspn(line, "\n");
            if (strncmp(line, *keys, len) != 0 || line[len] != '=')
                continue;
            line += len + 1;
            line += *line == '"' || *line == '\'';
            *n = (int)strcspn(line, "\"'\r\n");
            return line;
        }
    }
    *n = 0;
    return "";
}

/* What stands for the image in systemd-boot's order, as an entry would say it, in *ORDER;
   NULL: systemd-boot does not list it. 0 or -ENOMEM. */
static int read_order(const struct place *place, const struct blob *head, void **order)
{
    static const char *const ids[] = {"IMAGE_ID", "ID", NULL};
    static const char *const versions[] = {"IMAGE_VERSION", "VERSION", "VERSION_ID",
                                           "BUILD_ID", NULL};
    AUTO_BLOB text = {NULL, 0};
    int e = read_section(place, head, ".osrel", &text), n, m;
    const char *id, *version;

    if (e < 0 || !text.data)
        return e == -ENOMEM ? e : 0;
    id = release_value(text.data, ids, &n);
    version = release_value(text.data, versions, &m);
    *order = text_format("sort-key %.*s\nversion %.*s\n", n, id, m, version);
    return *order ? 0 : -ENOMEM;
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
    AUTO_BLOB head = {NULL, 0};
    struct error ignored;
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
    e = place_read_part(&place, 0, PE_HEADERS, &head, &ignored);
    if (!e)
        e = read_cmdline(&place, &head, &store->text);
    else if (e != -ENOMEM)
        e = -EINVAL;
    if (e == -ENOMEM || read_order(&place, &head, &store->detail) < 0)
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
    .free_detail = free,
    .rank = 100,
    .starts = true,
    .built = true,
};
