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

static bool skip_returns(struct grub_reader *r)
{
    size_t from = r->at;

    while (peek(r, 0) == '\r')
        step(r);
    return r->at > from;
}

/* What GRUB never sees: carriage returns, wherever they are, and a backslash before a
   newline. */
static bool skip_dropped(struct grub_reader *r)
{
    size_t n = 1;

    if (skip_returns(r))
        return true;
    if (peek(r, 0) != '\\')
        return false;
    while (peek(r, n) == '\r')
        n++;
    if (peek(r, n) != '\n')
        return false;
    for (n++; n; n--)
        step(r);
    return true;
}

static void skip_blanks(struct grub_reader *r)
{
    for (;;)
        if (is_blank(peek(r, 0)))
            step(r);
        else if (!skip_dropped(r))
            return;
}

static bool is_separator(int c)
{
    return c >= 0 && c != '\0' && strchr("\n;&|<>", c);
}

static bool ends_word(int c)
{
    return c < 0 || is_blank(c) || is_separator(c) || c == '{' || c == '}';
}

static void is_wrong(struct grub_reader *r, unsigned line, const char *why)
{
    if (!r->wrong) {
        r->wrong = line;
        r->why = why;
    }
}

static void close_quote(struct grub_reader *r, unsigned line)
{
    if (r->at < r->len)
        step(r);
    else
        is_wrong(r, line, "a quote begins here and never ends");
}

static void read_single(struct grub_reader *r, struct buf *text)
{
    unsigned line = r->line;

    for (step(r); peek(r, 0) >= 0 && peek(r, 0) != '\'';) {
        if (skip_returns(r))
            continue;
        buf_add_char(text, r->text[r->at]);
        step(r);
    }
    close_quote(r, line);
}

/* The backslash, too, if it takes off nothing: STOPS are those that it does. */
static void read_escaped(struct grub_reader *r, const char *stops, struct buf *text)
{
    step(r);
    skip_returns(r);
    if (peek(r, 0) <= 0 || (*stops && !strchr(stops, peek(r, 0)))) {
        buf_add_char(text, '\\');
        return;
    }
    buf_add_char(text, r->text[r->at]);
    step(r);
}

/* Inside double quotes a backslash takes off the meaning of $ " \ only. */
static void read_double(struct grub_reader *r, struct buf *text)
{
    unsigned line = r->line;

    for (step(r); peek(r, 0) >= 0 && peek(r, 0) != '"';) {
        if (skip_dropped(r))
            continue;
        if (peek(r, 0) == '\\') {
            read_escaped(r, "$\"\\", text);
        } else {
            buf_add_char(text, r->text[r->at]);
            step(r);
        }
    }
    close_quote(r, line);
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(int c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static void take(struct grub_reader *r, struct buf *text)
{
    buf_add_char(text, r->text[r->at]);
    step(r);
    skip_returns(r);
}

/* ${name}: its braces are no block's. A name is one of letters and digits, or a number,
   or one sign. */
static void read_variable(struct grub_reader *r, struct buf *text)
{
    unsigned line = r->line;

    take(r, text);
    take(r, text);
    if (is_letter(peek(r, 0)))
        while (is_letter(peek(r, 0)) || is_digit(peek(r, 0)))
            take(r, text);
    else if (is_digit(peek(r, 0)))
        while (is_digit(peek(r, 0)))
            take(r, text);
    else if (peek(r, 0) > 0 && strchr("?*@#", peek(r, 0)))
        take(r, text);
    if (peek(r, 0) == '}' && r->text[r->at - 1] != '{')
        take(r, text);
    else
        is_wrong(r, line, "a \"${\" begins here and no variable's name and \"}\" follow");
}

/* One letter, or a quoted piece. */
static void read_piece(struct grub_reader *r, struct buf *text)
{
    int c = peek(r, 0);

    if (c == '\'') {
        read_single(r, text);
    } else if (c == '"') {
        read_double(r, text);
    } else if (c == '\\') {
        read_escaped(r, "", text);
    } else if (c == '$' && peek(r, 1) == '{') {
        read_variable(r, text);
    } else {
        buf_add_char(text, r->text[r->at]);
        step(r);
    }
}

static int read_word(struct grub_reader *r, struct grub_word *word)
{
    AUTO_BUF text = BUF_INIT;

    word->begin = word->end = r->at;
    while (!ends_word(peek(r, 0))) {
        if (skip_dropped(r))
            continue;
        read_piece(r, &text);
        word->end = r->at;
    }
    word->text = buf_take(&text);
    return word->text ? 0 : -ENOMEM;
}

static int add_word(struct grub_statement *s, struct grub_word word)
{
    if (array_grow(&s->word, s->words, sizeof(*s->word)) < 0) {
        free(word.text);
        return -ENOMEM;
    }
    s->word[s->words++] = word;
    return 0;
}

static int read_comment(struct grub_reader *r, struct grub_statement *s)
{
    AUTO_BUF text = BUF_INIT;
    struct grub_word word = {r->at, r->at, NULL};

    s->kind = GRUB_COMMENT;
    while (peek(r, 0) >= 0 && peek(r, 0) != '\n') {
        if (skip_returns(r))
            continue;
        buf_add_char(&text, r->text[r->at]);
        step(r);
        word.end = r->at;
    }
    s->end = r->at;
    word.text = buf_take(&text);
    return word.text ? add_word(s, word) : -ENOMEM;
}

/* Quoted, such a word is a command as any other. */
static bool is_opener(const struct grub_word *word)
{
    for (size_t i = 0; i < ARRAY_LEN(openers); i++)
        if (streq(openers[i], word->text) &&
            word->end - word->begin == strlen(openers[i]))
            return true;
    return false;
}

static int read_command(struct grub_reader *r, struct grub_statement *s)
{
    struct grub_word word;

    for (;;) {
        skip_blanks(r);
        s->end = r->at;
        if (ends_word(peek(r, 0)) || peek(r, 0) == '#')
            break;
        if (read_word(r, &word) < 0)
            return -ENOMEM;
        if (!s->words && is_opener(&word))
            free(word.text);
        else if (add_word(s, word) < 0)
            return -ENOMEM;
    }
    s->opens = peek(r, 0) == '{';
    if (s->opens)
        step(r);
    return 0;
}

static void skip_separators(struct grub_reader *r)
{
    for (;;)
        if (is_blank(peek(r, 0)) || is_separator(peek(r, 0)))
            step(r);
        else if (!skip_dropped(r))
            return;
}

int grub_script_next(struct grub_reader *r, struct grub_statement *s)
{
    int e = 0;

    *s = (struct grub_statement){.kind = GRUB_COMMAND};
    skip_separators(r);
    s->line = r->line;
    s->end = r->at;
    if (r->at >= r->len)
        return 0;
    if (peek(r, 0) == '#') {
        e = read_comment(r, s);
    } else if (peek(r, 0) == '}') {
        s->kind = GRUB_CLOSE;
        step(r);
    } else {
        e = read_command(r, s);
    }
    return e < 0 ? e : 1;
}

void grub_statement_clear(struct grub_statement *s)
{
    for (size_t i = 0; i < s->words; i++)
        free(s->word[i].text);
    free(s->word);
    *s = (struct grub_statement){.kind = GRUB_COMMAND};
}
