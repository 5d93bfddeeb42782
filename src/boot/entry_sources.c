/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/entry_sources.h"

#include "boot/grub_default.h"
#include "boot/kernel_cmdline.h"

#define GENERATOR "/usr/sbin/grub2-mkconfig"
#define GENERATOR_MAX (1u << 20)

const char *entry_source(const struct host *host)
{
    if (host_template(host, &kernel_cmdline, false))
        return KERNEL_CMDLINE;
    return host->blscfg && host_template(host, &grub_default, false) ? "/etc/default/grub"
                                                                     : NULL;
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
