/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/loaders.h"

#include <stdio.h>

#include "boot/grub_cfg.h"
#include "boot/grub_default.h"
#include "boot/kernel_cmdline.h"
#include "boot/legacy_menu.h"

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

/*
 * A menu of GRUB legacy beside GRUB 2's: which of the loaders is installed is told by the
 * files that its installer puts beside the menu.
 *
 *   stage2   core.img, grubx64.efi    legacy's menu   GRUB 2's files
 *   yes      no                       as it is        stale
 *   no       yes                      stale           as they are
 *   both, neither                     unknown         unknown
 */
static void judge_menus(struct host *host)
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
    bool legacy = any_exists(host, stage2), two = any_exists(host, core);
    size_t menus = 0, scripts = 0;

    for (size_t i = 0; i < host->stores; i++) {
        menus += host->store[i]->type == &legacy_menu;
        scripts += host->store[i]->type == &grub_cfg;
    }
    for (size_t i = 0; menus && scripts && i < host->stores; i++) {
        struct store *store = host->store[i];
        bool own = store->type == &legacy_menu ? legacy : two;

        if (store->state == STORE_STALE)
            continue;
        store->state = legacy == two ? STORE_UNKNOWN : own ? STORE_LIVE : STORE_STALE;
        snprintf(store->evidence, sizeof(store->evidence), "%s",
                 legacy == two ? "GRUB legacy and GRUB 2 both have a menu here"
                 : own         ? "its loader is installed beside it"
                               : "left over: only the other GRUB is installed beside it");
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

void loaders_judge(struct host *host)
{
    judge_menus(host);
    look_for_ostree(host);
    look_for_unhandled(host);
    host->generator = find_generator(host->root);
}
