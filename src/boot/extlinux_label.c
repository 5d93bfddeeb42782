/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/extlinux_label.h"

#include <errno.h>
#include <strings.h>

#include "boot/extlinux_default.h"
#include "boot/extlinux_read.h"

char *menu_path(const struct menu_reader *r, const char *name)
{
    size_t n = strlen(r->directory);

    if (name[0] == '/')
        return strdup(name);
    for (;;) {
        if (starts_with(name, "./")) {
            name += 2;
        } else if (starts_with(name, "../")) {
            name += 3;
            while (n && r->directory[n - 1] != '/')
                n--;
            n -= n > 0;
        } else {
            return text_format("%.*s/%s", (int)n, r->directory, name);
        }
    }
}

static bool ends_like(const char *name, const char *const *ends)
{
    size_t n = strlen(name);

    for (; *ends; ends++)
        if (n > strlen(*ends) && strcasecmp(name + n - strlen(*ends), *ends) == 0)
            return true;
    return false;
}

bool menu_is_no_kernel(const char *name)
{
    static const char *const ends[] = {".c32", ".com", ".cbt", ".bss", ".bs",
                                       ".bin", ".img", ".0",   NULL};

    return ends_like(name, ends);
}

/* Alpine's images are named by their flavour alone: "vmlinuz-lts". */
static void look_at_image(const struct menu_reader *r, const char *path,
                          struct kernel *image)
{
    const char *name = strrchr(path, '/') + 1;
    AUTO_FREE char *release =
        starts_with(name, "vmlinuz-")
            ? text_format("/usr/share/kernel/%s/kernel.release", name + 8)
            : NULL;
    AUTO_BLOB version = {NULL, 0};
    struct error ignored;

    if (release && root_read(r->host->root, release, 256, &version, &ignored) == 0 &&
        version.len) {
        version.data[strcspn(version.data, " \t\r\n")] = '\0';
        kernel_look_version(r->host->root, path, version.data, image);
    } else {
        kernel_look(r->host->root, path, image);
    }
}

static int add_entry(struct menu_reader *r, enum entry_kind kind, const char *image,
                     struct entry **entry)
{
    const struct label *label = &r->label;
    AUTO_FREE char *path = menu_path(r, image);

    if (!path || host_add_entry(r->host, entry, r->err) < 0)
        return error_memory(r->err);
    (*entry)->store = label->at.store;
    (*entry)->kind = r->fragment && kind != ENTRY_OTHER ? ENTRY_TEMPLATE : kind;
    (*entry)->line = line_at(label->append.store ? &label->append : &label->at)->line;
    (*entry)->position = r->position;
    (*entry)->groups = 1;
    (*entry)->generated = r->generated;
    (*entry)->title = strdup(label->title ? label->title : label->name);
    (*entry)->kernel = strdup((*entry)->kind == ENTRY_TEMPLATE ? "" : path);
    if (!(*entry)->title || !(*entry)->kernel)
        return error_memory(r->err);
    if (label->initrd && !((*entry)->initrd = menu_path(r, label->initrd)))
        return error_memory(r->err);
    (*entry)->overhead = strlen("BOOT_IMAGE= ") + strlen(image) +
                         (label->initrd ? strlen(" initrd=") + strlen(label->initrd) : 0);
    look_at_image(r, path, &(*entry)->image);
    return 0;
}

/* A carriage return ends the line for the loader, and the flag would come behind it. */
static int check_append(const struct menu_reader *r, const struct position *p)
{
    const char *value = value_at(p), *cr = strchr(value, '\r');

    if (cr && cr[strspn(cr, " \t\r")])
        return error_set(r->err, EXIT_CLASS_DATA, p->store->path, line_at(p)->line,
                         "something stands behind a carriage return, where the loader "
                         "reads no more; take it out");
    return 0;
}

