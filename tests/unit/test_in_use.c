/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Each way in which the host may need a device: 0000:00:10.0 is the one that is asked
 * about, in a group of its own on a machine where all else is in order.
 */
#include "platform/devices.h"

#include "sysfs.h"

#define P "pci0000:00/0000:00:10.0"
#define V "sys/devices/virtual/"
#define MOUNTS "file proc/self/mountinfo "
#define ROUTES                                                                           \
    "file proc/net/route Iface Destination Gateway Flags RefCnt Use Metric Mask~"

#define DISK_CARD "pci " P " 010601 ahci 10\n"
#define SDA_AT P "/ata1/host0/target0:0:0/0:0:0:0/block/sda"
#define SDA DISK_CARD "block sda 8:0 " SDA_AT "\n"
#define SDA1 SDA "block sda1 8:1 " SDA_AT "/sda1\n"
#define DM0(name)                                                                        \
    "block dm-0 253:0 virtual/block/dm-0\nfile " V "block/dm-0/dm/name " name "\n"
#define DM1(name)                                                                        \
    "block dm-1 253:1 virtual/block/dm-1\nfile " V "block/dm-1/dm/name " name "\n"
#define UDEV(number, kind)                                                               \
    "file run/udev/data/b" number " S:disk/by-id/x~E:ID_BUS=ata~E:ID_FS_TYPE=" kind "\n"
#define NO_MOUNTS MOUNTS "1 0 0:2 / / rw - rootfs rootfs rw\n"

#define CARD "pci " P " 020000 e1000e 10\n"
#define ETH0 CARD "net eth0 2 " P "/net/eth0\n"
#define ETH0_UP CARD "net eth0 2 " P "/net/eth0 0x1003\n"

