/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/options.h"

#include <check.h>
#include <errno.h>
#include <getopt.h>

#define WORDS 8

/* The words behind the program's name, as they are; cut at blanks, "_" is an empty one.
 */
static int parse(const char *line, struct options *options,
                 const struct command **command, struct error *err)
{
    static char text[256];
    char *argv[WORDS + 2] = {(char *)"iommuctl"}, *rest = text, *word;
    int argc = 1;

    snprintf(text, sizeof(text), "%s", line);
    while ((word = strsep(&rest, " ")) && *word)
        argv[argc++] = streq(word, "_") ? (char *)"" : word;
    optind = 0; /* glibc's way to begin anew */
    return options_parse(argc, argv, options, command, err);
}

/* Refused: the words, and what the message must hold. */
static const struct refusal {
    const char *line, *says;
} refusals[] = {
    {"", "no command"},
    {"--json", "no command"},
    {"reboot", "no command \"reboot\""},
    {"Enable", "no command \"Enable\""},
    {"_", "no command \"\""},
    {"enable disable", "enable takes no argument \"disable\""},
    {"status 3", "status takes no argument"},
    {"rollback 3 4", "\"4\""},
    {"--help reboot", "\"reboot\""},

    {"--frobnicate enable", "no option --frobnicate"},
    {"enable --frobnicate=3", "no option --frobnicate"},
    {"-x enable", "no option -x"},
    {"enable -qx", "no option -x"},
    {"-xq enable", "no option -x"},
    {"enable -qxv", "no option -x"},
    {"enable --json=yes", "--json"},
    {"enable --no", "--no"},
    {"enable --if", "--if"},

    {"enable --root", "--root wants an argument"},
    {"--vendor", "--vendor wants an argument"},
    {"--wait", "--wait wants an argument"},
    {"enable --json --kernel", "--kernel wants an argument"},

    {"enable --vendor AMD", "\"AMD\""},
    {"enable --vendor _", "not \"\""},
    {"enable --vendor=intel,amd", "\"intel,amd\""},
    {"enable --wait ten", "\"ten\""},
    {"enable --wait _", "\"\""},
    {"enable --wait -1", "\"-1\""},
    {"enable --wait +1", "\"+1\""},
    {"enable --wait 1s", "\"1s\""},
    {"enable --wait 0x10", "\"0x10\""},
    {"enable --wait 2147483648", "\"2147483648\""},
    {"enable --wait 99999999999999999999", "\"99999999999999999999\""},
    {"rollback x", "\"x\""},
    {"rollback -- -1", "\"-1\""},
    {"rollback 1.5", "\"1.5\""},
    {"rollback 0", "\"0\""},

    {"status --check", "status takes no --check"},
    {"status -n", "status takes no --check"},
    {"--diff status", "status takes no --diff"},
    {"status --vendor amd", "status takes no --vendor"},
    {"enable --force-off", "enable takes no --force-off"},
    {"enable --list", "enable takes no --list"},
    {"disable --exclusive", "disable takes no --exclusive"},
    {"disable --if-needed", "disable takes no --if-needed"},
    {"status --prometheus --json", "--prometheus goes with no --json or --quiet"},
    {"rollback --kernel ALL", "rollback takes no --kernel"},
    {"rollback --iommu-pt", "rollback takes no --iommu-pt"},
    {"status --wait 3", "status takes no --wait"},

    {"--root _ status", "--root takes a directory"},
    {"--platform= status", "--platform takes a directory"},
    {"enable --state _", "--state takes a directory"},
    {"rollback --list 3", "--list goes with no NUMBER"},
    {"rollback --list --check", "--list goes with no"},
    {"rollback --list --diff", "--list goes with no"},
    {"rollback --list --force", "--list goes with no"},
    {"rollback --list --detailed-exitcodes", "--list goes with no"},
};

START_TEST(refuses)
{
    const struct refusal *t = &refusals[_i];
    const struct command *command;
    struct options options;
    struct error err = {.exit = EXIT_CLASS_DONE};

    ck_assert_msg(parse(t->line, &options, &command, &err) == -EINVAL, "%s", t->line);
    ck_assert_int_eq(err.exit, EXIT_CLASS_USAGE);
    ck_assert_msg(strstr(err.text, t->says), "%s: %s", t->line, err.text);
}
END_TEST

/* Taken: what the words set, the rest being as if nothing was said. */
static const struct taking {
    const char *line;
    const char *command; /* NULL: none */
    struct options options;
} takings[] = {
    {"status", "status", {.quiet = false}},
    {"enable", "enable", {.quiet = false}},
    {"-h", NULL, {.help = true}},
    {"--version", NULL, {.version = true}},
    {"--help enable", "enable", {.help = true}},
    {"enable -h", "enable", {.help = true}},
    {"--json -q -v status", "status", {.json = true, .quiet = true, .verbose = true}},
    {"status --json -qv", "status", {.json = true, .quiet = true, .verbose = true}},
    {"enable --verb", "enable", {.verbose = true}},
    {"enable -n --diff --detailed-exitcodes",
     "enable",
     {.diff = true, .detailed_exitcodes = true, .request = {.check = true}}},
    {"--root /x --platform=y --state z status",
     "status",
     {.request = {.root = "/x", .platform = "y", .state = "z"}}},
    {"--root=/a --root=/b status", "status", {.request = {.root = "/b"}}},
    {"enable --vendor both", "enable", {.request = {.vendor = VENDOR_BOTH}}},
    {"enable --vendor=amd --vendor=auto", "enable", {.request = {.vendor = VENDOR_NONE}}},
    {"disable --vendor intel", "disable", {.request = {.vendor = VENDOR_INTEL}}},
    {"enable --kernel ALL", "enable", {.quiet = false}},
    {"enable --kernel all", "enable", {.request = {.want = {.kernel = "all"}}}},
    {"enable --kernel DEFAULT", "enable", {.request = {.want = {.kernel = "DEFAULT"}}}},
    {"enable --iommu-pt --exclusive --if-needed --all-stores",
     "enable",
     {.request = {.want = {.iommu_pt = true,
                           .exclusive = true,
                           .if_needed = true,
                           .all_stores = true}}}},
    {"enable --if-supported --boot-in-root",
     "enable",
     {.request = {.if_supported = true, .boot_in_root = true}}},
    {"enable --wait 0", "enable", {.request = {.wait = 0}}},
    {"enable --wait 007", "enable", {.request = {.wait = 7}}},
    {"enable --wait 2147483647", "enable", {.request = {.wait = 2147483647}}},
    {"disable --force-off", "disable", {.force_off = true}},
    {"rollback", "rollback", {.quiet = false}},
    {"rollback 12 --force", "rollback", {.request = {.generation = 12, .force = true}}},
    {"rollback --list", "rollback", {.request = {.list = true}}},
    {"rollback -- 12", "rollback", {.request = {.generation = 12}}},
    {"-- status", "status", {.quiet = false}},
};

