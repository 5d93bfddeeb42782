# SPDX-License-Identifier: LGPL-2.1-or-later
# What verify says of captured machines, of other roots and of old kernels. What it says of
# the kernel that runs is in running.bats.

load table

setup() { find_program; }

cause() { # the word in the document in $output
    /usr/bin/python3 -c 'import json, sys; print(json.load(sys.stdin)["verify"]["cause"])' <<<"$output"
}

says() { grep -qE -- "$1" <<<"$output" || { echo "no \"$1\" in: $output"; return 1; }; }

@test "on each captured machine" {
    local platform arguments code cause pattern
    while read_row 5; do
        platform=${ROW[0]} arguments=${ROW[1]/#-/} code=${ROW[2]} cause=${ROW[3]} pattern=${ROW[4]}
        [ "$arguments" != "-off" ] || arguments=--off
        echo "$platform $arguments"
        # shellcheck disable=SC2086
        run --separate-stderr "$IOMMUCTL" --platform "$FIXTURES/platforms/$platform" verify $arguments
        exits "$code"
        [ -z "$stderr" ]
        [ "$pattern" = - ] || says "$pattern"
        # shellcheck disable=SC2086
        run --separate-stderr "$IOMMUCTL" --platform "$FIXTURES/platforms/$platform" --json verify $arguments
        exits "$code"
        [ "$(cause)" = "$cause" ] || { cause; return 1; }
    done <"$TESTS/cli/verify.tab"
}

@test "every platform has its row" {
    local dir
    for dir in "$FIXTURES"/platforms/*/; do
        grep -q "^$(basename "$dir") " "$TESTS/cli/verify.tab" ||
            { echo "no row: $(basename "$dir")"; return 1; }
    done
}

@test "below another root nothing is known, and --wait waits for nothing" {
    lay_copy rhel6-bios
    iommuctl verify --wait 600
    exits 4
    says "^Unknown: no kernel that was started from this root runs here: $HOST\.$"
    iommuctl -q verify --off
    exits 4
    [ -z "$output$stderr" ]
}

# A captured machine to be altered.
machine() { # PLATFORM
    PLATFORM=$BATS_TEST_TMPDIR/platform
    cp -R "$FIXTURES/platforms/$1" "$PLATFORM"
    chmod -R u+w "$PLATFORM"
}

verdict() { # CODE CAUSE
    run --separate-stderr "$IOMMUCTL" --platform "$PLATFORM" --json verify
    exits "$1"
    [ "$(cause)" = "$2" ] || { cause; return 1; }
}

@test "the likely cause: the driver, a later off, the kernel's own complaint" {
    machine intel-dmar
    echo 'ro intel_iommu=on' >"$PLATFORM/proc/cmdline"
    verdict 1 unexplained
    echo 'ro intel_iommu=on quiet intel_iommu=igfx_off,off' >"$PLATFORM/proc/cmdline"
    verdict 1 later-off
    echo 'ro intel_iommu=on iommu=off' >"$PLATFORM/proc/cmdline"
    verdict 1 later-off
    echo 'ro -- intel_iommu=on' >"$PLATFORM/proc/cmdline"
    verdict 1 not-on-command-line
    echo 'ro amd_iommu=on' >"$PLATFORM/proc/cmdline"
    verdict 1 not-on-command-line
    echo 'ro intel-iommu="on"' >"$PLATFORM/proc/cmdline"
    mkdir -p "$PLATFORM/var/log" "$PLATFORM/boot"
    echo '[    0.0] Your BIOS is broken; DMAR reported at address 0!' >"$PLATFORM/var/log/dmesg"
    verdict 1 defect
    printf 'CONFIG_X86=y\n' >"$PLATFORM/boot/config-$(cat "$PLATFORM/proc/sys/kernel/osrelease")"
    verdict 1 no-driver
}

@test "RHEL 6 by its own evidence: what it does not show is unknown, never off" {
    machine el6-intel-dmar
    rm -r "$PLATFORM/sys/devices/system/iommu"
    echo 'ro intel_iommu=on' >"$PLATFORM/proc/cmdline"
    verdict 4 unknown
    run "$IOMMUCTL" --platform "$PLATFORM" verify --off
    exits 4
    mkdir -p "$PLATFORM/var/log"
    echo 'DMAR: IOMMU enabled' >"$PLATFORM/var/log/dmesg" # only tells that the option was read
    verdict 4 unknown
    echo 'PCI-DMA: Intel(R) Virtualization Technology for Directed I/O' >>"$PLATFORM/var/log/dmesg"
    verdict 0 on
}

verdict_off() { # CODE CAUSE
    run --separate-stderr "$IOMMUCTL" --platform "$PLATFORM" --json verify --off
    exits "$1"
    [ "$(cause)" = "$2" ] || { cause; return 1; }
}

@test "off is wanted, and something overrules the command line: the firmware, tboot" {
    need /usr/bin/python3
    machine intel-dmar-on
    echo 'ro quiet' >"$PLATFORM/proc/cmdline"
    verdict_off 1 off-despite
    sed -i 's/^flags .*/flags 5/' "$PLATFORM/tables"
    /usr/bin/python3 "$TESTS/mktables" "$PLATFORM"
    verdict_off 1 off-opt-in
    mkdir -p "$PLATFORM/var/log"
    echo '[    0.9] DMAR: Forcing Intel-IOMMU to enabled' >"$PLATFORM/var/log/dmesg"
    verdict_off 1 off-tboot
    verdict 0 on
}

@test "Stoney Ridge: the kernel's own words are the cause" {
    machine amd-stoney-ridge
    verdict 1 unexplained
    mkdir -p "$PLATFORM/var/log"
    echo '[    0.1] AMD-Vi: Disable IOMMU on Stoney Ridge' >"$PLATFORM/var/log/dmesg"
    verdict 1 defect
}

@test "a kernel with a release or a command line that no kernel has" {
    machine intel-dmar
    printf '../../../../etc/passwd\n' >"$PLATFORM/proc/sys/kernel/osrelease"
    verdict 1 not-on-command-line
    printf 'intel_iommu="on\n' >"$PLATFORM/proc/cmdline"
    rm -r "$PLATFORM/proc/sys/kernel/osrelease"
    run "$IOMMUCTL" --platform "$PLATFORM" verify
    [ "$status" -le 4 ]
    head -c 100000 /dev/zero | tr '\0' 'x' >"$PLATFORM/proc/cmdline"
    run "$IOMMUCTL" --platform "$PLATFORM" verify
    [ "$status" -le 4 ]
}
