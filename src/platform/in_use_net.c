/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "base/root.h"
#include "platform/attribute.h"
#include "platform/in_use.h"

#define TABLE_MAX (64 << 20)

#define AUTO_NAMES CLEANUP(auto_names_free) char **

struct interface {
    char *name, *link, *index, *below; /* below: the index of what it stands on */
    bool up;                           /* or that it is not cannot be read */
    bool links_below; /* this kernel (3.15 on) has links between what stands on what */
    bool used;
};

struct network {
    const struct platform *platform;
    struct devices *devices;
    struct interface *interface;
    size_t count;
};

static void network_clear(struct network *n)
{
    for (size_t i = 0; i < n->count; i++) {
        free(n->interface[i].name);
        free(n->interface[i].link);
        free(n->interface[i].index);
        free(n->interface[i].below);
    }
    free(n->interface);
}

/* Where it is among the devices: of old kernels its class has a directory, no link. */
static int read_place(const struct platform *p, struct interface *i)
{
    char path[512];
    int r;

    snprintf(path, sizeof(path), "sys/class/net/%s", i->name);
    r = platform_link(p, path, &i->link);
    if (r == -EINVAL) {
        snprintf(path, sizeof(path), "sys/class/net/%s/device", i->name);
        r = platform_link(p, path, &i->link);
    }
    return r == -ENOMEM ? r : 0;
}

static int read_interface(struct network *n, const char *name)
{
    AUTO_FREE char *flags = NULL, *changes = NULL;
    unsigned long bits;
    struct interface *i;

    if (array_grow(&n->interface, n->count, sizeof(*n->interface)) < 0)
        return -ENOMEM;
    i = &n->interface[n->count++];
    *i = (struct interface){.name = strdup(name)};
    if (!i->name || read_place(n->platform, i) < 0 ||
        attribute_text(n->platform, &i->index, "sys/class/net/%s/ifindex", name) < 0 ||
        attribute_text(n->platform, &i->below, "sys/class/net/%s/iflink", name) < 0 ||
        attribute_text(n->platform, &flags, "sys/class/net/%s/flags", name) < 0 ||
        attribute_text(n->platform, &changes, "sys/class/net/%s/carrier_changes", name) <
            0)
        return -ENOMEM;
    i->up = !attribute_number(flags, ULONG_MAX, &bits) || (bits & 1);
    i->links_below = changes != NULL;
    return 0;
}

static int mark_as(struct network *n, const struct interface *i,
                   enum device_reason reason, const char *detail)
{
    int r = i->link ? in_use_mark(n->devices, i->link, reason, detail) : 0;

    return r < 0 ? r : 0;
}

static int mark(struct network *n, struct interface *i, const char *how, const char *what)
{
    AUTO_FREE char *detail = text_format("%s %s%s", i->name, how, what);

    i->used = true;
    return detail ? mark_as(n, i, REASON_NETWORK, detail) : -ENOMEM;
}

static int mark_named(struct network *n, const char *name, const char *how)
{
    for (size_t i = 0; i < n->count; i++)
        if (streq(n->interface[i].name, name))
            return mark(n, &n->interface[i], how, "");
    return 0;
}

/* "eth0 00000000 0102A8C0 0003 ...": name, destination, gateway, flags, ..., mask */
static int take_route(struct network *n, const char *line)
{
    char name[64];
    unsigned long to, mask;

    if (sscanf(line, "%63s %lx %*s %*s %*s %*s %*s %lx", name, &to, &mask) != 3)
        return 0; /* the heading, too */
    return mark_named(n, name,
                      to || mask ? "is up and has an address" : "has the default route");
}

/* Thirty-two digits each of destination, source and next hop, then the name, last. */
static int take_route6(struct network *n, const char *line)
{
    const char *name = strrchr(line, ' ');
    char to[40], bits[8];

    if (!name || sscanf(line, "%39s %7s", to, bits) != 2 || !streq(bits, "00") ||
        strspn(to, "0") != strlen(to) || streq(name + 1, "lo"))
        return 0;
    return mark_named(n, name + 1, "has the default route");
}

/* "fe80...  02 40 20 80 eth0": address, index, bits, scope, flags, name. Link-local ones,
 * scope 20, come by themselves. */
