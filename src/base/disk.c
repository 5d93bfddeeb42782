/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/disk.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mounts.h"

#define FSTAB_MAX (1 << 20)

/* File systems as statfs calls them. */
#define AUTOFS 0x0187
#define TMPFS 0x01021994
#define RAMFS 0x858458f6
#define OVERLAY 0x794c7630

/* The next component of a path, "" at its end; none for slashes too many and for ".". */
static const char *component(const char **at, size_t *n)
{
    const char *name;

    do {
        name = *at + strspn(*at, "/");
        *n = strcspn(name, "/");
        *at = name + *n;
    } while (*n == 1 && name[0] == '.');
    return name;
}

/* Directories as the fstab may write them: //boot, /boot/. and so on. They are not looked
   at: one may be on a server that does not answer. */
static bool same_directory(const char *written, const char *path)
{
    size_t m, n;
    const char *a, *b;

    if (written[0] != '/')
        return false;
    do {
        a = component(&written, &m);
        b = component(&path, &n);
    } while (m == n && n && memcmp(a, b, n) == 0);
    return m == 0 && n == 0;
}

/* What the fstab says is mounted on PATH, which leads to PLACE: its fs_spec, or NULL; to
   be freed. 0 or -ENOMEM */
static int fstab_spec(const struct blob *fstab, const char *path, const char *place,
                      char **spec)
{
    FILE *file = fmemopen(fstab->data, fstab->len, "r");
    char buffer[4096];
    struct mntent entry;
    int r = file ? 0 : -ENOMEM;

    *spec = NULL;
    while (!r && !*spec && getmntent_r(file, &entry, buffer, sizeof(buffer))) {
        mount_unescape(entry.mnt_dir); /* libc knows four of them */
        if (streq(entry.mnt_type, "swap") || !(same_directory(entry.mnt_dir, path) ||
                                               same_directory(entry.mnt_dir, place)))
            continue;
        *spec = strdup(entry.mnt_fsname);
        r = *spec ? 0 : -ENOMEM;
    }
    if (file)
        fclose(file);
    return r;
}

/* --- what is mounted ---------------------------------------------------------------- */

/* A directory that something may be mounted on. */
struct spot {
    dev_t device;
    bool mounted;
    char *source; /* the device as the mount table names it; NULL: not known; owned */
};

static void spot_clear(struct spot *spot)
{
    free(spot->source);
}

/* Of the table only what belongs to the directory counts: without its number (kernels
   before 3.15) it is found by name, which is right on the running system alone. */
static const struct mount_point *spot_entry(struct root *root, const struct place *place,
                                            const struct mounts *table, long id)
{
    if (id >= 0)
        return mounts_by_id(table, id);
    return root_is_live(root) ? mounts_at(table, place->path) : NULL;
}

static int spot_judge(struct root *root, const struct place *place, int fd,
                      struct spot *spot)
{
    AUTO_MOUNTS table = {.count = 0};
    long id = mount_id(fd), above = mount_id(place->dir);
    const struct mount_point *entry;
    struct stat here, parent;
    struct statfs fs;
    int r;

    if (fstat(fd, &here) < 0 || fstat(place->dir, &parent) < 0 || fstatfs(fd, &fs) < 0)
        return -errno;
    if ((id < 0) != (above < 0)) /* the system tells them, and one could not be read */
        return -EIO;
    r = mounts_read(&table);
    if (r == -ENOMEM)
        return r;
    entry = spot_entry(root, place, &table, id);
    spot->device = here.st_dev;
    spot->mounted = here.st_dev != parent.st_dev;
    if (id >= 0 && above >= 0)
        spot->mounted = id != above;
    else if (entry)
        spot->mounted = true;
    if (fs.f_type == AUTOFS) /* looked at, and still nothing has come */
        spot->mounted = false;
    if (entry && spot->mounted && entry->source[0] == '/')
        spot->source = strdup(entry->source);
    return 0;
}

static int spot_look(struct root *root, const char *path, struct spot *spot,
                     struct error *err)
{
    AUTO_PLACE place = PLACE_INIT;
    AUTO_CLOSE int fd = -1;
    int r = root_find(root, path, &place, err);

