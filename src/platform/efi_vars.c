/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/efi_vars.h"

#include <errno.h>

#define DIRECTORY "sys/firmware/efi/efivars/"
#define VENDOR "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define ATTRIBUTES 4
#define FILE_MAX 4096

const char *const efi_var_names[] = {
    [EFI_LOADER_INFO] = "LoaderInfo",
    [EFI_ENTRY_ONE_SHOT] = "LoaderEntryOneShot",
    [EFI_ENTRY_PREFERRED] = "LoaderEntryPreferred",
    [EFI_ENTRY_DEFAULT] = "LoaderEntryDefault",
    [EFI_ENTRY_LAST] = "LoaderEntryLastBooted",
};

static void add_utf8(struct buf *b, unsigned long c)
{
    if (c < 0x80) {
        buf_add_char(b, (char)c);
        return;
    }
    if (c < 0x800) {
        buf_add_char(b, (char)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            buf_add_char(b, (char)(0xe0 | c >> 12));
        } else {
            buf_add_char(b, (char)(0xf0 | c >> 18));
            buf_add_char(b, (char)(0x80 | (c >> 12 & 0x3f)));
        }
        buf_add_char(b, (char)(0x80 | (c >> 6 & 0x3f)));
    }
    buf_add_char(b, (char)(0x80 | (c & 0x3f)));
}

static unsigned long unit_at(const char *data)
{
    return (unsigned char)data[0] | (unsigned long)(unsigned char)data[1] << 8;
}

/* The character at DATA, of LEFT bytes; its bytes go to *USED. 0: none, or the end. */
static unsigned long character(const char *data, size_t left, size_t *used)
{
    unsigned long c = unit_at(data), low;

    *used = 2;
    if (c < 0xd800 || c > 0xdfff)
        return c;
    low = left >= 4 ? unit_at(data + 2) : 0;
    if (c > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return 0;
    *used = 4;
    return 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
}

int efi_var_text(const char *data, size_t len, char **text)
{
    AUTO_BUF b = BUF_INIT;
    size_t used;

    *text = NULL;
    if (len < ATTRIBUTES + 2 || len % 2)
        return -EBADMSG;
    for (size_t i = ATTRIBUTES; i < len; i += used) {
        unsigned long c = character(data + i, len - i, &used);

        if (!c && unit_at(data + i) == 0)
            break;
        if (c < 0x20 || (c >= 0x7f && c < 0xa0)) /* no name of anything holds these */
            return -EBADMSG;
        add_utf8(&b, c);
    }
    if (!b.failed && !b.len)
        return -EBADMSG;
    *text = buf_take(&b);
    return *text ? 0 : -ENOMEM;
}

static int read_var(const struct platform *p, enum efi_var which, struct efi_vars *vars)
{
    AUTO_FREE char *path = text_format(DIRECTORY "%s" VENDOR, efi_var_names[which]);
    AUTO_BLOB data = {NULL, 0};
    int r = path ? platform_read(p, path, FILE_MAX, &data) : -ENOMEM;

    if (!r)
        r = efi_var_text(data.data, data.len, &vars->value[which]);
    if (r != -ENOENT && r != -ENOTDIR)
        vars->error[which] = r;
    return r == -ENOMEM ? r : 0;
}

int efi_vars_read(const struct platform *p, struct efi_vars *vars, struct error *err)
{
    int r = 0;

    *vars = (struct efi_vars){.value = {NULL}};
    for (int i = 0; !r && i < EFI_VARS; i++)
        r = read_var(p, (enum efi_var)i, vars);
    if (!r)
        return 0;
    efi_vars_clear(vars);
    return error_memory(err);
}

void efi_vars_clear(struct efi_vars *vars)
{
    for (int i = 0; i < EFI_VARS; i++)
        free(vars->value[i]);
    *vars = (struct efi_vars){.value = {NULL}};
}
