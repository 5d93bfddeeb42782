# SPDX-License-Identifier: LGPL-2.1-or-later
# README's comparison with other tools is what they do here and now.

load helpers

@test "compare: README's rows are what comes out" {
    need python3 sed augtool strace
    "$FLEET/compare" >"$BATS_TEST_TMPDIR/rows" 2>"$BATS_TEST_TMPDIR/why"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/rows")" -ge 10 ]
    # A row that could not be measured here is missed by nobody, but its reason is told.
    sed 's/^/# /' "$BATS_TEST_TMPDIR/why" >&3
    sed -n '/^Beside other tools/,/^Building/s/^    //p' "$SOURCE/README" >"$BATS_TEST_TMPDIR/told"
    run grep -vxFf "$BATS_TEST_TMPDIR/told" "$BATS_TEST_TMPDIR/rows"
    echo "$output"
    [ -z "$output" ]
}
