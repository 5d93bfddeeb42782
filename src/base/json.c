/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/json.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

/*
 * A tree of our own; the library only reads text into its own, which is copied. So order
 * and failures are kept here, and old and new versions of the library behave alike.
 */
enum kind { OBJECT, ARRAY, TEXT, INTEGER, BOOLEAN, NOTHING };

struct json {
    enum kind kind;
    char *key;        /* in an object */
    char *text;       /* TEXT, valid UTF-8 */
    long long number; /* INTEGER, BOOLEAN */
    struct json **child;
    size_t children;
    bool failed; /* something that should be in here is missing */
};

static struct json *value_new(enum kind kind)
{
    struct json *v = calloc(1, sizeof(*v));

    if (v)
        v->kind = kind;
    return v;
}

void json_free(struct json *v)
{
    if (!v)
        return;
    for (size_t i = 0; i < v->children; i++)
        json_free(v->child[i]);
    free(v->child);
    free(v->key);
    free(v->text);
    free(v);
}

void auto_json_free(struct json **v)
{
    json_free(*v);
}

struct json *json_new_object(void)
{
    return value_new(OBJECT);
}

struct json *json_new_array(void)
{
    return value_new(ARRAY);
}

/*
 * How many bytes at S make one character of UTF-8 (RFC 3629: no surrogates, nothing
 * overlong, nothing past U+10FFFF); 0 if none. A NUL counts as none: no JSON text of ours
 * holds one.
 */
