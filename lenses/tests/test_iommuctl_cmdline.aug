(* SPDX-License-Identifier: LGPL-2.1-or-later *)
(* What Iommuctl_Cmdline makes of files of arguments, and that a put changes what was set
   alone. *)
module Test_Iommuctl_Cmdline =

  let lns = Iommuctl_Cmdline.lns

  (* --- get *)

  test lns get "root=/dev/sda1 ro  quiet \n" = { "arguments" = "root=/dev/sda1 ro  quiet " }

  test lns get "a\n\n \t\r\n  b c\r\n" =
    { "arguments" = "a" } { "#line" = "" } { "#line" = " \t\r" } { "arguments" = "  b c\r" }

  (* a comment only at the beginning of a line *)
  test lns get "# a\n \t# b\nc # d\n#\n" =
    { "#line" = "# a" } { "#line" = " \t# b" } { "arguments" = "c # d" } { "#line" = "#" }

  (* neither quotes nor backslashes part lines *)
  test lns get "a=\"b\nc\" \\\nd\n" =
    { "arguments" = "a=\"b" } { "arguments" = "c\" \\" } { "arguments" = "d" }

  (* a byte order mark is part of the first argument *)
  test lns get "﻿a\n" = { "arguments" = "﻿a" }

  test lns get "a" = *

  (* --- put *)

  test lns put "a\n# c\n b \n" after set "/arguments[2]" " b f " = "a\n# c\n b f \n"
  test lns put "a\r\n" after set "/arguments" "a f\r" = "a f\r\n"

  test lns put "a\n" after set "/arguments" "a\nb" = *
  test lns put "a\n" after set "/arguments" "" = *
  test lns put "a\n" after set "/arguments" "# a" = *
