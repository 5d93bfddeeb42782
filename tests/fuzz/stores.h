/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts as the files of a host: scanned, planned, rendered, as the program does it. What
 * must hold: the independent check agrees with what is rendered; the new texts, scanned
 * anew, need no more change; and where no IOMMU argument stood, taking the flag out again
 * gives the original bytes. The root has empty directories: the texts lie over it.
 */
#ifndef FUZZ_STORES_H
#define FUZZ_STORES_H

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "boot/audit.h"
#include "lenses.h"
#include "plan.h"

#define MUST(condition) ((condition) ? (void)0 : abort())
#define FILES 3

struct texts {
    const char *path[FILES];
    struct blob text[FILES]; /* absent: no such file */
};

static const char *const directories[] = {"", "/boot", "/boot/grub", "/etc",
                                          "/etc/default"};
static char top[] = "/tmp/iommuctl-fuzz.XXXXXX"; /* a fuzzer has no better place for it */

static void root_remove(void)
{
    for (size_t i = ARRAY_LEN(directories); i--;) {
        AUTO_FREE char *path = text_format("%s%s", top, directories[i]);

        rmdir(path);
    }
}

static struct root *fuzz_root(void)
{
    static struct root *root;
    struct error err;

    if (root)
        return root;
    MUST(mkdtemp(top) && atexit(root_remove) == 0);
    for (size_t i = 1; i < ARRAY_LEN(directories); i++) {
        AUTO_FREE char *path = text_format("%s%s", top, directories[i]);

        MUST(mkdir(path, 0700) == 0);
    }
    MUST(root_open(&root, top, &err) == 0);
    return root;
}

static int texts_read(const void *context, const char *path, struct blob *out,
                      struct error *err)
{
    const struct texts *t = context;

    (void)err;
    for (size_t i = 0; i < FILES; i++)
        if (t->path[i] && streq(t->path[i], path) && !blob_absent(&t->text[i])) {
            MUST(blob_copy(out, t->text[i].data, t->text[i].len) == 0);
            return 0;
        }
    return -ENOENT;
}

static bool texts_same(const struct texts *a, const struct texts *b)
{
    for (size_t i = 0; i < FILES; i++)
        if (!blob_same(&a->text[i], &b->text[i]))
            return false;
    return true;
}

static void texts_clear(struct texts *t)
{
    for (size_t i = 0; i < FILES; i++)
        blob_clear(&t->text[i]);
}

/* Is every word with an IOMMU argument one that the check takes for nothing else? A CR
   within a line, which a loader leaves out, may stand in the middle of one. */
static bool is_clean(const struct blob *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.,=";
    const char *at = text->data, *end = text->data + text->len;

    for (const char *p = at; p + 1 < end; p++)
        if (*p == '\r' && !strchr("\r\n", p[1]))
            return false;
    while ((at = memmem(at, (size_t)(end - at), "iommu", 5))) {
        const char *begin = at;

        while (begin > text->data && !strchr(" \t\n", begin[-1]))
            if (!strchr(letters, *--begin) || !*begin)
                return false;
        for (at += 5; at < end && !strchr(" \t\n", *at); at++)
            if (!strchr(letters, *at) || !*at)
                return false;
    }
    return true;
}

/* T with the changes carried out; false where the check refuses them, as it may do with
   words that are no clean arguments. */
static bool texts_after(const struct texts *t, const struct changeset *set,
                        struct texts *after)
{
    struct error err;
    bool good = true;

    *after = *t;
    for (size_t i = 0; i < FILES; i++) {
        const struct blob *text = &t->text[i];

        for (size_t k = 0; k < set->count; k++)
            if (t->path[i] && streq(set->change[k].path, t->path[i]))
                text = &set->change[k].after;
        after->text[i] = (struct blob){NULL, 0};
        if (!blob_absent(text))
            MUST(blob_copy(&after->text[i], text->data, text->len) == 0);
        if (text != &t->text[i] && audit_texts(t->path[i], &t->text[i], text, &err) < 0) {
            MUST(!is_clean(&t->text[i]));
            good = false;
        }
    }
    if (!good)
        texts_clear(after);
    return good;
}

/* False where it is refused: then with a reason, and a line of it. */
static bool texts_apply(const struct texts *t, const struct want *want,
                        struct texts *after)
{
    const struct overlay overlay = {texts_read, t};
    struct changeset set = {.count = 0};
    struct error err = {.exit = EXIT_CLASS_DONE};
    struct host host = {.stores = 0};
    struct plan plan = {.changes = false};
    int r = host_scan(fuzz_root(), &overlay, &host, &err);
    bool good;

    if (!r && !host.stores)
        r = error_set(&err, EXIT_CLASS_NO_LOADER, NULL, 0, "none");
    if (!r)
        r = plan_make(&host, want, &plan, &err);
    if (!r)
        r = plan_render(&plan, &set, &err);
    good = !r && texts_after(t, &set, after);
    MUST(!r || (err.exit != EXIT_CLASS_DONE && err.exit != EXIT_CLASS_INTERNAL &&
                *err.text && !strchr(err.text, '\n')));
    changeset_clear(&set);
    plan_clear(&plan);
    host_clear(&host);
    return good;
}

/* GRUB legacy passes over carriage returns, within a word too. */
static bool texts_have_ours(const struct texts *t)
{
    static const char ours[] = "iommu";
    size_t matched = 0;

    for (size_t i = 0; i < FILES; i++)
        for (size_t k = 0; k < t->text[i].len && matched < strlen(ours); k++) {
            char c = t->text[i].data[k];

            if (c != '\r')
                matched = c == ours[matched] ? matched + 1 : c == ours[0];
        }
    return matched == strlen(ours);
}

static void texts_try(const struct texts *t, unsigned asked)
{
    const struct want enable = {
        .goal = GOAL_ENABLE,
        .vendors = asked & 1 ? VENDOR_AMD : VENDOR_INTEL,
        .iommu_pt = asked & 2,
    };
    const struct want disable = {
        .goal = asked & 4 ? GOAL_FORCE_OFF : GOAL_DISABLE,
        .vendors = enable.vendors,
        .iommu_pt = enable.iommu_pt,
    };
    struct texts once, twice, back;

    if (texts_apply(t, &disable, &once)) {
        MUST(texts_apply(&once, &disable, &twice) && texts_same(&once, &twice));
        texts_clear(&once);
        texts_clear(&twice);
    }
    if (!texts_apply(t, &enable, &once))
        return;
    MUST(texts_apply(&once, &enable, &twice) && texts_same(&once, &twice));
    if (!(asked & 4) && !texts_have_ours(t)) {
        MUST(texts_apply(&once, &disable, &back) && texts_same(&back, t));
        texts_clear(&back);
    }
    texts_clear(&once);
    texts_clear(&twice);
}

#endif
