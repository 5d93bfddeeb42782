/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/acpi.h"

#include <errno.h>
#include <stdio.h>

#include "base/root.h"
#include "platform/walk.h"

#define TABLES "sys/firmware/acpi/tables"
#define TABLE_MAX (1024 * 1024) /* the largest seen are some tens of kilobytes */

/*
 * How Xen alters the signature of the DMAR, and the name that sysfs then gives the file.
 * Old kernels write a signature that begins with NUL as "NULL"; they fail to read it.
 */
static const struct {
    const char *file;
    char bytes[4];
} masks[] = {
    {"RMAD", {'R', 'M', 'A', 'D'}},
    {"XMAR", {'X', 'M', 'A', 'R'}},
    {"NULL", {'\0', 'M', 'A', 'R'}},
};

static bool is_masked(const char *data, const char *signature)
{
    for (size_t i = 0; streq(signature, "DMAR") && i < ARRAY_LEN(masks); i++)
        if (memcmp(data, masks[i].bytes, 4) == 0)
            return true;
    return false;
}

static unsigned sum_of(const struct blob *data, size_t len)
{
    unsigned sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += (uint8_t)data->data[i];
    return sum & 0xff;
}

/* A signature as it can be printed. */
static void printable(const char *bytes, char text[5])
{
    for (int i = 0; i < 4; i++)
        text[i] = bytes[i] > ' ' && bytes[i] <= '~' ? bytes[i] : '?';
    text[4] = '\0';
}

void acpi_judge(struct acpi_table *t, const char *signature)
{
    const struct blob *data = &t->data;
    char found[5];
    uint32_t len;

    t->state = ACPI_CORRUPT;
    t->masked = false;
    t->warning[0] = '\0';
    if (data->len < ACPI_HEADER_SIZE) {
        snprintf(t->defect, sizeof(t->defect),
                 "it is %zu bytes long, less than its header of %d", data->len,
                 ACPI_HEADER_SIZE);
        return;
    }
    t->masked = is_masked(data->data, signature);
    len = le32((const uint8_t *)data->data + 4);
    if (!t->masked && memcmp(data->data, signature, 4) != 0) {
        printable(data->data, found);
        snprintf(t->defect, sizeof(t->defect), "its signature is \"%s\"", found);
    } else if (len < ACPI_HEADER_SIZE) {
        snprintf(t->defect, sizeof(t->defect),
                 "its header gives a length of %u, less than the header itself", len);
    } else if (len > data->len) {
        snprintf(t->defect, sizeof(t->defect),
                 "it ends after %zu of the %u bytes that its header announces", data->len,
                 len);
    } else if (streq(signature, "IVRS") && sum_of(data, len) != 0) {
        snprintf(
            t->defect, sizeof(t->defect),
            "its checksum is wrong: the bytes add up to %02Xh, not to 0 (the kernel: "
            "\"IVRS invalid checksum\")",
            sum_of(data, len));
    } else {
        if (!t->masked && sum_of(data, len) != 0)
            snprintf(t->warning, sizeof(t->warning),
                     "its checksum is wrong: the bytes add up to %02Xh, not to 0 (the "
                     "kernel: \"Incorrect checksum in table\")",
                     sum_of(data, len));
        t->state = ACPI_VALID;
        t->defect[0] = '\0';
        t->data.len = len;
        t->data.data[len] = '\0';
    }
}

/* What a failed reading says of the table. */
static void unread(struct acpi_table *t, int r)
{
    if (r == -EACCES || r == -EPERM) {
        t->state = ACPI_UNREADABLE;
        snprintf(t->defect, sizeof(t->defect), "it may not be read");
    } else if (r == -EFBIG) {
        t->state = ACPI_CORRUPT;
        snprintf(t->defect, sizeof(t->defect), "it is longer than %d bytes", TABLE_MAX);
    } else {
        t->state = ACPI_CORRUPT;
        snprintf(t->defect, sizeof(t->defect), "reading it fails: %s", strerror(-r));
    }
}

/* 1 when the file NAME is there and decides, 0 when it does not; or -ENOMEM. */
static int try_file(const struct platform *p, const char *name, const char *signature,
                    struct acpi_table *t)
{
    bool own = starts_with(name, signature);
    char path[64];
    int r;

    snprintf(path, sizeof(path), TABLES "/%s", name);
    r = platform_read(p, path, TABLE_MAX, &t->data);
    if (r == -ENOMEM)
        return r;
    if (r == -ENOENT || (r == -ENOTDIR))
        return 0;
    if (r == 0)
        acpi_judge(t, signature);
    else
        unread(t, r);
    /* Under one of Xen's names only what is surely the table counts, or may be it. */
    if (!own && !t->masked && t->state != ACPI_UNREADABLE) {
        acpi_clear(t);
        return 0;
    }
    snprintf(t->name, sizeof(t->name), "%s", name);
    return 1;
}

static int try_files(const struct platform *p, const char *signature,
                     struct acpi_table *t)
{
    char first[16];
    int r = try_file(p, signature, signature, t);

    /* Of several tables the first is the one that the kernel takes. */
    snprintf(first, sizeof(first), "%.4s1", signature);
    if (r == 0)
        r = try_file(p, first, signature, t);
    for (size_t i = 0; streq(signature, "DMAR") && r == 0 && i < ARRAY_LEN(masks); i++)
        r = try_file(p, masks[i].file, signature, t);
    return r;
}

int acpi_find(const struct platform *p, const char *signature, struct acpi_table *t)
{
    char **names;
    int r;

    *t = (struct acpi_table){.state = ACPI_ABSENT};
    r = try_files(p, signature, t);
    if (r < 0) {
        acpi_clear(t);
        return r;
    }
    if (t->state != ACPI_ABSENT && t->state != ACPI_UNREADABLE)
        return 0;
    r = platform_list(p, TABLES, &names);
    if (r == -ENOMEM)
        return r;
    if (r == 0) {
        names_free(names);
    } else if (r == -ENOENT || r == -ENOTDIR) {
        if (t->state == ACPI_ABSENT)
            t->state = ACPI_NO_DIRECTORY;
    } else { /* closed as a whole: nothing tells which tables are there */
        unread(t, r);
        t->name[0] = '\0';
    }
    return 0;
}

void acpi_clear(struct acpi_table *t)
{
    blob_clear(&t->data);
    *t = (struct acpi_table){.state = ACPI_ABSENT};
}
