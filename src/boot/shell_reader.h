/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Inside the shell reader: what its parts share. shell_words.c reads one word (its
 * quotes and expansions), shell_command.c one simple command (and tells what it assigns),
 * shell_grammar.c what commands make together. Errors stick: behind the first one every
 * look sees the end of the text.
 */
#ifndef BOOT_SHELL_READER_H
#define BOOT_SHELL_READER_H

#include "boot/shell_words.h"

struct here_document {
    char *end; /* the line that ends it */
    size_t at;
    bool quoted, tabs; /* no continuation lines; leading tabs do not count */
};

struct reader {
    const char *path, *text;
    size_t len, at;
    const char *const *names;
    struct shell_file *file;
    struct error *err;
    int status; /* 0, or what shell_read will return */
    struct here_document *here;
    size_t heres;         /* announced; their text begins at the next line */
    unsigned depth;       /* of constructs inside one another */
    unsigned conditional; /* inside how many constructs that may not be carried out */
    unsigned lost;        /* likewise, that leave no variable behind: subshells */
    unsigned function;    /* likewise, functions */
    unsigned muted;       /* likewise, command substitutions: nothing is reported */
    bool left;            /* a return or exit has been seen */
    bool background;      /* of the command at work: a "&>" has been seen */
    bool functions;       /* any function has been defined */
    unsigned line;        /* of LINE_AT */
    size_t line_at;
};

/* A word as it is read. */
struct word {
    struct shell_run *run; /* the complete ones */
    size_t runs;
    struct shell_run now; /* the one at work, without its text */
    struct buf text;      /* of that one */
    const char *self;     /* references to this variable part runs; may be NULL */
    bool quoted;          /* some of it */
    bool braces;          /* an unquoted { */
};

/* The byte at AT behind any line continuations, which are skipped; -1 at the end. */
int reader_look(struct reader *);
/* Skip TEXT if it stands here, continuations or not. */
bool reader_take(struct reader *, const char *text);
bool reader_at(struct reader *, const char *text); /* the same without skipping */
int reader_fail(struct reader *, size_t at, const char *format, ...) PRINTF_LIKE(3, 4);
int reader_fail_memory(struct reader *);
unsigned reader_line(struct reader *, size_t at);
void reader_unexpected(struct reader *);  /* what stands here cannot stand here */
void reader_skip_blanks(struct reader *); /* and a comment */
void reader_newline(struct reader *); /* skip it, and here-documents that begin there */
void reader_skip_newlines(struct reader *); /* and blanks */
void reader_drop_heres(struct reader *);
bool reader_enter(struct reader *); /* one construct deeper; false: too deep */
bool reader_asked(const struct reader *, const char *name);
/* Report A, whose parts it takes, with what the constructs around it say. */
void reader_report(struct reader *, struct shell_assignment *a);
/* Another way to set NAME than an assignment. */
void reader_indirect(struct reader *, const char *name, size_t at);

/* Skip the word that begins here; it goes into the second, which may be NULL. */
void word_read(struct reader *, struct word *);
bool word_begins(struct reader *); /* does one begin here? */
bool is_word_end(int c);
bool is_name_char(int c, bool first);
void word_init(struct word *, const struct reader *, const char *self);
/* The complete runs, owned by the caller; *RUN is NULL when memory is out. */
void word_take(struct reader *, struct word *, struct shell_run **run, size_t *runs);
void word_clear(struct word *);
void runs_free(struct shell_run *, size_t runs);

void redirections_read(struct reader *);
void simple_command_read(struct reader *);
void function_read(struct reader *); /* behind a function's name */
/* The text between "((" and "))", both included. */
void arithmetic_read(struct reader *);
/* The statements behind "$(" up to ")", which is skipped. */
void substitution_read(struct reader *);

#endif
