/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>

#define OPTIONS_MAX 40
#define LOCK_WAIT 10 /* seconds */

#define STATUS (1u << ACTION_STATUS)
#define ENABLE (1u << ACTION_ENABLE)
#define DISABLE (1u << ACTION_DISABLE)
#define ROLLBACK (1u << ACTION_ROLLBACK)
#define VERIFY (1u << ACTION_VERIFY)
#define DEVICES (1u << ACTION_DEVICES)
#define CAPTURE (1u << ACTION_CAPTURE)
#define WRITING (ENABLE | DISABLE | ROLLBACK)
#define HOST (STATUS | WRITING | VERIFY | DEVICES) /* they are about a system */
#define ANY (HOST | CAPTURE)

const struct command commands[] = {
    {"status", ACTION_STATUS, NULL,
     "what the firmware has, what each entry starts with, what is on now"},
    {"enable", ACTION_ENABLE, NULL, "add the flag that this machine needs"},
    {"disable", ACTION_DISABLE, NULL, "take it out again"},
    {"rollback", ACTION_ROLLBACK, "[NUMBER]",
     "go back before the last change, or before generation NUMBER"},
    {"verify", ACTION_VERIFY, NULL,
     "after the reboot: is it on, and if not, the likely cause"},
    {"devices", ACTION_DEVICES, "[ADDRESS]",
     "PCI devices by IOMMU group, ready for a guest or why not"},
    {"capture", ACTION_CAPTURE, "DIR",
     "save the machine's facts to the new directory DIR, for --platform"},
};
const size_t commands_count = ARRAY_LEN(commands);

static int set_vendor(struct options *, const char *, struct error *);
static int set_wait(struct options *, const char *, struct error *);

/* A value goes to a text, a function or, without an argument, a truth value. */
struct option_row {
    const char *name;
    char letter;
    const char *argument;
    unsigned commands;
    size_t flag, text; /* offsets in struct options; 0: not this kind */
    int (*set)(struct options *, const char *, struct error *);
    const char *help;
};

#define FLAG(member) .flag = offsetof(struct options, member)
#define TEXT(member) .text = offsetof(struct options, member)

