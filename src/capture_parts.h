/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What capture.c asks of capture_cut.c. */
#ifndef CAPTURE_PARTS_H
#define CAPTURE_PARTS_H

#include "base/buf.h"
#include "platform/facts.h"

/* Names that were given others, in the order they were met: the first is volume1. */
struct aliases {
    char **name;
    size_t count;
};

void aliases_clear(struct aliases *);

/* Put in TEXT's place what of the file PATH may be kept. 0 or -ENOMEM. */
int capture_cut(const struct fact *, const char *path, struct aliases *,
                struct blob *text);

/* Interfaces that are named after their card's address, enx525400123456, get the name of
   another one, the same each time. In place; TEXT has LEN bytes. 0 or -ENOMEM. */
int capture_hide(struct aliases *cards, char *text, size_t len);

#endif
