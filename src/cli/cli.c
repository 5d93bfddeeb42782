/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <syslog.h>
#include <unistd.h>

#include "cli/diff.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/report_verify.h"

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/*
 * The caller may be root with anybody's environment. What our libraries would obey is
 * taken out; umask and closed standard descriptors are put right, so that no file of ours
 * is readable by more people, or takes the place of standard output. A closed standard
 * output stays one that cannot be written, which flush() tells.
 */
static void clean_surroundings(void)
{
    static const char *const variables[] = {
        "AUGEAS_ROOT", "AUGEAS_LENS_LIB", "AUGEAS_DEBUG", "BLKID_FILE",     "BLKID_CONF",
        "BLKID_DEBUG", "LIBBLKID_DEBUG",  "TMPDIR",       "POSIXLY_CORRECT"};

    for (size_t i = 0; i < ARRAY_LEN(variables); i++)
        unsetenv(variables[i]);
    umask(077);
    setvbuf(stderr, NULL, _IOLBF, 0); /* a message in one piece, whoever else writes */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a write beyond the caller's limit fails, as any other */
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        int mode = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
        int null = fcntl(fd, F_GETFD) < 0 ? open("/dev/null", mode) : fd;

        if (null != fd)
            return; /* no descriptor is to be had, not even this one */
    }
}

static int exit_status(const struct told *told)
{
    const struct report *report = told->report;

    if (told->err->exit != EXIT_CLASS_DONE)
        return told->err->exit;
    if (report->later.exit != EXIT_CLASS_DONE)
        return report->later.exit;
    if (report->verify.rule)
        return verify_exit(&report->verify);
    if (report->unread.exit != EXIT_CLASS_DONE &&
        report->unread.exit != EXIT_CLASS_NOT_PERMITTED)
        return report->unread.exit;
    if (told->options->detailed_exitcodes && report->result == RESULT_CHANGED)
        return EXIT_CLASS_CHANGED;
    return EXIT_CLASS_DONE;
}

/* Never fatal, and never about another system than the one that runs. */
static void log_outcome(const struct told *told)
{
    char line[512];

    if (!told->report->root || !root_is_live(told->report->root))
        return;
    report_log_line(told, line);
    if (!line[0])
        return;
    openlog("iommuctl", LOG_PID, LOG_USER);
    syslog(told->err->exit == EXIT_CLASS_DONE ? LOG_NOTICE : LOG_ERR, "%s", line);
    closelog();
}

/* What was not written to standard output was not said; what was written to disk stays.
 */
static int flush(int status, bool committed)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return status;
    if (errno != EPIPE)
        fprintf(stderr, "iommuctl: cannot write to standard output: %s\n",
                strerror(errno));
    if (status != EXIT_CLASS_DONE && status != EXIT_CLASS_CHANGED)
        return status;
    return committed ? EXIT_CLASS_UNCONFIRMED : EXIT_CLASS_IO;
}

/* What a library leaves us to say when it ends the process. */
struct life {
    bool finished;
    const struct report *report; /* NULL before and after the work */
};

/* libaugeas does so when it cannot read a lens, with a code that means another thing
   here. What is on disk by then is whole. */
static void ended(int status, void *data)
{
    const struct life *life = data;
    bool finished = life->finished, changed = life->report && life->report->generation;

    (void)status;
    free(data);
    if (finished)
        return;
    fprintf(stderr, "iommuctl: %sa library ended the program, for the reason above%s\n",
            changed ? "the change is written, but " : "",
            changed ? "" : "; run it again");
    _exit(changed ? EXIT_CLASS_UNCONFIRMED : EXIT_CLASS_INTERNAL);
}

static int run(const struct options *options, const struct command *command,
               struct life *life)
{
    struct error err = {.exit = EXIT_CLASS_DONE}, later;
    AUTO_BUF diff = BUF_INIT;
    struct report report;
    bool committed;
    struct told told = {
        .options = options, .command = command, .report = &report, .err = &err};

    life->report = &report;
    if (apply_run(&options->request, &report, &err) == 0)
        err.exit = EXIT_CLASS_DONE; /* what was tried on the way and did not matter */
    if (err.exit == EXIT_CLASS_DONE && options->diff &&
        diff_changes(&report.changes, &diff, &later) < 0 &&
        report.later.exit == EXIT_CLASS_DONE) {
        later.exit = report.generation ? EXIT_CLASS_UNCONFIRMED : later.exit;
        report.later = later; /* the change itself may well be made by now */
    }
    told.diff = options->diff ? buf_text(&diff) : NULL;
    told.exit = exit_status(&told);
    if (options->prometheus)
        report_prometheus(&told);
    else if (!options->json)
        report_text(&told);
    else if (report_json(&told, &err) < 0) {
        told.exit = err.exit;
        report_text(&told);
    }
    log_outcome(&told);
    committed = report.generation || report.recovered;
    life->report = NULL;
    report_clear(&report);
    return flush(told.exit, committed);
}

static int usage_error(const struct options *options, struct error *err)
{
    struct report report = {.reboot_required = UNKNOWN};
    struct told told = {
        .options = options, .report = &report, .err = err, .exit = err->exit};

    if (!options->json || report_json(&told, err) < 0)
        report_text(&told);
    return flush(told.exit, false);
}

static int act(int argc, char **argv, struct life *life)
{
    struct error err = {.exit = EXIT_CLASS_DONE};
    const struct command *command;
    struct options options;

    clean_surroundings();
    if (options_parse(argc, argv, &options, &command, &err) < 0)
        return usage_error(&options, &err);
    if (options.version)
        printf("iommuctl %s\n", PACKAGE_VERSION);
    else if (options.help)
        options_help(stdout, command);
    else
        return run(&options, command, life);
    return flush(EXIT_CLASS_DONE, false);
}

int cli_main(int argc, char **argv)
{
    struct life *life = calloc(1, sizeof(*life)); /* lives on when this has returned */
    int status;

    if (!life || on_exit(ended, life) != 0) {
        struct error err;

        error_memory(&err);
        fprintf(stderr, "iommuctl: %s\n", err.text);
        free(life);
        return err.exit;
    }
    status = act(argc, argv, life);
    life->finished = true;
    return status;
}
