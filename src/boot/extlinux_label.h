/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One LABEL of a menu of Syslinux -> an entry, or a hypervisor's and that of Linux under
 * it, and their slots. For extlinux_read.c, which collects its lines.
 */
#ifndef BOOT_EXTLINUX_LABEL_H
#define BOOT_EXTLINUX_LABEL_H

#include "boot/host.h"
#include "boot/tree.h"

enum how { HOW_UNTOLD, HOW_LINUX, HOW_KERNEL, HOW_COM32, HOW_OTHER };

/* A line of one of the menu's files; STORE NULL: none. */
struct position {
    struct store *store;
    size_t node;
};

struct label {
    char *name, *title, *image, *initrd;
    enum how how;
    struct position at, append;
    bool preferred; /* MENU DEFAULT */
};

struct menu_reader {
    struct host *host;
    struct store *menu; /* the first file */
    struct error *err;
    char *directory; /* its own */
    bool fragment, generated;
    unsigned depth;

    struct label label; /* without a name: before the first one */
    bool help;          /* between TEXT HELP and ENDTEXT */
    struct position global;
    struct slot *global_slot;
    struct position start; /* DEFAULT */
    char *on_timeout;
    struct entry *first, *preferred;
    size_t position;
    struct {
        char *name;
        struct entry *entry;
    } * known; /* labels */
    size_t labels;
};

static inline const struct tree_node *line_at(const struct position *p)
{
    return tree_at(p->store->detail, p->node);
}

static inline const char *value_at(const struct position *p)
{
    return line_at(p)->label[0] == '#' ? "" : line_at(p)->value;
}

/* NAME as a path of the root's: one without "/" before it is in the menu's directory, and
   "../" leads out of that. Owned; NULL: no memory. */
char *menu_path(const struct menu_reader *, const char *name);

/* The loader goes by the name's end: a module, a boot sector, a disk's image. */
bool menu_is_no_kernel(const char *name);

/* What R's label starts; of two entries the first. */
int label_entry(struct menu_reader *, struct entry **);

#endif
