/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/devices.h"

#include <errno.h>
#include <stdio.h>

#include "base/root.h"
#include "platform/attribute.h"
#include "platform/in_use.h"

#define PCI "sys/bus/pci/devices/%s"
#define GROUP "sys/kernel/iommu_groups/%u"
#define REGIONS_MAX (1 << 20)

#define AUTO_NAMES CLEANUP(auto_names_free) char **

static bool take_hex(const char **text, size_t least, size_t most, uint32_t *value)
{
    size_t n = strspn(*text, "0123456789abcdefABCDEF");

    if (n < least || n > most)
        return false;
    *value = (uint32_t)strtoul(*text, NULL, 16);
    *text += n;
    return true;
}

bool pci_address_parse(const char *text, struct pci_address *address)
{
    uint32_t domain = 0, bus, slot;
    bool has_domain = strchr(text, ':') != strrchr(text, ':');

    if (has_domain && (!take_hex(&text, 4, 8, &domain) || *text++ != ':'))
        return false;
    if (!take_hex(&text, 2, 2, &bus) || *text++ != ':' || !take_hex(&text, 2, 2, &slot) ||
        *text++ != '.' || slot > 31 || text[0] < '0' || text[0] > '7' || text[1])
        return false;
    *address = (struct pci_address){domain, (uint8_t)bus, (uint8_t)slot,
                                    (uint8_t)(text[0] - '0')};
    return true;
}

bool pci_is_bridge(const struct pci_function *f)
{
    return f->has_class && f->class >> 16 == 0x06;
}

static int compare_functions(const void *a, const void *b)
{
    const struct pci_function *x = a, *y = b;

    return strcmp(x->name, y->name);
}

struct pci_function *devices_find(const struct devices *d, const char *name)
{
    const struct pci_function key = {.name = (char *)name};

    if (!d->functions)
        return NULL;
    return bsearch(&key, d->function, d->functions, sizeof(key), compare_functions);
}

/* Behind the others, out of order for now. */
static int add_function(struct devices *d, const char *name)
{
    struct pci_function f = {.group = -1, .boot_display = -1};

    if (!pci_address_parse(name, &f.address) || strchr(name, ':') == strrchr(name, ':'))
        return 0; /* no PCI function, whatever it is */
    if (array_grow(&d->function, d->functions, sizeof(f)) < 0)
        return -ENOMEM;
    f.name = strdup(name);
    if (!f.name)
        return -ENOMEM;
    d->function[d->functions++] = f;
    return 0;
}

static void sort_functions(struct devices *d)
{
    if (d->functions)
        qsort(d->function, d->functions, sizeof(*d->function), compare_functions);
}

static int list_functions(const struct platform *p, struct devices *d)
{
    AUTO_NAMES names = NULL;
    int r = attribute_names(p, &names, NULL, "sys/bus/pci/devices");

    for (size_t i = 0; !r && names[i]; i++)
        r = add_function(d, names[i]);
    if (!r)
        sort_functions(d);
    return r;
}

static int read_number(const struct platform *p, const struct pci_function *f,
                       const char *attribute, unsigned long limit, unsigned long *number)
{
    AUTO_FREE char *text = NULL;
    int r = attribute_text(p, &text, PCI "/%s", f->name, attribute);

    if (r < 0)
        return r;
    return attribute_number(text, limit, number);
}

static int read_ids(const struct platform *p, struct pci_function *f)
{
    static const struct {
        const char *attribute;
        size_t offset;
        bool needed;
    } ids[] = {
        {"vendor", offsetof(struct pci_function, vendor), true},
        {"device", offsetof(struct pci_function, device), true},
        {"subsystem_vendor", offsetof(struct pci_function, subvendor), false},
        {"subsystem_device", offsetof(struct pci_function, subdevice), false},
    };

    f->has_ids = true;
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        unsigned long number = 0;
        int r = read_number(p, f, ids[i].attribute, 0x10000, &number);

        if (r < 0)
            return r;
        if (r)
            *(uint16_t *)((char *)f + ids[i].offset) = (uint16_t)number;
        else if (ids[i].needed)
            f->has_ids = false;
    }
    return 0;
}

