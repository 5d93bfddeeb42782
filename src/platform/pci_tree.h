/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which PCI function is behind which bridge, as sysfs has it: what turns the paths that
 * firmware tables name devices by into addresses. Knows names, not what the functions do.
 */
#ifndef PLATFORM_PCI_TREE_H
#define PLATFORM_PCI_TREE_H

#include "platform/platform.h"

#define PCI_NAME_SIZE 24

struct pci_tree {
    struct pci_node {
        char name[PCI_NAME_SIZE];   /* "0000:03:00.0" */
        char parent[PCI_NAME_SIZE]; /* the bridge that it is behind; "": none */
    } * node;
    size_t nodes;
};

/* What cannot be read is left out. 0 or -ENOMEM. */
int pci_tree_read(const struct platform *, struct pci_tree *);
void pci_tree_clear(struct pci_tree *);

/*
 * The function at the end of a path of DEPTH (device, function) pairs that begins on BUS:
 * each but the last is a bridge. The first step needs no tree. False, and NAME "", if one
 * is not there. Paths: Intel VT-d specification, 8.3.1; ids: AMD's, 5.2.2.
 */
bool pci_tree_follow(const struct pci_tree *, uint16_t segment, uint8_t bus,
                     const uint8_t path[][2], size_t depth, char name[PCI_NAME_SIZE]);

/* A function by its 16-bit id: bus, device and function. */
void pci_id_name(uint16_t segment, uint16_t id, char name[PCI_NAME_SIZE]);

#endif