/* clang-format off */
static const struct option_row rows[] = {
    {.name = "vendor", .argument = "WHICH", .commands = ENABLE | DISABLE, .set = set_vendor,
     .help = "auto (default), intel, amd or both"},
    {.name = "iommu-pt", .commands = ENABLE | DISABLE, FLAG(request.want.iommu_pt),
     .help = "iommu=pt too: add it, or with disable remove it"},
    {.name = "kernel", .argument = "WHICH", .commands = ENABLE | DISABLE,
     TEXT(request.want.kernel),
     .help = "ALL (default), DEFAULT, an image's path or a title"},
    {.name = "exclusive", .commands = ENABLE, FLAG(request.want.exclusive),
     .help = "take the other vendor's flag out"},
    {.name = "if-needed", .commands = ENABLE, FLAG(request.want.if_needed),
     .help = "leave alone kernels that have it on by default"},
    {.name = "if-supported", .commands = ENABLE | DISABLE, FLAG(request.if_supported),
     .help = "a machine without an IOMMU is no failure"},
    {.name = "force-off", .commands = DISABLE, FLAG(force_off),
     .help = "write \"off\", for kernels that have it on by default"},
    {.name = "all-stores", .commands = ENABLE | DISABLE, FLAG(request.want.all_stores),
     .help = "also files that surely do not boot this machine"},
    {.name = "regenerate", .commands = ENABLE | DISABLE, FLAG(request.regenerate),
     .help = "run the distribution's generator afterwards, too"},
    {.name = "prometheus", .commands = STATUS, FLAG(prometheus),
     .help = "print metrics for Prometheus' node_exporter"},
    {.name = "list", .commands = ROLLBACK, FLAG(request.list),
     .help = "list the generations that can be gone back to"},
    {.name = "force", .commands = ROLLBACK, FLAG(request.force),
     .help = "over changes that somebody else made since"},
    {.name = "off", .commands = VERIFY, FLAG(request.want_off),
     .help = "off is what is wanted"},
    {.name = "xml", .commands = DEVICES, FLAG(request.xml),
     .help = "libvirt's element for the device ADDRESS"},
    {.name = "dot", .commands = DEVICES, FLAG(request.dot),
     .help = "the groups as a drawing for Graphviz"},
    {.name = "check", .letter = 'n', .commands = WRITING, FLAG(request.check),
     .help = "change nothing, tell what would be changed"},
    {.name = "diff", .commands = WRITING, FLAG(diff),
     .help = "show the changes as a unified diff"},
    {.name = "detailed-exitcodes", .commands = WRITING, FLAG(detailed_exitcodes),
     .help = "exit 2 when something was (or would be) changed"},
    {.name = "wait", .argument = "SECONDS", .commands = WRITING | VERIFY,
     .set = set_wait,
     .help = "wait so long for another run (10) or the IOMMU (0)"},
    {.name = "accept-measured-boot", .commands = ENABLE | DISABLE,
     FLAG(request.accept_measured_boot),
     .help = "even if a TPM binds a disk's key to the old line"},
    {.name = "boot-in-root", .commands = HOST, FLAG(request.boot_in_root),
     .help = "/boot is right though the fstab lists one apart"},
    {.name = "root", .argument = "DIR", .commands = HOST,
     TEXT(request.root),
     .help = "work on the system below DIR"},
    {.name = "platform", .argument = "DIR", .commands = ANY,
     TEXT(request.platform),
     .help = "read the machine's facts from a captured directory"},
    {.name = "state", .argument = "DIR", .commands = HOST,
     TEXT(request.state),
     .help = "keep the rollback copies in DIR"},
    {.name = "json", .commands = ANY, FLAG(json), .help = "print one JSON document"},
    {.name = "quiet", .letter = 'q', .commands = ANY, FLAG(quiet),
     .help = "print nothing but errors"},
    {.name = "verbose", .letter = 'v', .commands = ANY, FLAG(verbose),
     .help = "print standing notes and details too"},
    {.name = "help", .letter = 'h', .commands = ANY, FLAG(help), .help = "print this"},
    {.name = "version", .letter = 'V', .commands = ANY, FLAG(version),
     .help = "print the version"},
};
/* clang-format on */

static int set_vendor(struct options *options, const char *value, struct error *err)
{
    static const struct {
        const char *word;
        enum vendor vendor;
    } words[] = {
        {"auto", VENDOR_NONE},
        {"intel", VENDOR_INTEL},
        {"amd", VENDOR_AMD},
        {"both", VENDOR_BOTH},
    };

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (streq(value, words[i].word)) {
            options->request.vendor = words[i].vendor;
            return 0;
        }
    return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                     "--vendor takes auto, intel, amd or both, not \"%s\"", value);
}

static int set_number(const char *what, const char *value, unsigned *number,
                      struct error *err)
{
    char *end;
    unsigned long n;

    errno = 0;
    n = strtoul(value, &end, 10);
    if (errno || *end || value[0] < '0' || value[0] > '9' || n > INT_MAX)
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0, "%s takes a number, not \"%s\"",
                         what, value);
    *number = (unsigned)n;
    return 0;
}

static int set_wait(struct options *options, const char *value, struct error *err)
{
    return set_number("--wait", value, &options->request.wait, err);
}

static int set_row(struct options *options, const struct option_row *row, char *value,
                   struct error *err)
{
    if (row->set)
        return row->set(options, value, err);
    if (row->text && !*value && streq(row->argument, "DIR"))
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                         "--%s takes a directory, not an empty word", row->name);
    if (row->text)
        *(char **)((char *)options + row->text) = value;
    else
        *(bool *)((char *)options + row->flag) = true;
    return 0;
}

