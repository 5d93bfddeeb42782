/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * manifest.json of a generation, as a struct and as text. Format 1:
 *
 *   format   1; what a newer program wrote is refused
 *   state    "armed", "committed", "undone"
 *   command, time, version, undoes: [number, ...]
 *   unconfirmed  the boot in which nobody could say that the loader reads it (confirm.c);
 *            left out where all is well
 *   files    [{path, how, rank, before: {sha256, size, mode, uid, gid, xattrs: {name:
 *            hex}} or null, after: {sha256, size} or null}]; beside sha256 stands bare,
 * the hash without what a boot loader writes, where one writes to that file
 *
 * A path or attribute name that is not plain ASCII stands as "hex:" and its bytes.
 */
#ifndef COMMIT_MANIFEST_H
#define COMMIT_MANIFEST_H

#include "commit/commit.h"

struct manifest_file {
    char *path;   /* where the file is now */
    char *stored; /* where it was, and its copy is, if a loader has renamed it since */
    enum write_how how;
    int rank;
    bool absent_before, absent_after;
    char before[HASH_TEXT_SIZE], after[HASH_TEXT_SIZE];           /* "" where absent */
    char bare_before[HASH_TEXT_SIZE], bare_after[HASH_TEXT_SIZE]; /* "": there is none */
    size_t size_before, size_after;
    struct file_meta meta; /* of what was there before */
};

struct manifest {
    enum generation_state state;
    char *command, *time, *version;
    char *unconfirmed; /* NULL: a loader reads it */
    unsigned *undoes;
    size_t undoes_count;
    struct manifest_file *file;
    size_t files;
};

/* From what is to be done, armed, by the clock of now; the metadata is left empty. */
int manifest_make(struct manifest *, const struct changeset *,
                  journal_carry *); /* 0 or -ENOMEM */
/* The hash of TEXT without what a loader writes; "" where none writes to PATH. 0 or
 * -ENOMEM */
int bare_hash(journal_carry *carry, const char *path, const struct blob *text,
              char hash[HASH_TEXT_SIZE]);
int manifest_write(const struct manifest *, struct buf *); /* 0 or -ENOMEM */
/* 0, or -EBADMSG with DEFECT saying in words what is wrong, or -ENOMEM. */
int manifest_read(struct manifest *, const char *data, size_t len, char defect[256]);
void manifest_clear(struct manifest *);
/* As it stands in the manifest, and below files/. */
const char *manifest_path(const struct manifest_file *);

/* Whether a loader reads it is not known in this boot. 0 or -ENOMEM */
int manifest_doubt(struct manifest *);

#endif
