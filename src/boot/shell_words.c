/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/shell_words.h"

#include <errno.h>

#include "boot/shell_reader.h"

bool is_word_end(int c)
{
    return c < 0 || (c && strchr(" \t\n;&|()<>", c));
}

bool is_name_char(int c, bool first)
{
    return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (!first && c >= '0' && c <= '9');
}

/* A process substitution begins a word although its first byte ends one. */
static bool at_process(struct reader *r)
{
    return reader_at(r, "<(") || reader_at(r, ">(");
}

bool word_begins(struct reader *r)
{
    return !is_word_end(reader_look(r)) || at_process(r);
}

/* --- what has been read so far; a word that is NULL is only skipped */

/* AT, or where what follows goes on behind line continuations, if QUOTE has any. */
static size_t skip_continuations(const struct reader *r, size_t at, char quote)
{
    while ((!quote || quote == '"') && r->len - at > 1 && r->text[at] == '\\' &&
           r->text[at + 1] == '\n')
        at += 2;
    return at;
}

void word_init(struct word *w, const struct reader *r, const char *self)
{
    *w = (struct word){.now = {.at = skip_continuations(r, r->at, 0)}, .self = self};
}

static void word_add(struct reader *r, struct word *w, char c, struct shell_byte byte)
{
    if (!w || r->status)
        return;
    if (array_grow(&w->now.byte, w->text.len, sizeof(byte)) < 0) {
        reader_fail_memory(r);
        return;
    }
    byte.next = byte.at + byte.len;
    if (!byte.expansion || byte.next == r->at) /* else nothing goes behind it */
        byte.next = skip_continuations(r, byte.next, byte.quote);
    byte.behind = byte.next < r->len ? r->text[byte.next] : '\0';
    w->now.byte[w->text.len] = byte;
    buf_add_char(&w->text, c);
    if (w->text.failed)
        reader_fail_memory(r);
}

/* What stands from BEGIN to here, as an expansion that nobody can judge. */
static void word_add_raw(struct reader *r, struct word *w, size_t begin, char quote)
{
    if (!w)
        return;
    w->now.opaque = true;
    for (size_t i = begin; i < r->at; i++)
        word_add(r, w, r->text[i],
                 (struct shell_byte){.at = i,
                                     .len = 1,
                                     .quote = quote,
                                     .expansion = true,
                                     .inner = i > begin});
}

/* Behind an opening quote: whatever is put before the first byte goes inside it. */
static void word_open_quote(const struct reader *r, struct word *w, char quote)
{
    if (!w)
        return;
    w->quoted = true;
    if (!w->text.len && !w->now.quote) {
        w->now.at = skip_continuations(r, r->at, quote);
        w->now.quote = quote;
        w->now.after_name = false;
    }
}

/* $'...' or $"...": other shells read a "$" there, so nothing goes to its front. */
static void word_open_bash(struct word *w)
{
    if (!w)
        return;
    w->quoted = true;
    w->now.opaque = true;
}

static void word_end_run(struct reader *r, struct word *w)
{
    if (array_grow(&w->run, w->runs, sizeof(*w->run)) < 0 ||
        !(w->now.text = buf_take(&w->text))) {
        reader_fail_memory(r);
        return;
    }
    w->run[w->runs++] = w->now;
    w->now = (struct shell_run){.at = skip_continuations(r, r->at, 0)};
}

/* Behind a reference to the variable itself. */
static void word_part(struct reader *r, struct word *w, char quote, bool bare,
                      bool opaque)
{
    word_end_run(r, w);
    w->now.quote = quote;
    w->now.after_name = bare;
    w->now.opaque = opaque;
}

void word_take(struct reader *r, struct word *w, struct shell_run **run, size_t *runs)
{
    *run = NULL;
    *runs = 0;
    if (!r->status)
        word_end_run(r, w);
    if (!r->status) {
        *run = w->run;
        *runs = w->runs;
        w->run = NULL;
        w->runs = 0;
    }
}

