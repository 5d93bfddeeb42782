/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/audit.h"

#define SHIFT_MAX 24 /* whole lines that may come and go at one place */

/* One of the two texts; AT moves. No argument is cut before QUIET: it was looked for. */
struct side {
    const char *start, *at, *end, *quiet;
    bool escapes; /* a shell's text: outside quotes the blank before an argument has a
                     backslash */
    bool joins;   /* a backslash at a line's end goes on in the next one */
};

static const char *const names[] = {"intel_iommu=", "amd_iommu=", "iommu="};

static bool is_break(const char *p, const char *end)
{
    return p == end || *p == '\n';
}

/* Behind the name and "=" of an argument at P, or NULL. */
static const char *behind_name(const char *p, const char *end)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t n = strlen(names[i]), same = 0;

        while (same < n && p + same < end &&
               (p[same] == names[i][same] || (p[same] == '-' && names[i][same] == '_')))
            same++;
        if (same == n)
            return p + n;
    }
    return NULL;
}

/* Behind the blanks that begin at P. A CR at the end of a line is none; a line's end with
   a backslash before it is one where it joins. */
static const char *behind_blanks(const struct side *s, const char *p)
{
    const char *end = s->end;

    for (;;) {
        const char *q = p;

        while (q < end && strchr(" \t\v\f", *q))
            q++;
        if (q < end && ((*q == '\\' && s->joins) || *q == '\r')) {
            const char *r = q + 1;

            while (r < end && *r == '\r')
                r++;
            if (*q == '\\' ? r < end && *r == '\n' : !is_break(r, end))
                q = *q == '\\' ? r + 1 : r;
        }
        if (q == p)
            return p;
        p = q;
    }
}

