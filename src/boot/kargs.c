/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/kargs.h"

#include <errno.h>

/* Length of the backslash, any CRs and the newline at TEXT; 0 if there are none. */
static size_t continuation_at(const char *text)
{
    size_t n = 1;

    if (*text != '\\')
        return 0;
    n += strspn(text + 1, "\r");
    return text[n] == '\n' ? n + 1 : 0;
}

/* Length of the run that the loader drops at TEXT. */
static size_t dropped_at(const char *text, enum kargs_dialect dialect)
{
    size_t n = 0, more = 0;

    if (dialect == KARGS_PLAIN)
        return 0;
    do {
        n += more + strspn(text + n + more, "\r");
        more = dialect == KARGS_SCRIPT ? continuation_at(text + n) : 0;
    } while (more);
    return n;
}

/* Length of the one blank at TEXT, where nothing is dropped; 0 if there is none. */
static size_t blank_at(const char *text, enum kargs_dialect dialect)
{
    if (dialect == KARGS_LEGACY && *text == '\\')
        return continuation_at(text);
    return *text && strchr(" \t\n\r\v\f", *text) ? 1 : 0;
}

/* Length of the run of blanks at TEXT. */
static size_t blanks_at(const char *text, enum kargs_dialect dialect)
{
    size_t n = 0;

    for (;;) {
        size_t dropped = dropped_at(text + n, dialect);
        size_t blank = blank_at(text + n + dropped, dialect);

        if (blank)
            n += dropped + blank;
        else
            return text[n + dropped] ? n : n + dropped;
    }
}

/* The same for GRUB 2's script. */
static size_t script_word_at(const char *text, bool *open)
{
    char quote = '\0';
    size_t n = 0;

    for (; text[n]; n++) {
        size_t dropped = dropped_at(text + n, KARGS_SCRIPT);
        char c = text[n + dropped];

        if (!quote && (!c || blank_at(text + n + dropped, KARGS_SCRIPT)))
            break;
        if (text[n] == '\\' && quote != '\'') {
            n += 1 + strspn(text + n + 1, "\r");
            *open = !text[n];
            if (*open)
                return n;
        } else if (text[n] == quote) {
            quote = '\0';
        } else if (!quote && (text[n] == '"' || text[n] == '\'')) {
            quote = text[n];
        }
    }
    *open = quote != '\0';
    return n;
}

/* Length of the word at TEXT, which does not begin with blanks. OPEN: its last quote is
 * not closed. */
static size_t word_at(const char *text, enum kargs_dialect dialect, bool *open)
{
    size_t n = 0;

    if (dialect == KARGS_SCRIPT)
        return script_word_at(text, open);
    *open = false;
    while (text[n]) {
        size_t dropped = dropped_at(text + n, dialect);

        if (!text[n + dropped] || (!*open && blank_at(text + n + dropped, dialect)))
            break;
        if (!dropped && text[n] == '"')
            *open = !*open;
        n += dropped ? dropped : 1;
    }
    return n;
}

size_t kargs_loader_word(const char *text, enum kargs_dialect dialect, size_t *blank)
{
    size_t n = 0, dropped;

    *blank = blanks_at(text, dialect);
    for (text += *blank; text[n]; n += dropped ? dropped : 1) {
        dropped = dropped_at(text + n, dialect);
        if (!text[n + dropped] || blank_at(text + n + dropped, dialect))
            break;
    }
    return n;
}

/* RAW without its quotes and backslashes, as GRUB 2's script reads it, in TO. */
static void unquote(const char *raw, char *to)
{
    char quote = '\0';

    for (; *raw; raw++) {
        size_t dropped =
            quote == '\'' ? strspn(raw, "\r") : dropped_at(raw, KARGS_SCRIPT);

        if (dropped) {
            raw += dropped - 1;
        } else if (*raw == '\\' && quote != '\'') {
            size_t n = 1 + strspn(raw + 1, "\r");

            if (!raw[n] || (quote && !strchr("$\"\\", raw[n])))
                *to++ = '\\';
            if (raw[n])
                *to++ = raw[n];
            raw += raw[n] ? n : n - 1;
        } else if (*raw == quote) {
            quote = '\0';
        } else if (!quote && (*raw == '"' || *raw == '\'')) {
            quote = *raw;
        } else {
            *to++ = *raw;
        }
    }
    *to = '\0';
}

/* RAW as the kernel gets it from the loader. */
static char *loaded(const char *raw, enum kargs_dialect dialect)
{
    char *text = malloc(strlen(raw) + 1), *to = text;

    if (!text)
        return NULL;
    if (dialect == KARGS_SCRIPT) {
        unquote(raw, text);
        return text;
    }
    while (*raw) {
        size_t dropped = dropped_at(raw, dialect);
        size_t blank = blank_at(raw + dropped, dialect);

        raw += dropped;
        if (blank > 1) { /* a continuation, inside quotes */
            *to++ = ' ';
            raw += blank;
        } else if (*raw) {
            *to++ = *raw++;
        }
    }
    *to = '\0';
    return text;
}

/* Name and value as the kernel's next_arg() finds them: an "=" in the first place does
 * not end the name, and only quotes at the very ends are dropped. */
static int read_name_value(struct karg *arg, enum kargs_dialect dialect)
{
    AUTO_FREE char *text = loaded(arg->raw, dialect);
    char *name, *last, *equals, *value = NULL;
    bool quoted;

    if (!text)
        return -ENOMEM;
    quoted = *text == '"';
    name = text + quoted;
    last = *name ? name + strlen(name) - 1 : NULL;
    equals = *name ? strchr(name + 1, '=') : NULL;
    if (equals) {
        *equals = '\0';
        value = equals + 1;
        if (*value == '"') {
            value++;
            if (*last == '"')
                *last = '\0';
        }
    }
    if (quoted && last && *last == '"')
        *last = '\0';
    arg->name = strdup(name);
    arg->value = value ? strdup(value) : NULL;
    return arg->name && (arg->value || !value) ? 0 : -ENOMEM;
}

