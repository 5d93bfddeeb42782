/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a shell's text. What is read lies in the text; every run of every
 * assignment can be edited and, read anew, says what was wanted, nothing else has
 * changed, and taking out what was put in gives the original bytes.
 */
#include "boot/kargs.h"
#include "boot/shell_words.h"

#include <errno.h>

#define MUST(condition) ((condition) ? (void)0 : abort())

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {"X", "LONG_1", NULL};

static int read_text(struct shell_file *file, const char *text, size_t len)
{
    struct error err = {.text = ""};
    int status = shell_read(file, "/file", text, len, names, &err);

    MUST(status == 0 || (err.exit == EXIT_CLASS_DATA && err.line && *err.text));
    return status;
}

static void check_run(const struct shell_run *run, size_t len)
{
    size_t at = run->at;

    MUST(run->at <= len && strchr("\"'", run->quote));
    for (size_t i = 0; run->text[i]; i++) {
        const struct shell_byte *byte = &run->byte[i];

        MUST(byte->at >= at && byte->len && byte->at + byte->len <= len);
        MUST(!byte->inner || (byte->expansion && byte->at == at));
        MUST(!byte->expansion || run->opaque);
        at = byte->at + byte->len;
    }
}

static void check_file(const struct shell_file *file, size_t len)
{
    for (size_t i = 0; i < file->assignments; i++) {
        const struct shell_assignment *a = &file->assignment[i];

        MUST(a->line && a->runs &&
             (streq(a->name, names[0]) || streq(a->name, names[1])));
        MUST(!a->indirect || (a->conditional && a->runs == 1));
        for (size_t j = 0; j < a->runs; j++)
            check_run(&a->run[j], len);
    }
}

/* Both say the same, but for run J of assignment I, which says TEXT. */
static void same_but(const struct shell_file *f, const struct shell_file *g, size_t i,
                     size_t j, const char *text)
{
    MUST(f->assignments == g->assignments);
    for (size_t k = 0; k < f->assignments; k++) {
        const struct shell_assignment *a = &f->assignment[k], *b = &g->assignment[k];

        MUST(streq(a->name, b->name) && a->line == b->line && a->runs == b->runs);
        MUST(a->append == b->append && a->conditional == b->conditional);
        MUST(a->prefix == b->prefix && a->indirect == b->indirect);
        for (size_t l = 0; l < a->runs; l++)
            MUST(streq(b->run[l].text, k == i && l == j ? text : a->run[l].text));
    }
}

/* The text with run J of assignment I saying NEW_TEXT; data NULL: that is refused. */
static struct buf edited(const struct shell_file *file, size_t i, size_t j,
                         const char *new_text, const char *text, size_t len)
{
    struct splices list = {.count = 0};
    struct buf after = BUF_INIT;
    int status = shell_rewrite(&file->assignment[i].run[j], new_text, &list);

    MUST(status == 0 || (status == -EINVAL && list.count == 0));
    if (status == 0)
        MUST(splices_apply(&list, text, len, &after) == 0);
    splices_clear(&list);
    if (status == 0)
        buf_add(&after, "", 0);
    return after;
}

static void try_insert(const struct shell_file *file, size_t i, size_t j,
                       const char *new_text, const char *text, size_t len)
{
    const char *old_text = file->assignment[i].run[j].text;
    struct buf after = edited(file, i, j, new_text, text, len), back;
    struct shell_file anew;

    if (!after.data)
        return;
    MUST(read_text(&anew, after.data, after.len) == 0);
    check_file(&anew, after.len);
    same_but(file, &anew, i, j, new_text);
    back = edited(&anew, i, j, old_text, after.data, after.len);
    MUST(back.data && back.len == len && memcmp(back.data, text, len) == 0);
    shell_clear(&anew);
    buf_clear(&back);
    buf_clear(&after);
}

/* Put an argument in everywhere in a run, and take each one out. */
static void try_run(const struct shell_file *file, size_t i, size_t j, const char *text,
                    size_t len)
{
    const struct shell_assignment *a = &file->assignment[i];
    struct kargs k;
    size_t count, step;

    MUST(kargs_parse(&k, a->run[j].text, KARGS_PLAIN, a->append || j) == 0);
    count = k.count;
    step = 1 + count / 8;
    for (size_t at = 0; at <= count; at += step) {
        char *new_text;

        MUST(kargs_insert(&k, at, "intel_iommu=on") == 0 && (new_text = kargs_text(&k)));
        try_insert(file, i, j, new_text, text, len);
        free(new_text);
        kargs_remove(&k, at);
    }
    kargs_clear(&k);
}

/* Do both say the same? Behind $NAME, a continued line counts as the name's spelling. */
static bool says(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (strncmp(a, "\\\n", 2) == 0)
            a += 2;
        while (strncmp(b, "\\\n", 2) == 0)
            b += 2;
        if (*a != *b || !*a)
            return *a == *b;
    }
}

/* Take an argument out: whoever reads the result finds it gone and all else as it was. */
static void try_remove(const struct shell_file *file, size_t i, size_t j, size_t at,
                       const char *text, size_t len)
{
    const struct shell_assignment *a = &file->assignment[i];
    struct shell_file anew;
    struct buf after;
    struct kargs k;
    char *new_text;

    MUST(kargs_parse(&k, a->run[j].text, KARGS_PLAIN, a->append || j) == 0);
    if (k.count) {
        kargs_remove(&k, at % k.count);
        MUST((new_text = kargs_text(&k)));
        after = edited(file, i, j, new_text, text, len);
        if (after.data) {
            MUST(read_text(&anew, after.data, after.len) == 0);
            MUST(anew.assignments == file->assignments);
            MUST(says(anew.assignment[i].run[j].text, new_text));
            shell_clear(&anew);
        }
        buf_clear(&after);
        free(new_text);
    }
    kargs_clear(&k);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct shell_file file;

    if (size > 4096 || read_text(&file, text, size) < 0)
        return 0;
    check_file(&file, size);
    for (size_t i = 0; i < file.assignments && i < 4; i++) {
        const struct shell_assignment *a = &file.assignment[i];

        for (size_t j = 0; !a->indirect && j < a->runs && j < 4; j++) {
            try_run(&file, i, j, text, size);
            for (size_t at = 0; at < 3; at++)
                try_remove(&file, i, j, at, text, size);
        }
    }
    shell_clear(&file);
    return 0;
}
