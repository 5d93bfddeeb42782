/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unified kernel images (UAPI.5): *.efi in EFI/Linux of an EFI partition, a kernel and
 * its command line in one file, often signed. The command line is read, for judging; it
 * is never edited. What has to change in it is for the tool that builds the image.
 *
 * A store's detail is text, what a loader entry would say of the image's place in
 * systemd-boot's order ("sort-key", "version"), out of the os-release in it; or NULL.
 */
#ifndef BOOT_UKI_H
#define BOOT_UKI_H

#include "boot/host.h"

extern const struct store_type uki;

#endif