static int take_address6(struct network *n, const char *line)
{
    char name[64];
    unsigned scope;

    if (sscanf(line, "%*s %*s %*s %x %*s %63s", &scope, name) != 2 || scope == 0x20)
        return 0;
    return mark_named(n, name, "is up and has an address");
}

static int take_table(struct network *n, const char *path,
                      int (*take)(struct network *, const char *))
{
    AUTO_BLOB text = {NULL, 0};
    int r = platform_read(n->platform, path, TABLE_MAX, &text);
    char *rest, *line;

    if (r < 0)
        return r == -ENOMEM ? r : 0;
    rest = text.data;
    while ((line = strsep(&rest, "\n")) != NULL) {
        size_t end = strlen(line);

        while (end && line[end - 1] == ' ')
            line[--end] = '\0';
        if (take(n, line) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Bonds, bridges, teams and VLANs over it: whatever they do, it is part of it. */
static int take_uppers(struct network *n, struct interface *i)
{
    AUTO_FREE char *master = NULL;
    AUTO_FREE char *bridge = NULL;
    AUTO_NAMES names = NULL;
    int r = attribute_link(n->platform, &master, "sys/class/net/%s/master", i->name);

    if (!r)
        r = attribute_link(n->platform, &bridge, "sys/class/net/%s/brport/bridge",
                           i->name);
    if (!r && (master || bridge))
        r = mark(n, i, "is part of ", master ? master : bridge);
    if (!r)
        r = attribute_names(n->platform, &names, NULL, "sys/class/net/%s", i->name);
    for (size_t k = 0; !r && names[k]; k++)
        if (starts_with(names[k], "upper_") && !(master && streq(names[k] + 6, master)))
            r = mark(n, i, "is under ", names[k] + 6);
    for (size_t k = 0; !r && k < n->count; k++) {
        const struct interface *other = &n->interface[k];

        /* with links this is a cable's end, which counts by another name space */
        if (other != i && i->index && other->below && streq(other->below, i->index) &&
            !other->links_below && !(other->index && streq(other->index, other->below)))
            r = mark(n, i, "is under ", other->name);
    }
    return r;
}

static bool leads_through(const char *path, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = path; (at = strstr(at, name)) != NULL; at += n)
        if ((at == path || at[-1] == '/') && (at[n] == '/' || !at[n]))
            return true;
    return false;
}

/* On a network driver, and no interface here: another name space may have it. */
static int doubt_unseen(struct network *n)
{
    int r = 0;

    for (size_t i = 0; !r && i < n->devices->functions; i++) {
        struct pci_function *f = &n->devices->function[i];
        bool seen = false;

        if (!f->has_class || f->class >> 16 != 0x02 || !f->driver ||
            driver_is_for_guests(f->driver))
            continue;
        for (size_t k = 0; !seen && k < n->count; k++)
            seen = n->interface[k].link && leads_through(n->interface[k].link, f->name);
        if (!seen)
            r = function_found(f, REASON_NETWORK_UNSEEN, NULL);
    }
    return r;
}

int in_use_network(const struct platform *p, struct devices *d)
{
    struct network n = {.platform = p, .devices = d};
    AUTO_NAMES names = NULL;
    int r = attribute_names(p, &names, NULL, "sys/class/net");

    for (size_t i = 0; !r && names[i]; i++)
        r = read_interface(&n, names[i]);
    if (!r)
        r = take_table(&n, "proc/net/route", take_route);
    if (!r)
        r = take_table(&n, "proc/net/ipv6_route", take_route6);
    if (!r)
        r = take_table(&n, "proc/net/if_inet6", take_address6);
    for (size_t i = 0; !r && i < n.count; i++)
        r = take_uppers(&n, &n.interface[i]);
    /* who sniffs, speaks without IP, or has an address of one host shows no more */
    for (size_t i = 0; !r && i < n.count; i++)
        if (n.interface[i].up && !n.interface[i].used)
            r = mark_as(&n, &n.interface[i], REASON_NETWORK_UP, n.interface[i].name);
    if (!r)
        r = doubt_unseen(&n);
    network_clear(&n);
    return r;
}
