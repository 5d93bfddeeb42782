# SPDX-License-Identifier: LGPL-2.1-or-later
# Completion against the tables of src/cli/options.c, read here by other means than --help.

load helpers

# The commands, and the options that a command takes, out of the C source.
table() { # commands | options COMMAND
    python3 - "$SOURCE/src/cli/options.c" "$@" <<'END'
import re, sys
text = open(sys.argv[1]).read()
commands = re.findall(r'^    \{"([a-z]+)", ACTION_', text, re.M)
if sys.argv[2] == "commands":
    print("\n".join(commands))
    sys.exit()
macros = {m[0]: m[1] for m in re.findall(r"^#define ([A-Z]+) (.*)$", text, re.M)}
def members(expression):
    found = set(re.findall(r"ACTION_([A-Z]+)", expression))
    for name in re.findall(r"\b[A-Z]+\b", re.sub(r"ACTION_[A-Z]+", "", expression)):
        if name in macros:
            found |= members(macros[name])
    return found
rows = re.findall(r'\{\.name = "([a-z-]+)",(.*?)\.commands = ([A-Z |]+),', text, re.S)
assert len(rows) > 20
for name, between, who in rows:
    if sys.argv[3].upper() in members(who):
        print("--" + name)
        for letter in re.findall(r"\.letter = '(.)'", between):
            print("-" + letter)
END
}

bash_completes() { # WORD...: what bash offers for the last of them
    bash --norc -c '
        source "$1"
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        compopt() { :; }
        _iommuctl
        printf "%s\n" "${COMPREPLY[@]}"' - "$CONTRIB/completion/iommuctl" "$@" | sort
}

@test "completion: bash offers the commands" {
    diff <(table commands | sort) <(bash_completes "$IOMMUCTL" "")
    diff <(table commands | grep ^e) <(bash_completes "$IOMMUCTL" --json e)
}

@test "completion: bash offers the options that each command takes, and no others" {
    local command
    for command in $(table commands); do
        diff <(table options "$command" | sort) <(bash_completes "$IOMMUCTL" "$command" -)
    done
}

@test "completion: bash offers values" {
    mkdir -p "$BATS_TEST_TMPDIR/some/where"
    cd "$BATS_TEST_TMPDIR"
    [ "$(bash_completes "$IOMMUCTL" enable --vendor '' | xargs)" = "amd auto both intel" ]
    [ "$(bash_completes "$IOMMUCTL" enable --vendor i)" = intel ]
    [ "$(bash_completes "$IOMMUCTL" enable --kernel D)" = DEFAULT ]
    [ "$(bash_completes "$IOMMUCTL" --root so)" = some ]
    [ "$(bash_completes "$IOMMUCTL" --state some/)" = some/where ]
    [ -z "$(bash_completes "$IOMMUCTL" enable --wait '')" ]
}

@test "completion: bash loads it for iommuctl without a word" {
    run bash --norc -c 'set -u; source "$1"; complete -p iommuctl' - "$CONTRIB/completion/iommuctl"
    exits 0
    [ "$output" = "complete -F _iommuctl iommuctl" ]
}

zsh_completes() { # WORDS
    zsh -f "$FLEET/zsh-completes" "$CONTRIB/completion" "${IOMMUCTL%/*}" "$1" | sort
}

@test "completion: zsh offers commands, options and values" {
    need zsh
    local command
    [ "$(basename "$IOMMUCTL")" = iommuctl ]
    diff <(table commands | sort) <(zsh_completes "iommuctl ")
    for command in $(table commands); do
        diff <(table options "$command" | grep '^--' | sort) <(zsh_completes "iommuctl $command --")
    done
    [ "$(zsh_completes "iommuctl enable --vendor " | xargs)" = "amd auto both intel" ]
    [ "$(zsh_completes "iommuctl --json enable --kernel D")" = DEFAULT ]
}
