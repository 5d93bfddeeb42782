/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Does this process run in a container, whose /sys and /proc need not be the machine's?
 */
#ifndef PLATFORM_CONTAINER_H
#define PLATFORM_CONTAINER_H

#include "platform/platform.h"

/* 1 with NAME telling by which sign; 0; -ENOMEM. */
int container_look(const struct platform *, const char **name);

#endif
