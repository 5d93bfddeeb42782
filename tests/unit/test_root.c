/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/root.h"

#include "scratch.h"

/* What stands below the root; "@" before a text makes a link to it, "/" a directory. */
static const struct thing {
    const char *path, *text;
} things[] = {
    {"/boot/grub/grub.conf", "menu"},
    {"/boot/grub/menu.lst", "@./grub.conf"},
    {"/etc/grub.conf", "@../boot/grub/grub.conf"},
    {"/etc/absolute", "@/boot/grub/menu.lst"},
    {"/etc/climbing", "@../../../../../../boot/grub/grub.conf"},
    {"/etc/chain", "@absolute"},
    {"/etc/slashes", "@//boot///grub//grub.conf"},
    {"/etc/directory", "@/boot/grub/"},
    {"/etc/loop", "@loop"},
    {"/etc/loop1", "@loop2"},
    {"/etc/loop2", "@/etc/loop1"},
    {"/etc/dangling", "@../boot/none"},
    {"/etc/adrift", "@/none/none"},
    {"/etc/through", "@grub.conf/x"},
    {"/etc/outside", "@/etc/hostname-that-only-the-root-has"},
    {"/etc/hostname-that-only-the-root-has", "inside"},
    {"/link", "@boot"},
    {"/top", "@/"},
    {"/up", "@.."},
    {"/empty", ""},
    {"/caf\xe9 \n", "odd"},
};

static void lay(void)
{
    scratch_setup();
    for (size_t i = 0; i < ARRAY_LEN(things); i++) {
        const struct thing *t = &things[i];

        put(t->path, t->text);
        if (t->text[0] != '@')
            continue;
        unlink(at(t->path));
        if (symlink(t->text + 1, at(t->path)) < 0)
            abort();
    }
}

/* Where a path leads. ERRNUM: it does not; "FILE": no such file, but a place for it. */
static const struct finding {
    const char *path;
    const char *leads;
    bool linked;
    int errnum;
    bool exists;
} paths[] = {
    {"/boot/grub/grub.conf", "/boot/grub/grub.conf", false, 0, true},
    {"boot/grub/grub.conf", "/boot/grub/grub.conf", false, 0, true},
    {"//boot/./grub//.//grub.conf", "/boot/grub/grub.conf", false, 0, true},
    {"/boot/../etc/../boot/grub/grub.conf", "/boot/grub/grub.conf", false, 0, true},
    {"/../../boot/grub/grub.conf", "/boot/grub/grub.conf", false, 0, true},
    {"/boot/none", "/boot/none", false, 0, false},
    {"/boot/grub", "/boot/grub", false, 0, true},
    {"/boot/grub/", "/boot/grub", false, 0, true},
    {"/boot/grub/.", "/boot/grub", false, 0, true},
    {"/boot/grub/..", "/boot", false, 0, true},
    {"/", "/", false, 0, true},
    {".", "/", false, 0, true},
    {"/boot/..", "/", false, 0, true},
    {"/..", "/", false, 0, true},
    {"/caf\xe9 \n", "/caf\xe9 \n", false, 0, true},

    /* the last component is a link */
    {"/boot/grub/menu.lst", "/boot/grub/grub.conf", true, 0, true},
    {"/etc/grub.conf", "/boot/grub/grub.conf", true, 0, true},
    {"/etc/absolute", "/boot/grub/grub.conf", true, 0, true},
    {"/etc/climbing", "/boot/grub/grub.conf", true, 0, true},
    {"/etc/chain", "/boot/grub/grub.conf", true, 0, true},
    {"/etc/slashes", "/boot/grub/grub.conf", true, 0, true},
    {"/etc/directory", "/boot/grub", true, 0, true},
    {"/etc/directory/", "/boot/grub", true, 0, true},
    {"/etc/outside", "/etc/hostname-that-only-the-root-has", true, 0, true},
    {"/top", "/", true, 0, true},
    {"/up", "/", true, 0, true},

    /* a link on the way */
    {"/link/grub/grub.conf", "/boot/grub/grub.conf", false, 0, true},
    {"/etc/directory/grub.conf", "/boot/grub/grub.conf", false, 0, true},
    {"/link/grub/menu.lst", "/boot/grub/grub.conf", true, 0, true},
    {"/link/../etc/grub.conf", "/boot/grub/grub.conf", true, 0, true},
    {"/top/top/up/link/none", "/boot/none", false, 0, false},
    {"/top/../../link/grub", "/boot/grub", false, 0, true},

    /* nowhere */
    {"/etc/dangling", "/boot/none", true, 0, false},
    {"/etc/adrift", NULL, true, ENOENT, false},
    {"/none/none", NULL, false, ENOENT, false},
    {"/none/../etc/grub.conf", NULL, false, ENOENT, false},
    {"/etc/dangling/x", NULL, false, ENOENT, false},
    {"/etc/loop", NULL, true, ELOOP, false},
    {"/etc/loop1", NULL, true, ELOOP, false},
    {"/etc/loop/x", NULL, false, ELOOP, false},
    {"/boot/grub/grub.conf/x", NULL, false, ENOTDIR, false},
    {"/boot/grub/grub.conf/..", NULL, false, ENOTDIR, false},
    {"/etc/grub.conf/x", NULL, false, ENOTDIR, false},
    {"/etc/through", NULL, true, ENOTDIR, false},
};

