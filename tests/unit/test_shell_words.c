/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The judge of every reading and every edit is a real shell that sources the text before
 * and after: dash and, as sh, bash. What the reader says is only compared with them.
 */
#include "boot/shell_words.h"

#include "shells.h"

/* --- quoting forms */

/* What stands between {+ and +} is what an edit must put in at X's end. */
static const struct form {
    const char *text;
    bool bash_only; /* dash reads it otherwise */
} forms[] = {
    {"X=\"quiet splash{+ new=on+}\"\n", false},
    {"X='quiet splash{+ new=on+}'\n", false},
    {"X=quiet{+\\ new=on+}\n", false},
    {"X=quiet{+\\ new=on+}", false},
    {"X=\"quiet{+ new=on+}\"", false},
    {"X=quiet\\ splash{+\\ new=on+}\n", false},
    {"X=\"{+new=on+}\"\n", false},
    {"X='{+new=on+}'\n", false},
    {"X={+new=on+}\n", false},
    {"X={+new=on+}", false},
    {"X={+new=on+} # comment\n", false},
    {"X={+new=on+};Y=2\n", false},
    {"X=a{+\\ new=on+};Y=b\n", false},
    {"X=a{+\\ new=on+}&&Y=b\n", false},
    {"X=\"a\"#b{+\\ new=on+}\n", false},
    {"X=\"a{+ new=on+}\" # a comment's quote\nY=b\n", false},
    {"# X=\"a\"\nX=\"b{+ new=on+}\"\n#X=\"c\"\n", false},
    {"X=\"a\"\nX=\"b{+ new=on+}\"\n", false},
    {"X=\"a\\\"b\\\" c{+ new=on+}\"\n", false},
    {"X=\"a=\\\"b c\\\"{+ new=on+}\"\n", false},
    {"X=\"a \\$b{+ new=on+}\"\n", false},
    {"X=\"a\\\\{+ new=on+}\"\n", false},
    {"X=\"a \\`b\\`{+ new=on+}\"\n", false},
    {"X='{+new=on +}a\"b'\"c'd\"\n", false},
    {"X=\"a\"'b{+ new=on+}'\n", false},
    {"X='a'b\"c{+ new=on+}\"''\n", false},
    {"X='it'\\''s{+ new=on+}'\n", false},
    {"X={+new=on\\ +}a\\\"b\\'c\\\\d\n", false},
    {"X=\"a \\n b \n c{+ new=on+}\"\n", false},
    {"X=\"a\\x20\\z{+ new=on+}\"\n", false},
    {"X=\"a \\\n   b{+ new=on+}\"\n", false},
    {"X=\"a{+ new=on+}\\\n\"\n", false},
    {"X=a\\\nb{+\\ new=on+}\n", false},
    {"X=a{+\\ new=on+}\\\n\n", false},
    {"X=a{+\\ new=on+} \\\nY=b\n", false},
    {"X\\\n=\\\n\"a{+ new=on+}\"\n", false},
    {"\\\nX=\"a{+ new=on+}\"\n", false},
    {"X=\"a\nb\n\tc{+ new=on+}\"\nY=1\n", false},
    {"X='a\nb{+ new=on+}'\n", false},
    {"X=\"a{+ new=on+} \"\n", false},
    {"X=\" a{+ new=on+}\"\n", false},
    {"X=\"{+new=on+}  \"\n", false},
    {"X=\"a  b\tc{+ new=on+}\"\n", false},
    {"\tX=\"a{+ new=on+}\"\n", false},
    {"  X='a{+ new=on+}'  \n", false},
    {"X=\"a{+ new=on+}\"; Y=1\n", false},
    {"Y=1;X=\"a{+ new=on+}\"\n", false},
    {"Y=1 X=\"a{+ new=on+}\" Z=2\n", false},
    {"export X=\"a{+ new=on+}\"\n", false},
    {"export X='a b{+ new=on+}' Y=2\n", false},
    {"export \"X=a b{+ new=on+}\"\n", false},
    {"export 'X=a{+ new=on+}' Y\n", false},
    {"export X\"=a{+ new=on+}\"\n", false},
    {"export \"X={+new=on+}\"\n", false},
    {"export X={+new=on+}\n", false},
    {"command export X=\"a{+ new=on+}\"\n", false},
    {"X=\"a\"; export X=\"$X b{+ new=on+}\"\n", false},
    {"X=a; export \"X=$X b{+ new=on+}\"\n", false},
    {"readonly X=\"a{+ new=on+}\"\n", false},
    {"X=\"a{+ new=on+}\"\nexport X Y=1\n", false},
    {"X=\"a\"\nX=\"$X b{+ new=on+}\"\n", false},
    {"X=\"a\"\nX=\"${X} b{+ new=on+}\"\n", false},
    {"X=\"a\"\nX=\"b $X{+ new=on+}\"\n", false},
    {"X=\"a\"\nX=\"b ${X}{+ new=on+}\"\n", false},
    {"X=a\nX=$X{+\\ new=on+}\n", false},
    {"X=a\nX=$X\" b{+ new=on+}\"\n", false},
    {"X=a\nX=\"$X{+ new=on+}\"", false},
    {"X=a\nX=\"${X:-} b{+ new=on+}\"\n", false},
    {"X=a\nX=\"${X-} b{+ new=on+}\"\n", false},
    {"X=a\nX=\"${X:+$X }b{+ new=on+}\"\n", false},
    {"X=\"${X:-a}{+ new=on+}\"\n", false},
    {"X=\"$X b{+ new=on+}\"\n", false},
    {"X=\"a$Y{+ new=on+}\"\n", false},
    {"Y=q\nX=\"${Y}{+ new=on+}\"\n", false},
    {"X=\"a ${Y:-b c}{+ new=on+}\"\n", false},
    {"X=\"a ${Y:-\"b}\"}{+ new=on+}\"\n", false},
    {"X=\"a ${Y:-it's}{+ new=on+}\"\n", false},
    {"X=\"a ${Y#'}'}{+ new=on+}\"\n", false},
    {"X=\"a{+ new=on+} ${Y#'\"'}\"\n", false},
    {"X=\"a{+ new=on+} ${Y%%'\"'*}\"\n", false},
    {"X=${Y:-a b}{+\\ new=on+}\n", false},
    {"X=\"$(echo a){+ new=on+}\"\n", false},
    {"X=\"a $(echo \"b)\" 'c)' \\)){+ new=on+}\"\n", false},
    {"X=$(echo a b){+\\ new=on+}\n", false},
    {"X=\"$(case a in a) echo b;; esac){+ new=on+}\"\n", false},
    {"X=\"$(case a in (a) echo b # )\n esac){+ new=on+}\"\n", false},
    {"X=\"$(X=b; echo \"$X\"){+ new=on+}\"\n", false},
    {"X=\"$(cat <<E\n)\nE\n){+ new=on+}\"\n", false},
    {"X=\"`echo a`{+ new=on+}\"\n", false},
    {"X=`echo \"a b\"`{+\\ new=on+}\n", false},
    {"X=\"`echo \\`echo b\\``{+ new=on+}\"\n", false},
    {"X=\"a$((1+(2*3)))b{+ new=on+}\"\n", false},
    {"X=\"a ${+ new=on+}\"\n", false},
    {"X=\"a$ b$%{+ new=on+}\"\n", false},
    {"X=\"$1$#$?{+ new=on+}\"\n", false},
    {"X=$'a b{+ new=on+}'\n", false},
    {"X=$\"a b{+ new=on+}\"\n", false},
    {"X=$'a\\'b\\tc{+ new=on+}'\n", true},
    {"X=\"a#b{+ new=on+}\"\n", false},
    {"X=a#b{+\\ new=on+}\n", false},
    {"X=a=b{+\\ new=on+}\n", false},
    {"X=\"a;b|c&d<e>f(g){h}*?[i]~{+ new=on+}\"\n", false},
    {"X=a*b{+\\ new=on+}\n", false},
    {"X=a{b,c}{+\\ new=on+}\n", false},
    {"X=\"a !b!!{+ new=on+}\"\n", false},
    {"X=quiet{+\\ new=on+}\r\n", false},
    {"X=\"quiet{+ new=on+}\"\r\nY=\"b\"\r\n", false},
    {"X='quiet{+ new=on+}'\r\n", false},
    {"X={+new=on+}\r\n", false},
    {"X=\"{+new=on+}\"\r\n", false},
    {"# a\r\nX=\"a \r\n b{+ new=on+}\"\r\n", false},
    {"\357\273\277# a comment\nX=\"a{+ new=on+}\"\n", false},
    {"\357\273\277X=\"a\"\nX=\"b{+ new=on+}\"\n", false},
    {"X=\"a\351\377b{+ new=on+}\"\n", false},
    {"X=\303\251t\303\251{+\\ new=on+}\n", false},
    {"X=\"a\001b\033{+ new=on+}\"\n", false},
    {"X=\"a{+ new=on+} -- b\"\n", false},
    {"X='a -- b' X=\"a{+ new=on+} \"'-- b'\n", false},
    {"X=a{+\\ new=on+}\\ --\\ b\n", false},
    {"X=\"a{+ new=on+}\"\nX=b true\\\n\n", false},
    {"X=\"a{+ new=on+}\"\nX=b test 1\n", false},
    {"X=\"a{+ new=on+}\"\ncat <<E\nX=b\n\"\nE\nY=1\n", false},
    {"X=\"a{+ new=on+}\"\ncat <<'E' <<-\"F\"\nX=b\\\nE\n\tX=c '\n\tF\nY=1\n", false},
    {": <<E; X=\"a{+ new=on+}\"\n$(echo \")E\")\na\\\nE\nE\n", false},
    {": <<\\E X\nE\\\nE\nX=\"a{+ new=on+}\"\n", false},
    {": <<E$x\nE$x\nX=\"a{+ new=on+}\"\n", false},
    {"X=\"a{+ new=on+}\"\nf() {\n  local Y=\"b\"\n  X=\"$X c\"\n}\n", false},
    {"X=\"a{+ new=on+}\"\nf() (\n  X=b\n)\nf\n", false},
    {"X=\"a{+ new=on+}\"\nif [ a = b ]; then X=\"$X c\"; elif :; then Y=1; else Y=2; "
     "fi\n",
     false},
    {"if :; then\n  Y=\"fi\"\nfi; X=\"a{+ new=on+}\"\n", false},
    {"case x in\n  x) Y=esac ;;\n  (a|b) ;;\n  *) Y=1\nesac\nX=\"a{+ new=on+}\"\n",
     false},
    {"case esac in (esac) esac; X=\"a{+ new=on+}\"\n", false},
    {"for Y in a 'do' ; do Z=$Y; done; X=\"a{+ new=on+}\"\n", false},
    {"for Y\ndo :; done; X=\"a{+ new=on+}\"\n", false},
    {"while false; do X=b :; done\nuntil :; do :; done >/dev/null 2>&1; X=\"a{+ "
     "new=on+}\"\n",
     false},
    {"{ X=\"a{+ new=on+}\"; }\n", false},
    {"{ X=\"a{+ new=on+}\"; Y=1; } 2>/dev/null\n", false},
    {"X=\"a{+ new=on+}\" && Y=1 || Y=2\n", false},
    {"! X=\"a{+ new=on+}\"\n", false},
    {"X=\"a{+ new=on+}\"\n(X=b; Y=2)\n", false},
    {"X=\"a{+ new=on+}\" >/dev/null\n", false},
    {">/dev/null 2>&1 X=\"a{+ new=on+}\"\n", false},
    {"X=\"a{+ new=on+}\"\nXY=b YX=c\n_X=d\n", false},
    {"X=\"a{+ new=on+}\"\necho X=b \"X=c\" x X='d'\n", false},
    {"X=\"a{+ new=on+}\"\n[ -n \"X=b\" ] && Y=1\n", false},
    {"X=\"a{+ new=on+}\"; echo done if then fi } ]] esac {\n", false},
    {"true; X=\"a{+ new=on+}\"; Y=`echo 'X=b'`\n", false},
    {"unset X\nX=\"a{+ new=on+}\"\n", false},
    {"X=\"a{+ new=on+}\"\nunset Y; read Y </dev/null\n", false},
    {"eval 'X=b'\nX=\"a{+ new=on+}\"\n", false},
    {"X=a\nX+=\" b{+ new=on+}\"\n", true},
    {"X+=b{+\\ new=on+}\n", true},
    {"export X+=\"b{+ new=on+}\"\n", true},
    {"declare X=\"a{+ new=on+}\"\n", true},
    {"declare -x X='a{+ new=on+}' Y=2\n", true},
    {"typeset X=a{+\\ new=on+}\n", true},
    {"Y=(a 'X=b' # )\n X=c)\nX=\"a{+ new=on+}\"\n", true},
    {"Y[1]=b X=\"a{+ new=on+}\"\n", true},
    {"[[ ( a == a || b ) && X=b < c ]]\nX=\"a{+ new=on+}\"\n", true},
    {"[[ a =~ ^(a)\\ $ ]] && Y=1\nX=\"a{+ new=on+}\"\n", true},
    {"function f { X=\"$X b\"; }; X=\"a{+ new=on+}\"\n", true},
    {"function f() { :; }\nX=\"a{+ new=on+}\"\n", true},
    {"((Y = 1 << 2))\nX=\"a{+ new=on+}\"\n", true},
    {"for ((Y=0; Y<2; Y++)); do :; done; X=\"a{+ new=on+}\"\n", true},
    {"cat <<<\"X=b $Y\"\nX=\"a{+ new=on+}\"\n", true},
    {"cat < <(echo \"a)\") > >(cat); X=\"a{+ new=on+}\"\n", true},
    {"X=\"a{+ new=on+}\"; Y=$'it\\'s'\n", true},
    {"X=\"a{+ new=on+}\"; Y=$[1+2]\n", true},
    {"case a in a) Y=1;;& b) Y=2;& *) ;; esac; X=\"a{+ new=on+}\"\n", true},
    {"export X={a,b}{+\\ new=on+}\n", true},
    {": |& cat; X=\"a{+ new=on+}\"\n", true},
};

