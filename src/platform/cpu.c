/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/cpu.h"

#include <errno.h>

#if defined(__i386__) || defined(__x86_64__)
#include <cpuid.h>
#define HAVE_CPUID 1
#else
#define HAVE_CPUID 0
#endif

/* Thousands of processors, with all their flags. */
#define CPUINFO_MAX (16 * 1024 * 1024)

static const struct {
    const char *id;
    enum vendor vendor;
} vendors[] = {
    {"GenuineIntel", VENDOR_INTEL},
    {"AuthenticAMD", VENDOR_AMD},
    {"HygonGenuine", VENDOR_AMD},
    /* Both of these makers built VT-d's table and registers into their chipsets. */
    {"CentaurHauls", VENDOR_INTEL},
    {"  Shanghai  ", VENDOR_INTEL},
};

enum vendor cpu_vendor(const char *id)
{
    for (size_t i = 0; i < ARRAY_LEN(vendors); i++)
        if (streq(id, vendors[i].id))
            return vendors[i].vendor;
    return VENDOR_NONE;
}

#if HAVE_CPUID
static bool ask_cpu(struct cpu *cpu)
{
    unsigned a, b, c, d;

    if (!__get_cpuid(0, &a, &b, &c, &d))
        return false;
    memcpy(cpu->id, &b, 4);
    memcpy(cpu->id + 4, &d, 4);
    memcpy(cpu->id + 8, &c, 4);
    if (__get_cpuid(1, &a, &b, &c, &d))
        cpu->guest = c >> 31;
    return true;
}
#else
static bool ask_cpu(struct cpu *cpu)
{
    (void)cpu;
    return false;
}
#endif

/*
 * The first processor's line "NAME<blanks>: VALUE" in TEXT. The value begins right behind
 * the one space after the colon and keeps its blanks; NULL if there is no such line.
 */
static const char *find_value(const char *text, const char *name, size_t *len)
{
    size_t n = strlen(name);

    for (const char *line = text; *line;) {
        const char *end = line + strcspn(line, "\n");

        if (strncmp(line, name, n) == 0) {
            const char *p = line + n + strspn(line + n, " \t");

            if (*p == ':') {
                p += 1 + (p[1] == ' ');
                *len = (size_t)(end - p);
                return p;
            }
        }
        line = end + (*end == '\n');
    }
    return NULL;
}

static bool has_word(const char *text, size_t len, const char *word)
{
    size_t n = strlen(word);

    for (size_t i = 0; i + n <= len; i++)
        if (memcmp(text + i, word, n) == 0 && (i == 0 || text[i - 1] == ' ') &&
            (i + n == len || text[i + n] == ' '))
            return true;
    return false;
}

static int read_cpuinfo(const struct platform *p, struct cpu *cpu)
{
    AUTO_BLOB text = {NULL, 0};
    const char *value;
    size_t len;
    int r;

    r = platform_read(p, "proc/cpuinfo", CPUINFO_MAX, &text);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    value = find_value(text.data, "vendor_id", &len);
    if (value && len < sizeof(cpu->id))
        memcpy(cpu->id, value, len);
    value = find_value(text.data, "flags", &len);
    cpu->guest = value && has_word(value, len, "hypervisor");
    return 0;
}

int cpu_read(const struct platform *p, struct cpu *cpu)
{
    int r = 0;

    *cpu = (struct cpu){.vendor = VENDOR_NONE};
    if (!platform_is_live(p) || !ask_cpu(cpu))
        r = read_cpuinfo(p, cpu);
    cpu->vendor = cpu_vendor(cpu->id);
    return r;
}
