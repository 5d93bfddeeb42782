/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "platform/acpi.h"

#include "capture.h"

#define TABLES "sys/firmware/acpi/tables/"

/* A table of 36 or more bytes; header length and checksum are set unless told otherwise.
 */
struct made {
    const char *signature; /* four bytes */
    int size;              /* of the file; 0: no file */
    int length;            /* in the header; 0: the size */
    int off;               /* added to the right checksum */
};

static size_t make(const struct made *made, char bytes[256])
{
    unsigned length = (unsigned)(made->length ? made->length : made->size), sum = 0;

    memset(bytes, 0x5a, 256);
    memcpy(bytes, made->signature, 4);
    for (int i = 0; i < 4; i++)
        bytes[4 + i] = (char)(length >> 8 * i);
    bytes[9] = 0;
    for (unsigned i = 0; i < length && i < 256; i++)
        sum += (uint8_t)bytes[i];
    bytes[9] = (char)(0x100 - sum % 0x100 + (unsigned)made->off);
    return (size_t)made->size;
}

static const struct {
    struct made made;
    const char *signature;
    enum acpi_state state;
    bool masked;
    const char *defect; /* begins so */
} judged[] = {
    {{"DMAR", 36, 0, 0}, "DMAR", ACPI_VALID, false, ""},
    {{"DMAR", 60, 0, 0}, "DMAR", ACPI_VALID, false, ""},
    {{"IVRS", 60, 0, 0}, "IVRS", ACPI_VALID, false, ""},
    {{"DMAR", 80, 60, 0}, "DMAR", ACPI_VALID, false, ""}, /* the rest is cut off */
    {{"DMAR", 60, 0, 1}, "DMAR", ACPI_VALID, false, ""},  /* Linux warns of it */
    {{"VIOT", 60, 0, 1}, "VIOT", ACPI_VALID, false, ""},
    {{"IVRS", 60, 0, 1},
     "IVRS",
     ACPI_CORRUPT,
     false,
     "its checksum is wrong: the bytes "
     "add up to 01h"},
    {{"DMAR", 60, 61, 0},
     "DMAR",
     ACPI_CORRUPT,
     false,
     "it ends after 60 of the 61 bytes"},
    {{"DMAR", 60, -1, 0},
     "DMAR",
     ACPI_CORRUPT,
     false,
     "it ends after 60 of the 42949672"},
    {{"DMAR", 60, 35, 0}, "DMAR", ACPI_CORRUPT, false, "its header gives a length of 35"},
    {{"DMAR", 35, 0, 0}, "DMAR", ACPI_CORRUPT, false, "it is 35 bytes long"},
    {{"DMAR", 0, 0, 0}, "DMAR", ACPI_CORRUPT, false, "it is 0 bytes long"},
    {{"IVRS", 60, 0, 0}, "DMAR", ACPI_CORRUPT, false, "its signature is \"IVRS\""},
    {{"D\1\n\377", 60, 0, 0}, "DMAR", ACPI_CORRUPT, false, "its signature is \"D???\""},
    {{"RMAD", 60, 0, 7}, "DMAR", ACPI_VALID, true, ""},
    {{"XMAR", 60, 0, 7}, "DMAR", ACPI_VALID, true, ""},
    {{"\0MAR", 60, 0, 7}, "DMAR", ACPI_VALID, true, ""},
    {{"RMAD", 60, 61, 0}, "DMAR", ACPI_CORRUPT, true, "it ends after 60"},
    {{"RMAD", 60, 0, 0}, "IVRS", ACPI_CORRUPT, false, "its signature is \"RMAD\""},
};

START_TEST(judges)
{
    struct acpi_table t = {.state = ACPI_ABSENT};
    char bytes[256];
    size_t len = make(&judged[_i].made, bytes);

    ck_assert_int_eq(blob_copy(&t.data, bytes, len), 0);
    acpi_judge(&t, judged[_i].signature);
    ck_assert_str_eq(t.state == ACPI_VALID ? t.defect : "", "");
    ck_assert_msg(starts_with(t.defect, judged[_i].defect), "%s", t.defect);
    ck_assert_int_eq(t.state, judged[_i].state);
    ck_assert_int_eq(t.masked, judged[_i].masked);
    if (t.state == ACPI_VALID && judged[_i].made.length)
        ck_assert_uint_eq(t.data.len, (size_t)judged[_i].made.length);
    acpi_clear(&t);
}
END_TEST