static const struct {
    const char *what;
    const char *rows;
    const char *said; /* the verdict, and the findings but "bound" and "no-reset" */
} cases[] = {
    /* --- disks */
    {"nothing on it", SDA NO_MOUNTS, "detach"},
    {"a file system that nobody mounted", SDA1 UDEV("8:1", "ext4") NO_MOUNTS, "detach"},
    {"mounted", SDA1 MOUNTS "1 0 8:1 / / rw - ext4 /dev/root rw\n",
     "never disk-in-use:sda1 mounted on /"},
    {"the whole disk, mounted",
     SDA MOUNTS "1 0 8:0 / /data rw shared:1 - xfs /dev/sda rw\n",
     "never disk-in-use:sda mounted on /data"},
    {"mounted for the first process only",
     SDA1 NO_MOUNTS "file proc/1/mountinfo 1 0 8:1 / /x rw - ext4 /dev/sda1 rw\n",
     "never disk-in-use:sda1 mounted on /x"},
    {"mounted, in /proc/mounts of an old kernel",
     SDA1 "file proc/mounts rootfs / rootfs rw 0 0~/dev/sda1 / ext3 rw 0 0\n",
     "never disk-in-use:sda1 mounted on /"},
    {"/dev/root in it may be any", SDA1 "file proc/mounts /dev/root / ext3 rw 0 0\n",
     "unknown disk-unknown:what is mounted on / is on a disk that is not listed"},
    {"a Smart Array's, whose name has a slash",
     DISK_CARD "block cciss!c0d0p1 104:1 " P "/cciss0/c0d0/block/cciss!c0d0p1\n"
               "file proc/mounts /dev/cciss/c0d0p1 / ext3 rw 0 0\n",
     "never disk-in-use:cciss!c0d0p1 mounted on /"},
    {"mounted where only another name space sees it",
     SDA1 NO_MOUNTS "dir sys/fs/xfs/stats\ndir sys/fs/xfs/sda1\n",
     "never disk-in-use:sda1 mounted somewhere (xfs)"},
    {"a mounted disk that is not listed",
     SDA MOUNTS "1 0 8:17 / /y rw - ext4 /dev/sdb1 rw\n",
     "unknown disk-unknown:what is mounted on /y is on a disk that is not listed"},
    {"FUSE is no disk", SDA MOUNTS "1 0 0:50 / /z rw - fuse.sshfs /dev/fuse rw\n",
     "detach"},
    {"FUSE with no name is none either",
     SDA "file proc/mounts /dev/fuse /z fuse rw 0 0\n", "detach"},
    {"mounts cannot be read, and there may be a card in the reader",
     "pci " P " 080501 sdhci-pci 10\nwithout mounts\n",
     "unknown disk-unknown:the list of mounts cannot be read"},
    {"mounts cannot be read", SDA "without mounts\n",
     "unknown disk-unknown:the list of mounts cannot be read"},
    {"swapped to",
     SDA1 NO_MOUNTS
     "file proc/swaps Filename Type Size Used Priority~/dev/sda1 partition 1 0 -2\n",
     "never disk-in-use:sda1 swapped to"},
    {"a Smart Array's swap",
     DISK_CARD "block cciss!c0d0p2 104:2 " P "/cciss0/c0d0/block/cciss!c0d0p2\n" NO_MOUNTS
               "file proc/swaps /dev/cciss/c0d0p2 partition 1 0 -2\n",
     "never disk-in-use:cciss!c0d0p2 swapped to"},
    {"swapped to by its mapped name",
     SDA1 DM0("vg-swap") "slave sda1 dm-0\n" NO_MOUNTS
                         "file proc/swaps /dev/mapper/vg-swap partition 1 0 -2\n",
     "never disk-in-use:dm-0 (vg-swap) swapped to disk-in-use:sda1 part of vg-swap"},
    {"swapped to a disk that is not listed",
     SDA NO_MOUNTS "file proc/swaps /dev/sdz partition 1 0 -2\n",
     "unknown disk-unknown:what is swapped to /dev/sdz is on a disk that is not listed"},
    {"swaps cannot be read",
     SDA NO_MOUNTS "file proc/swaps x\nfile unreadable proc/swaps\n",
     "unknown disk-unknown:the list of swaps cannot be read"},
    {"a file is swapped to", SDA NO_MOUNTS "file proc/swaps /swap file 1 0 -2\n",
     "detach"},
    {"LVM over it",
     SDA1 DM0("vg-root") "slave sda1 dm-0\n" MOUNTS
                         "1 0 253:0 / / rw - ext4 /dev/mapper/vg-root rw\n",
     "never disk-in-use:dm-0 (vg-root) mounted on / disk-in-use:sda1 part of vg-root"},
    {"LVM on encryption on RAID on a partition",
     SDA1 DM0("luks") DM1("vg-root") "block md0 9:0 virtual/block/md0\nslave sda1 md0\n"
                                     "slave md0 dm-0\nslave dm-0 dm-1\n" MOUNTS
                                     "1 0 253:1 / / rw - ext4 /dev/mapper/vg-root rw\n",
     "never disk-in-use:dm-0 (luks) part of vg-root "
     "disk-in-use:dm-1 (vg-root) mounted on / disk-in-use:md0 part of luks "
     "disk-in-use:sda1 part of md0"},
    {"made of itself",
     SDA1 DM0("a") DM1("b") "slave dm-0 dm-1\nslave dm-1 dm-0\n"
                            "slave sda1 dm-1\n" MOUNTS
                            "1 0 253:0 / / rw - ext4 /dev/dm-0 rw\n",
     "never disk-in-use:dm-0 (a) mounted on / disk-in-use:dm-0 (a) part of b "
     "disk-in-use:dm-1 (b) part of a disk-in-use:sda1 part of b"},
    {"a volume group that is not active", SDA1 UDEV("8:1", "LVM2_member") NO_MOUNTS,
     "never disk-in-use:sda1 part of LVM"},
    {"RAID that is not put together", SDA UDEV("8:0", "linux_raid_member") NO_MOUNTS,
     "never disk-in-use:sda part of RAID"},
    {"a firmware's RAID", SDA UDEV("8:0", "isw_raid_member") NO_MOUNTS,
     "never disk-in-use:sda part of RAID"},
    {"ZFS", SDA1 UDEV("8:1", "zfs_member") NO_MOUNTS,
     "never disk-in-use:sda1 part of ZFS"},
    {"a pool is in use, and udev was not asked",
     SDA NO_MOUNTS "dir proc/spl/kstat/zfs/tank\n",
     "unknown disk-unknown:ZFS pools are here, and udev was not asked"},
    {"a pool's file system is mounted, and udev was not asked",
     SDA MOUNTS "1 0 0:40 / /tank rw - zfs tank rw\n",
     "unknown disk-unknown:ZFS pools are here, and udev was not asked"},
    {"ZFS without a pool", SDA NO_MOUNTS "file proc/spl/kstat/zfs/arcstats x\n",
     "detach"},
    {"bcache", SDA UDEV("8:0", "bcache") NO_MOUNTS,
     "never disk-in-use:sda part of bcache"},
    {"Stratis", SDA UDEV("8:0", "stratis") NO_MOUNTS,
     "never disk-in-use:sda part of Stratis"},
    {"a database's disk", SDA UDEV("8:0", "oracleasm") NO_MOUNTS,
     "never disk-in-use:sda part of Oracle ASM"},
    {"one path of several",
     SDA DM0("mpatha") "slave sda dm-0\n" MOUNTS
                       "1 0 253:0 / / rw - xfs /dev/mapper/mpatha rw\n",
     "never disk-in-use:dm-0 (mpatha) mounted on / disk-in-use:sda part of mpatha"},
    {"one path of several that nothing is on", SDA UDEV("8:0", "mpath_member") NO_MOUNTS,
     "never disk-in-use:sda a multipath's"},
    {"another member of a btrfs",
     SDA MOUNTS
     "1 0 0:30 /@ / rw - btrfs /dev/sdb rw\ndir sys/fs/btrfs/11-22/devices/sda\n"
     "dir sys/fs/btrfs/features\n",
     "never disk-in-use:sda part of a mounted btrfs"},
    {"a btrfs whose members an old kernel does not list",
     SDA UDEV("8:0", "btrfs") "file proc/mounts /dev/sdb / btrfs rw 0 0\n"
                              "pci pci0000:00/0000:00:11.0 010601 ahci 11\n"
                              "block sdb 8:16 pci0000:00/0000:00:11.0/host1/block/sdb\n",
     "unknown disk-unknown:a btrfs is mounted, and this kernel does not list its disks"},
    {"a btrfs that is no member of those that are mounted",
     SDA UDEV("8:0", "btrfs") MOUNTS "1 0 0:30 /@ / rw - btrfs /dev/loop0 rw\n"
                                     "block loop0 7:0 virtual/block/loop0\n"
                                     "dir sys/fs/btrfs/11-22/devices/loop0\n",
     "detach"},
    {"bcachefs names all of its disks",
     SDA "block sdb 8:16 virtual/block/sdb\n" MOUNTS
         "1 0 0:44 / /b rw - bcachefs /dev/sda:/dev/sdb rw\n",
     "never disk-in-use:sda mounted on /b"},
    {"under a loop device",
     SDA "block loop0 7:0 virtual/block/loop0\n" NO_MOUNTS "file " V
         "block/loop0/loop/backing_file /dev/sda\n",
     "never disk-in-use:sda part of loop0"},
    {"a loop device over a file",
     SDA "block loop0 7:0 virtual/block/loop0\n" NO_MOUNTS "file " V
         "block/loop0/loop/backing_file /dev.img\n",
     "detach"},
    {"NVMe",
     "pci " P " 010802 nvme 10\nblock nvme0n1p2 259:2 " P
     "/nvme/nvme0/nvme0n1/nvme0n1p2\n" MOUNTS
     "1 0 259:2 / / rw - ext4 /dev/nvme0n1p2 rw\n",
     "never disk-in-use:nvme0n1p2 mounted on /"},
    {"NVMe with several paths",
     "pci " P
     " 010802 nvme 10\nblock nvme0n1 259:1 virtual/nvme-subsystem/nvme-subsys0/nvme0n1\n"
     "link sys/class/nvme-subsystem/nvme-subsys0 "
     "../../devices/virtual/nvme-subsystem/nvme-subsys0\n"
     "link " V "nvme-subsystem/nvme-subsys0/nvme0 ../../../" P "/nvme/nvme0\n"
     "link sys/class/nvme/nvme0 ../../devices/" P "/nvme/nvme0\n" MOUNTS
     "1 0 259:1 / / rw - ext4 /dev/nvme0n1 rw\n",
     "never disk-in-use:nvme0n1 mounted on /"},
    {"NVMe with several paths, and which they are is not told",
     "pci " P " 010802 nvme 10\nblock nvme0n1 259:1 "
     "virtual/nvme-subsystem/nvme-subsys0/nvme0n1\n" MOUNTS
     "1 0 259:1 / / rw - ext4 /dev/nvme0n1 rw\n",
     "unknown disk-unknown:nvme0n1 is in use, and its controllers are not told"},
    {"NVMe over Fibre Channel",
     "pci " P " 0c0400 lpfc 10\nblock nvme0n1 259:1 "
     "virtual/nvme-fabrics/ctl/nvme0/nvme0n1\n" MOUNTS
     "1 0 259:1 / / rw - ext4 /dev/nvme0n1 rw\n",
     "unknown disk-unknown:nvme0n1 is in use over some adapter"},
    {"virtio",
     "pci " P " 010000 virtio-pci 10\nblock vda1 254:1 " P
     "/virtio1/block/vda/vda1\n" MOUNTS "1 0 254:1 / / rw - ext4 /dev/vda1 rw\n",
     "never disk-in-use:vda1 mounted on /"},
    {"a RAID card",
     "pci " P " 010400 megaraid_sas 10\nblock sda3 8:3 " P
     "/host0/target0:2:0/0:2:0:0/block/sda/sda3\n" MOUNTS
     "1 0 8:3 / / rw - xfs /dev/sda3 rw\n",
     "never disk-in-use:sda3 mounted on /"},
    {"a card reader",
     "pci " P " 080501 sdhci-pci 10\nblock mmcblk0p1 179:1 " P
     "/mmc_host/mmc0/mmc0:0001/block/mmcblk0/mmcblk0p1\n" MOUNTS
     "1 0 179:1 / / rw - ext4 /dev/mmcblk0p1 rw\n",
     "never disk-in-use:mmcblk0p1 mounted on /"},
    {"USB, with the disk of the root",
     "pci " P " 0c0330 xhci_hcd 10\nblock sda1 8:1 " P
     "/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sda/sda1\n" MOUNTS
     "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n",
     "never disk-in-use:sda1 mounted on /"},
    {"Fibre Channel",
     "pci " P " 0c0400 lpfc 10\nblock sda 8:0 " P
     "/host3/rport-3:0-1/target3:0:0/3:0:0:0/block/sda\nblock sdb 8:16 virtual/sdb\n" DM0(
         "mpatha") "slave sda dm-0\nslave sdb dm-0\n" MOUNTS
                   "1 0 253:0 / / rw - xfs /dev/mapper/mpatha rw\n",
     "never disk-in-use:dm-0 (mpatha) mounted on / disk-in-use:sda part of mpatha"},
    {"this kernel lists no disks", DISK_CARD "without disks\n",
     "unknown disk-unknown:this kernel does not list its disks"},

    /* --- network */
    {"an idle card", ETH0, "detach"},
    {"the default route", ETH0_UP ROUTES "eth0 00000000 0102A8C0 0003 0 0 0 00000000\n",
     "never network-in-use:eth0 has the default route"},
    {"a route, and so an address",
     ETH0_UP ROUTES "eth0 0002A8C0 00000000 0001 0 0 0 00FFFFFF\n",
     "never network-in-use:eth0 is up and has an address"},
    {"the default route of IPv6",
     ETH0_UP
     "file proc/net/ipv6_route 00000000000000000000000000000000 00 "
     "00000000000000000000000000000000 00 fe800000000000000000000000000001 00000400 "
     "00000000 00000000 00000003     eth0\n",
     "never network-in-use:eth0 has the default route"},
    {"an address of IPv6",
     ETH0_UP
     "file proc/net/if_inet6 20010db8000000000000000000000001 02 40 00 80     eth0\n",
     "never network-in-use:eth0 is up and has an address"},
    {"one that came by itself, with the carrier",
     ETH0_UP
     "file proc/net/if_inet6 fe800000000000000000000000000001 02 40 20 80     eth0\n",
     "blocked network-up:eth0"},
    {"up without any address: a sniffer, AoE, an address of 32 bits", ETH0_UP,
     "blocked network-up:eth0"},
    {"whether it is up cannot be read", CARD "net eth0 2 " P "/net/eth0 x\n",
     "blocked network-up:eth0"},
    {"in a bond",
     ETH0 "net bond0 9 virtual/net/bond0\nlink sys/devices/" P
          "/net/eth0/master ../../../../virtual/net/bond0\n",
     "never network-in-use:eth0 is part of bond0"},
    {"in a team",
     ETH0 "net team0 9 virtual/net/team0\nlink sys/devices/" P
          "/net/eth0/master ../../../../virtual/net/team0\nlink sys/devices/" P
          "/net/eth0/upper_team0 ../../../../virtual/net/team0\n",
     "never network-in-use:eth0 is part of team0"},
    {"in an old kernel's bridge",
     ETH0 "link sys/devices/" P
          "/net/eth0/brport/bridge ../../../../../virtual/net/br0\n",
     "never network-in-use:eth0 is part of br0"},
    {"under a VLAN",
     ETH0 "link sys/devices/" P "/net/eth0/upper_eth0.5 ../../../../virtual/net/eth0.5\n",
     "never network-in-use:eth0 is under eth0.5"},
    {"under a guest's macvtap",
     ETH0 "link sys/devices/" P
          "/net/eth0/upper_macvtap0 ../../../../virtual/net/macvtap0\n",
     "never network-in-use:eth0 is under macvtap0"},
    {"under an old kernel's VLAN",
     ETH0 "net eth0.5 9 virtual/net/eth0.5\nfile " V "net/eth0.5/iflink 2\n",
     "never network-in-use:eth0 is under eth0.5"},
    {"a container's cable whose other end has the same number there",
     ETH0 "net veth1 9 virtual/net/veth1\nfile " V "net/veth1/iflink 2\nfile " V
          "net/veth1/carrier_changes 2\n",
     "detach"},
    {"an address on the bond's VLAN only",
     ETH0 "net bond0 9 virtual/net/bond0\nlink sys/devices/" P
          "/net/eth0/master ../../../../virtual/net/bond0\n" ROUTES
          "bond0.7 0002A8C0 00000000 0001 0 0 0 00FFFFFF\n",
     "never network-in-use:eth0 is part of bond0"},
    {"one of the card's two ports",
     ETH0 "net eth1 3 " P "/net/eth1 0x1003\n" ROUTES
          "eth1 00000000 0102A8C0 0003 0 0 0 00000000\n",
     "never network-in-use:eth1 has the default route"},
    {"virtio",
     "pci " P " 020000 virtio-pci 10\nnet eth0 2 " P "/virtio2/net/eth0 0x1003\n" ROUTES
     "eth0 00000000 0102A8C0 0003 0 0 0 00000000\n",
     "never network-in-use:eth0 has the default route"},
    {"a network card on USB",
     "pci " P " 0c0330 xhci_hcd 10\nnet usb0 2 " P
     "/usb1/1-2/1-2:1.0/net/usb0 0x1003\n" ROUTES
     "usb0 00000000 0102A8C0 0003 0 0 0 00000000\n",
     "never network-in-use:usb0 has the default route"},
    {"in another name space", CARD, "blocked network-unseen"},
    {"an old kernel's directory instead of a link",
     CARD "link sys/class/net/eth0/device ../../../devices/" P "\n" ROUTES
          "eth0 00000000 0102A8C0 0003 0 0 0 00000000\n",
     "never network-in-use:eth0 has the default route"},
    {"iSCSI: a disk that hangs on no card, and the card with the address",
     ETH0_UP
     "block sda 8:0 platform/host2/session1/target2:0:0/2:0:0:0/block/sda\n" MOUNTS
     "1 0 8:0 / / rw - ext4 /dev/sda rw\n" ROUTES
     "eth0 0002A8C0 00000000 0001 0 0 0 00FFFFFF\n",
     "never network-in-use:eth0 is up and has an address"},
    {"NBD",
     ETH0_UP "block nbd0 43:0 virtual/block/nbd0\n" MOUNTS
             "1 0 43:0 / / rw - ext4 /dev/nbd0 rw\nfile proc/net/if_inet6 "
             "20010db8000000000000000000000001 02 40 00 80     eth0\n",
     "never network-in-use:eth0 is up and has an address"},
    {"FCoE, on the card itself",
     ETH0_UP "block sda 8:0 " P
             "/net/eth0/ctlr_0/host6/rport-6:0-1/target6:0:0/6:0:0:0/block/sda\n" MOUNTS
             "1 0 8:0 / / rw - ext4 /dev/sda rw\n",
     "never disk-in-use:sda mounted on / network-up:eth0"},

    /* --- a card with virtual functions */
    {"a virtual one carries the host's network",
     ETH0 "attr 0000:00:10.0 sriov_totalvfs 7\nattr 0000:00:10.0 sriov_numvfs 1\n"
          "pci pci0000:00/0000:00:10.1 020000 igbvf 11\n"
          "link sys/devices/pci0000:00/0000:00:10.1/physfn ../0000:00:10.0\n"
          "net eth9 9 pci0000:00/0000:00:10.1/net/eth9 0x1003\n" ROUTES
          "eth9 00000000 0102A8C0 0003 0 0 0 00000000\n",
     "never network-in-use:eth9 has the default route virtual-functions-on:1"},
    {"virtual ones, for guests",
     ETH0 "attr 0000:00:10.0 sriov_totalvfs 7\nattr 0000:00:10.0 sriov_numvfs 2\n",
     "blocked virtual-functions-on:2"},

    /* --- who sits before it */
    {"the display that firmware started with",
     "pci " P " 030000 i915 10\nattr 0000:00:10.0 boot_vga 1\n", "never boot-display"},
    {"which display that was is not told", "pci " P " 030000 i915 10\n",
     "unknown display-unknown"},
    {"another display", "pci " P " 030000 i915 10\nattr 0000:00:10.0 boot_vga 0\n",
     "detach"},
    {"another display, with the console",
     "pci " P " 030000 i915 10\nattr 0000:00:10.0 boot_vga 0\n"
     "link sys/class/graphics/fb0 ../../devices/" P "/graphics/fb0\n",
     "never boot-display:the console is on its fb0"},
    {"another display, with a framebuffer that is not the console's",
     "pci " P " 030000 i915 10\nattr 0000:00:10.0 boot_vga 0\n"
     "link sys/class/graphics/fb1 ../../devices/" P "/graphics/fb1\n",
     "detach"},
    {"another display, with somebody's picture",
     "pci " P " 030000 i915 10\nattr 0000:00:10.0 boot_vga 0\n"
     "link sys/class/drm/card1-DP-1 ../../devices/" P "/drm/card1/card1-DP-1\n"
     "file sys/devices/" P "/drm/card1/card1-DP-1/enabled enabled\n",
     "blocked display-on:card1-DP-1"},
    {"another display, with a cable and no picture",
     "pci " P " 030000 i915 10\nattr 0000:00:10.0 boot_vga 0\n"
     "link sys/class/drm/card1-DP-1 ../../devices/" P "/drm/card1/card1-DP-1\n"
     "file sys/devices/" P "/drm/card1/card1-DP-1/enabled disabled\n",
     "detach"},
    {"the keyboard",
     "pci " P " 0c0330 xhci_hcd 10\nlink sys/class/input/input3 ../../devices/" P
     "/usb1/1-1/1-1:1.0/0003:1.0001/input/input3\nfile sys/devices/" P
     "/usb1/1-1/1-1:1.0/0003:1.0001/input/input3/capabilities/key 1000000000007 "
     "ff9f207ac14057ff febeffdfffefffff fffffffffffffffe\n",
     "blocked keyboard:input3"},
    {"a keyboard, as a kernel of 32 bits writes it",
     "pci " P " 0c0330 xhci_hcd 10\nlink sys/class/input/input3 ../../devices/" P
     "/usb1/input/input3\nfile sys/devices/" P
     "/usb1/input/input3/capabilities/key 4 2000000 3803078 f800d001 feffffdf ffefffff "
     "ffffffff fffffffe\n",
     "blocked keyboard:input3"},
    {"a mouse",
     "pci " P " 0c0330 xhci_hcd 10\nlink sys/class/input/input4 ../../devices/" P
     "/usb1/input/input4\nfile sys/devices/" P
     "/usb1/input/input4/capabilities/key ff0000 0 0 0 0\n",
     "detach"},
    {"a bridge", "pci " P " 060400 pcieport 10\n", "never bridge"},
    {"a bridge that nothing drives", "pci " P " 068000 - 10\n", "never bridge"},
};

