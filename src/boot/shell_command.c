/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/shell_reader.h"

#include <errno.h>

/* --- redirections */

static bool at_redirection(struct reader *r)
{
    size_t begin = r->at;
    bool here;
    int c;

    while ((c = reader_look(r)) >= '0' && c <= '9')
        r->at++;
    here = ((c == '<' || c == '>') && !reader_at(r, "<(") && !reader_at(r, ">(")) ||
           (r->at == begin && reader_at(r, "&>"));
    r->at = begin;
    return here;
}

static void here_announce(struct reader *r, bool tabs)
{
    struct here_document here = {.at = r->at, .tabs = tabs};
    struct shell_run *run = NULL;
    struct word w;
    size_t runs;

    word_init(&w, r, NULL);
    word_read(r, &w);
    here.quoted = w.quoted;
    word_take(r, &w, &run, &runs);
    if (!r->status && array_grow(&r->here, r->heres, sizeof(here)) < 0)
        reader_fail_memory(r);
    if (!r->status) {
        here.end = run->text;
        run->text = NULL;
        r->here[r->heres++] = here;
    }
    runs_free(run, runs);
    word_clear(&w);
}

static void redirection(struct reader *r)
{
    static const char *const operators[] = {"<<<", "<<-", "<<", "<&", "<>", "<",
                                            "&>>", "&>",  ">>", ">&", ">|", ">"};
    size_t i = 0;
    int c;

    while ((c = reader_look(r)) >= '0' && c <= '9')
        r->at++;
    while (i < ARRAY_LEN(operators) && !reader_take(r, operators[i]))
        i++;
    r->background |= i < ARRAY_LEN(operators) &&
                     *operators[i] == '&'; /* for a shell that knows "&", then ">" */
    reader_skip_blanks(r);
    if (!word_begins(r))
        reader_unexpected(r);
    else if (i == 1 || i == 2)
        here_announce(r, i == 1);
    else
        word_read(r, NULL);
}

void redirections_read(struct reader *r)
{
    for (reader_skip_blanks(r); at_redirection(r); reader_skip_blanks(r))
        redirection(r);
}

/* --- assignments */

struct head { /* NAME=, NAME+= or NAME[...]= */
    struct buf name;
    size_t at;
    bool append, element;
};

#define AUTO_HEAD CLEANUP(head_clear) struct head

static void head_clear(struct head *head)
{
    buf_clear(&head->name);
}

/* A subscript that ends in the same word, without any quotes. */
static bool take_subscript(struct reader *r)
{
    int c;

    if (!reader_take(r, "["))
        return false;
    while ((c = reader_look(r)) != ']' && !is_word_end(c) && !strchr("\"'\\`", c))
        r->at++;
    return reader_take(r, "]");
}

/* Skips the head of an assignment if one stands here. */
static bool take_head(struct reader *r, struct head *head)
{
    *head = (struct head){.at = r->at};
    while (is_name_char(reader_look(r), !head->name.len)) {
        buf_add_char(&head->name, r->text[r->at]);
        r->at++;
    }
    if (head->name.failed)
        reader_fail_memory(r);
    if (head->name.len) {
        head->element = take_subscript(r);
        head->append = reader_take(r, "+=");
        if (head->append || reader_take(r, "="))
            return true;
    }
    r->at = head->at;
    return false;
}

/* Behind NAME=( */
static void array_rest(struct reader *r, size_t begin)
{
    for (reader_skip_newlines(r); word_begins(r); reader_skip_newlines(r))
        word_read(r, NULL);
    if (reader_look(r) < 0)
        reader_fail(r, begin, "the array that begins here is never closed");
    else if (!reader_take(r, ")"))
        reader_unexpected(r);
}

/* How a declaring command changes what its assignments mean. */
struct manner {
    bool declared; /* by a command that takes assignments */
    bool lost;     /* of no effect behind the command or the function */
    bool opaque;   /* changes the value (declare -u) */
    bool unsure;   /* some shells only print (export -p) */
};

