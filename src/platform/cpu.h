/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The processor's vendor, and whether a hypervisor stands between. From the CPUID
 * instruction on the machine itself (leaf 0 EBX,EDX,ECX; leaf 1 ECX bit 31: Intel SDM
 * vol. 2 and AMD APM vol. 3, "CPUID"), from proc/cpuinfo in a captured directory.
 */
#ifndef PLATFORM_CPU_H
#define PLATFORM_CPU_H

#include "base/vendor.h"
#include "platform/platform.h"

struct cpu {
    char id[13]; /* as CPUID spells it, blanks kept: "GenuineIntel"; "" if unknown */
    enum vendor vendor; /* whose IOMMU such a processor comes with; NONE if unknown */
    bool guest;         /* a hypervisor announces itself */
};

/* What cannot be found out stays empty; fails (-ENOMEM) only when memory is out. */
int cpu_read(const struct platform *, struct cpu *);
enum vendor cpu_vendor(const char *id);

#endif
