# SPDX-License-Identifier: LGPL-2.1-or-later
# "Before you assign a device": KVM, who holds devices for guests, SELinux; in the document,
# in status, in what devices ADDRESS tells to do, and the same from a captured copy.

load table

setup() {
    find_program
    MACHINE=$BATS_TEST_TMPDIR/machine
}

make_machine() { # ROWS
    rm -rf "$MACHINE"
    {
        printf '%s\n' 'file proc/sys/kernel/arch x86_64' 'file proc/sys/kernel/osrelease 6.1.0' \
            'file proc/interrupts 24: 9 IR-PCI-MSI 0-edge x' 'dir sys/class/iommu/dmar0' \
            'pci pci0000:00/0000:00:10.0 0c0330 8086:1e31 - 10'
        printf '%s\n' "${1//; /$'\n'}"
    } | "$TESTS/cli/mksysfs" "$MACHINE"
}

wants() { # DIRECTORY: what the document says
    "$IOMMUCTL" --platform "$1" --json devices | /usr/bin/python3 -c 'import json, sys
a = json.load(sys.stdin)["assign"]
print(*[a[k] for k in ("kvm", "vfio_pci", "pci_stub", "selinux", "selinux_boolean", "selinux_boolean_on")])'
}

each() { # FUNCTION: called with a row's columns
    local what said line rows
    while IFS='|' read -r what said line rows; do
        case $what in
        '#'* | '') continue ;;
        esac
        read -r what <<<"$what"
        read -r said <<<"$said"
        line=${line# }
        make_machine "${rows# }"
        "$1" "$what" "$said" "${line% }" || { echo "$what"; return 1; }
    done <"$TESTS/cli/assign.tab"
}

document_says() { diff <(echo "$2") <(wants "$MACHINE"); }

@test "the document tells each" {
    need /usr/bin/python3
    each document_says
}

status_says() {
    "$IOMMUCTL" --platform "$MACHINE" status >"$BATS_TEST_TMPDIR/status" 2>&1 || true
    grep -q '^Before you assign a device$' "$BATS_TEST_TMPDIR/status" ||
        skip "status does not take this for the system that runs"
    grep -qF -- "$3" "$BATS_TEST_TMPDIR/status" || { cat "$BATS_TEST_TMPDIR/status"; return 1; }
    [[ $2 != *" none None None" ]] || ! grep -q SELinux "$BATS_TEST_TMPDIR/status"
}

@test "status tells each" { each status_says; }

copy_says() {
    rm -rf "$BATS_TEST_TMPDIR/copy"
    "$IOMMUCTL" --quiet --platform "$MACHINE" capture "$BATS_TEST_TMPDIR/copy" || return 1
    diff <(echo "$2") <(wants "$BATS_TEST_TMPDIR/copy")
}

@test "a captured copy says the same" {
    need /usr/bin/python3
    each copy_says
}

schema_has() { "$IOMMUCTL" --platform "$MACHINE" --json devices >"$BATS_TEST_TMPDIR/documents/$1.json"; }

@test "the documents are the schema's" {
    local code=0
    need /usr/bin/python3
    mkdir "$BATS_TEST_TMPDIR/documents"
    each schema_has
    /usr/bin/python3 "$TESTS/cli/json-valid" "$TESTS/../src/cli/schema.json" "$BATS_TEST_TMPDIR"/documents/*.json || code=$?
    [ $code -ne 77 ] || skip "python3-jsonschema is not here"
    return $code
}

guide() { # for the device, in $BATS_TEST_TMPDIR/guide
    "$IOMMUCTL" --platform "$MACHINE" devices 00:10.0 >"$BATS_TEST_TMPDIR/guide"
}

numbers() { grep -oE '^[0-9]\. ' "$BATS_TEST_TMPDIR/guide" | tr -d '\n'; }

@test "one device: what the host lacks comes first, SELinux has its step, and steps are counted" {
    make_machine 'file proc/cpuinfo flags : hypervisor; file lib/modules/6.1.0/modules.dep x; file lib/modules/6.1.0/modules.builtin x'
    guide
    grep -q '^First: no KVM: this is a guest' "$BATS_TEST_TMPDIR/guide"
    grep -q '^First: this kernel has neither vfio-pci nor pci-stub' "$BATS_TEST_TMPDIR/guide"
    run ! grep -q setsebool "$BATS_TEST_TMPDIR/guide"
    [ "$(numbers)" = '1. 2. 3. ' ]
    make_machine 'file dev/kvm x; dir sys/bus/pci/drivers/vfio-pci; file sys/fs/selinux/enforce 1; file sys/fs/selinux/booleans/virt_use_sysfs 0 0'
    guide
    run ! grep -q '^First' "$BATS_TEST_TMPDIR/guide"
    grep -qx '    setsebool -P virt_use_sysfs 1' "$BATS_TEST_TMPDIR/guide"
    [ "$(numbers)" = '1. 2. 3. 4. ' ]
}
