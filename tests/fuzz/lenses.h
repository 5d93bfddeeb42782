/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loading a lens, and compiling its expressions anew for each text, takes Augeas longer
 * than a hundred small texts do. These stand before the libraries' own functions of that
 * name, so that handles and compiled expressions live on from one input to the next.
 */
#ifndef FUZZ_LENSES_H
#define FUZZ_LENSES_H

#include <dlfcn.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

typedef struct augeas
    augeas; /* as <augeas.h> has it, which src/boot/tree.c alone includes */
augeas *aug_init(const char *root, const char *loadpath, unsigned int flags);
void aug_close(augeas *aug);
int aug_error(augeas *aug);
int aug_rm(augeas *aug, const char *path);

#define HANDLES 4 /* more than one run holds at a time */
#define PATTERNS 1024

static augeas *idle[HANDLES];

static struct pattern {
    char *text;
    reg_syntax_t syntax;
    struct re_pattern_buffer compiled;
} known[PATTERNS];

augeas *aug_init(const char *root, const char *loadpath, unsigned int flags)
{
    augeas *(*real)(const char *, const char *, unsigned int);

    for (size_t i = 0; i < HANDLES; i++)
        if (idle[i]) {
            augeas *aug = idle[i];

            idle[i] = NULL;
            return aug;
        }
    *(void **)&real = dlsym(RTLD_NEXT, "aug_init");
    return real(root, loadpath, flags);
}

void aug_close(augeas *aug)
{
    static const char *const texts[] = {"/in", "/out", "/tree", "/augeas/text"};
    void (*real)(augeas *);

    for (size_t i = 0; i < HANDLES; i++)
        if (!idle[i] && aug_error(aug) == 0) {
            for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++)
                aug_rm(aug, texts[k]);
            idle[i] = aug;
            return;
        }
    *(void **)&real = dlsym(RTLD_NEXT, "aug_close");
    real(aug);
}

/* Where this expression is kept, or may be; NULL: there is no more room. */
static struct pattern *pattern_slot(const char *text, size_t len)
{
    size_t hash = len;

    for (size_t i = 0; i < len; i++)
        hash = hash * 31 + (unsigned char)text[i];
    for (size_t i = 0; i < 16; i++) {
        struct pattern *p = &known[(hash + i) % PATTERNS];

        if (!p->text || (p->syntax == re_syntax_options && strlen(p->text) == len &&
                         memcmp(p->text, text, len) == 0))
            return p;
    }
    return NULL;
}

const char *re_compile_pattern(const char *text, size_t len,
                               struct re_pattern_buffer *out)
{
    const char *(*real)(const char *, size_t, struct re_pattern_buffer *);
    struct pattern *p = pattern_slot(text, len);
    const char *wrong = NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "re_compile_pattern");
    if (!p)
        return real(text, len, out);
    if (!p->text) {
        wrong = real(text, len, out);
        if (wrong)
            return wrong;
        p->text = strndup(text, len);
        p->syntax = re_syntax_options;
        p->compiled = *out;
    }
    *out = p->compiled;
    return NULL;
}

void regfree(regex_t *one)
{
    void (*real)(regex_t *);

    for (size_t i = 0; i < PATTERNS; i++)
        if (known[i].text && known[i].compiled.buffer == one->buffer)
            return;
    *(void **)&real = dlsym(RTLD_NEXT, "regfree");
    real(one);
}

#endif
