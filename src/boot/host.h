/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a host will start: its stores (places where command lines live), the slots in them
 * (pieces of a command line) and the entries (what one start of one kernel gets: slots
 * joined in the loader's order). Made by host_scan, read by plan and report, changed by
 * nobody.
 */
#ifndef BOOT_HOST_H
#define BOOT_HOST_H

#include "base/buf.h"
#include "base/error.h"
#include "base/root.h"
#include "boot/kargs.h"
#include "boot/kernel.h"

struct store_type;
struct slot;

enum store_state {
    STORE_LIVE,    /* the machine may well boot from it */
    STORE_UNKNOWN, /* cannot tell: treated as live */
    STORE_STALE,   /* surely not what boots: left alone */
};

struct store {
    const struct store_type *type;
    char *path;   /* the file itself, below the root, free of links */
    char **names; /* every name that leads to it, NULL-terminated, path not among them */
    struct blob text;
    enum store_state state;
    char evidence[160]; /* one line: why the state */
    size_t limit; /* characters of arguments that the loader passes on; 0: no limit */
    size_t line_limit; /* characters of a whole logical line that it reads; 0: no limit */
    void *detail;      /* the type's own, freed by it */
};

/* What the loader and the system say to each other in the firmware's variables; each may
   be NULL: not said. An entry is named by a pattern of its id. */
struct firmware {
    const char *loader;    /* what started this system: "systemd-boot 254.5" */
    const char *preferred; /* unless it was given up */
    const char *chosen;    /* for every start; "@saved": the last one's */
    const char *last;
    const char *next; /* for the next start alone */
};

enum slot_kind { SLOT_LINUX, SLOT_XEN };

struct slot {
    struct store *store;
    size_t index; /* in host.slot */
    unsigned line;
    enum slot_kind kind;
    char *text; /* the arguments, raw: no image, no keyword */
    enum kargs_dialect dialect;
    bool joined; /* see struct kargs */
    unsigned
        group; /* slots of one entry with the same group stand without a blank between */
    size_t node;   /* for the store's type: which node of its tree */
    size_t offset; /* where in that node's value the text begins */
    size_t lead;   /* characters of the logical line before it, for the line's limit */
};

enum entry_kind {
    ENTRY_LINUX,    /* starts a Linux kernel */
    ENTRY_XEN,      /* starts a Xen hypervisor: its slot is the hypervisor's line */
    ENTRY_TEMPLATE, /* what the distribution's tool will make entries from */
    ENTRY_OTHER,   /* another system, a memory test, a chain loader: listed, left alone */
    ENTRY_UNKNOWN, /* a kernel line that might be Linux or not: listed, left alone */
};

struct entry {
    struct store *store;
    enum entry_kind kind;
    unsigned line;   /* where it begins */
    size_t position; /* among its store's entries as the loader counts them, from 0 */
    char *title;
    char *kernel;       /* the image as the entry names it, "" if none */
    char *initrd;       /* likewise, or NULL */
    struct slot **slot; /* borrowed from the host, in the loader's order; may be empty */
    size_t slots;
    size_t add_to;         /* which of them takes a new argument */
    struct slot *own_slot; /* what takes it instead where only this entry is meant; NULL:
                              the same one */
    bool is_default;
    bool by_systemd; /* systemd-boot lists it, and nobody else */
    bool recovery;
    size_t groups;        /* a template: of how many groups of slots its text is made */
    unsigned not_for_xen; /* a template: bits of the groups that Linux under Xen does not
                             get */
    bool for_hypervisor;  /* a template: of a Xen hypervisor's own lines */
    bool leaves_no_blank; /* a template: where its text is empty, nothing tells where it
                             would stand */
    const char *spared;   /* why it need not carry the flag; NULL if it must */
    size_t overhead;      /* characters that the loader adds to the arguments */
    const struct entry *feed; /* the template whose text stands in its line, or NULL */
    unsigned not_fed;         /* bits of the template's groups that are not in its line */
    bool generated;        /* made by the distribution's tool, which will make it anew */
    bool rewritten;        /* the distribution's tool puts its own arguments there */
    const char *successor; /* what the next kernel's entry is made from; NULL: unknown */
    struct kernel image;   /* what the root tells of the image */
};

struct host {
    struct root *root;               /* borrowed */
    const struct overlay *overlay;   /* borrowed; may be NULL */
    const struct firmware *firmware; /* likewise */
    struct store **store;
    size_t stores;
    struct slot **slot;
    size_t slots;
    struct entry **entry;
    size_t entries;
    char **note; /* standing notes, one line each */
    size_t notes;
    bool blscfg;           /* a grub.cfg lists the loader entries ... */
    char *blscfg_default;  /* ... and what it names as its default, or NULL; owned */
    const char *unhandled; /* a loader that is here and that this version cannot edit */
    const char *unhandled_path;
    const char *ostree; /* what shows that deployments hold the command line, or NULL */
    const char *generator; /* this root's own: "update-grub", "grub2-mkconfig" ... */
};

/* Texts that stand for what is on disk: those of before an interrupted run. */
struct overlay {
    /* The text of PATH: 0, -ENOENT where the disk is right, or another error. */
    int (*read)(const void *context, const char *path, struct blob *, struct error *);
    const void *context;
};

/*
 * Find and read every store. No store: 0 with stores == 0 (the caller decides). A store
 * that cannot be understood fails with its file and line.
 */
int host_scan(struct root *, const struct overlay *, struct host *, struct error *);
/* The same of a machine whose firmware is known. */
int host_scan_with(struct root *, const struct overlay *, const struct firmware *,
                   struct host *, struct error *);
void host_clear(struct host *);

/* For the store types: where PATH leads; -ENOENT where no file is, neither on disk nor in
   the overlay. ERR is filled for -ELOOP only. */
int host_find(const struct host *, const char *path, struct place *, struct error *);

/* For the store types: a file's text, from the overlay or, at most MAX bytes, from PLACE.
 */
int host_read(const struct host *, const struct place *, size_t max, struct blob *,
              struct error *);

/* What no loader could mean, NUL bytes and endless lines: class DATA with the line. */
int host_check_text(const struct store *, struct error *);

struct store *host_store(const struct host *,
                         const char *path); /* by its path, or NULL */

/* The first template of one type of store that is for recovery entries, or not; NULL. */
const struct entry *host_template(const struct host *, const struct store_type *,
                                  bool recovery);

/* For the store types. Each copies what it is given; 0 or -ENOMEM with ERR filled. */
int host_add_store(struct host *, struct store **, struct error *);
int host_add_slot(struct host *, struct slot **, struct error *);
int host_add_entry(struct host *, struct entry **, struct error *);
int host_add_note(struct host *, struct error *, const char *format, ...)
    PRINTF_LIKE(3, 4);
int entry_add_slot(struct entry *, struct slot *, struct error *);

/* One kind of store: one row of the table in store.c, one file of code. */
struct store_type {
    const char *name; /* for people and JSON: "legacy-menu" */
    /* Find this kind's files below the root, add a store for each, and read them. */
    int (*scan)(struct host *, struct error *);
    /* The store's new text. TEXT[i] is the new text of host.slot[i], or NULL: as it is.
     */
    int (*render)(const struct host *, const struct store *, char *const *text,
                  struct blob *, struct error *);
    void (*free_detail)(void *);
    int rank;       /* order of writing: what feeds others first, menus last */
    bool built;     /* made by a tool as a whole: read, never edited, no render */
    bool starts;    /* a loader starts kernels from it; else it only feeds what does */
    bool in_place;  /* its length is fixed, and it is written over (grubenv) */
    bool unjoined;  /* a backslash at a line's end goes on in no other line */
    unsigned ahead; /* seconds by which its new mtime has to be ahead of the others' */
    bool keep_rollback; /* keep the previous text as PATH.rollback for the loader's prompt
                         */
};

extern const struct store_type *const store_types[]; /* NULL-terminated */

#endif
