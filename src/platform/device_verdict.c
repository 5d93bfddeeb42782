/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a guest can have a device: one table of reasons, and who is found to have them.
 */
#include <errno.h>
#include <stdio.h>

#include "platform/devices.h"

#define FINDINGS_MAX 32 /* of one reason: what somebody reads */
#define OTHERS_MAX 8

/* clang-format off */
const struct device_reason_row device_reasons[] = {
    [REASON_BRIDGE] = {"bridge", DEVICE_NEVER,
        "a bridge, which is the host's own", NULL},
    [REASON_BOOT_DISPLAY] = {"boot-display", DEVICE_NEVER,
        "the display that this machine starts with", NULL},
    [REASON_DISK] = {"disk-in-use", DEVICE_NEVER,
        "the host uses a disk behind it", NULL},
    [REASON_NETWORK] = {"network-in-use", DEVICE_NEVER,
        "the host uses its network interface", NULL},
    [REASON_NO_IOMMU] = {"iommu-off", DEVICE_BLOCKED,
        "the IOMMU is off", "iommuctl enable, reboot, iommuctl verify"},
    [REASON_NO_GROUP] = {"no-group", DEVICE_BLOCKED,
        "no IOMMU covers it: it is in no IOMMU group", NULL},
    [REASON_GROUP_IN_USE] = {"group-in-use", DEVICE_BLOCKED,
        "what the host needs is in the same group",
        "put the card into another slot"},
    [REASON_GROUP_DRIVER] = {"group-bound", DEVICE_BLOCKED,
        "others of its group are on host drivers",
        "detach these too; a group goes to one guest as a whole"},
    [REASON_NO_REMAPPING] = {"no-interrupt-remapping", DEVICE_BLOCKED,
        "interrupts are not remapped, so a guest could forge them",
        "switch x2APIC or interrupt remapping on in firmware set-up, take intremap=off and "
        "nointremap off the command line; as a last resort allow_unsafe_interrupts=1 of "
        "vfio_iommu_type1"},
    [REASON_RESERVED] = {"reserved-region", DEVICE_BLOCKED,
        "firmware keeps memory that this device writes to (RMRR, IVMD), and the kernel "
        "gives such devices to no guest",
        "look for shared memory or remote management of this slot in firmware set-up"},
    [REASON_FUNCTIONS_ON] = {"virtual-functions-on", DEVICE_BLOCKED,
        "its virtual functions are on", "assign one of these, or write 0 to sriov_numvfs"},
    [REASON_NETWORK_UNSEEN] = {"network-unseen", DEVICE_BLOCKED,
        "it is on a network driver, and its interface is not to be seen: it may be in "
        "another network namespace", NULL},
    [REASON_NETWORK_UP] = {"network-up", DEVICE_BLOCKED,
        "its network interface is up, so something may use it without an address",
        "if nothing does: ip link set dev INTERFACE down"},
    [REASON_DISPLAY_ON] = {"display-on", DEVICE_BLOCKED,
        "the host shows a picture on its screen", "end what draws there"},
    [REASON_KEYBOARD] = {"keyboard", DEVICE_BLOCKED,
        "a keyboard of the host is behind it",
        "plug that in elsewhere, or have another way in: ssh, a serial console"},
    [REASON_IOMMU_UNKNOWN] = {"iommu-unknown", DEVICE_UNKNOWN,
        "this kernel does not show whether its IOMMU is on, or its groups", NULL},
    [REASON_NO_CLASS] = {"class-unknown", DEVICE_UNKNOWN,
        "its class cannot be read", NULL},
    [REASON_DISPLAY_UNKNOWN] = {"display-unknown", DEVICE_UNKNOWN,
        "whether the machine starts with this display cannot be read", NULL},
    [REASON_DISK_UNKNOWN] = {"disk-unknown", DEVICE_UNKNOWN,
        "whether the host uses a disk behind it cannot be told", NULL},
    [REASON_BOUND] = {"bound", DEVICE_DETACH,
        "the host's driver has it; libvirt takes it away when the guest starts", NULL},
    [REASON_UNSAFE_INTERRUPTS] = {"unsafe-interrupts", DEVICE_READY,
        "allowed without interrupt remapping: a guest can forge interrupts", NULL},
    [REASON_NO_RESET] = {"no-reset", DEVICE_READY,
        "no way to reset it is known: what a guest leaves in it may stay", NULL},
};
/* clang-format on */
const size_t device_reasons_count = ARRAY_LEN(device_reasons);

