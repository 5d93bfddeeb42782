# SPDX-License-Identifier: LGPL-2.1-or-later
# Shared by the bats files here and in tests/real.

bats_require_minimum_version 1.5.0

TESTS=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
FIXTURES=$TESTS/../fixtures
ORACLE=$TESTS/oracle
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C

# The program: $IOMMUCTL, else the one built in the current directory or its parents.
find_program() {
    local dir
    [ -z "${IOMMUCTL:-}" ] || { [ -x "$IOMMUCTL" ] && return; }
    for dir in . .. ../.. "$TESTS/.."; do
        [ -f "$dir/iommuctl" ] && [ -x "$dir/iommuctl" ] || continue
        IOMMUCTL=$(cd "$dir" && pwd)/iommuctl
        return
    done
    echo "no program to test: build it, or set IOMMUCTL" >&2
    return 1
}

lay() { # FIXTURE: as $HOST, and its platform as $PLATFORM, its options as $OPTIONS
    HOST=$BATS_TEST_TMPDIR/host
    PLATFORM=$FIXTURES/platforms/$(cat "$FIXTURES/$1/platform")
    OPTIONS=()
    [ ! -f "$FIXTURES/$1/options" ] || read -ra OPTIONS <"$FIXTURES/$1/options"
    "$TESTS/cli/lay" "$1" "$HOST"
}

# Run the program on $HOST; $status, $output and $stderr are bats' own.
iommuctl() {
    run --separate-stderr "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" "$@"
}

snapshot() { # full|still|state NAME
    "$TESTS/cli/snapshot" "$1" "$HOST" >"$BATS_TEST_TMPDIR/$2.snapshot"
}

same() { # NAME NAME: two snapshots
    diff "$BATS_TEST_TMPDIR/$1.snapshot" "$BATS_TEST_TMPDIR/$2.snapshot"
}

exits() { # CODE
    [ "$status" -eq "$1" ] && return
    echo "exit $status, expected $1"
    echo "stdout: $output"
    echo "stderr: $stderr"
    return 1
}

lines_of() { # TEXT: how many lines, the last of them ended or not
    if [ -z "$1" ]; then echo 0; else printf '%s\n' "$1" | wc -l; fi
}

is_root() { [ "$(id -u)" -eq 0 ]; }

need() { # PROGRAM...
    local name
    for name; do command -v "$name" >/dev/null || skip "$name is not here"; done
}
