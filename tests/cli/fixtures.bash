# SPDX-License-Identifier: LGPL-2.1-or-later
# What has to hold for every host fixture. fixtures.bats calls each for each.

load helpers
load grub-oracle

setup() { find_program; }

expected_exit() { # FIXTURE COMMAND
    sed -n "s/^$2 //p" "$FIXTURES/$1/expect/exit"
}

changed_files() { # FIXTURE: what enable changes, a path a line
    [ ! -d "$FIXTURES/$1/expect/enabled" ] || (cd "$FIXTURES/$1/expect/enabled" && find . -type f)
}

bytes_are() { # DIR: the files in it, against those of the host with the same names
    local file
    for file in $(cd "$1" && find . -type f); do
        cmp "$1/$file" "$HOST/$file" && continue
        diff -a "$1/$file" "$HOST/$file" | cat -A
        return 1
    done
}

# The snapshot without the state directory, the rollback copies and (with "menus") the
# changed files themselves.
others() { # NAME FIXTURE
    local file
    cp "$BATS_TEST_TMPDIR/$1.snapshot" "$BATS_TEST_TMPDIR/$1.others.snapshot"
    while read -r file; do
        file=${file#./}
        awk -F'\t' -v menu="$file" '$1 != menu && $1 != menu ".rollback" &&
            $1 !~ "^var/lib/iommuctl(/|$)"' "$BATS_TEST_TMPDIR/$1.others.snapshot" \
            >"$BATS_TEST_TMPDIR/others.new"
        mv "$BATS_TEST_TMPDIR/others.new" "$BATS_TEST_TMPDIR/$1.others.snapshot"
    done < <(changed_files "$2")
}

attributes_of() { # NAME PATH: type, mode, owner and xattrs as the snapshot has them
    awk -F'\t' -v path="$2" '$1 == path { print $2, $3, $4, $5 }' \
        "$BATS_TEST_TMPDIR/$1.snapshot"
}

# ---- the properties, one function each; $1 is the fixture

reading_changes_nothing() {
    local command code
    lay "$1"
    snapshot full before
    for command in status "status --json" "enable --check" "enable --diff --check" \
        "disable --check" "status --verbose" "rollback --check" "rollback --list" devices verify \
        "verify --off"; do # capture takes no --root
        iommuctl $command
        case $command in
        verify*) code=4 ;; # nothing runs that was started from there
        rollback* | devices) code=0 ;;
        *) code=$(expected_exit "$1" "${command// /-}") ;; # "disable---check 0": where that differs
        esac
        exits "${code:-$(expected_exit "$1" "${command%% *}")}"
        snapshot full after
        same before after
    done
}

enable_gives() {
    local file
    lay "$1"
    snapshot still before
    iommuctl enable
    exits "$(expected_exit "$1" enable)"
    [ -d "$FIXTURES/$1/expect/enabled" ] || return 0
    bytes_are "$FIXTURES/$1/expect/enabled"
    snapshot still after
    others before "$1"
    others after "$1"
    same before.others after.others
    while read -r file; do
        file=${file#./}
        [ "$(attributes_of before "$file")" = "$(attributes_of after "$file")" ]
        is_menu "$file" || continue
        cmp "$FIXTURES/$1/root/$file" "$HOST/$file.rollback"
        [ "$(stat -c '%a %u:%g' "$HOST/$file.rollback")" = "$(stat -c '%a %u:%g' "$HOST/$file")" ]
    done < <(changed_files "$1")
    [ "$(stat -c %a "$HOST/var/lib/iommuctl")" = 700 ]
}

# Not our bytes but what a loader and a kernel make of them: each entry has the flag exactly
# once and in force, and so has what update-grub makes new entries from.
the_oracle_agrees() {
    local menu vendor
    lay "$1"
    iommuctl enable
    exits "$(expected_exit "$1" enable)"
    case $PLATFORM in
    *intel*) vendor=intel ;;
    *) vendor=amd ;;
    esac
    [ ! -f "$HOST/etc/default/grub" ] || defaults_agree "$1" $vendor
    [ ! -f "$HOST/etc/update-extlinux.conf" ] || update_extlinux_agrees "$1" $vendor
    [ "$status" -eq 0 ] || [ -d "$FIXTURES/$1/expect/enabled" ] || return 0 # refused
    ! has_entries "$HOST" || loader_agrees "$1" $vendor
    while read -r menu; do
        is_menu "$menu" || continue
        case $menu in
        */grub.cfg)
            ! grep -q '^[[:blank:]]*blscfg' "$HOST/$menu" || continue
            grub_menu_agrees "$1" "$menu" $vendor
            continue
            ;;
        */extlinux.conf | */syslinux.cfg)
            syslinux_agrees "$1" "$menu" $vendor
            continue
            ;;
        */syslinux/*) continue ;; # included by the menu
        esac
        diff "$FIXTURES/$1/expect/lines" <("$ORACLE/legacy-lines" "$HOST/$menu")
        "$ORACLE/legacy-lines" --args linux "$HOST/$menu" >"$BATS_TEST_TMPDIR/linux"
        grep -q . "$BATS_TEST_TMPDIR/linux"
        all_in_force "$vendor on 1" <"$BATS_TEST_TMPDIR/linux"
        "$ORACLE/legacy-lines" --args xen "$HOST/$menu" | all_in_force "iommu on 1" --xen
        "$ORACLE/legacy-lines" --templates "$HOST/$menu" | sed -n 's/^kopt[^=]*=//p' |
            all_in_force "$vendor on 1"
        "$ORACLE/legacy-lines" --templates "$HOST/$menu" | sed -n 's/^xenhopt=//p' |
            all_in_force "iommu on 1" --xen
    done < <(changed_files "$1")
}

a_second_enable_touches_nothing() {
    lay "$1"
    iommuctl enable
    exits "$(expected_exit "$1" enable)"
    snapshot full before
    iommuctl enable
    exits "$(expected_exit "$1" enable)"
    snapshot full after
    same before after
    [ "$status" -ne 0 ] || { [ "$(lines_of "$output")" -eq 1 ] && [ -z "$stderr" ]; }
}

disable_gives_back() {
    lay "$1"
    iommuctl enable
    exits "$(expected_exit "$1" enable)"
    iommuctl disable
    exits "$(expected_exit "$1" disable)"
    local file from
    while read -r file; do
        from=$FIXTURES/$1/expect/disabled/$file
        [ -f "$from" ] || from=$FIXTURES/$1/root/$file
        cmp "$from" "$HOST/$file" || { diff -a "$from" "$HOST/$file" | cat -A; false; }
        ! is_menu "$file" || cmp "$FIXTURES/$1/expect/enabled/$file" "$HOST/$file.rollback"
    done < <(changed_files "$1")
    [ ! -d "$FIXTURES/$1/expect/disabled" ] || bytes_are "$FIXTURES/$1/expect/disabled"
    snapshot full before
    iommuctl disable
    exits "$(expected_exit "$1" disable)"
    snapshot full after
    same before after
}

rollback_brings_all_back() {
    lay "$1"
    snapshot state before
    iommuctl enable
    exits "$(expected_exit "$1" enable)"
    [ "$status" -eq 0 ] || return 0
    iommuctl rollback
    exits "$(expected_exit "$1" rollback)"
    snapshot state after
    awk -F'\t' '$1 !~ "^var/lib/iommuctl(/|$)"' "$BATS_TEST_TMPDIR/after.snapshot" \
        >"$BATS_TEST_TMPDIR/rest.snapshot"
    same before rest
    [ -d "$HOST/var/lib/iommuctl" ]
}
