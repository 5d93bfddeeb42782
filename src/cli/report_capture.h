/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CLI_REPORT_CAPTURE_H
#define CLI_REPORT_CAPTURE_H

#include "base/json.h"
#include "cli/report.h"

void print_capture(const struct told *);
struct json *capture_value(const struct told *);

#endif
