/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/replace.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/xattr.h>

#include "scratch.h"

/* BEFORE and AFTER: NULL is absent. */
static struct change *change(const char *path, const char *before, const char *after)
{
    static struct change c;

    memset(&c, 0, sizeof(c));
    c.path = (char *)path;
    c.before = (struct blob){(char *)before, before ? strlen(before) : 0};
    c.after = (struct blob){(char *)after, after ? strlen(after) : 0};
    return &c;
}

static int run(const struct change *c)
{
    struct error err;
    int r = replace_run(root, c, &err);

    return r ? (int)err.exit : 0;
}

/* --- what must work ----------------------------------------------------------------- */

static const struct {
    const char *before, *after;
    enum write_how how;
} good[] = {
    {"old\n", "new and longer\n", WRITE_REPLACE},
    {"old\n", "", WRITE_REPLACE},
    {"", "new\n", WRITE_REPLACE},
    {NULL, "created\n", WRITE_REPLACE},
    {NULL, "", WRITE_REPLACE},
    {"old\n", NULL, WRITE_REPLACE},
    {"old\n", "new\n", WRITE_IN_PLACE},
};

START_TEST(test_good)
{
    struct change *c = change("/boot/menu.lst", good[_i].before, good[_i].after);
    ino_t inode = 0;

    put("/boot/other", "x");
    if (good[_i].before) {
        put("/boot/menu.lst", good[_i].before);
        inode = stat_at("/boot/menu.lst").st_ino;
    }
    c->how = good[_i].how;
    ck_assert_int_eq(run(c), 0);
    ck_assert_str_eq(text_at("/boot/menu.lst"),
                     good[_i].after ? good[_i].after : "(none)");
    if (inode && good[_i].after) /* replaced, or written in place */
        ck_assert_int_eq(inode == stat_at("/boot/menu.lst").st_ino,
                         good[_i].how == WRITE_IN_PLACE);
    ck_assert_uint_eq(litter(), 0);
}
END_TEST

static const mode_t modes[] = {0600, 0644, 0444, 0640, 04755, 02750, 01777, 0};

START_TEST(test_keeps_mode)
{
    put_mode("/m", "old", modes[_i]);
    if (modes[_i] & 0400 || geteuid() == 0) {
        ck_assert_int_eq(run(change("/m", "old", "new")), 0);
        ck_assert_uint_eq(stat_at("/m").st_mode & 07777, modes[_i]);
    } else {
        ck_assert_int_eq(run(change("/m", "old", "new")), EXIT_CLASS_NOT_PERMITTED);
    }
}
END_TEST

START_TEST(test_keeps_owner)
{
    if (geteuid() != 0) {
        printf("SKIP test_keeps_owner: only root can give files away\n");
        return;
    }
    put_mode("/m", "old", 0640);
    ck_assert_int_eq(chown(at("/m"), 1234, 5678), 0);
    ck_assert_int_eq(chmod(at("/m"), 06750), 0); /* which a later chown would drop */
    ck_assert_int_eq(run(change("/m", "old", "new")), 0);
    ck_assert_uint_eq(stat_at("/m").st_uid, 1234);
    ck_assert_uint_eq(stat_at("/m").st_gid, 5678);
    ck_assert_uint_eq(stat_at("/m").st_mode & 07777, 06750);
}
END_TEST

/* chattr's; ext4 has them, and not every tmpfs. */
START_TEST(test_keeps_flags)
{
    const int given = FS_NODUMP_FL | FS_NOATIME_FL | FS_SYNC_FL;
    int fd, before = 0, after = 0;

    put("/m", "old");
    fd = open(at("/m"), O_RDONLY);
    if (ioctl(fd, FS_IOC_GETFLAGS, &before) < 0 ||
        (before |= given, ioctl(fd, FS_IOC_SETFLAGS, &before) < 0)) {
        printf("SKIP test_keeps_flags: %s\n", strerror(errno));
        close(fd);
        return;
    }
    close(fd);
    ck_assert_int_eq(run(change("/m", "old", "new")), 0);
    ck_assert_str_eq(text_at("/m"), "new");
    fd = open(at("/m"), O_RDONLY);
    ck_assert_int_eq(ioctl(fd, FS_IOC_GETFLAGS, &after), 0);
    close(fd);
    ck_assert_int_eq(after, before);
}
END_TEST