START_TEST(edits)
{
    AUTO_BUF before = BUF_INIT;
    AUTO_BUF after = BUF_INIT;
    AUTO_FREE char *on = NULL;
    const char *p = forms[_i].text, *mark, *end;

    mark = strstr(p, "{+");
    ck_assert_ptr_nonnull(mark);
    end = strstr(mark, "+}");
    ck_assert_ptr_nonnull(end);
    buf_add(&before, p, (size_t)(mark - p));
    buf_add_text(&before, end + 2);
    buf_add(&after, p, (size_t)(mark - p));
    buf_add(&after, mark + 2, (size_t)(end - mark - 2));
    buf_add_text(&after, end + 2);
    must_read_as_shells(before.data, forms[_i].bash_only);
    on = edited(before.data, EDIT_INSERT);
    ck_assert_str_eq(on, after.data);
    ck_assert(try_edits(before.data, forms[_i].bash_only));
}
END_TEST

/* --- what else sets, or seems to set, a variable */

/*
 * What the reader says, an assignment a line: its line, "+" if it appends, "=", its runs
 * between "|", and behind a "!" whether it is conditional, prefix, indirect, opaque.
 */
static const struct reading {
    const char *text, *says;
} readings[] = {
    {"", ""},
    {"# X=1\n: X=1\nY=1 XX=1\n'X=1' \"X\"=1 \\X=1 X =1\n", ""},
    {"X=1 X=2\nX=3\n", "1=1 1=2 2=3"},
    {"X=1 true\n", "1=1!p"},
    {"X=1 >f 2>&1 true\n", "1=1!p"},
    {"X=1 :\nX=2 export Y\nX=3 eval\n", "1=1!c 2=2!c 3=3!c"},
    {"X=1 $Y\nX=2 \"\"\n", "1=1!c 2=2!p"},
    {"f() { :; }; X=1 f; X=2 $(true)", "1=1!c 1=2!c"},
    {"if X=1; then X=2; elif X=3; then X=4; else X=5; fi; X=6",
     "1=1!c 1=2!c 1=3!c 1=4!c 1=5!c 1=6"},
    {"case a in a) X=1;; *) X=2; esac; X=3", "1=1!c 1=2!c 1=3"},
    {"while X=1; do X=2; done; until X=3; do X=4; done; for Y in a; do X=5; done",
     "1=1!c 1=2!c 1=3!c 1=4!c 1=5!c"},
    {"{ X=1; { X=2; }; }; X=3", "1=1 1=2 1=3"},
    {"(X=1); X=2; (\n(X=3)\n)", "1=1!cp 1=2 2=3!cp"},
    {"X=1 | true; true | X=2; X=3; { X=4; X=5; } | true", "1=1!c 1=2!c 1=3 1=4!c 1=5!c"},
    {"X=1 && X=2 || X=3; X=4", "1=1 1=2!c 1=3!c 1=4"},
    {"X=1 & X=2; { X=3; } & X=4 && true & X=5", "1=1!c 1=2 1=3!c 1=4!c 1=5"},
    {"X=1 &>f; X=2; X=3 &>>f; { X=4; } &>f; X=5", "1=1!c 1=2 1=3!c 1=4!c 1=5"},
    {"f() { X=1; local X=2; export X=3; declare X=4; declare -g X=5; }; local X=6\n"
     "declare X=7",
     "1=1!c 1=2!cp 1=3!c 1=4!cp 1=5!c 1=6!p 2=7"},
    {"function f { X=1; }\nfunction g() { X=2; }\nh() if X=3; then X=4; fi; X=5",
     "1=1!c 2=2!c 3=3!c 3=4!c 3=5"},
    {"unset X; unset -v Y X; read Y X; for X in a; do :; done; getopts a X",
     "1=!cio 1=!cio 1=!cio 1=!cio 1=!cio"},
    {"X=(a b); X[0]=a X+=(c); declare -a X=(d); export X[1]+=2",
     "1=!cio 1=!cio 1=!cio 1=!cio 1=!cio"},
    {"eval \"X=a\"; eval 'XY=$X'; eval XY=1; eval Y; trap 'unset X' EXIT",
     "1=!cio 1=!cio 1=!cio"},
    {"printf -v X a; mapfile X; command read X", "1=!cio 1=!cio 1=!cio"},
    {": ${X=a} ${X:=b} \"${X:=c}\" ${X:-d} ${XY=e} $(: ${X:=f})", "1=!cio 1=!cio 1=!cio"},
    {"X=1; return; X=2", "1=1 1=2!c"},
    {"[ -r f ] || return 0\nX=1; exit; X=2", "2=1!c 2=2!c"},
    {"f() { return; }; (exit); $(exit); true; X=1; exec >f; X=2; exec f; X=3",
     "1=1 1=2 1=3!c"},
    {"command export X=1; builtin declare X=2; command -p export X=3", "1=1 1=2 1=3"},
    {"export -n X=1; declare -u X=2; export -p X=3", "1=1!o 1=2!o 1=3!c"},
    {"export Y 'X=1 2' \"X\"=3 X; readonly X", "1=1 2 1=3"},
    {"export \"X=$X a\" 'X+=b' \"X=\"", "1=| a 1+=b 1="},
    {"export \"X=$(echo \"$X\" ${X:=a})\"", "1=$(echo \"$X\" ${X:=a})!o"},
    {"X+=a; X=$X; X=a${X}b; X=$X$X", "1+=a 1=| 1=a|b 1=||"},
    {"X=$Xa; X=${XX}; X=\"\\$X\"; X='$X'", "1=$Xa!o 1=${XX}!o 1=$X 1=$X"},
    {"X=${X-}a; X=${X:-}a; X=${X:-b}a; X=${X:+$X }a; X=${X}",
     "1=|a 1=|a 1=|a!o 1=|a!o 1=|"},
    {"X=${Y}; X=$1; X=$$; X=`a`; X=$((1+1)); X=${#X}; X=<(a)",
     "1=${Y}!o 1=$1!o 1=$$!o 1=`a`!o 1=$((1+1))!o 1=${#X}!o 1=<(a)!o"},
    {"X=~; X=~a/b; X=a~; X=a:~; X='~'; X=\\~", "1=~!o 1=~a/b!o 1=a~ 1=a:~!o 1=~ 1=~"},
    {"X=$'a\\tb\\x41\\101\\'\\q\\u0041\\0'; X=$\"a\"; X=\"$'a'\"",
     "1=a\tbAA'\\q\\u0041\\0!o 1=a!o 1=$'a'"},
    {"cat <<E\nX=1\nE\nX=2\ncat <<-E\nX=3\n\t\tE\nX=4", "4=2 8=4"},
    {"cat <<A <<B; X=1\nX=2\nA\nX=3\nB\nX=4", "1=1 6=4"},
    {"cat <<A $(cat <<B\nX=1\nB\n)\nX=2\nA\nX=3", "7=3"},
    {"X=1\r\nX=\"2\"\r\n", "1=1\r 2=2\r"},
    {"\357\273\277X=1\nX=2", "2=2"},
    {"X=1 #\\\nX=2\n", "1=1 2=2"},
    {"X=\\\n1 \\\nX=2\n\n\nX=3", "1=1 3=2 6=3"},
    {"! X=1; ! { X=2; }", "1=1 1=2"},
    {"[[ -n a && X=1 ]] || X=2", "1=2!c"},
    {"select X in a; do X=1; done", "1=!cio 1=1!c"},
};

