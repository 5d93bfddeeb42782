/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/shell_reader.h"

#include <errno.h>

/* --- reserved words */

static bool at_reserved(struct reader *r, const char *word)
{
    size_t begin = r->at;
    bool here = reader_take(r, word) && is_word_end(reader_look(r));

    r->at = begin;
    return here;
}

static bool take_reserved(struct reader *r, const char *word)
{
    return at_reserved(r, word) && reader_take(r, word);
}

static void expect(struct reader *r, const char *word, const char *of, size_t begin)
{
    reader_skip_newlines(r);
    if (take_reserved(r, word) || r->status)
        return;
    if (reader_look(r) < 0)
        reader_fail(r, begin, "the \"%s\" that begins here has no \"%s\"", of, word);
    else
        reader_fail(r, r->at, "\"%s\" of the \"%s\" on line %u is expected here", word,
                    of, reader_line(r, begin));
}

static bool list_ends(struct reader *r)
{
    static const char *const closers[] = {"then", "elif", "else", "fi",
                                          "do",   "done", "esac", "}"};
    int c = reader_look(r);

    if (c < 0 || c == ')' || reader_at(r, ";;") || reader_at(r, ";&"))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(closers); i++)
        if (at_reserved(r, closers[i]))
            return true;
    return false;
}

/* --- compound commands; each is called behind its first word, which is at BEGIN */

static void command(struct reader *);
static size_t list(struct reader *);

static void body(struct reader *r)
{
    if (!list(r) && !r->status)
        reader_unexpected(r);
}

static void if_rest(struct reader *r, size_t begin)
{
    do {
        body(r);
        expect(r, "then", "if", begin);
        body(r);
    } while (take_reserved(r, "elif"));
    if (take_reserved(r, "else"))
        body(r);
    expect(r, "fi", "if", begin);
}

static void do_group(struct reader *r, const char *of, size_t begin)
{
    expect(r, "do", of, begin);
    body(r);
    expect(r, "done", of, begin);
}

static void while_rest(struct reader *r, size_t begin)
{
    body(r);
    do_group(r, "while", begin);
}

static void until_rest(struct reader *r, size_t begin)
{
    body(r);
    do_group(r, "until", begin);
}

static void words_to_separator(struct reader *r)
{
    for (reader_skip_blanks(r); word_begins(r); reader_skip_blanks(r))
        word_read(r, NULL);
    if (reader_look(r) == '\n')
        reader_newline(r);
    else if (!reader_take(r, ";"))
        reader_unexpected(r);
}

static void for_rest(struct reader *r, size_t begin)
{
    struct word w;

    reader_skip_blanks(r);
    if (reader_at(r, "((")) {
        arithmetic_read(r);
    } else {
        if (!word_begins(r))
            reader_unexpected(r);
        word_init(&w, r, NULL);
        word_read(r, &w);
        reader_indirect(r, buf_text(&w.text), begin);
        word_clear(&w);
        reader_skip_newlines(r);
        if (take_reserved(r, "in")) {
            words_to_separator(r);
            do_group(r, "for", begin);
            return;
        }
    }
    reader_skip_blanks(r);
    reader_take(r, ";");
    do_group(r, "for", begin);
}

static void case_item(struct reader *r, size_t begin)
{
    reader_take(r, "(");
    do {
        reader_skip_blanks(r);
        if (!word_begins(r)) {
            if (reader_look(r) < 0)
                reader_fail(r, begin, "the \"case\" that begins here has no \"esac\"");
            reader_unexpected(r);
        }
        word_read(r, NULL);
        reader_skip_blanks(r);
    } while (reader_take(r, "|"));
    if (!reader_take(r, ")"))
        reader_unexpected(r);
    list(r);
}

static void case_rest(struct reader *r, size_t begin)
{
    reader_skip_blanks(r);
    if (!word_begins(r))
        reader_unexpected(r);
    word_read(r, NULL);
    expect(r, "in", "case", begin);
    for (reader_skip_newlines(r); !take_reserved(r, "esac") && !r->status;
         reader_skip_newlines(r)) {
        case_item(r, begin);
        if (!reader_take(r, ";;&") && !reader_take(r, ";;") && !reader_take(r, ";&") &&
            !at_reserved(r, "esac"))
            expect(r, "esac", "case", begin);
    }
}

static void group_rest(struct reader *r, size_t begin)
{
    body(r);
    expect(r, "}", "{", begin);
}

/* [[ ... ]]: no shell without it takes much of what may stand inside. */
static void test_rest(struct reader *r, size_t begin)
{
    for (reader_skip_newlines(r); !take_reserved(r, "]]") && !r->status;
         reader_skip_newlines(r))
        if (word_begins(r))
            word_read(r, NULL);
        else if (reader_look(r) >= 0)
            r->at++;
        else
            reader_fail(r, begin, "the \"[[\" that begins here has no \"]]\"");
}

/* Behind a function's name. */
void function_read(struct reader *r)
{
    reader_skip_blanks(r);
    if (reader_take(r, "(")) {
        reader_skip_blanks(r);
        if (!reader_take(r, ")"))
            reader_unexpected(r);
    }
    reader_skip_newlines(r);
    r->conditional++;
    r->function++;
    r->functions = true;
    command(r);
    r->function--;
    r->conditional--;
}

static void function_word_rest(struct reader *r, size_t begin)
{
    (void)begin;
    reader_skip_blanks(r);
    if (!word_begins(r))
        reader_unexpected(r);
    word_read(r, NULL);
    function_read(r);
}

