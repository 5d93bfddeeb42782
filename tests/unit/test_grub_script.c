/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How GRUB 2's script is taken apart: statements, words, braces, where each one ends. */
#include "boot/grub_script.h"

#include <check.h>

/*
 * TOLD: statements parted by a blank, each with its line: [word] for each word and "{" if
 * it opens a block, "}" for an end, "#" and the text for a comment. REST: for each
 * command, between bars, what stands behind its second word up to its end: what would be
 * a kernel's arguments. NULL: not asked.
 */
static const struct script {
    const char *what, *text, *told, *rest;
} scripts[] = {
    {"nothing", "", "", ""},
    {"blank lines", " \n\t\n;\n \\\n\n", "", ""},
    {"words and tabs", "linux\t/v  ro ", "1[linux][/v][ro]", "|  ro |"},
    {"a line each", "a\nb c\n\nd", "1[a] 2[b][c] 4[d]", "||||"},
    {"semicolons", "a x;b y ; c z;", "1[a][x] 1[b][y] 1[c][z]", "|| ||"},
    {"no grammar of ours", "a x&b y|c>d", "1[a][x] 1[b][y] 1[c] 1[d]", NULL},

    /* quotes */
    {"single", "a 'b  \"c\\' 'd'e", "1[a][b  \"c\\][de]", "| 'd'e|"},
    {"double", "a \"b  'c\" \"d\"e", "1[a][b  'c][de]", "| \"d\"e|"},
    {"double with backslashes", "\"a\\\"b\\\\c\\$d\\e\"", "1[a\"b\\c$d\\e]", NULL},
    {"backslashes", "a\\ b \\; \\{ \\\"c \\'d \\\\e", "1[a b][;][{][\"c]['d][\\e]", NULL},
    {"empty words", "a '' \"\"", "1[a][][]", "| \"\"|"},
    {"a newline in each", "a 'x\ny' \"x\ny\" b\nc", "1[a][x\ny][x\ny][b] 4[c]", NULL},
    {"separators in quotes", "a ';{}#' \"&|<>\" b", "1[a][;{}#][&|<>][b]", NULL},
    {"glued", "a\"b\"'c'd\\ e", "1[abcd e]", NULL},
    {"never closed, single", "a 'b\nc }", "1[a][b\nc }]", NULL},
    {"never closed, double", "a \"b\nc }", "1[a][b\nc }]", NULL},
    {"a backslash at the end", "a b\\", "1[a][b\\]", "||"},
    {"a backslash at the end of a quote", "a \"b\\", "1[a][b\\]", NULL},

    /* variables */
    {"braces of a name", "a ${b}c x${d} $e ${f", "1[a][${b}c][x${d}][$e][${f]", NULL},
    {"every name", "a ${_b1} ${12}${?}${*}${@} ${#}c\n",
     "1[a][${_b1}][${12}${?}${*}${@}][${#}c]", NULL},
    {"a carriage return in a name", "a ${b\r}\r c", "1[a][${b}][c]", NULL},
    {"no name", "a\nb ${}\n", "1[a] 2[b][${] 2}", NULL},
    {"no name of a variable", "a ${b-c} d\n", "1[a][${b-c] 1} 1[d]", NULL},
    {"a digit first", "a ${1b}\n", "1[a][${1b] 1}", NULL},
    {"a blank in a name", "a ${b c\n", "1[a][${b][c]", "| c|"},
    {"a name over two lines", "a ${b\\\nc} d\n", "1[a][${bc] 2} 2[d]", NULL},
    {"the first of two", "a\nb ${\nc ${ 'd", "1[a] 2[b][${] 3[c][${][d]", NULL},
    {"quoted", "a \"${b c}\" '$d'", "1[a][${b c}][$d]", NULL},
    {"translated", "a $\"b c\" d", "1[a][$b c][d]", "| d|"},
    {"a device", "linux ($root)/v ro", "1[linux][($root)/v][ro]", "| ro|"},

    /* comments */
    {"of a line", "# a\n#b\n  # c d\ne", "1## a 2##b 3## c d 4[e]", NULL},
    {"that look like commands", "# linux /v }\n# menuentry {\na",
     "1## linux /v } 2## menuentry { 3[a]", NULL},
    {"behind a command", "linux /v ro  # b ' {\nc", "1[linux][/v][ro] 1## b ' { 2[c]",
     "| ro  ||"},
    {"behind a brace", "a {# b\n}# c", "1[a]{ 1## b 2} 2## c", NULL},
    {"behind a semicolon", "a;#b", "1[a] 1##b", NULL},
    {"none inside a word", "a b#c '#d' \\#e x#", "1[a][b#c][#d][#e][x#]", NULL},
    {"no backslash continues them", "# a \\\nb", "1## a \\ 2[b]", NULL},

    /* continuations */
    {"between words", "a x \\\n  b\nc", "1[a][x][b] 3[c]", "| \\\n  b||"},
    {"inside a word", "li\\\nnux /v r\\\no", "1[linux][/v][ro]", "| r\\\no|"},
    {"inside double quotes", "a \"b\\\nc\"", "1[a][bc]", "||"},
    {"none inside single ones", "a 'b\\\nc'", "1[a][b\\\nc]", "||"},
    {"behind the image", "linux /v\\\n ro", "1[linux][/v][ro]", "|\\\n ro|"},
    {"before a brace", "a b \\\n{ c", "1[a][b]{ 2[c]", "| \\\n||"},
    {"two backslashes are none", "a x\\\\\nb", "1[a][x\\] 2[b]", "|||"},
    {"at the end", "a x \\\n", "1[a][x]", "| \\\n|"},
    {"before a command", "\\\n\\\n a x", "3[a][x]", "||"},

    /* carriage returns, which GRUB drops */
    {"of lines", "a {\r\n\tb x y\r\n}\r\n\r\n# c\r\nd", "1[a]{ 2[b][x][y] 3} 5## c 6[d]",
     "|| y\r||"},
    {"in words", "a\rb 'c\rd' \"e\rf\\\r\"g\" \\\r\rh", "1[ab][cd][ef\"g][h]", NULL},
    {"before a continuation", "a x \\\r\n b\r\nc", "1[a][x][b] 3[c]", "| \\\r\n b\r||"},
    {"behind the image", "linux /v\r\n", "1[linux][/v]", "|\r|"},

    /* blocks */
    {"of lines", "menuentry 'x' {\n linux /v\n}\n", "1[menuentry][x]{ 2[linux][/v] 3}",
     "| ||"},
    {"on one line", "menuentry \"x\" { linux /v ro; initrd /i; }",
     "1[menuentry][x]{ 1[linux][/v][ro] 1[initrd][/i] 1}", "| | ro||"},
    {"no semicolon before the end", "a { linux /v ro }", "1[a]{ 1[linux][/v][ro] 1}",
     "|| ro |"},
    {"no blanks around the braces", "a{linux /v ro}", "1[a]{ 1[linux][/v][ro] 1}",
     "|| ro|"},
    {"inside one another", "a {\nb { c; }\n}\nd", "1[a]{ 2[b]{ 2[c] 2} 3} 4[d]", NULL},
    {"behind an end", "a { } ; b {}", "1[a]{ 1} 1[b]{ 1}", NULL},
    {"a function's on a line of its own", "function f\n{\n a\n}\n",
     "1[function][f] 2{ 3[a] 4}", NULL},
    {"quoted braces are words", "a '{' \"}\" \\{", "1[a][{][}][{]", NULL},

    /* words before a command */
    {"if", "if [ a ]; then linux /v b; else linux /w; fi",
     "1[[][a][]] 1[linux][/v][b] 1[linux][/w] 1[fi]", NULL},
    {"elif, not", "elif ! a b\nthen\nc", "1[a][b] 2 3[c]", NULL},
    {"while, until", "while a; do b; done; until c; do time d; done",
     "1[a] 1[b] 1[done] 1[c] 1[d] 1[done]", NULL},
    {"quoted it is a command", "'if' a; \"then\" b; \\! c", "1[if][a] 1[then][b] 1[!][c]",
     NULL},
    {"elsewhere it is an argument", "linux /v if then {", "1[linux][/v][if][then]{",
     NULL},

    /* bytes */
    {"a byte order mark is a part of the word",
     "\xef\xbb\xbf"
     "a b",
     "1[\xef\xbb\xbf"
     "a][b]",
     NULL},
    {"Latin-1, controls", "a '\xe9\x01' \x7f\v", "1[a][\xe9\x01][\x7f\v]", NULL},
};

