/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What verify says. */
#ifndef CLI_REPORT_VERIFY_H
#define CLI_REPORT_VERIFY_H

#include "apply.h"
#include "base/json.h"

enum exit_class verify_exit(const struct verify *);
void print_verify(const struct verify *);
struct json *verify_value(const struct verify *);

#endif
