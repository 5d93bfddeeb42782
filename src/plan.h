/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is wanted + what the host holds -> what has to change, with a reason each. Pure:
 * no file is read or written. The same plan serves status, --check, --diff, --json and
 * the run.
 */
#ifndef PLAN_H
#define PLAN_H

#include "boot/host.h"
#include "boot/iommu_args.h"
#include "commit/commit.h"

struct want {
    enum flag_goal goal;
    enum vendor vendors; /* whose flags; plain disable takes out both */
    bool exclusive, iommu_pt;
    bool if_needed;     /* leave alone what starts a kernel that is on by default */
    bool all_stores;    /* stale ones too */
    const char *kernel; /* NULL: all; "DEFAULT"; an image's path; a title */
};

/* What becomes of one entry. */
struct outcome {
    const struct entry *entry;
    bool chosen;      /* the plan is about it */
    const char *left; /* else why it is left alone: a word for people; NULL if chosen */
    char *before, *after; /* its whole command line, slots joined by a blank; owned */
    enum flag_state state_before[2],
        state_after[2]; /* Intel, AMD; Xen: both its iommu= */
    unsigned findings;  /* enum flag_finding */
};

struct remark {   /* a line for people about the plan */
    bool warning; /* worth saying on a run that changes something; else a standing note */
    char *text;
};

struct plan {
    const struct host *host; /* borrowed */
    char **text;             /* by slot index: the slot's new text, or NULL: as it is */
    struct outcome *outcome; /* one for each of host->entry, in its order */
    struct remark *remark;
    size_t remarks;
    bool changes;
};

/* Fails where there is nothing to choose from or a choice is needed, where a line would
   not fit (DATA), or where the result would not be what is wanted (INTERNAL). */
/* Without a WANT the plan only tells what stands: every entry's state, no change. */
int plan_make(const struct host *, const struct want *, struct plan *, struct error *);
void plan_clear(struct plan *);

/* The new texts as changes: one for each store that changes. */
int plan_render(const struct plan *, struct changeset *, struct error *);

/* What people are told of it. The same text is taken once. */
int plan_remark(struct plan *, bool warning, struct error *, const char *format, ...)
    PRINTF_LIKE(4, 5);

/* A finding's name for JSON ("added", "off-dropped"); NULL past the last bit. */
const char *finding_name(unsigned bit);

#endif
