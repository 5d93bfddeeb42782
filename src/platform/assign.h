/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an assignment asks for besides the IOMMU: KVM, a driver that holds the device for
   the guest, and SELinux's leave where its policy has a word for it. */
#ifndef PLATFORM_ASSIGN_H
#define PLATFORM_ASSIGN_H

#include "platform/platform.h"

enum kvm_state {
    KVM_USABLE,
    KVM_DENIED,      /* there, and not for this user */
    KVM_NOT_LOADED,  /* the processor could, the module is not loaded */
    KVM_NOT_BUILT,   /* the processor could, this kernel has no such module */
    KVM_UNSUPPORTED, /* the processor does not show VT-x or AMD-V */
    KVM_NOT_NESTED,  /* the same in a guest, where its hypervisor decides */
    KVM_UNKNOWN,
};

enum driver_presence {
    PRESENCE_UNKNOWN,
    PRESENCE_NONE,
    PRESENCE_MODULE,
    PRESENCE_BUILTIN,
    PRESENCE_LOADED,
};
enum selinux_state {
    SELINUX_NONE,
    SELINUX_PERMISSIVE,
    SELINUX_ENFORCING,
    SELINUX_UNKNOWN
};

struct assign {
    enum kvm_state kvm;
    enum driver_presence vfio, stub; /* vfio-pci, pci-stub */
    const char *next;                /* the next start's kernel where it is another one;
                                        borrowed; or NULL */
    enum driver_presence next_vfio, next_stub;
    enum selinux_state selinux;
    const char *boolean; /* the one that the policy has, or NULL */
    int boolean_on;      /* 1, 0; -1: cannot be read */
};

/* RELEASE: that of the kernel that runs, or NULL. NEXT: that of the kernel that starts
   next, or NULL if it is the same or not known. 0 or -ENOMEM. */
int assign_read(const struct platform *, const char *release, const char *next,
                struct assign *);

#endif
