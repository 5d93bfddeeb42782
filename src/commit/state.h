/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The inside of a journal, for the files of this directory only. */
#ifndef COMMIT_STATE_H
#define COMMIT_STATE_H

#include <time.h>

#include "commit/manifest.h"

struct record { /* one generation with a manifest */
    struct manifest manifest;
    struct generation view; /* borrows from the manifest; its state is the derived one */
};

struct journal {
    struct root *root;     /* borrowed: where the files are */
    struct root *base;     /* where the state directory is; owned when it is not ROOT */
    char *path;            /* of the state directory, below BASE */
    int dir;               /* open; -1 while there is none */
    int lock;              /* -1 unless held */
    struct record *record; /* newest first */
    size_t records;
    unsigned *litter; /* directories without a manifest */
    size_t litters;
    journal_carry *carry; /* what loaders write; may be NULL */
    journal_renamed *renamed;
    unsigned highest;        /* number taken by anything that is there */
    struct timespec changed; /* the directory, when the generations were read */
};

/* Read the generations anew. */
int journal_reload(struct journal *, struct error *);

struct record *journal_record(const struct journal *, unsigned number); /* or NULL */
int journal_enter(const struct journal *, unsigned number, struct error *);

/* R, and ERR names the generation's directory where it names no file yet. */
int journal_blame(const struct journal *, unsigned number, int r, struct error *err);

/* What stands at a path now; absent when nothing does, or its directory is gone. */
int current_read(struct root *, const char *path, struct blob *, struct error *);

/*
 * The change that brings back what FILE was before the generation open at GENERATION: the
 * one place where a row of a manifest becomes a change. NOW is taken.
 */
int row_change(const struct journal *, int generation, const struct manifest_file *,
               struct blob *now, struct change *, struct error *);

/* What stands at the row's path: what it had before, what it wrote, or neither (which any
   other kind of file is too). NOW receives the bytes, except for that. */
enum row_now { ROW_OLD, ROW_NEW, ROW_OTHER };
int row_look(const struct journal *, const struct manifest_file *, struct blob *now,
             enum row_now *, struct error *);
bool row_is_old(const struct journal *, const struct manifest_file *,
                const struct blob *now);
bool row_is_new(const struct journal *, const struct manifest_file *,
                const struct blob *now);

/*
 * Put back, last written first, what an armed generation has written and nobody else has
 * touched since; remove its temporary files. A file that is neither old nor ours is left
 * and the first such named in FOREIGN (else its class is DONE); UNSURE tells likewise
 * whether the disk has confirmed it. Less than 0 when something could not be put back:
 * the first reason, after all others were tried.
 */
int settle(struct journal *, const struct manifest *, int generation,
           struct error *foreign, struct error *unsure, struct error *);

/* All that the loader and the next run read of these rows, on disk: see durable.h. */
int rows_durable(struct journal *, const struct manifest *, int generation,
                 struct error *);

int record_mark_undone(struct journal *, struct record *, struct error *);

void change_clear(struct change *);

/* Delete what no rule keeps: see prune.c. */
int journal_prune(struct journal *, struct error *);

#endif
