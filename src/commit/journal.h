/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The state directory, /var/lib/iommuctl below the root, and the generations in it. A
 * generation is a directory NNNNNN (0700, six digits and up, counted from 1):
 * manifest.json and files/<path>, plain copies of what was there before. The rollback
 * copy is the undo journal: there is no other.
 *
 *   staged     a directory without manifest.json: a run died before it armed; litter
 *   armed      the manifest is there, files are being written: an interrupted run
 *   committed  all new bytes are in place
 *   undone     recovered after an interruption, or undone by a later rollback
 */
#ifndef COMMIT_JOURNAL_H
#define COMMIT_JOURNAL_H

#include "base/hash.h"
#include "base/root.h"

struct journal;
struct changeset;

enum generation_state { GENERATION_ARMED, GENERATION_COMMITTED, GENERATION_UNDONE };

struct generation_file {
    char *path;
    bool absent_before, absent_after;
    char before[HASH_TEXT_SIZE], after[HASH_TEXT_SIZE]; /* "" where absent */
};

struct generation { /* as a reader sees it */
    unsigned number;
    enum generation_state state;
    char *command; /* "enable", "disable", "rollback" */
    char *time;    /* ISO 8601, UTC, by the clock of then */
    struct generation_file *file;
    size_t files;
};

/*
 * STATE: the directory as named by --state (a path of the running system), or NULL for
 * /var/lib/iommuctl below the root. Opening makes nothing; a missing directory is no
 * error and means no generations. A manifest of a newer format, or one that cannot be
 * read, is refused (class DATA). Looked at: owned by the caller's effective user and not
 * writable by group or others, else class CONDITION.
 */
int journal_open(struct journal **, struct root *, const char *state, struct error *);
void journal_free(struct journal *);
void auto_journal_free(struct journal **);

/*
 * What a boot loader itself writes into a file is no change of anybody's: texts that
 * differ in nothing else are the same to recovery and rollback, and what they bring back
 * keeps it. CARRY as loader_state_carry (boot/loader_state.h) has it, the one wing not
 * knowing the other; without one, every byte counts. RENAMED, as loader_state_renamed,
 * finds a file that a loader has given another name: it is looked for there. 0 or -ENOMEM
 */
typedef int journal_carry(const char *path, const struct blob *from, struct blob *to);
typedef int journal_renamed(struct root *, const char *path, char **now);
int journal_loader_writes(struct journal *, journal_carry *, journal_renamed *);

/* Newest first; borrowed. */
size_t journal_count(const struct journal *);
const struct generation *journal_at(const struct journal *, size_t index);

/*
 * The generations are read anew. MOVED: a run is at work or has died, or one has begun,
 * ended or been undone since they were read last; what was read meanwhile may be its
 * doing.
 */
int journal_look_again(struct journal *, bool *moved, struct error *);

/* The interrupted generation (armed), or NULL. Litter of a staged one does not count. */
const struct generation *journal_interrupted(const struct journal *);

/*
 * Readers read through an interrupted run, and see what recovery would leave: the text
 * that PATH had before the interrupted generation (0; an absent blob where there was no
 * file), or -ENOENT where that generation does not hold it, or someone has changed it
 * since: then the file itself tells. Or another error.
 */
int journal_read_through(const struct journal *, const char *path, struct blob *,
                         struct error *);

/* Make the directory if needed and take the lock, waiting at most SECONDS; then read the
   generations anew. Class BUSY when another run holds it. Released by journal_free. */
int journal_lock(struct journal *, unsigned seconds, struct error *);

/*
 * Under the lock: settle what an interrupted run left (see rollback copy above): per
 * file, ours-new: the old bytes and metadata are put back; old: left; neither: left,
 * named, and the result is class CONDITION after all others are settled. Litter is
 * removed. RECOVERED (may be NULL) receives the generation's number, 0 if there was none.
 * Class UNCONFIRMED: all is settled, but its durability is not certain.
 */
int journal_recover(struct journal *, unsigned *recovered, struct error *);

/*
 * The changes that bring back what was there before generation NUMBER (0: the newest
 * committed one that is not undone and is no rollback itself). NUMBER given: each path's
 * copy from the oldest generation >= NUMBER that holds it; refused (CONDITION) when a
 * copy that this takes has been pruned. A file that differs from what we last left there
 * is drift: class CONDITION naming it, unless FORCE. CHANGES (empty before) is for
 * commit_run, metadata included; a change whose file already is as it was is left out, so
 * that an empty set means that nothing is to be done, or that no change of ours is left.
 * Needs no lock to look; refused while a generation is armed.
 */
int journal_rollback(struct journal *, unsigned number, bool force, struct changeset *,
                     struct error *);

/*
 * Does a change stand of which nobody could say in this boot that a loader reads it (the
 * run that made it ended with class UNCONFIRMED)? ERR then tells so. To confirm, under
 * the lock, is to try again: class UNCONFIRMED once more, or 0, and nothing is left to
 * doubt.
 */
bool journal_unconfirmed(const struct journal *, struct error *);
int journal_confirm(struct journal *, struct error *);

/* Must a tool still publish what is committed (apply_publish.c)? Remembered in the state
   directory; set and cleared under the lock. */
bool journal_pending(const struct journal *);
int journal_set_pending(struct journal *, bool pending, struct error *);

#endif