static const char rest[] = "file proc/sys/kernel/arch x86_64\n"
                           "file proc/sys/kernel/osrelease 6.1.0\n"
                           "file proc/interrupts 24: 9 IR-PCI-MSI 0-edge x\n"
                           "dir sys/class/iommu/dmar0\n";

static const char *const verdicts[] = {"ready", "detach", "unknown", "blocked", "never"};

static void say(const struct pci_function *f, char *text, size_t size)
{
    int n = snprintf(text, size, "%s", verdicts[f->verdict]);

    for (size_t i = 0; i < f->findings && n < (int)size; i++) {
        const struct finding *finding = &f->finding[i];

        if (finding->reason == REASON_BOUND || finding->reason == REASON_NO_RESET)
            continue;
        n += snprintf(text + n, size - (size_t)n, " %s%s%s",
                      device_reasons[finding->reason].name, *finding->detail ? ":" : "",
                      finding->detail);
    }
}

static void begin(struct capture *c, const char *rows, struct devices *devices)
{
    struct error err;
    struct live live;

    capture_begin(c);
    sysfs_make(c, rest);
    sysfs_make(c, rows);
    if (!strstr(rows, "without disks"))
        sysfs_dir(c, "sys/class/block");
    if (!strstr(rows, "without mounts") && !strstr(rows, "self/mountinfo") &&
        !strstr(rows, "proc/mounts"))
        sysfs_make(c, NO_MOUNTS);
    capture_open(c);
    ck_assert_int_eq(live_read(c->platform, &live, &err), 0);
    ck_assert_int_eq(devices_read(c->platform, &live, devices, &err), 0);
    live_clear(&live);
}

