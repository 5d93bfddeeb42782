(* SPDX-License-Identifier: LGPL-2.1-or-later
   What the lens makes of a menu, and that putting a value changes nothing else. *)
module Test_Iommuctl_Menu =

let lns = Iommuctl_Menu.lns

(* ---- an ordinary menu, and all bytes where they were *)

let menu = "# a comment
default=0

title\tLinux (2.6.32)
\troot (hd0,0)
\tkernel /vmlinuz-2.6.32 ro root=/dev/sda1  rhgb\tquiet
\tinitrd /initrd.img
"

test lns get menu =
  { "#comment" = "# a comment" }
  { "default" = "0" }
  { "#empty" = "" }
  { "title" = "Linux (2.6.32)" }
  { "root" = "(hd0,0)" }
  { "kernel" = "/vmlinuz-2.6.32 ro root=/dev/sda1  rhgb\tquiet" }
  { "initrd" = "/initrd.img" }

test lns put menu after set "/kernel" "/vmlinuz-2.6.32 ro root=/dev/sda1  rhgb\tquiet x=y" =
"# a comment
default=0

title\tLinux (2.6.32)
\troot (hd0,0)
\tkernel /vmlinuz-2.6.32 ro root=/dev/sda1  rhgb\tquiet x=y
\tinitrd /initrd.img
"

test lns get "\n" = { "#empty" = "" }

(* ---- what stands between a word and its value *)

test lns get "kernel=/vmlinuz ro\n" = { "kernel" = "/vmlinuz ro" }
test lns get "kernel = /vmlinuz ro\n" = { "kernel" = "/vmlinuz ro" }
test lns get "kernel\t==\t= /vmlinuz root=x\n" = { "kernel" = "/vmlinuz root=x" }
test lns get "  \t title   a  b \t\n" = { "title" = "a  b \t" }
test lns get "kernel \r /vmlinuz ro\n" = { "kernel" = "/vmlinuz ro" }
test lns get "\r \rkernel /vmlinuz\n" = { "kernel" = "/vmlinuz" }

test lns put "kernel=/vmlinuz ro\n" after set "/kernel" "/vmlinuz ro x" =
  "kernel=/vmlinuz ro x\n"
test lns put "\t kernel \t=\t /vmlinuz ro\n" after set "/kernel" "/v" =
  "\t kernel \t=\t /v\n"
test lns put "\r \rkernel\r =\r/vmlinuz ro\n" after set "/kernel" "/v" =
  "\r \rkernel\r =\r/v\n"
test lns put "a  1\nb\t=2\n\tc= 3\n" after set "/b" "two" = "a  1\nb\t=two\n\tc= 3\n"
test lns put "k  1\nk\t=2\n\tk= 3\n" after set "/k[2]" "two" = "k  1\nk\t=two\n\tk= 3\n"

(* ---- carriage returns: at the end they belong to the value *)

test lns get "title a\r\nkernel /v ro\r\n\r\n# c\r\nboot\r\n" =
  { "title" = "a\r" }
  { "kernel" = "/v ro\r" }
  { "#empty" = "\r" }
  { "#comment" = "# c\r" }
  { "boot" }

test lns put "title a\r\n\tkernel=/v ro\r\n\r\n# c\r\nboot\r\n"
  after set "/kernel" "/v ro x\r" =
  "title a\r\n\tkernel=/v ro x\r\n\r\n# c\r\nboot\r\n"

test lns get "kernel /v r\ro \r\r\n" = { "kernel" = "/v r\ro \r\r" }

(* CRs alone part nothing: the loader drops them, and the word runs on *)
test lns get "kern\rel /v\n" = { "#other" = "kern\rel /v" }
test lns get " kernel\r/v\r\n" = { "#other" = " kernel\r/v\r" }
test lns get "kernel\r\\\n/v\n" = { "#other" = "kernel\r\\\n/v" }
test lns get "kernel\r\r=\r/v\n" = { "kernel" = "/v" }

(* ---- continuations: a backslash, CRs or none, and the newline *)

test lns get "kernel /v ro \\\n  quiet\ninitrd /i\n" =
  { "kernel" = "/v ro \\\n  quiet" }
  { "initrd" = "/i" }
test lns get "kernel /v ro \\\r\r\n  quiet \\\r\n\tx\r\n" =
  { "kernel" = "/v ro \\\r\r\n  quiet \\\r\n\tx\r" }
test lns get "kernel \\\n\t/v ro\n" = { "kernel" = "\\\n\t/v ro" }
test lns get "kernel /v \\\n\\\n\\\nro\n" = { "kernel" = "/v \\\n\\\n\\\nro" }
test lns get "kernel /v ro\\\\\nquiet\n" = { "kernel" = "/v ro\\\\\nquiet" }
test lns get "kernel /v \\ ro \\\\ x\\r\n" = { "kernel" = "/v \\ ro \\\\ x\\r" }
test lns get "kernel /v ro\\\n\nx\n" =
  { "kernel" = "/v ro\\\n" }
  { "x" }
test lns get "kernel\\\n /v\ntitle\\ x\n" =
  { "#other" = "kernel\\\n /v" }
  { "#other" = "title\\ x" }
test lns get "kernel \\\n\n" = { "kernel" = "\\\n" }

test lns put "title a\n\tkernel  /v ro \\\r\n\t quiet\r\n\tinitrd /i\n"
  after set "/kernel" "/v ro \\\r\n\t quiet x=y\r" =
  "title a\n\tkernel  /v ro \\\r\n\t quiet x=y\r\n\tinitrd /i\n"
