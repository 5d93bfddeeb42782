# SPDX-License-Identifier: LGPL-2.1-or-later
# What each run exits with, changes and says: the rows of exit-codes.tab.

load table

setup() { find_program; }

@test "which flag each machine gets" { all_rows exit-codes.tab platforms ; }
@test "--vendor overrules the tables" { all_rows exit-codes.tab vendor ; }
@test "a virtio-iommu" { all_rows exit-codes.tab virtio ; }
@test "--if-supported" { all_rows exit-codes.tab if-supported ; }
@test "what stands there already" { all_rows exit-codes.tab found ; }
@test "--kernel" { all_rows exit-codes.tab selectors ; }
@test "--detailed-exitcodes" { all_rows exit-codes.tab detailed ; }
@test "--check" { all_rows exit-codes.tab check ; }
@test "other runs, and what they left" { all_rows exit-codes.tab runs ; }
@test "rollback" { all_rows exit-codes.tab rollback ; }
@test "a TPM that measures the command line" { all_rows exit-codes.tab measured ; }
@test "a loader that is not edited" { all_rows exit-codes.tab lilo ; }
@test "command lines that are no files to edit" { all_rows exit-codes.tab built ; }
@test "hosts" { all_rows exit-codes.tab hosts ; }

@test "every group has its test" {
    every_group_has_its_test exit-codes.tab "$BATS_TEST_FILENAME"
}

@test "every platform has its row, with the exit and the flag that the fixture expects" {
    local dir exit vendors
    for dir in "$FIXTURES"/platforms/*/; do
        exit=$(sed -n 's/^exit=//p' "$dir/expect")
        vendors=$(sed -n 's/^vendors=//p' "$dir/expect")
        grep -E "^platforms .*\| $(basename "$dir") +\| - \| enable \| $exit " "$TESTS/cli/exit-codes.tab" |
            { [ "$vendors" = none ] && cat || grep "\^${vendors}_iommu=on"; } |
            grep -q . || { echo "no row: $(basename "$dir"), $exit, $vendors"; return 1; }
    done
}

# README's list and the manual's are compared by tests/style/manual.tap; here: none that no
# row or test ever sees, but those that take a broken disk or memory.
@test "every exit code is seen" {
    local code
    for code in 0 2 64 65 66 69 71 74 75 77 78; do
        grep -qE "\| $code +\| (yes|no)" "$TESTS"/cli/*.tab ||
            grep -qE "exits $code|unchanged_by $code|refused $code" "$TESTS"/cli/*.bats ||
            { echo "never seen: $code"; return 1; }
    done
}
