/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A change that stands, though nobody knows whether a loader reads it yet: freezing was
 * refused, say. Its manifest then names the boot in which that was, so that no later run
 * takes it for done without another try. The next start of the system, which replays what
 * the loader does not, ends the doubt.
 */
#include <errno.h>
#include <fcntl.h>

#include "commit/generation.h"
#include "commit/io.h"
#include "commit/state.h"

/* What the kernel calls its present life, or "unknown". */
static char *boot_name(void)
{
    AUTO_CLOSE int fd = io_open(AT_FDCWD, "/proc/sys/kernel/random/boot_id", O_RDONLY, 0);
    AUTO_BLOB text = {NULL, 0};

    if (fd >= 0 && io_read(fd, 64, &text) == 0 && text.len > 1)
        return strndup(text.data, text.len - 1);
    return strdup("unknown");
}

int manifest_doubt(struct manifest *m)
{
    free(m->unconfirmed);
    m->unconfirmed = boot_name();
    return m->unconfirmed ? 0 : -ENOMEM;
}

static struct record *doubtful(const struct journal *j)
{
    AUTO_FREE char *boot = NULL;

    for (size_t i = 0; i < j->records; i++) {
        const char *then = j->record[i].manifest.unconfirmed;

        if (!then)
            continue;
        boot = boot ? boot : boot_name();
        if (!boot || streq(boot, then))
            return &j->record[i];
    }
    return NULL;
}

bool journal_unconfirmed(const struct journal *j, struct error *err)
{
    const struct record *rec = doubtful(j);

    if (rec)
        error_set(err, EXIT_CLASS_UNCONFIRMED, rec->manifest.file[0].path, 0,
                  "its text is written, but not confirmed to be where the boot loader "
                  "reads it after a power cut; run the same command again to try once "
                  "more, or reboot in an orderly way");
    return rec != NULL;
}

static int record_confirm(struct journal *j, struct record *rec, struct error *err)
{
    AUTO_CLOSE int fd = journal_enter(j, rec->view.number, err);
    int r = fd < 0 ? fd : rows_durable(j, &rec->manifest, fd, err);

    if (r < 0)
        return r;
    free(rec->manifest.unconfirmed);
    rec->manifest.unconfirmed = NULL;
    r = generation_write(fd, &rec->manifest, err);
    if (!r)
        r = generation_publish(fd, NULL, err);
    return journal_blame(j, rec->view.number, r, err);
}

int journal_confirm(struct journal *j, struct error *err)
{
    struct record *rec;
    int r = 0;

    while (!r && (rec = doubtful(j)))
        r = record_confirm(j, rec, err);
    return r;
}
