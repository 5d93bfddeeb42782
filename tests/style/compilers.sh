#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every C file compiles without a warning: gcc and clang, the oldest and the newest
# standard; once optimised and fortified, since some warnings need the flow analysis.
. "$(dirname "$0")/tools.sh"
need gcc clang pkg-config

read -ra flags < <(pkg-config --cflags augeas blkid jansson nettle check | tr '\n' ' ')
flags+=(-D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 '-DLENS_DIR="/lenses"' -Isrc -Wall -Wextra
    -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Werror)
if [ -n "${top_builddir:-}" ]; then
    flags+=(-DHAVE_CONFIG_H "-I$top_builddir")
fi

compile() { # COMPILER FLAG...
    echo "$*" >&2
    c_files | grep '\.c$' | xargs -P 2 -I{} "$@" "${flags[@]}" {}
}

bad=0
compile gcc -std=gnu99 -fsyntax-only || bad=1
compile gcc -std=gnu17 -O2 -D_FORTIFY_SOURCE=2 -S -o - >/dev/null || bad=1
compile clang -std=gnu17 -fsyntax-only || bad=1
exit $bad
