/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/shell_words.h"

#include <errno.h>

#define CELLS_MAX (1u << 22) /* of the table below: two thousand words on both sides */

/* --- splices */

int splices_add(struct splices *list, size_t begin, size_t end, const char *text)
{
    char *copy = strdup(text);

    if (!copy || array_grow(&list->splice, list->count, sizeof(*list->splice)) < 0) {
        free(copy);
        return -ENOMEM;
    }
    list->splice[list->count++] = (struct splice){begin, end, copy};
    return 0;
}

static void splices_shorten(struct splices *list, size_t count)
{
    while (list->count > count)
        free(list->splice[--list->count].text);
}

void splices_clear(struct splices *list)
{
    splices_shorten(list, 0);
    free(list->splice);
    list->splice = NULL;
}

int splices_apply(const struct splices *list, const char *text, size_t len, struct buf *b)
{
    size_t at = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct splice *s = &list->splice[i];

        if (s->begin < at || s->end < s->begin || s->end > len)
            return -EINVAL;
        buf_add(b, text + at, s->begin - at);
        buf_add_text(b, s->text);
        at = s->end;
    }
    buf_add(b, text + at, len - at);
    return b->failed ? -ENOMEM : 0;
}

/* --- which tokens stay: arguments and the blanks between them */

struct token {
    size_t begin, end;
    bool stays;
};

struct tokens {
    const char *text;
    struct token *token;
    size_t count;
};

#define AUTO_TOKENS CLEANUP(tokens_clear) struct tokens

static void tokens_clear(struct tokens *t)
{
    free(t->token);
}

static int tokens_of(struct tokens *t, const char *text)
{
    static const char blanks[] = " \t\n\r\v\f";
    size_t at = 0;

    *t = (struct tokens){.text = text};
    while (text[at]) {
        size_t blank = strspn(text + at, blanks);
        size_t len = blank ? blank : strcspn(text + at, blanks);

        if (array_grow(&t->token, t->count, sizeof(*t->token)) < 0)
            return -ENOMEM;
        t->token[t->count++] = (struct token){at, at + len, false};
        at += len;
    }
    return 0;
}

static bool token_same(const struct tokens *a, size_t i, const struct tokens *b, size_t j)
{
    size_t len = a->token[i].end - a->token[i].begin;

    return len == b->token[j].end - b->token[j].begin &&
           memcmp(a->text + a->token[i].begin, b->text + b->token[j].begin, len) == 0;
}

static void token_keep(struct tokens *a, size_t i, struct tokens *b, size_t j)
{
    a->token[i].stays = b->token[j].stays = true;
}

/*
 * The longest common subsequence of tokens [FIRST, ...) of both, N and M of them; equal
 * ones are paired as early as can be, so that what was inserted is what is found when it
 * has to go. LENGTH holds (N + 1) * (M + 1) zeros.
 */
static void keep_common(struct tokens *a, size_t n, struct tokens *b, size_t m,
                        size_t first, uint32_t *length)
{
    size_t row = m + 1;

    for (size_t i = n; i-- > 0;)
        for (size_t j = m; j-- > 0;) {
            uint32_t down = length[(i + 1) * row + j], right = length[i * row + j + 1];

            length[i * row + j] = token_same(a, first + i, b, first + j)
                                      ? length[(i + 1) * row + j + 1] + 1
                                  : down > right ? down
                                                 : right;
        }
    for (size_t i = 0, j = 0; i < n && j < m;)
        if (token_same(a, first + i, b, first + j))
            token_keep(a, first + i++, b, first + j++);
        else if (length[(i + 1) * row + j] >= length[i * row + j + 1])
            i++;
        else
            j++;
}

static int tokens_match(struct tokens *a, struct tokens *b)
{
    size_t n = a->count, m = b->count, first = 0;
    AUTO_FREE uint32_t *length = NULL;

    for (; first < n && first < m && token_same(a, first, b, first); first++)
        token_keep(a, first, b, first);
    for (; n > first && m > first && token_same(a, n - 1, b, m - 1); n--, m--)
        token_keep(a, n - 1, b, m - 1);
    n -= first;
    m -= first;
    if (n == 0 || m == 0)
        return 0;
    if (n > CELLS_MAX / (m + 1))
        return -EINVAL;
    length = calloc((n + 1) * (m + 1), sizeof(*length));
    if (!length)
        return -ENOMEM;
    keep_common(a, n, b, m, first, length);
    return 0;
}

/* --- one place where old and new differ */

struct gap {
    const struct shell_run *run;
    size_t begin, end; /* the bytes of the run that go */
    const char *text;  /* what comes instead, LEN bytes */
    size_t len;
    size_t total; /* bytes of the run */
};

static bool is_plain(char c)
{
    return (unsigned char)c > 126 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c && strchr("_.,=-/:+@%^", c));
}

/* C as it has to stand inside QUOTE. */
static int write_char(struct buf *b, char c, char quote)
{
    bool escape = false;

    if (quote == '"')
        escape = strchr("$`\"\\", c) != NULL;
    else if (quote == '\'' || quote == '$') {
        if (c == '\'' || (quote == '$' && c == '\\'))
            return -EINVAL;
    } else {
        escape = !is_plain(c);
        if (c == '\n')
            return -EINVAL;
    }
    if (escape)
        buf_add_char(b, '\\');
    buf_add_char(b, c);
    return 0;
}

static bool is_word_char(char c)
{
    return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
           (c >= 'a' && c <= 'z');
}

/* Does byte I end $NAME, which a letter would make longer? */
static bool ends_name(const struct shell_run *run, size_t i)
{
    if (!run->byte[i].expansion)
        return false;
    while (run->byte[i].inner)
        i--;
    return run->text[i] == '$' && is_word_char(run->text[i + 1]);
}

