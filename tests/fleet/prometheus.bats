# SPDX-License-Identifier: LGPL-2.1-or-later
# status --prometheus, judged by Prometheus' own promtool, and by what the host is.

load helpers

setup() {
    HOST=$BATS_TEST_TMPDIR/host
    lay_host "$HOST"
}

metrics() {
    run --separate-stderr "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" --boot-in-root \
        status --prometheus
    echo "$output" >"$BATS_TEST_TMPDIR/metrics"
}

says() { # "NAME VALUE"...: these samples and no others
    diff <(printf 'iommuctl_%s\n' "$@" | sort) <(grep -v '^#' "$BATS_TEST_TMPDIR/metrics" | sort)
}

@test "prometheus: whether the flag is set" {
    metrics
    exits 0
    says "enabled 0" "readable 1"
    "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" --boot-in-root enable >/dev/null
    metrics
    says "enabled 1" "readable 1"
}

@test "prometheus: what is unknown has no line, and the failure is told" {
    rm -rf "${HOST:?}/boot" "${HOST:?}/etc"
    metrics
    exits 66
    says "readable 0"
    [[ $stderr == "iommuctl: "* ]]
    HOST=$HOST/none
    metrics
    [ "$status" -ne 0 ]
    says "readable 0"
}

@test "prometheus: active and reboot_pending on a machine of its own" {
    need bwrap
    local host=$BATS_TEST_TMPDIR/machine
    mkdir "$host"
    lay_host "$host/root"
    sed -i '/boot/d' "$host/root/etc/fstab"
    echo "$PLATFORM" >"$host/platform"
    "$FLEET/ansible/in-host" "$host" --version 2>"$BATS_TEST_TMPDIR/why" ||
        skip "no namespace of its own: $(head -n 1 "$BATS_TEST_TMPDIR/why")"
    machine() { "$FLEET/ansible/in-host" "$host" "$@" >"$BATS_TEST_TMPDIR/metrics"; }
    machine status --prometheus
    says "active 0" "enabled 0" "readable 1" "reboot_pending 0"
    machine enable
    machine status --prometheus
    says "active 0" "enabled 1" "readable 1" "reboot_pending 1"
    echo "$PLATFORM-on" >"$host/platform"
    machine status --prometheus
    says "active 1" "enabled 1" "readable 1" "reboot_pending 0"
}

@test "prometheus: promtool takes the format" {
    local place
    place=$(unpacked prometheus) || skip "Debian's prometheus could not be fetched"
    metrics
    run "$place/usr/bin/promtool" check metrics <"$BATS_TEST_TMPDIR/metrics"
    exits 0
    [ -z "$output" ]
    echo 'iommuctl_Bad-name 1' >>"$BATS_TEST_TMPDIR/metrics"
    run "$place/usr/bin/promtool" check metrics <"$BATS_TEST_TMPDIR/metrics"
    [ "$status" -ne 0 ]
}
