/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the root tells of one kernel image: is it Linux, how long a command line does it
 * take, was it built with the IOMMU's drivers and are they on by default. The boot header
 * is that of Documentation/arch/x86/boot.rst: "HdrS" at 202h, version at 206h,
 * cmdline_size at 238h from protocol 2.06 on.
 */
#ifndef BOOT_KERNEL_H
#define BOOT_KERNEL_H

#include "base/root.h"
#include "base/vendor.h"

enum kernel_guess { KERNEL_LINUX, KERNEL_XEN, KERNEL_OTHER, KERNEL_UNKNOWN };

enum driver_state {
    DRIVER_UNKNOWN, /* no config file for this version */
    DRIVER_MISSING, /* not built: the flag will do nothing */
    DRIVER_OFF,     /* built, off by default */
    DRIVER_PARTLY,  /* built, on but for the integrated GPU (Debian) */
    DRIVER_ON,      /* built, on by default */
};

struct kernel {
    char version[80];  /* as in vmlinuz-VERSION; "" if the name has none */
    char path[256];    /* where the image was found below the root; "" if it was not */
    bool old;          /* 2.6.x */
    uint16_t protocol; /* boot protocol, 0x0206; 0 if unread */
    uint32_t cmdline_size; /* characters it takes, 0 if unknown */
    enum driver_state intel, amd;
};

/* What the image's name, and the image itself where it is there, say. ARGS: its
 * arguments. */
enum kernel_guess kernel_guess(struct root *, const char *image, const char *args);

/* IMAGE as a menu names it: a device "(hd0,0)" before it is dropped; it is looked for as
   it is and below /boot. Never fails: what cannot be read stays unknown. */
void kernel_look(struct root *, const char *image, struct kernel *);

/* The same where an entry tells the version, too; NULL: it does not. */
void kernel_look_version(struct root *, const char *image, const char *version,
                         struct kernel *);

/* Is there such an image or initrd below the root, looked for as by kernel_look? */
bool kernel_file_exists(struct root *, const char *image);

enum driver_state kernel_driver(const struct kernel *, enum vendor);

/* Were all kernels below the root built with OPTION, as far as their configurations are
   there? 1; 0 with the version of one that was not, or "" where there is none; -ENOMEM.
 */
int kernels_have(struct root *, const char *option, char *version, size_t size);

#endif
