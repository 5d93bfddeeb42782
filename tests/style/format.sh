#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The C sources are formatted as .clang-format says. clang-format's opinions change from
# one major version to the next: 14 is the one that the tree is formatted with.
. "$(dirname "$0")/tools.sh"

formatter=
for name in clang-format-14 clang-format; do
    if command -v $name >/dev/null && $name --version | grep -q 'version 14\.'; then
        formatter=$name
        break
    fi
done
if [ -z "$formatter" ]; then
    echo "clang-format 14 is missing"
    exit 77
fi
c_files | xargs "$formatter" --dry-run --Werror
