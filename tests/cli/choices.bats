# SPDX-License-Identifier: LGPL-2.1-or-later
# What the options choose: which flag, which entries, where to go back to.

load helpers

setup() {
    find_program
    lay rhel6-bios
    MENU=$HOST/boot/grub/grub.conf
    ORIGINAL=$FIXTURES/rhel6-bios/root/boot/grub/grub.conf
    ENABLED=$FIXTURES/rhel6-bios/expect/enabled/boot/grub/grub.conf
}

unchanged_by() { # CODE ARGUMENT...
    local code=$1
    shift
    snapshot full before
    iommuctl "$@"
    exits "$code"
    snapshot full after
    same before after
}

menu_is() { # SED-SCRIPT: the original, so edited
    diff <(sed -E "$1" "$ORIGINAL") "$MENU"
}

platform() { PLATFORM=$FIXTURES/platforms/$1; }

# ---- which flag

refused_for() { # PLATFORM CODE
    platform "$1"
    unchanged_by "$2" enable
    [ "$(lines_of "$stderr")" -eq 1 ]
    iommuctl enable --vendor intel
    exits 0
    cmp "$ENABLED" "$MENU"
}

@test "both tables: a choice is needed" { refused_for both-tables 78; }
@test "tables that may not be read: a choice is needed" { refused_for unreadable 77; }
@test "no table directory: a choice is needed" { refused_for no-table-directory 78; }
@test "a wrong checksum of an IVRS" { refused_for ivrs-bad-checksum 65; }
@test "a truncated table" { refused_for dmar-truncated 65; }
@test "a register base of zero" { refused_for dmar-base-zero 65; }
@test "a guest without a table" { refused_for guest-no-table 69; }
@test "bare metal without a table" { refused_for bare-no-table 69; }

@test "no IOMMU is no failure with --if-supported" {
    platform guest-no-table
    unchanged_by 0 enable --if-supported
}

@test "not x86: no flag is needed" {
    platform not-x86
    unchanged_by 0 enable
}

@test "the table decides, not the processor" {
    platform amd-cpu-dmar
    iommuctl enable
    exits 0
    cmp "$ENABLED" "$MENU"
}

@test "AMD's table, AMD's flag" {
    platform amd-ivrs
    iommuctl enable
    exits 0
    menu_is '/^.kernel /s/$/ amd_iommu=on/'
}

@test "--vendor both writes both" {
    iommuctl enable --vendor both
    exits 0
    "$ORACLE/legacy-lines" --args linux "$MENU" | "$ORACLE/flag-in-force" |
        awk '$0 != "intel on 1; amd on 1" { bad = 1 } END { exit bad || NR != 4 }'
    iommuctl disable
    exits 0
    cmp "$ORIGINAL" "$MENU"
}

@test "--exclusive removes the other vendor's flag" {
    sed -i '/^.kernel /s/$/ amd_iommu=on/' "$MENU"
    iommuctl enable --exclusive
    exits 0
    cmp "$ENABLED" "$MENU"
}

@test "--iommu-pt adds iommu=pt, and only disable --iommu-pt takes it out" {
    iommuctl enable --iommu-pt
    exits 0
    "$ORACLE/legacy-lines" --args linux "$MENU" | awk '!/ iommu=pt( |$)/ { bad = 1 } END { exit bad }'
    "$ORACLE/legacy-lines" --args linux "$MENU" | "$ORACLE/flag-in-force" |
        awk '$0 !~ "^intel on 1;" { bad = 1 } END { exit bad }'
    iommuctl disable
    exits 0
    menu_is '/^.kernel /s/$/ iommu=pt/'
    iommuctl disable --iommu-pt
    exits 0
    cmp "$ORIGINAL" "$MENU"
}

@test "--if-needed leaves a kernel alone that has it on by default" {
    sed -i 's/.*CONFIG_DMAR_DEFAULT_ON.*/CONFIG_DMAR_DEFAULT_ON=y/' \
        "$HOST/boot/config-2.6.32-754.el6.x86_64"
    iommuctl enable --if-needed
    exits 0
    menu_is '/^.kernel .vmlinuz-2.6.32-754.[0-9]/s/$/ intel_iommu=on/'
}

@test "disable needs no tables" {
    cp "$ENABLED" "$MENU"
    platform guest-no-table
    iommuctl disable
    exits 0
    cmp "$ORIGINAL" "$MENU"
}

@test "disable --force-off says off" {
    iommuctl disable --force-off
    exits 0
    "$ORACLE/legacy-lines" --args linux "$MENU" | "$ORACLE/flag-in-force" --old |
        awk '$0 !~ "^intel off" { bad = 1 } END { exit bad || NR != 4 }'
}

