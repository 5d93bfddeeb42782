/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/tree.h"

#include <augeas.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#ifndef LENS_DIR
#define LENS_DIR "/usr/share/iommuctl/lenses"
#endif

#define CHUNK_NODES                                                                      \
    64 /* put costs the square of this, text_store a fixed sum a chunk                   \
        */

struct chunk {
    size_t offset, len;
    size_t first, count; /* its nodes */
};

struct tree {
    const struct tree_format *format;
    char *path;
    struct buf text; /* ends in the newlines that the lens wants */
    size_t padding;  /* how many of these are ours */
    struct chunk *chunk;
    size_t chunks;
    struct tree_node *node;
    size_t nodes;
    augeas *aug;
};

/*
 * In a build tree the lenses lie beside the program; once installed, where configure put
 * them. The environment has no say: this runs as root.
 */
static void lens_directory(char dir[PATH_MAX])
{
    ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - sizeof("/lenses"));
    char *slash;

    if (n > 0) {
        dir[n] = '\0';
        slash = strrchr(dir, '/');
        if (slash) {
            strcpy(slash, "/lenses");
            if (access(dir, R_OK | X_OK) == 0)
                return;
        }
    }
    snprintf(dir, PATH_MAX, "%s", LENS_DIR);
}

static int start_augeas(struct tree *tree, struct error *err)
{
    char dir[PATH_MAX];

    lens_directory(dir);
    tree->aug = aug_init(
        "/", dir, AUG_NO_STDINC | AUG_NO_MODL_AUTOLOAD | AUG_NO_LOAD | AUG_NO_ERR_CLOSE);
    if (!tree->aug)
        return error_memory(err);
    if (aug_error(tree->aug) != AUG_NOERROR)
        return error_set(err, EXIT_CLASS_INTERNAL, dir, 0, "cannot start Augeas: %s",
                         aug_error_message(tree->aug));
    return 0;
}

/* Why text_store or text_retrieve failed, from where Augeas keeps it. */
static int augeas_failed(struct tree *tree, unsigned line, struct error *err)
{
    const char *message = NULL, *at = NULL;

    if (aug_error(tree->aug) != AUG_NOERROR) {
        message = aug_error_details(tree->aug);
        return error_set(err, EXIT_CLASS_INTERNAL, tree->path, line,
                         "the lens %s cannot be used: %s%s%s", tree->format->lens,
                         aug_error_message(tree->aug), message ? ": " : "",
                         message ? message : "");
    }
    aug_get(tree->aug, "/augeas/text/tree/error/message", &message);
    if (aug_get(tree->aug, "/augeas/text/tree/error/line", &at) == 1 && at)
        line += (unsigned)strtoul(at, NULL, 10) - 1;
    message = message ? message : "no reason given";
    return error_set(err, EXIT_CLASS_DATA, tree->path, line,
                     "cannot be read as %s; mend the line or report it: %.*s",
                     tree->format->lens, (int)strcspn(message, "\n"), message);
}

/* Bring a chunk's text into Augeas, as /tree. */
static int store_chunk(struct tree *tree, const struct chunk *chunk, struct error *err)
{
    char *end = tree->text.data + chunk->offset + chunk->len;
    char kept = *end;
    int r;

    *end = '\0';
    r = aug_set(tree->aug, "/in", tree->text.data + chunk->offset);
    *end = kept;
    if (r < 0 || aug_text_store(tree->aug, tree->format->lens, "/in", "/tree") < 0)
        return augeas_failed(
            tree, tree->nodes > chunk->first ? tree->node[chunk->first].line : 1, err);
    return 0;
}

static int copy_node(struct tree *tree, const char *match, struct tree_node *node)
{
    const char *value = NULL, *label = strrchr(match, '/');
    size_t n;

    if (!label || aug_get(tree->aug, match, &value) != 1)
        return -EPROTO;
    n = strcspn(++label, "[");
    node->label = strndup(label, n);
    node->value = strdup(value ? value : "");
    return node->label && node->value ? 0 : -ENOMEM;
}

/* The nodes of a chunk, whose lines are known: there must be as many as were counted. */
static int read_chunk(struct tree *tree, const struct chunk *chunk, struct error *err)
{
    char **match = NULL;
    int n, r = store_chunk(tree, chunk, err);

    if (r < 0)
        return r;
    n = aug_match(tree->aug, "/tree/*", &match);
    if (n >= 0 && (size_t)n != chunk->count)
        r = -EPROTO;
    for (int i = 0; !r && i < n; i++)
        r = copy_node(tree, match[i], &tree->node[chunk->first + (size_t)i]);
    for (int i = 0; i < n; i++)
        free(match[i]);
    free(match);
    if (n < 0 || r == -ENOMEM)
        return error_memory(err);
    if (r < 0)
        return error_set(err, EXIT_CLASS_INTERNAL, tree->path,
                         tree->node[chunk->first].line,
                         "the lens %s counts other lines than we do", tree->format->lens);
    return 0;
}

