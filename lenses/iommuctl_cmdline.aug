(* SPDX-License-Identifier: LGPL-2.1-or-later

Module: Iommuctl_Cmdline
  Files that hold nothing but kernel arguments: /etc/kernel/cmdline.

About: Shape
  One node for each physical line, in the order of the file, with no nesting: "arguments"
  with all of the line, raw, or "#line" for a blank line and one that begins with "#".
  kernel-install joins all lines, and takes a comment for arguments; others skip it.

  Nothing is refused but a text that does not end in a newline.
*)
module Iommuctl_Cmdline =

  let eol = del /\n/ "\n"

  let arguments = [ label "arguments" . store /[ \t\r]*[^# \t\r\n][^\n]*/ . eol ]

  let line = [ label "#line" . store ( /[ \t\r]*/ | /[ \t\r]*#[^\n]*/ ) . eol ]

  let lns = ( arguments | line )*
