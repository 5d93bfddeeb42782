/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/grub_default.h"

#include <errno.h>
#include <stdio.h>

#include "boot/shell_words.h"
#include "boot/tree.h"

#define FILE_MAX_BYTES (4u << 20)
#define MAIN_FILE "/etc/default/grub"
#define DROPINS "/etc/default/grub.d"
#define OUR_COMMENT "# Added by iommuctl; disable takes it out again."
#define NOT_ASSIGNED ((size_t)-1) /* a slot's node: its variable is to be added */

enum variable {
    LINUX,
    DEFAULT,
    XEN, /* the hypervisor's own, as the two before are Linux's */
    XEN_DEFAULT,
    DISABLE_RECOVERY,
    XEN_REPLACE, /* instead of LINUX for Linux under Xen, if not empty */
    XEN_REPLACE_DEFAULT,
    VARIABLES
};

static const char *const variable_names[] = {
    [LINUX] = "GRUB_CMDLINE_LINUX",
    [DEFAULT] = "GRUB_CMDLINE_LINUX_DEFAULT",
    [XEN] = "GRUB_CMDLINE_XEN",
    [XEN_DEFAULT] = "GRUB_CMDLINE_XEN_DEFAULT",
    [DISABLE_RECOVERY] = "GRUB_DISABLE_RECOVERY",
    [XEN_REPLACE] = "GRUB_CMDLINE_LINUX_XEN_REPLACE",
    [XEN_REPLACE_DEFAULT] = "GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT",
    [VARIABLES] = NULL,
};

/* What a store of this type keeps. A slot's node is the assignment's number, its offset
   the run's. */
struct defaults {
    struct tree *tree;
    struct shell_file shell;
};

/* Where a piece of a variable's value comes from. */
struct origin {
    struct store *store;
    size_t assignment, run;
};

struct value { /* a variable's value: its pieces in order */
    const struct store
        *doubtful; /* replaced under a condition there, and not settled since */
    unsigned doubtful_line;
    struct origin *origin;
    size_t count;
    size_t last; /* which of them belongs to the assignment in force */
    bool assigned;
};

struct reader {
    struct host *host;
    struct error *err;
    struct value value[VARIABLES];
    bool no_recovery;
    bool xen;              /* the generator will make entries for a hypervisor */
    unsigned xen_replaced; /* groups that Linux under Xen gets from elsewhere, as bits */
};

static size_t physical_line(const char *text, size_t left)
{
    const char *newline = memchr(text, '\n', left);

    return newline ? (size_t)(newline - text) + 1 : left + 1;
}

static const struct tree_format format = {"Iommuctl_Defaults.lns", physical_line};

static const struct shell_assignment *assignment_of(const struct store *store,
                                                    size_t index)
{
    const struct defaults *d = store->detail;

    return &d->shell.assignment[index];
}

/* Does the assignment keep what the variable was before? */
static bool extends(const struct shell_assignment *a)
{
    return a->append || a->runs > 1;
}

static int value_put(struct value *value, size_t at, struct origin origin)
{
    if (array_grow(&value->origin, value->count, sizeof(*value->origin)) < 0)
        return -ENOMEM;
    memmove(value->origin + at + 1, value->origin + at,
            (value->count - at) * sizeof(*value->origin));
    value->origin[at] = origin;
    value->count++;
    return 0;
}

/* The first run goes before what was there, the last behind it: NAME="a $NAME b". */
static int value_assign(struct value *value, struct store *store, size_t index)
{
    const struct shell_assignment *a = assignment_of(store, index);
    int r = 0;

    value->assigned = true;
    if (!extends(a)) {
        value->count = 0;
        value->doubtful = NULL;
    }
    if (a->runs > 1 && a->run[0].text[0])
        r = value_put(value, 0, (struct origin){store, index, 0});
    if (!r)
        r = value_put(value, value->count, (struct origin){store, index, a->runs - 1});
    value->last = value->count - 1;
    return r;
}

static enum variable variable_of(const char *name)
{
    enum variable v = LINUX;

    while (v < VARIABLES && !streq(variable_names[v], name))
        v++;
    return v;
}

/* What may be replaced counts as replaced: those lines are no place for the flag anyway.
 */
static void note_replacement(struct reader *r, const struct shell_assignment *a,
                             enum variable v)
{
    unsigned bit = 1u << (v - XEN_REPLACE);
    bool filled = a->indirect;

    for (size_t i = 0; i < a->runs; i++)
        filled |= a->run[i].text[0] != '\0';
    if (filled)
        r->xen_replaced |= bit;
    else if (!a->conditional && !extends(a))
        r->xen_replaced &= ~bit;
}