START_TEST(tells_use)
{
    const struct pci_function *f;
    struct devices devices;
    struct capture c;
    char said[1024];

    begin(&c, cases[_i].rows, &devices);
    f = devices_find(&devices, "0000:00:10.0");
    ck_assert_ptr_nonnull(f);
    say(f, said, sizeof(said));
    ck_assert_msg(streq(said, cases[_i].said), "%s:\n  %s, not\n  %s", cases[_i].what,
                  said, cases[_i].said);
    devices_clear(&devices);
    capture_end(&c);
}
END_TEST

/* What is in use stays so where it is on no driver, or on one for guests. */
START_TEST(never_ready)
{
    static const char *const drivers[] = {"-", "vfio-pci"};
    bool used = starts_with(cases[_i].said, "never");

    for (size_t i = 0; used && i < ARRAY_LEN(drivers); i++) {
        const struct pci_function *f;
        struct devices devices;
        struct capture c;
        struct live live = {.state = LIVE_ON, .interrupts_remapped = true};
        struct error err;
        char path[256];

        begin(&c, cases[_i].rows, &devices);
        devices_clear(&devices);
        snprintf(path, sizeof(path), "%s/sys/devices/" P "/driver", c.dir);
        remove(path);
        if (i == 1)
            ck_assert_int_eq(symlink("../../../bus/pci/drivers/vfio-pci", path), 0);
        ck_assert_int_eq(devices_read(c.platform, &live, &devices, &err), 0);
        f = devices_find(&devices, "0000:00:10.0");
        ck_assert_msg(f->verdict == DEVICE_NEVER, "%s, on %s", cases[_i].what,
                      drivers[i]);
        devices_clear(&devices);
        capture_end(&c);
    }
}
END_TEST

