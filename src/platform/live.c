/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/live.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/root.h"

#define TEXT_MAX (64 * 1024)
#define INTERRUPTS_MAX (64 * 1024 * 1024) /* a column a processor */

/* What was looked at, besides what struct live keeps. */
struct seen {
    bool class;  /* sys/class/iommu could be listed */
    bool groups; /* sys/kernel/iommu_groups and the groups in it could be */
    bool intel_sysdev, amd_sysdev;
    bool dom0;
};

static int read_text(const struct platform *p, const char *path, char **text)
{
    AUTO_BLOB blob = {NULL, 0};
    int r = platform_read(p, path, TEXT_MAX, &blob);

    if (r < 0)
        return r;
    if (blob.len && blob.data[blob.len - 1] == '\n')
        blob.data[blob.len - 1] = '\0';
    *text = blob.data;
    blob.data = NULL;
    return 0;
}

static bool is_numbered(const char *name, const char *prefix)
{
    size_t n = strlen(prefix);

    return starts_with(name, prefix) && name[n] &&
           name[n + strspn(name + n, "0123456789")] == '\0';
}

static int count_units(const struct platform *p, struct live *live, struct seen *seen)
{
    CLEANUP(auto_names_free) char **names = NULL;
    int r = platform_list(p, "sys/class/iommu", &names);

    seen->class = r == 0;
    for (size_t i = 0; r == 0 && names[i]; i++) {
        enum vendor vendor = is_numbered(names[i], "dmar")   ? VENDOR_INTEL
                             : is_numbered(names[i], "ivhd") ? VENDOR_AMD
                                                             : VENDOR_NONE;

        live->units += vendor != VENDOR_NONE;
        live->vendor |= vendor;
    }
    return r == -ENOMEM ? r : 0;
}

/* SSSS:BB:DD.F, the segment of four hexadecimal digits or more */
static bool is_pci_address(const char *name)
{
    const char *hex = "0123456789abcdefABCDEF";
    size_t n = strspn(name, hex);

    return n >= 4 && name[n] == ':' && strspn(name + n + 1, hex) == 2 &&
           name[n + 3] == ':' && strspn(name + n + 4, hex) == 2 && name[n + 6] == '.' &&
           name[n + 7] >= '0' && name[n + 7] <= '7' && name[n + 8] == '\0';
}

/* 1: a group with a PCI device behind an IOMMU; 0: not; or a negative errno. */
static int group_counts(const struct platform *p, const char *group)
{
    CLEANUP(auto_names_free) char **names = NULL;
    AUTO_FREE char *name = NULL;
    char path[128];
    int r;

    snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%s/name", group);
    r = read_text(p, path, &name);
    if (r == -ENOMEM || (r == 0 && streq(name, "vfio-noiommu")))
        return r;
    snprintf(path, sizeof(path), "sys/kernel/iommu_groups/%s/devices", group);
    r = platform_list(p, path, &names);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    for (size_t i = 0; names[i]; i++)
        if (is_pci_address(names[i]))
            return 1;
    return 0;
}

static int count_groups(const struct platform *p, struct live *live, struct seen *seen)
{
    CLEANUP(auto_names_free) char **names = NULL;
    int r = platform_list(p, "sys/kernel/iommu_groups", &names);

    seen->groups = r == 0;
    for (size_t i = 0; r == 0 && names[i]; i++) {
        int counts = is_numbered(names[i], "") ? group_counts(p, names[i]) : 0;

        if (counts == -ENOMEM)
            return counts;
        if (counts < 0)
            seen->groups = false;
        live->groups += counts > 0;
    }
    return r == -ENOMEM ? r : 0;
}

static int look_at_interrupts(const struct platform *p, struct live *live)
{
    AUTO_BLOB text = {NULL, 0};
    int r = platform_read(p, "proc/interrupts", INTERRUPTS_MAX, &text);

    if (r == 0)
        live->interrupts_remapped =
            strstr(text.data, " IR-IO-APIC") || strstr(text.data, " IR-PCI-MSI");
    return r == -ENOMEM ? r : 0;
}

static int has_directory(const struct platform *p, const char *path, bool *there)
{
    CLEANUP(auto_names_free) char **names = NULL;
    int r = platform_list(p, path, &names);

    *there = r == 0;
    return r == -ENOMEM ? r : 0;
}

