/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "boot/tree.h"

#include <check.h>
#include <errno.h>

/* One physical line a node, but what ends in a backslash goes on: enough of the menu's
 * rule for the texts here, and not its code. */
static size_t next_line(const char *text, size_t left)
{
    for (size_t i = 0; i < left; i++) {
        size_t back = i;

        while (back && text[back - 1] == '\r')
            back--;
        if (text[i] == '\n' && !(back && text[back - 1] == '\\'))
            return i + 1;
    }
    return left + 1;
}

static const struct tree_format menu = {"Iommuctl_Menu.lns", next_line};

static struct tree *load(const char *text)
{
    const struct blob blob = {(char *)text, strlen(text)};
    struct tree *tree;
    struct error err;

    ck_assert_msg(tree_load(&tree, &menu, "/menu", &blob, &err) == 0, "%s", err.text);
    return tree;
}

/* "LINE LABEL=VALUE" for each node, each ended by "|". */
static const struct reading {
    const char *text, *nodes;
} readings[] = {
    {"", ""},
    {"\n", "1 #empty=|"},
    {"boot", "1 boot=|"},
    {"boot\n", "1 boot=|"},
    {"a 1\nb 2", "1 a=1|2 b=2|"},
    {"a 1\\", "1 a=1\\\n|"},
    {"a 1\\\n", "1 a=1\\\n|"},
    {"a 1\\\n\n", "1 a=1\\\n|"},
    {"a 1\\\n\n\n", "1 a=1\\\n|3 #empty=|"},
    {"a 1 \\\n2 \\\r\n3\r\nb 4", "1 a=1 \\\n2 \\\r\n3\r|4 b=4|"},
    {"# c \\\nb 1\n# d\\\\\n\nb 2", "1 #comment=# c \\\nb 1|3 #comment=# d\\\\\n|5 b=2|"},
    {"\\\n\\\n\\\nx\nb 1", "1 #other=\\\n\\\n\\\nx|5 b=1|"},
    {"\r\n \t\nb\t=1\r", "1 #empty=\r|2 #empty= \t|3 b=1\r|"},
    {"\\", "1 #other=\\\n|"},
    {"#\\", "1 #comment=#\\\n|"},
    {"a \\", "1 a=\\\n|"},
    {"a", "1 a=|"},
    {"\xef\xbb\xbf"
     "a 1\nb \xe9\xff",
     "1 #other=\xef\xbb\xbf"
     "a 1|2 b=\xe9\xff|"},
};

START_TEST(reads)
{
    struct tree *tree = load(readings[_i].text);
    AUTO_BUF all = BUF_INIT;

    for (size_t i = 0; i < tree_count(tree); i++) {
        const struct tree_node *n = tree_at(tree, i);

        buf_format(&all, "%u %s=%s|", n->line, n->label, n->value);
    }
    ck_assert_str_eq(buf_text(&all), readings[_i].nodes);
    tree_free(tree);
}
END_TEST

/* Whatever a menu may look like. Each is held to the two properties below. */
static const char *const ugly[] = {
    "",
    "\n",
    "\n\n\n",
    "\r",
    "\r\n",
    " ",
    "\t \r\n ",
    "boot",
    "boot \t\r",
    "title a",
    "title a\\",
    "title a\\\\",
    "title a\\\n",
    "title a\\\n\n",
    "title a\\\r\r\n",
    "title a\\\r",
    "title a \\\n b\\",
    "# c",
    "# c\\",
    "# c\\\n",
    "#\\\n\\\n\\\n",
    "\\",
    "\\\n",
    "\\\\\n\\\n",
    "default=0\ntimeout = 5\n\ntitle\tA\n\tkernel /v ro  quiet\n",
    "title a\r\n\tkernel =\t/v ro \\\r\n\t\tquiet\r\n\r\n# c\r\nboot\r\n",
    "kernel /v ro\\\\\nquiet \\ x\nboot\n# a \\\n# b\nkernel=/w",
    "\xef\xbb\xbftitle a\nkernel /v \xe9\xa0\xff\n\x05\x7f\x1b\n0 x\n=x\n",
    "k  1\nk\t2\n\tk = 3\nk=4\nK 5\nk\nk =\n",
    "kern\rel /v\nkernel\r/v\nkernel\r\\\n/v\nkernel\r \r/v\n",
    "a\\ b\na\\\nb\nboot#\n(x)\n-\n",
};

/* The text with VALUE[i], unless it is NULL, in place of the i-th node's value. */
static int render_values(struct tree *tree, char *const *value, struct blob *out,
                         struct error *err)
{
    CLEANUP(tree_changes_free) struct tree_change *change = tree_changes(tree);

    for (size_t i = 0; i < tree_count(tree); i++)
        change[i].value = value[i] ? strdup(value[i]) : NULL;
    return tree_render(tree, change, NULL, 0, out, err);
}

