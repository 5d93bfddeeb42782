/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/assign.h"

#include <errno.h>
#include <stdio.h>

#include "base/root.h"
#include "platform/attribute.h"

#define LIST_MAX (16 << 20)

/* As modules.dep and modules.builtin name it: ".../vfio-pci.ko.xz: ...". */
static bool lists_module(const char *text, const char *name)
{
    size_t n = strlen(name);

    for (const char *at = text; (at = strstr(at, name)) != NULL; at += n)
        if (at > text && at[-1] == '/' && starts_with(at + n, ".ko"))
            return true;
    return false;
}

static int find_module(const struct platform *p, const char *release, const char *name,
                       enum driver_presence *presence)
{
    static const char *const lists[] = {"modules.builtin", "modules.dep"};

    for (size_t i = 0; release && i < ARRAY_LEN(lists); i++) {
        AUTO_FREE char *path = text_format("lib/modules/%s/%s", release, lists[i]);
        AUTO_BLOB text = {NULL, 0};
        int r = path ? platform_read(p, path, LIST_MAX, &text) : -ENOMEM;

        if (r == -ENOMEM)
            return r;
        if (r < 0)
            continue;
        if (*presence == PRESENCE_UNKNOWN)
            *presence = PRESENCE_NONE;
        if (lists_module(text.data, name)) {
            *presence = i ? PRESENCE_MODULE : PRESENCE_BUILTIN;
            return 0;
        }
    }
    return 0;
}

static bool has_flag(const char *cpuinfo, const char *flag)
{
    const char *line =
        starts_with(cpuinfo, "flags") ? cpuinfo : strstr(cpuinfo, "\nflags");
    size_t n = strlen(flag), end;

    if (!line)
        return false;
    line += *line == '\n';
    for (end = strcspn(line, "\n"); end; end = strcspn(line, "\n")) {
        line += strcspn(line, " \t\n");
        line += strspn(line, " \t");
        if (strncmp(line, flag, n) == 0 && strchr(" \t\n", line[n]))
            return true;
    }
    return false;
}

/* There is no /dev/kvm: why not. */
static int explain_kvm(const struct platform *p, const char *release, struct assign *a)
{
    static const char *const modules[] = {"kvm-intel", "kvm-amd"};
    enum driver_presence presence[ARRAY_LEN(modules)] = {PRESENCE_UNKNOWN};
    AUTO_BLOB cpu = {NULL, 0};
    int r = platform_read(p, "proc/cpuinfo", LIST_MAX, &cpu);

    a->kvm = KVM_UNKNOWN;
    if (r < 0 || !platform_is_x86(p))
        return r == -ENOMEM ? r : 0;
    if (!has_flag(cpu.data, "vmx") && !has_flag(cpu.data, "svm")) {
        a->kvm = has_flag(cpu.data, "hypervisor") ? KVM_NOT_NESTED : KVM_UNSUPPORTED;
        return 0;
    }
    r = 0;
    for (size_t i = 0; !r && i < ARRAY_LEN(modules); i++)
        r = find_module(p, release, modules[i], &presence[i]);
    a->kvm = presence[0] == PRESENCE_NONE && presence[1] == PRESENCE_NONE
                 ? KVM_NOT_BUILT
                 : KVM_NOT_LOADED;
    return r;
}

/* A device node is no regular file, which is as good an answer as its bytes. */
static int read_kvm(const struct platform *p, const char *release, struct assign *a)
{
    AUTO_BLOB ignored = {NULL, 0};
    int r = platform_read(p, "dev/kvm", 16, &ignored);

    if (r == -ENOENT || r == -ENOTDIR || r == -ENXIO || r == -ENODEV)
        return explain_kvm(p, release, a);
    a->kvm = r == -EACCES || r == -EPERM ? KVM_DENIED : KVM_USABLE;
    return r == -ENOMEM ? r : 0;
}

static int read_drivers(const struct platform *p, const char *release, struct assign *a)
{
    CLEANUP(auto_names_free) char **names = NULL;
    int r = attribute_names(p, &names, NULL, "sys/bus/pci/drivers");

    if (!r)
        r = find_module(p, release, "vfio-pci", &a->vfio);
    if (!r)
        r = find_module(p, release, "pci-stub", &a->stub);
    for (size_t i = 0; !r && names[i]; i++) {
        if (streq(names[i], "vfio-pci"))
            a->vfio = PRESENCE_LOADED;
        if (streq(names[i], "pci-stub"))
            a->stub = PRESENCE_LOADED;
    }
    return r;
}

/* 1 or 0 as the file's first character says, else -1; -ENOENT where there is no such
 * file; -ENOMEM. */
static int read_switch(const struct platform *p, const char *path)
{
    AUTO_BLOB text = {NULL, 0};
    int r = platform_read(p, path, 4096, &text);

    if (r < 0)
        return r == -ENOENT || r == -ENOTDIR ? -ENOENT : r == -ENOMEM ? r : -1;
    return text.data[0] == '1' ? 1 : text.data[0] == '0' ? 0 : -1;
}

/* virt_use_sysfs was in RHEL 6's policy; virt_manage_sysfs in that of before. */
static int read_boolean(const struct platform *p, const char *place, struct assign *a)
{
    static const char *const booleans[] = {"virt_use_sysfs", "virt_manage_sysfs"};

    for (size_t i = 0; i < ARRAY_LEN(booleans); i++) {
        char path[128];
        int r;

        snprintf(path, sizeof(path), "%s/booleans/%s", place, booleans[i]);
        r = read_switch(p, path);
        if (r == -ENOMEM)
            return r;
        if (r == -ENOENT)
            continue;
        a->boolean = booleans[i];
        a->boolean_on = r;
        break;
    }
    return 0;
}

static int read_selinux(const struct platform *p, struct assign *a)
{
    static const char *const places[] = {"sys/fs/selinux", "selinux"};

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        char path[128];
        int r;

        snprintf(path, sizeof(path), "%s/enforce", places[i]);
        r = read_switch(p, path);
        if (r == -ENOMEM)
            return r;
        if (r == -ENOENT)
            continue;
        a->selinux = r < 0 ? SELINUX_UNKNOWN : r ? SELINUX_ENFORCING : SELINUX_PERMISSIVE;
        return r < 0 ? 0 : read_boolean(p, places[i], a);
    }
    return 0;
}

/* As a directory's name. */
static bool is_release(const char *release)
{
    return release && *release && !strchr(release, '/') && !streq(release, ".") &&
           !streq(release, "..");
}

int assign_read(const struct platform *p, const char *release, const char *next,
                struct assign *a)
{
    int r;

    *a = (struct assign){.kvm = KVM_UNKNOWN, .next = is_release(next) ? next : NULL};
    if (!is_release(release))
        release = NULL;
    r = read_kvm(p, release, a);
    if (!r)
        r = read_drivers(p, release, a);
    if (!r)
        r = find_module(p, a->next, "vfio-pci", &a->next_vfio);
    if (!r)
        r = find_module(p, a->next, "pci-stub", &a->next_stub);
    return r ? r : read_selinux(p, a);
}
