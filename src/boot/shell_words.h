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
    char quote;     /* what it stands in: '"', '\'', '$' ($'...') or 0 */
    size_t next;    /* in the file: what stands behind it and any line continuations */
    char behind;    /* the byte there, or 0 */
    bool expansion; /* of an expansion that stands as it is written: not to be touched */
    bool inner;     /* nothing can be put between it and the byte before */
};

/*
 * A run of a value between references to the variable itself: NAME="a $NAME b" has the
 * runs "a " and " b". Any other expansion ($OTHER, ${OTHER:-x}, $(command), `command`)
 * stands in TEXT as it is written, byte for byte, and sets OPAQUE: nobody can say what it
 * gives. ${NAME-} and ${NAME:-} are plain references; any other ${NAME...} to itself
 * parts two runs, too, and makes the one behind it opaque. $'...' and $"..." are read as
 * bash reads them and are opaque, as not every sh knows them.
 */
struct shell_run {
    char *text; /* as the shell reads it; NUL-terminated (a file with NULs is no shell
                   file) */
    struct shell_byte *byte; /* one for each byte of TEXT */
    size_t at;               /* in the file: where something new goes to its front */
    char quote;              /* what AT stands in */
    bool opaque;
    bool after_name; /* right behind $NAME, which a letter would make longer */
};

struct shell_assignment {
    char *name;
    unsigned line;    /* 1-based, of the name */
    bool append;      /* NAME+=VALUE */
    bool conditional; /* may not be carried out, or more than once: inside if, case, a
                         loop, a function, a subshell or a pipe, or behind && or || */
    bool prefix;      /* of no effect behind the command: NAME=VALUE command, a local
                         variable of a function, a subshell */
    bool indirect; /* by unset, read, for, eval, ${NAME:=...}, an array ...: there is no
                      value to be read or changed here; always conditional */
    struct shell_run *run; /* at least one; a reference to itself between each two */
    size_t runs;
};

struct shell_file {
    struct shell_assignment *assignment; /* in the file's order, of the names asked for */
    size_t assignments;
    bool open_end; /* the last line ends in a backslash: nothing can be added behind it */
};

/*
 * Find the assignments to NAMES (NULL-terminated). `export NAME=VALUE`, several on a
 * line, continuation lines, values over several lines, comments, CRLF line ends (the CR
 * is part of an unquoted value for a shell: it is read as one, and nothing is inserted
 * behind it), a byte order mark (for a shell it belongs to the first word, which then is
 * no assignment), here-documents (their text is no assignment), functions, arrays, $'...'
 * are understood or passed over. Behind a return or exit that may be carried out, every
 * assignment is conditional. What stands in $(...) or `...` is not reported. A statement
 * that ends in the middle (an open quote, a missing fi) or that no shell takes is class
 * DATA with PATH and line.
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
 * argument in and taking it out again gives the original bytes. New text takes the quotes
 * of the byte before it, at the beginning those of AT, and is written as they want it.
 * What cannot be written or taken out (part of an expansion; a quote inside single
 * quotes; a letter right behind $NAME; anything in a value that begins with ~) is
 * -EINVAL, and then LIST is as it was.
 */
int shell_rewrite(const struct shell_run *, const char *new_text, struct splices *list);
/* Behind LIST: a splice with a copy of TEXT. 0 or -ENOMEM. */
int splices_add(struct splices *list, size_t begin, size_t end, const char *text);
void splices_clear(struct splices *);
/* The text with the splices carried out: for tests, and where no tree is at hand. */
int splices_apply(const struct splices *, const char *text, size_t len, struct buf *);

#endif
