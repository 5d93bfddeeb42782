# SPDX-License-Identifier: LGPL-2.1-or-later
# Few file descriptors: however early or late they run out, all is old or all is new, and
# nothing is left to be settled.

load helpers

setup() { find_program; }

files() { # DIR: all that is the host's own
    (cd "$1" && find . -path ./var/lib/iommuctl -prune -o -type f -exec sha256sum {} + | sort -k2)
}

unsettled() { # a generation that is armed, or has no manifest
    grep -s '"armed"' "$HOST"/var/lib/iommuctl/*/manifest.json && return
    find "$HOST/var/lib/iommuctl" -mindepth 1 -maxdepth 1 -type d \
        ! -exec test -e '{}/manifest.json' ';' -print 2>/dev/null | grep .
}

few() { # N COMMAND...
    local n=$1
    shift
    # shellcheck disable=SC2016 # for the shell in there
    run --separate-stderr bash -c 'ulimit -n "$1" && shift && exec "$@" 3>&- 4>&-' - "$n" \
        "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" "$@"
}

whole() { # N COMMAND: from the tree "from" to "to" or back, and on
    local now
    rm -rf "$HOST"
    cp -a "$BATS_TEST_TMPDIR/from" "$HOST"
    few "$@"
    now=$(files "$HOST")
    if [ "$status" -eq 0 ]; then
        [ "$now" = "$NEW" ] || { echo "$*: exit 0, not new"; return 1; }
    elif [ "$now" != "$OLD" ] && ! { [ "$status" -eq 71 ] && [ "$now" = "$NEW" ]; }; then
        echo "$*: exit $status, a mixture: $stderr"
        return 1
    fi
    ! unsettled || { echo "$*: left that: $stderr"; return 1; }
    iommuctl "$2"
    exits 0 || return
    [ "$(files "$HOST")" = "$NEW" ]
}

both_ways() { # N...: enable and disable with each of these
    local n command
    for command in enable disable; do
        rm -rf "$BATS_TEST_TMPDIR/from"
        cp -a "$HOST" "$BATS_TEST_TMPDIR/from"
        OLD=$(files "$HOST")
        iommuctl "$command"
        exits 0
        NEW=$(files "$HOST")
        [ "$OLD" != "$NEW" ]
        for n; do whole "$n" "$command"; done
    done
}

@test "three files of GRUB 2, 4 to 40 descriptors" {
    lay ubuntu-dropins
    # the flag is off in two of the files, so that all three have to change
    sed -i 's/quiet splash/& intel_iommu=off/; s/512M-:192M/& intel_iommu=off/' \
        "$HOST/etc/default/grub" "$HOST/etc/default/grub.d/10-kdump.cfg" "$HOST/boot/grub/grub.cfg"
    # shellcheck disable=SC2046 # numbers
    both_ways $(seq 4 40)
}

@test "many loader entries" {
    local dir entry n
    lay fedora
    dir=$HOST/boot/loader/entries
    entry=$(ls "$dir"/*fc41*.conf)
    for n in $(seq 60); do cp -p "$entry" "${entry%.conf}.$n.conf"; done
    both_ways 64 100 120 128 130 132 134 136 138 140 142 144 160 190 200
}