/* Hundreds of uses of one kind leave room for the next kind, which decides. */
START_TEST(worst_is_kept)
{
    const struct pci_function *f;
    struct devices devices;
    struct capture c;
    struct buf rows = BUF_INIT;

    buf_add_text(&rows, SDA1 MOUNTS);
    for (int i = 0; i < 300; i++)
        buf_format(&rows, "1 0 8:99 / /m%d rw - ext4 /dev/gone rw~", i);
    buf_add_text(&rows, "1 0 8:1 / /last rw - ext4 /dev/sda1 rw\n");
    for (int i = 0; i < 100; i++)
        buf_format(&rows, "net eth%d %d " P "/net/eth%d 0x1003\n", i, i + 2, i);
    begin(&c, buf_text(&rows), &devices);
    f = devices_find(&devices, "0000:00:10.0");
    ck_assert_int_eq(f->verdict, DEVICE_NEVER);
    ck_assert_int_eq(f->finding[0].reason, REASON_DISK);
    ck_assert_str_eq(f->finding[0].detail, "sda1 mounted on /last");
    buf_clear(&rows);
    devices_clear(&devices);
    capture_end(&c);
}
END_TEST

/* Each of forty devices is made of both of the layer below: two to the fortieth ways. */
START_TEST(ways_are_not_counted)
{
    const struct pci_function *f;
    struct devices devices;
    struct capture c;
    struct buf rows = BUF_INIT;

    buf_add_text(&rows, SDA MOUNTS "1 0 253:98 / / rw - ext4 /dev/x rw\n");
    for (int i = 0; i < 80; i++)
        buf_format(&rows, "block dm-%02d 253:%d virtual/block/dm-%02d\n", i + 20, i + 20,
                   i + 20);
    buf_add_text(&rows, "slave sda dm-20\nslave sda dm-21\n");
    for (int i = 22; i < 100; i++)
        buf_format(&rows, "slave dm-%02d dm-%02d\nslave dm-%02d dm-%02d\n", i / 2 * 2 - 2,
                   i, i / 2 * 2 - 1, i);
    begin(&c, buf_text(&rows), &devices);
    f = devices_find(&devices, "0000:00:10.0");
    ck_assert_int_eq(f->verdict, DEVICE_NEVER);
    buf_clear(&rows);
    devices_clear(&devices);
    capture_end(&c);
}
END_TEST

int main(void)
{
    TCase *tc = tcase_create("in use");
    Suite *suite = suite_create("in_use");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, tells_use, 0, ARRAY_LEN(cases));
    tcase_add_loop_test(tc, never_ready, 0, ARRAY_LEN(cases));
    tcase_add_test(tc, worst_is_kept);
    tcase_add_test(tc, ways_are_not_counted);
    suite_add_tcase(suite, tc);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