/*
 * The byte of the file that comes to stand behind the byte before the gap, TEXT being
 * what is written into it. False: that is as it was.
 */
static bool next_byte(const struct gap *g, const char *text, char *next)
{
    const struct shell_byte *byte = g->run->byte;
    size_t begin = g->begin ? byte[g->begin - 1].next : g->run->at, at = begin;

    *next = *text;
    for (size_t i = g->begin; !*text && i < g->end && byte[i].at == at; i++) {
        at = byte[i].next;
        *next = byte[i].behind;
    }
    return *text || at > begin;
}

/* May NEXT, a byte of the file, stand right behind byte I of the run? */
static bool fits_behind(const struct shell_run *run, size_t i, char next)
{
    const struct shell_byte *byte = &run->byte[i];
    char last = run->text[i];

    if (byte->quote == '$' && last == '\\' && byte->len == 1)
        return strchr("abeEfnrtvxuUc01234567\\'\"?", next) == NULL;
    if (byte->quote == '$')
        return (!byte->expansion && byte->len == 1) || !is_word_char(next);
    if (byte->expansion)
        return !ends_name(run, i) || !is_word_char(next);
    if (byte->quote == '\'' || byte->len > 1)
        return true;
    if (last == '$')
        return !is_word_char(next) && !(next && strchr("{([@*#?-$!", next)) &&
               (byte->quote || (next != '\'' && next != '"'));
    if (last == '\\')
        return next && !strchr("$`\"\\\n", next);
    return last != ':' || byte->quote || next != '~';
}

/* May what is put into the gap, or comes to stand where it was, stand there? */
static bool gap_fits(const struct gap *g, const char *text)
{
    char next;

    if (g->end < g->total && g->run->byte[g->end].inner)
        return false;
    if (!next_byte(g, text, &next))
        return true;
    if (g->begin)
        return fits_behind(g->run, g->begin - 1, next);
    return (!g->run->after_name || !is_word_char(next)) && (g->run->quote || next != '~');
}

/* Add what comes and then what goes. */
static int gap_write(const struct gap *g, struct splices *list)
{
    const struct shell_run *run = g->run;
    const struct shell_byte *before = g->begin ? &run->byte[g->begin - 1] : NULL;
    size_t at = before ? before->at + before->len : run->at, first = list->count;
    char quote = before ? before->quote : run->quote;
    AUTO_BUF text = BUF_INIT;

    for (size_t i = 0; i < g->len; i++)
        if (write_char(&text, g->text[i], quote) < 0)
            return -EINVAL;
    if (!gap_fits(g, buf_text(&text)))
        return -EINVAL;
    if (text.failed || (g->len && splices_add(list, at, at, text.data) < 0))
        return -ENOMEM;
    for (size_t i = g->begin; i < g->end; i++) {
        const struct shell_byte *byte = &run->byte[i];

        if (list->count > first && list->splice[list->count - 1].end == byte->at)
            list->splice[list->count - 1].end += byte->len;
        else if (splices_add(list, byte->at, byte->at + byte->len, "") < 0)
            return -ENOMEM;
    }
    return 0;
}

static int gap_close(struct gap *g, struct splices *list)
{
    const char *old = g->run->text;

    if (g->begin == g->end && !g->len)
        return 0;
    while (g->begin < g->end && g->len && old[g->begin] == *g->text) {
        g->begin++;
        g->text++;
        g->len--;
    }
    while (g->begin < g->end && g->len && old[g->end - 1] == g->text[g->len - 1]) {
        g->end--;
        g->len--;
    }
    for (size_t i = g->begin; i < g->end; i++)
        if (g->run->byte[i].expansion)
            return -EINVAL;
    return gap_write(g, list);
}

static int write_gaps(const struct shell_run *run, const struct tokens *old,
                      const struct tokens *new, struct splices *list)
{
    size_t total = strlen(run->text), i = 0, j = 0;
    int status = 0;

    while (status == 0 && (i < old->count || j < new->count)) {
        struct gap g = {.run = run, .total = total};

        if (i < old->count && j < new->count &&
            old->token[i].stays &&new->token[j].stays) {
            i++;
            j++;
            continue;
        }
        g.begin = i < old->count ? old->token[i].begin : total;
        g.text = new->text + (j < new->count ? new->token[j].begin : 0);
        g.end = g.begin;
        for (; i < old->count && !old->token[i].stays; i++)
            g.end = old->token[i].end;
        for (; j < new->count && !new->token[j].stays; j++)
            g.len += new->token[j].end - new->token[j].begin;
        status = gap_close(&g, list);
    }
    return status;
}

/* A value that begins with "~" may stand for a directory now and not with more behind it,
   or the other way round. */
static bool has_tilde(const struct shell_run *run)
{
    for (size_t i = 0; run->text[i]; i++)
        if (run->text[i] == '~' && run->byte[i].expansion && !run->byte[i].inner)
            return true;
    return false;
}

int shell_rewrite(const struct shell_run *run, const char *new_text, struct splices *list)
{
    AUTO_TOKENS old = {.count = 0};
    AUTO_TOKENS new = {.count = 0};
    size_t count = list->count;
    int status;

    if (streq(run->text, new_text))
        return 0;
    if (has_tilde(run))
        return -EINVAL;
    if (tokens_of(&old, run->text) < 0 || tokens_of(&new, new_text) < 0)
        return -ENOMEM;
    status = tokens_match(&old, &new);
    if (status == 0)
        status = write_gaps(run, &old, &new, list);
    if (status < 0)
        splices_shorten(list, count);
    return status;
}
