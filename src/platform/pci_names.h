/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The names of classes, makers and devices, from pci.ids as distributions install it: of
 * the platform, else of this machine. Read here and not through libpci: it is one pass
 * over lines, and a library more would have to be in every installer image.
 */
#ifndef PLATFORM_PCI_NAMES_H
#define PLATFORM_PCI_NAMES_H

#include "platform/devices.h"

/* Sets class_name, vendor_name, device_name where they are known. 0 or -ENOMEM. */
int pci_names_read(const struct platform *, struct devices *);

/* The same from a text; it is cut up. */
int pci_names_take(char *text, struct devices *);

#endif
