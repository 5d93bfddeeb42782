# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
# For the style tests that run a tool: start in the source tree, or be skipped by name.
set -u
export LC_ALL=C.UTF-8
cd "${top_srcdir:-$(dirname "$0")/../..}" || exit 1

need() { # TOOL...
    local tool
    for tool in "$@"; do
        if ! command -v "$tool" >/dev/null; then
            echo "$tool is missing"
            exit 77
        fi
    done
}

# The project's files, ours to style: what git knows, or, in a tarball, what is there less
# what the autotools and builds put there.
project_files() {
    if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]; then
        git ls-files --cached --others --exclude-standard --deduplicate |
            while read -r file; do [ ! -f "$file" ] || echo "$file"; done
    else
        find . -type f | sed 's,^\./,,' |
            grep -Ev '^(build|autom4te\.cache|_build|_inst)|^(configure|aclocal\.m4|Makefile(\.in)?|config\.[^/]*|libtool)$|(^|/)\.deps/|\.(o|a|log|trs)$'
    fi
}

c_files() { project_files | grep -E '^(src|tests)/.*\.[ch]$'; }
