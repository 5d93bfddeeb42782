/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/loaders.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/disk.h"
#include "boot/boot_sector.h"
#include "boot/esp.h"
#include "boot/extlinux.h"
#include "boot/extlinux_default.h"
#include "boot/grub_cfg.h"
#include "boot/grub_default.h"
#include "boot/kernel_cmdline.h"
#include "boot/legacy_menu.h"
#include "boot/loader_entries.h"
#include "boot/uki.h"

#define PROXMOX_UUIDS "/etc/kernel/proxmox-boot-uuids"

/* Boot loaders that are known by a file and not edited yet. */
static const struct {
    const char *path, *loader;
} unhandled[] = {
    {"/etc/lilo.conf", "LILO"},
};

/* An empty directory is nobody's. */
static bool is_in_use(struct root *root, const char *path)
{
    CLEANUP(auto_names_free) char **names = NULL;
    struct error ignored;

    if (!root_exists(root, path))
        return false;
    return root_list(root, path, &names, &ignored) < 0 || names[0];
}

static void look_for_unhandled(struct host *host)
{
    for (size_t i = 0; i < ARRAY_LEN(unhandled) && !host->unhandled; i++)
        if (is_in_use(host->root, unhandled[i].path)) {
            host->unhandled = unhandled[i].loader;
            host->unhandled_path = unhandled[i].path;
        }
}

static bool any_exists(struct host *host, const char *const *paths)
{
    for (; *paths; paths++)
        if (root_exists(host->root, *paths))
            return true;
    return false;
}

static void PRINTF_LIKE(3, 4)
    set_evidence(struct store *store, enum store_state state, const char *format, ...)
{
    va_list args;

    store->state = state;
    va_start(args, format);
    vsnprintf(store->evidence, sizeof(store->evidence), format, args);
    va_end(args);
}

/* Where grub-install puts GRUB's own image, below the directory of the menu. */
static bool has_core(struct host *host, const char *directory)
{
    static const char *const images[] = {"i386-pc/core.img",    "core.img",
                                         "x86_64-efi/core.efi", "x86_64-efi/grub.efi",
                                         "i386-efi/core.efi",   "arm64-efi/core.efi"};
    bool found = false;

    for (size_t i = 0; !found && i < ARRAY_LEN(images); i++) {
        AUTO_FREE char *path = text_format("%s/%s", directory, images[i]);

        found = path && root_exists(host->root, path);
    }
    return found;
}

/* An image on the EFI partition that reads this menu: it is beside it, or its stub names
   it. */
static const struct esp_image *find_reader(const struct esp *esp, const char *menu,
                                           bool *beside)
{
    for (size_t i = 0; i < esp->images; i++) {
        const struct esp_image *image = &esp->image[i];

        *beside = streq(image->stub, menu);
        if (*beside || (image->menu && esp_names(image->menu, menu)))
            return image;
    }
    return NULL;
}

static bool lists_by_systemd(const struct host *host)
{
    for (size_t i = 0; i < host->entries; i++)
        if (host->entry[i]->by_systemd && !host->entry[i]->store->type->built &&
            host->entry[i]->store->state == STORE_LIVE)
            return true;
    return false;
}

/* The menu that an image's stub names instead. */
static const char *other_menu(const struct esp *esp)
{
    for (size_t i = 0; i < esp->images; i++)
        if (esp->image[i].menu)
            return esp->image[i].stub;
    return NULL;
}

static void judge_grub(struct host *host, struct store *store, const struct esp *esp)
{
    const char *slash = strrchr(store->path, '/'), *loader, *other = other_menu(esp);
    AUTO_FREE char *directory = strndup(store->path, (size_t)(slash - store->path));
    AUTO_FREE char *menu = directory ? text_format("%s/grub.cfg", directory) : NULL;
    const struct esp_image *image;
    bool beside;

    if (!menu)
        return; /* what it is without evidence */
    loader = host->firmware ? host->firmware->loader : NULL;
    image = find_reader(esp, menu, &beside);
    if (loader && starts_with(loader, "GRUB"))
        set_evidence(store, STORE_LIVE, "%.60s started this system", loader);
    else if (image)
        set_evidence(store, STORE_LIVE, "%.100s %s", image->path,
                     beside ? "is installed beside it"
                            : "starts it, says the grub.cfg beside that");
    else if (has_core(host, directory))
        set_evidence(store, STORE_LIVE, "GRUB's own image is in %.100s", directory);
    else if (other)
        set_evidence(store, STORE_UNKNOWN, "%.100s names another menu", other);
    else if (!esp->images && lists_by_systemd(host))
        set_evidence(store, STORE_UNKNOWN, "%s",
                     "a menu where GRUB 2 looks for it, but "
                     "only systemd-boot was found installed");
}

