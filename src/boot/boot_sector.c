/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/boot_sector.h"

#define VERSION 0x3e
#define STAGE2_ADDRESS 0x42
#define KERNEL_ADDRESS 0x5a
#define CODE_END 0x1b8 /* the partition table's identifier follows */

static unsigned le16(const unsigned char *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

enum boot_code boot_sector_code(const unsigned char sector[BOOT_SECTOR])
{
    if (sector[510] != 0x55 || sector[511] != 0xaa ||
        !memmem(sector, CODE_END, "GRUB ", 5))
        return CODE_UNKNOWN;
    if (sector[VERSION] == 3 && sector[VERSION + 1] && sector[VERSION + 1] <= 2 &&
        (le16(sector + STAGE2_ADDRESS) == 0x8000 ||
         le16(sector + STAGE2_ADDRESS) == 0x2000)) /* or stage1_5's */
        return CODE_GRUB_LEGACY;
    if (!le16(sector + VERSION) && le16(sector + KERNEL_ADDRESS) == 0x8000)
        return CODE_GRUB2;
    return CODE_UNKNOWN;
}