    if (r < 0)
        return r;
    /* opened, not only looked at: that is what sets off an automount */
    fd = openat(place.dir, place.name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return error_system(err, errno, path, "cannot open the directory");
    r = spot_judge(root, &place, fd, spot);
    return r < 0 ? error_system(err, -r, path, "cannot look at the directory") : 0;
}

/* --- which device ------------------------------------------------------------------- */

static dev_t block_device(const char *path)
{
    struct stat st;

    return path && stat(path, &st) == 0 && S_ISBLK(st.st_mode) ? st.st_rdev : 0;
}

/* "UUID=x", "LABEL=\"x\"": its two halves; false if it is no tag. */
static bool split_tag(const char *spec, char **tag, char **value)
{
    const char *equals = strchr(spec, '=');
    size_t n;

    if (spec[0] == '/' || !equals)
        return false;
    *tag = strndup(spec, (size_t)(equals - spec));
    equals += 1 + (equals[1] == '"');
    n = strlen(equals);
    *value = strndup(equals, n - (n && equals[n - 1] == '"'));
    return *tag && *value;
}

/* The block device that a fs_spec means: "UUID=...", "LABEL=...", "/dev/sda1"; 0:
 * unknown. */
static dev_t spec_device(const char *spec)
{
    AUTO_FREE char *tag = NULL, *value = NULL, *device = NULL;

    if (!split_tag(spec, &tag, &value))
        return spec[0] == '/' ? block_device(spec) : 0;
    device = blkid_evaluate_tag(tag, value, NULL);
    return block_device(device);
}

/* What is written on the device itself under that tag; NULL: nothing, or not permitted.
 */
static char *device_tag(const char *device, const char *tag)
{
    static const char *const names[][2] = {
        {"PARTUUID", "PART_ENTRY_UUID"},
        {"PARTLABEL", "PART_ENTRY_NAME"},
    };
    blkid_probe probe = blkid_new_probe_from_filename(device);
    const char *value = NULL;
    char *copy = NULL;

    if (!probe)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (streq(tag, names[i][0]))
            tag = names[i][1];
    blkid_probe_enable_partitions(probe, 1);
    blkid_probe_set_partitions_flags(probe, BLKID_PARTS_ENTRY_DETAILS);
    if (blkid_do_safeprobe(probe) == 0 &&
        blkid_probe_lookup_value(probe, tag, &value, NULL) == 0 && value)
        copy = strdup(value);
    blkid_free_probe(probe);
    return copy;
}

/*
 * Is what is mounted what the fstab names? One file system may have several devices
 * (btrfs, multipath), so what is written on it decides before the numbers do. What cannot
 * be told is taken for right.
 */
static bool is_right_device(const struct spot *spot, const char *spec)
{
    AUTO_FREE char *tag = NULL, *value = NULL, *found = NULL, *by_number = NULL;
    dev_t device = major(spot->device) ? spot->device : block_device(spot->source);
    dev_t wanted = spec_device(spec);
    const char *mounted = spot->source;

    if (!device || (wanted && wanted == device))
        return true;
    if (block_device(mounted) != device) {
        by_number = text_format("/dev/block/%u:%u", major(device), minor(device));
        mounted = by_number;
    }
    if (split_tag(spec, &tag, &value)) {
        found = mounted ? device_tag(mounted, tag) : NULL;
    } else if (wanted && mounted) {
        value = device_tag(spec, "UUID");
        found = device_tag(mounted, "UUID");
    }
    return found && value ? strcasecmp(found, value) == 0 : !wanted;
}

bool disk_names_device(const char *spec)
{
    return spec_device(spec) != 0;
}

int disk_check_mounted(struct root *root, const char *path, struct error *err)
{
    AUTO_BLOB fstab = {NULL, 0};
    AUTO_FREE char *spec = NULL;
    AUTO_PLACE place = PLACE_INIT;
    CLEANUP(spot_clear) struct spot spot = {0, false, NULL};
    struct stat st;
    int r = root_read(root, "/etc/fstab", FSTAB_MAX, &fstab, err);

    if (!r && fstab.len)
        r = root_find(root, path, &place, err);
    if (r == -ENOENT || (!r && !fstab.len))
        return 0;
    if (!r && fstab_spec(&fstab, path, place.path, &spec) < 0)
        r = error_memory(err);
    if (r < 0 || !spec)
        return r;
    r = place_stat(&place, &st);
    if (r < 0)
        return r == -ENOENT ? 0 : error_system(err, -r, path, "cannot look at it");
    if (spot_look(root, path, &spot, err) < 0)
        return -EIO;
    if (!spot.mounted)
        return error_set(
            err, EXIT_CLASS_CONDITION, path, 0,
            "/etc/fstab lists it as a file system of its own (%s), which is not "
            "mounted; mount it, or give --boot-in-root if what stands there is "
            "the right one",
            spec);
    if (root_is_live(root) && !is_right_device(&spot, spec))
        return error_set(
            err, EXIT_CLASS_CONDITION, path, 0,
            "/etc/fstab wants %s mounted there and another device is; mount the "
            "right one",
            spec);
    return 0;
}

/* --- what lasts -----------------------------------------------------------------------
 */

static bool is_memory(const struct statfs *fs)
{
    return (uint32_t)fs->f_type == TMPFS || (uint32_t)fs->f_type == RAMFS;
}

/* What is written to an overlay goes to its upper directory, which may be hidden by now.
 */
bool disk_in_memory(int fd)
{
    AUTO_MOUNTS table = {.count = 0};
    const struct mount_point *entry;
    char upper[4096];
    struct statfs fs;

    if (fstatfs(fd, &fs) < 0)
        return false;
    if ((uint32_t)fs.f_type != OVERLAY)
        return is_memory(&fs);
    if (mounts_read(&table) < 0)
        return false;
    entry = mounts_by_id(&table, mount_id(fd));
    return entry && mount_option(entry, "upperdir", upper, sizeof(upper)) &&
           statfs(upper, &fs) == 0 && is_memory(&fs);
}

/* --- whose file systems ------------------------------------------------------------- */

/* Linux gives the first namespace of processes this number, since 3.8 (proc_ns.h). */
#define FIRST_PROCESSES 0xEFFFFFFCu

static bool in_container(void)
{
    struct stat st;

    return stat("/proc/self/ns/pid", &st) == 0 && st.st_ino != FIRST_PROCESSES;
}

/* The file system that the directory of a --root stands in. 0 or a negative errno */
static int lender(struct root *root, dev_t *own, dev_t *device)
{
    AUTO_PLACE top = PLACE_INIT;
    struct error ignored;
    struct stat here, above;
    int r = root_find(root, "/", &top, &ignored);

    if (!r)
        r = place_stat(&top, &here);
    if (!r && fstatat(top.dir, "..", &above, 0) < 0)
        r = -errno;
    if (r < 0)
        return r;
    *own = here.st_dev;
    *device = above.st_dev;
    return 0;
}

/* A chroot's "/" stands in the table only if something is mounted there. The kernel says
   it itself since 5.8 (asked by number, since old libcs have no name for it); where
   nobody does, what may be a machine's is taken for one's. */
static bool root_is_mount_point(void)
{
    AUTO_MOUNTS table = {.count = 0};
#if defined(SYS_statx) && defined(STATX_ATTR_MOUNT_ROOT)
    struct statx stx;

    if (syscall(SYS_statx, AT_FDCWD, "/", 0, STATX_TYPE, &stx) == 0 &&
        (stx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT))
        return stx.stx_attributes & STATX_ATTR_MOUNT_ROOT;
#endif

    return mounts_read(&table) < 0 || mounts_at(&table, "/");
}

enum disk_home disk_home(struct root *root)
{
    dev_t own, above;