/* What the firmware says of the running system. */
static void judge_systemd(struct host *host)
{
    const char *loader = host->firmware ? host->firmware->loader : NULL;

    for (size_t i = 0; i < host->entries; i++) {
        struct store *store = host->entry[i]->store;

        if (loader && starts_with(loader, "systemd-boot") && host->entry[i]->by_systemd &&
            !store->type->built)
            set_evidence(store, STORE_LIVE, "%.60s started this system, and reads it",
                         loader);
    }
}

/*
 * A menu of GRUB legacy beside GRUB 2's: which of the loaders is installed is told by the
 * files that its installer puts beside the menu.
 *
 *   stage2   core.img, grubx64.efi    legacy's menu   GRUB 2's files
 *   yes      no                       as it is        stale
 *   no       yes                      stale           as they are
 *   both, neither                     unknown         unknown
 *
 * Where a disk can be looked at, both are settled by whose code its first sector holds,
 * but where GRUB 2 is on the EFI partition: who starts from that reads no such sector.
 */
static enum boot_code find_code(struct host *host)
{
    unsigned char sector[BOOT_SECTOR];
    enum boot_code code = CODE_UNKNOWN;

    if (disk_first_sector(host->root, "/boot", false, sector) == 0)
        code = boot_sector_code(sector);
    if (!code && disk_first_sector(host->root, "/boot", true, sector) == 0)
        code = boot_sector_code(sector);
    return code;
}

/* What is said of a menu: its own loader's files are there, or the other's alone. */
static void judge_menu(struct store *store, bool legacy, bool two, enum boot_code code)
{
    bool own_legacy = store->type == &legacy_menu;
    bool own = own_legacy ? legacy : two, both = legacy == two;
    bool right = (code == CODE_GRUB_LEGACY) == own_legacy;
    const char *why = both  ? "GRUB legacy and GRUB 2 both have a menu here"
                      : own ? "its loader is installed beside it"
                            : "left over: only the other GRUB is installed beside it";

    store->state = both ? STORE_UNKNOWN : own ? STORE_LIVE : STORE_STALE;
    if (both && code) {
        store->state = right ? STORE_LIVE : STORE_STALE;
        why = right ? "its loader's code is in the disk's boot sector"
                    : "left over: the other GRUB's code is in the disk's boot sector";
    } else if (code && right != own) {
        store->state = STORE_UNKNOWN; /* two witnesses, and they disagree */
        why = "the files beside it and the disk's boot sector disagree";
    }
    snprintf(store->evidence, sizeof(store->evidence), "%s", why);
}

static void judge_menus(struct host *host, const struct esp *esp)
{
    static const char *const stage2[] = {"/boot/grub/stage2",
                                         "/boot/efi/EFI/redhat/grub.efi", NULL};
    static const char *const core[] = {"/boot/grub/i386-pc/core.img",
                                       "/boot/grub2/i386-pc/core.img",
                                       "/boot/grub/core.img",
                                       "/boot/grub/x86_64-efi/core.efi",
                                       "/boot/grub/x86_64-efi/grub.efi",
                                       "/boot/grub2/x86_64-efi/core.efi",
                                       NULL};
    bool legacy = any_exists(host, stage2);
    bool two = esp->images || any_exists(host, core);
    enum boot_code code = CODE_UNKNOWN;
    size_t menus = 0, scripts = 0;

    for (size_t i = 0; i < host->stores; i++) {
        menus += host->store[i]->type == &legacy_menu;
        scripts += host->store[i]->type == &grub_cfg;
    }
    if (!menus || !scripts)
        return;
    if (!esp->images)
        code = find_code(host);
    for (size_t i = 0; i < host->stores; i++) {
        struct store *store = host->store[i];

        if ((store->type == &legacy_menu || store->type == &grub_cfg) &&
            store->state != STORE_STALE)
            judge_menu(store, legacy, two, code);
    }
}

/* An entry's arguments name the deployment that it starts. */
static bool starts_deployments(const struct host *host)
{
    for (size_t i = 0; i < host->slots; i++)
        if (starts_with(host->slot[i]->text, "ostree=") ||
            strstr(host->slot[i]->text, " ostree="))
            return true;
    return false;
}

