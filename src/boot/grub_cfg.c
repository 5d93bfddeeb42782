/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/grub_cfg.h"

#include <errno.h>
#include <stdio.h>

#include "boot/grub_default.h"
#include "boot/grub_script.h"
#include "boot/grub_variables.h"
#include "boot/tree.h"

#define FILE_MAX_BYTES (16u << 20)
#define BLOCKS_MAX 64
#define SECTION "### BEGIN /etc/grub.d/"
#define SECTION_END "### END /etc/grub.d/"

static const char recovery[] = "a recovery entry";
static const char under_xen[] = "Linux under Xen, which drives the IOMMU itself";
static const char other_system[] = "another system's, found by os-prober";
static const char custom[] =
    "made by a script of /etc/grub.d that does not use the variables: "
    "give it the flag there";

/* Who made the statements that are being read. */
enum section {
    SECTION_NONE,   /* nobody: written by hand, or included */
    SECTION_LINUX,  /* 10_linux and its like: LINUX and DEFAULT stand in the lines */
    SECTION_PROBER, /* 30_os-prober */
    SECTION_CUSTOM, /* another script */
};

enum block_kind { BLOCK_OTHER, BLOCK_ENTRY, BLOCK_SUBMENU };

struct block {
    enum block_kind kind;
    char *title, *id;
    unsigned line;
    size_t position, children; /* as the loader counts entries and submenus, from 0 */
    size_t first_entry;        /* how many entries the host had before it */
    const char *meant; /* what is left of the default's name; NULL: it means another */
    bool met;          /* it means one that is inside */
};

struct reader {
    struct host *host;
    struct store *store;
    struct error *err;
    const struct entry *normal, *rescue;         /* the templates, or NULL */
    const struct entry *xen_normal, *xen_rescue; /* those of Xen's own lines */
    enum section section;
    bool uses_variables;            /* the custom script of this section does */
    struct block block[BLOCKS_MAX]; /* block[0] is the file */
    size_t depth;
    bool xen;           /* the entry being read starts a hypervisor */
    char *default_name; /* what "set default=" says, or NULL */
    bool lists_entries; /* the loader entries are in its menu too */
};

static size_t logical_line(const char *text, size_t left)
{
    for (size_t i = 0; i < left; i++) {
        if (text[i] == '\n')
            return i + 1;
        if (text[i] != '\\')
            continue;
        i++; /* and what it takes along, behind carriage returns */
        while (i < left && text[i] == '\r')
            i++;
    }
    return left + 1;
}

static const struct tree_format format = {"Iommuctl_Grubcfg.lns", logical_line};

static struct block *innermost(struct reader *r, enum block_kind kind)
{
    for (size_t i = r->depth + 1; i--;)
        if (r->block[i].kind == kind)
            return &r->block[i];
    return NULL;
}

/* Titles are in the administrator's language, ids are not. */
static bool is_recovery(const struct block *block)
{
    return strstr(block->title, "(recovery mode)") || strstr(block->title, "(rescue") ||
           strstr(block->title, "single-user") ||
           (block->id && strstr(block->id, "-recovery-"));
}

/* The template that feeds a line of this section, and why the entry may be spared. */
static void judge_origin(const struct reader *r, const struct block *block,
                         struct entry *entry, bool module)
{
    bool xen = entry->kind == ENTRY_XEN;

    entry->generated = r->section != SECTION_NONE;
    entry->recovery = is_recovery(block);
    if (r->section == SECTION_LINUX && entry->recovery)
        entry->feed = xen ? r->xen_rescue : r->rescue;
    else if (r->section == SECTION_LINUX ||
             (r->section == SECTION_CUSTOM && r->uses_variables))
        entry->feed = xen ? r->xen_normal : r->normal;
    if (module && entry->feed)
        entry->not_fed = entry->feed->not_for_xen;
    if (module)
        entry->spared = under_xen;
    else if (entry->recovery)
        entry->spared = recovery;
    else if (r->section == SECTION_PROBER)
        entry->spared = other_system;
    else if (r->section == SECTION_CUSTOM)
        entry->spared = custom;
}

/*
 * The default's name is a number, a title or an id; behind ">" the same for what is in
 * that submenu, where nothing means the first. What is left of NAME if it means BLOCK;
 * else NULL.
 */
