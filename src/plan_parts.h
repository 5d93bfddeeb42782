/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of the plan, for src/plan*.c only: choosing, checking, remarking. */
#ifndef PLAN_PARTS_H
#define PLAN_PARTS_H

#include "plan.h"

extern const enum vendor plan_vendors[2]; /* in the order of every state[2] */

/* --- plan_choose.c: which entries the plan is about */
bool entry_starts_linux(const struct entry *); /* or Xen, or feeds what does */
int plan_choose(struct plan *, const struct want *, struct error *);

/* --- plan_check.c: the last questions before anything is written */
int plan_check_length(struct plan *, const struct outcome *, struct error *);
int plan_check_shared(const struct plan *, const struct want *, struct error *);
int plan_check_result(const struct want *, const struct outcome *, struct error *);

/* --- plan_remarks.c: what people are told. The same text is taken once. */
int plan_remark_findings(struct plan *, struct error *);
int plan_remark_entry(struct plan *, const struct want *, const struct outcome *,
                      struct error *);
int plan_remark_stores(struct plan *, const struct want *, struct error *);

#endif