int live_is_dom0(const struct platform *p)
{
    AUTO_BLOB text = {NULL, 0};
    int r = platform_read(p, "proc/xen/capabilities", TEXT_MAX, &text);

    if (r < 0)
        return r == -ENOMEM ? r : 0;
    return strstr(text.data, "control_d") != NULL;
}

/* Is the kernel RELEASE of version MAJOR.MINOR or later? */
static bool release_from(const char *release, unsigned major, unsigned minor)
{
    unsigned a, b;

    return release && sscanf(release, "%5u.%5u", &a, &b) == 2 &&
           (a > major || (a == major && b >= minor));
}

static void say(struct live *live, enum live_state state, const char *evidence)
{
    live->state = state;
    snprintf(live->evidence, sizeof(live->evidence), "%s", evidence);
}

void live_doubt_dom0(struct live *live)
{
    if (live->state == LIVE_OFF)
        say(live, LIVE_UNKNOWN,
            "this is Xen's dom0: Xen drives the IOMMU and does not show it");
}

/* No proof that it is on: would this kernel show it if it were? */
static void judge_nothing(struct live *live, const struct seen *seen)
{
    if (seen->groups && (seen->class || release_from(live->release, 3, 17)))
        say(live, LIVE_OFF,
            "no IOMMU in /sys/class/iommu and no group with a PCI device in "
            "/sys/kernel/iommu_groups");
    else if (seen->amd_sysdev)
        say(live, LIVE_UNKNOWN,
            "/sys/devices/system/amd_iommu is there, but it is made before the IOMMU "
            "is switched on");
    else if (live->release && !release_from(live->release, 3, 17))
        say(live, LIVE_UNKNOWN, "a kernel this old does not always show its IOMMU");
    else
        say(live, LIVE_UNKNOWN, "/sys/kernel/iommu_groups is not there to be read");
    if (seen->dom0)
        live_doubt_dom0(live);
}

static void judge(struct live *live, const struct seen *seen)
{
    char text[sizeof(live->evidence)];

    if (live->units) {
        snprintf(text, sizeof(text),
                 "%zu IOMMU unit%s in /sys/class/iommu, %zu group%s with PCI devices",
                 live->units, live->units == 1 ? "" : "s", live->groups,
                 live->groups == 1 ? "" : "s");
        say(live, LIVE_ON, text);
    } else if (live->groups) {
        snprintf(text, sizeof(text), "%zu IOMMU group%s with PCI devices", live->groups,
                 live->groups == 1 ? "" : "s");
        say(live, LIVE_ON, text);
    } else if (seen->intel_sysdev) {
        live->vendor = VENDOR_INTEL;
        say(live, LIVE_ON,
            "/sys/devices/system/iommu, which is made only once VT-d is on");
    } else {
        judge_nothing(live, seen);
    }
}

static int look(const struct platform *p, struct live *live, struct seen *seen)
{
    int dom0;

    if (read_text(p, "proc/cmdline", &live->cmdline) == -ENOMEM ||
        read_text(p, "proc/sys/kernel/osrelease", &live->release) == -ENOMEM ||
        count_units(p, live, seen) < 0 || count_groups(p, live, seen) < 0 ||
        look_at_interrupts(p, live) < 0 ||
        has_directory(p, "sys/devices/system/iommu", &seen->intel_sysdev) < 0 ||
        has_directory(p, "sys/devices/system/amd_iommu", &seen->amd_sysdev) < 0)
        return -ENOMEM;
    dom0 = live_is_dom0(p);
    seen->dom0 = dom0 > 0;
    return dom0 < 0 ? dom0 : 0;
}

int live_read(const struct platform *p, struct live *live, struct error *err)
{
    struct seen seen = {0};

    *live = (struct live){.state = LIVE_UNKNOWN};
    if (look(p, live, &seen) < 0) {
        live_clear(live);
        return error_memory(err);
    }
    judge(live, &seen);
    return 0;
}

void live_clear(struct live *live)
{
    free(live->cmdline);
    free(live->release);
    *live = (struct live){.state = LIVE_UNKNOWN};
}