/* Takes the runs of W, whose text begins with SKIP bytes that are no value. */
static void report_value(struct reader *r, const struct head *head, struct word *w,
                         size_t skip, const struct manner *manner)
{
    struct shell_assignment a = {
        .append = head->append, .conditional = manner->unsure, .prefix = manner->lost};
    bool opaque = manner->opaque || (manner->declared && w->braces);
    struct shell_run *run;

    word_take(r, w, &a.run, &a.runs);
    if (r->status)
        return;
    run = a.run;
    if (skip) {
        run->at = run->byte[skip - 1].at + run->byte[skip - 1].len;
        run->quote = run->byte[skip - 1].quote;
        memmove(run->text, run->text + skip, strlen(run->text + skip) + 1);
        memmove(run->byte, run->byte + skip, strlen(run->text) * sizeof(*run->byte));
    }
    for (size_t i = 0; i < a.runs; i++)
        run[i].opaque |= opaque;
    a.name = strdup(buf_text(&head->name));
    a.line = reader_line(r, head->at);
    reader_report(r, &a);
}

/* Behind the head. */
static void value_read(struct reader *r, const struct head *head,
                       const struct manner *manner)
{
    const char *name = buf_text(&head->name);
    bool asked = !r->muted && reader_asked(r, name);
    struct word w;

    if (reader_take(r, "(")) {
        array_rest(r, head->at);
        reader_indirect(r, name, head->at);
    } else if (asked && !head->element) {
        word_init(&w, r, name);
        word_read(r, &w);
        if (!r->status)
            report_value(r, head, &w, 0, manner);
        word_clear(&w);
    } else {
        word_read(r, NULL);
        if (head->element)
            reader_indirect(r, name, head->at);
    }
}

/* --- simple commands */

enum role {
    ROLE_COMMON,
    ROLE_PASS,    /* runs the command that its arguments name */
    ROLE_DECLARE, /* its arguments are assignments */
    ROLE_LOCAL,   /* likewise, for the function around it */
    ROLE_MINE,    /* likewise, if there is a function around it */
    ROLE_NAMES,   /* sets or unsets what its arguments name */
    ROLE_EVAL,    /* its arguments are statements */
    ROLE_LEAVE,   /* nothing behind it is carried out */
    ROLE_EXEC,    /* likewise, if it has arguments */
};

static const struct builtin {
    const char *name;
    enum role role;
    bool special; /* for sh, an assignment before it stays */
} builtins[] = {
    {".", ROLE_COMMON, true},         {":", ROLE_COMMON, true},
    {"break", ROLE_COMMON, true},     {"builtin", ROLE_PASS, false},
    {"command", ROLE_PASS, false},    {"continue", ROLE_COMMON, true},
    {"declare", ROLE_MINE, false},    {"eval", ROLE_EVAL, true},
    {"exec", ROLE_EXEC, true},        {"exit", ROLE_LEAVE, true},
    {"export", ROLE_DECLARE, true},   {"getopts", ROLE_NAMES, false},
    {"local", ROLE_LOCAL, false},     {"mapfile", ROLE_NAMES, false},
    {"printf", ROLE_NAMES, false},    {"read", ROLE_NAMES, false},
    {"readarray", ROLE_NAMES, false}, {"readonly", ROLE_DECLARE, true},
    {"return", ROLE_LEAVE, true},     {"set", ROLE_COMMON, true},
    {"shift", ROLE_COMMON, true},     {"source", ROLE_COMMON, true},
    {"times", ROLE_COMMON, true},     {"trap", ROLE_EVAL, true},
    {"typeset", ROLE_MINE, false},    {"unset", ROLE_NAMES, true},
};

static const struct builtin *builtin_find(const char *name)
{
    static const struct builtin common = {"", ROLE_COMMON, false};

    for (size_t i = 0; i < ARRAY_LEN(builtins); i++)
        if (streq(builtins[i].name, name))
            return &builtins[i];
    return &common;
}

struct command {
    enum role role;
    struct manner manner;
    size_t arguments;
};

/* Names that are asked for and that stand in the statements TEXT, in whatever place. */
static void find_names(struct reader *r, const char *text, size_t at)
{
    for (const char *const *asked = r->names; *asked; asked++)
        for (const char *p = text; (p = strstr(p, *asked)); p++)
            if ((p == text || !is_name_char(p[-1], false)) &&
                !is_name_char(p[strlen(*asked)], false)) {
                reader_indirect(r, *asked, at);
                break;
            }
}

static void leave(struct reader *r)
{
    r->left |= !r->function && !r->lost && !r->muted;
}

/* declare -x NAME: W is the option. */
static void declare_option(struct command *c, const char *option)
{
    c->manner.opaque |= strpbrk(option, "acilunA") != NULL;
    c->manner.unsure |= strpbrk(option, "fFp") != NULL;
    if (*option == '-' && strchr(option, 'g'))
        c->manner.lost = false;
}

