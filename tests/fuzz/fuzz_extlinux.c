/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as Syslinux' menu and, each behind a byte 1Eh, as a file that it may include
 * and as Alpine's /etc/update-extlinux.conf; the first byte says what is asked.
 */
#include "stores.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct texts t = {
        .path = {"/boot/extlinux.conf", "/boot/more.cfg", "/etc/update-extlinux.conf"}};
    const char *text = (const char *)data + 1, *end = (const char *)data + size;

    if (size < 1 || size > 8192)
        return 0;
    for (size_t i = 0; text && i < FILES; i++) {
        const char *parted = memchr(text, 0x1e, (size_t)(end - text));
        size_t n = (size_t)((parted ? parted : end) - text);

        MUST(blob_copy(&t.text[i], text, n) == 0);
        text = parted ? parted + 1 : NULL;
    }
    texts_try(&t, data[0]);
    texts_clear(&t);
    return 0;
}
