/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * --regenerate: after the change is committed, the distribution's generator is run, too.
 * It prints to us instead of writing the file itself (its last step, cat over the live
 * file, is torn by a power cut); what it prints is looked at and committed as a
 * generation of its own.
 */
#ifndef REGENERATE_H
#define REGENERATE_H

#include "plan.h"

/*
 * For each grub.cfg with generated entries: class UNCONFIRMED where there is no
 * generator, where it fails or takes too long (its output is quoted), or where its text
 * would start a chosen entry otherwise than wanted (then that text is not written). Under
 * the lock.
 */
int regenerate_run(struct root *, struct journal *, const struct host *,
                   const struct want *, struct error *);

#endif
