/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "commit/commit.h"

#include <signal.h>
#include <sys/xattr.h>
#include <time.h>

#include "commits.h"

static const struct row two[] = {
    {"/boot/grub/menu.lst", "menu one\n", "menu two, longer\n", 20},
    {"/etc/default/grub", "defaults one\n", "defaults two\n", 10},
};

static void put_two(void)
{
    put_mode("/boot/grub/menu.lst", two[0].before, 0600);
    put("/etc/default/grub", two[1].before);
}

static int commit_two(void)
{
    struct journal *j = locked();
    int exit = commit_in(j, two, 2);

    journal_free(j);
    return exit;
}

START_TEST(test_two_files)
{
    put_two();
    ck_assert_int_eq(commit_two(), 0);
    ck_assert_str_eq(text_at("/boot/grub/menu.lst"), two[0].after);
    ck_assert_str_eq(text_at("/etc/default/grub"), two[1].after);
    ck_assert_str_eq(text_at(STATE "/000001/files/boot/grub/menu.lst"), two[0].before);
    ck_assert_str_eq(text_at(STATE "/000001/files/etc/default/grub"), two[1].before);
    ck_assert_str_eq(generations(), "1c");
    ck_assert_uint_eq(litter(), 0);
}
END_TEST

static const struct {
    const char *path;
    mode_t mode;
} private_paths[] = {
    {STATE, S_IFDIR | 0700},
    {STATE "/lock", S_IFREG | 0600},
    {STATE "/000001", S_IFDIR | 0700},
    {STATE "/000001/manifest.json", S_IFREG | 0600},
    {STATE "/000001/files", S_IFDIR | 0700},
    {STATE "/000001/files/boot/grub", S_IFDIR | 0700},
    {STATE "/000001/files/boot/grub/menu.lst", S_IFREG | 0600},
};

START_TEST(test_private)
{
    umask(0);
    put_two();
    ck_assert_int_eq(commit_two(), 0);
    for (size_t i = 0; i < ARRAY_LEN(private_paths); i++)
        ck_assert_msg(stat_at(private_paths[i].path).st_mode == private_paths[i].mode,
                      "%s", private_paths[i].path);
    ck_assert_uint_eq(stat_at("/var/lib").st_mode & 0777, 0755);
}
END_TEST

START_TEST(test_nothing)
{
    struct journal *j = locked();

    ck_assert_int_eq(commit_in(j, NULL, 0), 0);
    journal_free(j);
    ck_assert_str_eq(generations(), "");
}
END_TEST

/* --- all or nothing ----------------------------------------------------------------- */

static void second_directory(void)
{
    unlink(at("/etc/default/grub"));
    mkdir(at("/etc/default/grub"), 0755);
}

static void second_changed(void)
{
    put("/etc/default/grub", "defaults of someone else\n");
}

static void second_gone(void)
{
    unlink(at("/etc/default/grub"));
}

static void second_hard_link(void)
{
    ck_assert_int_eq(link(at("/etc/default/grub"), at("/etc/grub")), 0);
}

static void second_temp_blocked(void)
{
    put("/etc/default/.grub.iommuctl/x", ""); /* no check can see this: armed by then */
}

static const struct {
    void (*spoil)(void);
    int exit;
} spoils[] = {
    {second_directory, EXIT_CLASS_DATA},
    {second_changed, EXIT_CLASS_BUSY},
    {second_gone, EXIT_CLASS_BUSY},
    {second_hard_link, EXIT_CLASS_CONDITION},
    {second_temp_blocked, 0},
};

START_TEST(test_second_fails)
{
    struct stat first;
    int exit;

    put_two();
    first = stat_at("/boot/grub/menu.lst");
    spoils[_i].spoil();
    exit = commit_two();
    ck_assert_int_ne(exit, 0);
    if (spoils[_i].exit)
        ck_assert_int_eq(exit, spoils[_i].exit);
    ck_assert_str_eq(text_at("/boot/grub/menu.lst"), two[0].before);
    ck_assert_uint_eq(stat_at("/boot/grub/menu.lst").st_ino, first.st_ino);
    ck_assert_str_eq(generations(), "");
    ck_assert_int_ne(access(at("/boot/grub/.menu.lst.iommuctl"), F_OK), 0);
    ck_assert_int_ne(access(at(STATE "/000001"), F_OK), 0);
}
END_TEST

/* In a sticky directory the removal of a foreign file fails, which shows only in the act:
   by then the first file is new and has to be put back. */