START_TEST(finds)
{
    const struct finding *t = &paths[_i];
    AUTO_PLACE place = PLACE_INIT;
    struct error err = {.exit = EXIT_CLASS_DONE};
    struct stat st, own;
    int r = root_find(root, t->path, &place, &err);

    ck_assert_int_eq(r, -t->errnum);
    ck_assert_int_eq(place.linked, t->linked);
    ck_assert_int_eq(root_exists(root, t->path), t->exists);
    if (r < 0) {
        ck_assert_int_eq(err.exit, EXIT_CLASS_DATA);
        ck_assert_str_eq(err.file, t->path);
        ck_assert_int_eq(place.dir, -1);
        return;
    }
    ck_assert_str_eq(place.path, t->leads);
    ck_assert_int_eq(place_stat(&place, &st), t->exists ? 0 : -ENOENT);
    if (!t->exists)
        return;
    own = stat_at(t->leads);
    ck_assert(own.st_dev == st.st_dev && own.st_ino == st.st_ino);
}
END_TEST

/* COUNT links, one behind the other. */
static int links(unsigned count)
{
    AUTO_PLACE place = PLACE_INIT;
    struct error err;
    char name[32], target[32] = "/empty";

    for (unsigned i = 1; i <= count; i++) {
        snprintf(name, sizeof(name), "/chain%u", i);
        ck_assert_int_eq(symlink(target, at(name)), 0);
        snprintf(target, sizeof(target), "%s", name);
    }
    return root_find(root, target, &place, &err);
}

/* As many as the kernel follows. */
START_TEST(follows_forty_links)
{
    ck_assert_int_eq(links(40), 0);
}
END_TEST

START_TEST(follows_no_more)
{
    ck_assert_int_eq(links(41), -ELOOP);
}
END_TEST

/* What reading gives: a text, or the class and a word of the refusal. */
static const struct reading {
    const char *path;
    size_t max;
    const char *text;
    int r;
    const char *says;
} readings[] = {
    {"/boot/grub/grub.conf", 100, "menu", 0, NULL},
    {"/boot/grub/grub.conf", 4, "menu", 0, NULL},
    {"/etc/chain", 100, "menu", 0, NULL},
    {"/etc/outside", 100, "inside", 0, NULL},
    {"/empty", 0, "", 0, NULL},
    {"/boot/grub/grub.conf", 3, NULL, -EBADMSG, "larger than 3 bytes"},
    {"/boot/grub", 100, NULL, -EBADMSG, "a directory"},
    {"/", 100, NULL, -EBADMSG, "a directory"},
    {"/fifo", 100, NULL, -EBADMSG, "a FIFO"},
    {"/socket", 100, NULL, -EBADMSG, "a socket"},
    {"/etc/dangling", 100, NULL, -ENOENT, "No such file"},
    {"/none", 100, NULL, -ENOENT, "No such file"},
    {"/etc/loop1", 100, NULL, -ELOOP, "circle"},
};

START_TEST(reads)
{
    const struct reading *t = &readings[_i];
    struct error err = {.exit = EXIT_CLASS_DONE};
    AUTO_BLOB text = {NULL, 0};

    ck_assert_int_eq(mkfifo(at("/fifo"), 0600), 0);
    ck_assert_int_eq(mknod(at("/socket"), S_IFSOCK | 0600, 0), 0);
    alarm(5); /* a FIFO is not waited for */
    ck_assert_int_eq(root_read(root, t->path, t->max, &text, &err), t->r);
    if (t->r) {
        ck_assert_int_eq(err.exit, EXIT_CLASS_DATA);
        ck_assert_msg(strstr(err.text, t->says), "%s", err.text);
        ck_assert(blob_absent(&text));
    } else {
        ck_assert_uint_eq(text.len, strlen(t->text));
        ck_assert_str_eq(text.data, t->text);
    }
}
END_TEST

START_TEST(reads_every_byte)
{
    AUTO_BLOB text = {NULL, 0};
    struct error err;
    enum { SIZE = 300000 };
    char *bytes = malloc(SIZE);
    FILE *out = fopen(at("/bytes"), "wb");

    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 7 + i / 256);
    ck_assert_uint_eq(fwrite(bytes, 1, SIZE, out), SIZE);
    fclose(out);
    ck_assert_int_eq(root_read(root, "/bytes", SIZE, &text, &err), 0);
    ck_assert_uint_eq(text.len, SIZE);
    ck_assert(memcmp(text.data, bytes, SIZE) == 0 && text.data[SIZE] == '\0');
    free(bytes);
}
END_TEST

/* The link that someone puts in the file's place between looking and reading is not
 * followed. */
