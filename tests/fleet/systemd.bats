# SPDX-License-Identifier: LGPL-2.1-or-later
# The unit, judged by systemd-analyze.

load helpers

setup() {
    need systemd-analyze
    UNIT=$BATS_TEST_TMPDIR/iommuctl-verify.service
    sed "s,/usr/sbin/iommuctl,$IOMMUCTL," "$CONTRIB/systemd/iommuctl-verify.service" >"$UNIT"
}

@test "systemd: the unit is well-formed" {
    run systemd-analyze verify --man=no "$UNIT"
    exits 0
    [ -z "$output" ]
    sed -i 's/^Type=oneshot/Type=onesho/' "$UNIT" # it can say no
    run systemd-analyze verify --man=no "$UNIT"
    [ "$status" -ne 0 ] || [ -n "$output" ]
}

@test "systemd: the unit is confined" {
    systemd-analyze --help | grep -q -- --offline || skip "systemd-analyze is too old for --offline"
    run systemd-analyze security --offline=true --threshold=20 --no-pager "$UNIT"
    exits 0
    sed -i '/^Protect/d; /^Restrict/d; /^System/d; /^Private/d; /^Capa/d' "$UNIT" # it can say no
    run systemd-analyze security --offline=true --threshold=20 --no-pager "$UNIT"
    [ "$status" -ne 0 ]
}

@test "systemd: the unit is off by default, and what it runs exists" {
    local command
    run ! grep -rn 'systemctl enable\|deb-systemd-helper enable' "$CONTRIB/packaging"
    command=$(sed -n "s,^ExecStart=$IOMMUCTL ,,p" "$UNIT")
    [ -n "$command" ]
    # shellcheck disable=SC2086 # a command with its options
    "$IOMMUCTL" $command --help >/dev/null 2>&1 || skip "this iommuctl has no $command"
}