# ---- which entries

@test "--kernel DEFAULT: by number" {
    sed -i 's/^default=0/default=1/' "$MENU"
    iommuctl enable --kernel DEFAULT
    exits 0
    menu_is 's/^default=0/default=1/; /^.kernel .*754.29/s/$/ intel_iommu=on/'
}

@test "--kernel DEFAULT: as saved by the loader" {
    sed -i 's/^default=0/default saved/' "$MENU"
    printf '2\n#\n#\n#\n#\n#\n#\n' >"$HOST/boot/grub/default"
    iommuctl enable --kernel DEFAULT
    exits 0
    menu_is 's/^default=0/default saved/; /^.kernel .*-754.el6.*crashkernel/s/$/ intel_iommu=on/'
}

@test "--kernel DEFAULT: none named is the first" {
    sed -i '/^default=/d' "$MENU"
    iommuctl enable --kernel DEFAULT
    exits 0
    menu_is '/^default=/d; /^.kernel .*754.35/s/$/ intel_iommu=on/'
}

@test "--kernel DEFAULT: a number beyond the last entry is the first" {
    sed -i 's/^default=0/default=9/' "$MENU"
    iommuctl enable --kernel DEFAULT
    exits 0
    menu_is 's/^default=0/default=9/; /^.kernel .*754.35/s/$/ intel_iommu=on/'
}

@test "--kernel PATH, as the menu names it" {
    iommuctl enable --kernel /vmlinuz-2.6.32-754.el6.x86_64
    exits 0
    menu_is '/^.kernel .vmlinuz-2.6.32-754.el6/s/$/ intel_iommu=on/'
}

@test "--kernel PATH, as the system names it" {
    iommuctl enable --kernel /boot/vmlinuz-2.6.32-754.el6.x86_64
    exits 0
    menu_is '/^.kernel .vmlinuz-2.6.32-754.el6/s/$/ intel_iommu=on/'
}

@test "--kernel TITLE" {
    iommuctl enable --kernel "Maintenance (2.6.32-754.el6.x86_64)"
    exits 0
    menu_is '/^.kernel .* 1$/s/$/ intel_iommu=on/'
}

@test "--kernel that is not there" {
    snapshot full before
    iommuctl enable --kernel /vmlinuz-9
    [ "$status" -ge 64 ]
    [ "$(lines_of "$stderr")" -eq 1 ]
    snapshot full after
    same before after
}

@test "two menus that are two files both get it" {
    rm "$HOST/boot/grub/menu.lst"
    cp "$ORIGINAL" "$HOST/boot/grub/menu.lst"
    iommuctl enable
    exits 0
    cmp "$ENABLED" "$MENU"
    cmp "$ENABLED" "$HOST/boot/grub/menu.lst"
}

# At the end of the file there is no newline for it to join: the loader keeps it as part of
# the last argument, and nobody can have meant that.
@test "a backslash that ends the file is refused by its line" {
    printf 'title x\nroot (hd0,0)\nkernel /vmlinuz-2.6.32-754.el6.x86_64 ro y\\' >"$MENU"
    cp "$MENU" "$BATS_TEST_TMPDIR/before"
    iommuctl enable
    exits 65
    [[ $stderr == *grub.conf:3:* ]]
    cmp "$BATS_TEST_TMPDIR/before" "$MENU"
}

@test "--all-stores: what is left over gets it too, and only then" {
    rm -rf "$HOST"
    lay stale-menu-lst
    MENU=$HOST/boot/grub/menu.lst
    cp "$MENU" "$BATS_TEST_TMPDIR/menu"
    iommuctl enable --vendor intel
    exits 0
    cmp "$BATS_TEST_TMPDIR/menu" "$MENU"
    iommuctl enable --vendor intel --all-stores
    exits 0
    "$ORACLE/legacy-lines" --args linux "$MENU" | "$ORACLE/flag-in-force" |
        awk '$0 !~ "^intel on 1;" { bad = 1 } END { exit bad || !NR }'
    iommuctl disable --all-stores
    exits 0
    cmp "$BATS_TEST_TMPDIR/menu" "$MENU"
    iommuctl rollback 1
    exits 0
    diff -r "$FIXTURES/stale-menu-lst/root/boot/grub" "$HOST/boot/grub"
}

# ---- saying what happened

@test "--detailed-exitcodes tells changed from unchanged" {
    unchanged_by 2 enable --check --detailed-exitcodes
    iommuctl enable --detailed-exitcodes
    exits 2
    unchanged_by 0 enable --detailed-exitcodes
    unchanged_by 0 enable --check --detailed-exitcodes
    unchanged_by 2 disable --check --detailed-exitcodes
}

