/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/limit.h"

#include <check.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MB ((size_t)1 << 20)

static bool can_map(size_t len)
{
    void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p != MAP_FAILED)
        munmap(p, len);
    return p != MAP_FAILED;
}

START_TEST(bounds_memory)
{
    struct limits limits;

    limits_set(&limits, 64 * MB, 60);
    ck_assert(can_map(16 * MB));
    ck_assert(!can_map(256 * MB));
    limits_lift(&limits);
    ck_assert(can_map(256 * MB));
}
END_TEST

/* How a child ends that uses so much of the processor as it gets, five seconds at most.
 */
static int end_of_spinning(bool lift)
{
    struct limits limits;
    struct rusage used;
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        limits_set(&limits, 64 * MB, 0);
        if (lift)
            limits_lift(&limits);
        do
            getrusage(RUSAGE_SELF, &used);
        while (used.ru_utime.tv_sec + used.ru_stime.tv_sec < (lift ? 3 : 5));
        _exit(0);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

START_TEST(bounds_time)
{
    int status = end_of_spinning(false);

    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGXCPU);
    ck_assert_int_eq(end_of_spinning(true), 0);
}
END_TEST

START_TEST(leaves_what_is_narrower)
{
    struct rlimit narrow, now;
    struct limits limits;

    ck_assert_int_eq(getrlimit(RLIMIT_CPU, &narrow), 0);
    narrow.rlim_cur = 50;
    ck_assert_int_eq(setrlimit(RLIMIT_CPU, &narrow), 0);
    limits_set(&limits, 64 * MB, 100);
    ck_assert_int_eq(getrlimit(RLIMIT_CPU, &now), 0);
    ck_assert_uint_eq(now.rlim_cur, 50);
    limits_lift(&limits);
    ck_assert_int_eq(getrlimit(RLIMIT_CPU, &now), 0);
    ck_assert_uint_eq(now.rlim_cur, 50);
    narrow.rlim_cur = narrow.rlim_max;
    setrlimit(RLIMIT_CPU, &narrow);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("limit");
    TCase *tcase = tcase_create("limits");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, bounds_memory);
    tcase_add_test(tcase, bounds_time);
    tcase_add_test(tcase, leaves_what_is_narrower);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
