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
#include "boot/shell_words.h"

struct tree_node {
    char *label;
    char *value;   /* raw, as it stands; "" if it has none */
    unsigned line; /* 1-based first physical line */
    size_t at;     /* where the value begins in the text */
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

/* What shall become of one node. */
struct tree_change {
    char *value; /* its new value, or NULL: as it is; owned */
    bool remove; /* its whole line goes */
    bool end;    /* not a node's: the array ends here */
};

struct tree_addition { /* a new node behind the last one */
    const char *label, *value;
};

/* A change for each node, all "as it is", and an end; NULL: no memory. */
struct tree_change *tree_changes(const struct tree *);
void tree_changes_free(struct tree_change **);

/* The text with the changes (one for each node) and additions (may be NULL) carried out.
 */
int tree_render(struct tree *, const struct tree_change *, const struct tree_addition *,
                size_t additions, struct blob *, struct error *);

/*
 * Turn splices of the text into changes of the nodes that hold them. Each must lie inside
 * one node's value (its end may be the value's end), else -EPROTO.
 */
int tree_splice(const struct tree *, const struct splices *, struct tree_change *,
                struct error *);

#endif
