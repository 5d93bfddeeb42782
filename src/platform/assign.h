/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What an assignment asks for besides the IOMMU: KVM, a driver that holds the device for
   the guest, and SELinux's leave where its policy has a word for it. */
#ifndef PLATFORM_ASSIGN_H
#define PLATFORM_ASSIGN_H

#include "platform/platform.h"

enum kvm_state {
    KVM_USABLE,
    KVM_DENIED,      /* there, and not for this user */
    KVM_NOT_LOADED,  /* the processor could, the module is not there */
    KVM_UNSUPPORTED, /* the processor does not show VT-x or AMD-V */
    KVM_UNKNOWN,
};

enum driver_presence {
    PRESENCE_UNKNOWN,
    PRESENCE_NONE,
    PRESENCE_MODULE,
    PRESENCE_LOADED
};
enum selinux_state { SELINUX_NONE, SELINUX_PERMISSIVE, SELINUX_ENFORCING };

struct assign {
    enum kvm_state kvm;
    enum driver_presence vfio, stub; /* vfio-pci, pci-stub */
    enum selinux_state selinux;
    const char *boolean; /* the one that the policy has, or NULL */
    bool boolean_on;
};

/* RELEASE: the kernel's, or NULL. 0 or -ENOMEM. */
int assign_read(const struct platform *, const char *release, struct assign *);

#endif
