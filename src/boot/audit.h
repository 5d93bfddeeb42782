/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The independent check between rendering and writing: two texts are compared byte by
 * byte, by code that shares nothing with the lenses, kargs or the renderers, and that
 * knows no file format. It answers one question: does the new text differ from the old
 * one in IOMMU arguments only?
 */
#ifndef BOOT_AUDIT_H
#define BOOT_AUDIT_H

#include "base/buf.h"
#include "base/error.h"

/*
 * An argument is intel_iommu=, amd_iommu= or iommu= ("-" for "_" too) and its value, at
 * the beginning of a line or behind a blank, a quote or "="; the last two belong to the
 * format and must still be there, but for quotes around the whole argument or its value.
 * Each one is cut out of both texts with the blanks before it, and what is left must be
 * the same to the byte. Three liberties: where there were no blanks before an argument,
 * those behind it may have gone or come with it; an argument may part a run of blanks in
 * two that together are as long; and a line may be added or gone as a
 * whole if it holds an argument and at most one other word (VARIABLE="..."), or is a
 * comment line of ours (it contains "iommuctl"). Blanks are space, tab, VT, FF, backslash
 * + CRs + newline, a CR that does not end a line, and, before an argument, backslash +
 * space.
 *
 * PATH is for the message. 0, or -EPROTO with class INTERNAL naming the line of BEFORE
 * where the first difference stands. An absent text, or a NUL byte in one, is refused.
 */
int audit_texts(const char *path, const struct blob *before, const struct blob *after,
                struct error *);

/* The same where a backslash at a line's end joins nothing: loader entries, say. */
int audit_lines(const char *path, const struct blob *before, const struct blob *after,
                struct error *);

/*
 * The same for blocks of a fixed length, lines and then '#' to the end: GRUB's
 * environment block. Both must be as long, begin with GRUB's signature, end each line,
 * and be padded with at least one '#'; the lines must differ in IOMMU arguments only.
 */
int audit_blocks(const char *path, const struct blob *before, const struct blob *after,
                 struct error *err);

#endif