static void say(struct buf *b, const struct shell_assignment *a)
{
    bool opaque = false;

    buf_format(b, "%s%u%s=", b->len ? " " : "", a->line, a->append ? "+" : "");
    ck_assert_str_eq(a->name, "X");
    ck_assert_uint_ge(a->runs, 1);
    for (size_t i = 0; i < a->runs; i++) {
        buf_format(b, "%s%s", i ? "|" : "", a->run[i].text);
        opaque |= a->run[i].opaque;
    }
    buf_format(b, "%s%s%s%s%s",
               a->conditional || a->prefix || a->indirect || opaque ? "!" : "",
               a->conditional ? "c" : "", a->prefix ? "p" : "", a->indirect ? "i" : "",
               opaque ? "o" : "");
}

START_TEST(reads)
{
    AUTO_BUF says = BUF_INIT;
    struct shell_file file;

    read_text(&file, readings[_i].text);
    for (size_t i = 0; i < file.assignments; i++)
        say(&says, &file.assignment[i]);
    ck_assert_str_eq(buf_text(&says), readings[_i].says);
    shell_clear(&file);
}
END_TEST

/* --- texts that end in the middle, or that no shell takes */

static const struct refusal {
    const char *text;
    unsigned line;
    const char *why;
    bool ours; /* a shell takes it: not worth the code, or shells do not agree */
} refusals[] = {
    {"X=1\nX=\"a", 2, "double quote", false},
    {"X='a\n\n", 1, "single quote", false},
    {"\nX=`a", 2, "backquote", false},
    {"X=$(a", 1, "command substitution", false},
    {"X=${a", 1, "\"${\"", false},
    {"X=\"${a\"\n", 1, "double quote", false},
    {"X=$((1)\n", 1, "\"((\"", false},
    {"X=$((1) )", 1, "\"((\"", true},
    {"X=$[1 + 2]", 1, "\"$[\"", true},
    {"X=a\\", 1, "backslash", true},
    {"if true; then\nX=1\n", 1, "\"fi\"", false},
    {"if true; X=1; fi", 1, "\"then\"", false},
    {"if true; then fi", 1, "expects", false},
    {"\nwhile true; do\n:\n", 2, "\"done\"", false},
    {"for a in b; X=1", 1, "\"do\"", false},
    {"for a in b", 1, "in the middle", false},
    {"case a in a) X=1", 1, "\"esac\"", false},
    {"case a", 1, "\"in\"", false},
    {"{ X=1", 1, "\"}\"", false},
    {"{ X=1 }\n", 1, "\"}\"", false},
    {"( X=1", 1, "\"(\"", false},
    {"X=1)", 1, "expects \")\"", false},
    {"X=1;;\n", 1, "expects \";\"", false},
    {"X=1\n;X=2", 2, "expects \";\"", false},
    {"X=1 && ", 1, "in the middle", false},
    {"X=1 |\n", 2, "in the middle", false},
    {"X=1 >\n", 1, "the line ends", false},
    {"X=a(b)", 1, "expects \"(\"", false},
    {"fi", 1, "expects \"f\"", false},
    {"X=(a b", 1, "array", false},
    {"f() \n", 2, "in the middle", false},
    {"f(a) { :; }", 1, "expects \"a\"", false},
    {"cat <<E\nX=1\n", 1, "here-document", true},
    {"cat <<E", 1, "here-document", true},
    {"cat <<'E\nF'\nE\n", 1, "here-document", true},
    {"cat <<E\nE\\\n\nE\n", 1, "do not agree", true},
    {"if true\r\nthen\r\nX=1\r\nfi\r\n", 1, "\"then\"", false},
};

