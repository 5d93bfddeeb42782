/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/grub_variables.h"

#include <errno.h>

#include "boot/grub_cfg.h"
#include "boot/grub_default.h"

static const char *const names[] = {"kernelopts", "default_kernelopts"};

bool grub_lists_entries(const struct blob *text)
{
    const char *at = text->data, *end = at + text->len, *line;
    static const char word[] = "blscfg";

    for (; (at = memmem(at, (size_t)(end - at), word, strlen(word))) != NULL; at++) {
        line = at;
        while (line > text->data && (line[-1] == ' ' || line[-1] == '\t'))
            line--;
        if ((line == text->data || strchr("\n;", line[-1])) &&
            strchr(" \t\r\n;", at[strlen(word)]))
            return true;
    }
    return false;
}

/* The text between the quotes of NAME="...", its place in OFFSET; NULL if it is not so.
 */
static char *quoted_value(const struct store *store, const struct grub_word *word,
                          size_t name, size_t *offset)
{
    const char *raw = store->text.data + word->begin;
    size_t len = word->end - word->begin;

    if (len < name + 3 || raw[name + 1] != '"' || raw[len - 1] != '"')
        return NULL;
    for (size_t i = name + 2; i < len - 1; i++) {
        if (raw[i] == '"')
            return NULL;
        i += raw[i] == '\\';
        if (i == len - 1 || raw[i] == '\n')
            return NULL;
    }
    *offset = word->begin + name + 2;
    return strndup(raw + name + 2, len - name - 3);
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
    entry->title = text_format("%s in grub.cfg", name);
    entry->kernel = strdup("");
    if (!entry->title || !entry->kernel)
        return error_memory(err);
    return entry_add_slot(entry, slot, err);
}

static int read_variable(struct host *host, struct store *store,
                         const struct grub_statement *s, const char *name,
                         struct error *err)
{
    size_t offset = 0;
    AUTO_FREE char *text = quoted_value(store, &s->word[1], strlen(name), &offset);
    struct slot *slot;

    if (!text)
        return error_set(err, EXIT_CLASS_DATA, store->path, s->line,
                         "%s is set to something else than one text in double quotes, "
                         "and loader entries use it; write it as set %s=\"...\"",
                         name, name);
    if (host_add_slot(host, &slot, err) < 0)
        return -ENOMEM;
    slot->store = store;
    slot->line = s->line;
    slot->kind = SLOT_LINUX;
    slot->dialect = KARGS_PLAIN;
    slot->offset = offset;
    slot->text = text;
    text = NULL;
    return add_template(host, slot, name, err);
}

int grub_variables_read(struct host *host, struct store *store,
                        const struct grub_statement *s, struct error *err)
{
    for (size_t i = 0; s->words == 2 && i < ARRAY_LEN(names); i++) {
        size_t n = strlen(names[i]);

        if (starts_with(s->word[1].text, names[i]) && s->word[1].text[n] == '=' &&
            grub_lists_entries(&store->text))
            return read_variable(host, store, s, names[i], err);
    }
    return 0;
}

struct slot *grub_variables_find(const struct host *host, const char *name)
{
    size_t n = strlen(name);

    for (size_t i = 0; i < host->slots; i++) {
        struct slot *slot = host->slot[i];
        const char *at;

        if (slot->store->type != &grub_cfg || slot->joined || slot->offset < n + 3)
            continue;
        at = slot->store->text.data + slot->offset - n - 2;
        if (memcmp(at, name, n) == 0 && strchr(" \t", at[-1]) &&
            memcmp(at + n, "=\"", 2) == 0)
            return slot;
    }
    return NULL;
}
