(* SPDX-License-Identifier: LGPL-2.1-or-later *)
(* What Iommuctl_Defaults makes of shell files, and that a put changes what was set alone. *)
module Test_Iommuctl_Defaults =

  let lns = Iommuctl_Defaults.lns

  (* --- get *)

  test lns get "GRUB_CMDLINE_LINUX=\"quiet splash\"\n" =
    { "GRUB_CMDLINE_LINUX" = "\"quiet splash\"" }

  test lns get "# a\n\n  \t\nX=1\n" =
    { "#line" = "# a" } { "#line" = "" } { "#line" = "  \t" } { "X" = "1" }

  (* raw: quotes, comments, carriage returns and blanks behind *)
  test lns get "X='a b' # c\r\n\tY=\"a\\\"b\\$c\"   \r\n" =
    { "X" = "'a b' # c\r" } { "Y" = "\"a\\\"b\\$c\"   \r" }

  (* nothing assigned *)
  test lns get "X=\nY= \n" = { "X" = "" } { "Y" = " " }

  (* no NAME= at the beginning: the whole line *)
  test lns get "export X=1\nX+=2\nX =3\nX\n-X=1\n1X=1\nfi\n" =
    { "#line" = "export X=1" } { "#line" = "X+=2" } { "#line" = "X =3" } { "#line" = "X" }
    { "#line" = "-X=1" } { "#line" = "1X=1" } { "#line" = "fi" }

  (* a value over several lines is a node and the lines behind it *)
  test lns get "X=\"a \\\n b\nc\"\nY=1\n" =
    { "X" = "\"a \\" } { "#line" = " b" } { "#line" = "c\"" } { "Y" = "1" }

  (* several on a line, commands behind an assignment: all of it is the first one's value *)
  test lns get "A=1 B=2\nA=1 command\nX=$(date)\nX=(a b)\n" =
    { "A" = "1 B=2" } { "A" = "1 command" } { "X" = "$(date)" } { "X" = "(a b)" }

  (* a byte order mark is part of the first word *)
  test lns get "﻿X=1\n" = { "#line" = "﻿X=1" }

  (* a here-document looks like assignments, and is told from them by the shell's reader *)
  test lns get "cat <<E\nX=1\nE\n" = { "#line" = "cat <<E" } { "X" = "1" } { "#line" = "E" }

  test lns get "if true; then\n\tX=\"$X y\"\nfi\n" =
    { "#line" = "if true; then" } { "X" = "\"$X y\"" } { "#line" = "fi" }

  test lns get "X==\n=X\n==\nX=a=b\n" =
    { "X" = "=" } { "#line" = "=X" } { "#line" = "==" } { "X" = "a=b" }

  (* only the last newline may not be missing *)
  test lns get "X=1" = *

  (* --- put *)

  test lns put "# a\n  X=1 # b\nY=2\n" after set "/X" "\"1 2\" # b" =
    "# a\n  X=\"1 2\" # b\nY=2\n"

  (* equal names keep their own indentation *)
  test lns put "X=1\n\tX=2\n  X=3\n" after set "/X[2]" "9" = "X=1\n\tX=9\n  X=3\n"

  test lns put "export X=1\r\n" after set "/#line" "export X=\"1 2\"\r" = "export X=\"1 2\"\r\n"

  test lns put "X=\"a \\\n b\"\n" after set "/#line" " b c\"" = "X=\"a \\\n b c\"\n"

  test lns put "X=\n" after set "/X" "a" = "X=a\n"

  (* what iommuctl adds: a comment and an assignment behind the last line *)
  test lns put "X=1\n" after
      set "/#line[last()+1]" "# c"; set "/Y[last()+1]" "\"f\"" = "X=1\n# c\nY=\"f\"\n"

  test lns put "" after set "/#line[last()+1]" "# c"; set "/Y[last()+1]" "\"f\"" =
    "# c\nY=\"f\"\n"

  test lns put "X=1\n# c\nY=2\n" after rm "/#line"; rm "/Y" = "X=1\n"

  (* a value that would become two lines, or a name that is none, is refused *)
  test lns put "X=1\n" after set "/X" "a\nb" = *
  test lns put "X=1\n" after set "/1Y[last()+1]" "a" = *
