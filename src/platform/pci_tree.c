/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/pci_tree.h"

#include <errno.h>
#include <stdio.h>

#include "base/root.h"

#define DEVICES "sys/bus/pci/devices"

/* Of ".../0000:00:1c.0/0000:03:00.0" the last part but one, if it is an address. */
static void parent_of(char *link, char parent[PCI_NAME_SIZE])
{
    char *end = strrchr(link, '/'), *start;

    parent[0] = '\0';
    if (!end)
        return;
    *end = '\0';
    start = strrchr(link, '/');
    start = start ? start + 1 : link;
    if (strlen(start) < PCI_NAME_SIZE && strchr(start, '.') && start[0] != '.')
        snprintf(parent, PCI_NAME_SIZE, "%s", start);
}

static int add_node(const struct platform *p, const char *name, struct pci_tree *tree)
{
    char path[sizeof(DEVICES) + PCI_NAME_SIZE];
    AUTO_FREE char *link = NULL;
    struct pci_node *node;
    int r;

    if (strlen(name) >= PCI_NAME_SIZE)
        return 0;
    snprintf(path, sizeof(path), DEVICES "/%s", name);
    r = platform_link(p, path, &link);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    if (array_grow(&tree->node, tree->nodes, sizeof(*tree->node)) < 0)
        return -ENOMEM;
    node = &tree->node[tree->nodes++];
    snprintf(node->name, sizeof(node->name), "%s", name);
    parent_of(link, node->parent);
    return 0;
}

int pci_tree_read(const struct platform *p, struct pci_tree *tree)
{
    CLEANUP(auto_names_free) char **names = NULL;
    int r;

    *tree = (struct pci_tree){.node = NULL};
    r = platform_list(p, DEVICES, &names);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    for (size_t i = 0; r == 0 && names[i]; i++)
        r = add_node(p, names[i], tree);
    if (r < 0)
        pci_tree_clear(tree);
    return r;
}

void pci_tree_clear(struct pci_tree *tree)
{
    free(tree->node);
    *tree = (struct pci_tree){.node = NULL};
}

/* "1f.2" is what an address ends with. */
static const struct pci_node *child_of(const struct pci_tree *tree, const char *parent,
                                       const uint8_t step[2])
{
    char end[8];

    snprintf(end, sizeof(end), ":%02x.%x", step[0], step[1]);
    for (size_t i = 0; i < tree->nodes; i++)
        if (streq(tree->node[i].parent, parent) && ends_with(tree->node[i].name, end))
            return &tree->node[i];
    return NULL;
}

bool pci_tree_follow(const struct pci_tree *tree, uint16_t segment, uint8_t bus,
                     const uint8_t path[][2], size_t depth, char name[PCI_NAME_SIZE])
{
    name[0] = '\0';
    if (!depth)
        return false;
    snprintf(name, PCI_NAME_SIZE, "%04x:%02x:%02x.%x", segment, bus, path[0][0],
             path[0][1]);
    for (size_t i = 1; i < depth; i++) {
        const struct pci_node *node = child_of(tree, name, path[i]);

        snprintf(name, PCI_NAME_SIZE, "%s", node ? node->name : "");
        if (!node)
            return false;
    }
    return true;
}

void pci_id_name(uint16_t segment, uint16_t id, char name[PCI_NAME_SIZE])
{
    snprintf(name, PCI_NAME_SIZE, "%04x:%02x:%02x.%x", segment, id >> 8, id >> 3 & 0x1f,
             id & 7);
}
