/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A configuration text as a flat list of nodes, through an Augeas lens: the one door to
 * libaugeas. Text goes in and comes out; files are somebody else's. The text is fed in
 * chunks, since Augeas' put is quadratic in the number of siblings.
 */
#ifndef BOOT_TREE_H
#define BOOT_TREE_H

#include "base/buf.h"
#include "base/error.h"

struct tree_node {
    char *label;
    char *value;   /* raw, as it stands; "" if it has none */
    unsigned line; /* 1-based first physical line */
};

struct tree;

/* One per lens: which one, and where one unit of the text (a node) ends. */
struct tree_format {
    const char *lens; /* "Iommuctl_Menu.lns" */
    /* Length of the node that begins at TEXT (LEFT bytes follow), its newline included.
     */
    size_t (*next)(const char *text, size_t left);
};

/* PATH is for messages. A text that the lens refuses: class DATA with file and line. */
int tree_load(struct tree **, const struct tree_format *, const char *path,
              const struct blob *text, struct error *);
void tree_free(struct tree *);

size_t tree_count(const struct tree *);
const struct tree_node *tree_at(const struct tree *, size_t index);

/* The text with VALUE[i] (NULL: as it is) in place of the i-th node's value. */
int tree_render(struct tree *, char *const *value, struct blob *, struct error *);

#endif
