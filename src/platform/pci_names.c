/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/pci_names.h"

#include <errno.h>

#define NAMES_MAX (32 << 20)

/* Where in the file we are: below a maker, below a class, or in what is of no use. */
enum section { OTHER, MAKER, CLASS };

/* "8086  Intel Corporation": DIGITS digits, two blanks, the name. */
static const char *split(const char *line, size_t digits, unsigned long *id)
{
    if (strspn(line, "0123456789abcdefABCDEF") != digits || line[digits] != ' ')
        return NULL;
    *id = strtoul(line, NULL, 16);
    line += digits;
    return line + strspn(line, " ");
}

static int set(char **name, const char *text)
{
    free(*name);
    *name = strdup(text);
    return *name ? 0 : -ENOMEM;
}

struct place {
    enum section section;
    unsigned long id;
    size_t *fits; /* the functions that the section is about */
    size_t count;
};

static int begin_section(struct place *at, const char *line, struct devices *d)
{
    bool class = starts_with(line, "C ");
    const char *name = split(class ? line + 2 : line, class ? 2 : 4, &at->id);
    int r = 0;

    at->section = !name ? OTHER : class ? CLASS : MAKER;
    at->count = 0;
    for (size_t i = 0; name && !r && i < d->functions; i++) {
        struct pci_function *f = &d->function[i];

        if (class ? !f->has_class || f->class >> 16 != at->id
                  : !f->has_ids || f->vendor != at->id)
            continue;
        at->fits[at->count++] = i;
        r = set(class ? &f->class_name : &f->vendor_name, name);
    }
    return r;
}

static int take_line(struct place *at, const char *line, struct devices *d)
{
    const char *name;
    unsigned long id;
    int r = 0;

    if (line[0] != '\t')
        return *line && *line != '#' ? begin_section(at, line, d) : 0;
    if (line[1] == '\t' || at->section == OTHER || !at->count)
        return 0;
    name = split(line + 1, at->section == CLASS ? 2 : 4, &id);
    for (size_t i = 0; name && !r && i < at->count; i++) {
        struct pci_function *f = &d->function[at->fits[i]];

        if (at->section == MAKER && f->device == id)
            r = set(&f->device_name, name);
        else if (at->section == CLASS && (f->class >> 8 & 0xff) == id)
            r = set(&f->class_name, name);
    }
    return r;
}

int pci_names_take(char *text, struct devices *d)
{
    AUTO_FREE size_t *fits = calloc(d->functions + 1, sizeof(*fits));
    struct place at = {.section = OTHER, .fits = fits};
    char *line;
    int r = fits ? 0 : -ENOMEM;

    while (!r && (line = strsep(&text, "\n")) != NULL) {
        line[strcspn(line, "\r")] = '\0';
        r = take_line(&at, line, d);
    }
    return r;
}

static int read_below(const struct platform *p, struct devices *d)
{
    static const char *const paths[] = {"usr/share/hwdata/pci.ids",
                                        "usr/share/misc/pci.ids"};

    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        AUTO_BLOB text = {NULL, 0};
        int r = platform_read(p, paths[i], NAMES_MAX, &text);

        if (r == 0)
            return pci_names_take(text.data, d);
        if (r == -ENOMEM)
            return r;
    }
    return -ENOENT;
}

int pci_names_read(const struct platform *p, struct devices *d)
{
    CLEANUP(auto_platform_free) struct platform *machine = NULL;
    struct error ignored;
    int r = read_below(p, d);

    if (r == -ENOENT && !platform_is_live(p) &&
        platform_open(&machine, "/", &ignored) == 0)
        r = read_below(machine, d);
    return r == -ENOMEM ? r : 0;
}
