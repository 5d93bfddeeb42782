/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/platform.h"

#include <errno.h>
#include <sys/utsname.h>

#include "base/root.h"
#include "capture.h"

static const struct {
    const char *arch;
    bool x86;
} arches[] = {
    {"x86_64\n", true},   {"i386\n", true},    {"i486\n", true},     {"i586\n", true},
    {"i686", true},       {"", true},          {"aarch64\n", false}, {"ppc64le\n", false},
    {"ia64\n", false},    {"s390x\n", false},  {"i286\n", false},    {"i6860\n", false},
    {"riscv64\n", false}, {"armv7l\n", false},
};

START_TEST(knows_x86)
{
    struct capture_file file = {"proc/sys/kernel/arch", arches[_i].arch, 0};
    struct capture c;

    capture_begin(&c);
    capture_add(&c, &file);
    capture_open(&c);
    ck_assert_msg(platform_is_x86(c.platform) == arches[_i].x86, "%s", arches[_i].arch);
    ck_assert(!strchr(platform_arch(c.platform), '\n'));
    ck_assert(!platform_is_live(c.platform));
    capture_end(&c);
}
END_TEST

static const struct capture_file tree[] = {
    {"unreadable", "secret\nclosed/dir\n\nlast", 0},
    {"open", "four", 0},
    {"nul", "a\0b", 3},
    {"empty", NULL, 0},
    {"secret", "x", 0},
    {"secrets", "x", 0},
    {"closed/dir/file", "x", 0},
    {"closed/dirt", "x", 0},
    {"last", "x", 0},
    {"dir/b", "x", 0},
    {"dir/a", "x", 0},
    {"dir/C/x", "x", 0},
    {"dir/.keep", "x", 0},
    {"bare/", NULL, 0},
};

static const struct {
    const char *path;
    size_t max;
    int result;
    size_t len;
} reads[] = {
    {"open", 4, 0, 4},
    {"open", 3, -EFBIG, 0},
    {"nul", 100, 0, 3},
    {"empty", 0, 0, 0},
    {"none", 100, -ENOENT, 0},
    {"open/below", 100, -ENOTDIR, 0},
    {"dir", 100, -EISDIR, 0},
    {"secret", 100, -EACCES, 0},
    {"secrets", 100, 0, 1},
    {"closed/dir/file", 100, -EACCES, 0},
    {"closed/dirt", 100, 0, 1},
    {"last", 100, -EACCES, 0},
    {"fifo", 100, -EINVAL, 0},
    {"", 100, -EINVAL, 0},
    {"/etc/passwd", 100, -EINVAL, 0},
    {"loop", 100, -ELOOP, 0},
    {"link", 100, 0, 4},
};

static void make_tree(struct capture *c)
{
    char path[128];

    capture_begin(c);
    for (size_t i = 0; i < ARRAY_LEN(tree); i++)
        capture_add(c, &tree[i]);
    snprintf(path, sizeof(path), "%s/fifo", c->dir);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    snprintf(path, sizeof(path), "%s/loop", c->dir);
    ck_assert_int_eq(symlink("loop", path), 0);
    snprintf(path, sizeof(path), "%s/link", c->dir);
    ck_assert_int_eq(symlink("open", path), 0);
    capture_open(c);
}

START_TEST(reads_files)
{
    AUTO_BLOB blob = {NULL, 0};
    struct capture c;

    make_tree(&c);
    ck_assert_int_eq(platform_read(c.platform, reads[_i].path, reads[_i].max, &blob),
                     reads[_i].result);
    ck_assert_uint_eq(blob.len, reads[_i].len);
    ck_assert_int_eq(blob_absent(&blob), reads[_i].result != 0);
    capture_end(&c);
}
END_TEST

static const struct {
    const char *path;
    int result;
    const char *names; /* joined by blanks */
} lists[] = {
    {"dir", 0, "C a b "},          {"bare", 0, ""},
    {"none", -ENOENT, NULL},       {"open", -ENOTDIR, NULL},
    {"closed/dir", -EACCES, NULL}, {"closed", 0, "dir dirt "},
};

START_TEST(lists_directories)
{
    CLEANUP(auto_names_free) char **names = NULL;
    char joined[128] = "";
    struct capture c;

    make_tree(&c);
    ck_assert_int_eq(platform_list(c.platform, lists[_i].path, &names), lists[_i].result);
    ck_assert_int_eq(names != NULL, lists[_i].names != NULL);
    for (size_t i = 0; names && names[i]; i++) {
        strcat(joined, names[i]);
        strcat(joined, " ");
    }
    ck_assert_str_eq(joined, lists[_i].names ? lists[_i].names : "");
    capture_end(&c);
}
END_TEST

START_TEST(the_machine_is_live)
{
    static const char *const dirs[] = {NULL, "/", "/tmp/.."};
    struct platform *p;
    struct utsname name;
    struct error err;

    ck_assert_int_eq(platform_open(&p, dirs[_i], &err), 0);
    ck_assert(platform_is_live(p));
    ck_assert_str_eq(platform_dir(p), "/");
    ck_assert_int_eq(uname(&name), 0);
    ck_assert_str_eq(platform_arch(p), name.machine);
    platform_free(p);
}
END_TEST

START_TEST(refuses_no_directory)
{
    static const char *const dirs[] = {"/nonexistent/capture", "/dev/null"};
    struct platform *p;
    struct error err;

    ck_assert_int_lt(platform_open(&p, dirs[_i], &err), 0);
    ck_assert_ptr_null(p);
    ck_assert_str_eq(err.file, dirs[_i]);
    ck_assert_int_eq(err.exit, EXIT_CLASS_USAGE);
}
END_TEST

/* What a link says is told as it stands, leading anywhere or nowhere. */
START_TEST(tells_links)
{
    static const struct {
        const char *path, *target;
        int result;
    } links[] = {
        {"sys/devices/here", "../there/nothing", 0}, {"sys/devices/file", NULL, -EINVAL},
        {"sys/devices/none", NULL, -ENOENT},         {"sys/secret/link", NULL, -EACCES},
        {"/sys/devices/here", NULL, -EINVAL},        {"", NULL, -EINVAL},
    };
    static const struct capture_file files[] = {{"sys/devices/file", "x", 0},
                                                {"unreadable", "sys/secret\n", 0}};
    AUTO_FREE char *target = NULL;
    char path[512];
    struct capture c;

    capture_begin(&c);
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        capture_add(&c, &files[i]);
    snprintf(path, sizeof(path), "%s/sys/devices/here", c.dir);
    ck_assert_int_eq(symlink("../there/nothing", path), 0);
    capture_open(&c);
    ck_assert_int_eq(platform_link(c.platform, links[_i].path, &target),
                     links[_i].result);
    ck_assert_pstr_eq(target, links[_i].target);
    capture_end(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("platform");
    TCase *t = tcase_create("platform");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, knows_x86, 0, ARRAY_LEN(arches));
    tcase_add_loop_test(t, reads_files, 0, ARRAY_LEN(reads));
    tcase_add_loop_test(t, lists_directories, 0, ARRAY_LEN(lists));
    tcase_add_loop_test(t, tells_links, 0, 6);
    tcase_add_loop_test(t, the_machine_is_live, 0, 3);
    tcase_add_loop_test(t, refuses_no_directory, 0, 2);
    suite_add_tcase(suite, t);
    sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