static bool same_text(const char *a, const char *b)
{
    return a && b ? streq(a, b) : a == b;
}

static void same_request(const struct request *got, const struct request *expected)
{
    ck_assert(same_text(got->root, expected->root));
    ck_assert(same_text(got->platform, expected->platform));
    ck_assert(same_text(got->state, expected->state));
    ck_assert(same_text(got->want.kernel, expected->want.kernel));
    ck_assert_int_eq(got->vendor, expected->vendor);
    ck_assert_int_eq(got->want.iommu_pt, expected->want.iommu_pt);
    ck_assert_int_eq(got->want.exclusive, expected->want.exclusive);
    ck_assert_int_eq(got->want.if_needed, expected->want.if_needed);
    ck_assert_int_eq(got->want.all_stores, expected->want.all_stores);
    ck_assert_int_eq(got->check, expected->check);
    ck_assert_int_eq(got->if_supported, expected->if_supported);
    ck_assert_int_eq(got->boot_in_root, expected->boot_in_root);
    ck_assert_uint_eq(got->generation, expected->generation);
    ck_assert_int_eq(got->force, expected->force);
    ck_assert_int_eq(got->list, expected->list);
}

START_TEST(takes)
{
    const struct taking *t = &takings[_i];
    const struct options *expected = &t->options;
    const struct command *command;
    struct options got;
    struct error err;

    ck_assert_msg(parse(t->line, &got, &command, &err) == 0, "%s: %s", t->line, err.text);
    ck_assert(same_text(command ? command->name : NULL, t->command));
    same_request(&got.request, &expected->request);
    ck_assert_uint_eq(got.request.wait,
                      strstr(t->line, "--wait") ? expected->request.wait : 10);
    ck_assert_int_eq(got.json, expected->json);
    ck_assert_int_eq(got.quiet, expected->quiet);
    ck_assert_int_eq(got.verbose, expected->verbose);
    ck_assert_int_eq(got.diff, expected->diff);
    ck_assert_int_eq(got.detailed_exitcodes, expected->detailed_exitcodes);
    ck_assert_int_eq(got.force_off, expected->force_off);
    ck_assert_int_eq(got.help, expected->help);
    ck_assert_int_eq(got.version, expected->version);
    if (!command)
        return;
    ck_assert_int_eq(got.request.action, command->action);
    ck_assert_int_eq(got.request.want.goal, streq(t->command, "enable") ? GOAL_ENABLE
                                            : got.force_off             ? GOAL_FORCE_OFF
                                                                        : GOAL_DISABLE);
}
END_TEST

static char *help(const struct command *command)
{
    char *text = NULL;
    size_t len;
    FILE *file = open_memstream(&text, &len);

    options_help(file, command);
    ck_assert_int_eq(fclose(file), 0);
    return text;
}

static void widths(const char *text)
{
    for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
        ck_assert_msg(end - line <= 80, "%.*s", (int)(end - line), line);
}

/* A command's help names what the command takes, and every line fits a terminal. */
START_TEST(helps)
{
    static const struct {
        const char *command, *has, *lacks;
    } rows[] = {
        {"status", "--platform DIR", "--vendor"},
        {"enable", "--exclusive", "--force-off"},
        {"disable", "--force-off", "--exclusive"},
        {"rollback", "--list", "--vendor"},
        {"rollback", "rollback [NUMBER]", "enable:"},
    };

    for (size_t i = 0; i < commands_count; i++) {
        AUTO_FREE char *text = help(&commands[i]);

        widths(text);
        for (size_t r = 0; r < ARRAY_LEN(rows); r++)
            if (streq(rows[r].command, commands[i].name))
                ck_assert_msg(strstr(text, rows[r].has) && !strstr(text, rows[r].lacks),
                              "%s", text);
    }
}
END_TEST

START_TEST(helps_with_all)
{
    AUTO_FREE char *text = help(NULL);

    for (size_t i = 0; i < commands_count; i++)
        ck_assert_ptr_nonnull(strstr(text, commands[i].help));
    ck_assert_ptr_nonnull(strstr(text, "append intel_iommu=off"));
    widths(text);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("options");
    TCase *t = tcase_create("options");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, refuses, 0, ARRAY_LEN(refusals));
    tcase_add_loop_test(t, takes, 0, ARRAY_LEN(takings));
    tcase_add_test(t, helps);
    tcase_add_test(t, helps_with_all);
    suite_add_tcase(s, t);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
