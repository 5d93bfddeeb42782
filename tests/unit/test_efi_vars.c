/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* EFI variables as efivarfs shows them: four bytes of attributes, then UTF-16. */
#include "platform/efi_vars.h"

#include "scratch.h"

#define VENDOR "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define DIR "/sys/firmware/efi/efivars/"
#define A "\7\0\0\0"
#define BYTES(text) text, sizeof(text) - 1

static const struct row {
    const char *data;
    size_t len;
    const char *text; /* NULL: it is no text */
} rows[] = {
    {BYTES(A "a\0.\0c\0\0\0"), "a.c"},
    {BYTES(A "a\0"), "a"},            /* without the NUL at its end */
    {BYTES(A "a\0\0\0b\0\0\0"), "a"}, /* what is behind it */
    {BYTES(A "\xe9\0\xac\x20\0\0"), "\xc3\xa9\xe2\x82\xac"},
    {BYTES(A "\x3d\xd8\x00\xde\0\0"), "\xf0\x9f\x98\x80"},
    {BYTES(A "\xff\xff\0\0"), "\xef\xbf\xbf"},
    {BYTES(""), NULL},
    {BYTES(A), NULL},
    {BYTES(A "a"), NULL},
    {BYTES(A "\0\0"), NULL},
    {BYTES(A "a\0b"), NULL},
    {BYTES("\7\0"), NULL},
    {BYTES(A "\x3d\xd8\0\0"), NULL},     /* half a pair */
    {BYTES(A "\x3d\xd8"), NULL},         /* at the end */
    {BYTES(A "\x00\xde\x3d\xd8"), NULL}, /* the wrong way round */
    {BYTES(A "a\0\n\0"), NULL},
    {BYTES(A "a\0\x1b\0"), NULL},
    {BYTES(A "a\0\x7f\0"), NULL},
    {BYTES(A "a\0\x9b\0"), NULL},
};

START_TEST(reads_text)
{
    const struct row *t = &rows[_i];
    char *text;

    ck_assert_int_eq(efi_var_text(t->data, t->len, &text), t->text ? 0 : -EBADMSG);
    ck_assert_msg(t->text ? text && streq(text, t->text) : !text, "%d: %s", _i, text);
    free(text);
}
END_TEST

static void put_bytes(const char *path, const char *data, size_t len)
{
    int fd;

    put(path, "");
    fd = open(at(path), O_WRONLY);
    ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
    close(fd);
}

START_TEST(tells_absent_from_unreadable)
{
    static char many[5000];
    struct platform *p;
    struct efi_vars vars;
    struct error err;

    put_bytes(DIR "LoaderEntryDefault" VENDOR, BYTES(A "x\0-\0001\0\0\0"));
    put_bytes(DIR "LoaderEntryOneShot" VENDOR, BYTES("no text"));
    put_bytes(DIR "LoaderEntryLastBooted" VENDOR, many, sizeof(many));
    put("/unreadable", "sys/firmware/efi/efivars/LoaderInfo" VENDOR "\n");
    ck_assert_int_eq(platform_open(&p, scratch, &err), 0);
    ck_assert_int_eq(efi_vars_read(p, &vars, &err), 0);
    ck_assert_str_eq(vars.value[EFI_ENTRY_DEFAULT], "x-1");
    ck_assert_int_eq(vars.error[EFI_ENTRY_DEFAULT], 0);
    ck_assert_int_eq(vars.error[EFI_ENTRY_ONE_SHOT], -EBADMSG);
    ck_assert_int_eq(vars.error[EFI_ENTRY_LAST], -EFBIG);
    ck_assert_int_eq(vars.error[EFI_LOADER_INFO], -EACCES);
    ck_assert_int_eq(vars.error[EFI_ENTRY_PREFERRED], 0); /* not there */
    for (int i = 0; i < EFI_VARS; i++)
        ck_assert(i == EFI_ENTRY_DEFAULT || !vars.value[i]);
    efi_vars_clear(&vars);
    platform_free(p);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("efi_vars");

    tcase_add_checked_fixture(tcase, scratch_setup, scratch_teardown);
    tcase_add_loop_test(tcase, reads_text, 0, ARRAY_LEN(rows));
    tcase_add_test(tcase, tells_absent_from_unreadable);
    return run_suite("efi_vars", (TCase *const[]){tcase, NULL});
}