/* What is between FROM and END in the value of the line at P. */
static int new_slot(const struct menu_reader *r, const struct position *p, size_t from,
                    size_t end, enum slot_kind kind, struct slot **slot)
{
    const struct tree_node *n = line_at(p);

    if (host_add_slot(r->host, slot, r->err) < 0)
        return -ENOMEM;
    (*slot)->store = p->store;
    (*slot)->line = n->line;
    (*slot)->kind = kind;
    (*slot)->dialect = KARGS_PLAIN;
    (*slot)->joined = from > 0;
    (*slot)->node = p->node;
    (*slot)->offset = n->at + from;
    (*slot)->text = strndup(n->value + from, end - from);
    return (*slot)->text ? check_append(r, p) : error_memory(r->err);
}

static int missing_slot(const struct menu_reader *r, struct slot **slot)
{
    if (host_add_slot(r->host, slot, r->err) < 0)
        return -ENOMEM;
    (*slot)->store = r->label.at.store;
    (*slot)->line = line_at(&r->label.at)->line;
    (*slot)->dialect = KARGS_PLAIN;
    (*slot)->node = EXTLINUX_NOT_THERE;
    (*slot)->text = strdup("");
    return (*slot)->text ? 0 : error_memory(r->err);
}

/* "-": none, not even the one for all. */
static bool is_none(const struct position *p)
{
    const char *value = value_at(p);

    if (line_at(p)->label[0] == '#')
        return true; /* the word alone */
    return value[0] == '-' && !value[1 + strspn(value + 1, " \t\r")];
}

/* The slot of Linux's arguments: its own, or the one for all labels. */
static int find_slot(struct menu_reader *r, struct slot **slot)
{
    const struct position *own = &r->label.append;

    if (own->store && !is_none(own))
        return new_slot(r, own, 0, strlen(value_at(own)), SLOT_LINUX, slot);
    if (own->store || !r->global.store || is_none(&r->global))
        return missing_slot(r, slot);
    if (!r->global_slot) {
        int e = new_slot(r, &r->global, 0, strlen(value_at(&r->global)), SLOT_LINUX,
                         &r->global_slot);
        if (e < 0)
            return e;
    }
    *slot = r->global_slot;
    return 0;
}

/* Only what update-extlinux makes of its variables is fed by them. */
static const struct entry *feed_of(const struct menu_reader *r, bool hypervisor)
{
    for (size_t i = 0; r->generated && i < r->host->entries; i++) {
        const struct entry *entry = r->host->entry[i];

        if (entry->kind == ENTRY_TEMPLATE && entry->store->type == &extlinux_default &&
            entry->for_hypervisor == hypervisor)
            return entry;
    }
    return NULL;
}

static int add_linux(struct menu_reader *r, struct entry **entry)
{
    struct slot *slot;
    int e = add_entry(r, ENTRY_LINUX, r->label.image, entry);

    if (!e)
        e = find_slot(r, &slot);
    if (!e)
        e = entry_add_slot(*entry, slot, r->err);
    (*entry)->feed = feed_of(r, false);
    return e;
}

/* Where the next "---" between blanks begins; the value's end without one. */
static size_t find_dashes(const char *value, size_t from)
{
    for (const char *at = value + from; (at = strstr(at, "---")); at++)
        if (at > value && strchr(" \t", at[-1]) && strchr(" \t\r", at[3]))
            return (size_t)(at - value);
    return strlen(value);
}

/* One of mboot.c32's images, from AT up to END: its name, and the slot of what follows.
 */
static int add_module(struct menu_reader *r, enum entry_kind kind, size_t at, size_t end,
                      struct entry **entry)
{
    const struct position *p = &r->label.append;
    const char *value = value_at(p);
    size_t from = at + strcspn(value + at, " \t\r");
    AUTO_FREE char *image = strndup(value + at, from - at);
    struct slot *slot;
    int e = image ? add_entry(r, kind, image, entry) : error_memory(r->err);

