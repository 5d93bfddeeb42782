/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The independent check between rendering and writing: two texts are compared word by
 * word, by code that shares nothing with the lenses, kargs or the renderers, and that
 * knows no file format. It answers one question: does the new text differ from the old
 * one in IOMMU arguments only?
 */
#ifndef BOOT_AUDIT_H
#define BOOT_AUDIT_H

#include "base/buf.h"
#include "base/error.h"

/*
 * Words are runs of bytes other than blank (space, tab) and newline; a quote or "="
 * before an argument (kopt=intel_iommu=on, "intel_iommu=on") belongs to the format and
 * must still be there. Line by line, after taking intel_iommu=..., amd_iommu=... and
 * iommu=... out of both, the words left and the blanks between them must be the same;
 * blanks may differ only beside a word that was taken out. A line may be added or gone as
 * a whole only if it names one of the three, or is a comment line of ours (it contains
 * "iommuctl"). PATH is for the message. 0, or -EPROTO with class INTERNAL naming the
 * first line that differs.
 */
int audit_texts(const char *path, const struct blob *before, const struct blob *after,
                struct error *);

#endif
