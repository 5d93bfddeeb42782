/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts made at random from a grammar of harmless statements: shells that source them
 * must see what the reader says, and after an edit the flag once and all else as it was.
 * SHELL_TEXTS in the environment says how many.
 */
#include "shells.h"

#define TEXTS 100
#define DEPTH 3

struct maker {
    struct buf text;
    uint64_t state;
    unsigned depth;
    bool self; /* the value at work refers to X already: no value may explode */
};

static unsigned draw(struct maker *m, unsigned n)
{
    m->state ^= m->state << 13;
    m->state ^= m->state >> 7;
    m->state ^= m->state << 17;
    return (unsigned)(m->state >> 33) % n;
}

static void put_one(struct maker *m, const char *const *of, size_t n)
{
    buf_add_text(&m->text, of[draw(m, (unsigned)n)]);
}

#define PUT_ONE(m, of) put_one(m, of, ARRAY_LEN(of))

/* --- words */

static void make_expansion(struct maker *m, bool x)
{
    static const char *const others[] = {"$A",
                                         "${A}",
                                         "${A:-b c}",
                                         "$(echo a b)",
                                         "`echo`",
                                         "$((1 + 2))",
                                         "${#A}",
                                         "${B:-\"c d\"}",
                                         "$#",
                                         "${A#'}'}",
                                         "$(: ')' \")\" \\) )"};
    static const char *const selves[] = {"$X", "${X}", "${X-}", "${X:-}", "${X:+$X }"};

    if (x && !m->self && draw(m, 2)) {
        m->self = true;
        PUT_ONE(m, selves);
    } else {
        PUT_ONE(m, others);
    }
}

static void make_piece(struct maker *m, bool x)
{
    static const char *const plain[] = {"a",    "bc",  "d=e",  "f.g,h", "1",       "--",
                                        "\\ ",  "\\ ", "\\\"", "\\'",   "\\$",     "\\\\",
                                        "\\\n", "%",   "{",    "}",     "a#",      "=",
                                        "\\#",  "\\;", "/:~",  "!",     "\303\251"};
    static const char *const within[] = {"a",   "bc",   "d=e", " ",    " ",      "  ",
                                         "\t",  "\\\"", "\\$", "\\\\", "\\`",    "\\\n",
                                         "\\z", "'",    "#",   ";",    "&|()<>", "\n",
                                         "$ ",  "\r",   "~",   "*",    "--"};
    static const char *const single[] = {"a", "bc", " ",  "  ",   "\"", "\\", "$A",
                                         "`", "#",  "\n", "\\\n", "\t", "$(", "${"};
    unsigned count = draw(m, 5);

    switch (draw(m, 4)) {
    case 0:
        PUT_ONE(m, plain);
        break;
    case 1:
        if (draw(m, 3) == 0)
            make_expansion(m, x);
        break;
    case 2:
        buf_add_char(&m->text, '"');
        while (count--)
            if (draw(m, 6) == 0)
                make_expansion(m, x);
            else
                PUT_ONE(m, within);
        buf_add_char(&m->text, '"');
        break;
    default:
        buf_add_char(&m->text, '\'');
        while (count--)
            PUT_ONE(m, single);
        buf_add_char(&m->text, '\'');
    }
}

static void make_value(struct maker *m, bool x)
{
    m->self = false;
    for (unsigned count = draw(m, 5); count; count--)
        make_piece(m, x);
}

static void make_assignment(struct maker *m)
{
    static const char *const names_of[] = {"A=", "B=", "XA=", "_X="};
    bool x = draw(m, 3) > 0;

    if (x)
        buf_add_text(&m->text, "X=");
    else
        PUT_ONE(m, names_of);
    make_value(m, x);
}

/* --- statements */

static void make_list(struct maker *m);

static void make_simple(struct maker *m)
{
    static const char *const exports[] = {"export \"X=a $X\" B=c", "export 'X=a $A b'",
                                          "export B 'X'=\"a\"", "command export X=a"};
    static const char *const commands[] = {" :",          " true",
                                           " export B",   " [ a = a ]",
                                           " >/dev/null", " echo X=a \"X=b\" 'X=c'"};

    switch (draw(m, 8)) {
    case 0:
        make_assignment(m);
        buf_add_text(&m->text, draw(m, 2) ? " true X=a 'X=b'" : " : \"X=a\"");
        break;
    case 1:
        buf_add_text(&m->text, "export ");
        make_assignment(m);
        break;
    case 2:
        PUT_ONE(m, exports);
        break;
    case 3:
        make_assignment(m);
        buf_add_char(&m->text, ' ');
        make_assignment(m);
        break;
    case 4:
        PUT_ONE(m, commands);
        break;
    default:
        make_assignment(m);
    }
}