static const unsigned char acl[] = {
    2, 0, 0,   0,   0x01, 0,    6,    0, 255, 255, 255, 255, 0x02, 0,    4,
    0, 9, 9,   0,   0,    0x04, 0,    4, 0,   255, 255, 255, 255,  0x10, 0,
    4, 0, 255, 255, 255,  255,  0x20, 0, 0,   0,   255, 255, 255,  255};

static const struct {
    const char *name;
    const void *value;
    size_t len;
} attributes[] = {
    {"user.iommuctl", "some\0bytes", 10},
    {"user.empty", "", 0},
    {"system.posix_acl_access", acl, sizeof(acl)},
    {"security.iommuctl", "label", 5},
};

START_TEST(test_keeps_attribute)
{
    const char *name = attributes[_i].name;
    char value[256];
    mode_t mode;

    put_mode("/m", "old", 0640);
    if (setxattr(at("/m"), name, attributes[_i].value, attributes[_i].len, 0) < 0) {
        printf("SKIP test_keeps_attribute %s: %s\n", name, strerror(errno));
        return;
    }
    mode = stat_at("/m").st_mode;
    ck_assert_int_eq(run(change("/m", "old", "new")), 0);
    ck_assert_int_eq(getxattr(at("/m"), name, value, sizeof(value)),
                     (ssize_t)attributes[_i].len);
    ck_assert_mem_eq(value, attributes[_i].value, attributes[_i].len);
    ck_assert_uint_eq(stat_at("/m").st_mode, mode);
    ck_assert_str_eq(text_at("/m"), "new");
}
END_TEST

/* A directory's default ACL gives its new files an ACL: one that the old file had not. */
START_TEST(test_no_more_attributes)
{
    put_mode("/d/m", "old", 0604);
    if (setxattr(at("/d"), "system.posix_acl_default", acl, sizeof(acl), 0) < 0) {
        printf("SKIP test_no_more_attributes: %s\n", strerror(errno));
        return;
    }
    ck_assert_int_eq(run(change("/d/m", "old", "new")), 0);
    ck_assert_int_lt(getxattr(at("/d/m"), "system.posix_acl_access", NULL, 0), 0);
    ck_assert_uint_eq(stat_at("/d/m").st_mode & 07777, 0604);
}
END_TEST

START_TEST(test_like)
{
    struct change *c = change("/copy", _i ? "older" : NULL, "menu with a password");

    put_mode("/menu", "menu with a password", 0600);
    if (_i)
        put_mode("/copy", "older", 0644);
    c->like = (char *)"/menu";
    umask(0);
    ck_assert_int_eq(run(c), 0);
    ck_assert_uint_eq(stat_at("/copy").st_mode & 07777, 0600);
}
END_TEST

START_TEST(test_private_by_default)
{
    umask(0);
    ck_assert_int_eq(run(change("/new", NULL, "text")), 0);
    ck_assert_uint_eq(stat_at("/new").st_mode & 07777, 0600);
}
END_TEST

START_TEST(test_given_meta)
{
    struct file_xattr x = {(char *)"user.k", (char *)"v", 1};
    struct file_meta meta = {0604, geteuid(), getegid(), &x, 1};
    struct change *c = change("/m", "same", "same");
    struct stat first;
    char value[8];

    put_mode("/m", "same", 0640);
    if (setxattr(at("/m"), "user.gone", "v", 1, 0) < 0)
        meta.xattrs = 0;
    c->meta = &meta;
    ck_assert_int_eq(run(c), 0);
    ck_assert_uint_eq(stat_at("/m").st_mode & 07777, 0604);
    if (meta.xattrs) {
        ck_assert_int_eq(getxattr(at("/m"), "user.k", value, sizeof(value)), 1);
        ck_assert_int_lt(getxattr(at("/m"), "user.gone", value, sizeof(value)), 0);
    }
    first = stat_at("/m");
    ck_assert_int_eq(run(c), 0); /* now it is so already */
    ck_assert_uint_eq(stat_at("/m").st_ino, first.st_ino);
    ck_assert_int_eq(stat_at("/m").st_ctim.tv_nsec, first.st_ctim.tv_nsec);
}
END_TEST