/* In grub.cfg a word that begins with "#" begins a comment. */
static bool has_comment(const struct shell_assignment *a)
{
    for (size_t i = 0; i < a->runs; i++) {
        const struct shell_run *run = &a->run[i];

        for (size_t k = 0; run->text[k]; k++)
            if (run->text[k] == '#' && !run->byte[k].expansion &&
                (k ? run->text[k - 1] == ' ' || run->text[k - 1] == '\t'
                   : i == 0 && !a->append))
                return true;
    }
    return false;
}

static int read_assignment(struct reader *r, struct store *store, size_t index)
{
    const struct shell_assignment *a = assignment_of(store, index);
    enum variable v = variable_of(a->name);

    if (a->prefix || v == VARIABLES)
        return 0;
    if (v == DISABLE_RECOVERY && !a->conditional)
        r->no_recovery = streq(a->run[0].text, "true");
    if (v == XEN_REPLACE || v == XEN_REPLACE_DEFAULT)
        note_replacement(r, a, v);
    if (v > XEN_DEFAULT || (v >= XEN && !r->xen))
        return 0;
    if (a->conditional && extends(a))
        return host_add_note(
            r->host, r->err,
            "%s:%u: %s is extended under a condition; that was left out of "
            "account",
            store->path, a->line, a->name);
    if (a->conditional) {
        r->value[v].doubtful = store;
        r->value[v].doubtful_line = a->line;
        return 0;
    }
    for (size_t i = 0; i < a->runs; i++)
        if (strchr(a->run[i].text, '\n'))
            return error_set(r->err, EXIT_CLASS_DATA, store->path, a->line,
                             "%s holds a line break, and what is behind it is lost in "
                             "grub.cfg; write the value on one line",
                             a->name);
    if (has_comment(a))
        return error_set(
            r->err, EXIT_CLASS_DATA, store->path, a->line,
            "%s holds a word that begins with \"#\", behind which GRUB reads "
            "nothing more of the line; put it in quotes or take it out",
            a->name);
    if (a->runs > 2)
        return error_set(r->err, EXIT_CLASS_DATA, store->path, a->line,
                         "%s is put into itself more than once; write it once", a->name);
    for (size_t i = 0; i < a->runs; i++)
        if (a->run[i].opaque &&
            host_add_note(r->host, r->err,
                          "%s:%u: what the expansion in %s gives could not be judged",
                          store->path, a->line, a->name) < 0)
            return -ENOMEM;
    return value_assign(&r->value[v], store, index) < 0 ? error_memory(r->err) : 0;
}

static int read_store(struct reader *r, struct store *store)
{
    struct defaults *d = calloc(1, sizeof(*d));
    int e;

    store->detail = d;
    if (!d)
        return error_memory(r->err);
    e = tree_load(&d->tree, &format, store->path, &store->text, r->err);
    if (!e)
        e = shell_read(&d->shell, store->path, store->text.data, store->text.len,
                       variable_names, r->err);
    for (size_t i = 0; !e && i < d->shell.assignments; i++)
        e = read_assignment(r, store, i);
    return e;
}

/* The flag goes into _DEFAULT where recovery entries are made, so that these stay as they
   are; else into the variable that there is. BASE: LINUX or XEN. */
static enum variable target(const struct reader *r, enum variable base)
{
    enum variable last = base + 1;

    if (r->no_recovery)
        return base;
    return !r->value[last].assigned && r->value[base].assigned ? base : last;
}

static int add_slot(struct reader *r, enum variable v, const struct origin *origin,
                    bool joined, struct slot **slot)
{
    const struct shell_assignment *a = NULL;

    if (host_add_slot(r->host, slot, r->err) < 0)
        return -ENOMEM;
    if (origin->assignment != NOT_ASSIGNED)
        a = assignment_of(origin->store, origin->assignment);
    (*slot)->store = origin->store;
    (*slot)->line = a ? a->line : 0;
    (*slot)->kind = v >= XEN ? SLOT_XEN : SLOT_LINUX;
    (*slot)->dialect = KARGS_PLAIN;
    (*slot)->group = v >= XEN ? v - XEN : v;
    (*slot)->joined = joined;
    (*slot)->node = origin->assignment;
    (*slot)->offset = origin->run;
    (*slot)->text = strdup(a ? a->run[origin->run].text : "");
    return (*slot)->text ? 0 : error_memory(r->err);
}

/* The slots of a variable, made once and shared by the templates. */
struct slots {
    struct slot **slot;
    size_t count, last;
};

static int make_slots(struct reader *r, enum variable v, struct store *main_store,
                      struct slots *slots)
{
    const struct value *value = &r->value[v];
    const struct origin missing = {main_store, NOT_ASSIGNED, 0};
    size_t n = value->count;
    int e = 0;

