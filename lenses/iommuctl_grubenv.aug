(* SPDX-License-Identifier: LGPL-2.1-or-later

Module: Iommuctl_Grubenv
  GRUB 2's environment block (grubenv), with a newline behind its last line.

About: Shape
  One node for each logical line, in the order of the file, with no nesting. NAME=VALUE is a
  node of that name, its value raw: a backslash stands before each backslash and newline that
  is part of it, as the block has them. Every other line is "#line": the signature, warnings,
  the padding.

  Nothing is refused but a text that does not end in a newline, or a backslash before it.
  That the block has its signature, size and padding is for the program that reads the tree.
*)
module Iommuctl_Grubenv =

  let eol = del /\n/ "\n"

  let atom = /[^\\\n]/ | /\\\\[^\n]/ | /\\\\\n/

  let name = /[A-Za-z_][A-Za-z0-9_.-]*/

  let variable = [ key name . del /=/ "=" . store atom* . eol ]

  let line = [ label "#line"
             . store ( ""
                     | ( /[^A-Za-z_\\\n]/ | /\\\\[^\n]/ | /\\\\\n/ ) . atom*
                     | name
                     | name . ( /[^A-Za-z0-9_.=\\\n-]/ | /\\\\[^\n]/ | /\\\\\n/ ) . atom* )
             . eol ]

  let lns = ( variable | line )*