START_TEST(test_same_touches_nothing)
{
    struct stat first;

    put("/m", "same");
    first = stat_at("/m");
    ck_assert_int_eq(run(change("/m", "same", "same")), 0);
    ck_assert_uint_eq(stat_at("/m").st_ino, first.st_ino);
    ck_assert_int_eq(stat_at("/m").st_ctim.tv_nsec, first.st_ctim.tv_nsec);
}
END_TEST

/* --- planted temporary files -------------------------------------------------------- */

START_TEST(test_planted_link)
{
    put("/victim", "precious");
    put("/d/m", "old");
    ck_assert_int_eq(symlink(at(_i ? "/nowhere" : "/victim"), at("/d/.m.iommuctl")), 0);
    ck_assert_int_eq(run(change("/d/m", "old", "new")), 0);
    ck_assert_str_eq(text_at("/victim"), "precious");
    ck_assert_str_eq(text_at("/nowhere"), "(none)");
    ck_assert_str_eq(text_at("/d/m"), "new");
    ck_assert(S_ISREG(stat_at("/d/m").st_mode));
    ck_assert_uint_eq(litter(), 0);
}
END_TEST

START_TEST(test_planted_file)
{
    put_mode("/m", "old", 0600);
    put_mode("/.m.iommuctl", "half of wh", 0666);
    ck_assert_int_eq(run(change("/m", "old", "new")), 0);
    ck_assert_str_eq(text_at("/m"), "new");
    ck_assert_uint_eq(stat_at("/m").st_mode & 07777, 0600);
    ck_assert_uint_eq(litter(), 0);
}
END_TEST

START_TEST(test_planted_directory)
{
    put("/m", "old");
    put("/.m.iommuctl/x", "");
    ck_assert_int_ne(run(change("/m", "old", "new")), 0);
    ck_assert_str_eq(text_at("/m"), "old");
}
END_TEST

/* --- refusals ----------------------------------------------------------------------- */

static void make_directory(void)
{
    mkdir(at("/d/m"), 0755);
}

static void make_fifo(void)
{
    ck_assert_int_eq(mkfifo(at("/d/m"), 0644), 0);
}

static void make_socket(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(a.sun_path, sizeof(a.sun_path), "%.80s/d/m", scratch);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
    close(fd);
}

static void make_hard_link(void)
{
    put("/d/m", "old");
    ck_assert_int_eq(link(at("/d/m"), at("/d/other")), 0);
}

static void make_changed(void)
{
    put("/d/m", "of");
}

static void make_longer(void)
{
    put("/d/m", "old and more");
}

static void make_link(void)
{
    put("/d/file", "old");
    ck_assert_int_eq(symlink("file", at("/d/m")), 0);
}

static void make_link_on_the_way(void)
{
    put("/e/m", "old");
    rmdir(at("/d"));
    ck_assert_int_eq(symlink("e", at("/d")), 0);
}

static void make_nothing(void) {}

static void make_old(void)
{
    put("/d/m", "old");
}

