/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * JSON values, built and read: the one door to the JSON library. Text that is not UTF-8
 * has each offending byte written as the four characters \xHH, so that the output is
 * always valid.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

struct json; /* a value; owned by whoever made it until it is put into another one */

/* Not json_object and json_array: the library has those, and ours would stand in for them
   inside it. */
struct json *json_new_object(void);
struct json *json_new_array(void);
/*
 * Into OBJECT under KEY, or, with KEY NULL, behind the last element of the array OBJECT.
 * Each takes what it is given and tolerates a failed (NULL) OBJECT or value: the failure
 * sticks to OBJECT and json_write reports it once, at the end.
 */
void json_put(struct json *object, const char *key, struct json *value); /* takes VALUE */
void json_put_text(struct json *object, const char *key,
                   const char *text); /* NULL: null */
void json_put_bytes(struct json *object, const char *key, const void *data, size_t len);
void json_put_int(struct json *object, const char *key, long long);
void json_put_bool(struct json *object, const char *key, bool);
void json_put_null(struct json *object, const char *key);

/* Indented by two, keys in the order of putting, a newline at the end. 0 or -ENOMEM. */
int json_write(const struct json *, struct buf *);

/* NULL when the text is no JSON; DEFECT (256 bytes, may be NULL) then says where. errno
   is ENOMEM where memory ran out. */
struct json *json_read(const char *data, size_t len, char *defect);
/* Borrowed; NULL, or FALLBACK, where the key is missing or of another type. */
const struct json *json_get(const struct json *object, const char *key);
const char *json_get_text(const struct json *object, const char *key);
long long json_get_int(const struct json *object, const char *key, long long fallback);
bool json_get_bool(const struct json *object, const char *key, bool fallback);
size_t json_count(const struct json *array); /* 0 for anything but an array */
const struct json *json_at(const struct json *array, size_t index);
const char *json_as_text(const struct json *value); /* NULL if it is no string */
long long json_as_int(const struct json *value, long long fallback);
bool json_is_nothing(const struct json *value); /* there, and null */
/* The N-th key of an object in its order (NULL past the end): for name/value maps. */
const char *json_key(const struct json *object, size_t n);

void json_free(struct json *);
void auto_json_free(struct json **);

#endif
