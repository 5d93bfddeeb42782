/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/loader_default.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>

#include "boot/grub_cfg.h"
#include "boot/loader_entries.h"

#define CONF_MAX_BYTES (1u << 16)

/* "default" in loader.conf, the last one; NULL: none. */
static char *conf_default(struct host *host, const char *partition)
{
    AUTO_FREE char *path = text_format("%s/loader/loader.conf", partition);
    AUTO_BLOB text = {NULL, 0};
    char *pattern = NULL;
    struct error ignored;

    if (!path || root_read(host->root, path, CONF_MAX_BYTES, &text, &ignored) < 0)
        return NULL;
    for (char *line = text.data; line; line = strchr(line, '\n')) {
        char *value = line += strspn(line, " \t\r\n");

        if (!starts_with(line, "default") || !strchr(" \t", line[7]) || !line[7])
            continue;
        value += 7 + strspn(line + 7, " \t");
        free(pattern);
        pattern = strndup(value, strcspn(value, " \t\r\n"));
    }
    return pattern;
}

/* An id, as systemd-boot matches it, in any case: with or without ".conf" (that of an
   image is with ".efi"), and without its counter. */
static bool matches(const char *pattern, const char *name)
{
    const char *dot = strrchr(name, '.');
    AUTO_FREE char *id = dot ? strndup(name, (size_t)(dot - name)) : NULL;
    AUTO_FREE char *plain = id ? strndup(id, strcspn(id, "+")) : NULL;
    AUTO_FREE char *full = plain ? text_format("%s%s", plain, dot) : NULL;
    const char *const ids[] = {name, id, plain, full};
    bool found = false;

    for (size_t i = 0; full && i < ARRAY_LEN(ids); i++)
        found |= fnmatch(pattern, ids[i], FNM_CASEFOLD) == 0;
    return found;
}

/* What grub.cfg names: an id, a title or a number. */
static bool is_named(const char *name, const struct entry *entry, const char *file)
{
    char position[24];
    size_t n = strlen(file) - strlen(".conf");

    snprintf(position, sizeof(position), "%zu", entry->position);
    return streq(name, position) || streq(name, entry->title) ||
           (strlen(name) == n && memcmp(name, file, n) == 0);
}

static const char *file_of(const struct entry *entry)
{
    return strrchr(entry->store->path, '/') + 1;
}

static bool menu_has_default(const struct host *host)
{
    for (size_t i = 0; i < host->entries; i++)
        if (host->entry[i]->is_default && host->entry[i]->store->type == &grub_cfg)
            return true;
    return false;
}

/* Is it an image whose command line is in itself? */
static bool is_image(const struct entry *entry)
{
    return entry->store->type->built;
}

/* The value of KEY in an entry's text, the last one; "" without. Owned. */
static char *entry_value(const struct entry *entry, const char *key)
{
    const struct store *store = entry->store;
    const char *text = is_image(entry) ? store->detail : store->text.data, *value = "";
    size_t n = strlen(key), len = 0;

    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += strspn(line, " \t\r\n");
        if (strncmp(line, key, n) != 0 || (line[n] != ' ' && line[n] != '\t'))
            continue;
        value = line + n + strspn(line + n, " \t");
        len = strcspn(value, "\r\n");
        while (len && strchr(" \t", value[len - 1]))
            len--;
    }
    return strndup(value, len);
}

/* How two entries differ in KEY. */
static int compare_value(const struct entry *a, const struct entry *b, const char *key,
                         int (*compare)(const char *, const char *))
{
    AUTO_FREE char *m = entry_value(a, key), *n = entry_value(b, key);

    if (!m || !n)
        return 0; /* no memory: the names decide */
    return compare(m, n);
}

static int one_lacks(const char *a, const char *b)
{
    return !*a - !*b;
}

static int newest(const char *a, const char *b)
{
    return loader_name_compare(b, a);
}

/* systemd-boot's order: given up last, then by sort-key, the machine's id and the newest
   version where there is one, and by name. Negative: A comes first. */
static int systemd_order(const struct entry *a, const struct entry *b)
{
    AUTO_FREE char *key = entry_value(a, "sort-key");
    int order = loader_given_up(file_of(a)) - loader_given_up(file_of(b));

    if (!order)
        order = compare_value(a, b, "sort-key", one_lacks);
    if (!order && key && *key) {
        order = compare_value(a, b, "sort-key", strcmp);
        order = order ? order : compare_value(a, b, "machine-id", strcmp);
        order = order ? order : compare_value(a, b, "version", newest);
    }
    return order ? order : newest(file_of(a), file_of(b));
}