/*
 * An argument of export and the like that is not plainly an assignment. Quotes may begin
 * before the name: read once to see the name, and once more for the references to it.
 */
static void declared_word(struct reader *r, struct command *c)
{
    size_t begin = r->at, skip = 0;
    AUTO_HEAD head = {.at = begin};
    struct word w;
    const char *text;

    word_init(&w, r, NULL);
    r->muted++;
    word_read(r, &w);
    r->muted--;
    text = buf_text(&w.text);
    if (*text == '-' || *text == '+')
        declare_option(c, text);
    while (is_name_char((unsigned char)text[skip], !skip))
        skip++;
    buf_add(&head.name, text, skip);
    head.append = starts_with(text + skip, "+=");
    skip += head.append;
    if (text[skip] != '=' || !reader_asked(r, buf_text(&head.name)))
        skip = 0;
    if (head.name.failed)
        reader_fail_memory(r);
    word_clear(&w);
    if (r->muted || r->status)
        return;
    r->at = begin;
    word_init(&w, r, skip ? head.name.data : NULL);
    word_read(r, &w);
    if (skip && !r->status)
        report_value(r, &head, &w, skip + 1, &c->manner);
    word_clear(&w);
}

static void command_is(struct reader *r, struct command *c, const char *name)
{
    c->role = builtin_find(name)->role;
    c->manner.declared =
        c->role == ROLE_DECLARE || c->role == ROLE_LOCAL || c->role == ROLE_MINE;
    c->manner.lost = c->role == ROLE_LOCAL || (c->role == ROLE_MINE && r->function);
    if (c->role == ROLE_LEAVE)
        leave(r);
}

static void argument(struct reader *r, struct command *c)
{
    AUTO_HEAD head = {.at = 0};
    struct word w;
    size_t begin = r->at;

    if (c->manner.declared) {
        if (take_head(r, &head))
            value_read(r, &head, &c->manner);
        else
            declared_word(r, c);
        return;
    }
    word_init(&w, r, NULL);
    word_read(r, &w);
    if (c->role == ROLE_PASS && *buf_text(&w.text) != '-')
        command_is(r, c, buf_text(&w.text));
    else if (c->role == ROLE_NAMES)
        reader_indirect(r, buf_text(&w.text), begin);
    else if (c->role == ROLE_EVAL)
        find_names(r, buf_text(&w.text), begin);
    else if (c->role == ROLE_EXEC && !c->arguments)
        leave(r);
    c->arguments++;
    word_clear(&w);
}

/* The assignments [FIRST, END) stand before a command. */
static void make_prefix(struct reader *r, size_t first, size_t end, bool may_stay)
{
    for (size_t i = first; i < end; i++)
        if (r->file->assignment[i].indirect)
            continue;
        else if (may_stay)
            r->file->assignment[i].conditional = true;
        else
            r->file->assignment[i].prefix = true;
}

/* Assignments and redirections before a command: is there any? */
static bool prefixes(struct reader *r)
{
    static const struct manner plain;
    size_t begin;

    reader_skip_blanks(r);
    begin = r->at;
    for (;; reader_skip_blanks(r)) {
        AUTO_HEAD head = {.at = 0};

        if (at_redirection(r))
            redirection(r);
        else if (take_head(r, &head))
            value_read(r, &head, &plain);
        else
            return r->at > begin;
    }
}

void simple_command_read(struct reader *r)
{
    struct command c = {.role = ROLE_COMMON};
    size_t first = r->file->assignments, end;
    bool prefixed = prefixes(r), may_stay;
    struct word w;

    end = r->file->assignments;
    if (!word_begins(r)) {
        if (!prefixed)
            reader_unexpected(r);
        return;
    }
    word_init(&w, r, NULL);
    word_read(r, &w);
    /* A word of expansions may be none, and then the assignments stay; whether they stay
       behind a function, shells do not agree. */
    may_stay = w.now.opaque || r->functions || builtin_find(buf_text(&w.text))->special;
    command_is(r, &c, buf_text(&w.text));
    word_clear(&w);
    reader_skip_blanks(r);
    if (!prefixed && reader_at(r, "(")) {
        function_read(r);
        return;
    }
    make_prefix(r, first, end, may_stay);
    for (; at_redirection(r) || word_begins(r); reader_skip_blanks(r))
        if (at_redirection(r))
            redirection(r);
        else
            argument(r, &c);
}
