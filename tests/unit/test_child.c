/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/child.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#define SHELL "/bin/sh"
#define MEGABYTE (1u << 20)

/* A script's output, status and inputs. */
static const struct script {
    const char *script;
    const char *input[2]; /* descriptors 3 and 4 */
    const char *output;
    int status;
} scripts[] = {
    {"echo hello", {NULL}, "hello\n", 0},
    {"", {NULL}, "", 0},
    {"exit 7", {NULL}, "", 7},
    {"echo a; exit 1", {NULL}, "a\n", 1},
    {"kill -9 $$", {NULL}, "", 137},
    {"kill -TERM $$; sleep 9", {NULL}, "", 143},
    {"cat /dev/fd/3", {"one"}, "one", 0},
    {"cat /dev/fd/4 /dev/fd/3", {"one\n", "two\n"}, "two\none\n", 0},
    {"cat /dev/fd/3", {""}, "", 0},
    {"printf 'a\\nb'", {"never read"}, "a\nb", 0},

    /* nothing of ours is left to it */
    {"env | grep -vE '^(PWD|SHLVL|_)=' | sort",
     {NULL},
     "LC_ALL=C\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\n",
     0},
    {"cat", {NULL}, "", 0},
    {"echo lost >&2", {NULL}, "", 0},
    {"test -t 0 || test -t 1 || test -t 2 || echo none", {NULL}, "none\n", 0},
};

static void run(const char *const *argv, const struct child_input *input, size_t inputs,
                struct buf *output, int *status)
{
    const struct child child = {.argv = argv, .input = input, .inputs = inputs};
    struct error err;

    alarm(30);
    ck_assert_msg(child_run(&child, output, NULL, status, &err) == 0, "%s", err.text);
}

/* What outlives its time goes, with what it started; what it said until then is kept. */
START_TEST(stops_in_time)
{
    const char *const argv[] = {SHELL, "-c",
                                "echo out; echo err >&2; sleep 60 & sleep 60", NULL};
    const struct child child = {.argv = argv, .seconds = 1};
    AUTO_BUF output = BUF_INIT, errors = BUF_INIT;
    struct error err;
    int status;

    alarm(30);
    ck_assert_int_eq(child_run(&child, &output, &errors, &status, &err), 0);
    ck_assert_int_eq(status, CHILD_TOO_LONG);
    ck_assert_str_eq(buf_text(&output), "out\n");
    ck_assert_str_eq(buf_text(&errors), "err\n");
}
END_TEST

START_TEST(runs)
{
    const struct script *t = &scripts[_i];
    const char *const argv[] = {SHELL, "-c", t->script, NULL};
    struct child_input input[2];
    struct blob data[2] = {{NULL, 0}, {NULL, 0}};
    AUTO_BUF output = BUF_INIT;
    size_t inputs = 0;
    int status;

    setenv("IOMMUCTL_TEST", "must not be seen", 1);
    setenv("LC_ALL", "C.UTF-8", 1);
    for (; inputs < 2 && t->input[inputs]; inputs++) {
        if (*t->input[inputs])
            blob_copy(&data[inputs], t->input[inputs], strlen(t->input[inputs]));
        input[inputs] = (struct child_input){3 + (int)inputs, &data[inputs]};
    }
    run(argv, input, inputs, &output, &status);
    ck_assert_int_eq(status, t->status);
    ck_assert_str_eq(buf_text(&output), t->output);
    blob_clear(&data[0]);
    blob_clear(&data[1]);
}
END_TEST

/* More than any pipe holds goes in twice and comes out at the same time. */
START_TEST(takes_and_gives_megabytes)
{
    const char *const argv[] = {SHELL, "-c", "cat /dev/fd/3 /dev/fd/4", NULL};
    struct blob data[2] = {{malloc(MEGABYTE), MEGABYTE}, {malloc(MEGABYTE), MEGABYTE}};
    const struct child_input input[] = {{3, &data[0]}, {4, &data[1]}};
    AUTO_BUF output = BUF_INIT;
    int status;

    for (size_t i = 0; i < MEGABYTE; i++) {
        data[0].data[i] = (char)(i * 7 + i / 4096);
        data[1].data[i] = (char)(i * 3 + i / 256);
    }
    run(argv, input, 2, &output, &status);
    ck_assert_int_eq(status, 0);
    ck_assert_uint_eq(output.len, 2 * MEGABYTE);
    ck_assert(memcmp(output.data, data[0].data, MEGABYTE) == 0);
    ck_assert(memcmp(output.data + MEGABYTE, data[1].data, MEGABYTE) == 0);
    blob_clear(&data[0]);
    blob_clear(&data[1]);
}
END_TEST