/* What every statement of any text must be. */
static void check_ranges(const struct script *c, const struct grub_statement *s,
                         size_t *at)
{
    for (size_t i = 0; i < s->words; i++) {
        ck_assert_msg(*at <= s->word[i].begin && s->word[i].begin < s->word[i].end,
                      "%s: word %zu", c->what, i);
        *at = s->word[i].end;
    }
    ck_assert_msg(*at <= s->end && s->end <= strlen(c->text), "%s: end", c->what);
    *at = s->end;
}

static void tell(const struct grub_statement *s, const char *text, struct buf *told,
                 struct buf *rest)
{
    bool command = s->kind == GRUB_COMMAND;

    buf_format(told, "%s%u%s", told->len ? " " : "", s->line,
               s->kind == GRUB_CLOSE ? "}" : "");
    for (size_t i = 0; i < s->words; i++)
        buf_format(told, command ? "[%s]" : "#%s", s->word[i].text);
    buf_add_text(told, s->opens ? "{" : "");
    if (command)
        buf_add_text(rest, "|");
    if (command && s->words > 1)
        buf_add(rest, text + s->word[1].end, s->end - s->word[1].end);
}

START_TEST(reads)
{
    const struct script *c = &scripts[_i];
    struct grub_reader r = {c->text, strlen(c->text), 0, 1, 0, NULL};
    AUTO_BUF told = BUF_INIT, rest = BUF_INIT;
    struct grub_statement s;
    size_t at = 0;

    while (grub_script_next(&r, &s) > 0) {
        tell(&s, c->text, &told, &rest);
        check_ranges(c, &s, &at);
        grub_statement_clear(&s);
    }
    if (rest.len)
        buf_add_text(&rest, "|");
    ck_assert_msg(streq(buf_text(&told), c->told), "%s: %s", c->what, buf_text(&told));
    ck_assert_msg(!c->rest || streq(buf_text(&rest), c->rest), "%s: %s", c->what,
                  buf_text(&rest));
    ck_assert_uint_eq(r.at, r.len);
}
END_TEST