START_TEST(refuses)
{
    const struct refusal *t = &refusals[_i];
    struct shell_file file;
    struct error err;

    ck_assert_int_lt(shell_read(&file, "/file", t->text, strlen(t->text), names, &err),
                     0);
    ck_assert_int_eq(err.exit, EXIT_CLASS_DATA);
    ck_assert_str_eq(err.file, "/file");
    ck_assert_msg(strstr(err.text, t->why), "%s", err.text);
    ck_assert(!strchr(err.text, '\n'));
    ck_assert_uint_eq(err.line, t->line);
    ck_assert(!file.assignment && !file.assignments);
    for (size_t i = 0; !t->ours && i < ARRAY_LEN(shells); i++) {
        if (!is_there(&shells[i]))
            continue;
        ck_assert_msg(!takes(&shells[i], t->text), "%s takes: %s", shells[i].path,
                      t->text);
    }
}
END_TEST

START_TEST(refuses_nul)
{
    struct shell_file file;
    struct error err;

    ck_assert_int_lt(shell_read(&file, "/file", "X=1\nX\0=2\n", 9, names, &err), 0);
    ck_assert_uint_eq(err.line, 2);
}
END_TEST

START_TEST(refuses_depth)
{
    AUTO_BUF text = BUF_INIT;
    struct shell_file file;
    struct error err;

    for (int i = 0; i < 100000; i++)
        buf_add_text(&text, i % 2 ? "\"$(" : "{ a ");
    ck_assert_int_lt(shell_read(&file, "/file", text.data, text.len, names, &err), 0);
    ck_assert(strstr(err.text, "inside one another"));
}
END_TEST

