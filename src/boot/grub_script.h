/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GRUB 2's script language, read statement by statement: enough of the grammar to know
 * where a command begins and ends, what its words are and which braces enclose it. Pure.
 * Source: GRUB manual 2.06, "Writing full configuration files directly" (Words, Comments,
 * Grammar, Quoting); grub-core/script/yylex.l.
 */
#ifndef BOOT_GRUB_SCRIPT_H
#define BOOT_GRUB_SCRIPT_H

#include "base/buf.h"
#include "base/error.h"

struct grub_word {
    size_t begin, end; /* in the text, quotes included */
    char *text;        /* quotes and backslashes taken off; $variables as written */
};

enum grub_statement_kind {
    GRUB_COMMAND, /* words; opens a block if OPENS */
    GRUB_CLOSE,   /* a "}" */
    GRUB_COMMENT, /* one word: the comment from # to the line's end */
};

struct grub_statement {
    enum grub_statement_kind kind;
    struct grub_word *word; /* leading if, then, else, do, ! and the like are left out */
    size_t words;
    bool opens; /* ends in "{" (which is no word of it) */
    unsigned line;
    size_t end; /* where it ends: at the newline, ";", brace or comment behind it */
};

struct grub_reader {
    const char *text;
    size_t len, at;
    unsigned line;
    unsigned wrong;  /* the line of the first thing that GRUB cannot read; 0: none */
    const char *why; /* "... begins here and ...": what it is */
};

/* The next statement (its words are freed by grub_statement_clear): 1, 0 at the end,
   -ENOMEM. An open quote runs to the end of the text, as it does for GRUB; a "${" that
   begins no variable's name is read as two letters and is wrong. */
int grub_script_next(struct grub_reader *, struct grub_statement *);
void grub_statement_clear(struct grub_statement *);

#endif
