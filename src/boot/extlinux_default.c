/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/extlinux_default.h"

#include <errno.h>
#include <stdio.h>

#include "boot/shell_words.h"
#include "boot/tree.h"

#define FILE_MAX_BYTES (1u << 20)
#define HYPERVISOR "/boot/xen.gz"
#define OUR_COMMENT "# Added by iommuctl; disable takes it out again."
#define NOT_ASSIGNED ((size_t)-1) /* a slot's node: its variable is to be added */

enum variable { LINUX, XEN, VARIABLES };

static const char *const names[] = {
    [LINUX] = "default_kernel_opts",
    [XEN] = "xen_opts",
    [VARIABLES] = NULL,
};

/* What a store of this type keeps. A slot's node is the assignment's number. */
struct defaults {
    struct tree *tree;
    struct shell_file shell;
};

static size_t physical_line(const char *text, size_t left)
{
    const char *newline = memchr(text, '\n', left);

    return newline ? (size_t)(newline - text) + 1 : left + 1;
}

static const struct tree_format format = {"Iommuctl_Defaults.lns", physical_line};

/* What nobody could judge or change in place. */
static int check_assignment(struct host *host, const struct store *store,
                            const struct shell_assignment *a, struct error *err)
{
    if (a->conditional || a->append || a->runs > 1)
        return error_set(err, EXIT_CLASS_DATA, store->path, a->line,
                         "%s is %s; assign it once, in one piece", a->name,
                         a->conditional ? "assigned under a condition" : "extended");
    if (strchr(a->run[0].text, '\n'))
        return error_set(err, EXIT_CLASS_DATA, store->path, a->line,
                         "%s holds a line break, and what is behind it is lost in "
                         "extlinux.conf; write the value on one line",
                         a->name);
    if (a->run[0].opaque)
        return host_add_note(host, err,
                             "%s:%u: what the expansion in %s gives could not be judged",
                             store->path, a->line, a->name);
    return 0;
}

/* The last assignment is the one in force. */
static int find_assignment(struct host *host, const struct store *store,
                           enum variable which, size_t *index, struct error *err)
{
    const struct defaults *d = store->detail;
    int e = 0;

    *index = NOT_ASSIGNED;
    for (size_t i = 0; !e && i < d->shell.assignments; i++) {
        const struct shell_assignment *a = &d->shell.assignment[i];

        if (a->prefix || !streq(a->name, names[which]))
            continue;
        e = check_assignment(host, store, a, err);
        *index = i;
    }
    return e;
}

static int add_template(struct host *host, struct store *store, enum variable which,
                        struct error *err)
{
    const struct defaults *d = store->detail;
    struct entry *entry;
    struct slot *slot;
    size_t index;
    int e = find_assignment(host, store, which, &index, err);

    if (e < 0)
        return e;
    if (host_add_slot(host, &slot, err) < 0 || host_add_entry(host, &entry, err) < 0)
        return -ENOMEM;
    slot->store = entry->store = store;
    slot->kind = which == XEN ? SLOT_XEN : SLOT_LINUX;
    slot->dialect = KARGS_PLAIN;
    slot->node = index;
    slot->line = index == NOT_ASSIGNED ? 0 : d->shell.assignment[index].line;
    slot->text =
        strdup(index == NOT_ASSIGNED ? "" : d->shell.assignment[index].run[0].text);
    entry->kind = ENTRY_TEMPLATE;
    entry->generated = true;
    entry->for_hypervisor = which == XEN;
    entry->leaves_no_blank = true;
    entry->groups = 1;
    entry->line = slot->line;
    entry->title = strdup(names[which]);
    entry->kernel = strdup("");
    if (!slot->text || !entry->title || !entry->kernel)
        return error_memory(err);
    return entry_add_slot(entry, slot, err);
}

static int read_store(struct host *host, struct store *store, struct error *err)
{
    struct defaults *d = calloc(1, sizeof(*d));
    int e;

    store->detail = d;
    if (!d)
        return error_memory(err);
    e = tree_load(&d->tree, &format, store->path, &store->text, err);
    if (!e)
        e = shell_read(&d->shell, store->path, store->text.data, store->text.len, names,
                       err);
    if (!e)
        e = add_template(host, store, LINUX, err);
    if (!e && root_exists(host->root, HYPERVISOR))
        e = add_template(host, store, XEN, err);
    return e;
}

