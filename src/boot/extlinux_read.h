/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A menu of Syslinux: its lines -> entries and the slots of their APPEND lines. What a
 * line means is in Syslinux' doc/syslinux.txt and doc/menu.txt, and in its reader
 * com32/menu/readconfig.c:
 *
 *   words                in any case; labels as they are written
 *   APPEND               the last one of a LABEL counts; one before every LABEL is for
 * all labels without their own; "-" is none LINUX, KERNEL        a name without "/"
 * before it is in the menu's own directory; KERNEL goes by the name's end, *.c32 and the
 * like are no kernels COM32 mboot.c32      APPEND is "xen.gz ARGUMENTS --- vmlinuz
 * ARGUMENTS --- initrd" TEXT HELP, ENDTEXT   what stands between them is no command
 *   INCLUDE              reads another file in its place
 *   a carriage return    ends the line for the reader: nothing may stand behind it
 */
#ifndef BOOT_EXTLINUX_READ_H
#define BOOT_EXTLINUX_READ_H

#include "boot/host.h"
#include "boot/tree.h"

/* a slot's node: the entry has no APPEND line that is its own */
#define EXTLINUX_NOT_THERE ((size_t)-1)

/* A store for the file at PATH, read and split, its detail the tree; NULL where there is
   no such file, or the host has it already. */
int extlinux_open(struct host *, const struct store_type *, const char *path,
                  struct store **, struct error *);

/* Behind the host's entries: what the menu starts, what it includes too. A fragment, a
   piece of a menu, makes templates. */
int extlinux_read(struct host *, struct store *, struct error *);

#endif
