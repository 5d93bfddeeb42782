/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * New bytes onto disk, all or nothing, and back. Knows files and generations; must not
 * know what the bytes mean. See journal.h for the state directory and replace.h for one
 * file.
 */
#ifndef COMMIT_COMMIT_H
#define COMMIT_COMMIT_H

#include "base/root.h"
#include "commit/journal.h"

enum write_how {
    WRITE_REPLACE,  /* temporary file in the same directory, renamed over the old one */
    WRITE_IN_PLACE, /* same length, written over (grubenv's rule) */
};

/* The metadata that is kept and given back with a file. */
struct file_meta {
    uint32_t mode; /* permission bits */
    uint32_t uid, gid;
    struct file_xattr { /* ACLs and security labels are extended attributes too */
        char *name;
        void *value;
        size_t len;
    } * xattr;
    size_t xattrs;
};

struct change {
    char *path;                /* below the root, free of links */
    struct blob before, after; /* either may be absent: create, delete */
    enum write_how how;
    int rank;       /* lower is written first */
    unsigned ahead; /* seconds by which its mtime is set ahead of now */
    char *like;     /* the file whose owner, mode and labels it takes; NULL: meta */
    struct file_meta *meta; /* to be set in any case (rollback); NULL: as the file has it,
                               and a new file without LIKE is 0600 and ours */
};

struct changeset {
    struct change *change;
    size_t count;
    const char *command; /* "enable", "disable", "rollback": for the manifest */
    unsigned *undoes;    /* rollback: the generations that this one undoes; owned */
    size_t undoes_count;
};

/* An empty change to fill in; borrowed from the set; NULL when memory is out. Pointers to
   earlier changes are void afterwards. */
struct change *changeset_add(struct changeset *);
void changeset_clear(struct changeset *);
void file_meta_clear(struct file_meta *);

/*
 * Refuse before anything is written, the state directory too, what commit_run would: what
 * replace_check says, no number left for a generation (class CONDITION), and a state
 * directory that lies in memory while a changed file does not (class IO): the way back
 * would be gone at the next start. Needs no lock. The last alone does not depend on what
 * the caller may do.
 */
int commit_check(const struct journal *, const struct changeset *, struct error *);
int commit_check_state(const struct journal *, const struct changeset *, struct error *);

/*
 * Under the lock (journal_lock): stage the old copies, arm, write by rank, verify,
 * commit. Each file must still hold its BEFORE bytes, else class BUSY and nothing is
 * written. On failure everything is put back before returning, and the generation is gone
 * or undone. NUMBER receives the generation's number. Class UNCONFIRMED: the new bytes
 * are all in place, but their durability is not certain.
 */
int commit_run(struct journal *, const struct changeset *, unsigned *number,
               struct error *);

#endif