static int read_virtual_functions(const struct platform *p, struct pci_function *f)
{
    unsigned long number;
    int r = read_number(p, f, "sriov_totalvfs", 0x10000, &number);

    if (r > 0) {
        f->functions_total = (unsigned)number;
        r = read_number(p, f, "sriov_numvfs", 0x10000, &number);
        if (r > 0)
            f->functions_on = (unsigned)number;
    }
    return r < 0 ? r : attribute_link(p, &f->physical, PCI "/physfn", f->name);
}

/* Since 5.15 the kernel names the methods; before there is just a file to write to. */
static int read_reset(const struct platform *p, struct pci_function *f)
{
    AUTO_BLOB ignored = {NULL, 0};
    char path[128];
    int r = attribute_text(p, &f->reset, PCI "/reset_method", f->name);

    if (r < 0 || (f->reset && *f->reset))
        return r;
    free(f->reset);
    f->reset = NULL;
    snprintf(path, sizeof(path), PCI "/reset", f->name);
    r = platform_read(p, path, 16, &ignored);
    if (r == -ENOENT || r == -ENOTDIR || r == -ENOMEM)
        return r == -ENOMEM ? r : 0;
    f->reset = strdup("?");
    return f->reset ? 0 : -ENOMEM;
}

static int read_display(const struct platform *p, struct pci_function *f)
{
    static const char *const attributes[] = {"boot_vga", "boot_display"};

    for (size_t i = 0; i < ARRAY_LEN(attributes); i++) {
        unsigned long number;
        int r = read_number(p, f, attributes[i], 2, &number);

        if (r < 0)
            return r;
        if (r && f->boot_display < (int)number)
            f->boot_display = (int)number;
    }
    return 0;
}

static int read_function(const struct platform *p, struct pci_function *f)
{
    unsigned long number;
    int r = read_number(p, f, "class", 0x1000000, &number);

    if (r < 0)
        return r;
    f->has_class = r > 0;
    f->class = r ? (uint32_t)number : 0;
    if (read_ids(p, f) < 0 || read_display(p, f) < 0 ||
        attribute_link(p, &f->driver, PCI "/driver", f->name) < 0 ||
        attribute_text(p, &f->override, PCI "/driver_override", f->name) < 0 ||
        read_virtual_functions(p, f) < 0 || read_reset(p, f) < 0)
        return -ENOMEM;
    if (f->override && (!*f->override || streq(f->override, "(null)"))) {
        free(f->override);
        f->override = NULL;
    }
    return 0;
}

/* The first line "START END direct": memory that firmware wants to reach through the
 * device for ever, so that the kernel gives it to no guest. "direct-relaxable" it does.
 */
static int read_regions(const struct platform *p, struct iommu_group *group)
{
    AUTO_BLOB text = {NULL, 0};
    char path[128], *rest, *line;
    int r;

    snprintf(path, sizeof(path), GROUP "/reserved_regions", group->number);
    r = platform_read(p, path, REGIONS_MAX, &text);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    rest = text.data;
    while ((line = strsep(&rest, "\n")) != NULL) {
        unsigned long long start, end;
        char kind[32];

        if (sscanf(line, "%llx %llx %31s", &start, &end, kind) != 3 ||
            !streq(kind, "direct"))
            continue;
        group->direct = text_format("0x%llx-0x%llx", start, end);
        return group->direct ? 0 : -ENOMEM;
    }
    return 0;
}

static int compare_groups(const void *a, const void *b)
{
    const struct iommu_group *x = a, *y = b;

    return (x->number > y->number) - (x->number < y->number);
}

static int list_groups(const struct platform *p, struct devices *d)
{
    AUTO_NAMES names = NULL;
    int r = attribute_names(p, &names, &d->groups_shown, "sys/kernel/iommu_groups");

    for (size_t i = 0; !r && names[i]; i++) {
        struct iommu_group group = {0};
        unsigned long number;

        if (strspn(names[i], "0123456789") != strlen(names[i]) ||
            !attribute_number(names[i], UINT32_MAX, &number))
            continue;
        r = array_grow(&d->group, d->groups, sizeof(group));
        group.number = (unsigned)number;
        if (!r)
            d->group[d->groups++] = group;
    }
    if (!r && d->groups)
        qsort(d->group, d->groups, sizeof(*d->group), compare_groups);
    return r;
}