static const struct {
    const char *name;
    void (*make)(void);
    const char *before, *after;
    enum write_how how;
    enum exit_class exit;
} refusals[] = {
    {"directory", make_directory, "old", "new", WRITE_REPLACE, EXIT_CLASS_DATA},
    {"directory, create", make_directory, NULL, "new", WRITE_REPLACE, EXIT_CLASS_DATA},
    {"FIFO", make_fifo, "old", "new", WRITE_REPLACE, EXIT_CLASS_DATA},
    {"socket", make_socket, "old", "new", WRITE_REPLACE, EXIT_CLASS_DATA},
    {"hard link", make_hard_link, "old", "new", WRITE_REPLACE, EXIT_CLASS_CONDITION},
    {"hard link, delete", make_hard_link, "old", NULL, WRITE_REPLACE,
     EXIT_CLASS_CONDITION},
    {"changed", make_changed, "old", "new", WRITE_REPLACE, EXIT_CLASS_BUSY},
    {"longer", make_longer, "old", "new", WRITE_REPLACE, EXIT_CLASS_BUSY},
    {"longer, in place", make_longer, "old", "new", WRITE_IN_PLACE, EXIT_CLASS_BUSY},
    {"changed, delete", make_changed, "old", NULL, WRITE_REPLACE, EXIT_CLASS_BUSY},
    {"gone", make_nothing, "old", "new", WRITE_REPLACE, EXIT_CLASS_BUSY},
    {"came", make_old, NULL, "new", WRITE_REPLACE, EXIT_CLASS_BUSY},
    {"link", make_link, "old", "new", WRITE_REPLACE, EXIT_CLASS_BUSY},
    {"link above", make_link_on_the_way, "old", "new", WRITE_REPLACE, EXIT_CLASS_BUSY},
    {"length in place", make_old, "old", "newer", WRITE_IN_PLACE, EXIT_CLASS_INTERNAL},
};

/* Each is refused twice over: before anything is written, and in the act. */
START_TEST(test_refused)
{
    struct change *c = change("/d/m", refusals[_i].before, refusals[_i].after);
    struct error err = {.exit = EXIT_CLASS_DONE};
    char text[64];

    mkdir(at("/d"), 0755);
    refusals[_i].make();
    c->how = refusals[_i].how;
    snprintf(text, sizeof(text), "%s", text_at("/d/m"));
    ck_assert_int_lt(replace_check(root, c, &err), 0);
    ck_assert_msg(err.exit == refusals[_i].exit, "%s: %d %s", refusals[_i].name,
                  (int)err.exit, err.text);
    ck_assert_str_eq(err.file, "/d/m");
    ck_assert_int_eq(run(c), (int)refusals[_i].exit);
    ck_assert_str_eq(text_at("/d/m"), text);
    ck_assert_uint_eq(litter(), 0);
}
END_TEST

static const int flags[] = {FS_IMMUTABLE_FL, FS_APPEND_FL};

START_TEST(test_flagged)
{
    const char *paths[] = {"/d/m", "/d"};
    struct change *c = change("/d/m", "old", "new");
    struct error err = {.exit = EXIT_CLASS_DONE};
    int fd, kept = 0, flag, r;

    put("/d/m", "old");
    fd = open(at(paths[_i / 2]), O_RDONLY);
    flag = ioctl(fd, FS_IOC_GETFLAGS, &kept) < 0 ? 0 : kept | flags[_i % 2];
    if (ioctl(fd, FS_IOC_SETFLAGS, &flag) < 0) {
        printf("SKIP test_flagged %d: %s\n", _i, strerror(errno));
        close(fd);
        return;
    }
    r = replace_check(root, c, &err);
    ck_assert_int_eq(ioctl(fd, FS_IOC_SETFLAGS, &kept), 0);
    close(fd);
    ck_assert_int_lt(r, 0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_NOT_PERMITTED);
    ck_assert_ptr_nonnull(strstr(err.text, "chattr"));
}
END_TEST

START_TEST(test_bind_mount)
{
    struct error err = {.exit = EXIT_CLASS_DONE};
    struct change *c = change("/d/m", "old", "new");
    int r;

    put("/d/m", "");
    put("/e", "old");
    if (mount(at("/e"), at("/d/m"), "none", MS_BIND, NULL) < 0) {
        printf("SKIP test_bind_mount: %s\n", strerror(errno));
        return;
    }
    r = replace_check(root, c, &err);
    umount(at("/d/m"));
    ck_assert_int_lt(r, 0);
    ck_assert_msg(err.exit == EXIT_CLASS_CONDITION, "%s", err.text);
}
END_TEST

