/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/tree.h"

#include "base/limit.h"

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

/* libaugeas, once an allocation has failed it, may go on for ever and take ever more, in
 * a put as in a match. Nothing is written then, so that it may be ended. Each chunk has
 * this.
 */
#define MEMORY_MAX ((size_t)512 << 20)
#define SECONDS_MAX 10

struct chunk {
    size_t offset, len;
    size_t first, count; /* its nodes */
};

struct node {
    struct tree_node shown;
    size_t offset, len; /* its line or lines in the text, the newline included */
};

struct tree {
    const struct tree_format *format;
    char *path;
    struct buf text; /* ends in the newlines that the lens wants */
    size_t padding;  /* how many of these are ours */
    struct chunk *chunk;
    size_t chunks;
    struct node *node;
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

static unsigned first_line(const struct tree *tree, const struct chunk *chunk)
{
    return chunk->count ? tree->node[chunk->first].shown.line : 1;
}

/* Bring a text into Augeas, as /tree. LINE is its first. */
static int store_text(struct tree *tree, const char *text, unsigned line,
                      struct error *err)
{
    if (aug_set(tree->aug, "/in", text) < 0 ||
        aug_text_store(tree->aug, tree->format->lens, "/in", "/tree") < 0)
        return augeas_failed(tree, line, err);
    return 0;
}

static int store_chunk(struct tree *tree, const struct chunk *chunk, struct error *err)
{
    char *end = tree->text.data + chunk->offset + chunk->len;
    char kept = *end;
    int r;

    *end = '\0';
    r = store_text(tree, tree->text.data + chunk->offset, first_line(tree, chunk), err);
    *end = kept;
    return r;
}

/*
 * Augeas loses a label or a value without a word when memory runs out. The value is all
 * of the line; or else the label stands before it, or nothing but blanks behind the
 * label.
 */
static bool is_complete(const struct tree *tree, const struct node *node,
                        const char *value)
{
    const char *line = tree->text.data + node->offset, *label = node->shown.label;
    size_t n = strspn(line, " \t\r");

    if (streq(label, "(none)"))
        return false;
    if (value && strlen(value) + 1 == node->len)
        return true;
    if (!starts_with(line + n, label))
        return false;
    n += strlen(label);
    return value || n + strspn(line + n, " \t\r=") + 1 == node->len;
}

/* A value is all of its line from some place on: where, the splices have to know. */
static int copy_node(struct tree *tree, const char *match, struct node *node)
{
    const char *value = NULL, *label = strrchr(match, '/');
    struct tree_node *shown = &node->shown;
    size_t n;

    if (!label || aug_get(tree->aug, match, &value) != 1)
        return -EPROTO;
    n = strcspn(++label, "[");
    shown->label = strndup(label, n);
    shown->value = strdup(value ? value : "");
    if (!shown->label || !shown->value || !is_complete(tree, node, value))
        return -ENOMEM;
    n = strlen(shown->value) + 1;
    shown->at = node->offset + node->len - n;
    return n <= node->len && memcmp(tree->text.data + shown->at, shown->value, n - 1) == 0
               ? 0
               : -EPROTO;
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
        return error_set(err, EXIT_CLASS_INTERNAL, tree->path, first_line(tree, chunk),
                         "the lens %s counts other lines than we do", tree->format->lens);
    return 0;
}

static int add_node(struct tree *tree, size_t offset, size_t len, unsigned line)
{
    struct chunk *chunk;

    if (array_grow(&tree->node, tree->nodes, sizeof(*tree->node)) < 0)
        return -ENOMEM;
    tree->node[tree->nodes] = (struct node){{.line = line}, offset, len};
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
    struct limits limits;
    int r = 0;

    *out = tree;
    if (!tree)
        return error_memory(err);
    tree->format = format;
    tree->path = strdup(path);
    buf_add(&tree->text, text->data, text->len);
    if (!tree->path || tree->text.failed || split(tree) < 0)
        r = error_memory(err);
    limits_set(&limits, MEMORY_MAX, SECONDS_MAX);
    if (!r)
        r = start_augeas(tree, err);
    limits_lift(&limits);
    for (size_t i = 0; !r && i < tree->chunks; i++) {
        limits_set(&limits, MEMORY_MAX, SECONDS_MAX);
        r = read_chunk(tree, &tree->chunk[i], err);
        limits_lift(&limits);
    }
    if (r < 0) {
        tree_free(tree);
        *out = NULL;
    }
    return r;
}

void tree_free(struct tree *tree)
{
    struct limits limits;

    if (!tree)
        return;
    limits_set(&limits, MEMORY_MAX, SECONDS_MAX);
    if (tree->aug)
        aug_close(tree->aug);
    limits_lift(&limits);
    for (size_t i = 0; i < tree->nodes; i++) {
        free(tree->node[i].shown.label);
        free(tree->node[i].shown.value);
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
    return &tree->node[index].shown;
}

struct tree_change *tree_changes(const struct tree *tree)
{
    struct tree_change *change = calloc(tree->nodes + 1, sizeof(*change));

    if (change)
        change[tree->nodes].end = true;
    return change;
}

void tree_changes_free(struct tree_change **array)
{
    for (size_t i = 0; *array && !(*array)[i].end; i++)
        free((*array)[i].value);
    free(*array);
}

/* Nodes whose values change: what stands between them no lens has to be asked about. */
struct batch {
    size_t node[CHUNK_NODES];
    size_t count;
};

/* Augeas parts labels and values by the bytes 1 to 4, whoever else wrote them: 4 stops
 * the process. */
static int check_reserved(const struct tree *tree, const struct node *node,
                          struct error *err)
{
    for (size_t i = 0; i < node->len; i++) {
        unsigned char c = (unsigned char)tree->text.data[node->offset + i];

        if (c >= 1 && c <= 4)
            return error_set(err, EXIT_CLASS_DATA, tree->path, node->shown.line,
                             "holds the control character \\x%02x, and cannot be edited; "
                             "remove it",
                             c);
    }
    return 0;
}

static int store_batch(struct tree *tree, const struct batch *batch,
                       const struct tree_change *change, struct error *err)
{
    AUTO_BUF text = BUF_INIT;
    char match[64];
    int r = 0;

    for (size_t i = 0; !r && i < batch->count; i++) {
        const struct node *node = &tree->node[batch->node[i]];

        r = check_reserved(tree, node, err);
        buf_add(&text, tree->text.data + node->offset, node->len);
    }
    if (r < 0)
        return r;
    if (text.failed)
        return error_memory(err);
    r = store_text(tree, buf_text(&text), tree->node[batch->node[0]].shown.line, err);
    for (size_t i = 0; !r && i < batch->count; i++) {
        snprintf(match, sizeof(match), "/tree/*[%zu]", i + 1);
        if (aug_set(tree->aug, match, change[batch->node[i]].value) < 0)
            r = error_memory(err);
    }
    return r;
}

/* What the lens writes for /tree, borrowed from Augeas. */
static int retrieve(struct tree *tree, unsigned line, const char **text,
                    struct error *err)
{
    if (aug_text_retrieve(tree->aug, tree->format->lens, "/in", "/tree", "/out") < 0)
        return augeas_failed(tree, line, err);
    *text = NULL;
    return aug_get(tree->aug, "/out", text) == 1 && *text ? 0 : error_memory(err);
}

/* Give each node of the batch its new line: there must be as many as went in. */
static int render_batch(struct tree *tree, const struct batch *batch,
                        const struct tree_change *change, char **line, struct error *err)
{
    unsigned first = tree->node[batch->node[0]].shown.line;
    const char *text;
    size_t left, n;
    int r = store_batch(tree, batch, change, err);

    if (!r)
        r = retrieve(tree, first, &text, err);
    if (r < 0)
        return r;
    left = strlen(text);
    for (size_t i = 0; i < batch->count; i++, text += n, left -= n) {
        n = tree->format->next(text, left);
        if (n > left)
            break;
        line[batch->node[i]] = strndup(text, n);
        if (!line[batch->node[i]])
            return error_memory(err);
    }
    if (left || !line[batch->node[batch->count - 1]])
        return error_set(err, EXIT_CLASS_INTERNAL, tree->path, first,
                         "the lens %s gives other lines back than it was given",
                         tree->format->lens);
    return 0;
}

static int render_lines(struct tree *tree, const struct tree_change *change, char **line,
                        struct error *err)
{
    struct batch batch = {.count = 0};
    struct limits limits;
    int r = 0;

    for (size_t i = 0; !r && i < tree->nodes; i++) {
        if (change[i].value && !change[i].remove)
            batch.node[batch.count++] = i;
        if (batch.count && (batch.count == CHUNK_NODES || i + 1 == tree->nodes)) {
            limits_set(&limits, MEMORY_MAX, SECONDS_MAX);
            r = render_batch(tree, &batch, change, line, err);
            limits_lift(&limits);
            batch.count = 0;
        }
    }
    return r;
}

static int add_nodes(const struct tree *tree, const struct tree_addition *addition,
                     size_t additions)
{
    for (size_t i = 0; i < additions; i++) {
        AUTO_FREE char *match = text_format("/tree/%s[last()+1]", addition[i].label);

        if (!match || aug_set(tree->aug, match, addition[i].value) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* The lines of the nodes that are new. */
static int render_additions(struct tree *tree, const struct tree_addition *addition,
                            size_t additions, struct buf *out, struct error *err)
{
    const char *text;
    int r = additions ? store_text(tree, "", 1, err) : 0;

    if (r < 0 || !additions)
        return r;
    if (add_nodes(tree, addition, additions) < 0)
        return error_memory(err);
    r = retrieve(tree, 1, &text, err);
    if (!r)
        buf_add_text(out, text);
    return r;
}

int tree_render(struct tree *tree, const struct tree_change *change,
                const struct tree_addition *addition, size_t additions, struct blob *out,
                struct error *err)
{
    char **line = calloc(tree->nodes + 1, sizeof(*line));
    AUTO_BUF b = BUF_INIT;
    struct limits limits;
    int r = line ? render_lines(tree, change, line, err) : error_memory(err);

    for (size_t i = 0; !r && i < tree->nodes; i++) {
        if (line[i])
            buf_add_text(&b, line[i]);
        else if (!change[i].remove)
            buf_add(&b, tree->text.data + tree->node[i].offset, tree->node[i].len);
    }
    for (size_t i = 0; line && i < tree->nodes; i++)
        free(line[i]);
    free(line);
    limits_set(&limits, MEMORY_MAX, SECONDS_MAX);
    if (!r)
        r = render_additions(tree, addition, additions, &b, err);
    limits_lift(&limits);
    if (r < 0)
        return r;
    if (b.failed || b.len < tree->padding)
        return error_memory(err);
    return blob_copy(out, buf_text(&b), b.len - tree->padding) < 0 ? error_memory(err)
                                                                   : 0;
}

/* The node whose value holds the splice, ends included; NULL if none does. */
static const struct node *holder(const struct tree *tree, const struct splice *splice)
{
    size_t low = 0, high = tree->nodes;
    const struct node *node;

    while (low + 1 < high) { /* the last node that does not begin behind the splice */
        size_t middle = low + (high - low) / 2;

        if (tree->node[middle].offset <= splice->begin)
            low = middle;
        else
            high = middle;
    }
    node = &tree->node[low];
    if (low == high || splice->begin < node->shown.at ||
        splice->end > node->shown.at + strlen(node->shown.value))
        return NULL;
    return node;
}

int tree_splice(const struct tree *tree, const struct splices *list,
                struct tree_change *change, struct error *err)
{
    /* from behind, so that the places before stay where they are */
    for (size_t i = list->count; i--;) {
        const struct splice *splice = &list->splice[i];
        const struct node *node = holder(tree, splice);
        struct tree_change *own;
        const char *value;
        char *spliced;

        if (!node)
            return error_set(err, EXIT_CLASS_INTERNAL, tree->path, 0,
                             "a change does not lie inside one line; please report this");
        own = &change[node - tree->node];
        value = own->value ? own->value : node->shown.value;
        spliced = text_format("%.*s%s%s", (int)(splice->begin - node->shown.at), value,
                              splice->text, value + (splice->end - node->shown.at));
        if (!spliced)
            return error_memory(err);
        free(own->value);
        own->value = spliced;
    }
    return 0;
}