    if (!value->assigned && target(r, v >= XEN ? XEN : LINUX) == v)
        n = 1;
    slots->slot = calloc(n + 1, sizeof(struct slot *));
    slots->last = value->assigned ? value->last : 0;
    if (!slots->slot)
        return error_memory(r->err);
    for (size_t i = 0; !e && i < n; i++, slots->count++)
        e = add_slot(r, v, value->assigned ? &value->origin[i] : &missing, i > 0,
                     &slots->slot[i]);
    return e;
}

/* SLOTS: of the variables BASE and the one behind it. */
static int fill_template(struct reader *r, const struct slots slots[2],
                         enum variable base, struct entry *entry)
{
    enum variable into = target(r, base);
    int e = 0;

    for (size_t group = 0; group < entry->groups; group++) {
        if (base + group == into)
            entry->add_to = entry->slots + slots[group].last;
        for (size_t i = 0; !e && i < slots[group].count; i++)
            e = entry_add_slot(entry, slots[group].slot[i], r->err);
    }
    if (entry->slots)
        entry->line = entry->slot[entry->add_to < entry->slots ? entry->add_to : 0]->line;
    if (entry->add_to >= entry->slots)
        entry->add_to = 0; /* a recovery template is never added to */
    return e;
}

static int add_template(struct reader *r, struct store *store,
                        const struct slots slots[2], enum variable base, bool recovery)
{
    struct entry *entry;

    if (host_add_entry(r->host, &entry, r->err) < 0)
        return -ENOMEM;
    entry->store = store;
    entry->kind = ENTRY_TEMPLATE;
    entry->recovery = recovery;
    entry->spared = recovery ? "a recovery entry" : NULL;
    entry->generated = true;
    entry->groups = recovery ? 1 : 2;
    entry->not_for_xen = r->xen_replaced;
    entry->for_hypervisor = base == XEN;
    entry->title =
        text_format("%s%s%s", variable_names[base], recovery ? "" : " and ",
                    recovery ? ", recovery entries" : variable_names[base + 1]);
    entry->kernel = strdup("");
    if (!entry->title || !entry->kernel)
        return error_memory(r->err);
    return fill_template(r, slots, base, entry);
}

static int check_settled(const struct reader *r)
{
    for (enum variable v = LINUX; v <= XEN_DEFAULT; v++)
        if (r->value[v].doubtful)
            return error_set(
                r->err, EXIT_CLASS_DATA, r->value[v].doubtful->path,
                r->value[v].doubtful_line,
                "%s is replaced under a condition, so nobody can say what it "
                "will be; assign it unconditionally, or only extend it there",
                variable_names[v]);
    return 0;
}

