/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Any bytes as GRUB 2's script; the first byte says what is asked. */
#include "stores.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct texts t = {.path = {"/boot/grub/grub.cfg"}};

    if (size < 1 || size > 16384)
        return 0;
    MUST(blob_copy(&t.text[0], (const char *)data + 1, size - 1) == 0);
    texts_try(&t, data[0]);
    texts_clear(&t);
    return 0;
}