static int add_node(struct tree *tree, size_t offset, size_t len, unsigned line)
{
    struct chunk *chunk;

    if (array_grow(&tree->node, tree->nodes, sizeof(*tree->node)) < 0)
        return -ENOMEM;
    tree->node[tree->nodes] = (struct tree_node){.line = line};
    if (!tree->chunks || tree->chunk[tree->chunks - 1].count == CHUNK_NODES) {
        if (array_grow(&tree->chunk, tree->chunks, sizeof(*tree->chunk)) < 0)
            return -ENOMEM;
        tree->chunk[tree->chunks++] = (struct chunk){offset, 0, tree->nodes, 0};
    }
    chunk = &tree->chunk[tree->chunks - 1];
    chunk->len += len;
    chunk->count++;
    tree->nodes++;
    return 0;
}

/* Find the nodes; the last one is given the newlines that it lacks. */
static int split(struct tree *tree)
{
    unsigned line = 1;
    size_t n;

    for (size_t at = 0; at < tree->text.len; at += n) {
        while (n = tree->format->next(tree->text.data + at, tree->text.len - at),
               n > tree->text.len - at) {
            buf_add_char(&tree->text, '\n');
            tree->padding++;
            if (tree->text.failed)
                return -ENOMEM;
        }
        if (add_node(tree, at, n, line) < 0)
            return -ENOMEM;
        for (size_t i = 0; i < n; i++)
            line += tree->text.data[at + i] == '\n';
    }
    return 0;
}

int tree_load(struct tree **out, const struct tree_format *format, const char *path,
              const struct blob *text, struct error *err)
{
    struct tree *tree = calloc(1, sizeof(*tree));
    int r = 0;

    *out = tree;
    if (!tree)
        return error_memory(err);
    tree->format = format;
    tree->path = strdup(path);
    buf_add(&tree->text, text->data, text->len);
    if (!tree->path || tree->text.failed || split(tree) < 0)
        r = error_memory(err);
    if (!r)
        r = start_augeas(tree, err);
    for (size_t i = 0; !r && i < tree->chunks; i++)
        r = read_chunk(tree, &tree->chunk[i], err);
    if (r < 0) {
        tree_free(tree);
        *out = NULL;
    }
    return r;
}

void tree_free(struct tree *tree)
{
    if (!tree)
        return;
    if (tree->aug)
        aug_close(tree->aug);
    for (size_t i = 0; i < tree->nodes; i++) {
        free(tree->node[i].label);
        free(tree->node[i].value);
    }
    free(tree->node);
    free(tree->chunk);
    buf_clear(&tree->text);
    free(tree->path);
    free(tree);
}

size_t tree_count(const struct tree *tree)
{
    return tree->nodes;
}

const struct tree_node *tree_at(const struct tree *tree, size_t index)
{
    return &tree->node[index];
}

/* Set the changed values of a chunk. */
static int set_values(const struct tree *tree, const struct chunk *chunk,
                      char *const *value)
{
    char match[64];

    for (size_t i = 0; i < chunk->count; i++) {
        if (!value[chunk->first + i])
            continue;
        snprintf(match, sizeof(match), "/tree/*[%zu]", i + 1);
        if (aug_set(tree->aug, match, value[chunk->first + i]) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Augeas parts labels and values by the bytes 1 to 4, whoever else wrote them: 4 stops
 * the process. */
static int check_reserved(const struct tree *tree, const struct chunk *chunk,
                          struct error *err)
{
    unsigned line = tree->node[chunk->first].line;

    for (size_t i = 0; i < chunk->len; i++) {
        unsigned char c = (unsigned char)tree->text.data[chunk->offset + i];

        if (c >= 1 && c <= 4)
            return error_set(err, EXIT_CLASS_DATA, tree->path, line,
                             "holds the control character \\x%02x, and no line near it "
                             "can be edited; remove it",
                             c);
        line += c == '\n';
    }
    return 0;
}

static bool chunk_changes(const struct chunk *chunk, char *const *value)
{
    for (size_t i = 0; i < chunk->count; i++)
        if (value[chunk->first + i])
            return true;
    return false;
}

static int render_chunk(struct tree *tree, const struct chunk *chunk, char *const *value,
                        struct buf *out, struct error *err)
{
    const char *text = NULL;
    int r = check_reserved(tree, chunk, err);

    if (!r)
        r = store_chunk(tree, chunk, err);
    if (r < 0)
        return r;
    if (set_values(tree, chunk, value) < 0)
        return error_memory(err);
    if (aug_text_retrieve(tree->aug, tree->format->lens, "/in", "/tree", "/out") < 0)
        return augeas_failed(tree, tree->node[chunk->first].line, err);
    if (aug_get(tree->aug, "/out", &text) != 1 || !text)
        return error_memory(err);
    buf_add_text(out, text);
    return 0;
}

int tree_render(struct tree *tree, char *const *value, struct blob *out,
                struct error *err)
{
    AUTO_BUF b = BUF_INIT;
    int r = 0;

    for (size_t i = 0; !r && i < tree->chunks; i++) {
        const struct chunk *chunk = &tree->chunk[i];

        if (chunk_changes(chunk, value))
            r = render_chunk(tree, chunk, value, &b, err);
        else
            buf_add(&b, tree->text.data + chunk->offset, chunk->len);
    }
    if (r < 0)
        return r;
    if (b.failed || b.len < tree->padding)
        return error_memory(err);
    return blob_copy(out, b.data, b.len - tree->padding) < 0 ? error_memory(err) : 0;
}
