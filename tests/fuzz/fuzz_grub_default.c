/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as /etc/default/grub and, behind a byte 1Eh, the grub.cfg that it feeds; the
 * first byte says what is asked.
 */
#include "stores.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct texts t = {.path = {"/etc/default/grub", "/boot/grub/grub.cfg"}};
    const char *text = (const char *)data + 1, *end = (const char *)data + size;
    const char *parted;

    if (size < 1 || size > 16384)
        return 0;
    parted = memchr(text, 0x1e, size - 1);
    MUST(blob_copy(&t.text[0], text, (size_t)((parted ? parted : end) - text)) == 0);
    if (parted)
        MUST(blob_copy(&t.text[1], parted + 1, (size_t)(end - parted - 1)) == 0);
    texts_try(&t, data[0]);
    texts_clear(&t);
    return 0;
}
