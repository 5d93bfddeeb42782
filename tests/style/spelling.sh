#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# No common misspelling in what people read; .codespellrc names the exceptions.
. "$(dirname "$0")/tools.sh"
need codespell
project_files |
    grep -Ev '^(fixtures/.*/((root|expect|sys|proc)/|disks$)|tests/cli/defaults/|tests/fuzz/corpus/|COPYING$)' |
    xargs codespell
