#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every shell script of the project, bats files too, passes shellcheck.
. "$(dirname "$0")/tools.sh"
need shellcheck

scripts() {
    local file
    project_files | grep -v '^fixtures/' | while read -r file; do
        case $file in
        *.bats | *.bash | *.sh) echo "$file" ;;
        *) head -n 1 "$file" 2>/dev/null | grep -aqE '^#!.*[/ ](ba|da)?sh( |$)' && echo "$file" ;;
        esac
    done
}
scripts | xargs shellcheck --external-sources --source-path=SCRIPTDIR
