/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the walkers of both tables need: little-endian numbers at any alignment (the
 * caller has checked the bound), and the note of the first defect.
 */
#ifndef PLATFORM_WALK_H
#define PLATFORM_WALK_H

#include "base/base.h"

#define DEFECT_SIZE 160

static inline uint16_t le16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t le32(const uint8_t *p)
{
    return (uint32_t)le16(p) | (uint32_t)le16(p + 2) << 16;
}

static inline uint64_t le64(const uint8_t *p)
{
    return (uint64_t)le32(p) | (uint64_t)le32(p + 4) << 32;
}

/* Keep the message unless an earlier defect stands there. Returns -EBADMSG. */
int defect_note(char defect[DEFECT_SIZE], const char *format, ...) PRINTF_LIKE(2, 3);

#endif
