/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One piece of a command line as arguments that keep their raw spelling and the blanks
 * before them, so that whatever is not changed is given back byte for byte. Pure; knows
 * nothing of what an argument means, of files or of loaders beyond the dialect.
 *
 * How arguments are told apart and read is the kernel's next_arg() (lib/cmdline.c):
 * blanks part them unless inside double quotes, which may open anywhere; the first "="
 * ends the name; quotes around the whole argument or around the value are dropped.
 */
#ifndef BOOT_KARGS_H
#define BOOT_KARGS_H

#include "base/buf.h"
#include "base/error.h"

enum kargs_dialect {
    KARGS_PLAIN, /* blank: space, tab, newline, CR, VT, FF (ASCII of the kernel's isspace)
                  */
    KARGS_LEGACY, /* GRUB legacy: also backslash + any CRs + newline is one blank; a CR is
                     dropped by the loader: it parts nothing, and in a name or value it is
                     not there; a run of CRs beside a blank or at the end of the text
                     belongs to the blanks, one right before a word to the word */
    KARGS_SCRIPT, /* GRUB 2: space, tab, VT, FF; CRs, and backslash + any CRs + newline
                     outside single quotes, are dropped and count as CRs do above; single
                     and double quotes and backslashes are taken off by the loader, which
                     puts its own around what holds a space */
};

struct karg {
    char *blank; /* the blanks before it, as they stand; only the first may have none */
    char *raw;   /* as it stands */
    char *name;  /* as the kernel reads it, "-" kept */
    char *value; /* NULL without "=" */
};

struct kargs {
    char *head; /* joined: what still belongs to the word before the text; else "" */
    struct karg *arg;
    size_t count;
    char *tail; /* blanks behind the last argument */
    enum kargs_dialect dialect;
    bool joined; /* the text stands right behind a word: a first argument needs a blank */
};

/* TEXT may hold any byte but NUL. JOINED as in the struct. 0 or -ENOMEM. */
int kargs_parse(struct kargs *, const char *text, enum kargs_dialect, bool joined);
void kargs_clear(struct kargs *);
void kargs_write(const struct kargs *,
                 struct buf *);         /* the text; unchanged: byte for byte */
char *kargs_text(const struct kargs *); /* the same, owned; NULL: no memory */

/* Length of the first word of TEXT as GRUB legacy itself, not the kernel, parts a line:
   at blanks, whatever quotes there are. 0: there is none. BLANK gets that of the blanks
   before it. */
size_t kargs_loader_word(const char *text, enum kargs_dialect, size_t *blank);

/* NAME matches as the kernel compares names: "-" and "_" are equal. */
bool karg_is(const struct karg *, const char *name);

/* It is the bare "--", behind which the kernel reads nothing. */
bool karg_ends(const struct karg *);

/* Index of the first bare "--"; count if none. */
size_t kargs_end(const struct kargs *);

/* The last index at which the kernel still reads what is inserted: kargs_end, but before
   a last argument whose quote is never closed. */
size_t kargs_place(const struct kargs *);

/*
 * Insert before INDEX (count: at the end, before the tail). The new argument gets one
 * space before it; but none at the very start of a text that is neither joined nor begins
 * with blanks before an argument, and then its successor gets one. kargs_remove takes the
 * argument and the blanks before it; for a first one without blanks before it, those
 * before its successor. Removing what was inserted gives the original bytes back, always.
 * 0 or -ENOMEM, and then nothing is changed.
 */
int kargs_insert(struct kargs *, size_t index, const char *raw);
int kargs_replace(struct kargs *, size_t index, const char *raw); /* the blanks stay */
void kargs_remove(struct kargs *, size_t index);

#endif
