/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/diff.h"

#include <unistd.h>

#include "base/child.h"

#define OLD_FD 3
#define NEW_FD 4

static const char *diff_program(void)
{
    static const char *const paths[] = {"/usr/bin/diff", "/bin/diff"};

    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        if (access(paths[i], X_OK) == 0)
            return paths[i];
    return NULL;
}

static int diff_one(const char *program, const struct change *change, struct buf *out,
                    struct error *err)
{
    AUTO_FREE char *old_label = text_format("--label=a%s", change->path);
    AUTO_FREE char *new_label = text_format("--label=b%s", change->path);
    const struct child_input input[] = {{OLD_FD, &change->before},
                                        {NEW_FD, &change->after}};
    const char *argv[] = {program,   "-a",        "-u",        old_label,
                          new_label, "/dev/fd/3", "/dev/fd/4", NULL};
    const struct child child = {.argv = argv, .input = input, .inputs = ARRAY_LEN(input)};
    int status, r;

    if (!old_label || !new_label)
        return error_memory(err);
    r = child_run(&child, out, NULL, &status, err);
    if (!r && status > 1)
        return error_set(err, EXIT_CLASS_IO, change->path, 0,
                         "diff failed with status %d; is /dev/fd there?", status);
    return r;
}

int diff_changes(const struct changeset *changes, struct buf *out, struct error *err)
{
    const char *program = diff_program();
    int r = 0;

    if (!program)
        return error_set(err, EXIT_CLASS_IO, NULL, 0,
                         "--diff needs diff(1): install diffutils");
    for (size_t i = 0; !r && i < changes->count; i++)
        if (!changes->change[i].like && !ends_with(changes->change[i].path, ".rollback"))
            r = diff_one(program, &changes->change[i], out, err);
    return !r && out->failed ? error_memory(err) : r;
}
