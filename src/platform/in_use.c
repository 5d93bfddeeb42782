/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/in_use.h"

#include <stdio.h>

int in_use_mark(struct devices *d, const char *path, enum device_reason reason,
                const char *detail)
{
    char name[32];
    int r = 0, found = 0;

    while (!r && *path) {
        size_t n = strcspn(path, "/");
        struct pci_function *f;

        snprintf(name, sizeof(name), "%.*s", (int)(n < sizeof(name) ? n : 0), path);
        f = n < sizeof(name) ? devices_find(d, name) : NULL;
        if (f)
            r = function_found(f, reason, detail);
        found |= f != NULL;
        path += n;
        path += strspn(path, "/");
    }
    return r ? r : found;
}

/* Without the card itself, its virtual functions are gone, too. */
static int pass_to_physical(struct devices *d)
{
    int r = 0;

    for (size_t i = 0; !r && i < d->functions; i++) {
        const struct pci_function *f = &d->function[i];
        struct pci_function *card = f->physical ? devices_find(d, f->physical) : NULL;

        for (size_t n = 0; card && card != f && !r && n < f->findings; n++)
            if (device_reasons[f->finding[n].reason].verdict == DEVICE_NEVER)
                r = function_found(card, f->finding[n].reason, f->finding[n].detail);
    }
    return r;
}

int in_use_read(const struct platform *p, struct devices *d)
{
    int r = in_use_disks(p, d);

    if (!r)
        r = in_use_network(p, d);
    if (!r)
        r = in_use_seat(p, d);
    return r ? r : pass_to_physical(d);
}