START_TEST(test_read_only)
{
    struct error err = {.exit = EXIT_CLASS_DONE};
    struct change *c = change("/ro/m", "old", "new");
    int r;

    put("/ro/m", "old");
    if (mount(at("/ro"), at("/ro"), "none", MS_BIND, NULL) < 0 ||
        mount("none", at("/ro"), "none", MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) < 0) {
        printf("SKIP test_read_only: %s\n", strerror(errno));
        umount(at("/ro"));
        return;
    }
    r = replace_check(root, c, &err);
    umount(at("/ro"));
    ck_assert_int_lt(r, 0);
    ck_assert_msg(err.exit == EXIT_CLASS_IO, "%s", err.text);
}
END_TEST

START_TEST(test_no_permission)
{
    struct error err = {.exit = EXIT_CLASS_DONE};

    put("/d/m", "old");
    chmod(at("/d"), 0555);
    chmod(at("/"), 0755);
    if (getuid() == 0) /* who may write anywhere */
        ck_assert_int_eq(seteuid(65534), 0);
    ck_assert_int_lt(replace_check(root, change("/d/m", "old", "new"), &err), 0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_NOT_PERMITTED);
    ck_assert_int_eq(seteuid(getuid()), 0);
    chmod(at("/d"), 0755);
}
END_TEST

/* Between the halves the original changes: the rename must not happen. */
START_TEST(test_changed_between_halves)
{
    struct replacement r = REPLACEMENT_INIT;
    struct error err = {.exit = EXIT_CLASS_DONE};
    struct change *c = change("/m", _i == 2 ? NULL : "old", "new");
    struct timespec times[2] = {{0, 0}, {0, 0}};

    if (_i != 2) {
        put("/m", "old");
        times[1] = stat_at("/m").st_mtim;
        usleep(20000); /* the kernel's clock for files is coarse */
    }
    ck_assert_int_eq(replacement_prepare(&r, root, c, &err), 0);
    ck_assert_str_eq(text_at("/.m.iommuctl"), "new");
    if (_i == 1)
        unlink(at("/m"));
    else
        put("/m", "alt");
    if (_i == 3) /* someone who hides the time of the change */
        ck_assert_int_eq(utimensat(AT_FDCWD, at("/m"), times, 0), 0);
    ck_assert_int_lt(replacement_finish(&r, &err), 0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_BUSY);
    replacement_clear(&r);
    ck_assert_str_eq(text_at("/m"), _i == 1 ? "(none)" : "alt");
    ck_assert_uint_eq(litter(), 0);
}
END_TEST

int main(void)
{
    TCase *good_cases = tcase_create("good"), *bad_cases = tcase_create("refused");
    TCase *const all[] = {good_cases, bad_cases, NULL};

    tcase_add_checked_fixture(good_cases, scratch_setup, scratch_teardown);
    tcase_add_loop_test(good_cases, test_good, 0, (int)ARRAY_LEN(good));
    tcase_add_loop_test(good_cases, test_keeps_mode, 0, (int)ARRAY_LEN(modes));
    tcase_add_test(good_cases, test_keeps_owner);
    tcase_add_test(good_cases, test_keeps_flags);
    tcase_add_loop_test(good_cases, test_keeps_attribute, 0, (int)ARRAY_LEN(attributes));
    tcase_add_test(good_cases, test_no_more_attributes);
    tcase_add_loop_test(good_cases, test_like, 0, 2);
    tcase_add_test(good_cases, test_private_by_default);
    tcase_add_test(good_cases, test_given_meta);
    tcase_add_test(good_cases, test_same_touches_nothing);
    tcase_add_loop_test(good_cases, test_planted_link, 0, 2);
    tcase_add_test(good_cases, test_planted_file);
    tcase_add_test(good_cases, test_planted_directory);
    tcase_add_checked_fixture(bad_cases, scratch_setup, scratch_teardown);
    tcase_add_loop_test(bad_cases, test_refused, 0, (int)ARRAY_LEN(refusals));
    tcase_add_loop_test(bad_cases, test_flagged, 0, 4);
    tcase_add_test(bad_cases, test_bind_mount);
    tcase_add_test(bad_cases, test_read_only);
    tcase_add_test(bad_cases, test_no_permission);
    tcase_add_loop_test(bad_cases, test_changed_between_halves, 0, 4);
    return run_suite("replace", all);
}
