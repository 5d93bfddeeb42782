(* SPDX-License-Identifier: LGPL-2.1-or-later *)
(* What Iommuctl_Grubcfg makes of GRUB 2's scripts, and that a put changes what was set
   alone. *)
module Test_Iommuctl_Grubcfg =

  let lns = Iommuctl_Grubcfg.lns

  (* --- get *)

  test lns get "menuentry 'A' --class x {\n\tlinux\t/vmlinuz root=/dev/sda1 ro  quiet\n}\n" =
    { "menuentry" = "'A' --class x {" }
    { "linux" = "/vmlinuz root=/dev/sda1 ro  quiet" }
    { "#line" = "}" }

  (* raw: trailing blanks, quotes, comments, carriage returns *)
  test lns get "linux /v ro  \nlinux16 /v 'a b' \"c\" # d\r\n" =
    { "linux" = "/v ro  " } { "linux16" = "/v 'a b' \"c\" # d\r" }

  (* words alone, comments, assignments, blank lines: whole *)
  test lns get "fi\n\t \n### BEGIN /etc/grub.d/10_linux ###\nx=1\n  }  \nboot \t\n" =
    { "#line" = "fi" } { "#line" = "\t " } { "#line" = "### BEGIN /etc/grub.d/10_linux ###" }
    { "#line" = "x=1" } { "#line" = "  }  " } { "#line" = "boot \t" }

  (* a backslash takes the newline along; two of them do not *)
  test lns get "linux /v a \\\n  b\ninitrd /i\n" =
    { "linux" = "/v a \\\n  b" } { "initrd" = "/i" }
  test lns get "linux /v a\\\\\nboot x\n" = { "linux" = "/v a\\\\" } { "boot" = "x" }
  test lns get "linux \\\n/v\n" = { "linux" = "\\\n/v" }
  test lns get "lin\\\nux /v\n" = { "#line" = "lin\\\nux /v" }
  test lns get "# a \\\nb c\nd e\n" = { "#line" = "# a \\\nb c" } { "d" = "e" }
  test lns get "\\\n\\\n\n" = { "#line" = "\\\n\\\n" }

  (* carriage returns between a backslash and what it takes along *)
  test lns get "linux /v a \\\r\n  b\r\ninitrd /i\r\n" =
    { "linux" = "/v a \\\r\n  b\r" } { "initrd" = "/i\r" }
  test lns get "linux /v a\\\r\\\r\nboot x\n" =
    { "linux" = "/v a\\\r\\\r" } { "boot" = "x" }
  test lns get "\\\r\r\n\\\r \n" = { "#line" = "\\\r\r\n\\\r " }
  test lns get "linux /v \\\r\n" = *

  (* all on one line *)
  test lns get "menuentry \"x\" { linux /v ro; initrd /i; }\n" =
    { "menuentry" = "\"x\" { linux /v ro; initrd /i; }" }

  test lns get "if [ x$a = xy ]; then\n  set default=\"${b}\"\nelse\nfi\n" =
    { "if" = "[ x$a = xy ]; then" } { "set" = "default=\"${b}\"" } { "#line" = "else" }
    { "#line" = "fi" }

  (* words that run into something else *)
  test lns get "linux=/v\nlinux-x /v\n$x y\n${x} y\n'linux' /v\n9 x\n" =
    { "#line" = "linux=/v" } { "#line" = "linux-x /v" } { "#line" = "$x y" }
    { "#line" = "${x} y" } { "#line" = "'linux' /v" } { "#line" = "9 x" }

  (* bytes that are no UTF-8, a byte order mark *)
  test lns get "ï»¿linux /v\nmenuentry 'éÿ' {\n" =
    { "#line" = "ï»¿linux /v" } { "menuentry" = "'éÿ' {" }

  test lns get "linux /v" = *
  test lns get "linux /v \\\n" = *

  (* --- put *)

  test lns put "\tlinux\t/v  ro \n\tinitrd\t/i\n" after set "/linux" "/v  ro f " =
    "\tlinux\t/v  ro f \n\tinitrd\t/i\n"

  (* equal names keep their own indentation and blanks *)
  test lns put "linux /a\n\tlinux\t/b\n    linux  /c\n" after set "/linux[2]" "/b f" =
    "linux /a\n\tlinux\t/b f\n    linux  /c\n"

  test lns put "linux /v a \\\n  b\r\n" after set "/linux" "/v a f \\\n  b\r" =
    "linux /v a f \\\n  b\r\n"

  test lns put "menuentry 'x' { linux /v; }\n" after
      set "/menuentry" "'x' { linux /v f; }" = "menuentry 'x' { linux /v f; }\n"

  test lns put "# c\nx=1\n}\n" after set "/#line[2]" "x=2" = "# c\nx=2\n}\n"

  (* a value that would become two lines, or swallow the next one, is refused *)
  test lns put "linux /v\nboot x\n" after set "/linux" "/v\nboot" = *
  test lns put "linux /v\nboot x\n" after set "/linux" "/v \\" = *
