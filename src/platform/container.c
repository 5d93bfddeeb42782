/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/container.h"

#include <errno.h>

#include "base/root.h"

#define ENVIRON_MAX (256 * 1024)

/* What engines leave in the containers that they make; any kind of file counts. */
static const char *const signs[] = {
    "run/.containerenv",     /* podman, and what is built on it */
    ".dockerenv",            /* docker */
    "run/systemd/container", /* systemd's note of what its manager was told */
    "dev/.lxc",
};

static bool is_there(int r)
{
    return r == 0 || (r != -ENOENT && r != -ENOTDIR && r != -ENOMEM);
}

/* The first process is told by its maker: container=lxc in its environment. That another
 * may not read it says nothing. */
static int ask_first_process(const struct platform *p)
{
    static const char word[] = "\0container=";
    AUTO_BLOB environ = {NULL, 0};
    int r = platform_read(p, "proc/1/environ", ENVIRON_MAX, &environ);

    if (r < 0)
        return r == -ENOMEM ? r : 0;
    return starts_with(environ.data, word + 1) ||
           memmem(environ.data, environ.len, word, sizeof(word) - 1) != NULL;
}

/* OpenVZ: /proc/vz is there in host and guest, /proc/bc in the host alone. */
static int ask_openvz(const struct platform *p)
{
    CLEANUP(auto_names_free) char **vz = NULL;
    CLEANUP(auto_names_free) char **bc = NULL;

    return is_there(platform_list(p, "proc/vz", &vz)) &&
           !is_there(platform_list(p, "proc/bc", &bc));
}

int container_look(const struct platform *p, const char **name)
{
    int r;

    for (size_t i = 0; i < ARRAY_LEN(signs); i++) {
        AUTO_BLOB ignored = {NULL, 0};

        r = platform_read(p, signs[i], ENVIRON_MAX, &ignored);
        if (r == -ENOMEM)
            return r;
        *name = signs[i];
        if (is_there(r))
            return 1;
    }
    *name = "container= in the environment of process 1";
    r = ask_first_process(p);
    if (r)
        return r;
    *name = "/proc/vz";
    return ask_openvz(p);
}