static void karg_clear(struct karg *arg)
{
    free(arg->blank);
    free(arg->raw);
    free(arg->name);
    free(arg->value);
    *arg = (struct karg){NULL, NULL, NULL, NULL};
}

static int karg_make(struct karg *arg, const char *blank, size_t blank_len,
                     const char *raw, size_t raw_len, enum kargs_dialect dialect)
{
    *arg = (struct karg){strndup(blank, blank_len), strndup(raw, raw_len), NULL, NULL};
    if (arg->blank && arg->raw && read_name_value(arg, dialect) == 0)
        return 0;
    karg_clear(arg);
    return -ENOMEM;
}

/* Put ARG, which is taken, before INDEX. */
static int insert_take(struct kargs *k, size_t index, struct karg *arg)
{
    if (array_grow(&k->arg, k->count, sizeof(*k->arg)) < 0) {
        karg_clear(arg);
        return -ENOMEM;
    }
    memmove(k->arg + index + 1, k->arg + index, (k->count - index) * sizeof(*k->arg));
    k->arg[index] = *arg;
    k->count++;
    return 0;
}

/* Everything behind the head. */
static int parse_args(struct kargs *k, const char *text)
{
    for (;;) {
        size_t blank = blanks_at(text, k->dialect), word;
        struct karg arg;
        bool open;

        if (!text[blank]) {
            k->tail = strdup(text);
            return k->tail ? 0 : -ENOMEM;
        }
        word = word_at(text + blank, k->dialect, &open);
        if (karg_make(&arg, text, blank, text + blank, word, k->dialect) < 0 ||
            insert_take(k, k->count, &arg) < 0)
            return -ENOMEM;
        text += blank + word;
    }
}

int kargs_parse(struct kargs *k, const char *text, enum kargs_dialect dialect,
                bool joined)
{
    size_t head = 0;
    bool open;

    *k = (struct kargs){.dialect = dialect, .joined = joined};
    if (joined && !blanks_at(text, dialect))
        head = word_at(text, dialect, &open);
    k->head = strndup(text, head);
    if (k->head && parse_args(k, text + head) == 0)
        return 0;
    kargs_clear(k);
    return -ENOMEM;
}

void kargs_clear(struct kargs *k)
{
    for (size_t i = 0; i < k->count; i++)
        karg_clear(&k->arg[i]);
    free(k->arg);
    free(k->head);
    free(k->tail);
    *k = (struct kargs){.dialect = k->dialect, .joined = k->joined};
}

void kargs_write(const struct kargs *k, struct buf *b)
{
    buf_add_text(b, k->head);
    for (size_t i = 0; i < k->count; i++) {
        buf_add_text(b, k->arg[i].blank);
        buf_add_text(b, k->arg[i].raw);
    }
    buf_add_text(b, k->tail);
}

char *kargs_text(const struct kargs *k)
{
    struct buf b = BUF_INIT;

    kargs_write(k, &b);
    return buf_take(&b);
}

static char dash_as_underscore(char c)
{
    return c == '-' ? '_' : c;
}

bool karg_is(const struct karg *arg, const char *name)
{
    const char *own = arg->name;

    while (*own && dash_as_underscore(*own) == dash_as_underscore(*name)) {
        own++;
        name++;
    }
    return *own == '\0' && *name == '\0';
}

bool karg_ends(const struct karg *arg)
{
    return !arg->value && streq(arg->name, "--");
}

size_t kargs_end(const struct kargs *k)
{
    size_t i = 0;

    while (i < k->count && !karg_ends(&k->arg[i]))
        i++;
    return i;
}

size_t kargs_place(const struct kargs *k)
{
    size_t end = kargs_end(k);
    bool open = false;

    if (k->count && end == k->count)
        word_at(k->arg[end - 1].raw, k->dialect, &open);
    return open ? end - 1 : end;
}

int kargs_insert(struct kargs *k, size_t index, const char *raw)
{
    bool bare = !k->joined && index == 0 && (!k->count || !*k->arg[0].blank);
    char *parting = bare && k->count ? strdup(" ") : NULL;
    struct karg arg;

    if ((bare && k->count && !parting) ||
        karg_make(&arg, " ", bare ? 0 : 1, raw, strlen(raw), k->dialect) < 0 ||
        insert_take(k, index, &arg) < 0) {
        free(parting);
        return -ENOMEM;
    }
    if (parting) {
        free(k->arg[1].blank);
        k->arg[1].blank = parting;
    }
    return 0;
}

int kargs_replace(struct kargs *k, size_t index, const char *raw)
{
    const char *blank = k->arg[index].blank;
    struct karg arg;

    if (karg_make(&arg, blank, strlen(blank), raw, strlen(raw), k->dialect) < 0)
        return -ENOMEM;
    karg_clear(&k->arg[index]);
    k->arg[index] = arg;
    return 0;
}

void kargs_remove(struct kargs *k, size_t index)
{
    if (index == 0 && !*k->arg[0].blank && k->count > 1)
        *k->arg[1].blank = '\0';
    karg_clear(&k->arg[index]);
    k->count--;
    memmove(k->arg + index, k->arg + index + 1, (k->count - index) * sizeof(*k->arg));
}
