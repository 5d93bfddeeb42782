/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/grub_script.h"

#include <errno.h>

/* Words after which another command begins on the same line. */
static const char *const openers[] = {"if",    "elif", "then", "else", "while",
                                      "until", "do",   "!",    "time"};

static int peek(const struct grub_reader *r, size_t ahead)
{
    return r->at + ahead < r->len ? (unsigned char)r->text[r->at + ahead] : -1;
}

static void step(struct grub_reader *r)
{
    r->line += r->text[r->at++] == '\n';
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t';
}

/* A backslash before a newline is nothing at all. */
static bool skip_continuation(struct grub_reader *r)
{
    if (peek(r, 0) != '\\' || peek(r, 1) != '\n')
        return false;
    step(r);
    step(r);
    return true;
}

static void skip_blanks(struct grub_reader *r)
{
    while (is_blank(peek(r, 0)) || skip_continuation(r))
        if (is_blank(peek(r, 0)))
            step(r);
}

static bool ends_word(int c)
{
    return c < 0 || c == '\n' || is_blank(c) || c == ';' || c == '&' || c == '|' ||
           c == '<' || c == '>';
}

static void read_single(struct grub_reader *r, struct buf *text)
{
    for (step(r); peek(r, 0) >= 0 && peek(r, 0) != '\''; step(r))
        buf_add_char(text, r->text[r->at]);
    if (r->at < r->len)
        step(r);
}

/* Inside double quotes a backslash takes off the meaning of $ " \ only. */
static void read_double(struct grub_reader *r, struct buf *text)
{
    for (step(r); peek(r, 0) >= 0 && peek(r, 0) != '"';) {
        if (skip_continuation(r))
            continue;
        if (peek(r, 0) == '\\' && peek(r, 1) > 0 && strchr("$\"\\", peek(r, 1)))
            step(r);
        buf_add_char(text, r->text[r->at]);
        step(r);
    }
    if (r->at < r->len)
        step(r);
}

/* ${name}: its braces are no block's. */
static void read_variable(struct grub_reader *r, struct buf *text)
{
    do {
        buf_add_char(text, r->text[r->at]);
        step(r);
    } while (peek(r, 0) >= 0 && peek(r, 0) != '\n' && r->text[r->at - 1] != '}');
}

static int read_word(struct grub_reader *r, struct grub_word *word)
{
    AUTO_BUF text = BUF_INIT;

    word->begin = r->at;
    while (!ends_word(peek(r, 0))) {
        int c = peek(r, 0);

        if (skip_continuation(r))
            continue;
        if (c == '\'') {
            read_single(r, &text);
        } else if (c == '"') {
            read_double(r, &text);
        } else if (c == '$' && peek(r, 1) == '{') {
            read_variable(r, &text);
        } else {
            if (c == '\\' && peek(r, 1) >= 0)
                step(r);
            buf_add_char(&text, r->text[r->at]);
            step(r);
        }
    }
    word->end = r->at;
    word->text = buf_take(&text);
    return word->text ? 0 : -ENOMEM;
}

static int read_comment(struct grub_reader *r, struct grub_word *word)
{
    AUTO_BUF text = BUF_INIT;

    word->begin = r->at;
    for (; peek(r, 0) >= 0 && peek(r, 0) != '\n'; step(r))
        buf_add_char(&text, r->text[r->at]);
    word->end = r->at;
    word->text = buf_take(&text);
    return word->text ? 0 : -ENOMEM;
}

static bool is_opener(const struct grub_word *word)
{
    for (size_t i = 0; i < ARRAY_LEN(openers); i++)
        if (streq(openers[i], word->text))
            return true;
    return false;
}

/* A word that is just the brace C, unquoted. */
static bool is_brace(const struct grub_reader *r, const struct grub_word *word, char c)
{
    return word->end == word->begin + 1 && r->text[word->begin] == c;
}

/* Take the word into the statement; 1: the statement ends with it. */
static int take_word(struct grub_reader *r, struct grub_statement *s,
                     struct grub_word word)
{
    if (!s->words &&
        (is_brace(r, &word, '}') || is_brace(r, &word, '{') || is_opener(&word))) {
        bool closes = is_brace(r, &word, '}');

        s->kind = closes ? GRUB_CLOSE : GRUB_COMMAND;
        free(word.text);
        return closes;
    }
    if (is_brace(r, &word, '{') || is_brace(r, &word, '}')) {
        s->opens = is_brace(r, &word, '{');
        s->end = word.begin;
        if (!s->opens)
            r->at = word.begin; /* the block's end is a statement of its own */
        free(word.text);
        return 1;
    }
    if (array_grow(&s->word, s->words, sizeof(*s->word)) < 0) {
        free(word.text);
        return -ENOMEM;
    }
    s->word[s->words++] = word;
    return 0;
}

static void skip_separators(struct grub_reader *r)
{
    for (;;) {
        int c = peek(r, 0);

        if (c >= 0 &&
            (c == '\n' || c == ';' || c == '&' || c == '|' || c == '<' || c == '>'))
            step(r);
        else if (is_blank(c))
            skip_blanks(r);
        else if (!skip_continuation(r))
            return;
    }
}

int grub_script_next(struct grub_reader *r, struct grub_statement *s)
{
    struct grub_word word;
    int done = 0;

    *s = (struct grub_statement){.kind = GRUB_COMMAND};
    skip_separators(r);
    s->line = r->line;
    if (r->at >= r->len)
        return 0;
    if (peek(r, 0) == '#') {
        s->kind = GRUB_COMMENT;
        if (read_comment(r, &word) < 0)
            return -ENOMEM;
        done = take_word(r, s, word);
        s->end = r->at;
        return done < 0 ? done : 1;
    }
    while (!done) {
        skip_blanks(r);
        s->end = r->at;
        if (ends_word(peek(r, 0)) || peek(r, 0) == '#')
            break;
        if (read_word(r, &word) < 0)
            return -ENOMEM;
        done = take_word(r, s, word);
    }
    return done < 0 ? done : 1;
}

void grub_statement_clear(struct grub_statement *s)
{
    for (size_t i = 0; i < s->words; i++)
        free(s->word[i].text);
    free(s->word);
    *s = (struct grub_statement){.kind = GRUB_COMMAND};
}
