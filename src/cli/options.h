/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The command line of iommuctl: one table of commands and one of options, from which the
 * parser, the help text and the completion are made.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdio.h>

#include "apply.h"

struct options {
    struct request request;
    bool json, prometheus, quiet, verbose, diff, detailed_exitcodes, force_off, help,
        version;
};

struct command {
    const char *name;
    enum action action;
    const char *arguments; /* for the help: "[NUMBER]"; NULL if it takes none */
    const char *help;      /* one line */
};

extern const struct command commands[];
extern const size_t commands_count;

/* The command that the words name: NULL only with --help or --version. Class USAGE. */
int options_parse(int argc, char **argv, struct options *, const struct command **,
                  struct error *);

/* COMMAND may be NULL: all of it. */
void options_help(FILE *, const struct command *);

#endif
