/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a boot loader and the system tell each other in EFI variables (systemd's Boot
 * Loader Interface): which loader started this system, and which entry it is to start.
 * Read where efivarfs shows them; knows their form, not what the names in them mean.
 */
#ifndef PLATFORM_EFI_VARS_H
#define PLATFORM_EFI_VARS_H

#include "platform/platform.h"

enum efi_var {
    EFI_LOADER_INFO,     /* "systemd-boot 254.5", "GRUB 2.12" */
    EFI_ENTRY_ONE_SHOT,  /* for the next start alone */
    EFI_ENTRY_PREFERRED, /* unless it was given up (systemd 258) */
    EFI_ENTRY_DEFAULT,   /* bootctl set-default; "@saved" means the last one */
    EFI_ENTRY_LAST,      /* what was started last, where that is saved */
    EFI_VARS,
};

struct efi_vars {
    char *value[EFI_VARS]; /* in UTF-8; NULL: not set, or not to be read */
    int error[EFI_VARS];   /* a negative errno where it is there and cannot be told */
};

extern const char *const efi_var_names[]; /* by enum efi_var */

/* Fails for want of memory only. */
int efi_vars_read(const struct platform *, struct efi_vars *, struct error *);
void efi_vars_clear(struct efi_vars *);

/* The text of a variable's file, 4 bytes of attributes and UTF-16: 0 with *TEXT owned,
   -EBADMSG where it is none, or -ENOMEM. Pure. */
int efi_var_text(const char *data, size_t len, char **text);

#endif
