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
bad=0
check=(shellcheck --severity=warning --external-sources --source-path=SCRIPTDIR)
scripts | grep -vE '\.(bats|bash)$' | xargs "${check[@]}" || bad=1
# bats and the files that a bats file loads set and use variables behind shellcheck's back.
scripts | grep -E '\.(bats|bash)$' | xargs -r "${check[@]}" --exclude=SC2034,SC2154 || bad=1
exit $bad
