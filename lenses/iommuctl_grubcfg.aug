(* SPDX-License-Identifier: LGPL-2.1-or-later

Module: Iommuctl_Grubcfg
  Scripts of GRUB 2: grub.cfg, custom.cfg.

About: Shape
  One node for each logical line (a backslash before the newline continues it, carriage
  returns between them or not), in the order of the file, with no nesting. A line that
  begins with a word and a blank is a node of that name, its value all that follows the
  blanks, raw. Every other line is "#line" and holds all of it: comments, blank lines, "}",
  a word alone, assignments.

  Nothing is refused but a text that does not end in a newline. Blocks and quotes are for a
  reader of GRUB's grammar (GRUB manual, "Writing full configuration files directly").
*)
module Iommuctl_Grubcfg =

  let eol = del /\n/ "\n"

  (* a backslash with what it takes along, a newline too; GRUB drops carriage returns *)
  let escape = /\\\\\r*[^\r\n]|\\\\\r*\n/

  let atom = /[^\\\n]/ | escape

  let word = /[A-Za-z_][A-Za-z0-9_]*/

  let command = [ del /[ \t]*/ "" . key word . del /[ \t]+/ " "
                . store ( ( /[^\\ \t\n]/ | escape ) . atom* ) . eol ]

  let line = [ label "#line"
             . store ( /[ \t]*/
                     | /[ \t]*/ . ( /[^\\A-Za-z_ \t\n]/ | escape ) . atom*
                     | /[ \t]*/ . word . /[ \t]*/
                     | /[ \t]*/ . word . ( /[^\\A-Za-z0-9_ \t\n]/ | escape ) . atom* )
             . eol ]

  let lns = ( command | line )*
