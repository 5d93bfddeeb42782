(* SPDX-License-Identifier: LGPL-2.1-or-later

Module: Iommuctl_Defaults
  Files of shell assignments that are sourced: /etc/default/grub and its drop-ins.

About: Shape
  One node for each physical line, in the order of the file, with no nesting. A line that
  begins with NAME= is a node of that name; its value is all that follows the equal sign,
  raw: quotes, comments and carriage returns as they stand. Every other line is "#line" and
  holds all of it: comments, blank lines, "export NAME=...", "NAME+=...", the later lines
  of a value that runs over several.

  Nothing is refused but a text that does not end in a newline. Where a statement ends and
  what a value says is for a reader of the shell's grammar, which no lens can be.
*)
module Iommuctl_Defaults =

  let eol = del /\n/ "\n"
  let indent = del /[ \t]*/ ""

  let name = /[A-Za-z_][A-Za-z0-9_]*/

  let assignment = [ indent . key name . del /=/ "=" . store /[^\n]*/ . eol ]

  let line = [ label "#line"
             . store ( /[ \t]*/
                     | /[ \t]*[^A-Za-z_ \t\n][^\n]*/
                     | /[ \t]*/ . name
                     | /[ \t]*/ . name . /[^A-Za-z0-9_=\n][^\n]*/ )
             . eol ]

  let lns = ( assignment | line )*
