/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The program as the user meets it: the only code that prints or decides an exit status.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

int cli_main(int argc, char **argv);

#endif