void runs_free(struct shell_run *run, size_t runs)
{
    for (size_t i = 0; i < runs; i++) {
        free(run[i].text);
        free(run[i].byte);
    }
    free(run);
}

void word_clear(struct word *w)
{
    runs_free(w->run, w->runs);
    free(w->now.byte);
    buf_clear(&w->text);
    *w = (struct word){.runs = 0};
}

/* --- quotes */

static void dollar_read(struct reader *, struct word *, char quote);
static void backquote_read(struct reader *, struct word *, char quote);

static void single_read(struct reader *r, struct word *w)
{
    size_t begin = r->at++;

    word_open_quote(r, w, '\'');
    for (; r->at < r->len && !r->status; r->at++) {
        if (r->text[r->at] == '\'') {
            r->at++;
            return;
        }
        word_add(r, w, r->text[r->at],
                 (struct shell_byte){.at = r->at, .len = 1, .quote = '\''});
    }
    reader_fail(r, begin, "the single quote that opens here is never closed");
}

/* A byte that may stand behind a backslash; SPECIAL are those that it makes plain. */
static void escaped_read(struct reader *r, struct word *w, const char *special,
                         char quote)
{
    size_t begin = r->at;
    bool two = begin + 1 < r->len && (!special || strchr(special, r->text[begin + 1]));

    if (begin + 1 == r->len) {
        reader_fail(r, begin, "the file ends behind a backslash");
        return;
    }
    word_add(r, w, r->text[begin + two],
             (struct shell_byte){.at = begin, .len = 1u + two, .quote = quote});
    r->at = begin + 1 + two;
}

/* Behind the quote that opens at BEGIN. */
static void double_rest_read(struct reader *r, struct word *w, size_t begin)
{
    int c;

    while ((c = reader_look(r)) >= 0 && c != '"') {
        if (c == '\\') {
            escaped_read(r, w, "$`\"\\", '"');
        } else if (c == '$') {
            dollar_read(r, w, '"');
        } else if (c == '`') {
            backquote_read(r, w, '"');
        } else {
            word_add(r, w, (char)c,
                     (struct shell_byte){.at = r->at, .len = 1, .quote = '"'});
            r->at++;
        }
    }
    if (c < 0)
        reader_fail(r, begin, "the double quote that opens here is never closed");
    r->at += c >= 0;
}

static void double_read(struct reader *r, struct word *w)
{
    size_t begin = r->at++;

    word_open_quote(r, w, '"');
    double_rest_read(r, w, begin);
}

/* The value of the digits behind a backslash, at most MAX of them, and their number. */
static unsigned digits_at(const char *text, size_t left, unsigned base, size_t max,
                          size_t *count)
{
    static const char digits[] = "0123456789abcdef";
    unsigned value = 0;
    size_t n = 0;

    for (; n < max && n < left; n++) {
        char c = text[n] >= 'A' && text[n] <= 'F' ? (char)(text[n] + 'a' - 'A') : text[n];
        const char *digit = memchr(digits, c, base);

        if (!digit)
            break;
        value = value * base + (unsigned)(digit - digits);
    }
    *count = n;
    return value;
}

/* One escape of $'...'; what is not plain bytes (\u, \c, \0) stands as it is written. */
static void ansi_escape_read(struct reader *r, struct word *w)
{
    static const char letters[] = "abeEfnrtv\\'\"?",
                      meanings[] = "\a\b\033\033\f\n\r\t\v\\'\"?";
    const char *text = r->text + r->at + 1, *letter;
    size_t left = r->len - r->at - 1, begin = r->at, n = 0;
    unsigned value = 0;

    letter = left ? memchr(letters, *text, sizeof(letters) - 1) : NULL;
    if (letter) {
        value = (unsigned char)meanings[letter - letters];
        n = 1;
    } else if (left && *text == 'x') {
        value = digits_at(text + 1, left - 1, 16, 2, &n) & 255;
        n += n > 0;
    } else {
        value = digits_at(text, left, 8, 3, &n) & 255;
    }
    r->at += 1 + n;
    if (value)
        word_add(r, w, (char)value,
                 (struct shell_byte){.at = begin, .len = 1 + n, .quote = '$'});
    else
        word_add_raw(r, w, begin, '$');
}

