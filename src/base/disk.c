/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/disk.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <sys/sysmacros.h>

#include "base/mounts.h"

#define FSTAB_MAX (1 << 20)

/* Directories as the fstab may write them: with slashes behind them or not. */
static bool same_directory(const char *written, const char *path)
{
    size_t n = strlen(path);

    return strncmp(written, path, n) == 0 && !written[n + strspn(written + n, "/")];
}

/* What the fstab says is mounted on PATH (its fs_spec), or NULL; to be freed. */
static char *fstab_spec(const struct blob *fstab, const char *path)
{
    FILE *file = fmemopen(fstab->data, fstab->len, "r");
    char *spec = NULL, buffer[4096];
    struct mntent entry;

    if (!file)
        return NULL;
    while (!spec && getmntent_r(file, &entry, buffer, sizeof(buffer)))
        if (same_directory(entry.mnt_dir, path) && !streq(entry.mnt_type, "swap"))
            spec = strdup(entry.mnt_fsname);
    fclose(file);
    return spec;
}

/* A directory is a mount point if its device differs from its parent's. */
static int mounted_device(struct root *root, const char *path, dev_t *device,
                          bool *mounted, struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    struct stat here, parent;
    int fd, r = root_find(root, path, &place, err);

    if (r < 0)
        return r;
    /* opened, not only looked at: that is what sets off an automount */
    fd = openat(place.dir, place.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_system(err, errno, path, "cannot open the directory");
    r = fstat(fd, &here) < 0 || fstat(place.dir, &parent) < 0 ? -errno : 0;
    auto_close(&fd);
    if (r < 0)
        return error_system(err, -r, path, "cannot look at the directory");
    *device = here.st_dev;
    *mounted = here.st_dev != parent.st_dev;
    return 0;
}

/* The block device that a fs_spec means: "UUID=...", "LABEL=...", "/dev/sda1"; 0:
 * unknown. */
static dev_t spec_device(const char *spec)
{
    const char *equals = strchr(spec, '=');
    AUTO_FREE char *tag = NULL, *device = NULL;
    struct stat st;

    if (spec[0] == '/') {
        device = strdup(spec);
    } else if (equals) {
        tag = strndup(spec, (size_t)(equals - spec));
        if (tag)
            device = blkid_evaluate_tag(tag, equals + 1, NULL);
    }
    if (!device || stat(device, &st) < 0 || !S_ISBLK(st.st_mode))
        return 0;
    return st.st_rdev;
}

int disk_check_mounted(struct root *root, const char *path, struct error *err)
{
    AUTO_BLOB fstab = {NULL, 0};
    AUTO_FREE char *spec = NULL;
    struct error ignored;
    dev_t device = 0, wanted;
    bool mounted = false;

    if (root_read(root, "/etc/fstab", FSTAB_MAX, &fstab, &ignored) < 0 || !fstab.len)
        return 0;
    spec = fstab_spec(&fstab, path);
    if (!spec || !root_exists(root, path))
        return 0;
    if (mounted_device(root, path, &device, &mounted, err) < 0)
        return -EIO;
    if (!mounted)
        return error_set(
            err, EXIT_CLASS_CONDITION, path, 0,
            "/etc/fstab lists it as a file system of its own (%s), which is not "
            "mounted; mount it, or give --boot-in-root if what stands there is "
            "the right one",
            spec);
    /* btrfs and other file systems without one device have an anonymous one: major 0 */
    if (!root_is_live(root) || major(device) == 0)
        return 0;
    wanted = spec_device(spec);
    if (wanted && wanted != device)
        return error_set(
            err, EXIT_CLASS_CONDITION, path, 0,
            "/etc/fstab wants %s mounted there and another device is; mount the "
            "right one",
            spec);
    return 0;
}

/* --- whose file systems ------------------------------------------------------------- */

/* Linux gives the first namespace of processes this number, since 3.8 (proc_ns.h). */
#define FIRST_PROCESSES 0xEFFFFFFCu

static bool in_container(void)
{
    struct stat st;

    return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino != FIRST_PROCESSES;
}

/* The file system that the directory of a --root stands in. */
static bool lender(struct root *root, dev_t *own, dev_t *device)
{
    AUTO_PLACE top = PLACE_INIT;
    struct error ignored;
    struct stat here, above;

    if (root_find(root, "/", &top, &ignored) < 0 || place_stat(&top, &here) < 0 ||
        fstatat(top.dir, "..", &above, 0) < 0)
        return false;
    *own = here.st_dev;
    *device = above.st_dev;
    return true;
}

/* A chroot's "/" stands in the table only if something is mounted there. */
static bool root_is_mount_point(void)
{
    AUTO_MOUNTS table = {.count = 0};

    return mounts_read(&table) < 0 || mounts_at(&table, "/");
}

enum disk_home disk_home(struct root *root)
{
    dev_t own, above;

    if (!root_is_live(root))
        return lender(root, &own, &above) && own != above ? HOME_MOUNTED : HOME_TREE;
    if (in_container() || !root_is_mount_point())
        return HOME_TREE;
    return root_is_running(root) ? HOME_MACHINE : HOME_MOUNTED;
}

bool disk_is_own(struct root *root, dev_t device)
{
    dev_t own, above;

    if (!lender(root, &own, &above))
        return false;
    if (!root_is_live(root))
        return device != above;
    return !in_container() && (root_is_mount_point() || device != own);
}