/* The templates of a pair of variables: BASE and the one behind it. */
static int add_templates(struct reader *r, struct store *main_store, enum variable base)
{
    struct slots slots[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    int e = make_slots(r, base, main_store, &slots[0]);

    if (!e)
        e = make_slots(r, base + 1, main_store, &slots[1]);
    if (!e)
        e = add_template(r, main_store, slots, base, false);
    if (!e && !r->no_recovery)
        e = add_template(r, main_store, slots, base, true);
    free(slots[0].slot);
    free(slots[1].slot);
    return e;
}

/* 20_linux_xen makes entries for what it finds as /boot/xen*. */
static bool has_hypervisor(struct root *root)
{
    CLEANUP(auto_names_free) char **names = NULL;
    struct error ignored;
    bool found = false;

    if (root_list(root, "/boot", &names, &ignored) < 0)
        return false;
    for (size_t i = 0; names[i] && !found; i++) {
        AUTO_FREE char *path = text_format("/boot/%s", names[i]);

        found = path && starts_with(names[i], "xen") && !ends_with(path, ".config") &&
                kernel_guess(root, path, "") == KERNEL_XEN;
    }
    return found;
}

/* Debian's grub-mkconfig sources the drop-ins, the others' do not know them. */
static bool reads_dropins(struct host *host)
{
    static const char *const generators[] = {
        "/usr/sbin/grub-mkconfig", "/usr/sbin/grub2-mkconfig", "/usr/bin/grub-mkconfig"};
    struct error ignored;

    for (size_t i = 0; i < ARRAY_LEN(generators); i++) {
        AUTO_BLOB text = {NULL, 0};

        if (root_read(host->root, generators[i], FILE_MAX_BYTES, &text, &ignored) == 0)
            return memmem(text.data, text.len, "default/grub.d", 14) != NULL;
    }
    return true; /* no generator to ask: then they are there for one that reads them */
}

static int add_store(struct host *host, const char *name, struct store **store,
                     struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    int e = host_find(host, name, &place, err);

    *store = NULL;
    if (e == -ENOENT && !place.linked)
        return 0;
    if (e < 0)
        return e == -ENOENT
                   ? error_set(
                         err, EXIT_CLASS_DATA, name, 0,
                         "is a symbolic link that leads to no file; mend or remove it")
                   : error_system(err, -e, name, "cannot look at the file");
    if (host_add_store(host, store, err) < 0)
        return -ENOMEM;
    (*store)->type = &grub_default;
    (*store)->state = STORE_LIVE;
    snprintf((*store)->evidence, sizeof((*store)->evidence), "%s",
             "GRUB 2's generator reads it");
    (*store)->path = strdup(place.path);
    if (!(*store)->path)
        return error_memory(err);
    e = host_read(host, &place, FILE_MAX_BYTES, &(*store)->text, err);
    return e ? e : host_check_text(*store, err);
}

static int scan_dropins(struct reader *r)
{
    CLEANUP(auto_names_free) char **names = NULL;
    struct store *store;
    int e =
        reads_dropins(r->host) ? root_list(r->host->root, DROPINS, &names, r->err) : 0;

    for (size_t i = 0; !e && names && names[i]; i++) {
        AUTO_FREE char *path = text_format(DROPINS "/%s", names[i]);

        if (!path)
            return error_memory(r->err);
        if (!ends_with(path, ".cfg"))
            continue;
        e = add_store(r->host, path, &store, r->err);
        if (!e && store)
            e = read_store(r, store);
    }
    return e;
}

static int scan(struct host *host, struct error *err)
{
    struct reader r = {.host = host, .err = err, .xen = has_hypervisor(host->root)};
    struct store *main_store;
    int e = add_store(host, MAIN_FILE, &main_store, err);

    if (!e && main_store) {
        e = read_store(&r, main_store);
        if (!e)
            e = scan_dropins(&r);
        if (!e)
            e = check_settled(&r);
        if (!e)
            e = add_templates(&r, main_store, LINUX);
        if (!e && r.xen)
            e = add_templates(&r, main_store, XEN);
    }
    for (enum variable v = LINUX; v < VARIABLES; v++)
        free(r.value[v].origin);
    return e;
}

static const char *variable_name(const struct slot *slot)
{
    return variable_names[(slot->kind == SLOT_XEN ? XEN : LINUX) + slot->group];
}

/* Two lines of ours, the comment and the assignment, go when the value is empty again. */
static bool is_our_addition(const struct defaults *d, const struct slot *slot,
                            size_t *node)
{
    for (size_t i = 1; i < tree_count(d->tree); i++)
        if (tree_at(d->tree, i)->line == slot->line) {
            *node = i;
            return streq(tree_at(d->tree, i - 1)->value, OUR_COMMENT) &&
                   streq(tree_at(d->tree, i)->label, variable_name(slot));
        }
    return false;
}

static int render_slot(const struct defaults *d, const struct slot *slot,
                       const char *text, struct tree_change *change, struct splices *list,
                       struct error *err)
{
    const struct shell_assignment *a = &d->shell.assignment[slot->node];
    size_t node;
    int e;

    if (!text[0] && !extends(a) && is_our_addition(d, slot, &node)) {
        change[node - 1].remove = change[node].remove = true;
        return 0;
    }
    e = shell_rewrite(&a->run[slot->offset], text, list);
    if (e == -ENOMEM)
        return error_memory(err);
    if (e < 0)
        return error_set(err, EXIT_CLASS_DATA, slot->store->path, slot->line,
                         "what has to change stands inside an expansion ($NAME, ${...}, "
                         "$(...)) or right behind one; write that part out, then run the "
                         "command again");
    return 0;
}

/* Variables stand in the file in any order. */
static int splice_order(const void *a, const void *b)
{
    const struct splice *m = a, *n = b;

    return m->begin < n->begin ? -1 : m->begin > n->begin;
}

/* Lines of ours behind the last one: at most one of Linux's variables and one of Xen's.
 */
struct additions {
    struct tree_addition line[4];
    char *value[2];
    size_t count;
};

static void additions_clear(struct additions *a)
{
    free(a->value[0]);
    free(a->value[1]);
}

static int add_assignment(const struct slot *slot, const char *text, struct additions *a,
                          struct error *err)
{
    const struct defaults *d = slot->store->detail;
    char *value;

    if (d->shell.open_end)
        return error_set(err, EXIT_CLASS_DATA, slot->store->path,
                         tree_at(d->tree, tree_count(d->tree) - 1)->line,
                         "ends in a backslash, behind which no line can be added; remove "
                         "that backslash");
    value = text_format("\"%s\"", text);
    if (!value)
        return error_memory(err);
    a->value[a->count / 2] = value;
    a->line[a->count++] = (struct tree_addition){"#line", OUR_COMMENT};
    a->line[a->count++] = (struct tree_addition){variable_name(slot), value};
    return 0;
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

const struct store_type grub_default = {
    .name = "grub-default",
    .scan = scan,
    .render = render,
    .free_detail = free_detail,
    .rank = 10,
};
