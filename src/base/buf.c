/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/buf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

char *buf_room(struct buf *b, size_t n)
{
    size_t size = b->size ? b->size : 64;
    char *data;

    if (b->failed || n > SIZE_MAX / 4 - b->len) {
        b->failed = true;
        return NULL;
    }
    while (size <= b->len + n)
        size *= 2;
    if (size > b->size) {
        data = realloc(b->data, size);
        if (!data) {
            b->failed = true;
            return NULL;
        }
        b->data = data;
        b->size = size;
    }
    b->data[b->len] = '\0';
    return b->data + b->len;
}

void buf_grew(struct buf *b, size_t n)
{
    b->len += n;
    b->data[b->len] = '\0';
}

void buf_add(struct buf *b, const void *data, size_t len)
{
    char *room = buf_room(b, len);

    if (!room)
        return;
    if (len)
        memcpy(room, data, len);
    buf_grew(b, len);
}

void buf_add_text(struct buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_add_char(struct buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_format(struct buf *b, const char *format, ...)
{
    va_list args;
    char *text;
    int n;

    va_start(args, format);
    n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) {
        b->failed = true;
        return;
    }
    buf_add(b, text, (size_t)n);
    free(text);
}

char *buf_take(struct buf *b)
{
    char *text = NULL;

    buf_add(b, "", 0); /* an empty buffer becomes an empty text */
    if (!b->failed) {
        text = b->data;
        b->data = NULL;
    }
    buf_clear(b);
    return text;
}

void buf_clear(struct buf *b)
{
    free(b->data);
    *b = (struct buf)BUF_INIT;
}

int blob_copy(struct blob *blob, const void *data, size_t len)
{
    char *copy = malloc(len + 1);

    if (!copy)
        return -ENOMEM;
    if (len)
        memcpy(copy, data, len);
    copy[len] = '\0';
    free(blob->data);
    blob->data = copy;
    blob->len = len;
    return 0;
}

void blob_clear(struct blob *blob)
{
    free(blob->data);
    *blob = (struct blob){NULL, 0};
}

bool blob_same(const struct blob *a, const struct blob *b)
{
    if (blob_absent(a) || blob_absent(b))
        return blob_absent(a) && blob_absent(b);
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}
