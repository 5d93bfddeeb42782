/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the EFI system partition tells of GRUB 2: its images below EFI/VENDOR, and the
 * menus that a grub.cfg beside them names and hands over to. Evidence only: nothing here
 * is edited, and what cannot be read is not there.
 */
#ifndef BOOT_ESP_H
#define BOOT_ESP_H

#include "base/root.h"

struct esp_image {
    char *path; /* "/boot/efi/EFI/debian/grubx64.efi" */
    char *stub; /* the grub.cfg beside it, or NULL */
    char *menu; /* what that names, as GRUB sees it ("/grub2/grub.cfg"); NULL: nothing */
};

struct esp {
    struct esp_image *image;
    size_t images;
};

/* 0 or -ENOMEM. */
int esp_look(struct root *, struct esp *);
void esp_clear(struct esp *);

/* MENU is one's path as GRUB sees it: does PATH, below the root, lead to the same? The
   partition or the subvolume that either begins at may be missing in the other. */
bool esp_names(const char *menu, const char *path);

/* The menu that the stub's TEXT hands over to, owned; NULL: none. Pure. */
char *esp_stub_menu(const char *text);

#endif