    if (e < 0)
        return e;
    e = new_slot(r, p, from, end, kind == ENTRY_XEN ? SLOT_XEN : SLOT_LINUX, &slot);
    return e ? e : entry_add_slot(*entry, slot, r->err);
}

/* A hypervisor, and Linux under it, which does not drive the IOMMU. */
static int add_multiboot(struct menu_reader *r, struct entry **entry)
{
    static const char under_xen[] = "Linux under Xen, which drives the IOMMU itself";
    const struct position *p = &r->label.append;
    const char *value = p->store ? value_at(p) : "";
    size_t end = find_dashes(value, 0), n = strcspn(value, " \t\r"), next;
    AUTO_FREE char *image = strndup(value, n);
    AUTO_FREE char *path = image ? menu_path(r, image) : NULL;
    struct entry *linux_entry;
    int e;

    if (!path)
        return error_memory(r->err);
    if (!n || kernel_guess(r->host->root, path, "") != KERNEL_XEN)
        return add_entry(r, ENTRY_OTHER, r->label.image, entry);
    e = add_module(r, ENTRY_XEN, 0, end, entry);
    if (e < 0)
        return e;
    (*entry)->feed = feed_of(r, true);
    next = value[end] ? end + 3 + strspn(value + end + 3, " \t") : end;
    if (!value[next])
        return 0;
    e = add_module(r, ENTRY_LINUX, next, find_dashes(value, next), &linux_entry);
    if (e < 0)
        return e;
    linux_entry->spared = under_xen;
    linux_entry->feed = feed_of(r, false);
    return 0;
}

/* Arguments may follow the image's name on its own line, too, and nobody would look
   there. */
static int check_image(const struct menu_reader *r)
{
    const struct label *label = &r->label;
    const char *rest = label->image + strcspn(label->image, " \t");

    if (!strstr(rest, "iommu"))
        return 0;
    return error_set(
        r->err, EXIT_CLASS_DATA, label->at.store->path, line_at(&label->at)->line,
        "this label's kernel line holds an argument about the IOMMU; write it "
        "on its APPEND line");
}

static enum entry_kind kind_of(const struct menu_reader *r, const char *path)
{
    const struct label *label = &r->label;
    const char *args = "";
    enum kernel_guess guess;

    if (label->how == HOW_OTHER || label->how == HOW_COM32)
        return ENTRY_OTHER;
    if (label->how != HOW_LINUX && menu_is_no_kernel(path))
        return ENTRY_OTHER;
    if (label->append.store && label->how != HOW_UNTOLD) /* else the name alone counts */
        args = value_at(&label->append);
    guess = kernel_guess(r->host->root, path, args);
    if (guess == KERNEL_UNKNOWN)
        return label->how == HOW_LINUX    ? ENTRY_LINUX
               : label->how == HOW_UNTOLD ? ENTRY_OTHER
                                          : ENTRY_UNKNOWN;
    return guess == KERNEL_LINUX ? ENTRY_LINUX : ENTRY_OTHER;
}

static bool is_multiboot(const struct label *label)
{
    static const char *const ends[] = {"mboot.c32", NULL};

    return (label->how == HOW_COM32 || label->how == HOW_KERNEL) &&
           (ends_like(label->image, ends) || strcasecmp(label->image, ends[0]) == 0);
}

int label_entry(struct menu_reader *r, struct entry **entry)
{
    struct label *label = &r->label;
    AUTO_FREE char *path = NULL;
    enum entry_kind kind;
    int e;

    if (!label->image && !(label->image = strdup(label->name)))
        return error_memory(r->err);
    e = check_image(r);
    label->image[strcspn(label->image, " \t")] = '\0';
    path = menu_path(r, label->image);
    if (e < 0 || !path)
        return e ? e : error_memory(r->err);
    kind = kind_of(r, path);
    if (is_multiboot(label))
        return add_multiboot(r, entry);
    if (kind == ENTRY_LINUX)
        return add_linux(r, entry);
    return add_entry(r, kind, label->image, entry);
}