static void make_getopt(struct option longs[OPTIONS_MAX], char letters[2 * OPTIONS_MAX])
{
    size_t l = 0;

    letters[l++] = ':'; /* a missing argument is told from an unknown option */
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        longs[i] = (struct option){rows[i].name, rows[i].argument != NULL, NULL,
                                   (int)(UCHAR_MAX + 1 + i)};
        if (rows[i].letter)
            letters[l++] = rows[i].letter;
    }
    longs[ARRAY_LEN(rows)] = (struct option){NULL, 0, NULL, 0};
    letters[l] = '\0';
}

static const struct option_row *find_row(int code)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (code == (int)(UCHAR_MAX + 1 + i) ||
            (rows[i].letter && code == rows[i].letter))
            return &rows[i];
    return NULL;
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < commands_count; i++)
        if (streq(commands[i].name, name))
            return &commands[i];
    return NULL;
}

/* A long one is the word just read; of letters, which may stand several in a word, getopt
 * tells which it was. */
static int unknown_option(const char *word, struct error *err)
{
    char letter[] = {'-', (char)optopt, '\0'};
    bool is_letter = optopt > 0 && optopt <= UCHAR_MAX;

    return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                     "there is no option %s; see iommuctl --help",
                     is_letter ? letter : word);
}

/* Options in any place, one by one; SEEN gathers which. */
static int parse_options(int argc, char **argv, struct options *options,
                         bool seen[OPTIONS_MAX], struct error *err)
{
    struct option longs[OPTIONS_MAX];
    char letters[2 * OPTIONS_MAX];
    int code, r = 0;

    make_getopt(longs, letters);
    opterr = 0;
    while (!r && (code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        const struct option_row *row = find_row(code);

        if (code == ':')
            return error_set(err, EXIT_CLASS_USAGE, NULL, 0, "%s wants an argument",
                             argv[optind - 1]);
        if (!row)
            return unknown_option(argv[optind - 1], err);
        seen[row - rows] = true;
        r = set_row(options, row, optarg, err);
    }
    return r;
}

/* What only some commands take is refused elsewhere, never ignored. */
static int check_options(const struct command *command, const bool seen[OPTIONS_MAX],
                         struct error *err)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (seen[i] && !(rows[i].commands & 1u << command->action))
            return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                             "%s takes no --%s; see iommuctl %s --help", command->name,
                             rows[i].name, command->name);
    return 0;
}

static bool seen_wait(const bool seen[OPTIONS_MAX])
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (rows[i].set == set_wait)
            return seen[i];
    return false;
}

/* A list is only read: what would change, or go back further, does not go with it. */
static int check_list(const struct options *options, struct error *err)
{
    const struct request *request = &options->request;

    if (request->list && (request->generation || request->force || request->check ||
                          options->diff || options->detailed_exitcodes))
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                         "--list goes with no NUMBER, --check, --diff, --force or "
                         "--detailed-exitcodes");
    return 0;
}

static int check_formats(const struct options *options, struct error *err)
{
    if (options->prometheus && (options->json || options->quiet))
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                         "--prometheus goes with no --json or --quiet");
    if (options->request.xml && !options->help &&
        (!options->request.device || options->request.dot || options->json ||
         options->quiet))
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                         "--xml goes with an ADDRESS, and with no --dot, --json or "
                         "--quiet");
    if (options->request.dot &&
        (options->request.device || options->json || options->quiet))
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                         "--dot goes with no ADDRESS, --json or --quiet");
    return 0;
}

