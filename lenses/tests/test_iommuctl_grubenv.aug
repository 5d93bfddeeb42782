(* SPDX-License-Identifier: LGPL-2.1-or-later *)
(* What Iommuctl_Grubenv makes of environment blocks, and that a put changes what was set
   alone. *)
module Test_Iommuctl_Grubenv =

  let lns = Iommuctl_Grubenv.lns

  (* --- get *)

  test lns get "# GRUB Environment Block\nsaved_entry=a-5.14.0\nkernelopts=root=/dev/sda1 ro \n####\n" =
    { "#line" = "# GRUB Environment Block" } { "saved_entry" = "a-5.14.0" }
    { "kernelopts" = "root=/dev/sda1 ro " } { "#line" = "####" }

  (* values may be empty, hold equal signs and number signs *)
  test lns get "boot_success=\nmenu_auto_hide=1\na.b=c=d#\n#x=y\n" =
    { "boot_success" = "" } { "menu_auto_hide" = "1" } { "a.b" = "c=d#" } { "#line" = "#x=y" }

  (* escapes: a backslash takes the next byte along, a newline too *)
  test lns get "k=a\\\\\nl=b\n" = { "k" = "a\\\\" } { "l" = "b" }
  test lns get "k=a\\\nl=b\n" = { "k" = "a\\\nl=b" }
  test lns get "k=a\\b\n" = { "k" = "a\\b" }

  (* no assignment: whole *)
  test lns get "abc\n =x\n=x\n\n9=x\na b=c\n\\\nx=y\n" =
    { "#line" = "abc" } { "#line" = " =x" } { "#line" = "=x" } { "#line" = "" }
    { "#line" = "9=x" } { "#line" = "a b=c" } { "#line" = "\\\nx=y" }

  (* carriage returns, and padding that does not begin a line *)
  test lns get "k=a\r\nl=b####\n" = { "k" = "a\r" } { "l" = "b####" }

  test lns get "k=a" = *
  test lns get "k=a\\\n" = *

  (* --- put *)

  test lns put "# h\nk=a\nl=b\n##\n" after set "/k" "a f" = "# h\nk=a f\nl=b\n##\n"
  test lns put "k=a\nk=b\n" after set "/k[2]" "b f" = "k=a\nk=b f\n"
  test lns put "k=a\\\\\n" after set "/k" "a\\\\ f" = "k=a\\\\ f\n"
  test lns put "k=\n" after set "/k" "f" = "k=f\n"

  (* a value that would become two lines, or swallow the next one, is refused *)
  test lns put "k=a\n" after set "/k" "a\nb" = *
  test lns put "k=a\nl=b\n" after set "/k" "a\\" = *