static const char *name_of(const char *name, const struct block *block)
{
    size_t n = strcspn(name, ">");
    const char *rest = name[n] ? name + n + 1 : "";
    char position[24];
    const char *const names[] = {position, block->title, block->id ? block->id : ""};

    snprintf(position, sizeof(position), "%zu", block->position);
    if (!n)
        return block->position ? NULL : "";
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strlen(names[i]) == n && strncmp(name, names[i], n) == 0)
            return rest;
    return NULL;
}

/* A name that means nothing there is the first one, too. */
static void settle_default(const struct reader *r, const struct block *level)
{
    if (level->meant && !level->met && level->first_entry < r->host->entries)
        r->host->entry[level->first_entry]->is_default = true;
}

static int add_entry(struct reader *r, enum entry_kind kind, unsigned line,
                     const char *image, bool module, struct entry **entry)
{
    const struct block *block = innermost(r, BLOCK_ENTRY);

    if (host_add_entry(r->host, entry, r->err) < 0)
        return -ENOMEM;
    (*entry)->store = r->store;
    (*entry)->kind = kind;
    (*entry)->line = line;
    (*entry)->title = strdup(block->title);
    (*entry)->kernel = strdup(image);
    if (!(*entry)->title || !(*entry)->kernel)
        return error_memory(r->err);
    (*entry)->is_default = block->meant && !module;
    (*entry)->position = block->position;
    (*entry)->overhead = strlen("BOOT_IMAGE=") + strlen(image);
    kernel_look(r->host->root, image, &(*entry)->image);
    judge_origin(r, block, *entry, module);
    return 0;
}

static int add_slot(struct reader *r, struct entry *entry, const struct grub_statement *s,
                    size_t image, char **args)
{
    struct slot *slot;

    for (size_t i = image + 1; i < s->words; i++)
        if (strchr(s->word[i].text, '\n'))
            return error_set(r->err, EXIT_CLASS_DATA, r->store->path, s->line,
                             "an argument in quotes holds a line break; write it on "
                             "one line");
    if (host_add_slot(r->host, &slot, r->err) < 0)
        return -ENOMEM;
    slot->store = r->store;
    slot->line = s->line;
    slot->kind = entry->kind == ENTRY_XEN ? SLOT_XEN : SLOT_LINUX;
    slot->dialect = KARGS_SCRIPT;
    slot->joined = true;
    slot->offset = s->word[image].end;
    slot->text = *args;
    *args = NULL;
    return entry_add_slot(entry, slot, r->err);
}

/* The image's place among the words: options of the command come before it. */
static size_t image_word(const struct grub_statement *s)
{
    size_t i = 1;

    while (i < s->words && starts_with(s->word[i].text, "--"))
        i++;
    return i;
}

static int read_kernel(struct reader *r, const struct grub_statement *s, bool module)
{
    static const enum entry_kind kinds[] = {
        [KERNEL_LINUX] = ENTRY_LINUX,
        [KERNEL_XEN] = ENTRY_XEN,
        [KERNEL_OTHER] = ENTRY_OTHER,
        [KERNEL_UNKNOWN] = ENTRY_UNKNOWN,
    };
    size_t i = image_word(s), begin;
    AUTO_FREE char *args = NULL; /* everything behind the image */
    enum kernel_guess guess;
    struct entry *entry;

    if (i >= s->words || !innermost(r, BLOCK_ENTRY))
        return 0;
    begin = s->word[i].end;
    args = strndup(r->store->text.data + begin, s->end - begin);
    if (!args)
        return error_memory(r->err);
    guess = kernel_guess(r->host->root, s->word[i].text, args);
    if (module && guess != KERNEL_LINUX)
        return 0; /* an initrd, or microcode */
    if (starts_with(s->word[0].text, "linux") && guess == KERNEL_UNKNOWN)
        guess = KERNEL_LINUX; /* the command loads nothing else */
    r->xen |= guess == KERNEL_XEN;
    if (add_entry(r, kinds[guess], s->line, s->word[i].text, module, &entry) < 0)
        return -ENOMEM;
    if (guess != KERNEL_LINUX && guess != KERNEL_XEN)
        return 0;
    return add_slot(r, entry, s, i, &args);
}

static int read_initrd(struct reader *r, const struct grub_statement *s)
{
    const struct block *block = innermost(r, BLOCK_ENTRY);
    struct host *host = r->host;
    struct entry *entry;

    if (s->words < 2 || !block || host->entries == block->first_entry)
        return 0;
    entry = host->entry[host->entries - 1];
    free(entry->initrd);
    entry->initrd = strdup(s->word[s->words - 1].text);
    return entry->initrd ? 0 : error_memory(r->err);
}

