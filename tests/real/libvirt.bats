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

@test "a domain of more than four digits is libvirt's, too" {
    local schema=/usr/share/libvirt/schemas/domain.rng
    need xmllint virsh
    printf 'pci pci0000:00/0000:00:0e.0/pci10000:e0/10000:e2:00.0 020000 8086:10d3 - 41\n' |
        "$TESTS/cli/mksysfs" "$BATS_TEST_TMPDIR/more"
    cp -r "$BATS_TEST_TMPDIR/more/sys" "$MACHINE/"
    "$IOMMUCTL" --platform "$MACHINE" devices 10000:e2:00.0 --xml >"$BATS_TEST_TMPDIR/element"
    grep -q "domain='0x10000' bus='0xe2'" "$BATS_TEST_TMPDIR/element"
    sed -i -e "/<devices>/r $BATS_TEST_TMPDIR/element" "$BATS_TEST_TMPDIR/guest.xml"
    [ ! -f "$schema" ] || xmllint --noout --relaxng "$schema" "$BATS_TEST_TMPDIR/guest.xml"
    run --separate-stderr virsh -c test:///default "define $BATS_TEST_TMPDIR/guest.xml; dumpxml guest"
    exits 0
    grep -q "<address domain='0x10000' bus='0xe2' slot='0x00' function='0x0'/>" <<<"$output"
}

@test "virsh knows each command that the program prints, with its options" {
    local release line count=0
    need virsh
    for release in 6.1.0 2.6.32-754.el6.x86_64; do
        echo "$release" >"$MACHINE/proc/sys/kernel/osrelease"
        "$IOMMUCTL" --platform "$MACHINE" devices 00:14.0 | sed -n 's/^    \(virsh .*\)/\1/p' >"$BATS_TEST_TMPDIR/commands"
        while read -r line; do
            # the driver for tests can do none of these; virsh says so, once it has read them
            run --separate-stderr virsh -c test:///default "${line#virsh }"
            ! grep -qiE "unknown command|doesn't support option|unexpected data|requires" <<<"$stderr" || {
                echo "$line: $stderr"
                return 1
            }
            count=$((count + 1))
        done <"$BATS_TEST_TMPDIR/commands"
    done
    [ "$count" -ge 10 ]
    run --separate-stderr virsh -c test:///default "nodedev-detatch pci_0000_00_14_0"
    grep -qi 'unknown command' <<<"$stderr"
}

@test "virsh takes a guest with it, and gives the same addresses back" {
    need virsh
    run --separate-stderr virsh -c test:///default "define $BATS_TEST_TMPDIR/guest.xml; dumpxml guest"
    exits 0
    grep -q "<address domain='0x0000' bus='0x00' slot='0x14' function='0x0'/>" <<<"$output"
    grep -q "<address domain='0x0000' bus='0x00' slot='0x16' function='0x1'/>" <<<"$output"
}