/* $'...' behind its "$". */
static void ansi_read(struct reader *r, struct word *w)
{
    size_t begin = r->at++;

    word_open_bash(w);
    while (r->at < r->len && !r->status) {
        char c = r->text[r->at];

        if (c == '\\') {
            ansi_escape_read(r, w);
            continue;
        }
        r->at++;
        if (c == '\'')
            return;
        word_add(r, w, c, (struct shell_byte){.at = r->at - 1, .len = 1, .quote = '$'});
    }
    reader_fail(r, begin, "the single quote that opens here is never closed");
}

/* --- expansions */

static void backquote_read(struct reader *r, struct word *w, char quote)
{
    size_t begin = r->at++;

    while (r->at < r->len && r->text[r->at] != '`')
        r->at += r->text[r->at] == '\\' && r->at + 1 < r->len ? 2 : 1;
    if (r->at == r->len) {
        reader_fail(r, begin, "the backquote that opens here is never closed");
        return;
    }
    r->at++;
    word_add_raw(r, w, begin, quote);
}

/* The name that stands here, or "". */
static void name_read(struct reader *r, struct buf *name)
{
    while (is_name_char(reader_look(r), !name->len)) {
        buf_add_char(name, r->text[r->at]);
        r->at++;
    }
    if (name->failed)
        reader_fail_memory(r);
}

/*
 * The rest of "${NAME" up to its "}". A single quote inside double quotes is one only in
 * a pattern (POSIX sh; bash agrees when it is sh).
 */
static void brace_rest_read(struct reader *r, size_t begin, char quote)
{
    int c = reader_look(r);
    bool single = !quote || (c >= 0 && strchr("#%/^,", c));

    while ((c = reader_look(r)) >= 0 && c != '}') {
        if (c == '\\')
            escaped_read(r, NULL, NULL, 0);
        else if (c == '\'' && single)
            single_read(r, NULL);
        else if (c == '"')
            double_read(r, NULL);
        else if (c == '$')
            dollar_read(r, NULL, quote);
        else if (c == '`')
            backquote_read(r, NULL, quote);
        else
            r->at++;
    }
    if (c < 0)
        reader_fail(r, begin, "the \"${\" that opens here is never closed");
    r->at += c >= 0;
}

static void brace_read(struct reader *r, struct word *w, size_t begin, char quote)
{
    AUTO_BUF name = BUF_INIT;
    bool self, plain;

    r->at++;
    name_read(r, &name);
    self = w && w->self && streq(buf_text(&name), w->self);
    plain = reader_at(r, "}") || reader_at(r, "-}") || reader_at(r, ":-}");
    if (reader_at(r, "=") || reader_at(r, ":="))
        reader_indirect(r, buf_text(&name), begin);
    brace_rest_read(r, begin, quote);
    if (self)
        word_part(r, w, quote, false, !plain);
    else
        word_add_raw(r, w, begin, quote);
}

static void name_expansion_read(struct reader *r, struct word *w, size_t begin,
                                char quote)
{
    AUTO_BUF name = BUF_INIT;

    name_read(r, &name);
    if (w && w->self && streq(buf_text(&name), w->self))
        word_part(r, w, quote, true, false);
    else
        word_add_raw(r, w, begin, quote);
}