static void make_here_document(struct maker *m)
{
    static const char *const begins[] = {": <<E", ": <<'E'", ": <<-\\E", ": <<-E",
                                         "X=a: <<E"};
    static const char *const lines[] = {"X=a\n",  "'\n",   "\"\n",  " E\n",
                                        "$A\n",   "a\\\n", "E E\n", "\\$(\n",
                                        "fi }\n", "\n",    "# E\n"};

    PUT_ONE(m, begins);
    buf_add_text(&m->text, draw(m, 2) ? "; A=b\n" : " # E '\n");
    for (unsigned count = draw(m, 4); count; count--)
        PUT_ONE(m, lines);
    buf_add_text(&m->text, "b\nE\n");
}

/* Each is: words before a list, words behind it; a second list may follow. */
static const struct compound {
    const char *before, *between, *behind;
} compounds[] = {
    {"if true; then ", NULL, "fi"},
    {"if [ a = b ]\nthen\n", "else # '\n", "fi"},
    {"if false; then ", "elif :; then ", "fi >/dev/null"},
    {"case a in\n(b|'c)') ", ";;\n*)", "\nesac"},
    {"case \"$A\" in a) ", ";; b | $B) ", ";; esac"},
    {"for A in a 'b c'; do ", NULL, "done"},
    {"while false\ndo ", NULL, "done </dev/null"},
    {"until :; do ", NULL, "done"},
    {"{ ", NULL, "}"},
    {"{ ", "}; {\n", "} 2>&1"},
    {" ( ", NULL, ")"},
    {"f() { ", NULL, "}"},
    {"g ( )\n( ", NULL, ")"},
    {"true && { ", NULL, "}"},
    {"false || { ", "} || { ", "}"},
    {"{ ", NULL, "} | true"},
    {"! { ", NULL, "}"},
};

static void make_compound(struct maker *m)
{
    const struct compound *c = &compounds[draw(m, ARRAY_LEN(compounds))];

    buf_add_text(&m->text, c->before);
    make_list(m);
    if (c->between) {
        buf_add_text(&m->text, c->between);
        make_list(m);
    }
    buf_add_text(&m->text, c->behind);
}

static void make_statement(struct maker *m)
{
    static const char *const ends[] = {"\n",   "\n",        "\n\n",    "; ",
                                       " ;\n", " # X='a\n", ";# \"\n", "\t\n"};
    static const char *const links[] = {" && ", " || ", "&&\n\n", " | ", "; "};
    static const char *const comments[] = {"# X=a\n", "#'\n", "  # \"$(\n", "#\\\n",
                                           "\t\n"};
    static const char *const calls[] = {"unset A",    "unset X",    "return 0",
                                        "eval 'X=a'", "A=b eval :", ": ${X:=a}"};

    switch (draw(m, 14)) {
    case 0:
        PUT_ONE(m, comments);
        return;
    case 1:
        make_here_document(m);
        return;
    case 2:
        make_simple(m);
        PUT_ONE(m, links);
        make_simple(m);
        break;
    case 3:
        PUT_ONE(m, calls);
        break;
    case 4:
    case 5:
    case 6:
        if (m->depth) {
            make_compound(m);
            break;
        } /* fall through */
    default:
        make_simple(m);
    }
    PUT_ONE(m, ends);
}

static void make_list(struct maker *m)
{
    m->depth--;
    for (unsigned count = draw(m, 3); count; count--)
        make_statement(m);
    buf_add_text(&m->text, ":\n");
    m->depth++;
}

/* With a beginning that surely gives an edit something to do, most of the time. */
static char *make_text(uint64_t seed)
{
    struct maker m = {.state = seed * 0x9e3779b97f4a7c15u + 1, .depth = DEPTH};

    for (int i = 0; i < 8; i++)
        draw(&m, 2);
    for (unsigned count = 1 + draw(&m, 6); count; count--)
        make_statement(&m);
    if (draw(&m, 2))
        make_assignment(&m);
    return buf_take(&m.text);
}

START_TEST(random_text)
{
    AUTO_FREE char *text = make_text((uint64_t)_i + 1);

    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < ARRAY_LEN(shells); i++)
        ck_assert_msg(!is_there(&shells[i]) || takes(&shells[i], text), "%s refuses:\n%s",
                      shells[i].path, text);
    must_read_as_shells(text, false);
    if (!try_edits(text, false) && getenv("SHELL_TEXTS"))
        fprintf(stderr, "%d: nothing to edit\n", _i);
}
END_TEST

int main(void)
{
    const char *asked = getenv("SHELL_TEXTS");
    TCase *tcase = tcase_create("random");

    tcase_add_checked_fixture(tcase, scratch_setup, scratch_teardown);
    tcase_add_loop_test(tcase, random_text, 0, asked ? atoi(asked) : TEXTS);
    return run_suite("shell_random", (TCase *[]){tcase, NULL});
}
