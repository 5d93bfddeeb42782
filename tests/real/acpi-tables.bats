# SPDX-License-Identifier: LGPL-2.1-or-later
# What status tells of the firmware's tables against what ACPICA's disassembler, iasl, tells:
# of tables that firmware made (fixtures qemu-*) and of tables made by hand.

load ../cli/helpers

setup() {
    find_program
    need iasl /usr/bin/python3
    mkdir "$BATS_TEST_TMPDIR/empty"
}

compare() { # MACHINE TABLE: by iasl and by the program
    local dsl=$BATS_TEST_TMPDIR/table.dsl
    rm -f "$dsl" "$BATS_TEST_TMPDIR/table"
    cp "$FIXTURES/platforms/$1/sys/firmware/acpi/tables/$2" "$BATS_TEST_TMPDIR/table"
    (cd "$BATS_TEST_TMPDIR" && iasl -d table >iasl.log 2>&1) || { cat "$BATS_TEST_TMPDIR/iasl.log"; return 1; }
    run --separate-stderr "$IOMMUCTL" --root "$BATS_TEST_TMPDIR/empty" --platform "$FIXTURES/platforms/$1" --json status
    exits 66
    printf '%s' "$output" >"$BATS_TEST_TMPDIR/document.json"
    "$ORACLE/acpi-tables" iasl "$dsl" "$BATS_TEST_TMPDIR/document.json"
}

@test "iasl: every table that is in order" {
    local file machine count=0
    for file in "$FIXTURES"/platforms/*/sys/firmware/acpi/tables/{DMAR,IVRS}; do
        machine=${file#"$FIXTURES/platforms/"}
        machine=${machine%%/*}
        case $machine in
        unreadable) continue ;;
        dmar-despite-ivrs | ivrs-bad-checksum | dmar-truncated) continue ;; # iasl and we read no further than the defect
        dmar-zero-length) continue ;;
        qemu-header-only) continue ;; # shorter than a DMAR's header: nothing is told
        esac
        [ -f "$file" ] || continue
        echo "$machine"
        compare "$machine" "${file##*/}"
        count=$((count + 1))
    done
    [ "$count" -ge 16 ]
}

@test "iasl: a table that is another than the one told is found out" {
    compare intel-dmar DMAR
    sed -i '0,/: 00000000FED90000/s//: 00000000FED90008/' "$BATS_TEST_TMPDIR/table.dsl"
    run "$ORACLE/acpi-tables" iasl "$BATS_TEST_TMPDIR/table.dsl" "$BATS_TEST_TMPDIR/document.json"
    [ "$status" -eq 1 ]
    [ "$output" = "DMAR.units[0].address: expected '0xfed90008', told '0xfed90000'" ]
}