static int add_member(struct iommu_group *group, size_t index)
{
    if (array_grow(&group->member, group->members, sizeof(*group->member)) < 0)
        return -ENOMEM;
    group->member[group->members++] = index;
    return 0;
}

/* What groups hold is told by their directories; a function of which sys/bus/pci tells
 * nothing is known by them alone. */
static int gather_members(const struct platform *p, struct devices *d)
{
    struct devices listed = *d; /* what is in order so far */
    int r = 0;

    for (size_t g = 0; !r && g < d->groups; g++) {
        AUTO_NAMES names = NULL;

        r = attribute_names(p, &names, NULL, GROUP "/devices", d->group[g].number);
        for (size_t i = 0; !r && names[i]; i++) {
            listed.function = d->function;
            if (!devices_find(&listed, names[i]))
                r = add_function(d, names[i]);
        }
    }
    if (d->functions > listed.functions)
        sort_functions(d);
    for (size_t g = 0; !r && g < d->groups; g++) {
        AUTO_NAMES names = NULL;

        r = attribute_names(p, &names, NULL, GROUP "/devices", d->group[g].number);
        for (size_t i = 0; !r && names[i]; i++) {
            struct pci_function *f = devices_find(d, names[i]);

            if (!f || f->group >= 0)
                continue; /* in two groups at once nothing is */
            f->group = (long)g;
            r = add_member(&d->group[g], (size_t)(f - d->function));
        }
    }
    return r;
}

static int read_groups(const struct platform *p, struct devices *d)
{
    int r = list_groups(p, d);

    for (size_t g = 0; !r && g < d->groups; g++) {
        struct iommu_group *group = &d->group[g];
        AUTO_FREE char *name = NULL;

        r = attribute_text(p, &name, GROUP "/name", group->number);
        group->without_iommu = name && streq(name, "vfio-noiommu");
        if (!r)
            r = attribute_text(p, &group->type, GROUP "/type", group->number);
        if (!r)
            r = read_regions(p, group);
    }
    return r ? r : gather_members(p, d);
}

static int read_all(const struct platform *p, struct devices *d)
{
    AUTO_FREE char *unsafe = NULL;
    int r = list_functions(p, d);

    if (!r)
        r = read_groups(p, d);
    for (size_t i = 0; !r && i < d->functions; i++)
        r = read_function(p, &d->function[i]);
    if (!r)
        r = attribute_text(
            p, &unsafe, "sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts");
    d->unsafe_interrupts = unsafe && (*unsafe == 'Y' || *unsafe == '1');
    if (!r)
        r = in_use_read(p, d);
    return r ? r : devices_judge(d);
}

int devices_read(const struct platform *p, const struct live *live, struct devices *d,
                 struct error *err)
{
    *d = (struct devices){.live = live->state,
                          .interrupts_remapped = live->interrupts_remapped};
    if (read_all(p, d) == 0)
        return 0;
    devices_clear(d);
    return error_memory(err);
}

static void function_clear(struct pci_function *f)
{
    free(f->name);
    free(f->driver);
    free(f->override);
    free(f->physical);
    free(f->reset);
    free(f->class_name);
    free(f->vendor_name);
    free(f->device_name);
    for (size_t i = 0; i < f->findings; i++)
        free(f->finding[i].detail);
    free(f->finding);
}

void devices_clear(struct devices *d)
{
    for (size_t i = 0; i < d->functions; i++)
        function_clear(&d->function[i]);
    for (size_t i = 0; i < d->groups; i++) {
        free(d->group[i].type);
        free(d->group[i].direct);
        free(d->group[i].member);
    }
    free(d->function);
    free(d->group);
    *d = (struct devices){0};
}
