/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/assign.h"

#include <errno.h>
#include <stdio.h>

#include "base/root.h"
#include "platform/attribute.h"

#define LIST_MAX (16 << 20)

/* A device node is no regular file, which is as good an answer as its bytes. */
static int read_kvm(const struct platform *p, struct assign *a)
{
    AUTO_BLOB ignored = {NULL, 0}, cpu = {NULL, 0};
    int r = platform_read(p, "dev/kvm", 16, &ignored);

    a->kvm = KVM_USABLE;
    if (r == -EACCES || r == -EPERM)
        a->kvm = KVM_DENIED;
    else if (r == -ENOENT || r == -ENOTDIR || r == -ENXIO || r == -ENODEV) {
        r = platform_read(p, "proc/cpuinfo", LIST_MAX, &cpu);
        a->kvm = r < 0                                                  ? KVM_UNKNOWN
                 : strstr(cpu.data, " vmx") || strstr(cpu.data, " svm") ? KVM_NOT_LOADED
                                                                        : KVM_UNSUPPORTED;
    }
    return r == -ENOMEM ? r : 0;
}

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
        if (lists_module(text.data, name))
            *presence = PRESENCE_MODULE;
    }
    return 0;
}

static int read_drivers(const struct platform *p, const char *release, struct assign *a)
{
    CLEANUP(auto_names_free) char **names = NULL;
    int r = attribute_names(p, &names, NULL, "sys/bus/pci/drivers");

    if (release && (strchr(release, '/') || !*release))
        release = NULL;
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

/* virt_use_sysfs was in RHEL 6's policy; virt_manage_sysfs in that of before. */
static int read_selinux(const struct platform *p, struct assign *a)
{
    static const char *const places[] = {"sys/fs/selinux", "selinux"};
    static const char *const booleans[] = {"virt_use_sysfs", "virt_manage_sysfs"};

    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        AUTO_FREE char *enforce = NULL;
        int r = attribute_text(p, &enforce, "%s/enforce", places[i]);

        if (r < 0)
            return r;
        if (!enforce)
            continue;
        a->selinux = *enforce == '1' ? SELINUX_ENFORCING : SELINUX_PERMISSIVE;
        for (size_t k = 0; !a->boolean && k < ARRAY_LEN(booleans); k++) {
            AUTO_FREE char *value = NULL;

            r = attribute_text(p, &value, "%s/booleans/%s", places[i], booleans[k]);
            if (r < 0)
                return r;
            a->boolean = value ? booleans[k] : NULL;
            a->boolean_on = value && *value == '1';
        }
        return 0;
    }
    return 0;
}

int assign_read(const struct platform *p, const char *release, struct assign *a)
{
    int r;

    *a = (struct assign){.kvm = KVM_UNKNOWN};
    r = read_kvm(p, a);
    if (!r)
        r = read_drivers(p, release, a);
    return r ? r : read_selinux(p, a);
}
