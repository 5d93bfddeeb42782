/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/hash.h"

#include <nettle/sha2.h>
#include <stdint.h>
#ifdef __has_include /* Nettle 2 has no version.h, and its compilers lack this word */
#if __has_include(<nettle/version.h>)
#include <nettle/version.h>
#endif
#endif

/* Nettle 4 dropped the length, which could cut a digest short. */
#if defined(NETTLE_VERSION_MAJOR) && NETTLE_VERSION_MAJOR >= 4
#define DIGEST(context, digest) sha256_digest(context, digest)
#else
#define DIGEST(context, digest) sha256_digest(context, SHA256_DIGEST_SIZE, digest)
#endif

void hash_text(const void *data, size_t len, char text[HASH_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];

    sha256_init(&context);
    if (len)
        sha256_update(&context, len, data);
    DIGEST(&context, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        text[2 * i] = digits[digest[i] >> 4];
        text[2 * i + 1] = digits[digest[i] & 15];
    }
    text[HASH_TEXT_SIZE - 1] = '\0';
}
