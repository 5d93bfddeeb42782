/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The PCI functions for devices, and what an assignment asks for. */
#include <errno.h>
#include <stdio.h>

#include "apply_parts.h"
#include "platform/pci_names.h"

/* The function named by the caller, with the domain or without. */
static int find_device(const char *text, struct report *report, struct error *err)
{
    struct pci_address address;
    struct devices *d = &report->devices;

    if (!pci_address_parse(text, &address))
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                         "\"%s\" is no PCI address, like 0000:03:00.0 or 03:00.0", text);
    for (size_t i = 0; i < d->functions; i++) {
        const struct pci_address *a = &d->function[i].address;

        if (a->domain == address.domain && a->bus == address.bus &&
            a->slot == address.slot && a->function == address.function) {
            report->device = &d->function[i];
            return 0;
        }
    }
    return error_set(err, EXIT_CLASS_CONDITION, NULL, 0,
                     "there is no PCI device %s; iommuctl devices lists them", text);
}

/* What the host needs is not to be handed out by a pipe into virsh. */
static int check_xml(const struct report *report, struct error *err)
{
    const struct pci_function *f = report->device;
    const struct device_reason_row *row;

    if (f->verdict != DEVICE_NEVER)
        return 0;
    row = &device_reasons[f->finding[0].reason];
    return error_set(err, EXIT_CLASS_CONDITION, NULL, 0, "no guest can have %s: %s%s%s",
                     f->name, row->words, f->finding[0].detail[0] ? ": " : "",
                     f->finding[0].detail);
}

int apply_devices(const struct request *request, struct report *report, struct error *err)
{
    int r = devices_read(report->platform, &report->machine.live, &report->devices, err);

    if (!r && pci_names_read(report->platform, &report->devices) < 0)
        r = error_memory(err);
    if (!r)
        r = apply_assign(report, err);
    if (!r && request->device)
        r = find_device(request->device, report, err);
    if (!r && request->xml)
        r = check_xml(report, err);
    return r;
}

/* The kernel that starts next where it is not the one that runs: on the machine itself.
 */
static const char *next_kernel(const struct report *report)
{
    const struct outcome *o =
        platform_is_live(report->platform) ? report_default(report) : NULL;
    const char *version = o ? o->entry->image.version : "";

    return *version && report->machine.live.release &&
                   !streq(version, report->machine.live.release)
               ? version
               : NULL;
}

int apply_assign(struct report *report, struct error *err)
{
    if (assign_read(report->platform, report->machine.live.release, next_kernel(report),
                    &report->assign) < 0)
        return error_memory(err);
    report->assigned = true;
    return 0;
}
