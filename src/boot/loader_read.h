/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One loader entry: its lines -> an entry and the slots of its options. What its two
 * readers make of a line differs (Red Hat's grub-core/commands/blscfg.c; systemd's
 * src/boot/boot.c):
 *
 *                           GRUB's blscfg                     systemd-boot
 *   blank line, lone key    reading stops there               skipped
 *   key and value           parted at the first space; at a   by blanks
 *                           tab if the line has no space
 *   several options         the first counts                  joined
 *   no options              $default_kernelopts               none
 *   $name in options        expanded                          as it is
 *   quotes around a value   stay                              taken off
 *
 * Where both or an unknown one may read it, what one of them would not read is refused.
 */
#ifndef BOOT_LOADER_READ_H
#define BOOT_LOADER_READ_H

#include "boot/host.h"
#include "boot/tree.h"

#define LOADER_COMMENT "# Added by iommuctl; disable takes it out again."
/* a slot's node: its options line is to be added */
#define LOADER_NOT_THERE ((size_t)-1)

enum loader_reader { READER_GRUB = 1, READER_SYSTEMD = 2 };

/* All entries' texts are one for Augeas, so that a hundred files are few calls. */
struct loader_tree {
    struct tree *tree;
    size_t len; /* of the text */
    size_t users;
};

struct loader_file { /* a store's detail: its part of the common text */
    struct loader_tree *all;
    size_t first, nodes;
    size_t begin, len;
    unsigned line; /* the common text's line that is its first */
    bool padded;   /* a newline was put behind its last line */
};

struct loader_context {
    unsigned readers; /* enum loader_reader, as bits */
    struct slot *kernelopts, *tuned_params, *default_kernelopts; /* what GRUB's variables
                                                                    hold; or NULL */
};

/* Behind the host's entries: what the file starts, none for an empty one. A slot's offset
   is its place in the common text. ID is the file's name without ".conf". */
int loader_read(struct host *, struct store *, const char *id,
                const struct loader_context *, struct error *);

#endif
