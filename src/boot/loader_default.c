/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/loader_default.h"

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

/* An id, as systemd-boot matches it: with or without ".conf", and without its counter. */
static bool matches(const char *pattern, const char *name)
{
    AUTO_FREE char *id = strndup(name, strlen(name) - strlen(".conf"));
    AUTO_FREE char *plain = id ? strndup(id, strcspn(id, "+")) : NULL;
    AUTO_FREE char *conf = plain ? text_format("%s.conf", plain) : NULL;

    return conf && (fnmatch(pattern, name, 0) == 0 || fnmatch(pattern, id, 0) == 0 ||
                    fnmatch(pattern, plain, 0) == 0 || fnmatch(pattern, conf, 0) == 0);
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

/* The value of KEY in an entry's text, the last one; "" without. Owned. */
static char *entry_value(const struct entry *entry, const char *key)
{
    const char *text = entry->store->text.data, *value = "";
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

void loader_settle_default(struct host *host, const char *partition, bool systemd,
                           size_t first)
{
    AUTO_FREE char *pattern = systemd ? conf_default(host, partition) : NULL;
    const char *name = host->blscfg_default ? host->blscfg_default : "";
    struct entry *best = NULL, *found = NULL;

    for (size_t i = first; i < host->entries; i++) {
        struct entry *entry = host->entry[i];
        bool named;

        if (entry->kind == ENTRY_TEMPLATE)
            continue;
        named = systemd ? pattern && matches(pattern, file_of(entry))
                        : is_named(name, entry, file_of(entry));
        if (!best || (systemd && systemd_order(entry, best) < 0))
            best = entry;
        if (named && (!found || (systemd && systemd_order(entry, found) < 0)))
            found = entry;
    }
    found = found ? found : best;
    if (found && (systemd || !menu_has_default(host)))
        found->is_default = true;
}
