/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The directory of one generation, below an open state directory. Knows how it comes to
 * be and goes away so that no moment leaves something that looks whole and is not:
 *
 *   mkdir NNNNNN, copies, fsync each     staged: no manifest.json, litter to any reader
 *   manifest.json by rename              armed
 *   manifest.json by rename              committed, or undone
 *   unlink manifest.json, fsync          staged again: litter, whatever is still in it
 *   the rest
 */
#ifndef COMMIT_GENERATION_H
#define COMMIT_GENERATION_H

#include "commit/manifest.h"

#define GENERATION_NAME_SIZE 16

void generation_name(unsigned number, char name[GENERATION_NAME_SIZE]);
unsigned generation_number(const char *name); /* 0: not the name of one */

/* Make the directory with a copy of each BEFORE. Returns it open. */
int generation_stage(int state, unsigned number, const struct changeset *,
                     struct error *);

/* Write the manifest beside its name, and give it its name: apart, so that the one that
   commits needs no more space once files are being replaced. PUBLISHED (may be NULL) says
   whether the name was given, though the disk may not have confirmed it. */
int generation_write(int generation, const struct manifest *, struct error *);
int generation_publish(int generation, bool *published, struct error *);

/* The manifest's bytes; -ENOENT, nothing said, when there is none. */
int generation_manifest(int generation, struct blob *, struct error *);

/* The copy of FILE, proved by its hash: class DATA when it is damaged. */
int generation_copy(int generation, const struct manifest_file *, struct blob *,
                    struct error *);

/* Delete it, from any state. */
int generation_remove(int state, unsigned number, struct error *);

#endif
