/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine's /sys and /proc from rows of text, in the words of tests/cli/mksysfs:
 *
 *   pci PATH CLASS DRIVER GROUP    PATH below sys/devices; "-": none
 *   attr ADDRESS NAME TEXT
 *   block NAME NUMBER PATH
 *   net NAME INDEX PATH [FLAGS]    down unless FLAGS say otherwise
 *   slave NAME OF                  OF is made of NAME, both blocks
 *   file PATH TEXT                 TEXT to the end of the row; ~ stands for a line's end
 *   link PATH TARGET
 *   dir PATH
 *   without WORD                   for the test itself
 */
#ifndef TESTS_SYSFS_H
#define TESTS_SYSFS_H

#include "capture.h"

static inline void sysfs_dir(const struct capture *c, const char *path)
{
    struct capture_file file = {text_format("%s/", path), NULL, 0};

    capture_add(c, &file);
    free((char *)file.path);
}

static inline void sysfs_file(const struct capture *c, const char *path, const char *text)
{
    char *lines = text_format("%s\n", text);
    struct capture_file file = {path, lines, 0};

    for (char *p = lines; (p = strchr(p, '~')) != NULL;)
        *p = '\n';
    capture_add(c, &file);
    free(lines);
}

static inline void sysfs_link(const struct capture *c, const char *path,
                              const char *target)
{
    char *at = text_format("%s/%s", c->dir, path);
    char *above = strndup(path, (size_t)(strrchr(path, '/') - path));

    sysfs_dir(c, above);
    ck_assert_msg(symlink(target, at) == 0, "%s", at);
    free(above);
    free(at);
}

#define SYSFS_PATH(...)                                                                  \
    (snprintf(path, sizeof(path), __VA_ARGS__) < (int)sizeof(path) ? path : "too/long")

/* From below sys/devices/DEVICE up to sys. */
static inline char *sysfs_up(const char *device, const char *to)
{
    struct buf up = BUF_INIT;

    buf_add_text(&up, "../..");
    for (const char *p = device; (p = strchr(p, '/')) != NULL; p++)
        buf_add_text(&up, "/..");
    buf_format(&up, "/%s", to);
    return buf_take(&up);
}

static inline void sysfs_pci(const struct capture *c, const char *device,
                             const char *class, const char *driver, const char *group)
{
    const char *name = strrchr(device, '/') ? strrchr(device, '/') + 1 : device;
    char path[512], target[512], *up;

    sysfs_dir(c, SYSFS_PATH("sys/devices/%s", device));
    snprintf(target, sizeof(target), "../../../devices/%s", device);
    sysfs_link(c, SYSFS_PATH("sys/bus/pci/devices/%s", name), target);
    snprintf(target, sizeof(target), "0x%s", class);
    sysfs_file(c, SYSFS_PATH("sys/devices/%s/class", device), target);
    if (strcmp(driver, "-") != 0) {
        snprintf(target, sizeof(target), "bus/pci/drivers/%s", driver);
        up = sysfs_up(device, target);
        sysfs_link(c, SYSFS_PATH("sys/devices/%s/driver", device), up);
        free(up);
    }
    if (strcmp(group, "-") != 0) {
        snprintf(target, sizeof(target), "../../../../devices/%s", device);
        sysfs_link(c, SYSFS_PATH("sys/kernel/iommu_groups/%s/devices/%s", group, name),
                   target);
    }
}

/* Of class KIND, at DEVICE. */
static inline void sysfs_class(const struct capture *c, const char *kind,
                               const char *name, const char *device)
{
    char path[512], target[512];

    sysfs_dir(c, SYSFS_PATH("sys/devices/%s", device));
    snprintf(target, sizeof(target), "../../devices/%s", device);
    sysfs_link(c, SYSFS_PATH("sys/class/%s/%s", kind, name), target);
}

static inline void sysfs_row(const struct capture *c, char *row)
{
    char *word[6] = {0}, *rest, path[512];
    size_t words = 0;

    for (rest = row; words < 5 && rest; words++) {
        word[words] = strsep(&rest, " ");
        if (words == 1)
            word[5] = rest; /* all behind the first argument */
        if (words == 1 && (!strcmp(word[0], "file") || !strcmp(word[0], "link")))
            break;
    }
    if (!strcmp(word[0], "file")) {
        sysfs_file(c, word[1], word[5] ? word[5] : "");
    } else if (!strcmp(word[0], "link")) {
        sysfs_link(c, word[1], word[5]);
    } else if (!strcmp(word[0], "dir")) {
        sysfs_dir(c, word[1]);
    } else if (!strcmp(word[0], "pci")) {
        sysfs_pci(c, word[1], word[2], word[3], word[4]);
    } else if (!strcmp(word[0], "attr")) {
        sysfs_file(c, SYSFS_PATH("sys/bus/pci/devices/%s/%s", word[1], word[2]), word[3]);
    } else if (!strcmp(word[0], "block")) {
        sysfs_class(c, "block", word[1], word[3]);
        sysfs_file(c, SYSFS_PATH("sys/devices/%s/dev", word[3]), word[2]);
    } else if (!strcmp(word[0], "net")) {
        sysfs_class(c, "net", word[1], word[3]);
        sysfs_file(c, SYSFS_PATH("sys/devices/%s/ifindex", word[3]), word[2]);
        sysfs_file(c, SYSFS_PATH("sys/devices/%s/iflink", word[3]), word[2]);
        sysfs_file(c, SYSFS_PATH("sys/devices/%s/flags", word[3]),
                   word[4] ? word[4] : "0x1002");
    } else if (!strcmp(word[0], "slave")) {
        sysfs_dir(c, SYSFS_PATH("sys/class/block/%s/slaves/%s", word[2], word[1]));
        sysfs_dir(c, SYSFS_PATH("sys/class/block/%s/holders/%s", word[1], word[2]));
    } else if (strcmp(word[0], "without") != 0) {
        ck_abort_msg("no such row: %s", word[0]);
    }
}

/* Rows are lines of TEXT. */
static inline void sysfs_make(const struct capture *c, const char *text)
{
    char *copy = strdup(text), *rest = copy, *row;

    while ((row = strsep(&rest, "\n")) != NULL)
        if (*row)
            sysfs_row(c, row);
    free(copy);
}

#endif
