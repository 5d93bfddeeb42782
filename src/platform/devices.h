/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The PCI functions of a machine and the IOMMU groups that they stand in, as plain
 * structs: what sysfs tells, what of the host hangs on each (in_use.c), and whether a
 * guest can have it (device_verdict.c). Nothing here is changed on the machine.
 */
#ifndef PLATFORM_DEVICES_H
#define PLATFORM_DEVICES_H

#include "platform/live.h"
#include "platform/platform.h"

struct pci_address {
    uint32_t domain; /* above ffff for what is behind Intel's VMD */
    uint8_t bus, slot, function;
};

/* SSSS:BB:DD.F, the domain of four to eight hexadecimal digits; without it, 0. */
bool pci_address_parse(const char *text, struct pci_address *);

/* The best that can be said of a device is the worst of its findings. */
enum device_verdict {
    DEVICE_READY,
    DEVICE_DETACH,  /* ready once it is taken from the host's driver; libvirt does it */
    DEVICE_UNKNOWN, /* something that decides could not be found out */
    DEVICE_BLOCKED, /* something has to be put right first */
    DEVICE_NEVER,   /* the host needs it */
};

/* Rows of the table in device_verdict.c, in its order. */
enum device_reason {
    REASON_BRIDGE,
    REASON_BOOT_DISPLAY,
    REASON_DISK,
    REASON_NETWORK,
    REASON_NO_IOMMU,
    REASON_NO_GROUP,
    REASON_GROUP_IN_USE,
    REASON_GROUP_DRIVER,
    REASON_NO_REMAPPING,
    REASON_RESERVED,
    REASON_FUNCTIONS_ON,
    REASON_NETWORK_UNSEEN,
    REASON_NETWORK_UP,
    REASON_DISPLAY_ON,
    REASON_KEYBOARD,
    REASON_IOMMU_UNKNOWN,
    REASON_NO_CLASS,
    REASON_DISPLAY_UNKNOWN,
    REASON_DISK_UNKNOWN,
    REASON_BOUND,
    REASON_UNSAFE_INTERRUPTS,
    REASON_NO_RESET,
};

struct finding {
    enum device_reason reason;
    char *detail; /* owned; "" if there is nothing to add */
};

struct pci_function {
    char *name; /* as sysfs has it: "0000:00:1f.2" */
    struct pci_address address;
    bool has_class, has_ids;
    uint32_t class; /* 24 bits: class, subclass, programming interface */
    uint16_t vendor, device, subvendor, subdevice;
    char *driver, *override;                /* NULL: none */
    long group;                             /* index in devices.group; -1: none */
    int boot_display;                       /* 1, 0; -1: not told */
    unsigned functions_total, functions_on; /* virtual ones, SR-IOV */
    char *physical; /* the function that it is a part of, or NULL */
    char *reset; /* "flr bus", "?" where there is one and which is not told; NULL: none */
    char *class_name, *vendor_name, *device_name; /* from pci.ids, or NULL */
    struct finding *finding;
    size_t findings;
    enum device_verdict verdict;
};

struct iommu_group {
    unsigned number;
    char *type;   /* "DMA-FQ", "identity"; NULL: not told */
    char *direct; /* the first region that firmware insists on, "0x..-0x.."; or NULL */
    bool without_iommu; /* vfio's pretence */
    size_t *member;     /* indices in devices.function */
    size_t members;
};

struct devices {
    struct pci_function *function; /* in the order of their names */
    size_t functions;
    struct iommu_group *group; /* in the order of their numbers */
    size_t groups;
    bool groups_shown;      /* this kernel has IOMMU groups to show */
    bool unsafe_interrupts; /* vfio is told to do without remapping */
    enum live_state live;
    bool interrupts_remapped;
};

/* All of it. What cannot be read is a finding; fails only when memory is out. */
int devices_read(const struct platform *, const struct live *, struct devices *,
                 struct error *);
void devices_clear(struct devices *);

struct pci_function *devices_find(const struct devices *, const char *name);
bool pci_is_bridge(const struct pci_function *); /* of any kind: class 06 */

/* Whose work it is to hold devices for guests: vfio-pci, pci-stub and their like. */
bool driver_is_for_guests(const char *driver);

/* Adds unless the very same stands there, or very many of that reason. DETAIL may be
   NULL. 0 or -ENOMEM. */
int function_found(struct pci_function *, enum device_reason, const char *detail);

struct device_reason_row {
    const char *name; /* for programs */
    enum device_verdict verdict;
    const char *words; /* the detail follows behind ": " */
    const char *advice;
};

extern const struct device_reason_row device_reasons[]; /* by enum device_reason */
extern const size_t device_reasons_count;

/* From all that was read, every function's findings and verdict. 0 or -ENOMEM. Pure. */
int devices_judge(struct devices *);

#endif
