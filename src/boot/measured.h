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

/* What a token binds a key to. */
struct binding {
    unsigned pcrs,
        signed_pcrs; /* registers, as bits; by their values, or by a signature */
    bool predicted;  /* to what systemd-pcrlock or sdbootutil predicts: these have to know
                      */
    bool clevis;     /* bound by clevis, else by systemd-cryptenroll */
    int slot;        /* the header's, -1: unknown */
};

struct measured {
    unsigned pcr; /* 8 or 12; 0: no binding was found */
    struct binding binding;
    unsigned line;    /* in /etc/crypttab */
    char device[128]; /* as the crypttab names it */
    char path[160];   /* the same as a path, for a command */
    char unread[200]; /* a device with a TPM whose header could not be read; "" if none */
};

/* Fails for want of memory only: what cannot be read is told in UNREAD. */
int measured_look(struct root *, struct measured *, struct error *);

/* The register in the JSON area of a LUKS2 header that a token binds to, 8 or 12, or 0.
   Pure. */
unsigned measured_tokens(const char *json, size_t len, struct binding *);

/* "7+12" */
void measured_list(unsigned pcrs, char text[96]);

#endif