START_TEST(reads_no_link_that_came_later)
{
    AUTO_PLACE place = PLACE_INIT;
    AUTO_BLOB text = {NULL, 0};
    struct error err;

    ck_assert_int_eq(root_find(root, "/empty", &place, &err), 0);
    unlink(at("/empty"));
    ck_assert_int_eq(symlink("boot/grub/grub.conf", at("/empty")), 0);
    ck_assert_int_eq(place_read(&place, 100, &text, NULL, &err), -EBADMSG);
    ck_assert_msg(strstr(err.text, "a symbolic link"), "%s", err.text);
}
END_TEST

static const struct listing {
    const char *path, *names;
    int r;
} listings[] = {
    {"/list", "10-a 9-a B Z a \xc3\xa9", 0},
    {"/list/", "10-a 9-a B Z a \xc3\xa9", 0},
    {"/boot", "grub", 0},
    {"/link", "grub", 0},
    {"/etc/directory", "grub.conf menu.lst", 0},
    {"/list/Z", "", 0},
    {"/none", "", 0},
    {"/none/none", "", 0},
    {"/etc/dangling", "", 0},
    {"/empty", NULL, -ENOTDIR},
    {"/empty/x", NULL, -ENOTDIR},
    {"/etc/loop", NULL, -ELOOP},
};

START_TEST(lists)
{
    static const char *const files[] = {"/list/Z/.hidden", "/list/a",   "/list/B",
                                        "/list/10-a",      "/list/9-a", "/list/.a",
                                        "/list/\xc3\xa9"};
    const struct listing *t = &listings[_i];
    CLEANUP(auto_names_free) char **names = NULL;
    AUTO_BUF all = BUF_INIT;
    struct error err = {.exit = EXIT_CLASS_DONE};

    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        put(files[i], "");
    ck_assert_int_eq(root_list(root, t->path, &names, &err), t->r);
    if (t->r) {
        ck_assert_int_eq(err.exit, EXIT_CLASS_DATA);
        return;
    }
    for (size_t i = 0; names[i]; i++)
        buf_format(&all, "%s%s", i ? " " : "", names[i]);
    ck_assert_str_eq(buf_text(&all), t->names);
}
END_TEST

START_TEST(lists_many)
{
    CLEANUP(auto_names_free) char **names = NULL;
    struct error err;
    char name[32];
    size_t n = 0;

    for (unsigned i = 0; i < 300; i++) {
        snprintf(name, sizeof(name), "/many/%03u", (i * 7) % 300);
        put(name, "");
    }
    ck_assert_int_eq(root_list(root, "/many", &names, &err), 0);
    for (; names[n]; n++)
        ck_assert_uint_eq(strtoul(names[n], NULL, 10), n);
    ck_assert_uint_eq(n, 300);
}
END_TEST

START_TEST(knows_itself)
{
    struct root *other;
    struct error err;

    ck_assert(!root_is_live(root));
    ck_assert(!root_is_running(root));
    ck_assert_str_eq(root_prefix(root), scratch);

    ck_assert_int_eq(root_open(&other, at("/boot//"), &err), 0);
    ck_assert_str_eq(root_prefix(other), at("/boot"));
    root_free(other);

    ck_assert_int_eq(root_open(&other, "/usr/..", &err), 0);
    ck_assert(root_is_live(other));
    ck_assert_str_eq(root_prefix(other), "");
    root_free(other);

    ck_assert_int_eq(root_open(&other, at("/none"), &err), -ENOENT);
    ck_assert_int_eq(err.exit, EXIT_CLASS_USAGE);
    ck_assert_int_eq(root_open(&other, at("/empty"), &err), -ENOTDIR);
    root_free(NULL);
}
END_TEST

/* Nothing stays open, whichever way a walk ends. */
START_TEST(closes_what_it_opens)
{
    int before = dup(0), after;

    close(before);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        AUTO_PLACE place = PLACE_INIT;
        AUTO_BLOB text = {NULL, 0};
        CLEANUP(auto_names_free) char **names = NULL;
        struct error err;

        root_find(root, paths[i].path, &place, &err);
        root_read(root, paths[i].path, 2, &text, &err);
        root_list(root, paths[i].path, &names, &err);
    }
    after = dup(0);
    ck_assert_int_eq(before, after);
    close(after);
}
END_TEST

int main(void)
{
    TCase *t = tcase_create("root");

    tcase_add_checked_fixture(t, lay, scratch_teardown);
    tcase_add_loop_test(t, finds, 0, ARRAY_LEN(paths));
    tcase_add_test(t, follows_forty_links);
    tcase_add_test(t, follows_no_more);
    tcase_add_loop_test(t, reads, 0, ARRAY_LEN(readings));
    tcase_add_test(t, reads_every_byte);
    tcase_add_test(t, reads_no_link_that_came_later);
    tcase_add_loop_test(t, lists, 0, ARRAY_LEN(listings));
    tcase_add_test(t, lists_many);
    tcase_add_test(t, knows_itself);
    tcase_add_test(t, closes_what_it_opens);
    return run_suite("root", (TCase *const[]){t, NULL});
}
