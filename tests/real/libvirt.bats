# SPDX-License-Identifier: LGPL-2.1-or-later
# The element that devices --xml prints, judged by libvirt itself: its schema, and virsh
# with the driver that is made for tests.

load ../cli/helpers

setup() {
    find_program
    MACHINE=$BATS_TEST_TMPDIR/machine
    cat "$TESTS/cli/machines/common.tab" "$TESTS/cli/machines/server.tab" | "$TESTS/cli/mksysfs" "$MACHINE"
    {
        echo '<domain type="test"><name>guest</name><memory>65536</memory>'
        echo '<os><type>hvm</type></os><devices>'
        "$IOMMUCTL" --platform "$MACHINE" devices 00:14.0 --xml
        "$IOMMUCTL" --platform "$MACHINE" devices 00:16.1 --xml
        echo '</devices></domain>'
    } >"$BATS_TEST_TMPDIR/guest.xml"
}

@test "libvirt's schema has such an element" {
    local schema=/usr/share/libvirt/schemas/domain.rng
    need xmllint
    [ -f "$schema" ] || skip "libvirt's schemas are not here"
    xmllint --noout --relaxng "$schema" "$BATS_TEST_TMPDIR/guest.xml"
    sed -i "s/function='0x1'/function='0x9'/" "$BATS_TEST_TMPDIR/guest.xml"
    run xmllint --noout --relaxng "$schema" "$BATS_TEST_TMPDIR/guest.xml"
    [ "$status" -ne 0 ]
}

@test "virsh takes a guest with it, and gives the same addresses back" {
    need virsh
    run --separate-stderr virsh -c test:///default "define $BATS_TEST_TMPDIR/guest.xml; dumpxml guest"
    exits 0
    grep -q "<address domain='0x0000' bus='0x00' slot='0x14' function='0x0'/>" <<<"$output"
    grep -q "<address domain='0x0000' bus='0x00' slot='0x16' function='0x1'/>" <<<"$output"
}
