(* SPDX-License-Identifier: LGPL-2.1-or-later

Module: Iommuctl_Syslinux
  Menus of Syslinux and its kin: extlinux.conf, syslinux.cfg, and what they include.

About: Shape
  One node for each physical line, in the order of the file, with no nesting. A line that
  begins with a word and a blank or tab is a node of that name, in the letters that it is
  written in (the loader minds no case); its value is all that follows the blanks, raw:
  quotes, trailing blanks and carriage returns as they stand, and it may be empty. Every
  other line is "#line" and holds all of it: comments, blank lines, a word alone.

  Nothing is refused but a text that does not end in a newline. No line goes on in the
  next one. Which LABEL a line belongs to, and that what stands between TEXT HELP and
  ENDTEXT is no command, is for the program that reads the tree.
*)
module Iommuctl_Syslinux =

  let eol = del /\n/ "\n"

  let word = /[A-Za-z][A-Za-z0-9]*/

  let pair = [ del /[ \t]*/ "" . key word . del /[ \t]+/ " "
             . store /([^ \t\n][^\n]*)?/ . eol ]

  let line = [ label "#line"
             . store ( /[ \t]*/
                     | /[ \t]*[^A-Za-z \t\n][^\n]*/
                     | /[ \t]*/ . word
                     | /[ \t]*/ . word . /[^A-Za-z0-9 \t\n][^\n]*/ )
             . eol ]

  let lns = ( pair | line )*
