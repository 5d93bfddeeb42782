/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SHA-256 (FIPS 180-4) in lower-case hexadecimal: the one door to the hash library. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>

#define HASH_TEXT_SIZE 65 /* 64 digits and a NUL */

void hash_text(const void *data, size_t len, char text[HASH_TEXT_SIZE]);

#endif
