# SPDX-License-Identifier: LGPL-2.1-or-later
# --kernel: which entries get the flag, as the loader's oracle reads the menu afterwards; the
# rows of selectors.tab.

load table

setup() { find_program; }

with_flag() { # the entries of $MENU that have it, then the live comments, on one line
    "$ORACLE/legacy-lines" "$MENU" | awk '
        $1 == "entry" { n = $2; xen = $3 == "xen" }
        $1 == "args" && (!xen && / (intel|amd)_iommu=on( |$)/ || xen && / iommu=1( |$)/) { printf " %s", n }
        /^[a-z0-9_]+=.*iommu=(on|1)( |$)/ { sub("=.*", ""); printf " %s", $0 }' | sed 's/^ //'
}

row_is_wrong() {
    printf '%s, %s: --kernel %s: %s\n    stdout: %s\n    stderr: %s\n' "${ROW[@]:0:3}" "$1" "$output" "$stderr"
    failed=1
}

one_choice() { # HOST SED KERNEL EXPECTED
    local kernel marks
    kernel=$(printf '%b' "$3")
    lay_copy "$1"
    [ "$2" = - ] || LC_ALL=C sed -i "$2" "$MENU"
    cp "$MENU" "$BATS_TEST_TMPDIR/menu"
    marks=$(marks)
    iommuctl enable --kernel "$kernel"
    if [ "$4" = '!' ]; then
        [ "$status" -eq 78 ] || row_is_wrong "exit $status"
        [ "$marks" = "$(marks)" ] || row_is_wrong "something was touched"
        return
    fi
    [ "$status" -eq 0 ] || row_is_wrong "exit $status"
    [ "$(with_flag)" = "$4" ] || row_is_wrong "the flag is in: $(with_flag)"
    marks=$(marks)
    iommuctl enable --kernel "$kernel"
    [[ $status -eq 0 && $marks = "$(marks)" ]] || row_is_wrong "a second enable is not unchanged"
    iommuctl disable --kernel "$kernel"
    cmp "$BATS_TEST_TMPDIR/menu" "$MENU" || row_is_wrong "disable does not give the bytes back"
}

choices() { # HOST
    local ROW failed=0 count=0
    while read_row 4; do
        [ "${ROW[0]}" = "$1" ] || continue
        count=$((count + 1))
        one_choice "${ROW[@]}"
    done <"$TESTS/cli/selectors.tab"
    [ "$count" -gt 0 ]
    [ "$failed" -eq 0 ]
}

@test "RHEL 6" { choices rhel6-bios; }
@test "CentOS 6 UEFI" { choices centos6-uefi; }
@test "other systems in the menu" { choices dual-boot; }
@test "Gentoo" { choices gentoo; }
@test "RHEL 5 with Xen" { choices rhel5-xen; }

@test "default saved: what the loader saved" {
    local saved
    for saved in 0 1 3 7; do
        lay_copy rhel6-bios
        sed -i 's/^default=0/default saved/' "$MENU"
        printf '%s\n#\n#\n#\n#\n#\n#\n#\n#\n#\n#\n' $saved >"$HOST/boot/grub/default"
        iommuctl enable --kernel DEFAULT
        exits 0
        [ "$(with_flag)" = $((saved > 3 ? 0 : saved)) ]
    done
    rm "$HOST/boot/grub/default"
    cp "$FIXTURES/rhel6-bios/root/boot/grub/grub.conf" "$MENU"
    sed -i 's/^default=0/default saved/' "$MENU"
    iommuctl enable --kernel DEFAULT
    exits 0
    [ "$(with_flag)" = 0 ]
}

@test "a choice that leaves the default entry out is warned of: new kernels copy it" {
    lay_copy rhel6-bios
    iommuctl enable --kernel 'Maintenance (2.6.32-754.el6.x86_64)'
    exits 0
    [ "$(lines_of "$stderr")" -eq 1 ]
    [[ $stderr == "warning: /boot/grub/grub.conf:14: the default entry"* ]]
}

@test "one choice after another adds up, and only the last is rolled back" {
    lay_copy rhel6-bios
    iommuctl enable --kernel DEFAULT
    iommuctl enable --kernel 'Maintenance (2.6.32-754.el6.x86_64)'
    [ "$(with_flag)" = "0 3" ]
    iommuctl rollback
    exits 0
    [ "$(with_flag)" = 0 ]
}

# What update-grub makes entries from is nobody's kernel or title.
@test "Debian: a chosen entry leaves the live comments alone" {
    lay_copy debian-menu-lst
    iommuctl enable --kernel DEFAULT
    exits 0
    [ "$(with_flag)" = 0 ]
    iommuctl enable
    exits 0
    [ "$(with_flag)" = "0 1 2 3 4 5 6 kopt kopt_2_6 xenhopt" ]
}

@test "Debian: an entry that update-grub would make anew is refused" {
    local marks
    lay_copy debian-menu-lst
    sed -i 's/^default.*/default 1/' "$MENU"
    marks=$(marks)
    iommuctl enable --kernel DEFAULT
    exits 78
    [[ $stderr == *"menu.lst:92: "*"made anew by update-grub"*"--kernel ALL"* ]]
    [ "$marks" = "$(marks)" ]
}
