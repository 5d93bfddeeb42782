/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/report_devices.h"

#include <unistd.h>

#include "cli/text.h"

void libvirt_name(const struct pci_function *f, char name[32])
{
    snprintf(name, 32, "pci_%s", f->name);
    for (char *p = name; *p; p++)
        if (*p == ':' || *p == '.')
            *p = '_';
}

const char *word_device_verdict(enum device_verdict verdict)
{
    static const char *const words[] = {
        [DEVICE_READY] = "ready",     [DEVICE_DETACH] = "detach",
        [DEVICE_UNKNOWN] = "unknown", [DEVICE_BLOCKED] = "blocked",
        [DEVICE_NEVER] = "never",
    };

    return words[verdict];
}

/* The tree's pieces, as the terminal can show them. */
struct strokes {
    const char *branch, *last, *down, *blank;
};

static struct strokes strokes(void)
{
    static const struct strokes lines = {"├─ ", "└─ ", "│  ", "   "},
                                ascii = {"|- ", "`- ", "|  ", "   "};

    return text_terminal_is_utf8() ? lines : ascii;
}

static void print_verdict(enum device_verdict verdict)
{
    static const char *const colours[] = {
        [DEVICE_READY] = "\033[32m",   [DEVICE_DETACH] = "\033[32m",
        [DEVICE_UNKNOWN] = "\033[33m", [DEVICE_BLOCKED] = "\033[33m",
        [DEVICE_NEVER] = "\033[31m",
    };
    const char *terminal = getenv("TERM");
    bool colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && terminal &&
                  !streq(terminal, "dumb");

    printf("%s%s%s", colour ? colours[verdict] : "", word_device_verdict(verdict),
           colour ? "\033[0m" : "");
}

static void print_piece(const char *before, const char *text, const char *after)
{
    if (!text)
        return;
    fputs(before, stdout);
    text_print(stdout, text);
    fputs(after, stdout);
}

static void print_identity(const struct pci_function *f)
{
    printf("%s  ", f->name);
    if (f->class_name)
        text_print(stdout, f->class_name);
    else if (f->has_class)
        printf("class %04x", (unsigned)(f->class >> 8));
    else
        printf("class unknown");
    print_piece(": ", f->vendor_name, "");
    print_piece(" ", f->device_name, "");
    if (f->has_ids)
        printf(" [%04x:%04x]", (unsigned)f->vendor, (unsigned)f->device);
    putchar('\n');
}

static void print_details(const struct pci_function *f, const char *next)
{
    char name[32];

    libvirt_name(f, name);
    printf("%sdriver ", next);
    text_print(stdout, f->driver ? f->driver : "none");
    print_piece(" (override ", f->override, ")");
    printf(", libvirt %s", name);
    if (f->functions_total)
        printf(", virtual functions %u of %u", f->functions_on, f->functions_total);
    print_piece(", virtual function of ", f->physical, "");
    if (f->reset && !streq(f->reset, "?"))
        print_piece(", reset ", f->reset, "");
    putchar('\n');
}

void print_function(const struct pci_function *f, const char *first, const char *next)
{
    fputs(first, stdout);
    print_identity(f);
    print_details(f, next);
    fputs(next, stdout);
    print_verdict(f->verdict);
    for (size_t i = 0; i < f->findings; i++) {
        const struct device_reason_row *row = &device_reasons[f->finding[i].reason];

        if (f->verdict == DEVICE_NEVER && row->verdict != DEVICE_NEVER)
            break; /* they come first, and the rest does not matter then */
        if (i == 0)
            printf(": %s", row->words);
        else if (f->finding[i].reason == f->finding[i - 1].reason)
            printf(",");
        else
            printf("\n%s       %s", next, row->words);
        if (!f->finding[i].detail[0])
            continue;
        fputs(i && f->finding[i].reason == f->finding[i - 1].reason ? " " : ": ", stdout);
        text_print(stdout, f->finding[i].detail);
    }
    putchar('\n');
}