START_TEST(tells_open_end)
{
    static const struct {
        const char *text;
        bool open;
    } rows[] = {
        {"", false},          {"X=1\n", false},    {"X=1 \\\n", true},
        {"X=\\\n", true},     {"X=\\\\\n", false}, {"X=\\\\", false},
        {"X=\\\\\\\n", true}, {"# c \\\n", true},  {"# c \\", true},
        {"# c \\\r\n", true},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct shell_file file;

        read_text(&file, rows[i].text);
        ck_assert_msg(file.open_end == rows[i].open, "%s", rows[i].text);
        shell_clear(&file);
    }
}
END_TEST

/* --- any change of a value, and what cannot be written */

static const struct rewriting {
    const char *text, *value; /* of the last run of the last assignment */
    const char *after;        /* NULL: refused */
} rewritings[] = {
    {"X=\"a b c\"", "a b c", "X=\"a b c\""},
    {"X=\"a b c\"", "a c", "X=\"a c\""},
    {"X=\"a b c\"", "", "X=\"\""},
    {"X=\"a  b\tc\"", "a  d\tc", "X=\"a  d\tc\""},
    {"X=\"a b\" # c", "d a b", "X=\"d a b\" # c"},
    {"X='a'\" b\"'\tc'", "a\tc", "X='a'\"\"'\tc'"},
    {"X=\"a=\"'off' b", "a=on", "X=\"a=\"'on' b"},
    {"X=a\\ \"b=off\"\\ c", "a b=on c", "X=a\\ \"b=on\"\\ c"},
    {"X=\"a\\\n b\\\n c\"", "a c", "X=\"a\\\n \\\nc\""},
    {"X=\"a b a b\"", "a b a c b", "X=\"a b a c b\""},
    {"X=\"a\"", "a \"$`\\", "X=\"a \\\"\\$\\`\\\\\""},
    {"X=a", "a \"$`\\'b;c", "X=a\\ \\\"\\$\\`\\\\\\'b\\;c"},
    {"X='a'", "a \"$`\\", "X='a \"$`\\'"},
    {"X='a'", "a '", NULL},
    {"X=a", "a\nb", NULL},
    {"X=$'a'", "a '", NULL},
    {"X=$'a'", "a \\", NULL},
    {"X=$'a\\t'", "a\tb", NULL},
    {"X=$'a\\t'", "a c\tb", NULL},
    {"X=$'a\\ b'", "a\\", NULL},
    {"X=$'a\\ b c'", "a\\ c", "X=$'a\\ c'"},
    {"X=$'a\\\\ b'", "a\\", "X=$'a\\\\'"},
    {"X=$'a\\1 b'", "a\001b", NULL},
    {"X=$'a\\0 b'", "a\\0b", NULL},
    {"X=\"a\\ b\"", "a\\", NULL},
    {"X=\"a$ b\"", "a$", "X=\"a$\""},
    {"X=\"a$ b$Y\"", "a$$Y", NULL},
    {"X=a$\\ b'c'", "a$c", NULL},
    {"X=a:\\ ~b", "a:~b", NULL},
    {"X=a\\ ~b", "~b", NULL},
    {"X=\"$X\\\n a b\"", "b", NULL},
    {"X=\"$Y\\\n a\\\nb\"", "$Yb", NULL},
    {"X=\"$Y \"a\\ b", "$Yb", "X=\"$Y\"b"},
    {"X=\"$Y a\\\nb\"", "$Yb", NULL},
    {"X=$'a'", "b a", "X=b\\ $'a'"},
    {"X=\"$Y a\"", "$Y", "X=\"$Y\""},
    {"X=\"$Y a\"", "$Ya", NULL},
    {"X=\"$Y a\"", "$Y-a", "X=\"$Y-a\""},
    {"X=\"${Y} a\"", "${Y}a", "X=\"${Y}a\""},
    {"X=\"$Y a\"", "b a", NULL},
    {"X=\"$Y a\"", "$Y b $Y a", "X=\"$Y b \\$Y a\""},
    {"X=\"$(a b) c\"", "$(a d b) c", NULL},
    {"X=\"$(a b) c\"", "$(a b)", "X=\"$(a b)\""},
    {"X=\"`a b` c\"", "`a` c", NULL},
    {"X=\"$X a\"", "a", NULL},
    {"X=\"$X a\"", " a b", "X=\"$X a b\""},
    {"X=\"${X} a\"", "a", "X=\"${X}a\""},
    {"X=$X", "a", NULL},
    {"X=$X\"\"", "a", "X=$X\"a\""},
    {"X=\"$ a\"", "$a", NULL},
    {"X=\"\\$ a\"", "$a", "X=\"\\$a\""},
    {"X=\"a\\ $Y\"", "a\\$Y", NULL},
    {"X=\"a\\ b\"", "a\\b", "X=\"a\\b\""},
    {"X=~/a", "~/a b", NULL},
    {"X='~/a'", "~/a b", "X='~/a b'"},
};