/* A child that does not read what it is given holds nobody up, whatever the caller did
 * with SIGPIPE. */
START_TEST(waits_for_no_reader)
{
    static const char *const paths[] = {"/bin/true", "/nonexistent/program",
                                        "/etc/passwd", "/"};
    static const int statuses[] = {0, 127, 127, 127};
    const char *const argv[] = {paths[_i / 2], NULL};
    struct blob data = {calloc(1, MEGABYTE), MEGABYTE};
    const struct child_input input[] = {{3, &data}, {4, &data}, {5, &data}};
    AUTO_BUF output = BUF_INIT;
    int status;

    signal(SIGPIPE, _i % 2 ? SIG_IGN : SIG_DFL);
    run(argv, input, 3, &output, &status);
    ck_assert_int_eq(status, statuses[_i / 2]);
    ck_assert_uint_eq(output.len, 0);
    blob_clear(&data);
}
END_TEST

/* The child sees its inputs, the standard three and what we were given for our children,
 * no more; and we keep nothing open. */
START_TEST(leaves_nothing_open)
{
    const char *const argv[] = {SHELL, "-c", "ls /proc/self/fd", NULL};
    struct blob data = {NULL, 0};
    const struct child_input input[] = {{3, &data}};
    int before = dup(0), after, status;
    AUTO_BUF output = BUF_INIT;

    close(before);
    for (int fd = 4; fd < 1024; fd++)
        if (fcntl(fd, F_GETFD) >= 0)
            fcntl(fd, F_SETFD, FD_CLOEXEC);
    run(argv, input, 1, &output, &status);
    after = dup(0);
    ck_assert_int_eq(after, before);
    close(after);
    ck_assert_str_eq(buf_text(&output),
                     "0\n1\n2\n3\n4\n"); /* 4: ls reads the directory */
}
END_TEST

/* Output goes behind what the buffer holds; arguments go through as they are. */
START_TEST(adds_to_the_output)
{
    const char *const argv[] = {
        SHELL, "-c", "printf '[%s]' \"$@\"", "sh", "a b", "$HOME;`", "", NULL};
    AUTO_BUF output = BUF_INIT;
    int status;

    buf_add_text(&output, "before ");
    run(argv, NULL, 0, &output, &status);
    ck_assert_str_eq(buf_text(&output), "before [a b][$HOME;`][]");
}
END_TEST

START_TEST(fails_without_descriptors)
{
    const char *const argv[] = {"/bin/true", NULL};
    const struct child child = {.argv = argv};
    AUTO_BUF output = BUF_INIT;
    struct error err;
    struct rlimit few;
    int first = dup(0), last = first, fd, r, status;

    getrlimit(RLIMIT_NOFILE, &few);
    few.rlim_cur = 128; /* so that it takes no time */
    setrlimit(RLIMIT_NOFILE, &few);
    while ((fd = dup(0)) >= 0)
        last = fd;
    r = child_run(&child, &output, NULL, &status, &err);
    for (fd = first; fd <= last; fd++)
        close(fd);
    ck_assert_int_lt(r, 0);
    ck_assert_str_eq(err.file, "/bin/true");
    ck_assert_int_eq(err.exit, EXIT_CLASS_IO);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("child");
    TCase *t = tcase_create("child");
    SRunner *sr;
    int failed;

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, runs, 0, ARRAY_LEN(scripts));
    tcase_add_test(t, takes_and_gives_megabytes);
    tcase_add_loop_test(t, waits_for_no_reader, 0, 8);
    tcase_add_test(t, leaves_nothing_open);
    tcase_add_test(t, adds_to_the_output);
    tcase_add_test(t, stops_in_time);
    tcase_add_test(t, fails_without_descriptors);
    suite_add_tcase(s, t);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
