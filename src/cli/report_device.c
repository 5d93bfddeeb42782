/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One device: how this host gives it to a guest. And what an assignment asks for. */
#include "cli/report_devices.h"
#include "cli/text.h"

static const struct {
    const char *word, *text;
} kvm_words[] = {
    [KVM_USABLE] = {"usable", "KVM can be used"},
    [KVM_DENIED] = {"denied", "KVM is there, and not for this user"},
    [KVM_NOT_LOADED] = {"not-loaded",
                        "KVM is not there: load kvm_intel or kvm_amd (if that fails, "
                        "virtualisation is switched off in firmware set-up)"},
    [KVM_NOT_BUILT] = {"not-built",
                       "no KVM: this kernel has neither kvm_intel nor kvm_amd"},
    [KVM_NOT_NESTED] =
        {"not-nested",
         "no KVM: this is a guest, and its hypervisor shows it neither VT-x "
         "nor AMD-V; nested virtualisation is switched on there"},
    [KVM_UNSUPPORTED] = {"unsupported",
                         "no KVM: the processor shows neither VT-x nor AMD-V; switch "
                         "virtualisation on in firmware set-up"},
    [KVM_UNKNOWN] = {"unknown", "whether KVM can be used is unknown"},
};

static const struct {
    const char *word, *text;
} presence_words[] = {
    [PRESENCE_UNKNOWN] = {"unknown", "not known whether it is there"},
    [PRESENCE_NONE] = {"none", "not built for this kernel"},
    [PRESENCE_MODULE] = {"available", "there, not loaded"},
    [PRESENCE_BUILTIN] = {"builtin", "built in"},
    [PRESENCE_LOADED] = {"loaded", "loaded"},
};

static const char *const selinux_words[] = {[SELINUX_NONE] = "none",
                                            [SELINUX_PERMISSIVE] = "permissive",
                                            [SELINUX_ENFORCING] = "enforcing",
                                            [SELINUX_UNKNOWN] = "unknown"};

static void print_selinux(const struct assign *a)
{
    if (a->selinux == SELINUX_NONE)
        return;
    if (a->selinux == SELINUX_UNKNOWN) {
        puts("  SELinux: its state cannot be read");
        return;
    }
    printf("  SELinux: %s, ", selinux_words[a->selinux]);
    if (!a->boolean)
        puts("its policy has no boolean for this and needs none");
    else if (a->boolean_on > 0)
        printf("%s is on\n", a->boolean);
    else
        printf("%s %s: setsebool -P %s 1\n", a->boolean,
               a->boolean_on == 0 ? "is off" : "cannot be read; to be sure", a->boolean);
}

void print_assign(const struct assign *a)
{
    printf("Before you assign a device\n");
    printf("  %s\n", kvm_words[a->kvm].text);
    printf("  vfio-pci: %s; pci-stub: %s\n", presence_words[a->vfio].text,
           presence_words[a->stub].text);
    if (a->next) {
        fputs("  ", stdout);
        text_print(stdout, a->next);
        printf(", which starts next: vfio-pci: %s; pci-stub: %s\n",
               presence_words[a->next_vfio].text, presence_words[a->next_stub].text);
    }
    print_selinux(a);
}

static struct json *next_value(const struct assign *a)
{
    struct json *value = json_new_object();

    json_put_text(value, "kernel", a->next);
    json_put_text(value, "vfio_pci", presence_words[a->next_vfio].word);
    json_put_text(value, "pci_stub", presence_words[a->next_stub].word);
    return value;
}

struct json *assign_value(const struct assign *a)
{
    struct json *value = json_new_object();

    json_put_text(value, "kvm", kvm_words[a->kvm].word);
    json_put_text(value, "vfio_pci", presence_words[a->vfio].word);
    json_put_text(value, "pci_stub", presence_words[a->stub].word);
    if (a->next)
        json_put(value, "next", next_value(a));
    else
        json_put_null(value, "next");
    json_put_text(value, "selinux", selinux_words[a->selinux]);
    json_put_text(value, "selinux_boolean", a->boolean);
    if (a->boolean && a->boolean_on >= 0)
        json_put_bool(value, "selinux_boolean_on", a->boolean_on);
    else
        json_put_null(value, "selinux_boolean_on");
    return value;
}