static void print_group(const struct devices *d, const struct iommu_group *group)
{
    struct strokes s = strokes();

    printf("IOMMU group %u", group->number);
    print_piece(" (", group->type, ")");
    if (group->without_iommu)
        printf(" (vfio without an IOMMU)");
    putchar('\n');
    for (size_t i = 0; i < group->members; i++) {
        bool last = i + 1 == group->members;

        print_function(&d->function[group->member[i]], last ? s.last : s.branch,
                       last ? s.blank : s.down);
    }
}

static void print_tree(const struct devices *d)
{
    struct strokes s = strokes();
    size_t alone = 0, count = 0;

    for (size_t i = 0; i < d->groups; i++)
        if (d->group[i].members)
            print_group(d, &d->group[i]);
    for (size_t i = 0; i < d->functions; i++)
        alone += d->function[i].group < 0;
    if (alone)
        puts("In no IOMMU group");
    for (size_t i = 0; i < d->functions; i++) {
        bool last;

        if (d->function[i].group >= 0)
            continue;
        last = ++count == alone;
        print_function(&d->function[i], last ? s.last : s.branch,
                       last ? s.blank : s.down);
    }
    if (!d->functions)
        puts("There is no PCI device to be seen.");
}

/* Between quotes; a backslash or a quote of a name must not end them. */
static void print_quoted(const char *text)
{
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            putchar('?');
        else {
            char piece[2] = {*text, '\0'};

            text_print(stdout, piece);
        }
}

static void print_node(const struct pci_function *f)
{
    static const char *const colours[] = {
        [DEVICE_READY] = "palegreen",  [DEVICE_DETACH] = "palegreen",
        [DEVICE_UNKNOWN] = "khaki",    [DEVICE_BLOCKED] = "khaki",
        [DEVICE_NEVER] = "lightcoral",
    };

    printf("    \"%s\" [fillcolor=%s, label=\"%s\\n", f->name, colours[f->verdict],
           f->name);
    print_quoted(f->device_name ? f->device_name : f->class_name ? f->class_name : "");
    printf("\\n%s", word_device_verdict(f->verdict));
    if (f->driver) {
        printf(", ");
        print_quoted(f->driver);
    }
    printf("\"];\n");
}

static void print_dot(const struct devices *d)
{
    printf("graph iommu {\n  node [shape=box, style=filled];\n");
    for (size_t g = 0; g < d->groups; g++) {
        if (!d->group[g].members)
            continue;
        printf("  subgraph cluster_%u {\n    label=\"IOMMU group %u\";\n",
               d->group[g].number, d->group[g].number);
        for (size_t i = 0; i < d->group[g].members; i++)
            print_node(&d->function[d->group[g].member[i]]);
        printf("  }\n");
    }
    for (size_t i = 0; i < d->functions; i++)
        if (d->function[i].group < 0)
            print_node(&d->function[i]);
    for (size_t i = 0; i < d->functions; i++)
        if (d->function[i].physical && devices_find(d, d->function[i].physical))
            printf("  \"%s\" -- \"%s\" [label=\"virtual function\"];\n",
                   d->function[i].physical, d->function[i].name);
    puts("}");
}

void print_hostdev(const struct pci_function *f)
{
    printf("<hostdev mode='subsystem' type='pci' managed='yes'>\n"
           "  <source>\n"
           "    <address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n"
           "  </source>\n"
           "</hostdev>\n",
           (unsigned)f->address.domain, f->address.bus, f->address.slot,
           f->address.function);
}

void print_devices(const struct told *told)
{
    const struct report *report = told->report;

    if (told->options->request.dot)
        print_dot(&report->devices);
    else if (told->options->request.xml)
        print_hostdev(report->device);
    else if (report->device)
        print_device(told);
    else
        print_tree(&report->devices);
}