START_TEST(test_last_step_fails)
{
    static const struct row rows[] = {
        {"/boot/menu.lst", "old", "new", 1},
        {"/boot/created", NULL, "new", 2},
        {"/sticky/foreign", "foreign", NULL, 3},
    };
    struct journal *j;
    char value[8];

    if (geteuid() != 0) {
        printf("SKIP test_last_step_fails: only root can set it up\n");
        return;
    }
    chmod(scratch, 0777);
    put_mode("/boot/menu.lst", "old", 0640);
    setxattr(at("/boot/menu.lst"), "user.k", "v", 1, 0);
    put("/sticky/foreign", "foreign");
    chmod(at("/sticky"), 01777);
    chmod(at("/boot"), 0777);
    ck_assert_int_eq(chown(at("/boot/menu.lst"), 65534, 65534), 0);
    ck_assert_int_eq(setegid(65534) | seteuid(65534), 0);
    j = locked();
    ck_assert_int_eq(commit_in(j, rows, 3), EXIT_CLASS_NOT_PERMITTED);
    ck_assert_str_eq(err.file, "/sticky/foreign");
    ck_assert_uint_eq(journal_count(j), 0);
    journal_free(j);
    ck_assert_int_eq(seteuid(0) | setegid(0), 0);
    ck_assert_str_eq(text_at("/boot/menu.lst"), "old");
    ck_assert_uint_eq(stat_at("/boot/menu.lst").st_mode & 07777, 0640);
    ck_assert_uint_eq(stat_at("/boot/menu.lst").st_uid, 65534);
    ck_assert_int_eq(getxattr(at("/boot/menu.lst"), "user.k", value, 8), 1);
    ck_assert_str_eq(text_at("/boot/created"), "(none)");
    ck_assert_str_eq(text_at("/sticky/foreign"), "foreign");
    ck_assert_uint_eq(litter(), 0);
    ck_assert_int_ne(access(at(STATE "/000001"), F_OK), 0);
}
END_TEST

/* ".NAME.iommuctl" would be too long: refused before anything is armed. */
START_TEST(test_long_name)
{
    char path[256];
    struct journal *j;

    for (int n = 245; n <= 250; n++) {
        const struct row row = {path, "old", "new", 0};
        bool fits = n + 10 <= 255;

        snprintf(path, sizeof(path), "/%0*d", n, n);
        put(path, "old");
        j = locked();
        ck_assert_int_eq(commit_in(j, &row, 1), fits ? 0 : EXIT_CLASS_CONDITION);
        journal_free(j);
        ck_assert_str_eq(text_at(path), fits ? "new" : "old");
        if (!fits)
            ck_assert_str_eq(err.file, path);
        ck_assert_str_eq(generations(), "1c");
        ck_assert_int_ne(access(at(STATE "/000002"), F_OK), 0);
    }
}
END_TEST

/* The number is not to wrap, nor to become one that nobody reads. */
START_TEST(test_last_number)
{
    put("/file", "0");
    put(STATE "/999999", "");
    ck_assert_int_eq(commit_one("/file", "0", "1"), 0);
    ck_assert_int_eq(commit_one("/file", "1", "2"), 0);
    ck_assert_str_eq(generations(), "1000001c 1000000c");
    ck_assert_int_eq(roll_back(0, false, NULL), 0);
    ck_assert_str_eq(text_at("/file"), "1");
    put(STATE "/4294967293", "");
    ck_assert_int_eq(commit_one("/file", "1", "2"), 0);
    ck_assert_str_eq(generations(), "4294967294c 1000002c 1000001u 1000000c");
    ck_assert_int_eq(commit_one("/file", "2", "3"), EXIT_CLASS_CONDITION);
    ck_assert_str_eq(err.file, STATE);
    ck_assert_str_eq(text_at("/file"), "2");
    ck_assert_int_ne(access(at(STATE "/4294967295"), F_OK), 0);
}
END_TEST

START_TEST(test_twice)
{
    const struct row rows[] = {two[1], two[1]};
    struct journal *j;

    put_two();
    j = locked();
    ck_assert_int_eq(commit_in(j, rows, 2), EXIT_CLASS_INTERNAL);
    journal_free(j);
    ck_assert_str_eq(text_at(two[1].path), two[1].before);
}
END_TEST

START_TEST(test_needs_lock)
{
    struct journal *j = opened();

    put_two();
    ck_assert_int_eq(commit_in(j, two, 2), EXIT_CLASS_INTERNAL);
    journal_free(j);
}
END_TEST

/* --- killed ------------------------------------------------------------------------- */

#define KILLS 50

static const char *const whole[2][3] = {
    {"menu, off\n", "defaults, off\n", "(none)"},
    {"menu, on and longer\n", "defaults, on\n", "rollback copy\n"},
};
static const char *const whole_path[] = {"/boot/menu.lst", "/etc/grub", "/boot/menu.old"};

static int whole_state(void)
{
    for (int s = 0; s < 2; s++) {
        int same = 0;

        for (int i = 0; i < 3; i++)
            same += strcmp(text_at(whole_path[i]), whole[s][i]) == 0;
        if (same == 3)
            return s;
    }
    return -1;
}

