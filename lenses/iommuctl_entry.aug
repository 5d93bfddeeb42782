(* SPDX-License-Identifier: LGPL-2.1-or-later

Module: Iommuctl_Entry
  Loader entries (UAPI.1, "Boot Loader Specification", type 1): /boot/loader/entries/*.conf.

About: Shape
  One node for each physical line, in the order of the file, with no nesting. A line that
  begins with a key and a blank or tab is a node of that name; its value is all that follows
  the blanks, raw: quotes, variables, trailing blanks and carriage returns as they stand.
  Every other line is "#line" and holds all of it: comments, blank lines, a key alone.

  Nothing is refused but a text that does not end in a newline: the readers differ in what
  they make of odd lines (systemd-boot skips them, GRUB's blscfg stops at some), and that is
  for the program that reads the tree.
*)
module Iommuctl_Entry =

  let eol = del /\n/ "\n"

  let name = /[A-Za-z][A-Za-z0-9_-]*/

  let pair = [ del /[ \t]*/ "" . key name . del /[ \t]+/ " "
             . store /[^ \t\n][^\n]*/ . eol ]

  let line = [ label "#line"
             . store ( /[ \t]*/
                     | /[ \t]*[^A-Za-z \t\n][^\n]*/
                     | /[ \t]*/ . name . /[ \t]*/
                     | /[ \t]*/ . name . /[^A-Za-z0-9_ \t\n-][^\n]*/ )
             . eol ]

  let lns = ( pair | line )*
