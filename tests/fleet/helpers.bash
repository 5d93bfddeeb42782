# SPDX-License-Identifier: LGPL-2.1-or-later
# Shared by the bats files here.

bats_require_minimum_version 1.5.0

FLEET=$(cd "${BASH_SOURCE[0]%/*}" && pwd)
TESTS=${FLEET%/*}
SOURCE=${srcdir:-$TESTS/..}
SOURCE=$(cd "$SOURCE" && pwd)
BUILD=$(cd "${builddir:-.}" && pwd)
FIXTURES=$SOURCE/fixtures
CONTRIB=$SOURCE/contrib
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL=C.UTF-8 LANGUAGE=C
unset srcdir top_srcdir top_builddir MAKEFLAGS MFLAGS

need() { # PROGRAM...
    local name
    for name; do command -v "$name" >/dev/null || skip "$name is not here"; done
}
need_full() { [ "${FLEET_LENGTH-}" = full ] || skip "only in the full run"; }
need_root() { [ "$(id -u)" -eq 0 ] || skip "needs root"; }
is_full() { [ "${FLEET_LENGTH-}" = full ]; }

figure() { echo "# figure: $*" >&3; }

exits() { # CODE, after bats' run
    [ "$status" -eq "$1" ] && return
    echo "exit $status, expected $1"
    echo "$output"
    return 1
}

# A host below $1, GRUB legacy if not told otherwise, for --platform $PLATFORM.
lay_host() { # DIR [FIXTURE]
    "$TESTS/cli/lay" "${2-rhel6-bios}" "$1"
}
PLATFORM=$FIXTURES/platforms/intel-dmar
MENU=boot/grub/grub.conf
BEFORE=$FIXTURES/rhel6-bios/root/$MENU
AFTER=$FIXTURES/rhel6-bios/expect/enabled/$MENU

is_enabled() { cmp "$1/$MENU" "$AFTER"; }
is_original() { cmp "$1/$MENU" "$BEFORE"; }

# Everything below DIR that a write would change: inodes, times, modes, sizes.
marks() { # DIR
    (cd "$1" && find . -exec stat -c '%n %i %Y %Z %a %s' {} + | sort)
}

# Debian's PACKAGE unpacked into a directory of its own, its path printed: for programs that
# must not be installed, since they start services or take a machine over.
unpacked() { # PACKAGE
    local place=$BUILD/fleet-unpacked/$1
    if [ ! -e "$place/.done" ]; then
        rm -rf "$place"
        mkdir -p "$place" || return
        (cd "$place" && apt-get download "$1" >download.log 2>&1 && dpkg -x ./*.deb . &&
            rm -f ./*.deb && touch .done) || return
    fi
    echo "$place"
}