static void toggle(struct journal *j)
{
    struct row rows[3];
    int s = whole_state();

    for (int i = 0; i < 3; i++) {
        const char *from = whole[s][i], *to = whole[!s][i];

        rows[i] = (struct row){whole_path[i], *from == '(' ? NULL : from,
                               *to == '(' ? NULL : to, 3 - i};
    }
    if (commit_in(j, rows, 3) != 0)
        _exit(1);
}

/* Once it is under way, a byte goes to READY. */
static void toggle_for_ever(int ready)
{
    struct journal *j = locked();

    toggle(j);
    if (write(ready, "", 1) != 1)
        _exit(1);
    for (;;)
        toggle(j);
}

static long nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000L + now.tv_nsec;
}

/* How long one commit takes here and now. */
static long toggle_time(void)
{
    struct journal *j = locked();
    long start = nanoseconds();

    toggle(j);
    toggle(j);
    journal_free(j);
    return (nanoseconds() - start) / 2;
}

START_TEST(test_killed)
{
    unsigned interrupted = 0, mixed = 0;
    long time;

    put_mode(whole_path[0], whole[0][0], 0640);
    put(whole_path[1], whole[0][1]);
    srand(4711);
    time = toggle_time();
    for (int n = 0; n < KILLS; n++) {
        long wait = (long)(rand() % 1000) * (3 * time / 1000);
        struct timespec pause = {wait / 1000000000, wait % 1000000000};
        unsigned recovered = 0;
        struct journal *j;
        pid_t child;
        int status, ready[2];
        char byte;

        fflush(NULL);
        ck_assert_int_eq(pipe(ready), 0);
        child = fork();
        if (child == 0)
            toggle_for_ever(ready[1]);
        close(ready[1]);
        ck_assert_msg(read(ready[0], &byte, 1) == 1, "a commit failed");
        close(ready[0]);
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        ck_assert_msg(WIFSIGNALED(status), "a commit failed");
        mixed += whole_state() < 0;
        j = locked();
        ck_assert_msg(journal_recover(j, &recovered, &err) == 0, "%s", err.text);
        ck_assert_ptr_null(journal_interrupted(j));
        journal_free(j);
        interrupted += recovered != 0;
        ck_assert_int_ge(whole_state(), 0);
        ck_assert_uint_eq(stat_at(whole_path[0]).st_mode & 07777, 0640);
        ck_assert_uint_eq(litter(), 0);
    }
    printf("killed %d times: %u interrupted, %u mixed before recovery\n", KILLS,
           interrupted, mixed);
    ck_assert_uint_gt(interrupted, 0);
}
END_TEST

/* --- at the same time --------------------------------------------------------------- */

#define RUNS 50

static void count_up(void)
{
    for (int n = 0; n < RUNS; n++) {
        struct journal *j = NULL;
        char before[16], after[16];

        if (journal_open(&j, root, NULL, &err) < 0 || journal_lock(j, 60, &err) < 0)
            _exit(1);
        snprintf(before, sizeof(before), "%s", text_at("/counter"));
        snprintf(after, sizeof(after), "%d", atoi(before) + 1);
        if (commit_in(j, &(struct row){"/counter", before, after, 0}, 1) != 0)
            _exit(2);
        journal_free(j);
    }
    _exit(0);
}

START_TEST(test_two_processes)
{
    char last[64];
    pid_t child[2];
    int status;

    put("/counter", "0");
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        child[i] = fork();
        if (child[i] == 0)
            count_up();
    }
    for (int i = 0; i < 2; i++) {
        waitpid(child[i], &status, 0);
        ck_assert_int_eq(status, 0);
    }
    snprintf(last, sizeof(last), "%d", 2 * RUNS);
    ck_assert_str_eq(text_at("/counter"), last);
    snprintf(last, sizeof(last), "%dc ", 2 * RUNS);
    ck_assert_int_eq(strncmp(generations(), last, strlen(last)), 0);
}
END_TEST

int main(void)
{
    TCase *plain = tcase_create("plain"), *long_ones = tcase_create("long");
    TCase *const all[] = {plain, long_ones, NULL};

    tcase_add_checked_fixture(plain, scratch_setup, scratch_teardown);
    tcase_add_test(plain, test_two_files);
    tcase_add_test(plain, test_private);
    tcase_add_test(plain, test_nothing);
    tcase_add_loop_test(plain, test_second_fails, 0, (int)ARRAY_LEN(spoils));
    tcase_add_test(plain, test_last_step_fails);
    tcase_add_test(plain, test_long_name);
    tcase_add_test(plain, test_last_number);
    tcase_add_test(plain, test_twice);
    tcase_add_test(plain, test_needs_lock);
    tcase_add_checked_fixture(long_ones, scratch_setup, scratch_teardown);
    tcase_set_timeout(long_ones, 180);
    tcase_add_test(long_ones, test_killed);
    tcase_add_test(long_ones, test_two_processes);
    return run_suite("commit", all);
}