void loader_settle_grub(struct host *host, size_t first)
{
    const char *name = host->blscfg_default ? host->blscfg_default : "";
    struct entry *best = NULL, *found = NULL;

    for (size_t i = first; i < host->entries; i++) {
        struct entry *entry = host->entry[i];

        if (entry->kind == ENTRY_TEMPLATE)
            continue;
        best = best ? best : entry;
        if (!found && is_named(name, entry, file_of(entry)))
            found = entry;
    }
    found = found ? found : best;
    if (found && !menu_has_default(host))
        found->is_default = true;
}

/* The first in systemd-boot's order that PATTERN matches. */
static struct entry *find_matching(const struct host *host, const char *pattern)
{
    struct entry *found = NULL;

    for (size_t i = 0; pattern && i < host->entries; i++) {
        struct entry *entry = host->entry[i];

        if (entry->by_systemd && entry->kind != ENTRY_TEMPLATE &&
            matches(pattern, file_of(entry)) &&
            (!found || systemd_order(entry, found) < 0))
            found = entry;
    }
    return found;
}

/* systemd-boot does not list it; the firmware itself may start it. */
static bool is_unlisted(const struct entry *entry)
{
    return is_image(entry) && !entry->store->detail;
}

/* The first of all that are listed. */
static struct entry *find_first(const struct host *host)
{
    struct entry *found = NULL;

    for (size_t i = 0; i < host->entries; i++) {
        struct entry *entry = host->entry[i];
        int order;

        if (!entry->by_systemd || entry->kind == ENTRY_TEMPLATE ||
            (is_image(entry) && entry->kind != ENTRY_LINUX))
            continue;
        order = found ? is_unlisted(entry) - is_unlisted(found) : -1;
        if (order < 0 || (order == 0 && systemd_order(entry, found) < 0))
            found = entry;
    }
    return found;
}

static bool has_default(const struct host *host)
{
    for (size_t i = 0; i < host->entries; i++)
        if (host->entry[i]->is_default)
            return true;
    return false;
}

/* What one of the names says: "@saved" is the last one started. */
static const char *resolve(const struct firmware *firmware, const char *name)
{
    return name && streq(name, "@saved") ? firmware->last : name;
}

/* What the firmware names, with a note where that is not here. */
static int find_chosen(struct host *host, const struct firmware *firmware,
                       struct entry **found, struct error *err)
{
    const char *const names[] = {firmware->preferred,
                                 resolve(firmware, firmware->chosen)};

    for (size_t i = 0; !*found && i < ARRAY_LEN(names); i++) {
        *found = find_matching(host, names[i]);
        if (*found && i == 0 && loader_given_up(file_of(*found)))
            *found = NULL;
        else if (names[i] && !*found &&
                 host_add_note(host, err,
                               "the firmware names \"%s\" as the default entry "
                               "(bootctl set-default), which was not found here",
                               names[i]) < 0)
            return -ENOMEM;
    }
    return 0;
}

static struct entry *find_configured(struct host *host, const struct firmware *firmware)
{
    static const char *const partitions[] = {"/boot", "/efi", "/boot/efi"};
    struct entry *found = NULL;

    for (size_t i = 0; !found && i < ARRAY_LEN(partitions); i++) {
        AUTO_FREE char *pattern = conf_default(host, partitions[i]);

        found = find_matching(host, resolve(firmware, pattern));
    }
    return found;
}

int loader_settle_systemd(struct host *host, struct error *err)
{
    static const struct firmware nothing;
    const struct firmware *firmware = host->firmware ? host->firmware : &nothing;
    struct entry *first = find_first(host), *found = NULL;

    if (!first)
        return 0;
    if (find_chosen(host, firmware, &found, err) < 0)
        return -ENOMEM;
    if (!found)
        found = find_configured(host, firmware);
    if (!found && is_image(first) && has_default(host))
        return 0; /* another loader's; who starts the image is not known */
    found = found ? found : first;
    found->is_default = true;
    if (firmware->next && !matches(firmware->next, file_of(found)))
        return host_add_note(host, err,
                             "the next start alone is of \"%s\" (bootctl set-oneshot)",
                             firmware->next);
    return 0;
}