    if (!root_is_live(root))
        return !lender(root, &own, &above) && own != above ? HOME_MOUNTED : HOME_TREE;
    if (in_container() || !root_is_mount_point())
        return HOME_TREE;
    return root_is_running(root) ? HOME_MACHINE : HOME_MOUNTED;
}

int disk_is_own(struct root *root, dev_t device)
{
    dev_t own, above;
    int r = lender(root, &own, &above);

    if (r < 0)
        return r;
    if (!root_is_live(root))
        return device != above;
    return !in_container() && (root_is_mount_point() || device != own);
}

/* --- its first sector ----------------------------------------------------------------
 */

/* The device of PATH's file system, 0 where it is none of its own. */
static dev_t device_of(struct root *root, const char *path)
{
    AUTO_PLACE place = PLACE_INIT;
    struct error ignored;
    struct stat st;

    if (root_find(root, path, &place, &ignored) < 0 || place_stat(&place, &st) < 0 ||
        !major(st.st_dev) || disk_is_own(root, st.st_dev) <= 0)
        return 0;
    return st.st_dev;
}

int disk_first_sector(struct root *root, const char *path, bool partition,
                      unsigned char sector[512])
{
    dev_t device = device_of(root, path), disk = device;
    AUTO_CLOSE int fd = -1;
    char *name = NULL;
    struct stat st;

    if (!device || disk_home(root) == HOME_TREE)
        return -ENODEV;
    if (!partition && blkid_devno_to_wholedisk(device, NULL, 0, &disk) < 0)
        return -ENODEV;
    name = blkid_devno_to_devname(disk);
    if (!name)
        return -ENODEV;
    fd = open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    free(name);
    if (fd < 0)
        return -errno;
    if (fstat(fd, &st) < 0 || !S_ISBLK(st.st_mode) || st.st_rdev != disk)
        return -ENODEV;
    return pread(fd, sector, 512, 0) == 512 ? 0 : -EIO;
}