static char *render(struct tree *tree, char *const *value, const char *path)
{
    struct blob out = {NULL, 0};
    struct error err;

    ck_assert_msg(render_values(tree, value, &out, &err) == 0, "%s: %s", path, err.text);
    ck_assert_uint_eq(strlen(out.data), out.len);
    return out.data;
}

START_TEST(gives_the_bytes_back)
{
    struct tree *tree = load(ugly[_i]);
    char **value = calloc(tree_count(tree) + 1, sizeof(*value));
    AUTO_FREE char *as_is = render(tree, value, "as it is"), *put = NULL;

    ck_assert_str_eq(as_is, ugly[_i]);

    /* and with every value put anew: all of it has been through the lens then */
    for (size_t i = 0; i < tree_count(tree); i++)
        if (*tree_at(tree, i)->value)
            value[i] = tree_at(tree, i)->value;
    put = render(tree, value, "put anew");
    ck_assert_str_eq(put, ugly[_i]);
    free(value);
    tree_free(tree);
}
END_TEST

/* Where in TEXT a command's value stands: behind its word and what parts them. */
static size_t value_at(const char *text, const struct tree_node *n)
{
    const char *at = text;

    for (unsigned line = 1; line < n->line; line++)
        at = strchr(at, '\n') + 1;
    at += strspn(at, " \t\r");
    ck_assert(starts_with(at, n->label));
    at += strlen(n->label);
    at += strspn(at, " \t\r=");
    ck_assert(starts_with(at, n->value));
    return (size_t)(at - text);
}

/* One value changes, and each other byte stays, whichever node it is. */
START_TEST(changes_one_value_alone)
{
    const char *text = ugly[_i];
    AUTO_FREE char *ended =
        text_format("%s\n\n", text); /* as the lens gets it, or more */
    struct tree *tree = load(text);
    size_t count = tree_count(tree);

    for (size_t i = 0; i < count; i++) {
        const struct tree_node *n = tree_at(tree, i);
        AUTO_FREE char **value = calloc(count + 1, sizeof(*value));
        AUTO_FREE char *own = text_format("x y=z\t%s", n->value);
        AUTO_FREE char *expected = NULL, *got = NULL;
        size_t at;

        if (!*n->value || n->label[0] == '#' || n->value[0] == '\\')
            continue; /* what has no value takes none, and comments begin with "#" */
        at = value_at(ended, n);
        expected = text_format("%.*sx y=z\t%s", (int)at, text, text + at);
        value[i] = own;
        got = render(tree, value, text);
        ck_assert_str_eq(got, expected);
    }
    tree_free(tree);
}
END_TEST

START_TEST(changes_comments)
{
    struct tree *tree = load("# a\r\n ## b\\\n c\n#");
    char *value[] = {"# a x\r", " ## b x\\\n c", "#x", NULL};
    AUTO_FREE char *text = render(tree, value, "comments");

    ck_assert_str_eq(text, "# a x\r\n ## b x\\\n c\n#x");
    tree_free(tree);
}
END_TEST

/* More nodes than are fed at once: lines are counted over the seams, and a change in one
 * piece touches no other. */
START_TEST(goes_on_over_seams)
{
    enum { COUNT = 5000 };
    AUTO_BUF text = BUF_INIT;
    AUTO_BUF expected = BUF_INIT;
    char **value = calloc(COUNT + 1, sizeof(*value));
    AUTO_FREE char *got = NULL;
    struct tree *tree;
    unsigned line = 1;

    for (unsigned i = 0; i < COUNT; i++) {
        const char *tail = i % 7 == 3 ? " \\\r\n\tmore" : "";
        bool changed = i % 63 == 0 || i == COUNT - 1;

        buf_format(&text, "\tk%c= %u%s\n", i % 2 ? '\t' : ' ', i, tail);
        buf_format(&expected, "\tk%c= %s%u%s\n", i % 2 ? '\t' : ' ',
                   changed ? "new " : "", i, tail);
        if (changed)
            value[i] = text_format("new %u%s", i, tail);
    }
    tree = load(buf_text(&text));
    ck_assert_uint_eq(tree_count(tree), COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(tree_at(tree, i)->line, line);
        ck_assert_uint_eq(strtoul(tree_at(tree, i)->value, NULL, 10), i);
        line += i % 7 == 3 ? 2 : 1;
    }
    got = render(tree, value, "seams");
    ck_assert(streq(got, buf_text(&expected)));
    for (unsigned i = 0; i < COUNT; i++)
        free(value[i]);
    free(value);
    tree_free(tree);
}
END_TEST