test lns put "kernel /v ro\\\\\nquiet\nboot\n" after set "/kernel" "/v ro\\\\\nquiet x" =
  "kernel /v ro\\\\\nquiet x\nboot\n"
test lns put "kernel /v ro \\\n  quiet\nboot\n" after set "/kernel" "/v" =
  "kernel /v\nboot\n"

(* ---- comments, which a backslash continues too *)

test lns get "# one \\\nkernel /v\nboot\n" =
  { "#comment" = "# one \\\nkernel /v" }
  { "boot" }
test lns get "\t # a # b\\\r\n# c\n#\n##\n" =
  { "#comment" = "\t # a # b\\\r\n# c" }
  { "#comment" = "#" }
  { "#comment" = "##" }
test lns get "kernel /v # no comment\nboot#\n" =
  { "kernel" = "/v # no comment" }
  { "#other" = "boot#" }
test lns get "kernel #1\n" = { "kernel" = "#1" }
test lns get "# kopt=root=/dev/sda1 ro\n" = { "#comment" = "# kopt=root=/dev/sda1 ro" }

test lns put "## x\n# kopt=ro\n# kopt_2_6=ro quiet\n" after
    set "/#comment[2]" "# kopt=ro x=y" =
  "## x\n# kopt=ro x=y\n# kopt_2_6=ro quiet\n"

(* ---- commands without arguments *)

test lns get "boot\n" = { "boot" }
test lns get "\thiddenmenu \t\r\n" = { "hiddenmenu" }
test lns get "kernel=\nkernel = =\n" = { "kernel" } { "kernel" }
test lns get "lock\nquiet \nkernel\t/v\n" = { "lock" } { "quiet" } { "kernel" = "/v" }

test lns put "\tlock \r\nkernel /v\nquiet\t\n" after set "/kernel" "/v x" =
  "\tlock \r\nkernel /v x\nquiet\t\n"

(* ---- lines that begin with something else *)

test lns get "\xef\xbb\xbftitle a\nkernel /v\n" =
  { "#other" = "\xef\xbb\xbftitle a" }
  { "kernel" = "/v" }
test lns get "(hd0,0)/grub\n  =x\n\"title\" a\n0\n\\\n\n" =
  { "#other" = "(hd0,0)/grub" }
  { "#other" = "  =x" }
  { "#other" = "\"title\" a" }
  { "#other" = "0" }
  { "#other" = "\\\n" }
test lns get "kernel/v ro\ntitle:a\nkernel\"/v\" x\n" =
  { "#other" = "kernel/v ro" }
  { "#other" = "title:a" }
  { "#other" = "kernel\"/v\" x" }
test lns get "sub-menu_2 a\nKernel /v\n" = { "sub-menu_2" = "a" } { "Kernel" = "/v" }
test lns get "1title a\n-x\n_y z\n" =
  { "#other" = "1title a" }
  { "#other" = "-x" }
  { "#other" = "_y z" }

test lns put "\xef\xbb\xbftitle a\r\n0 \\\n x\nkernel /v\n" after set "/kernel" "/v x" =
  "\xef\xbb\xbftitle a\r\n0 \\\n x\nkernel /v x\n"

(* ---- bytes that are no UTF-8, quotes, empty lines of blanks *)

test lns get "title Caf\xe9 \xff\x80\nkernel /v \"a b\" c='d\n" =
  { "title" = "Caf\xe9 \xff\x80" }
  { "kernel" = "/v \"a b\" c='d" }
test lns put "title Caf\xe9\n\xa0 x\nkernel /v \xc3\n" after set "/kernel" "/v \xc3 x" =
  "title Caf\xe9\n\xa0 x\nkernel /v \xc3 x\n"
test lns get "kernel /v a\x01b\x1b[0m\x7f\n" = { "kernel" = "/v a\x01b\x1b[0m\x7f" }
test lns get " \t\n\r\n\t\r \n\n" =
  { "#empty" = " \t" }
  { "#empty" = "\r" }
  { "#empty" = "\t\r " }
  { "#empty" = "" }
test lns put " \t\nkernel /v\n\t\r\n\n" after set "/kernel" "/w" = " \t\nkernel /w\n\t\r\n\n"
test lns get "\x0bkernel /v\n" = { "#other" = "\x0bkernel /v" }

(* ---- a huge value *)

let times8 (s:string) = s . s . s . s . s . s . s . s
let huge = times8 (times8 (times8 (times8 "0123456 89abcde ")))

test lns put ("title =a\nkernel\t" . huge . "\n") after set "/title" "b" =
  ("title =b\nkernel\t" . huge . "\n")
test lns put ("# " . huge . "\nkernel /v\n") after set "/kernel" "/w" =
  ("# " . huge . "\nkernel /w\n")

(* ---- nothing is refused but a text that does not end its last line *)

test lns get "kernel /v" = *
test lns get "boot\n# c" = *
test lns get "kernel /v \\\n" = *
test lns get "# c\\\n" = *
test lns get " " = *

(* ---- a value that would break the line apart is not put *)

test lns put "kernel /v\nboot\n" after set "/kernel" "/v\nroot (hd0)" = *
test lns put "kernel /v\nboot\n" after set "/kernel" "/v\\" = *
test lns put "kernel /v\nboot\n" after set "/kernel" " /v" = *
test lns put "kernel /v\nboot\n" after set "/kernel" "=/v" = *
test lns put "# c\n" after set "/#comment" "kernel /v" = *
test lns put "# c\n" after set "/#comment" "# c\nkernel /v" = *
