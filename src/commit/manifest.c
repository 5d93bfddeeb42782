/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/manifest.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/json.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

#define FORMAT 1

static const char *const state_names[] = {
    [GENERATION_ARMED] = "armed",
    [GENERATION_COMMITTED] = "committed",
    [GENERATION_UNDONE] = "undone",
};

static const char *const how_names[] = {
    [WRITE_REPLACE] = "replace",
    [WRITE_IN_PLACE] = "in-place",
};

const char *manifest_path(const struct manifest_file *f)
{
    return f->stored ? f->stored : f->path;
}

void manifest_clear(struct manifest *m)
{
    for (size_t i = 0; i < m->files; i++) {
        free(m->file[i].path);
        free(m->file[i].stored);
        file_meta_clear(&m->file[i].meta);
    }
    free(m->file);
    free(m->undoes);
    free(m->command);
    free(m->time);
    free(m->version);
    free(m->unconfirmed);
    *m = (struct manifest){.files = 0};
}

static struct manifest_file *file_add(struct manifest *m)
{
    if (array_grow(&m->file, m->files, sizeof(*m->file)) < 0)
        return NULL;
    m->file[m->files] = (struct manifest_file){.path = NULL};
    return &m->file[m->files++];
}

static int undoes_add(struct manifest *m, unsigned number)
{
    if (array_grow(&m->undoes, m->undoes_count, sizeof(*m->undoes)) < 0)
        return -ENOMEM;
    m->undoes[m->undoes_count++] = number;
    return 0;
}

static char *time_text(void)
{
    char text[32] = "";
    time_t now = time(NULL);
    struct tm tm;

    if (gmtime_r(&now, &tm))
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    return strdup(text);
}

static void blob_note(const struct blob *b, bool *absent, char hash[HASH_TEXT_SIZE],
                      size_t *size)
{
    *absent = blob_absent(b);
    *size = *absent ? 0 : b->len;
    if (!*absent)
        hash_text(b->data, b->len, hash);
}

int bare_hash(journal_carry *carry, const char *path, const struct blob *text,
              char hash[HASH_TEXT_SIZE])
{
    AUTO_BLOB bare = {NULL, 0};
    int r;

    hash[0] = '\0';
    if (!carry || blob_absent(text))
        return 0;
    if (blob_copy(&bare, text->data, text->len) < 0)
        return -ENOMEM;
    r = carry(path, NULL, &bare);
    if (r > 0)
        hash_text(bare.data, bare.len, hash);
    return r == -ENOMEM ? r : 0;
}

