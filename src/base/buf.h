/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A growing byte buffer. A failed allocation sticks: later calls do nothing and
 * buf_failed says so once, at the end. The data is always followed by a NUL that is not
 * counted.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/base.h"

struct buf {
    char *data; /* NULL while empty */
    size_t len, size;
    bool failed;
};

#define BUF_INIT                                                                         \
    {                                                                                    \
        NULL, 0, 0, false                                                                \
    }
#define AUTO_BUF CLEANUP(buf_clear) struct buf

void buf_add(struct buf *, const void *data, size_t len);
void buf_add_text(struct buf *, const char *text);
void buf_add_char(struct buf *, char);
void buf_format(struct buf *, const char *format, ...) PRINTF_LIKE(2, 3);
char *
buf_take(struct buf *); /* the text, owned by the caller; NULL if failed; empties BUF */
void buf_clear(struct buf *);           /* frees; BUF is as new */
char *buf_room(struct buf *, size_t n); /* n writable bytes behind the data, or NULL */
void buf_grew(struct buf *, size_t n);  /* so many of them are written now */
static inline const char *buf_text(const struct buf *b)
{
    return b->data ? b->data : "";
}

/* A file's bytes at one moment. An absent file differs from an empty one. */
struct blob {
    char *data; /* owned; NULL if absent; else followed by a NUL that is not counted */
    size_t len;
};

#define AUTO_BLOB CLEANUP(blob_clear) struct blob

int blob_copy(struct blob *, const void *data,
              size_t len); /* 0 or -ENOMEM; never absent */
void blob_clear(struct blob *);
static inline bool blob_absent(const struct blob *b)
{
    return b->data == NULL;
}
bool blob_same(const struct blob *, const struct blob *);

#endif
