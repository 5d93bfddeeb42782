/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/facts.h"

#define PCI "sys/bus/pci/devices/*"
#define BLOCK "sys/class/block/*"
#define NET "sys/class/net/*"
#define GROUP "sys/kernel/iommu_groups/*"
#define EFI "sys/firmware/efi/efivars/"
#define LOADER "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

/* clang-format off */
const struct fact facts[] = {
    /* cpu.c, platform.c, choose.c */
    {"proc/cpuinfo", FACT_TEXT, "vendor_id|flags", false},
    {"proc/sys/kernel/arch", FACT_TEXT, NULL, false},
    {"proc/xen/capabilities", FACT_TEXT, NULL, false},

    /* acpi.c */
    {"sys/firmware/acpi/tables", FACT_NAMES, NULL, false},
    {"sys/firmware/acpi/tables/DMAR", FACT_TEXT, NULL, true},
    {"sys/firmware/acpi/tables/DMAR?*", FACT_TEXT, NULL, true},
    {"sys/firmware/acpi/tables/IVRS", FACT_TEXT, NULL, true},
    {"sys/firmware/acpi/tables/IVRS?*", FACT_TEXT, NULL, true},
    {"sys/firmware/acpi/tables/RMAD", FACT_TEXT, NULL, true},
    {"sys/firmware/acpi/tables/XMAR", FACT_TEXT, NULL, true},
    {"sys/firmware/acpi/tables/NULL", FACT_TEXT, NULL, true},
    {"sys/firmware/acpi/tables/VIOT", FACT_TEXT, NULL, true},
    {"sys/firmware/acpi/tables/VIOT?*", FACT_TEXT, NULL, true},

    /* efi_vars.c: cut by capture_cut.c */
    {EFI "LoaderInfo" LOADER, FACT_TEXT, NULL, false},
    {EFI "LoaderEntryOneShot" LOADER, FACT_TEXT, NULL, false},
    {EFI "LoaderEntryPreferred" LOADER, FACT_TEXT, NULL, false},
    {EFI "LoaderEntryDefault" LOADER, FACT_TEXT, NULL, false},
    {EFI "LoaderEntryLastBooted" LOADER, FACT_TEXT, NULL, false},

    /* container.c */
    {"run/.containerenv", FACT_THERE, NULL, false},
    {".dockerenv", FACT_THERE, NULL, false},
    {"run/systemd/container", FACT_THERE, NULL, false},
    {"dev/.lxc", FACT_THERE, NULL, false},
    {"proc/1/environ", FACT_TEXT, NULL, true},
    {"proc/vz", FACT_NAMES, NULL, false},
    {"proc/bc", FACT_NAMES, NULL, false},

    /* live.c */
    {"proc/cmdline", FACT_TEXT, NULL, false},
    {"proc/interrupts", FACT_TEXT, NULL, false},
    {"proc/sys/kernel/osrelease", FACT_TEXT, NULL, false},
    {"sys/class/iommu", FACT_NAMES, NULL, false},
    {"sys/devices/system/iommu", FACT_NAMES, NULL, false},
    {"sys/devices/system/amd_iommu", FACT_NAMES, NULL, false},
    {"sys/kernel/iommu_groups", FACT_NAMES, NULL, false},
    {GROUP "/name", FACT_TEXT, NULL, false},
    {GROUP "/devices", FACT_NAMES, NULL, false},

    /* kernel_log.c: of the machine itself by /dev/kmsg; a capture may hold it as a text */
    {"var/log/dmesg", FACT_LOG, NULL, false},

    /* apply_verify.c */
    {"proc/stat", FACT_TEXT, "btime ", false},
    {"boot/config-*", FACT_TEXT,
     "CONFIG_INTEL_IOMMU|CONFIG_AMD_IOMMU|CONFIG_DMAR|CONFIG_VIRTIO_IOMMU", false},

    /* devices.c */
    {GROUP "/type", FACT_TEXT, NULL, false},
    {GROUP "/reserved_regions", FACT_TEXT, NULL, false},
    {"sys/bus/pci/devices", FACT_NAMES, NULL, false},
    {PCI, FACT_LINK, NULL, false},
    {PCI "/class", FACT_TEXT, NULL, false},
    {PCI "/vendor", FACT_TEXT, NULL, false},
    {PCI "/device", FACT_TEXT, NULL, false},
    {PCI "/subsystem_vendor", FACT_TEXT, NULL, false},
    {PCI "/subsystem_device", FACT_TEXT, NULL, false},
    {PCI "/boot_vga", FACT_TEXT, NULL, false},
    {PCI "/boot_display", FACT_TEXT, NULL, false},
    {PCI "/sriov_totalvfs", FACT_TEXT, NULL, false},
    {PCI "/sriov_numvfs", FACT_TEXT, NULL, false},
    {PCI "/reset_method", FACT_TEXT, NULL, false},
    {PCI "/reset", FACT_THERE, NULL, false},
    {PCI "/driver", FACT_LINK, NULL, false},
    {PCI "/driver_override", FACT_TEXT, NULL, false},
    {PCI "/iommu_group", FACT_LINK, NULL, false},
    {PCI "/physfn", FACT_LINK, NULL, false},
    {PCI "/net", FACT_NAMES, NULL, false},
    {"sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts", FACT_TEXT, NULL, false},

    /* blocks.c, in_use_disks.c */
    {"sys/class/block", FACT_NAMES, NULL, false},
    {BLOCK, FACT_LINK, NULL, false},
    {BLOCK "/dev", FACT_TEXT, NULL, false},
    {BLOCK "/slaves", FACT_NAMES, NULL, false},
    {BLOCK "/holders", FACT_NAMES, NULL, false},
    {BLOCK "/dm/name", FACT_TEXT, NULL, false},
    {BLOCK "/loop/backing_file", FACT_TEXT, "/dev/", false},
    {"sys/class/nvme-subsystem/*", FACT_NAMES, NULL, false},
    {"sys/class/nvme", FACT_NAMES, NULL, false},
    {"sys/class/nvme/*", FACT_LINK, NULL, false},
    {"sys/fs/ext4", FACT_NAMES, NULL, false},
    {"sys/fs/f2fs", FACT_NAMES, NULL, false},
    {"sys/fs/xfs", FACT_NAMES, NULL, false},
    {"sys/fs/btrfs", FACT_NAMES, NULL, false},
    {"sys/fs/btrfs/*/devices", FACT_NAMES, NULL, false},
    {"proc/spl/kstat/zfs", FACT_NAMES, NULL, false},
    {"proc/1/mountinfo", FACT_TEXT, NULL, true},
    {"proc/self/mountinfo", FACT_TEXT, NULL, false},
    {"proc/mounts", FACT_TEXT, NULL, false},
    {"proc/swaps", FACT_TEXT, NULL, false},
    {"run/udev/data/b*", FACT_TEXT, "E:ID_FS_TYPE=", false},

    /* in_use_net.c */
    {"sys/class/net", FACT_NAMES, NULL, false},
    {NET, FACT_LINK, NULL, false},
    {NET, FACT_NAMES, NULL, false},
    {NET "/flags", FACT_TEXT, NULL, false},
    {NET "/device", FACT_LINK, NULL, false},
    {NET "/carrier_changes", FACT_TEXT, NULL, false},
    {NET "/ifindex", FACT_TEXT, NULL, false},
    {NET "/iflink", FACT_TEXT, NULL, false},
    {NET "/master", FACT_LINK, NULL, false},
    {NET "/brport/bridge", FACT_LINK, NULL, false},
    {"proc/net/route", FACT_TEXT, NULL, false},
    {"proc/net/ipv6_route", FACT_TEXT, NULL, false},
    {"proc/net/if_inet6", FACT_TEXT, NULL, false},

    /* in_use_seat.c */
    {"sys/class/graphics/fb0", FACT_LINK, NULL, false},
    {"sys/class/drm", FACT_NAMES, NULL, false},
    {"sys/class/drm/*", FACT_LINK, NULL, false},
    {"sys/class/drm/*/enabled", FACT_TEXT, NULL, false},
    {"sys/class/input", FACT_NAMES, NULL, false},
    {"sys/class/input/input*", FACT_LINK, NULL, false},
    {"sys/class/input/input*/capabilities/key", FACT_TEXT, NULL, false},

    /* assign.c: what else an assignment asks for */
    {"dev/kvm", FACT_THERE, NULL, false},
    {"sys/bus/pci/drivers", FACT_NAMES, NULL, false},
    {"sys/fs/selinux/enforce", FACT_TEXT, NULL, false},
    {"sys/fs/selinux/booleans", FACT_NAMES, NULL, false},
    {"sys/fs/selinux/booleans/virt_use_sysfs", FACT_TEXT, NULL, false},
    {"sys/fs/selinux/booleans/virt_manage_sysfs", FACT_TEXT, NULL, false},
    {"selinux/enforce", FACT_TEXT, NULL, false},
    {"selinux/booleans", FACT_NAMES, NULL, false},
    {"selinux/booleans/virt_use_sysfs", FACT_TEXT, NULL, false},
    {"selinux/booleans/virt_manage_sysfs", FACT_TEXT, NULL, false},
    {"lib/modules/*/modules.dep", FACT_TEXT, NULL, false}, /* cut by capture_cut.c */
    {"lib/modules/*/modules.builtin", FACT_TEXT, NULL, false},

    /* pci_names.c */
    {"usr/share/hwdata/pci.ids", FACT_OURS, NULL, false},
    {"usr/share/misc/pci.ids", FACT_OURS, NULL, false},
};
/* clang-format on */
const size_t facts_count = ARRAY_LEN(facts);