/* A tree can be rendered again and again. */
START_TEST(renders_twice)
{
    struct tree *tree = load("a 1\nb 2\n");
    char *one[] = {"x", NULL, NULL}, *two[] = {NULL, "y", NULL};
    AUTO_FREE char *first = render(tree, one, "first");
    AUTO_FREE char *second = render(tree, two, "second");

    ck_assert_str_eq(first, "a x\nb 2\n");
    ck_assert_str_eq(second, "a 1\nb y\n");
    tree_free(tree);
}
END_TEST

static size_t physical_line(const char *text, size_t left)
{
    const char *newline = memchr(text, '\n', left);

    return newline ? (size_t)(newline - text) + 1 : left + 1;
}

/* What cannot be: told by file and line, and nothing is left behind. */
static const struct refusal {
    struct tree_format format;
    const char *text;
    enum exit_class exit;
    unsigned line;
    const char *says;
} refusals[] = {
    {{"Iommuctl_None.lns", next_line},
     "a\n",
     EXIT_CLASS_INTERNAL,
     1,
     "Iommuctl_None.lns"},
    {{"Iommuctl_Menu.none", next_line}, "a\n", EXIT_CLASS_INTERNAL, 1, "cannot be used"},
    {{"Iommuctl_Menu.lns", physical_line},
     "a \\\nb\n",
     EXIT_CLASS_INTERNAL,
     1,
     "counts other lines"},
};

START_TEST(refuses)
{
    const struct refusal *t = &refusals[_i];
    const struct blob blob = {(char *)t->text, strlen(t->text)};
    struct tree *tree;
    struct error err;

    ck_assert_int_lt(tree_load(&tree, &t->format, "/menu", &blob, &err), 0);
    ck_assert_ptr_null(tree);
    ck_assert_int_eq(err.exit, t->exit);
    ck_assert_str_eq(err.file, "/menu");
    ck_assert_uint_eq(err.line, t->line);
    ck_assert_msg(strstr(err.text, t->says), "%s", err.text);
}
END_TEST

/* A value that would not be read back as it was put is refused, with the chunk's line. */
START_TEST(puts_no_value_that_breaks_the_line)
{
    static char *const bad[] = {"b\nkernel x", "b\\", " b", "=b"};
    struct tree *tree = load("# c\nkernel /v\n");
    char *value[] = {NULL, bad[_i], NULL};
    struct blob out = {NULL, 0};
    struct error err;

    ck_assert_int_lt(render_values(tree, value, &out, &err), 0);
    ck_assert_str_eq(err.file, "/menu");
    ck_assert_ptr_null(strchr(err.text, '\n'));
    ck_assert(blob_absent(&out));
    tree_free(tree);
}
END_TEST

/* Augeas keeps the bytes 1 to 4 for itself: a line that holds one is refused an edit, and
 * the lines beside it are none the worse. */
START_TEST(edits_no_reserved_bytes)
{
    static const char reserved[] = {1, 2, 3, 4};
    AUTO_FREE char *text = text_format("a 1\nb \\\n2\ntitle x%cy\n", reserved[_i]);
    AUTO_FREE char *edited = text_format("a 3\nb \\\n2\ntitle x%cy\n", reserved[_i]);
    struct tree *tree = load(text);
    char *value[] = {NULL, NULL, "z", NULL};
    struct blob out = {NULL, 0};
    struct error err;
    AUTO_FREE char *beside = NULL;

    ck_assert_int_lt(render_values(tree, value, &out, &err), 0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_DATA);
    ck_assert_str_eq(err.file, "/menu");
    ck_assert_uint_eq(err.line, 4);
    ck_assert_msg(strstr(err.text, "control character"), "%s", err.text);
    value[0] = "3";
    value[2] = NULL;
    beside = render(tree, value, "beside");
    ck_assert_str_eq(beside, edited);
    tree_free(tree);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("tree");
    TCase *t = tcase_create("tree");
    SRunner *sr;
    int failed;

    tcase_set_timeout(t, 60);
    tcase_add_loop_test(t, reads, 0, ARRAY_LEN(readings));
    tcase_add_loop_test(t, gives_the_bytes_back, 0, ARRAY_LEN(ugly));
    tcase_add_loop_test(t, changes_one_value_alone, 0, ARRAY_LEN(ugly));
    tcase_add_test(t, changes_comments);
    tcase_add_test(t, goes_on_over_seams);
    tcase_add_test(t, renders_twice);
    tcase_add_loop_test(t, refuses, 0, ARRAY_LEN(refusals));
    tcase_add_loop_test(t, puts_no_value_that_breaks_the_line, 0, 4);
    tcase_add_loop_test(t, edits_no_reserved_bytes, 0, 4);
    suite_add_tcase(s, t);
    sr = srunner_create(s);
    srunner_run_all(sr, CK_ENV);
    failed = srunner_ntests_failed(sr);
    srunner_free(sr);
    return failed ? 1 : 0;
}