bool driver_is_for_guests(const char *driver)
{
    static const char *const names[] = {"vfio-pci", "pci-stub", "xen-pciback", "pciback"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (streq(driver, names[i]))
            return true;
    /* variants for one maker's cards: mlx5-vfio-pci, nvgrace-gpu-vfio-pci */
    return ends_with(driver, "-vfio-pci") || ends_with(driver, "_vfio_pci");
}

int function_found(struct pci_function *f, enum device_reason reason, const char *detail)
{
    size_t like = 0;
    char *copy;

    for (size_t i = 0; i < f->findings; i++) {
        if (f->finding[i].reason != reason)
            continue;
        if (++like >= FINDINGS_MAX || streq(f->finding[i].detail, detail ? detail : ""))
            return 0;
    }
    if (array_grow(&f->finding, f->findings, sizeof(*f->finding)) < 0)
        return -ENOMEM;
    copy = strdup(detail ? detail : "");
    if (!copy)
        return -ENOMEM;
    f->finding[f->findings++] = (struct finding){reason, copy};
    return 0;
}

static bool on_host_driver(const struct pci_function *f)
{
    return f->driver && !driver_is_for_guests(f->driver);
}

/* PCI-to-PCI, CardBus and the like only carry their group's traffic: vfio leaves them to
 * the host. Whether it is one, its header would tell; the class does as well. */
static bool only_carries(const struct pci_function *f)
{
    uint32_t kind = f->class >> 8;

    return f->has_class && (kind == 0x0604 || kind == 0x0607 || kind == 0x0609);
}

static bool host_needs(const struct pci_function *f)
{
    for (size_t i = 0; i < f->findings; i++)
        if (device_reasons[f->finding[i].reason].verdict == DEVICE_NEVER)
            return true;
    return false;
}

/* What the rest of the group has to do with it. */
static int judge_group(struct devices *d, struct pci_function *f)
{
    const struct iommu_group *group = &d->group[f->group];
    size_t shown[2] = {0, 0};
    int r = 0;

    for (size_t i = 0; !r && i < group->members; i++) {
        const struct pci_function *other = &d->function[group->member[i]];
        AUTO_FREE char *detail = NULL;

        if (other == f || only_carries(other) || !on_host_driver(other))
            continue;
        if (shown[host_needs(other)]++ >= OTHERS_MAX)
            continue;
        detail = text_format("%s (%s)", other->name, other->driver);
        if (!detail)
            return -ENOMEM;
        r = function_found(
            f, host_needs(other) ? REASON_GROUP_IN_USE : REASON_GROUP_DRIVER, detail);
    }
    if (!r && group->direct)
        r = function_found(f, REASON_RESERVED, group->direct);
    return r;
}

static int judge_iommu(struct devices *d, struct pci_function *f)
{
    bool grouped = f->group >= 0 && !d->group[f->group].without_iommu;
    int r = 0;

    if (d->live == LIVE_OFF)
        return function_found(f, REASON_NO_IOMMU, NULL);
    if (d->live == LIVE_UNKNOWN || !d->groups_shown)
        r = function_found(f, REASON_IOMMU_UNKNOWN, NULL);
    else if (!grouped)
        r = function_found(f, REASON_NO_GROUP, NULL);
    if (!r && d->live == LIVE_ON && !d->interrupts_remapped)
        r = function_found(
            f, d->unsafe_interrupts ? REASON_UNSAFE_INTERRUPTS : REASON_NO_REMAPPING,
            NULL);
    return r;
}

static int judge_function(struct devices *d, struct pci_function *f)
{
    bool display = f->has_class && f->class >> 16 == 0x03;
    char number[32];
    int r = 0;

    if (!f->has_class)
        r = function_found(f, REASON_NO_CLASS, NULL);
    if (!r && display && f->class >> 8 == 0x0300 && f->boot_display < 0)
        r = function_found(f, REASON_DISPLAY_UNKNOWN, NULL);
    if (!r)
        r = judge_iommu(d, f);
    if (!r && f->group >= 0)
        r = judge_group(d, f);
    if (!r && f->functions_on) {
        snprintf(number, sizeof(number), "%u", f->functions_on);
        r = function_found(f, REASON_FUNCTIONS_ON, number);
    }
    if (!r && on_host_driver(f))
        r = function_found(f, REASON_BOUND, f->driver);
    if (!r && !f->reset && f->has_class)
        r = function_found(f, REASON_NO_RESET, NULL);
    return r;
}

static int compare_findings(const void *a, const void *b)
{
    const struct finding *x = a, *y = b;

    if (x->reason != y->reason)
        return x->reason < y->reason ? -1 : 1;
    return strcmp(x->detail, y->detail);
}

static bool has_finding(const struct pci_function *f, enum device_reason reason)
{
    for (size_t i = 0; i < f->findings; i++)
        if (f->finding[i].reason == reason)
            return true;
    return false;
}

/* Once it is known that it is in use, what is not known is of no interest. */
static void drop_doubts(struct pci_function *f)
{
    size_t kept = 0;

    if (!has_finding(f, REASON_DISK))
        return;
    for (size_t i = 0; i < f->findings; i++)
        if (f->finding[i].reason == REASON_DISK_UNKNOWN)
            free(f->finding[i].detail);
        else
            f->finding[kept++] = f->finding[i];
    f->findings = kept;
}

/* What others of the group ask about comes first: does the host need it? */
static int judge_need(struct pci_function *f)
{
    return f->boot_display > 0 && !has_finding(f, REASON_BOOT_DISPLAY)
               ? function_found(f, REASON_BOOT_DISPLAY, NULL)
               : 0;
}

int devices_judge(struct devices *d)
{
    for (size_t i = 0; i < d->functions; i++)
        if (judge_need(&d->function[i]) < 0)
            return -ENOMEM;
    for (size_t i = 0; i < d->functions; i++) {
        struct pci_function *f = &d->function[i];
        int r = pci_is_bridge(f) ? function_found(f, REASON_BRIDGE, NULL)
                                 : judge_function(d, f);

        if (r < 0)
            return r;
    }
    for (size_t i = 0; i < d->functions; i++) {
        struct pci_function *f = &d->function[i];

        drop_doubts(f);
        if (f->findings)
            qsort(f->finding, f->findings, sizeof(*f->finding), compare_findings);
        for (size_t n = 0; n < f->findings; n++)
            if (device_reasons[f->finding[n].reason].verdict > f->verdict)
                f->verdict = device_reasons[f->finding[n].reason].verdict;
    }
    return 0;
}