static size_t utf8_length(const unsigned char *s, size_t n)
{
    static const struct {
        unsigned char first, last, low, high; /* of the first byte; of the second one */
        size_t length;
    } form[] = {
        {0x01, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };

    for (size_t i = 0; i < ARRAY_LEN(form); i++) {
        if (s[0] < form[i].first || s[0] > form[i].last || n < form[i].length)
            continue;
        if (form[i].length > 1 && (s[1] < form[i].low || s[1] > form[i].high))
            return 0;
        for (size_t k = 2; k < form[i].length; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return form[i].length;
    }
    return 0;
}

static char *utf8_text(const void *data, size_t len)
{
    const unsigned char *s = data;
    AUTO_BUF out = BUF_INIT;

    for (size_t i = 0; i < len;) {
        size_t n = utf8_length(s + i, len - i);

        if (n)
            buf_add(&out, s + i, n);
        else
            buf_format(&out, "\\x%02X", s[i]);
        i += n ? n : 1;
    }
    return buf_take(&out);
}

void json_put(struct json *object, const char *key, struct json *value)
{
    if (!object || !value ||
        array_grow(&object->child, object->children, sizeof(*object->child)) < 0 ||
        (key && !(value->key = utf8_text(key, strlen(key))))) {
        if (object)
            object->failed = true;
        json_free(value);
        return;
    }
    object->failed |= value->failed;
    object->child[object->children++] = value;
}

void json_put_bytes(struct json *object, const char *key, const void *data, size_t len)
{
    struct json *v = value_new(TEXT);

    if (v && !(v->text = utf8_text(data, len)))
        v->failed = true;
    json_put(object, key, v);
}

void json_put_text(struct json *object, const char *key, const char *text)
{
    if (text)
        json_put_bytes(object, key, text, strlen(text));
    else
        json_put_null(object, key);
}

static void put_number(struct json *object, const char *key, enum kind kind, long long n)
{
    struct json *v = value_new(kind);

    if (v)
        v->number = n;
    json_put(object, key, v);
}

void json_put_int(struct json *object, const char *key, long long n)
{
    put_number(object, key, INTEGER, n);
}

void json_put_bool(struct json *object, const char *key, bool yes)
{
    put_number(object, key, BOOLEAN, yes);
}

void json_put_null(struct json *object, const char *key)
{
    put_number(object, key, NOTHING, 0);
}

static bool any_failed(const struct json *v)
{
    bool failed = v->failed || (v->kind == TEXT && !v->text);

    for (size_t i = 0; !failed && i < v->children; i++)
        failed = any_failed(v->child[i]);
    return failed;
}

static void write_text(const char *text, struct buf *out)
{
    static const char plain[] = "\"\\\b\f\n\r\t", escaped[] = "\"\\bfnrt";

    buf_add_char(out, '"');
    for (const char *p = text; *p; p++) {
        const char *special = strchr(plain, *p);

        if (special)
            buf_format(out, "\\%c", escaped[special - plain]);
        else if ((unsigned char)*p < 0x20)
            buf_format(out, "\\u%04x", (unsigned char)*p);
        else
            buf_add_char(out, *p);
    }
    buf_add_char(out, '"');
}

static void write_value(const struct json *v, int depth, struct buf *out);

static void write_children(const struct json *v, int depth, struct buf *out)
{
    buf_add_char(out, v->kind == OBJECT ? '{' : '[');
    for (size_t i = 0; i < v->children; i++) {
        buf_format(out, "%s\n%*s", i ? "," : "", 2 * (depth + 1), "");
        if (v->kind == OBJECT) {
            write_text(v->child[i]->key, out);
            buf_add_text(out, ": ");
        }
        write_value(v->child[i], depth + 1, out);
    }
    if (v->children)
        buf_format(out, "\n%*s", 2 * depth, "");
    buf_add_char(out, v->kind == OBJECT ? '}' : ']');
}

static void write_value(const struct json *v, int depth, struct buf *out)
{
    switch (v->kind) {
    case OBJECT:
    case ARRAY:
        write_children(v, depth, out);
        return;
    case TEXT:
        write_text(v->text, out);
        return;
    case INTEGER:
        buf_format(out, "%lld", v->number);
        return;
    case BOOLEAN:
        buf_add_text(out, v->number ? "true" : "false");
        return;
    case NOTHING:
        buf_add_text(out, "null");
    }
}

/* Not by the library: when memory runs out it can leave a key out and call that success,
   and a manifest must never be written so. */
int json_write(const struct json *v, struct buf *out)
{
    if (!v || any_failed(v))
        return -ENOMEM;
    write_value(v, 0, out);
    buf_add_char(out, '\n');
    return out->failed ? -ENOMEM : 0;
}

static struct json *own_value(json_t *from);

static void own_children(struct json *v, json_t *from)
{
    if (v->kind == OBJECT)
        for (void *it = json_object_iter(from); it; it = json_object_iter_next(from, it))
            json_put(v, json_object_iter_key(it), own_value(json_object_iter_value(it)));
    if (v->kind == ARRAY)
        for (size_t i = 0; i < json_array_size(from); i++)
            json_put(v, NULL, own_value(json_array_get(from, i)));
}

/* A number with a fraction is nothing that we ever look for: null. */
static struct json *own_value(json_t *from)
{
    static const enum kind kinds[] = {
        [JSON_OBJECT] = OBJECT,   [JSON_ARRAY] = ARRAY,  [JSON_STRING] = TEXT,
        [JSON_INTEGER] = INTEGER, [JSON_REAL] = NOTHING, [JSON_TRUE] = BOOLEAN,
        [JSON_FALSE] = BOOLEAN,   [JSON_NULL] = NOTHING,
    };
    struct json *v = value_new(kinds[json_typeof(from)]);

    if (!v)
        return NULL;
    if (v->kind == TEXT && !(v->text = strdup(json_string_value(from))))
        v->failed = true;
    if (v->kind == INTEGER)
        v->number = json_integer_value(from);
    if (v->kind == BOOLEAN)
        v->number = json_is_true(from);
    own_children(v, from);
    return v;
}

/*
 * Where memory is refused, Jansson reads on and leaves out a character, or calls the text
 * bad. So it is read twice, and both have to agree. NULL, and errno is EBADMSG or ENOMEM.
 */
static json_t *load(const char *data, size_t len, json_error_t *where)
{
    json_error_t again = {.line = 0};
    json_t *a = json_loadb(data, len, JSON_REJECT_DUPLICATES, where);
    json_t *b = json_loadb(data, len, JSON_REJECT_DUPLICATES, &again);
    bool same = a && b
                    ? json_equal(a, b)
                    : !a && !b && where->text[0] && where->line == again.line &&
                          where->column == again.column && streq(where->text, again.text);

    json_decref(b);
    if (!same || !a) {
        json_decref(a);
        a = NULL;
        errno = same ? EBADMSG : ENOMEM;
    }
    return a;
}

struct json *json_read(const char *data, size_t len, char *defect)
{
    json_error_t where = {.line = 0};
    json_t *read = load(data, len, &where);
    struct json *v;

    if (!read) {
        if (defect && errno == ENOMEM)
            snprintf(defect, 256, "out of memory");
        else if (defect)
            snprintf(defect, 256, "line %d: %.200s", where.line, where.text);
        return NULL;
    }
    errno = ENOMEM;
    v = own_value(read);
    json_decref(read);
    if (v && any_failed(v)) {
        json_free(v);
        v = NULL;
    }
    if (!v && defect)
        snprintf(defect, 256, "out of memory");
    return v;
}

const struct json *json_get(const struct json *object, const char *key)
{
    for (size_t i = 0; object && object->kind == OBJECT && i < object->children; i++)
        if (streq(object->child[i]->key, key))
            return object->child[i];
    return NULL;
}

const char *json_as_text(const struct json *v)
{
    return v && v->kind == TEXT ? v->text : NULL;
}

long long json_as_int(const struct json *v, long long fallback)
{
    return v && v->kind == INTEGER ? v->number : fallback;
}

bool json_is_nothing(const struct json *v)
{
    return v && v->kind == NOTHING;
}

const char *json_get_text(const struct json *object, const char *key)
{
    return json_as_text(json_get(object, key));
}

long long json_get_int(const struct json *object, const char *key, long long fallback)
{
    return json_as_int(json_get(object, key), fallback);
}

bool json_get_bool(const struct json *object, const char *key, bool fallback)
{
    const struct json *v = json_get(object, key);

    return v && v->kind == BOOLEAN ? v->number != 0 : fallback;
}

size_t json_count(const struct json *array)
{
    return array && array->kind == ARRAY ? array->children : 0;
}

const struct json *json_at(const struct json *array, size_t index)
{
    return index < json_count(array) ? array->child[index] : NULL;
}

const char *json_key(const struct json *object, size_t n)
{
    bool held = object && object->kind == OBJECT && n < object->children;

    return held ? object->child[n]->key : NULL;
}
