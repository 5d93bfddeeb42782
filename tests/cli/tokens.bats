# SPDX-License-Identifier: LGPL-2.1-or-later
# The rules for arguments that are found on a command line: tokens.tab holds the cases. A
# test runs all the cases of one kind and prints each that fails.

load helpers

setup() {
    find_program
    HOST=$BATS_TEST_TMPDIR/host
    MENU=$HOST/boot/grub/grub.conf
    mkdir -p "$HOST/boot/grub" "$HOST/var/lib"
}

write_menu() { # WHO ARGUMENTS
    local image=/vmlinuz-5.10.1
    rm -rf "$HOST/var/lib/iommuctl" "$MENU.rollback"
    PLATFORM=$FIXTURES/platforms/intel-dmar
    case $1 in
    amd*) PLATFORM=$FIXTURES/platforms/amd-ivrs ;;
    xen) image=/xen.gz ;;
    esac
    case $1 in
    *-old) image=/vmlinuz-2.6.32-754.el6.x86_64 ;;
    esac
    printf 'title x\nroot (hd0,0)\nkernel %s%s\n' "$image" "${2:+ $2}" >"$MENU"
    [ "$1" != xen ] || printf 'module /vmlinuz-5.10.1 ro\nmodule /initrd\n' >>"$MENU"
}

arguments() { sed -n 's/^kernel [^ ]*//p' "$MENU" | sed 's/^ //'; }

in_force() { # WHO: after enable
    case $1 in
    xen) [[ $("$ORACLE/flag-in-force" --xen <<<"$(arguments)") == "iommu on"* ]] ;;
    *-old) [[ $("$ORACLE/flag-in-force" --old <<<"$(arguments)") == *"${1%-old} on"* ]] ;;
    *) [[ $("$ORACLE/flag-in-force" <<<"$(arguments)") == *"$1 on"* ]] ;;
    esac
}

case_fails() { # WHO COMMAND BEFORE GOT EXPECTED
    printf '%s %s: "%s"\n  gives    "%s"\n  expected "%s"\n' "$@"
    failed=1
}

one_case() { # WHO BEFORE ENABLED DISABLED
    local got
    write_menu "$1" "$2"
    iommuctl enable
    got=$(arguments)
    if [ "$status" -ne 0 ]; then
        case_fails "$1" enable "$2" "exit $status: $stderr" "${3/#=/$2}"
    elif [ "$3" != "?" ] && [ "$got" != "${3/#=/$2}" ]; then
        case_fails "$1" enable "$2" "$got" "${3/#=/$2}"
    elif ! in_force "$1"; then
        case_fails "$1" enable "$2" "$got" "the flag in force"
    fi
    iommuctl enable
    [ "$got" = "$(arguments)" ] || case_fails "$1" "second enable" "$got" "$(arguments)" "$got"

    write_menu "$1" "$2"
    iommuctl disable
    if [ "$status" -ne 0 ]; then
        case_fails "$1" disable "$2" "exit $status: $stderr" "${4/#=/$2}"
    elif [ "$4" != "?" ] && [ "$(arguments)" != "${4/#=/$2}" ]; then
        case_fails "$1" disable "$2" "$(arguments)" "${4/#=/$2}"
    fi
}

all_cases() { # WHO
    local who before enabled disabled failed=0 count=0
    while IFS='|' read -r who before enabled disabled; do
        [ "$(trim "$who")" = "$1" ] || continue
        count=$((count + 1))
        one_case "$1" "$(trim "$before")" "$(trim "$enabled")" "$(trim "$disabled")"
    done < <(grep -v '^#' "$TESTS/cli/tokens.tab")
    [ "$count" -gt 0 ]
    [ "$failed" -eq 0 ]
}

trim() { sed 's/^ *//; s/ *$//' <<<"$1"; }

@test "Intel: every case" { all_cases intel; }
@test "Intel, 2.6.x: every case" { all_cases intel-old; }
@test "AMD: every case" { all_cases amd; }
@test "AMD, 2.6.x: every case" { all_cases amd-old; }
@test "the Xen hypervisor: every case" { all_cases xen; }
