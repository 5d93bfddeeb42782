/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Is a disk's key bound to a TPM register that the command line is measured into? Then a
 * changed command line means a passphrase at the console. Register 8 takes it from GRUB,
 * 12 from systemd-boot and the stub of unified kernel images. Looked at: /etc/crypttab
 * and, where the device that it names can be read, the tokens in its LUKS2 header
 * (systemd-tpm2, clevis).
 */
#ifndef BOOT_MEASURED_H
#define BOOT_MEASURED_H

#include "base/root.h"

struct measured {
    unsigned pcr;     /* 8 or 12; 0: no binding was found */
    bool clevis;      /* bound by clevis, else by systemd-cryptenroll */
    unsigned line;    /* in /etc/crypttab */
    char device[128]; /* as the crypttab names it */
    char unread[200]; /* a device with a TPM whose header could not be read; "" if none */
};

/* Fails for want of memory only: what cannot be read is told in UNREAD. */
int measured_look(struct root *, struct measured *, struct error *);

/* The register in the JSON area of a LUKS2 header that a token binds to, or 0. Pure. */
unsigned measured_tokens(const char *json, size_t len, bool *clevis);

#endif