@test "--diff is a patch that patch(1) takes" {
    need patch
    unchanged_by 0 enable --check --diff
    printf '%s\n' "$output" | sed -n '/^--- /,$p' >"$BATS_TEST_TMPDIR/diff"
    cp "$MENU" "$BATS_TEST_TMPDIR/menu"
    patch -s "$BATS_TEST_TMPDIR/menu" "$BATS_TEST_TMPDIR/diff"
    cmp "$ENABLED" "$BATS_TEST_TMPDIR/menu"
}

@test "--quiet says nothing" {
    iommuctl enable --quiet
    exits 0
    [ -z "$output$stderr" ]
    cmp "$ENABLED" "$MENU"
}

@test "--json is one document" {
    local command
    for command in status "enable --check" enable enable "disable --check" disable rollback; do
        iommuctl --json $command
        exits 0
        python3 -c 'import json, sys; assert json.load(sys.stdin)["version"] == 1' <<<"$output"
    done
}

@test "--json: a failure is a document too" {
    platform both-tables
    iommuctl --json enable
    exits 78
    python3 -c 'import json, sys; json.load(sys.stdin)' <<<"$output"
}

@test "what is wrong on the command line" {
    local arguments
    for arguments in "" "enabel" "enable --vendor via" "enable --kernel" "enable extra" \
        "--no-such-option enable" "status --check" "rollback x" "enable --wait x"; do
        # shellcheck disable=SC2086
        unchanged_by 64 $arguments
    done
}

# ---- going back

@test "rollback with nothing to go back to is no failure, and makes nothing" {
    unchanged_by 0 rollback
    [ "$(lines_of "$output")" -eq 1 ]
    [ -z "$stderr" ]
}

@test "a second rollback touches nothing" {
    iommuctl enable
    iommuctl rollback
    exits 0
    unchanged_by 0 rollback
}

@test "rollback undoes the newest change, then the one before" {
    iommuctl enable
    iommuctl disable
    exits 0
    iommuctl rollback
    exits 0
    cmp "$ENABLED" "$MENU"
    iommuctl rollback
    exits 0
    cmp "$ORIGINAL" "$MENU"
}

@test "rollback 1 goes back to before generation 1" {
    iommuctl enable --kernel DEFAULT
    iommuctl enable
    exits 0
    cmp "$ENABLED" "$MENU"
    iommuctl rollback 1
    exits 0
    cmp "$ORIGINAL" "$MENU"
}

@test "rollback refuses a file that was changed since, --force does not" {
    iommuctl enable
    echo '# mine' >>"$MENU"
    unchanged_by 78 rollback
    [ "$(lines_of "$stderr")" -eq 1 ]
    grep -q grub.conf <<<"$stderr"
    grep -q disable <<<"$stderr"
    iommuctl rollback --force
    exits 0
    cmp "$ORIGINAL" "$MENU"
}

@test "rollback --check and --list change nothing" {
    iommuctl enable
    unchanged_by 0 rollback --check
    unchanged_by 0 rollback --list
    grep -q 1 <<<"$output"
}

@test "rollback brings mode, owner and labels back too" {
    setfattr -n user.note -v before "$MENU" 2>/dev/null || skip "no extended attributes here"
    snapshot state before
    iommuctl enable
    setfattr -n user.note -v after "$MENU"
    chmod 0644 "$MENU"
    iommuctl rollback
    exits 0
    snapshot state after
    diff "$BATS_TEST_TMPDIR/before.snapshot" <(grep -v '^var/lib/iommuctl' "$BATS_TEST_TMPDIR/after.snapshot")
}

@test "a grub.conf.rollback of one's own comes back" {
    echo 'title mine' >"$MENU.rollback"
    chmod 0604 "$MENU.rollback"
    snapshot state before
    iommuctl enable
    exits 0
    cmp "$ORIGINAL" "$MENU.rollback"
    iommuctl rollback
    exits 0
    snapshot state after
    diff "$BATS_TEST_TMPDIR/before.snapshot" <(grep -v '^var/lib/iommuctl' "$BATS_TEST_TMPDIR/after.snapshot")
}

@test "the state may be kept elsewhere" {
    iommuctl enable --state "$BATS_TEST_TMPDIR/state"
    exits 0
    cmp "$ENABLED" "$MENU"
    [ ! -e "$HOST/var/lib/iommuctl" ]
    iommuctl rollback --state "$BATS_TEST_TMPDIR/state"
    exits 0
    cmp "$ORIGINAL" "$MENU"
}

@test "from a rescue shell cp is enough" {
    iommuctl enable
    cmp "$ORIGINAL" "$HOST/var/lib/iommuctl/000001/files/boot/grub/grub.conf"
}
