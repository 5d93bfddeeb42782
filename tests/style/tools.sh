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

# The project's files, ours to style: what git knows, or, in a tarball, what is there.
project_files() {
    git ls-files --cached --others --exclude-standard 2>/dev/null || find . -type f | sed 's,^\./,,'
}

c_files() { project_files | grep -E '^(src|tests)/.*\.[ch]$'; }
