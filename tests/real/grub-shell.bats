# SPDX-License-Identifier: LGPL-2.1-or-later
# The real GRUB legacy (its shell, of package grub-legacy) reads the menus that we edited,
# on a disk of its own: it lists the entries and starts each one. Before it runs a command
# it prints the line as it has read it, and "[Linux-bzImage, ...]" for a kernel that it
# would boot. That is held against the oracle's reading of the same file, so the oracle is
# proved too.

load ../cli/helpers

setup() {
    GRUB=/usr/sbin/grub
    [ -x $GRUB ] && $GRUB --version | grep -q 0.97 || skip "grub of package grub-legacy is not here"
    need mke2fs python3
    find_program
}

# The fixture edited, and its disk. MENU is the menu's path on that disk: where /boot is a
# partition of its own, the disk holds that one.
prepare() { # FIXTURE COMMAND...
    local top
    lay "$1"
    top=$HOST
    MENU=$(cd "$FIXTURES/$1/expect/enabled" && find . -type f)
    MENU=${MENU#.}
    if awk '$2 == "/boot" { found = 1 } END { exit !found }' "$HOST/etc/fstab"; then
        top=$HOST/boot
        MENU=${MENU#/boot}
    fi
    TOP=$top
    shift
    while [ $# -gt 0 ]; do
        iommuctl "$1"
        exits 0
        shift
    done
    # What only a person at the keyboard could pass, and what starts a second entry.
    sed -i -e '/^lock$/d' -e '/^fallback/d' "$top$MENU"
    "$TESTS/real/mkdisk" "$top" "$BATS_TEST_TMPDIR/disk"
    printf '(hd0) %s\n(hd1) %s\n' "$BATS_TEST_TMPDIR/disk" "$BATS_TEST_TMPDIR/disk" \
        >"$BATS_TEST_TMPDIR/map"
}

# Keys for the shell: show the menu (a hidden one comes with Esc), go to the top, down to the
# entry, start.
grub_starts() { # MENU INDEX
    local up down
    printf -v up '%*s' 40 ''
    printf -v down '%*s' "$2" ''
    {
        printf 'configfile (hd0,0)%s\n' "$1"
        ! grep -q '^hiddenmenu' "$TOP$1" || printf '\033'
        printf '%s%s\n' "${up// /^}" "${down// /v}"
    } | timeout 20 $GRUB --batch --no-floppy --device-map="$BATS_TEST_TMPDIR/map"
}

printable() { sed -e 's/\\x[0-9a-f][0-9a-f]/?/g' | tr '\200-\377' '?' | tr -s ' ' | sed 's/ $//'; }

# Titles by GRUB and by the oracle.
lists_the_same() {
    grub_starts "$MENU" 0 | sed -n 's/^ *[0-9][0-9]*: //p' | printable >"$BATS_TEST_TMPDIR/grub"
    "$ORACLE/legacy-lines" "$TOP$MENU" | sed -n 's/^    title //p' | printable \
        >"$BATS_TEST_TMPDIR/oracle"
    [ -s "$BATS_TEST_TMPDIR/oracle" ]
    diff "$BATS_TEST_TMPDIR/oracle" "$BATS_TEST_TMPDIR/grub"
}

# Every entry with a Linux or a Xen, started: GRUB's line is the oracle's, and a Linux that is
# there is taken for one. GRUB's own lines are kept in the file "kernels".
starts_the_same() {
    local index kind image args line
    : >"$BATS_TEST_TMPDIR/kernels"
    while read -r index kind image args; do
        run -0 grub_starts "$MENU" "$index"
        line=$(sed -n 's/^kernel[ =]*//p' <<<"$output" | tail -n 1 | printable)
        line=$(sed -E 's/^((--type=[^ ]*|--no-mem-option) )*//' <<<"$line")
        [ "$line" = "$image${args:+ $args}" ] || {
            printf 'entry %s\nGRUB:   %s\noracle: %s %s\n' "$index" "$line" "$image" "$args"
            return 1
        }
        echo "$kind $line" >>"$BATS_TEST_TMPDIR/kernels"
        image=$(sed 's/^([^)]*)//' <<<"$image")
        [ "$kind" != linux ] || [ ! -e "$TOP$image" ] || grep -q '\[Linux-bzImage' <<<"$output"
    done < <("$ORACLE/legacy-lines" "$TOP$MENU" | printable | awk '
        $1 == "entry" { index_ = $2; kind = $3 }
        $1 == "image" { image = $2 }
        $1 == "args" && kind != "other" { sub(/^ *args ?/, ""); print index_, kind, image, $0 }')
    [ -s "$BATS_TEST_TMPDIR/kernels" ]
}

flags_by_grub() { # KIND ANSWER [--xen]: what the kernels of that kind make of GRUB's lines
    sed -n "s/^$1 [^ ]* *//p" "$BATS_TEST_TMPDIR/kernels" >"$BATS_TEST_TMPDIR/args"
    [ -s "$BATS_TEST_TMPDIR/args" ] || return 0
    run -0 "$ORACLE/flag-in-force" $3 <"$BATS_TEST_TMPDIR/args"
    [ "$(grep -vc "$2" <<<"$output")" -eq 0 ] && return
    echo "expected $2 in each of:"
    cat "$BATS_TEST_TMPDIR/args"
    return 1
}

reads_what_enable_wrote() { # FIXTURE ANSWER
    prepare "$1" enable
    lists_the_same
    starts_the_same
    flags_by_grub linux "$2"
    flags_by_grub xen "iommu on 1" --xen
}

@test "centos6-uefi: GRUB reads what enable wrote" { reads_what_enable_wrote centos6-uefi "intel on 1"; }
@test "debian-menu-lst: GRUB reads what enable wrote" { reads_what_enable_wrote debian-menu-lst "amd on 1"; }
@test "debian-xen: GRUB reads what enable wrote" { reads_what_enable_wrote debian-xen "intel on 1"; }
@test "dual-boot: GRUB reads what enable wrote" { reads_what_enable_wrote dual-boot "amd on 1"; }
@test "gentoo: GRUB reads what enable wrote" { reads_what_enable_wrote gentoo "amd on 1"; }
@test "rhel5-xen: GRUB reads what enable wrote" { reads_what_enable_wrote rhel5-xen "intel on 1"; }
@test "rhel6-bios: GRUB reads what enable wrote" { reads_what_enable_wrote rhel6-bios "intel on 1"; }
@test "sles11: GRUB reads what enable wrote" { reads_what_enable_wrote sles11 "intel on 1"; }
@test "ugly: GRUB reads what enable wrote" { reads_what_enable_wrote ugly "intel on 1"; }

@test "after disable GRUB starts the kernels as before" {
    prepare rhel5-xen enable disable
    starts_the_same
    flags_by_grub linux "intel unset 0"
    flags_by_grub xen "iommu unset 0" --xen
}

@test "the rollback copy is a menu for GRUB's prompt" {
    prepare rhel6-bios enable
    MENU=$MENU.rollback
    lists_the_same
    starts_the_same
    flags_by_grub linux "intel unset 0"
}