static int parse_command(int argc, char **argv, struct options *options,
                         const struct command **command, struct error *err)
{
    if (optind == argc)
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                         "no command given; see iommuctl --help");
    *command = find_command(argv[optind]);
    if (!*command)
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                         "there is no command \"%s\"; see iommuctl --help", argv[optind]);
    options->request.action = (*command)->action;
    if (++optind < argc && (*command)->action == ACTION_ROLLBACK) {
        if (set_number("rollback", argv[optind], &options->request.generation, err) < 0)
            return -EINVAL;
        if (!options->request.generation)
            return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                             "there is no generation \"%s\"; they count from 1",
                             argv[optind]);
        optind++;
    }
    if (optind < argc && (*command)->action == ACTION_DEVICES)
        options->request.device = argv[optind++];
    if ((*command)->action == ACTION_CAPTURE && !options->help) {
        if (optind == argc || !*argv[optind])
            return error_set(err, EXIT_CLASS_USAGE, NULL, 0,
                             "capture wants the name of a new directory");
        options->request.directory = argv[optind++];
    }
    if (optind < argc)
        return error_set(err, EXIT_CLASS_USAGE, NULL, 0, "%s takes no argument \"%s\"",
                         (*command)->name, argv[optind]);
    return 0;
}

int options_parse(int argc, char **argv, struct options *options,
                  const struct command **command, struct error *err)
{
    struct request *request = &options->request;
    bool seen[OPTIONS_MAX] = {false};
    int r;

    memset(options, 0, sizeof(*options));
    *command = NULL;
    request->wait = LOCK_WAIT;
    r = parse_options(argc, argv, options, seen, err);
    if (r < 0)
        return r;
    if ((options->help || options->version) && optind == argc)
        return 0;
    r = parse_command(argc, argv, options, command, err);
    if (!r)
        r = check_options(*command, seen, err);
    if (!r)
        r = check_list(options, err);
    if (!r)
        r = check_formats(options, err);
    request->want.goal = request->action == ACTION_ENABLE ? GOAL_ENABLE
                         : options->force_off             ? GOAL_FORCE_OFF
                                                          : GOAL_DISABLE;
    if (request->action == ACTION_VERIFY && !seen_wait(seen))
        request->wait = 0;
    if (request->want.kernel && streq(request->want.kernel, "ALL"))
        request->want.kernel = NULL;
    return r;
}

static void help_options(FILE *out, unsigned commands_bits, bool common)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct option_row *row = &rows[i];
        char left[64];

        if (!(row->commands & commands_bits) ||
            ((row->commands & HOST) == HOST) != common)
            continue;
        snprintf(left, sizeof(left), "%s%c%s--%s%s%s", row->letter ? "-" : " ",
                 row->letter ? row->letter : ' ', row->letter ? ", " : "  ", row->name,
                 row->argument ? " " : "", row->argument ? row->argument : "");
        fprintf(out, "  %-26s %s\n", left, row->help);
    }
}

void options_help(FILE *out, const struct command *only)
{
    fprintf(out, "Usage: iommuctl [OPTION...] %s%s%s\n\n", only ? only->name : "COMMAND",
            only && only->arguments ? " " : "",
            only && only->arguments ? only->arguments : "");
    fprintf(out, "Turns the IOMMU on or off for the next boot, in the boot loader's "
                 "configuration.\n");
    for (size_t i = 0; i < commands_count; i++) {
        if (only && only != &commands[i])
            continue;
        fprintf(out, "\n%s%s%s: %s\n", commands[i].name, commands[i].arguments ? " " : "",
                commands[i].arguments ? commands[i].arguments : "", commands[i].help);
        help_options(out, 1u << commands[i].action, false);
    }
    fprintf(out, "\nEvery command:\n");
    help_options(out, only ? 1u << only->action : ANY, true);
    fprintf(
        out,
        "\nExamples:\n"
        "  iommuctl enable --check --diff      what would be changed\n"
        "  iommuctl enable && reboot           the administrator's way\n"
        "  iommuctl enable --if-supported      in a kickstart %%post\n"
        "  iommuctl --json enable --detailed-exitcodes   for config management\n"
        "\nIf the machine does not boot: at the menu press e, append intel_iommu=off\n"
        "(AMD: amd_iommu=off) to the kernel line, boot, then run iommuctl rollback.\n"
        "More, and the way out from a rescue shell: man 8 iommuctl\n");
}
