/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* For the walkers' tests: bytes from hexadecimal text, and random damage to them. */
#ifndef TEST_TABLE_BYTES_H
#define TEST_TABLE_BYTES_H

#include <check.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Its content does not matter to the walkers. */
#define ACPI_HEADER                                                                      \
    "000000000000000000 000000000000000000 000000000000000000 000000000000000000"
#define BASE(hex) hex "00000000" /* a 64-bit number below 4 GiB */

struct bytes {
    uint8_t *data; /* at an odd address, and no byte of room behind: sanitizers see */
    size_t len;
    uint8_t *block;
};

static inline struct bytes bytes_of(const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    struct bytes b = {NULL, 0, malloc(strlen(hex) / 2 + 2)};
    size_t n = 0;
    uint8_t *p;

    ck_assert_ptr_nonnull(b.block);
    for (const char *h = hex; *h; h++)
        n += *h != ' ';
    ck_assert_uint_eq(n % 2, 0);
    b.len = n / 2;
    b.block = realloc(b.block, b.len + 1);
    ck_assert_ptr_nonnull(b.block);
    b.data = b.block + 1;
    p = b.data;
    for (n = 0; *hex; hex++) {
        const char *digit = *hex == ' ' ? NULL : strchr(digits, *hex);

        if (*hex == ' ')
            continue;
        ck_assert_ptr_nonnull(digit);
        p[n / 2] = (uint8_t)((n % 2 ? p[n / 2] << 4 : 0) | (digit - digits));
        n++;
    }
    return b;
}

/* The bytes with a few of them changed and the end cut: the same for the same SEED. */
static inline struct bytes bytes_damaged(const struct bytes *from, unsigned seed)
{
    struct bytes b = {NULL, 0, NULL};
    uint32_t x = seed * 2654435761u + 1;

#define NEXT (x = x * 1664525u + 1013904223u, x >> 8)
    b.len = NEXT % 4 ? from->len : NEXT % (from->len + 1);
    b.block = malloc(b.len + 1);
    ck_assert_ptr_nonnull(b.block);
    b.data = b.block + 1;
    memcpy(b.data, from->data, b.len);
    for (unsigned i = NEXT % 6; b.len && i; i--) {
        static const uint8_t edges[] = {0, 1, 3, 4, 5, 6, 8, 0x7f, 0x80, 0xf0, 0xff};
        size_t at = NEXT % b.len;

        b.data[at] = NEXT % 2 ? (uint8_t)NEXT : edges[NEXT % sizeof(edges)];
    }
#undef NEXT
    return b;
}

static inline void bytes_free(struct bytes *b)
{
    free(b->block);
}

#endif