static int scan(struct host *host, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    struct store *store;
    int e = host_find(host, EXTLINUX_DEFAULT, &place, err);

    if (e == -ENOENT && !place.linked)
        return 0;
    if (e < 0)
        return e == -ENOENT
                   ? error_set(
                         err, EXIT_CLASS_DATA, EXTLINUX_DEFAULT, 0,
                         "is a symbolic link that leads to no file; mend or remove it")
                   : error_system(err, -e, EXTLINUX_DEFAULT, "cannot look at the file");
    if (host_add_store(host, &store, err) < 0)
        return -ENOMEM;
    store->type = &extlinux_default;
    store->state = STORE_LIVE;
    snprintf(store->evidence, sizeof(store->evidence), "update-extlinux reads it");
    store->path = strdup(place.path);
    if (!store->path)
        return error_memory(err);
    e = host_read(host, &place, FILE_MAX_BYTES, &store->text, err);
    if (!e)
        e = host_check_text(store, err);
    return e ? e : read_store(host, store, err);
}

/* Two lines of ours, the comment and the assignment, go when the value is empty again. */
static bool is_our_addition(const struct defaults *d, unsigned line, size_t *node)
{
    for (size_t i = 1; i < tree_count(d->tree); i++)
        if (tree_at(d->tree, i)->line == line) {
            *node = i;
            return streq(tree_at(d->tree, i - 1)->value, OUR_COMMENT);
        }
    return false;
}

static int render_slot(const struct defaults *d, const struct slot *slot,
                       const char *text, struct tree_change *change, struct splices *list,
                       struct error *err)
{
    size_t node;
    int e;

    if (!text[0] && is_our_addition(d, slot->line, &node)) {
        change[node - 1].remove = change[node].remove = true;
        return 0;
    }
    e = shell_rewrite(&d->shell.assignment[slot->node].run[0], text, list);
    if (e == -ENOMEM)
        return error_memory(err);
    if (e < 0)
        return error_set(err, EXIT_CLASS_DATA, slot->store->path, slot->line,
                         "what has to change stands inside an expansion ($NAME, ${...}, "
                         "$(...)) or right behind one; write that part out, then run the "
                         "command again");
    return 0;
}

/* Lines of ours behind the last one: a comment and an assignment for each variable. */
struct additions {
    struct tree_addition line[2 * VARIABLES];
    char *value[VARIABLES];
    size_t count;
};

static void additions_clear(struct additions *a)
{
    for (size_t i = 0; i < ARRAY_LEN(a->value); i++)
        free(a->value[i]);
}

static int add_assignment(const struct slot *slot, const char *text, struct additions *a,
                          struct error *err)
{
    const struct defaults *d = slot->store->detail;
    enum variable which = slot->kind == SLOT_XEN ? XEN : LINUX;

    if (d->shell.open_end)
        return error_set(err, EXIT_CLASS_DATA, slot->store->path,
                         tree_at(d->tree, tree_count(d->tree) - 1)->line,
                         "ends in a backslash, behind which no line can be added; remove "
                         "that backslash");
    a->value[which] = text_format("\"%s\"", text);
    if (!a->value[which])
        return error_memory(err);
    a->line[a->count++] = (struct tree_addition){"#line", OUR_COMMENT};
    a->line[a->count++] = (struct tree_addition){names[which], a->value[which]};
    return 0;
}

/* The variables stand in the file in any order. */
static int splice_order(const void *a, const void *b)
{
    const struct splice *m = a, *n = b;

    return m->begin < n->begin ? -1 : m->begin > n->begin;
}

static int render(const struct host *host, const struct store *store, char *const *text,
                  struct blob *out, struct error *err)
{
    const struct defaults *d = store->detail;
    CLEANUP(tree_changes_free) struct tree_change *change = tree_changes(d->tree);
    CLEANUP(splices_clear) struct splices list = {NULL, 0};
    CLEANUP(additions_clear) struct additions added = {.count = 0};
    int e = change ? 0 : error_memory(err);

    for (size_t i = 0; !e && i < host->slots; i++) {
        const struct slot *slot = host->slot[i];

        if (slot->store != store || !text[i])
            continue;
        e = slot->node == NOT_ASSIGNED
                ? add_assignment(slot, text[i], &added, err)
                : render_slot(d, slot, text[i], change, &list, err);
    }
    if (list.count)
        qsort(list.splice, list.count, sizeof(*list.splice), splice_order);
    if (!e)
        e = tree_splice(d->tree, &list, change, err);
    return e ? e : tree_render(d->tree, change, added.line, added.count, out, err);
}

static void free_detail(void *detail)
{
    struct defaults *d = detail;

    tree_free(d->tree);
    shell_clear(&d->shell);
    free(d);
}

const struct store_type extlinux_default = {
    .name = "extlinux-default",
    .scan = scan,
    .render = render,
    .free_detail = free_detail,
    .rank = 10,
};
