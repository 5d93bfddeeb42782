/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/loader_state.h"

#include <errno.h>

#define SIGNATURE "# GRUB Environment Block\n"

static const char *const names[] = {
    "saved_entry",
    "prev_saved_entry",
    "next_entry",
    "prev_entry",
    "boot_once",
    "boot_success",
    "boot_indeterminate",
    "boot_counter",
    "recordfail",
    "initrdfail",
    "initrdless_boot_fallback_triggered",
    "menu_show_once",
    "menu_show_once_timeout",
};

struct line {
    const char *text; /* with its newline */
    size_t len;
    size_t name; /* the length of what stands before "="; 0: none */
};

/* The lines of a block, NAME=VALUE and comments; behind them is only padding. */
struct lines {
    struct line *line;
    size_t count;
};

static void lines_clear(struct lines *lines)
{
    free(lines->line);
}

/* A backslash takes the next byte along, a newline too. 0: it does not end. */
static size_t line_length(const char *text, size_t left)
{
    for (size_t i = 0; i < left; i++) {
        if (text[i] == '\n')
            return i + 1;
        i += text[i] == '\\';
    }
    return 0;
}

static int lines_read(struct lines *lines, const struct blob *block)
{
    size_t at = 0, n;

    while ((n = line_length(block->data + at, block->len - at))) {
        const char *text = block->data + at;
        const char *equals = text[0] == '#' ? NULL : memchr(text, '=', n);

        if (array_grow(&lines->line, lines->count, sizeof(*lines->line)) < 0)
            return -ENOMEM;
        lines->line[lines->count++] =
            (struct line){text, n, equals ? (size_t)(equals - text) : 0};
        at += n;
    }
    return 0;
}

static bool is_block(const struct blob *b)
{
    size_t n = strlen(SIGNATURE);

    return b->len >= n && memcmp(b->data, SIGNATURE, n) == 0;
}

static bool is_loaders(const struct line *line)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strlen(names[i]) == line->name &&
            memcmp(names[i], line->text, line->name) == 0)
            return true;
    return false;
}

static const struct line *same_name(const struct lines *in, const struct line *line)
{
    for (size_t i = 0; i < in->count; i++)
        if (in->line[i].name == line->name &&
            memcmp(in->line[i].text, line->text, line->name) == 0)
            return &in->line[i];
    return NULL;
}

/* The loader's lines stay where the text has them; those it has not come last. */
static void merge(const struct lines *from, const struct lines *own, struct buf *b)
{
    for (size_t i = 0; i < own->count; i++) {
        const struct line *line = &own->line[i];

        if (line->name && is_loaders(line))
            line = same_name(from, line);
        if (line)
            buf_add(b, line->text, line->len);
    }
    for (size_t i = 0; i < from->count; i++) {
        const struct line *line = &from->line[i];

        if (line->name && is_loaders(line) && !same_name(own, line))
            buf_add(b, line->text, line->len);
    }
}

int loader_state_carry(const char *path, const struct blob *from, struct blob *to)
{
    CLEANUP(lines_clear) struct lines theirs = {NULL, 0};
    CLEANUP(lines_clear) struct lines own = {NULL, 0};
    AUTO_BUF b = BUF_INIT;

    if (!ends_with(path, "/grubenv") || blob_absent(to) || !is_block(to) ||
        (from && (blob_absent(from) || !is_block(from))))
        return 0;
    if ((from && lines_read(&theirs, from) < 0) || lines_read(&own, to) < 0)
        return -ENOMEM;
    merge(&theirs, &own, &b);
    if (b.len > to->len)
        return -ENOSPC;
    while (b.len < to->len && !b.failed)
        buf_add_char(&b, '#');
    if (b.failed)
        return -ENOMEM;
    memcpy(to->data, b.data, b.len);
    return 1;
}

/* --- names ---------------------------------------------------------------------------
 */

/* The length of NAME without "+LEFT" or "+LEFT-DONE" and ".conf"; 0: no entry's name. */
static size_t name_bare(const char *name, bool *counted)
{
    size_t len = strlen(name), n;

    *counted = false;
    if (len <= 5 || !ends_with(name, ".conf"))
        return 0;
    n = len -= 5;
    while (n && name[n - 1] >= '0' && name[n - 1] <= '9')
        n--;
    if (n < len && n && name[n - 1] == '-') {
        size_t left = --n;

        while (n && name[n - 1] >= '0' && name[n - 1] <= '9')
            n--;
        if (n == left)
            return len;
    }
    if (n == len || n < 2 || name[n - 1] != '+')
        return len;
    *counted = true;
    return n - 1;
}

int loader_state_renamed(struct root *root, const char *path, char **now)
{
    CLEANUP(auto_names_free) char **listed = NULL;
    const char *slash = strrchr(path, '/'), *found = NULL;
    AUTO_FREE char *dir = NULL;
    struct error ignored;
    size_t bare, others = 0;
    bool counted;

    *now = NULL;
    bare = slash ? name_bare(slash + 1, &counted) : 0;
    if (!bare || !counted || root_exists(root, path))
        return 0;
    dir = strndup(path, (size_t)(slash - path));
    if (!dir)
        return -ENOMEM;
    if (root_list(root, dir, &listed, &ignored) == -ENOMEM)
        return -ENOMEM;
    for (size_t i = 0; listed && listed[i]; i++) {
        if (name_bare(listed[i], &counted) != bare || strncmp(listed[i], slash + 1, bare))
            continue;
        found = listed[i];
        others++;
    }
    if (others != 1)
        return 0;
    *now = text_format("%s/%s", dir, found);
    return *now ? 0 : -ENOMEM;
}