/* The environment block's saved_entry; "" where there is none. */
static char *saved_entry(const struct reader *r)
{
    const char *slash = strrchr(r->store->path, '/');
    AUTO_FREE char *path =
        text_format("%.*s/grubenv", (int)(slash - r->store->path), r->store->path);
    AUTO_BLOB text = {NULL, 0};
    struct error ignored;
    const char *at = NULL;

    if (path && root_read(r->host->root, path, 65536, &text, &ignored) == 0)
        at = strstr(text.data, "\nsaved_entry=");
    at = at ? at + strlen("\nsaved_entry=") : "";
    return path ? strndup(at, strcspn(at, "\n")) : NULL;
}

/* The last "default=" outside of the entries counts, however it is guarded. */
static int look_for_default(struct reader *r, const struct grub_statement *s)
{
    const char *value = s->words ? s->word[0].text : "";
    char *name;

    if (s->opens)
        r->depth++;
    else if (s->kind == GRUB_CLOSE && r->depth)
        r->depth--;
    if (streq(value, "set") && s->words > 1)
        value = s->word[1].text;
    if (r->depth || !starts_with(value, "default="))
        return 0;
    value += strlen("default=");
    if (strchr(value, '$') && !strstr(value, "saved_entry"))
        return 0; /* one start only: next_entry and its like */
    name = strchr(value, '$') ? saved_entry(r) : strdup(value);
    free(r->default_name);
    r->default_name = name;
    return name ? 0 : error_memory(r->err);
}

/* Where the words in a custom script's lines come from, only the script itself can tell.
 */
static bool mentions_variables(const struct reader *r, const char *name, size_t len)
{
    AUTO_FREE char *path = text_format("/etc/grub.d/%.*s", (int)len, name);
    AUTO_BLOB script = {NULL, 0};
    struct error ignored;

    return path &&
           root_read(r->host->root, path, FILE_MAX_BYTES, &script, &ignored) == 0 &&
           memmem(script.data, script.len, "GRUB_CMDLINE_LINUX", 18);
}

static void read_section(struct reader *r, const char *comment)
{
    const char *name = comment + strlen(SECTION);

    if (starts_with(comment, SECTION_END)) {
        r->section = SECTION_NONE;
    } else if (starts_with(comment, SECTION)) {
        r->section = SECTION_CUSTOM;
        if (starts_with(name, "10_") || starts_with(name, "20_linux_xen"))
            r->section = SECTION_LINUX;
        else if (starts_with(name, "30_os-prober"))
            r->section = SECTION_PROBER;
        else
            r->uses_variables = mentions_variables(r, name, strcspn(name, " "));
    }
}

static const char *option_value(const struct grub_statement *s, const char *option)
{
    for (size_t i = 1; i + 1 < s->words; i++)
        if (streq(s->word[i].text, option))
            return s->word[i + 1].text;
    return NULL;
}

/* The place of an entry or submenu in its menu, and whether it is the default's. */
static void place_block(struct block *menu, struct block *block)
{
    block->position = menu->children++;
    if (menu->meant && !menu->met)
        block->meant = name_of(menu->meant, block);
    menu->met |= block->meant != NULL;
}

static enum block_kind kind_of(const struct grub_statement *s)
{
    const char *word = s->words ? s->word[0].text : "";

    return streq(word, "menuentry") ? BLOCK_ENTRY
           : streq(word, "submenu") ? BLOCK_SUBMENU
                                    : BLOCK_OTHER;
}

static int open_block(struct reader *r, const struct grub_statement *s)
{
    const char *title = s->words > 1 ? s->word[1].text : "";
    const char *id = option_value(s, "--id");
    struct block *block, *menu = innermost(r, BLOCK_SUBMENU);

    if (r->depth + 1 == BLOCKS_MAX)
        return error_set(r->err, EXIT_CLASS_DATA, r->store->path, s->line,
                         "more than %d blocks inside one another", BLOCKS_MAX - 1);
    if (!id) /* generated entries: $menuentry_id_option 'id' */
        id = option_value(s, "$menuentry_id_option");
    block = &r->block[++r->depth];
    *block = (struct block){
        .kind = kind_of(s), .line = s->line, .first_entry = r->host->entries};
    block->title = strdup(title);
    block->id = id ? strdup(id) : NULL;
    if (!block->title || (id && !block->id))
        return error_memory(r->err);
    if (block->kind != BLOCK_OTHER)
        place_block(menu ? menu : &r->block[0], block);
    if (block->kind == BLOCK_ENTRY)
        r->xen = false;
    return 0;
}

