/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What devices says: the tree, one device with the rest of the guide, and for programs.
 */
#ifndef CLI_REPORT_DEVICES_H
#define CLI_REPORT_DEVICES_H

#include "base/json.h"
#include "cli/report.h"

/* "pci_0000_00_1f_2", as libvirt has it. */
void libvirt_name(const struct pci_function *, char name[32]);

const char *word_device_verdict(enum device_verdict);

void print_devices(const struct told *); /* text, XML or Graphviz, as asked for */
void print_device(const struct told *);  /* one device, and how a guest gets it */
void print_hostdev(const struct pci_function *);
void print_function(const struct pci_function *, const char *first, const char *next);

/* For status: the lines of "before you assign a device". */
void print_assign(const struct assign *);

/* Into the document: "groups" and "devices". */
void put_devices(struct json *document, const struct told *);
struct json *assign_value(const struct assign *);

#endif
