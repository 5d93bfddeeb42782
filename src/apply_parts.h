/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of apply share among themselves. Not for others. */
#ifndef APPLY_PARTS_H
#define APPLY_PARTS_H

#include "apply.h"

#define ROLLBACK_SUFFIX ".rollback"

extern const char *const action_words[]; /* by enum action */

/* Is what the fstab puts on /boot and below really mounted? */
int apply_check_boot(const struct request *, struct report *, struct error *);

/* Read the stores, through an interrupted run if there is one. */
int apply_scan(struct report *, struct error *);

/* status: a note on each root=UUID= and the like that names no device of this machine. */
int apply_note_roots(struct report *, struct error *);

/* The lock, and what an interrupted run left. From here on nobody else writes. */
int apply_begin_writing(const struct request *, struct report *, struct error *);

/* Write the report's changes. What is committed though something remains open is no
   failure here: the report's LATER tells. */
int apply_commit(const struct request *, struct report *, struct error *);

/* The stores of this root are what the kernel that runs was started from. */
bool apply_verify_needs_host(const struct report *);

/* With them scanned where they are needed: the report's VERIFY. */
int apply_verify(const struct request *, struct report *, struct error *);

int apply_devices(const struct request *, struct report *, struct error *);

/* What an assignment asks for besides the IOMMU. */
int apply_assign(struct report *, struct error *);

int apply_rollback(const struct request *, struct report *, struct error *);

/* --- apply_conditions.c: what stands against a change, or remains behind it. After the
   plan is rendered, but for the first: nothing is looked at where nothing would change.
 */
/* A virtio-iommu: have this system's kernels its driver? Before the flag is chosen. */
int apply_look_at_viot(const struct request *, struct report *, struct error *);
int apply_check_ostree(const struct report *, const struct want *, struct error *);
int apply_check_conditions(const struct request *, struct report *, const struct want *,
                           struct error *);
void apply_tell_built(struct report *);
void apply_tell_stale_image(struct report *); /* after a rollback, with the stores read */

/* --- apply_publish.c: what only a tool can bring to where the loader reads it. Begin
   before the commit, so that a killed run is not forgotten; both under the lock. Where
   the tool was not run or failed, report->later says so (UNCONFIRMED) and the next run
   tries again. */
const char *apply_publisher(struct root *); /* its command, or NULL: none is needed */
bool apply_makes_entries(struct root *);    /* it will, where there may be none yet */
void apply_publish_check(struct report *);  /* with --check: what the run would tell */
int apply_publish_begin(struct report *, struct error *);
int apply_publish(struct report *, struct error *);
/* What the tool made, looked at afresh. */
int apply_check_published(struct report *, const struct want *, struct error *);

#endif