static void block_clear(struct block *block)
{
    free(block->title);
    free(block->id);
    *block = (struct block){.kind = BLOCK_OTHER};
}

/* An entry that starts no kernel of ours is listed too. */
static int close_block(struct reader *r)
{
    struct block *block = &r->block[r->depth];
    struct entry *entry;
    int e = 0;

    if (!r->depth)
        return 0; /* one brace too many; GRUB would refuse the file, not we */
    if (block->kind == BLOCK_SUBMENU)
        settle_default(r, block);
    if (block->kind == BLOCK_ENTRY && r->host->entries == block->first_entry)
        e = add_entry(r, ENTRY_OTHER, block->line, "", false, &entry);
    block_clear(block);
    r->depth--;
    return e;
}

static int read_command(struct reader *r, const struct grub_statement *s)
{
    const char *word = s->words ? s->word[0].text : "";

    if (s->opens)
        return open_block(r, s);
    if (streq(word, "set"))
        return grub_variables_read(r->host, r->store, s, r->err);
    if (streq(word, "linux") || streq(word, "linux16") || streq(word, "linuxefi") ||
        streq(word, "multiboot") || streq(word, "multiboot2") ||
        streq(word, "xen_hypervisor"))
        return read_kernel(r, s, false);
    if (r->xen &&
        (streq(word, "module") || streq(word, "module2") || streq(word, "xen_linux")))
        return read_kernel(r, s, true);
    if (streq(word, "initrd") || streq(word, "initrd16") || streq(word, "initrdefi"))
        return read_initrd(r, s);
    return 0;
}

static int read_statement(struct reader *r, const struct grub_statement *s)
{
    switch (s->kind) {
    case GRUB_COMMENT:
        read_section(r, s->word[0].text);
        return 0;
    case GRUB_CLOSE:
        return close_block(r);
    case GRUB_COMMAND:
        break;
    }
    return read_command(r, s);
}

static int each_statement(struct reader *r,
                          int (*take)(struct reader *, const struct grub_statement *))
{
    struct grub_reader script = {r->store->text.data, r->store->text.len, 0, 1, 0, NULL};
    struct grub_statement s;
    int e = 0, more = 1;

    while (!e && (more = grub_script_next(&script, &s)) > 0) {
        e = take(r, &s);
        grub_statement_clear(&s);
    }
    if (!e && more < 0)
        return error_memory(r->err);
    if (!e && script.wrong)
        return error_set(r->err, EXIT_CLASS_DATA, r->store->path, script.wrong,
                         "%s, which GRUB takes for an error; mend it, or have the file "
                         "made anew (update-grub, grub2-mkconfig -o ...)",
                         script.why);
    return e;
}

static int read_entries(struct reader *r)
{
    int e;

    r->depth = 0;
    r->block[0].first_entry = r->host->entries;
    r->block[0].meant = r->default_name ? r->default_name : "";
    if (r->lists_entries && !r->block[0].meant[strspn(r->block[0].meant, "0123456789")])
        r->block[0].meant = NULL; /* counted among the loader entries, which come first */
    e = each_statement(r, read_statement);
    while (r->depth) /* without an end, GRUB takes it for none */
        block_clear(&r->block[r->depth--]);
    if (!r->lists_entries)
        settle_default(r, &r->block[0]);
    return e;
}

/* That of the hypervisor's own lines, or NULL. */
static const struct entry *xen_template(const struct host *host, bool rescue)
{
    for (size_t i = 0; i < host->entries; i++)
        if (host->entry[i]->for_hypervisor && host->entry[i]->recovery == rescue)
            return host->entry[i];
    return NULL;
}

static int read_script(struct host *host, struct store *store, struct error *err)
{
    struct reader r = {.host = host,
                       .store = store,
                       .err = err,
                       .normal = host_template(host, &grub_default, false),
                       .rescue = host_template(host, &grub_default, true),
                       .xen_normal = xen_template(host, false),
                       .xen_rescue = xen_template(host, true),
                       .lists_entries = grub_lists_entries(&store->text)};
    struct tree *tree = NULL;
    int e = tree_load(&tree, &format, store->path, &store->text, err);

    store->detail = tree;
    if (!e)
        e = each_statement(&r, look_for_default);
    if (!e)
        e = read_entries(&r);
    if (r.lists_entries && !host->blscfg) {
        host->blscfg = true;
        host->blscfg_default = r.default_name;
        r.default_name = NULL;
    }
    free(r.default_name);
    return e;
}

