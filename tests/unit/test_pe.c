/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/pe.h"

#include <check.h>
#include <errno.h>

/* A program with two sections, ".osrel" and ".cmdline"; what a case pokes into it is 32
   bits at an offset. */
#define PE 64
#define ROWS (PE + 24 + 16)

static void put(uint8_t *p, size_t at, uint32_t value)
{
    for (size_t i = 0; i < 4; i++)
        p[at + i] = (uint8_t)(value >> 8 * i);
}

static void make(uint8_t p[256])
{
    memset(p, 0, 256);
    memcpy(p, "MZ", 2);
    put(p, 60, PE);
    memcpy(p + PE, "PE\0", 4);
    put(p, PE + 4, 2u << 16 | 0x8664);
    put(p, PE + 20, 16);
    memcpy(p + ROWS, ".osrel", 6);
    memcpy(p + ROWS + 40, ".cmdline", 8);
    put(p, ROWS + 48, 11);
    put(p, ROWS + 56, 512);
    put(p, ROWS + 60, 1024);
}

static const struct {
    const char *what;
    size_t at;
    uint32_t value;
    size_t len;
    int e;
    uint32_t size;
} cases[] = {
    {"as it is", 0, 'M' | 'Z' << 8, 256, 0, 11},
    {"no virtual size", ROWS + 48, 0, 256, 0, 512},
    {"a virtual size beyond the data", ROWS + 48, 4096, 256, 0, 512},
    {"just long enough", 0, 'M' | 'Z' << 8, ROWS + 80, 0, 11},
    {"cut in the table", 0, 'M' | 'Z' << 8, ROWS + 79, -EINVAL, 0},
    {"cut in the header", 0, 'M' | 'Z' << 8, PE + 23, -EINVAL, 0},
    {"cut in the stub", 0, 'M' | 'Z' << 8, 63, -EINVAL, 0},
    {"empty", 0, 'M' | 'Z' << 8, 0, -EINVAL, 0},
    {"no MZ", 0, 'M', 256, -EINVAL, 0},
    {"no PE", PE, 'P', 256, -EINVAL, 0},
    {"the header beyond the end", 60, 255, 256, -EINVAL, 0},
    {"the header at the end of the world", 60, 0xffffffff, 256, -EINVAL, 0},
    {"the table beyond the end", PE + 20, 0xffff, 256, -EINVAL, 0},
    {"too many sections", PE + 4, 0xffffu << 16 | 0x8664, 256, -EINVAL, 0},
    {"no section", PE + 4, 0x8664, 256, -ENOENT, 0},
    {"another name", ROWS + 40, '.' | 'x' << 8, 256, -ENOENT, 0},
};

START_TEST(finds_the_section)
{
    struct pe_section section = {0, 0};
    uint8_t *program, bytes[256];
    int e;

    make(bytes);
    put(bytes, cases[_i].at, cases[_i].value);
    program = malloc(cases[_i].len + 1); /* so that a tool sees a byte too many */
    ck_assert_ptr_nonnull(program);
    memcpy(program, bytes, cases[_i].len);
    program = realloc(program, cases[_i].len ? cases[_i].len : 1);
    e = pe_find_section(program, cases[_i].len, ".cmdline", &section);
    ck_assert_msg(e == cases[_i].e, "%s: %d", cases[_i].what, e);
    if (!e) {
        ck_assert_uint_eq(section.at, 1024);
        ck_assert_msg(section.size == cases[_i].size, "%s: size %u", cases[_i].what,
                      section.size);
    }
    free(program);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pe");
    TCase *tcase = tcase_create("sections");
    SRunner *runner;
    int failed;

    tcase_add_loop_test(tcase, finds_the_section, 0, ARRAY_LEN(cases));
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