int manifest_make(struct manifest *m, const struct changeset *set, journal_carry *carry)
{
    m->state = GENERATION_ARMED;
    m->command = strdup(set->command ? set->command : "");
    m->time = time_text();
    m->version = strdup(PACKAGE_VERSION);
    if (!m->command || !m->time || !m->version)
        return -ENOMEM;
    for (size_t i = 0; i < set->undoes_count; i++)
        if (undoes_add(m, set->undoes[i]) < 0)
            return -ENOMEM;
    for (size_t i = 0; i < set->count; i++) {
        const struct change *c = &set->change[i];
        struct manifest_file *f = file_add(m);

        if (!f || !(f->path = strdup(c->path)))
            return -ENOMEM;
        f->how = c->how;
        f->rank = c->rank;
        blob_note(&c->before, &f->absent_before, f->before, &f->size_before);
        blob_note(&c->after, &f->absent_after, f->after, &f->size_after);
        if (bare_hash(carry, c->path, &c->before, f->bare_before) < 0 ||
            bare_hash(carry, c->path, &c->after, f->bare_after) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* --- writing ------------------------------------------------------------------------ */

static char *hex_text(const char *prefix, const void *data, size_t len)
{
    const unsigned char *p = data;
    AUTO_BUF b = BUF_INIT;

    buf_add_text(&b, prefix);
    for (size_t i = 0; i < len; i++)
        buf_format(&b, "%02x", p[i]);
    return buf_take(&b);
}

/* The name itself, or "hex:" and its bytes: JSON can hold only UTF-8. */
static char *name_encode(const char *name)
{
    for (const char *p = name; *p; p++)
        if (*p < 0x20 || *p > 0x7e)
            return hex_text("hex:", name, strlen(name));
    return strdup(name);
}

static struct json *xattrs_json(const struct file_meta *meta)
{
    struct json *o = json_new_object();

    for (size_t i = 0; i < meta->xattrs; i++) {
        AUTO_FREE char *name = name_encode(meta->xattr[i].name);
        AUTO_FREE char *value = hex_text("", meta->xattr[i].value, meta->xattr[i].len);

        if (name && value)
            json_put_text(o, name, value);
        else
            json_put(o, "", NULL); /* the failure sticks */
    }
    return o;
}

static struct json *before_json(const struct manifest_file *f)
{
    struct json *o = json_new_object();
    char mode[16];

    snprintf(mode, sizeof(mode), "%04o", (unsigned)f->meta.mode);
    json_put_text(o, "sha256", f->before);
    if (f->bare_before[0])
        json_put_text(o, "bare", f->bare_before);
    json_put_int(o, "size", (long long)f->size_before);
    json_put_text(o, "mode", mode);
    json_put_int(o, "uid", f->meta.uid);
    json_put_int(o, "gid", f->meta.gid);
    json_put(o, "xattrs", xattrs_json(&f->meta));
    return o;
}

static struct json *file_json(const struct manifest_file *f)
{
    struct json *o = json_new_object(), *after = NULL;
    AUTO_FREE char *path = name_encode(manifest_path(f));

    if (path)
        json_put_text(o, "path", path);
    else
        json_put(o, "path", NULL);
    json_put_text(o, "how", how_names[f->how]);
    json_put_int(o, "rank", f->rank);
    if (f->absent_before)
        json_put_null(o, "before");
    else
        json_put(o, "before", before_json(f));
    if (f->absent_after) {
        json_put_null(o, "after");
        return o;
    }
    after = json_new_object();
    json_put_text(after, "sha256", f->after);
    if (f->bare_after[0])
        json_put_text(after, "bare", f->bare_after);
    json_put_int(after, "size", (long long)f->size_after);
    json_put(o, "after", after);
    return o;
}

int manifest_write(const struct manifest *m, struct buf *out)
{
    CLEANUP(auto_json_free) struct json *o = json_new_object();
    struct json *undoes = json_new_array(), *files = json_new_array();

    json_put_int(o, "format", FORMAT);
    json_put_text(o, "state", state_names[m->state]);
    json_put_text(o, "command", m->command);
    json_put_text(o, "time", m->time);
    json_put_text(o, "version", m->version);
    if (m->unconfirmed)
        json_put_text(o, "unconfirmed", m->unconfirmed);
    for (size_t i = 0; i < m->undoes_count; i++)
        json_put_int(undoes, NULL, m->undoes[i]);
    json_put(o, "undoes", undoes);
    for (size_t i = 0; i < m->files; i++)
        json_put(files, NULL, file_json(&m->file[i]));
    json_put(o, "files", files);
    return json_write(o, out);
}

/* --- reading ------------------------------------------------------------------------ */

/* Where a NULL may stand for bad text as well as for memory that ran out: errno, set to 0
   before, tells. */
static int not_read(void)
{
    return errno == ENOMEM ? -ENOMEM : -EBADMSG;
}

static int defect_set(char *defect, const char *format, ...) PRINTF_LIKE(2, 3);

static int defect_set(char *defect, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(defect, 256, format, args);
    va_end(args);
    return -EBADMSG;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *p = c ? strchr(digits, c) : NULL;

    return p ? (int)(p - digits) : -1;
}

/* The bytes behind TEXT in hexadecimal, a NUL after them; NULL: none, or no memory. */
static char *hex_bytes(const char *text, size_t *len)
{
    size_t n = strlen(text);
    char *bytes = n % 2 ? NULL : malloc(n / 2 + 1);

    for (size_t i = 0; bytes && i < n / 2; i++) {
        int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

        if (high < 0 || low < 0) {
            free(bytes);
            return NULL;
        }
        bytes[i] = (char)(high << 4 | low);
    }
    if (bytes)
        bytes[n / 2] = '\0';
    *len = n / 2;
    return bytes;
}

static char *name_decode(const char *text)
{
    size_t len;
    char *name = starts_with(text, "hex:") ? hex_bytes(text + 4, &len) : strdup(text);

    if (name && starts_with(text, "hex:") && strlen(name) != len) {
        free(name);
        return NULL;
    }
    return name;
}

static bool is_hash(const char *text)
{
    return text && strlen(text) == HASH_TEXT_SIZE - 1 &&
           strspn(text, "0123456789abcdef") == HASH_TEXT_SIZE - 1;
}

/* Absolute, and never out of the root or around a corner. */
static bool is_path(const char *path)
{
    for (const char *p = path; *p;) {
        size_t n = strcspn(p + 1, "/");

        if (*p != '/' || n == 0 || (n == 1 && p[1] == '.') ||
            (n == 2 && p[1] == '.' && p[2] == '.'))
            return false;
        p += 1 + n;
    }
    return *path == '/';
}

static int side_read(const struct json *v, bool *absent, char hash[HASH_TEXT_SIZE],
                     char bare[HASH_TEXT_SIZE], size_t *size)
{
    const char *text = json_get_text(v, "sha256"), *rest = json_get_text(v, "bare");
    long long n = json_get_int(v, "size", -1);

    *absent = json_is_nothing(v);
    if (*absent)
        return 0;
    if (!is_hash(text) || n < 0)
        return -EBADMSG;
    memcpy(hash, text, HASH_TEXT_SIZE);
    if (is_hash(rest))
        memcpy(bare, rest, HASH_TEXT_SIZE);
    *size = (size_t)n;
    return 0;
}

static int xattrs_read(const struct json *v, struct file_meta *meta)
{
    const char *key;

    for (size_t i = 0; (key = json_key(v, i)); i++) {
        const char *text = json_get_text(v, key);
        struct file_xattr *x;

        if (array_grow(&meta->xattr, meta->xattrs, sizeof(*meta->xattr)) < 0)
            return -ENOMEM;
        x = &meta->xattr[meta->xattrs++];
        *x = (struct file_xattr){.name = name_decode(key)};
        if (text)
            x->value = hex_bytes(text, &x->len);
        if (!x->name || !x->value)
            return not_read();
    }
    return 0;
}

static int meta_read_json(const struct json *v, struct file_meta *meta)
{
    const char *mode = json_get_text(v, "mode");
    long long uid = json_get_int(v, "uid", -1), gid = json_get_int(v, "gid", -1);
    char *end = NULL;
    unsigned long bits = mode ? strtoul(mode, &end, 8) : 0;

    if (!mode || !*mode || *end || bits > 07777 || uid < 0 || uid > UINT32_MAX ||
        gid < 0 || gid > UINT32_MAX)
        return -EBADMSG;
    meta->mode = (uint32_t)bits;
    meta->uid = (uint32_t)uid;
    meta->gid = (uint32_t)gid;
    return xattrs_read(json_get(v, "xattrs"), meta);
}

static int file_read(const struct json *v, struct manifest_file *f)
{
    const char *path = json_get_text(v, "path"), *how = json_get_text(v, "how");
    const struct json *before = json_get(v, "before"), *after = json_get(v, "after");
    long long rank = json_get_int(v, "rank", 0);

    errno = 0;
    f->path = path ? name_decode(path) : NULL;
    if (!f->path)
        return not_read();
    if (!is_path(f->path) || !how || !before || !after || rank < INT_MIN ||
        rank > INT_MAX)
        return -EBADMSG;
    f->rank = (int)rank;
    if (!streq(how, how_names[WRITE_REPLACE]) && !streq(how, how_names[WRITE_IN_PLACE]))
        return -EBADMSG;
    f->how = streq(how, how_names[WRITE_REPLACE]) ? WRITE_REPLACE : WRITE_IN_PLACE;
    if (side_read(before, &f->absent_before, f->before, f->bare_before, &f->size_before) <
            0 ||
        side_read(after, &f->absent_after, f->after, f->bare_after, &f->size_after) < 0)
        return -EBADMSG;
    return f->absent_before ? 0 : meta_read_json(before, &f->meta);
}

static int files_read(const struct json *v, struct manifest *m, char *defect)
{
    const struct json *files = json_get(v, "files");

    if (!json_count(files))
        return defect_set(defect, "lists no files");
    for (size_t i = 0; i < json_count(files); i++) {
        struct manifest_file *f = file_add(m);
        int r = f ? file_read(json_at(files, i), f) : -ENOMEM;

        if (r == -EBADMSG)
            defect_set(defect, "its file number %zu cannot be understood", i + 1);
        if (r < 0)
            return r;
    }
    return 0;
}

static int state_read(const struct json *v, struct manifest *m, char *defect)
{
    const char *state = json_get_text(v, "state");

    for (size_t i = 0; state && i < ARRAY_LEN(state_names); i++)
        if (streq(state, state_names[i])) {
            m->state = (enum generation_state)i;
            return 0;
        }
    return defect_set(defect, "has no state that is known");
}

static char *text_read(const struct json *v, const char *key)
{
    const char *text = json_get_text(v, key);

    return strdup(text ? text : "");
}

static int undoes_read(const struct json *v, struct manifest *m, char *defect)
{
    for (size_t i = 0; i < json_count(v); i++) {
        long long n = json_as_int(json_at(v, i), -1);

        if (n < 1 || n > UINT_MAX)
            return defect_set(defect, "undoes something that is no generation");
        if (undoes_add(m, (unsigned)n) < 0)
            return -ENOMEM;
    }
    return 0;
}

int manifest_read(struct manifest *m, const char *data, size_t len, char defect[256])
{
    CLEANUP(auto_json_free) struct json *v = NULL;
    long long format;
    int r;

    errno = 0;
    v = json_read(data, len, defect);
    if (!v)
        return not_read();
    format = json_get_int(v, "format", 0);
    if (format < 1)
        return defect_set(defect, "names no format");
    if (format > FORMAT)
        return defect_set(defect, "was made by a newer iommuctl (format %lld); use that",
                          format);
    m->command = text_read(v, "command");
    m->time = text_read(v, "time");
    m->version = text_read(v, "version");
    m->unconfirmed = json_get(v, "unconfirmed") ? text_read(v, "unconfirmed") : NULL;
    if (!m->command || !m->time || !m->version ||
        (json_get(v, "unconfirmed") && !m->unconfirmed))
        return -ENOMEM;
    r = state_read(v, m, defect);
    if (!r)
        r = undoes_read(json_get(v, "undoes"), m, defect);
    return r ? r : files_read(v, m, defect);
}