/* None: a stub that hands over to another file. */
static int has_entries(const struct blob *text, struct error *err)
{
    struct grub_reader script = {text->data, text->len, 0, 1, 0, NULL};
    struct grub_statement s;
    int found = grub_lists_entries(text), more = 1;

    while (!found && (more = grub_script_next(&script, &s)) > 0) {
        found = s.opens && kind_of(&s) == BLOCK_ENTRY;
        grub_statement_clear(&s);
    }
    return more < 0 ? error_memory(err) : found;
}

static int scan_file(struct host *host, const char *path, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    AUTO_BLOB text = {NULL, 0};
    struct store *store;
    int e = host_find(host, path, &place, err);

    if (e == -ENOENT && !place.linked)
        return 0;
    if (e < 0)
        return e == -ENOENT
                   ? error_set(
                         err, EXIT_CLASS_DATA, path, 0,
                         "is a symbolic link that leads to no file; mend or remove it")
                   : error_system(err, -e, path, "cannot look at the file");
    if (host_store(host, place.path))
        return 0;
    e = host_read(host, &place, FILE_MAX_BYTES, &text, err);
    if (!e)
        e = has_entries(&text, err);
    if (e <= 0)
        return e;
    if (host_add_store(host, &store, err) < 0)
        return -ENOMEM;
    store->type = &grub_cfg;
    store->state = STORE_LIVE;
    snprintf(store->evidence, sizeof(store->evidence),
             "a menu where GRUB 2 looks for it");
    store->path = strdup(place.path);
    store->text = text;
    text = (struct blob){NULL, 0};
    if (!store->path)
        return error_memory(err);
    e = host_check_text(store, err);
    return e ? e : read_script(host, store, err);
}

static int scan_directory(struct host *host, const char *directory, struct error *err)
{
    static const char *const names[] = {"grub.cfg", "custom.cfg"};
    int e = 0;

    for (size_t i = 0; !e && i < ARRAY_LEN(names); i++) {
        AUTO_FREE char *path = text_format("%s/%s", directory, names[i]);

        e = path ? scan_file(host, path, err) : error_memory(err);
    }
    return e;
}

/* The directories of each vendor on the EFI partition that is mounted here. */
static int scan_vendors(struct host *host, const char *partition, struct error *err)
{
    CLEANUP(auto_names_free) char **vendors = NULL;
    int e = root_list(host->root, partition, &vendors, err);

    for (size_t i = 0; !e && vendors[i]; i++) {
        AUTO_FREE char *directory = text_format("%s/%s", partition, vendors[i]);

        e = directory ? scan_directory(host, directory, err) : error_memory(err);
    }
    return e;
}

/* Where distributions put it, and where grub-install --boot-directory may. */
static int scan(struct host *host, struct error *err)
{
    static const char *const directories[] = {"/boot/grub2", "/boot/grub",
                                              "/boot/efi/grub", "/efi/grub"};
    static const char *const partitions[] = {"/boot/efi/EFI", "/efi/EFI", "/boot/EFI"};
    int e = 0;

    for (size_t i = 0; !e && i < ARRAY_LEN(directories); i++)
        e = scan_directory(host, directories[i], err);
    for (size_t i = 0; !e && i < ARRAY_LEN(partitions); i++)
        e = scan_vendors(host, partitions[i], err);
    return e;
}

static int render(const struct host *host, const struct store *store, char *const *text,
                  struct blob *out, struct error *err)
{
    const struct tree *tree = store->detail;
    CLEANUP(tree_changes_free) struct tree_change *change = tree_changes(tree);
    CLEANUP(splices_clear) struct splices list = {NULL, 0};
    int e = change ? 0 : error_memory(err);

    for (size_t i = 0; !e && i < host->slots; i++) {
        const struct slot *slot = host->slot[i];

        if (slot->store == store && text[i] &&
            splices_add(&list, slot->offset, slot->offset + strlen(slot->text), text[i]) <
                0)
            e = error_memory(err);
    }
    if (!e)
        e = tree_splice(tree, &list, change, err);
    return e ? e : tree_render(store->detail, change, NULL, 0, out, err);
}

static void free_tree(void *tree)
{
    tree_free(tree);
}

const struct store_type grub_cfg = {
    .name = "grub-cfg",
    .scan = scan,
    .render = render,
    .free_detail = free_tree,
    .rank = 100,
    .starts = true,
    .keep_rollback = true,
};