static void print_advice(const struct pci_function *f)
{
    for (size_t i = 0; i < f->findings; i++) {
        const struct device_reason_row *row = &device_reasons[f->finding[i].reason];

        if (row->advice && (!i || f->finding[i].reason != f->finding[i - 1].reason))
            printf("To do (%s): %s.\n", row->name, row->advice);
    }
}

/* What the host lacks, whatever the device. */
static void print_lacks(const struct assign *a)
{
    if (a->kvm != KVM_USABLE && a->kvm != KVM_UNKNOWN)
        printf("First: %s.\n", kvm_words[a->kvm].text);
    if (a->vfio == PRESENCE_NONE && a->stub == PRESENCE_NONE)
        puts("First: this kernel has neither vfio-pci nor pci-stub, one of which holds a "
             "device for\nguests: start another kernel.");
}

/* A command for the device, and for the others that have to leave the host with it:
   of BEFORE, its name and BEHIND. Libvirt knows it by another name than sysfs. */
static void print_each(const struct report *report, const char *before, bool libvirt,
                       const char *behind)
{
    const struct pci_function *f = report->device;
    const struct devices *d = &report->devices;
    const struct iommu_group *group = f->group >= 0 ? &d->group[f->group] : NULL;
    size_t members = group ? group->members : 0;

    for (size_t i = 0; i <= members; i++) {
        const struct pci_function *one = i ? &d->function[group->member[i - 1]] : f;
        char name[32];

        if (i && (one == f || pci_is_bridge(one)))
            continue;
        libvirt_name(one, name);
        printf("    %s%s%s\n", before, libvirt ? name : one->name, behind);
    }
}

static void print_taking(const struct report *report, bool old)
{
    bool held = report->device->driver && driver_is_for_guests(report->device->driver);

    if (held)
        printf("\n1. %s holds it for guests already. For what shares its group, and at "
               "the\n   next start of this machine:\n\n",
               report->device->driver);
    else
        printf(
            "\n1. Take it, and what shares its group, from the host. With managed='yes', "
            "as\n   below, libvirt does that for the device itself when the guest "
            "starts.\n\n");
    print_each(report, old ? "virsh nodedev-dettach " : "virsh nodedev-detach ", true,
               "");
    printf("\n   Afterwards the driver's link must end in %s:\n\n",
           old ? "pci-stub (or vfio-pci)" : "vfio-pci");
    print_each(report, "readlink /sys/bus/pci/devices/", false, "/driver");
}

static void print_limits(const struct pci_function *f)
{
    printf("\nLimits: plugging it into a guest that runs (--live) works only if the "
           "guest's\n"
           "system takes part in hot plug; the guest cannot be migrated with it.\n");
    if (f->has_class && f->class >> 16 == 0x03)
        printf(
            "Graphics cards: many do not work as a guest's first display, and some not\n"
            "without the maker's firmware (romfile) or after a guest's restart.\n");
}

static void print_steps(const struct report *report)
{
    const struct pci_function *f = report->device;
    const struct assign *a = &report->assign;
    const char *release = report->machine.live.release;
    bool old = release && starts_with(release, "2.6.");
    bool selinux = a->selinux != SELINUX_NONE && a->boolean;

    print_taking(report, old);
    if (selinux)
        printf("\n2. SELinux: guests may use sysfs.\n\n    setsebool -P %s 1%s\n",
               a->boolean, a->boolean_on > 0 ? "    # it is so already" : "");
    printf("\n%d. Give it to the guest GUEST, from its next start on.\n\n"
           "    iommuctl devices %s --xml >hostdev.xml\n"
           "    virsh attach-device GUEST hostdev.xml --config\n"
           "    virsh start GUEST\n",
           selinux ? 3 : 2, f->name);
    printf("\n%d. To have it back, with the guest off:\n\n"
           "    virsh detach-device GUEST hostdev.xml --config\n",
           selinux ? 4 : 3);
    print_each(report, "virsh nodedev-reattach ", true, "");
    print_limits(f);
}

