/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file system frozen and thawed at once: freezing empties its journal into the places
 * where a boot loader, which replays none, looks for files.
 *
 * Whoever dies meanwhile, it is thawed. A child does it, which has all of its memory
 * locked, listens to no signal and stands in a session of its own, and which was made
 * ready before it is allowed to begin; it thaws whether we still live or not. We thaw
 * when it dies, cannot thaw, or gives no sign of life for half a minute.
 */
#ifndef COMMIT_FREEZE_H
#define COMMIT_FREEZE_H

#include <stdbool.h>

/*
 * FD: any open file or directory of it. 0; or what refused or went wrong, as a negative
 * errno: -EPERM for want of privileges, -EBUSY where someone else holds it frozen,
 * -EOPNOTSUPP, -ETIMEDOUT. STUCK: nobody could thaw it again.
 */
int freeze_and_thaw(int fd, bool *stuck);

#endif