START_TEST(rewrites)
{
    const struct rewriting *t = &rewritings[_i];
    struct splices list = {.count = 0};
    const struct shell_assignment *a;
    AUTO_BUF after = BUF_INIT;
    struct shell_file file;
    int status;

    read_text(&file, t->text);
    ck_assert_uint_gt(file.assignments, 0);
    a = &file.assignment[file.assignments - 1];
    status = shell_rewrite(&a->run[a->runs - 1], t->value, &list);
    ck_assert_int_eq(status, t->after ? 0 : -EINVAL);
    if (status < 0)
        ck_assert_uint_eq(list.count, 0);
    for (size_t i = 1; i < list.count; i++) /* what adjoins is one splice */
        ck_assert_uint_gt(list.splice[i].begin, list.splice[i - 1].end);
    ck_assert_int_eq(splices_apply(&list, t->text, strlen(t->text), &after), 0);
    shell_clear(&file);
    if (t->after) {
        ck_assert_str_eq(after.data, t->after);
        read_text(&file, after.data);
        a = &file.assignment[file.assignments - 1];
        ck_assert_str_eq(a->run[a->runs - 1].text, t->value);
        shell_clear(&file);
    }
    splices_clear(&list);
}
END_TEST

START_TEST(refuses_bad_splices)
{
    static const size_t bad[][4] = {{2, 1, 3, 3}, {0, 2, 1, 3}, {0, 0, 3, 5}};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct splices list = {.count = 0};
        AUTO_BUF after = BUF_INIT;

        ck_assert_int_eq(splices_add(&list, bad[i][0], bad[i][1], "a"), 0);
        ck_assert_int_eq(splices_add(&list, bad[i][2], bad[i][3], "b"), 0);
        ck_assert_int_eq(splices_apply(&list, "1234", 4, &after), -EINVAL);
        splices_clear(&list);
    }
}
END_TEST

/* --- everything together */

int main(void)
{
    TCase *shell = tcase_create("shells"), *pure = tcase_create("pure");

    tcase_add_checked_fixture(shell, scratch_setup, scratch_teardown);
    tcase_add_loop_test(shell, edits, 0, ARRAY_LEN(forms));
    tcase_add_loop_test(shell, refuses, 0, ARRAY_LEN(refusals));
    tcase_add_loop_test(pure, reads, 0, ARRAY_LEN(readings));
    tcase_add_test(pure, refuses_nul);
    tcase_add_test(pure, refuses_depth);
    tcase_add_test(pure, tells_open_end);
    tcase_add_loop_test(pure, rewrites, 0, ARRAY_LEN(rewritings));
    tcase_add_test(pure, refuses_bad_splices);
    return run_suite("shell_words", (TCase *[]){pure, shell, NULL});
}