static void subshell(struct reader *r)
{
    size_t begin = r->at++;

    r->lost++;
    body(r);
    r->lost--;
    if (reader_look(r) < 0)
        reader_fail(r, begin, "the \"(\" that opens here is never closed");
    else if (!reader_take(r, ")"))
        reader_unexpected(r);
}

void substitution_read(struct reader *r)
{
    size_t begin = r->at, heres = r->heres;
    struct here_document *here = r->here;

    r->here = NULL;
    r->heres = 0;
    r->muted++;
    list(r);
    r->muted--;
    if (r->heres)
        reader_fail(r, begin, "the here-document in here has no text");
    if (reader_look(r) < 0)
        reader_fail(r, begin,
                    "the command substitution that begins here is never closed");
    else if (!reader_take(r, ")"))
        reader_unexpected(r);
    reader_drop_heres(r);
    r->here = here;
    r->heres = heres;
}

static const struct compound {
    const char *word;
    void (*rest)(struct reader *, size_t begin);
    bool sure; /* carried out once, whatever happens */
} compounds[] = {
    {"[[", test_rest, true},      {"case", case_rest, false},
    {"for", for_rest, false},     {"function", function_word_rest, false},
    {"if", if_rest, false},       {"select", for_rest, false},
    {"until", until_rest, false}, {"while", while_rest, false},
    {"{", group_rest, true},
};

static bool compound_command(struct reader *r)
{
    size_t begin = r->at;

    if (reader_at(r, "((")) {
        arithmetic_read(r);
        return true;
    }
    if (reader_at(r, "(")) {
        subshell(r);
        return true;
    }
    for (size_t i = 0; i < ARRAY_LEN(compounds); i++)
        if (take_reserved(r, compounds[i].word)) {
            r->conditional += !compounds[i].sure;
            compounds[i].rest(r, begin);
            r->conditional -= !compounds[i].sure;
            return true;
        }
    return false;
}

static void command(struct reader *r)
{
    reader_skip_blanks(r);
    if (!reader_enter(r))
        return;
    if (list_ends(r))
        reader_unexpected(r);
    else if (compound_command(r))
        redirections_read(r);
    else
        simple_command_read(r);
    r->depth--;
}

/* --- lists */

static void make_conditional(struct reader *r, size_t first)
{
    for (size_t i = first; i < r->file->assignments; i++)
        r->file->assignment[i].conditional = true;
}

static void pipeline(struct reader *r)
{
    size_t first = r->file->assignments;
    bool piped = false;

    for (reader_skip_blanks(r); take_reserved(r, "!"); reader_skip_blanks(r))
        continue;
    command(r);
    for (reader_skip_blanks(r); reader_at(r, "|") && !reader_at(r, "||");
         reader_skip_blanks(r)) {
        reader_take(r, "|");
        reader_take(r, "&");
        reader_skip_newlines(r);
        command(r);
        piped = true;
    }
    if (piped)
        make_conditional(r, first);
}

static void and_or(struct reader *r)
{
    pipeline(r);
    while (reader_take(r, "&&") || reader_take(r, "||")) {
        reader_skip_newlines(r);
        r->conditional++;
        pipeline(r);
        r->conditional--;
    }
}

/* Statements up to something that ends a list: how many? */
static size_t list(struct reader *r)
{
    size_t count = 0;

    for (;; count++) {
        size_t first = r->file->assignments;
        bool background;

        reader_skip_newlines(r);
        if (list_ends(r))
            return count;
        r->background = false;
        and_or(r);
        background = !reader_at(r, "&&") && reader_take(r, "&");
        if (background || r->background)
            make_conditional(r, first);
        r->background = false;
        if (reader_look(r) == '\n')
            reader_newline(r);
        else if (list_ends(r))
            return count + 1;
        else if (!background && !reader_take(r, ";"))
            reader_unexpected(r);
    }
}

/* A comment does not go on in the next line, but for a reader who knows no comments. */
static bool ends_open(const char *text, size_t len)
{
    size_t backslashes = 0;

    len -= len && text[len - 1] == '\n';
    while (len && text[len - 1] == '\r')
        len--;
    for (; len && text[len - 1] == '\\'; len--)
        backslashes++;
    return backslashes % 2;
}

int shell_read(struct shell_file *file, const char *path, const char *text, size_t len,
               const char *const *names, struct error *err)
{
    struct reader r = {.path = path,
                       .text = text,
                       .len = len,
                       .names = names,
                       .file = file,
                       .err = err,
                       .line = 1};
    const char *nul = len ? memchr(text, '\0', len) : NULL;

    *file = (struct shell_file){.assignments = 0};
    if (nul)
        reader_fail(&r, (size_t)(nul - text), "a NUL byte: this is no text for a shell");
    list(&r);
    if (reader_look(&r) >= 0)
        reader_unexpected(&r);
    if (r.heres)
        reader_fail(&r, r.here->at, "the here-document that begins here has no text");
    reader_drop_heres(&r);
    file->open_end = ends_open(text, len);
    if (r.status)
        shell_clear(file);
    return r.status;
}

void shell_clear(struct shell_file *file)
{
    for (size_t i = 0; i < file->assignments; i++) {
        free(file->assignment[i].name);
        runs_free(file->assignment[i].run, file->assignment[i].runs);
    }
    free(file->assignment);
    *file = (struct shell_file){.assignments = 0};
}