/* The line of the first thing that GRUB cannot read. */
static const struct {
    const char *text;
    unsigned line;
} wrongs[] = {
    {"a 'b' \"c\" ${d} $e ${12} ${?}\n", 0},
    {"a ${b\r}\n", 0},
    {"a \\${ '${' # ${\n", 0},
    {"a\nb 'c\nd }", 2},
    {"a\nb \"c\nd }", 2},
    {"a \"b\\", 1},
    {"a\nb ${c", 2},
    {"a\nb ${c\n}", 2},
    {"a\nb ${}\n", 2},
    {"a ${b-c} d\n", 1},
    {"a ${1b}\n", 1},
    {"a ${b c}\n", 1},
    {"a ${b\\\nc} d\n", 1},
    {"a ${?b} d\n", 1},
    {"a\nb ${\nc 'd\n", 2},
};

START_TEST(tells_what_is_wrong)
{
    struct grub_reader r = {wrongs[_i].text, strlen(wrongs[_i].text), 0, 1, 0, NULL};
    struct grub_statement s;

    while (grub_script_next(&r, &s) > 0)
        grub_statement_clear(&s);
    ck_assert_msg(r.wrong == wrongs[_i].line, "%s: %u", wrongs[_i].text, r.wrong);
    ck_assert(!r.wrong == !r.why);
}
END_TEST

/* The text's length counts, not a NUL. */
START_TEST(reads_no_further)
{
    struct grub_reader r = {"a\0b c\\\nd", 5, 0, 1, 0, NULL};
    struct grub_statement s;

    ck_assert_int_eq(grub_script_next(&r, &s), 1);
    ck_assert_uint_eq(s.words, 2);
    ck_assert_uint_eq(s.word[0].end, 3);
    ck_assert_uint_eq(s.end, 5);
    grub_statement_clear(&s);
    ck_assert_int_eq(grub_script_next(&r, &s), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("grub_script");
    TCase *tcase = tcase_create("reads");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_loop_test(tcase, reads, 0, ARRAY_LEN(scripts));
    tcase_add_loop_test(tcase, tells_what_is_wrong, 0, ARRAY_LEN(wrongs));
    tcase_add_test(tcase, reads_no_further);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
