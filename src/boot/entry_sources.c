/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/entry_sources.h"

#include "boot/grub_default.h"
#include "boot/kernel_cmdline.h"

#define GENERATOR "/usr/sbin/grub2-mkconfig"
#define VENDOR_CMDLINE "/usr/lib/kernel/cmdline"
#define GENERATOR_MAX (1u << 20)

const char *entry_source(const struct host *host)
{
    if (host_template(host, &kernel_cmdline, false))
        return KERNEL_CMDLINE;
    return host->blscfg && host_template(host, &grub_default, false) ? "/etc/default/grub"
                                                                     : NULL;
}

int note_source(struct host *host, struct error *err)
{
    if (host_store(host, KERNEL_CMDLINE) || host->blscfg ||
        !root_exists(host->root, "/usr/bin/kernel-install"))
        return 0;
    if (root_exists(host->root, VENDOR_CMDLINE))
        return host_add_note(host, err,
                             "new kernels are given what %s says, without the flag; copy "
                             "it to %s, and it will be edited there",
                             VENDOR_CMDLINE, KERNEL_CMDLINE);
    return host_add_note(host, err,
                         "there is no %s: a new kernel is given the arguments of the one "
                         "that runs then, so reboot before the next one is installed",
                         KERNEL_CMDLINE);
}

/* The last assignment, as it is written by installers: NAME=true, in quotes or not. */
static bool says_true(const char *text, const char *name)
{
    bool found = false;
    size_t n = strlen(name);

    for (const char *line = text; line; line = strchr(line, '\n')) {
        const char *value;

        line += *line == '\n';
        if (strncmp(line, name, n) != 0 || line[n] != '=')
            continue;
        value = line + n + 1;
        value += *value == '"' || *value == '\'';
        found = starts_with(value, "true") && strchr("\"' \t\r\n", value[4]);
    }
    return found;
}

bool entries_are_rewritten(const struct host *host)
{
    AUTO_BLOB generator = {NULL, 0};
    struct error ignored;
    bool spared = false;

    if (!host->blscfg || !host_template(host, &grub_default, false))
        return false;
    for (size_t i = 0; i < host->stores; i++)
        if (host->store[i]->type == &grub_default)
            spared |= says_true(host->store[i]->text.data, "GRUB_ENABLE_BLSCFG");
    return !spared ||
           root_read(host->root, GENERATOR, GENERATOR_MAX, &generator, &ignored) < 0 ||
           !memmem(generator.data, generator.len, "--update-bls-cmdline", 20);
}
