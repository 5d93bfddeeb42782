/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/shell_reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define DEPTH_MAX 200

/* --- the text */

unsigned reader_line(struct reader *r, size_t at)
{
    if (at < r->line_at) {
        r->line_at = 0;
        r->line = 1;
    }
    for (; r->line_at < at; r->line_at++)
        r->line += r->text[r->line_at] == '\n';
    return r->line;
}

int reader_fail(struct reader *r, size_t at, const char *format, ...)
{
    char text[sizeof(r->err->text)];
    va_list args;

    if (r->status)
        return r->status;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    r->status =
        error_set(r->err, EXIT_CLASS_DATA, r->path, reader_line(r, at), "%s", text);
    return r->status;
}

int reader_fail_memory(struct reader *r)
{
    if (!r->status)
        r->status = error_memory(r->err);
    return r->status;
}

bool reader_enter(struct reader *r)
{
    if (r->depth == DEPTH_MAX)
        reader_fail(r, r->at, "more than %d constructs of the shell inside one another",
                    DEPTH_MAX);
    r->depth += !r->status;
    return !r->status;
}

int reader_look(struct reader *r)
{
    while (!r->status && r->len - r->at > 1 && r->text[r->at] == '\\' &&
           r->text[r->at + 1] == '\n')
        r->at += 2;
    return r->status || r->at == r->len ? -1 : (unsigned char)r->text[r->at];
}

bool reader_take(struct reader *r, const char *text)
{
    size_t begin = r->at;

    for (; *text; text++, r->at++)
        if (reader_look(r) != (unsigned char)*text) {
            r->at = begin;
            return false;
        }
    return true;
}

bool reader_at(struct reader *r, const char *text)
{
    size_t begin = r->at;
    bool here = reader_take(r, text);

    r->at = begin;
    return here;
}

void reader_unexpected(struct reader *r)
{
    int c = reader_look(r);

    if (c < 0)
        reader_fail(r, r->at, "the file ends in the middle of a statement");
    else if (c == '\n')
        reader_fail(r, r->at, "the line ends in the middle of a statement");
    else if (c > ' ' && c < 127)
        reader_fail(r, r->at, "no shell expects \"%c\" at this place", c);
    else
        reader_fail(r, r->at, "no shell expects the byte %02X at this place",
                    (unsigned)c);
}

/* --- what is found */

bool reader_asked(const struct reader *r, const char *name)
{
    for (const char *const *asked = r->names; *asked; asked++)
        if (streq(*asked, name))
            return true;
    return false;
}

/* Takes A's parts. */
void reader_report(struct reader *r, struct shell_assignment *a)
{
    struct shell_file *file = r->file;

    a->conditional |= r->conditional || r->lost || r->left;
    a->prefix |= r->lost > 0;
    if (!a->name || !a->run ||
        array_grow(&file->assignment, file->assignments, sizeof(*a)) < 0) {
        reader_fail_memory(r);
        free(a->name);
        runs_free(a->run, a->runs);
        return;
    }
    file->assignment[file->assignments++] = *a;
}

void reader_indirect(struct reader *r, const char *name, size_t at)
{
    struct shell_assignment a = {.indirect = true, .conditional = true, .runs = 1};

    if (r->status || r->muted || !reader_asked(r, name))
        return;
    a.line = reader_line(r, at);
    a.name = strdup(name);
    a.run = calloc(1, sizeof(*a.run));
    if (a.run) {
        a.run->text = strdup("");
        a.run->at = at;
        a.run->opaque = true;
        if (!a.run->text) {
            free(a.run);
            a.run = NULL;
        }
    }
    reader_report(r, &a);
}

/* --- blanks, comments, here-documents */

void reader_skip_blanks(struct reader *r)
{
    int c;

    while ((c = reader_look(r)) == ' ' || c == '\t' || c == '#')
        if (c != '#')
            r->at++;
        else
            while (r->at < r->len && r->text[r->at] != '\n')
                r->at++;
}

/* Where the physical line that begins at AT ends. */
static size_t line_end(const struct reader *r, size_t at)
{
    const char *newline = memchr(r->text + at, '\n', r->len - at);

    return newline ? (size_t)(newline - r->text) : r->len;
}

/* One line of a here-document, with what continues it, goes to LINE. */
static void here_line(struct reader *r, const struct here_document *here,
                      struct buf *line, bool *joined)
{
    *joined = false;
    for (;;) {
        size_t end = line_end(r, r->at), slashes = 0;

        while (end - slashes > r->at && r->text[end - slashes - 1] == '\\')
            slashes++;
        slashes = here->quoted || end == r->len ? 0 : slashes % 2;
        buf_add(line, r->text + r->at, end - slashes - r->at);
        r->at = end + (end < r->len);
        if (!slashes)
            return;
        *joined = true;
    }
}

static void here_read(struct reader *r, const struct here_document *here)
{
    AUTO_BUF line = BUF_INIT;

    while (!r->status) {
        const char *text;
        bool joined;

        if (r->at == r->len) {
            reader_fail(r, here->at,
                        "the here-document that begins here has no line "
                        "\"%.*s\" at its end",
                        (int)strcspn(here->end, "\n"), here->end);
            return;
        }
        line.len = 0;
        here_line(r, here, &line, &joined);
        if (line.failed) {
            reader_fail_memory(r);
            return;
        }
        text = line.len ? line.data : "";
        if (here->tabs)
            text += strspn(text, "\t");
        if (streq(text, here->end) && !joined)
            return;
        if (streq(text, here->end))
            reader_fail(r, here->at,
                        "shells do not agree where the here-document that "
                        "begins here ends");
    }
}

void reader_drop_heres(struct reader *r)
{
    for (size_t i = 0; i < r->heres; i++)
        free(r->here[i].end);
    free(r->here);
    r->here = NULL;
    r->heres = 0;
}

/* Behind a newline the here-documents that were announced before it stand. */
void reader_newline(struct reader *r)
{
    r->at++;
    for (size_t i = 0; i < r->heres && !r->status; i++)
        here_read(r, &r->here[i]);
    reader_drop_heres(r);
}

void reader_skip_newlines(struct reader *r)
{
    for (reader_skip_blanks(r); reader_look(r) == '\n'; reader_skip_blanks(r))
        reader_newline(r);
}