void arithmetic_read(struct reader *r)
{
    size_t begin = r->at, depth = 0;
    int c;

    while ((c = reader_look(r)) >= 0) {
        if (c == '\\') {
            escaped_read(r, NULL, NULL, 0);
        } else if (c == '"') {
            double_read(r, NULL);
        } else if (c == '$') {
            dollar_read(r, NULL, '"');
        } else if (c == '`') {
            backquote_read(r, NULL, '"');
        } else {
            r->at++;
            depth += c == '(';
            depth -= c == ')';
            if (c == ')' && depth == 1)
                break;
        }
    }
    if (!reader_take(r, ")"))
        reader_fail(r, begin,
                    "the \"((\" that opens here has no \"))\"; where commands "
                    "are meant, put a blank between the two");
}

/* $[...], which only bash takes for arithmetic. */
static void bracket_read(struct reader *r, size_t begin)
{
    int c;

    while ((c = reader_look(r)) >= 0 && !strchr("] \t\n;&|()<>\"'`$\\", c))
        r->at++;
    if (c != ']')
        reader_fail(r, begin, "shells do not agree on \"$[\": write \"$((...))\"");
    r->at += c == ']';
}

/* Behind the "$" at BEGIN stands C, which is no name. */
static void special_dollar_read(struct reader *r, struct word *w, size_t begin, int c,
                                char quote)
{
    if (c == '(') {
        if (reader_at(r, "((")) {
            arithmetic_read(r);
        } else {
            r->at++;
            substitution_read(r);
        }
    } else if (c == '[') {
        bracket_read(r, begin);
    } else {
        r->at++;
    }
    word_add_raw(r, w, begin, quote);
}

/* "$": an expansion, bash's quotes $'...' and $"...", or just a "$". */
static void dollar_read(struct reader *r, struct word *w, char quote)
{
    size_t begin = r->at++;
    int c = reader_look(r);

    if (!reader_enter(r))
        return;
    if (is_name_char(c, true)) {
        name_expansion_read(r, w, begin, quote);
    } else if (c == '{') {
        brace_read(r, w, begin, quote);
    } else if (c > 0 && strchr("([0123456789@*#?-$!", c)) {
        special_dollar_read(r, w, begin, c, quote);
    } else if (c == '\'' && !quote) {
        ansi_read(r, w);
    } else if (c == '"' && !quote) {
        word_open_bash(w);
        r->at++;
        double_rest_read(r, w, r->at - 1);
    } else {
        word_add(r, w, '$', (struct shell_byte){.at = begin, .len = 1, .quote = quote});
    }
    r->depth--;
}

static void process_read(struct reader *r, struct word *w)
{
    size_t begin = r->at;

    if (!reader_enter(r))
        return;
    r->at++;
    reader_take(r, "(");
    substitution_read(r);
    word_add_raw(r, w, begin, 0);
    r->depth--;
}

/* A "~" may stand for a home directory at the beginning and behind a ":". */
static void tilde_read(struct reader *r, struct word *w)
{
    size_t begin = r->at++;

    if (w && (!w->text.len || w->text.data[w->text.len - 1] == ':'))
        word_add_raw(r, w, begin, 0);
    else
        word_add(r, w, '~', (struct shell_byte){.at = begin, .len = 1});
}

static void plain_read(struct reader *r, struct word *w, int c)
{
    if (w && c == '{')
        w->braces = true;
    word_add(r, w, (char)c, (struct shell_byte){.at = r->at, .len = 1});
    r->at++;
}

void word_read(struct reader *r, struct word *w)
{
    while (word_begins(r)) {
        int c = reader_look(r);

        if (c == '\\') {
            if (w)
                w->quoted = true;
            escaped_read(r, w, NULL, 0);
        } else if (c == '\'') {
            single_read(r, w);
        } else if (c == '"') {
            double_read(r, w);
        } else if (c == '$') {
            dollar_read(r, w, 0);
        } else if (c == '`') {
            backquote_read(r, w, 0);
        } else if (c == '~') {
            tilde_read(r, w);
        } else if (c == '<' || c == '>') {
            process_read(r, w);
        } else {
            plain_read(r, w, c);
        }
    }
}