static const struct {
    const char *what;
    struct {
        const char *file;
        struct made made;
    } table[3];
    const char *unreadable;
    const char *signature;
    enum acpi_state state;
    const char *name;
} found[] = {
    {"no directory", {{NULL, {0}}}, "", "DMAR", ACPI_NO_DIRECTORY, ""},
    {"only another", {{"FACP", {"FACP", 40, 0, 0}}}, "", "DMAR", ACPI_ABSENT, ""},
    {"the table", {{"DMAR", {"DMAR", 40, 0, 0}}}, "", "DMAR", ACPI_VALID, "DMAR"},
    {"the other's", {{"DMAR", {"DMAR", 40, 0, 0}}}, "", "IVRS", ACPI_ABSENT, ""},
    {"first of two",
     {{"DMAR1", {"DMAR", 40, 0, 0}}, {"DMAR2", {"DMAR", 44, 0, 0}}},
     "",
     "DMAR",
     ACPI_VALID,
     "DMAR1"},
    {"broken first does not count as absent",
     {{"DMAR", {"DMAR", 40, 41, 0}}, {"DMAR1", {"DMAR", 40, 0, 0}}},
     "",
     "DMAR",
     ACPI_CORRUPT,
     "DMAR"},
    {"Xen 4.6", {{"RMAD", {"RMAD", 40, 0, 3}}}, "", "DMAR", ACPI_VALID, "RMAD"},
    {"Xen 4.1", {{"XMAR", {"XMAR", 40, 0, 3}}}, "", "DMAR", ACPI_VALID, "XMAR"},
    {"Xen 4.0", {{"NULL", {"\0MAR", 40, 0, 3}}}, "", "DMAR", ACPI_VALID, "NULL"},
    {"another NULL", {{"NULL", {"\0ABC", 40, 0, 0}}}, "", "DMAR", ACPI_ABSENT, ""},
    {"no mask of IVRS", {{"RMAD", {"RMAD", 40, 0, 0}}}, "", "IVRS", ACPI_ABSENT, ""},
    {"empty file", {{"IVRS", {"IVRS", 0, 0, 0}}}, "", "IVRS", ACPI_CORRUPT, "IVRS"},
    {"may not be read",
     {{"DMAR", {"DMAR", 40, 0, 0}}},
     TABLES "DMAR\n",
     "DMAR",
     ACPI_UNREADABLE,
     "DMAR"},
    {"directory may not be listed",
     {{"FACP", {"FACP", 40, 0, 0}}},
     "sys/firmware\n",
     "DMAR",
     ACPI_UNREADABLE,
     ""},
    {"a list that names it is enough",
     {{NULL, {0}}},
     TABLES "DMAR\n",
     "DMAR",
     ACPI_UNREADABLE,
     "DMAR"},
};

START_TEST(finds)
{
    struct capture_file list = {"unreadable", found[_i].unreadable, 0};
    struct acpi_table t;
    struct capture c;
    char bytes[256], path[64];

    capture_begin(&c);
    capture_add(&c, &list);
    for (size_t i = 0; i < 3 && found[_i].table[i].file; i++) {
        struct capture_file file = {path, bytes, make(&found[_i].table[i].made, bytes)};

        snprintf(path, sizeof(path), TABLES "%s", found[_i].table[i].file);
        if (!file.len)
            file.text = NULL;
        capture_add(&c, &file);
    }
    capture_open(&c);
    ck_assert_int_eq(acpi_find(c.platform, found[_i].signature, &t), 0);
    ck_assert_msg(t.state == found[_i].state, "%s: state %d", found[_i].what, t.state);
    ck_assert_str_eq(t.name, found[_i].name);
    ck_assert_int_eq(t.defect[0] != '\0',
                     t.state == ACPI_CORRUPT || t.state == ACPI_UNREADABLE);
    acpi_clear(&t);
    capture_end(&c);
}
END_TEST

START_TEST(refuses_endless)
{
    static char much[1024 * 1024 + 1] = "DMAR";
    struct capture_file file = {TABLES "DMAR", much, sizeof(much)};
    struct acpi_table t;
    struct capture c;

    capture_begin(&c);
    capture_add(&c, &file);
    capture_open(&c);
    ck_assert_int_eq(acpi_find(c.platform, "DMAR", &t), 0);
    ck_assert_int_eq(t.state, ACPI_CORRUPT);
    ck_assert_ptr_nonnull(strstr(t.defect, "longer than"));
    acpi_clear(&t);
    capture_end(&c);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("acpi");
    TCase *t = tcase_create("acpi");
    SRunner *sr;
    int failed;

    tcase_add_loop_test(t, judges, 0, ARRAY_LEN(judged));
    tcase_add_loop_test(t, finds, 0, ARRAY_LEN(found));
    tcase_add_test(t, refuses_endless);
    suite_add_tcase(suite, t);
    sr = srunner_create(suite);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed != 0;
}