void print_device(const struct told *told)
{
    const struct report *report = told->report;
    const struct pci_function *f = report->device;

    if (f->group >= 0)
        printf("IOMMU group %u\n", report->devices.group[f->group].number);
    print_function(f, "", "  ");
    print_advice(f);
    if (f->verdict == DEVICE_NEVER) {
        printf("A guest cannot have it while that is so.\n");
        return;
    }
    print_lacks(&report->assign);
    print_steps(report);
}

static struct json *findings_value(const struct pci_function *f)
{
    struct json *value = json_new_array();

    for (size_t i = 0; i < f->findings; i++) {
        const struct device_reason_row *row = &device_reasons[f->finding[i].reason];
        struct json *finding = json_new_object();

        json_put_text(finding, "reason", row->name);
        json_put_text(finding, "message", row->words);
        json_put_text(finding, "detail",
                      f->finding[i].detail[0] ? f->finding[i].detail : NULL);
        json_put(value, NULL, finding);
    }
    return value;
}

static void put_hex(struct json *object, const char *key, bool known, unsigned digits,
                    unsigned number)
{
    char text[16];

    snprintf(text, sizeof(text), "0x%0*x", (int)digits, number);
    json_put_text(object, key, known ? text : NULL);
}

static struct json *device_value(const struct devices *d, const struct pci_function *f)
{
    struct json *value = json_new_object();
    char name[32];

    libvirt_name(f, name);
    json_put_text(value, "address", f->name);
    json_put_text(value, "libvirt", name);
    if (f->group >= 0)
        json_put_int(value, "group", d->group[f->group].number);
    else
        json_put_null(value, "group");
    put_hex(value, "class", f->has_class, 6, f->class);
    put_hex(value, "vendor", f->has_ids, 4, f->vendor);
    put_hex(value, "device", f->has_ids, 4, f->device);
    put_hex(value, "subsystem_vendor", f->subvendor, 4, f->subvendor);
    put_hex(value, "subsystem_device", f->subvendor, 4, f->subdevice);
    json_put_text(value, "class_name", f->class_name);
    json_put_text(value, "vendor_name", f->vendor_name);
    json_put_text(value, "device_name", f->device_name);
    json_put_text(value, "driver", f->driver);
    json_put_text(value, "driver_override", f->override);
    json_put_int(value, "virtual_functions_total", f->functions_total);
    json_put_int(value, "virtual_functions_on", f->functions_on);
    json_put_text(value, "physical_function", f->physical);
    json_put_text(value, "reset", f->reset);
    json_put_text(value, "verdict", word_device_verdict(f->verdict));
    json_put(value, "findings", findings_value(f));
    return value;
}

void put_devices(struct json *document, const struct told *told)
{
    const struct devices *d = &told->report->devices;
    struct json *groups = json_new_array(), *devices = json_new_array();

    for (size_t i = 0; i < d->groups; i++) {
        struct json *group = json_new_object(), *members = json_new_array();

        json_put_int(group, "number", d->group[i].number);
        json_put_text(group, "type", d->group[i].type);
        json_put_text(group, "reserved", d->group[i].direct);
        for (size_t m = 0; m < d->group[i].members; m++)
            json_put_text(members, NULL, d->function[d->group[i].member[m]].name);
        json_put(group, "devices", members);
        json_put(groups, NULL, group);
    }
    for (size_t i = 0; i < d->functions; i++)
        if (!told->report->device || told->report->device == &d->function[i])
            json_put(devices, NULL, device_value(d, &d->function[i]));
    json_put(document, "groups", groups);
    json_put(document, "devices", devices);
}
