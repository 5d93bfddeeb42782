(* SPDX-License-Identifier: LGPL-2.1-or-later

Module: Iommuctl_Menu
  Menus of GRUB legacy (0.97): grub.conf, menu.lst.

About: Shape
  One node for each logical line, in the order of the file, with no nesting. A line that
  begins with a word is a node of that name; its value is all that follows the blanks and
  equal signs behind the word, raw: quotes, tabs, continuations and carriage returns as
  they stand. Other lines are "#comment", "#empty" or "#other" and hold the whole line.

  Nothing is refused but a text that does not end in a newline: the boot loader skips what
  it does not know, and so does this lens. What a word means, and how a value falls into
  arguments, is for the program that reads the tree.

About: Where a logical line ends
  GRUB legacy drops carriage returns anywhere and turns a backslash before a newline into a
  blank, in comments too (stage2/cmdline.c and stage2/stage2.c, get_line_from_config). So
  a newline ends the line unless a backslash stands before it, carriage returns between
  them not counted.
*)
module Iommuctl_Menu =

  (* the newline that ends a logical line *)
  let eol = del /\n/ "\n"

  (* one physical line that goes on, without what it begins with; and the last one *)
  let more = /[^\n]*\\\\\r*\n/
  let last = /([^\n]*[^\\\r\n])?\r*/

  (* what may follow the beginning of a line: FIRST is the class of its first byte, LONE
     the same less the backslash, which may not stand alone before the newline *)
  let from (first:regexp) (lone:regexp) =
      ( ( /\\\\\r*\n/ | first . /[^\n]*\\\\\r*\n/ ) . more* . last )
    | ( ( lone | first . /[^\n]*[^\\\r\n]/ ) . /\r*/ )

  let word = /[A-Za-z][A-Za-z0-9_-]*/

  let value = from /[^ \t\r=\n]/ /[^ \t\r=\n\\]/

  (* what parts a word from its value: carriage returns alone do not, being dropped *)
  let separator = /\r*[ \t=][ \t\r=]*/

  let command = [ del /[ \t\r]*/ "" . key word . del separator " " . store value . eol ]

  (* a command without arguments: a node without a value *)
  let bare = [ del /[ \t\r]*/ "" . key word . del /[ \t\r=]*/ "" . eol ]

  let comment = [ label "#comment" . store ( /[ \t\r]*#/ . more* . last ) . eol ]

  let empty = [ label "#empty" . store /[ \t\r]*/ . eol ]

  (* neither a word nor a comment, or a word that runs into something else *)
  let other = [ label "#other"
              . store ( /[ \t\r]*/
                      . ( from /[^A-Za-z# \t\r\n]/ /[^A-Za-z# \t\r\n\\]/
                        | word . from /[^A-Za-z0-9_ \t\r=\n-]/ /[^A-Za-z0-9_ \t\r=\n\\-]/
                        | word . /\r+/ . value ) )
              . eol ]

  let lns = ( command | bare | comment | empty | other )*
