/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What of the running host hangs on its PCI functions: disks that are mounted, swapped to
 * or part of LVM, RAID, btrfs or ZFS; network interfaces with an address, a route or
 * something on top, or just up; and who sits before the machine. What cannot be told
 * counts against the device.
 */
#ifndef PLATFORM_IN_USE_H
#define PLATFORM_IN_USE_H

#include "platform/devices.h"

/* Adds findings to the functions. 0 or -ENOMEM. */
int in_use_read(const struct platform *, struct devices *);

/* Its parts. */
int in_use_disks(const struct platform *, struct devices *);
int in_use_network(const struct platform *, struct devices *);
int in_use_seat(const struct platform *, struct devices *); /* display and keyboard */

/* Every PCI function that PATH, a link of sysfs, leads through: the controller of what it
   names, and what is above. 1 if there is one, 0 if not, or -ENOMEM. */
int in_use_mark(struct devices *, const char *path, enum device_reason,
                const char *detail);

#endif
