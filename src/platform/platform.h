/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The directory that the machine's facts are read from: "/" on the machine itself, or a
 * captured copy with the same names below it (--platform DIR). Knows files, not meanings.
 *
 * A captured directory holds, where there was one: proc/cpuinfo, proc/cmdline,
 * proc/interrupts, proc/sys/kernel/arch (what uname -m prints),
 * proc/sys/kernel/osrelease, proc/xen/capabilities, sys/firmware/acpi/tables/...,
 * sys/class/iommu/..., sys/kernel/iommu_groups/N/{name,devices/ADDRESS},
 * sys/devices/system/{iommu,amd_iommu}/...; and, if something could not be read when it
 * was captured, a file "unreadable" with one path a line (written as above, no leading
 * slash): such a path, and what is below it, answers -EACCES here too.
 */
#ifndef PLATFORM_PLATFORM_H
#define PLATFORM_PLATFORM_H

#include "base/buf.h"
#include "base/error.h"

struct platform;

int platform_open(struct platform **, const char *dir,
                  struct error *); /* NULL: the machine */
void platform_free(struct platform *);
void auto_platform_free(struct platform **);
bool platform_is_live(const struct platform *);
const char *platform_dir(const struct platform *); /* "/" or as given */
const char *
platform_arch(const struct platform *);        /* as uname -m; "" if a capture lacks it */
bool platform_is_x86(const struct platform *); /* i?86, x86_64; an unknown one counts */

/*
 * The bytes of PATH (no leading slash), read to the end since sysfs lies about sizes, at
 * most MAX. 0 or a negative errno: -ENOENT, -EACCES, -EFBIG, ...
 */
int platform_read(const struct platform *, const char *path, size_t max, struct blob *);

/* Sorted names in a directory, no dot files, NULL-terminated (names_free of base/root.h);
   the error as platform_read, -ENOTDIR for a file. */
int platform_list(const struct platform *, const char *path, char ***names);

/* Where the symbolic link PATH points, as it is written; to be freed. The error as
   platform_read, -EINVAL for what is no link. */
int platform_link(const struct platform *, const char *path, char **target);

#endif