/* What a value may hold: nothing that a shell or a loader takes for its own. */
static const char *behind_value(const char *p, const char *end)
{
    static const char in_value[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                   "0123456789_-.,:=+";

    while (p < end && *p && strchr(in_value, *p))
        p++;
    return p;
}

static bool is_quote(const char *p, const char *end)
{
    return p < end && (*p == '"' || *p == '\'');
}

/* Behind the argument at P: NAME=VALUE or NAME="VALUE"; NULL if there is none. */
static const char *behind_plain(const char *p, const char *end)
{
    const char *value = behind_name(p, end);

    if (!value)
        return NULL;
    if (is_quote(value, end)) {
        const char *quoted = behind_value(value + 1, end);
        if (quoted < end && *quoted == *value)
            return quoted + 1;
    }
    return behind_value(value, end);
}

/* The same, or all of "NAME=VALUE" where it stands between blanks. */
static const char *behind_argument(const struct side *s, const char *p, bool after_blank)
{
    const char *end = s->end;
    const char *q;

    if (is_quote(p, end) && after_blank && (q = behind_plain(p + 1, end)) && q < end &&
        *q == *p &&
        (is_break(q + 1, end) || q[1] == '\r' || behind_blanks(s, q + 1) > q + 1))
        return q + 1;
    return behind_plain(p, end);
}

/* May an argument begin at P though no blank is before it? */
static bool opens(const struct side *s, const char *p)
{
    return p == s->start || strchr("\n=\"'", p[-1]);
}

/* What was passed over at one place: arguments, and the blanks before them. */
struct passed {
    ptrdiff_t blanks, arguments;
};

/* The same, and behind a backslash and a blank before an argument where such are looked
 * for. */
static const char *behind_run(const struct side *s)
{
    const char *p = behind_blanks(s, s->at);

    if (s->escapes && s->end - p > 2 && p[0] == '\\' && p[1] == ' ' &&
        behind_name(p + 2, s->end))
        p += 2;
    return p;
}

/* Pass over the arguments at S->at, each with the blanks before it. BARE is set if there
 * were none before the first. */
static struct passed cut(struct side *s, bool *bare)
{
    struct passed passed = {0, 0};
    bool first = true;

    if (s->at < s->quiet)
        return passed;
    for (;;) {
        const char *word = behind_run(s);
        bool blank = word > s->at;
        const char *q = NULL;

        if (blank || (first && opens(s, word)))
            q = behind_argument(s, word, blank || word == s->start || word[-1] == '\n');
        if (!q) {
            s->quiet = word;
            return passed;
        }
        if (first && !blank)
            *bare = true;
        first = false;
        passed.blanks += word - s->at;
        passed.arguments++;
        s->at = q;
    }
}

/* Behind an argument that had no blanks before it, those behind it may be missing. */
static void settle(struct side *a, struct side *b)
{
    const char *p = behind_blanks(a, a->at), *q = behind_blanks(b, b->at);

    if (p == a->at)
        b->at = q;
    else if (q == b->at)
        a->at = p;
}

static bool is_line_end(const struct side *s, const char *p)
{
    while (p < s->end && *p == '\r')
        p++;
    return is_break(p, s->end);
}

/*
 * The blanks around an argument are those that were there before, where it stands in the
 * place of an empty variable; else one more came with it. At a line's end the blank
 * before the first may stay, being the one behind a keyword.
 */
static void settle_run(struct side *a, struct passed cut_a, struct side *b,
                       struct passed cut_b)
{
    const char *p, *q;
    ptrdiff_t more, arguments = cut_a.arguments - cut_b.arguments;

    if (!arguments)
        return;
    p = behind_blanks(a, a->at);
    q = behind_blanks(b, b->at);
    more = cut_a.blanks + (p - a->at) - cut_b.blanks - (q - b->at);
    if (more && more != arguments &&
        !(is_line_end(a, p) && is_line_end(b, q) &&
          more == arguments - (arguments > 0 ? 1 : -1)))
        return;
    a->at = p;
    b->at = q;
}

/* May the lines from S->at on, all of them, have come or gone as a whole? */
static bool only_own_lines(struct side s);

/* One text ends here and the other goes on with a newline and with whole lines of ours.
 */
static bool ends_before_own_lines(struct side *a, struct side *b)
{
    struct side *longer = a->at == a->end ? b : a;

    if (longer->at == longer->end || *longer->at != '\n' ||
        !only_own_lines((struct side){longer->start, longer->at + 1, longer->end,
                                      longer->at + 1, false, longer->joins}))
        return false;
    longer->at = longer->end;
    return true;
}

/* Compare from here to the end of a line in both texts, and move behind it. */
static bool same_line(struct side *a, struct side *b)
{
    for (;;) {
        bool bare = false;
        struct passed cut_a = cut(a, &bare), cut_b = cut(b, &bare);

        if (bare)
            settle(a, b);
        else
            settle_run(a, cut_a, b, cut_b);
        if (a->at == a->end || b->at == b->end)
            return (a->at == a->end && b->at == b->end) || ends_before_own_lines(a, b);
        if (*a->at != *b->at)
            return false;
        a->at++;
        b->at++;
        if (a->at[-1] == '\n')
            return true;
    }
}

/* The same line to a loader, or else to a shell. */
static bool same_either_way(struct side *a, struct side *b)
{
    struct side shell_a = *a, shell_b = *b;

    if (same_line(a, b))
        return true;
    shell_a.escapes = shell_b.escapes = true;
    if (!same_line(&shell_a, &shell_b))
        return false;
    *a = shell_a;
    *b = shell_b;
    a->escapes = b->escapes = false;
    return true;
}

/* Does a line that ends before P, its newline not counted, go on in the next one? Of two
   backslashes the first takes the meaning from the second. */
static bool goes_on(const char *start, const char *p)
{
    size_t backslashes = 0;

    while (p > start && p[-1] == '\r')
        p--;
    for (; p > start && p[-1] == '\\'; p--)
        backslashes++;
    return backslashes % 2;
}

static bool is_own_comment(struct side line)
{
    static const char own[] = "iommuctl";
    const char *p = behind_blanks(&line, line.at);

    return p < line.end && *p == '#' &&
           memmem(p, (size_t)(line.end - p), own, strlen(own));
}

/* An argument, and at most one word beside it. */
static bool is_own_statement(struct side line)
{
    bool found = false, bare = false, in_word = false;
    size_t words = 0;

    while (line.at < line.end) {
        const char *from = line.at, *behind;

        cut(&line, &bare);
        behind = behind_blanks(&line, line.at);
        if (line.at > from) {
            found = true;
        } else if (behind > from) {
            in_word = false;
            line.at = behind;
        } else {
            words += !in_word && *from != '\r';
            in_word = true;
            line.at++;
        }
    }
    return found && words <= 1;
}

/* May the line at S->at come or go as a whole? Then S is moved behind it. */
static bool skip_line(struct side *s)
{
    const char *newline = memchr(s->at, '\n', (size_t)(s->end - s->at));
    struct side line = {s->at, s->at, newline ? newline : s->end, s->at, false, s->joins};

    if (s->at == s->end ||
        (s->joins && (goes_on(s->at, line.end) ||
                      (s->at > s->start && goes_on(s->start, s->at - 1)))))
        return false;
    if (!is_own_comment(line) && !is_own_statement(line))
        return false;
    s->at = newline ? newline + 1 : s->end;
    return true;
}

static bool only_own_lines(struct side s)
{
    if (s.at == s.end)
        return false;
    while (s.at < s.end)
        if (!skip_line(&s))
            return false;
    return true;
}

/* The texts differ in this line: look for lines that came or went as a whole. */
static bool shifted(struct side *a, struct side *b)
{
    struct side from_a = *a;

    for (size_t gone = 0; gone <= SHIFT_MAX; gone++) {
        struct side from_b = *b;

        for (size_t come = 0; come <= SHIFT_MAX; come++) {
            struct side next_a = from_a, next_b = from_b;

            if (same_either_way(&next_a, &next_b)) {
                *a = next_a;
                *b = next_b;
                return true;
            }
            if (!skip_line(&from_b))
                break;
        }
        if (!skip_line(&from_a))
            break;
    }
    return false;
}

static unsigned line_number(const struct side *s)
{
    unsigned line = 1;

    for (const char *p = s->start; p < s->at; p++)
        line += *p == '\n';
    return line;
}

static int refuse_nul(const char *path, const struct blob *text, struct error *err)
{
    struct side s = {.start = text->data, .at = memchr(text->data, '\0', text->len)};

    return s.at ? error_set(err, EXIT_CLASS_INTERNAL, path, line_number(&s),
                            "a NUL byte, nothing may be changed in such a text")
                : 0;
}

static struct side side_of(const struct blob *text, bool joins)
{
    return (struct side){text->data, text->data, text->data + text->len,
                         text->data, false,      joins};
}

static int compare(const char *path, const struct blob *before, const struct blob *after,
                   bool joins, struct error *err)
{
    struct side a, b;
    int r;

    if (blob_absent(before) || blob_absent(after))
        return error_set(err, EXIT_CLASS_INTERNAL, path, 0,
                         "a file that comes or goes cannot be compared");
    if ((r = refuse_nul(path, before, err)) < 0 || (r = refuse_nul(path, after, err)) < 0)
        return r;
    a = side_of(before, joins);
    b = side_of(after, joins);
    while (a.at < a.end || b.at < b.end) {
        struct side line_a = a, line_b = b;

        if (same_either_way(&a, &b))
            continue;
        if (!shifted(&line_a, &line_b))
            return error_set(err, EXIT_CLASS_INTERNAL, path, line_number(&a),
                             "the new text would differ here in more than the IOMMU "
                             "arguments; nothing was written");
        a = line_a;
        b = line_b;
    }
    return 0;
}

int audit_texts(const char *path, const struct blob *before, const struct blob *after,
                struct error *err)
{
    return compare(path, before, after, true, err);
}

int audit_lines(const char *path, const struct blob *before, const struct blob *after,
                struct error *err)
{
    return compare(path, before, after, false, err);
}

/* Where the padding of a block begins; 0: the block is not as GRUB wants it. */
static size_t padding_of(const struct blob *block)
{
    static const char first[] = "# GRUB Environment Block\n";
    size_t at = block->len;

    if (block->len < sizeof(first) || memcmp(block->data, first, sizeof(first) - 1) != 0)
        return 0;
    while (block->data[at - 1] == '#')
        at--;
    return block->data[at - 1] == '\n' ? at : 0;
}

int audit_blocks(const char *path, const struct blob *before, const struct blob *after,
                 struct error *err)
{
    struct blob lines_before = *before, lines_after = *after;

    if (blob_absent(before) || blob_absent(after) || before->len != after->len)
        return error_set(err, EXIT_CLASS_INTERNAL, path, 0,
                         "the new block has another length; nothing was written");
    lines_before.len = padding_of(before);
    lines_after.len = padding_of(after);
    if (!lines_before.len || !lines_after.len || lines_after.len == after->len)
        return error_set(err, EXIT_CLASS_INTERNAL, path, 0,
                         "the new block would be no environment block of GRUB; nothing "
                         "was written");
    return audit_texts(path, &lines_before, &lines_after, err);
}
