/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The assignments in a file that a shell sources (/etc/default/grub): found, read as the
 * shell will read them, and changed without touching a byte that is not owned. Pure.
 * Knows the shell (POSIX.1-2017, Shell & Utilities, chapter 2, and bash's +=), not what a
 * variable is for.
 */
#ifndef BOOT_SHELL_WORDS_H
#define BOOT_SHELL_WORDS_H

#include "base/buf.h"
#include "base/error.h"

/* One byte of a value as the shell reads it, and the bytes of the file that make it. */
struct shell_byte {
    size_t at, len; /* in the file: "\$" is two for one */
    char quote;     /* what it stands in: '"', '\'' or 0 */
};

/*
 * A run of a value between references to the variable itself: NAME="a $NAME b" has the
 * runs "a " and " b". Any other expansion ($OTHER, ${OTHER:-x}, $(command), `command`)
 * stands in TEXT as it is written, byte for byte, and sets OPAQUE: nobody can say what it
 * gives.
 */
struct shell_run {
    char *text; /* as the shell reads it; NUL-terminated (a file with NULs is no shell
                   file) */
    struct shell_byte *byte; /* one for each byte of TEXT */
    size_t at;               /* in the file: where an empty run's bytes would go */
    char quote;              /* what AT stands in */
    bool opaque;
};

struct shell_assignment {
    char *name;
    unsigned line;    /* 1-based, of the name */
    bool append;      /* NAME+=VALUE */
    bool conditional; /* may not be carried out, or more than once: inside if, case, a
                         loop, a function, a subshell or a pipe, or behind && or || */
    bool prefix;      /* NAME=VALUE command: of no effect behind the command */
    struct shell_run *run; /* at least one; a reference to itself between each two */
    size_t runs;
};

struct shell_file {
    struct shell_assignment *assignment; /* in the file's order, of the names asked for */
    size_t assignments;
};

/*
 * Find the assignments to NAMES (NULL-terminated). `export NAME=VALUE`, several on a
 * line, continuation lines, values over several lines, comments, CRLF line ends (the CR
 * is part of an unquoted value for a shell: it is read as one, and nothing is inserted
 * behind it), a byte order mark before the first statement, here-documents (their text is
 * no assignment), functions, arrays, $'...' are understood or passed over. A statement
 * that ends in the middle (an open quote, a missing fi) is class DATA with PATH and line.
 */
int shell_read(struct shell_file *, const char *path, const char *text, size_t len,
               const char *const *names, struct error *);
void shell_clear(struct shell_file *);

/* Replace the bytes [BEGIN, END) of the file by TEXT. */
struct splice {
    size_t begin, end;
    char *text; /* owned by the list; may be "" */
};

struct splices {
    struct splice *splice; /* by BEGIN, without overlaps */
    size_t count;
};

/*
 * Behind LIST: what makes RUN read NEW_TEXT. Only the arguments (runs of other than
 * blanks) and blanks that differ are touched: what stays keeps its bytes, and putting an
 * argument in and taking it out again gives the original bytes. New text is written as
 * its place wants it: plain inside quotes, with a backslash before blanks outside.
 * NEW_TEXT must differ from the old one only in words made of [A-Za-z0-9_.,=-] and
 * blanks; anything else is -EINVAL.
 */
int shell_rewrite(const struct shell_run *, const char *new_text, struct splices *list);
/* Behind LIST: a splice with a copy of TEXT. 0 or -ENOMEM. */
int splices_add(struct splices *list, size_t begin, size_t end, const char *text);
void splices_clear(struct splices *);
/* The text with the splices carried out: for tests, and where no tree is at hand. */
int splices_apply(const struct splices *, const char *text, size_t len, struct buf *);

#endif
