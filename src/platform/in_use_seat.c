/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who sits before the machine: the console, pictures on screens, keyboards. */
#include <errno.h>
#include <stdio.h>

#include "base/root.h"
#include "platform/attribute.h"
#include "platform/in_use.h"

#define AUTO_NAMES CLEANUP(auto_names_free) char **

/* The console is on the first framebuffer, unless somebody moved it. */
static int take_console(const struct platform *p, struct devices *d)
{
    AUTO_FREE char *link = NULL;
    int r = platform_link(p, "sys/class/graphics/fb0", &link);

    if (r < 0)
        return r == -ENOMEM ? r : 0;
    r = in_use_mark(d, link, REASON_BOOT_DISPLAY, "the console is on its fb0");
    return r < 0 ? r : 0;
}

/* What the class KIND has by that name is found by its link. */
static int mark_class(const struct platform *p, struct devices *d, const char *kind,
                      const char *name, enum device_reason reason)
{
    AUTO_FREE char *path = text_format("sys/class/%s/%s", kind, name);
    AUTO_FREE char *link = NULL;
    int r = path ? platform_link(p, path, &link) : -ENOMEM;

    if (r < 0)
        return r == -ENOMEM ? r : 0;
    r = in_use_mark(d, link, reason, name);
    return r < 0 ? r : 0;
}

static int take_screens(const struct platform *p, struct devices *d)
{
    AUTO_NAMES names = NULL;
    int r = attribute_names(p, &names, NULL, "sys/class/drm");

    for (size_t i = 0; !r && names[i]; i++) {
        AUTO_FREE char *state = NULL;

        r = attribute_text(p, &state, "sys/class/drm/%s/enabled", names[i]);
        if (!r && state && streq(state, "enabled"))
            r = mark_class(p, d, "drm", names[i], REASON_DISPLAY_ON);
    }
    return r;
}

/* Keys are bits, the lowest ones in the last word: 1 to 31 are Escape to S, which all
 * keyboards have, and neither mice nor power buttons. */
static bool has_letters(const char *keys)
{
    const char *last = keys ? strrchr(keys, ' ') : NULL;
    unsigned long long letters = 0xfffffffeULL;

    last = last ? last + 1 : keys;
    return last && (strtoull(last, NULL, 16) & letters) == letters;
}

static int take_keyboards(const struct platform *p, struct devices *d)
{
    AUTO_NAMES names = NULL;
    int r = attribute_names(p, &names, NULL, "sys/class/input");

    for (size_t i = 0; !r && names[i]; i++) {
        AUTO_FREE char *keys = NULL;

        if (!starts_with(names[i], "input"))
            continue;
        r = attribute_text(p, &keys, "sys/class/input/%s/capabilities/key", names[i]);
        if (!r && has_letters(keys))
            r = mark_class(p, d, "input", names[i], REASON_KEYBOARD);
    }
    return r;
}

int in_use_seat(const struct platform *p, struct devices *d)
{
    int r = take_console(p, d);

    if (!r)
        r = take_screens(p, d);
    return r ? r : take_keyboards(p, d);
}