/*
 * Deployments hold the command line: loader entries are written by ostree alone, and what
 * other tools would read starts nothing.
 */
static void look_for_ostree(struct host *host)
{
    static const char *const marks[] = {"/ostree/repo", "/ostree/deploy",
                                        "/sysroot/ostree/repo"};

    for (size_t i = 0; i < ARRAY_LEN(marks) && !host->ostree; i++)
        if (is_in_use(host->root, marks[i]))
            host->ostree = marks[i];
    if (!host->ostree && root_is_live(host->root) &&
        root_exists(host->root, "/run/ostree-booted"))
        host->ostree = "/run/ostree-booted";
    if (!host->ostree && starts_deployments(host))
        host->ostree = "/boot/loader/entries";
    for (size_t i = 0; host->ostree && i < host->stores; i++) {
        struct store *store = host->store[i];

        if (store->type != &grub_default && store->type != &kernel_cmdline)
            continue;
        store->state = STORE_STALE;
        snprintf(store->evidence, sizeof(store->evidence),
                 "%s: what starts comes from ostree's deployments", host->ostree);
    }
}

static bool has_store(const struct host *host, const struct store_type *type)
{
    for (size_t i = 0; i < host->stores; i++)
        if (host->store[i]->type == type && host->store[i]->state != STORE_STALE)
            return true;
    return false;
}

/* Proxmox: kernels and entries are copied to partitions that are not mounted. */
static bool has_copies(struct root *root)
{
    AUTO_BLOB text = {NULL, 0};
    struct error ignored;

    return root_read(root, PROXMOX_UUIDS, 1 << 16, &text, &ignored) == 0 && text.len &&
           text.data[strspn(text.data, " \t\r\n")];
}

/* What starts nothing itself is as alive as what is made from it: the generated files. */
static void judge_sources(struct host *host)
{
    const struct {
        const struct store_type *source, *made[3];
        const char *what;
    } sources[] = {
        {&grub_default, {&grub_cfg, &loader_entries}, "grub.cfg"},
        {&kernel_cmdline, {&loader_entries, &uki}, "loader entry or kernel image"},
        {&extlinux_default, {&extlinux}, "extlinux.conf"},
        {&extlinux_fragment, {&extlinux}, "extlinux.conf"},
    };

    for (size_t k = 0; k < ARRAY_LEN(sources); k++) {
        bool made = false;

        for (size_t m = 0; sources[k].made[m]; m++)
            made |= has_store(host, sources[k].made[m]);
        for (size_t i = 0; !made && i < host->stores; i++) {
            struct store *store = host->store[i];

            if (store->type == &kernel_cmdline && has_copies(host->root)) {
                set_evidence(store, STORE_LIVE, "%s",
                             "proxmox-boot-tool makes the entries of the partitions "
                             "in " PROXMOX_UUIDS " from it");
                continue;
            }
            if (store->type != sources[k].source || store->state != STORE_LIVE)
                continue;
            store->state = STORE_UNKNOWN;
            snprintf(store->evidence, sizeof(store->evidence),
                     "no %s that is made from it was found", sources[k].what);
        }
    }
}

static const char *find_generator(struct root *root)
{
    static const struct {
        const char *path, *name;
    } generators[] = {
        {"/usr/sbin/update-grub", "update-grub"},
        {"/usr/sbin/grub2-mkconfig", "grub2-mkconfig"},
        {"/usr/bin/grub2-mkconfig", "grub2-mkconfig"},
        {"/usr/sbin/grub-mkconfig", "grub-mkconfig"},
        {"/usr/bin/grub-mkconfig", "grub-mkconfig"},
        {"/boot/grub2", "grub2-mkconfig"},
    };

    for (size_t i = 0; i < ARRAY_LEN(generators); i++)
        if (root_exists(root, generators[i].path))
            return generators[i].name;
    return "update-grub";
}

int loaders_judge(struct host *host)
{
    struct esp esp;

    if (esp_look(host->root, &esp) < 0)
        return -ENOMEM;
    for (size_t i = 0; i < host->stores; i++)
        if (host->store[i]->type == &grub_cfg)
            judge_grub(host, host->store[i], &esp);
    judge_systemd(host);
    judge_menus(host, &esp);
    esp_clear(&esp);
    look_for_ostree(host);
    judge_sources(host);
    look_for_unhandled(host);
    host->generator = find_generator(host->root);
    return 0;
}
