(* SPDX-License-Identifier: LGPL-2.1-or-later *)
(* What Iommuctl_Entry makes of loader entries, and that a put changes what was set alone. *)
module Test_Iommuctl_Entry =

  let lns = Iommuctl_Entry.lns

  (* --- get *)

  test lns get "title A B (9.4)\nversion 5.14.0\nlinux /vmlinuz\noptions root=/dev/sda1 ro  quiet\n" =
    { "title" = "A B (9.4)" } { "version" = "5.14.0" } { "linux" = "/vmlinuz" }
    { "options" = "root=/dev/sda1 ro  quiet" }

  (* variables, quotes and what else is in a value: raw *)
  test lns get "options $kernelopts $tuned_params\noptions \"a b\" c=\"d\" # e\n" =
    { "options" = "$kernelopts $tuned_params" } { "options" = "\"a b\" c=\"d\" # e" }

  (* several, with comments and blank lines between them *)
  test lns get "options a\n\n# options b\n  \t\n\toptions\t c\t\n" =
    { "options" = "a" } { "#line" = "" } { "#line" = "# options b" } { "#line" = "  \t" }
    { "options" = "c\t" }

  (* carriage returns belong to the value *)
  test lns get "title A\r\noptions a b\r\n\r\n" =
    { "title" = "A\r" } { "options" = "a b\r" } { "#line" = "\r" }

  (* a key without a value, with blanks or a carriage return behind it *)
  test lns get "options\noptions \noptions\t\t\noptions\r\noptions \r\n" =
    { "#line" = "options" } { "#line" = "options " } { "#line" = "options\t\t" }
    { "#line" = "options\r" } { "options" = "\r" }

  test lns get "grub_users $grub_users\ngrub_arg --unrestricted\nsort-key x\n" =
    { "grub_users" = "$grub_users" } { "grub_arg" = "--unrestricted" } { "sort-key" = "x" }

  (* no key: whole *)
  test lns get "options=a\n9 a\n-x a\n\"options\" a\n$x y\noptions: a\n" =
    { "#line" = "options=a" } { "#line" = "9 a" } { "#line" = "-x a" }
    { "#line" = "\"options\" a" } { "#line" = "$x y" } { "#line" = "options: a" }

  (* a backslash continues nothing *)
  test lns get "options a \\\nlinux /b\n" = { "options" = "a \\" } { "linux" = "/b" }

  (* a byte order mark, bytes that are no UTF-8 *)
  test lns get "ï»¿title A\ntitle büro ÿ€\n" = { "#line" = "ï»¿title A" } { "title" = "büro ÿ€" }

  test lns get "\n" = { "#line" = "" }
  test lns get "options a" = *

  (* --- put *)

  test lns put "linux  /v\n\toptions\t a  b \ninitrd /i\n" after set "/options" "a  b f " =
    "linux  /v\n\toptions\t a  b f \ninitrd /i\n"

  (* equal names keep their own indentation and blanks *)
  test lns put "options a\n  options  b\noptions\tc\n" after set "/options[2]" "b f" =
    "options a\n  options  b f\noptions\tc\n"

  test lns put "title ÿ\noptions Ã a\n" after set "/options" "Ã a f" =
    "title ÿ\noptions Ã a f\n"

  test lns put "options a\r\n" after set "/options" "a f\r" = "options a f\r\n"

  test lns put "options $kernelopts\n" after set "/options" "$kernelopts f" =
    "options $kernelopts f\n"

  (* what iommuctl adds: a comment and options behind the last line *)
  test lns put "linux /v\n" after
      set "/#line[last()+1]" "# c"; set "/options[last()+1]" "f" =
    "linux /v\n# c\noptions f\n"
  test lns put "" after
      set "/#line[last()+1]" "# c"; set "/options[last()+1]" "f" = "# c\noptions f\n"
  test lns put "linux /v\n# c\noptions f\nx y\n" after rm "/#line"; rm "/options" =
    "linux /v\nx y\n"

  (* a value that would become two lines, or none, and a name that is none, are refused *)
  test lns put "options a\n" after set "/options" "a\nb" = *
  test lns put "options a\n" after set "/options" "" = *
  test lns put "options a\n" after set "/9[last()+1]" "a" = *
