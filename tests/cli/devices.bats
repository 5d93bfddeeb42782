# SPDX-License-Identifier: LGPL-2.1-or-later
# What devices says of machines whose /sys and /proc are made by hand: which device a guest
# can have, never one that the host needs; the tree, the drawing, the document and the rest
# of the guide; and that a hostile /sys does no harm.
# shellcheck disable=SC2030,SC2031 # each test is a process of its own

load table

setup() {
    find_program
    MACHINE=$BATS_TEST_TMPDIR/machine
    cat "$TESTS/cli/machines/common.tab" "$TESTS/cli/machines/server.tab" >"$BATS_TEST_TMPDIR/server"
}

make_machine() { # [CONDITION]
    rm -rf "$MACHINE"
    "$TESTS/cli/mksysfs" "$MACHINE" <"$BATS_TEST_TMPDIR/server"
    "condition_${1:--}"
}

condition_-() { :; }
condition_unmapped() { echo ' 24: 9 PCI-MSI 0-edge ahci' >"$MACHINE/proc/interrupts"; }
condition_unsafe() {
    condition_unmapped
    mkdir -p "$MACHINE/sys/module/vfio_iommu_type1/parameters"
    echo Y >"$MACHINE/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts"
}
condition_off() {
    rm -r "$MACHINE"/sys/kernel/iommu_groups/* "$MACHINE/sys/class/iommu/dmar0"
    find "$MACHINE/sys/devices" -name iommu_group -delete
}
condition_old() { # RHEL 6: no groups to show
    rm -r "$MACHINE/sys/kernel" "$MACHINE/sys/class/iommu"
    echo 2.6.32-754.el6.x86_64 >"$MACHINE/proc/sys/kernel/osrelease"
}
condition_noboot() { rm "$MACHINE/sys/bus/pci/devices/0000:01:00.0/boot_vga"; }
condition_nomounts() { rm "$MACHINE/proc/self/mountinfo"; }
condition_noblock() { rm -r "$MACHINE/sys/class/block"; }
condition_noclass() { rm "$MACHINE/sys/bus/pci/devices/0000:00:02.0/class"; }
condition_badclass() { echo 0x03zz00 >"$MACHINE/sys/bus/pci/devices/0000:00:02.0/class"; }

devices() { run --separate-stderr "$IOMMUCTL" --platform "$MACHINE" devices "$@"; }

says() { grep -qE -- "$1" <<<"$output" || { echo "no \"$1\" in: $output"; return 1; }; }

# "ADDRESS VERDICT REASON..." a line, of the document.
summary() {
    "$IOMMUCTL" --platform "$MACHINE" --json devices | /usr/bin/python3 -c 'import json, sys
for d in json.load(sys.stdin)["devices"]:
    print(d["address"], d["verdict"], *[f["reason"] for f in d["findings"]])'
}

@test "each device's verdict, and why" {
    local condition address verdict reasons line made=
    need /usr/bin/python3
    while IFS='|' read -r condition address verdict reasons; do
        case $condition in
        '#'* | '') continue ;;
        esac
        read -r condition <<<"$condition"
        if [ "$condition" != "$made" ]; then
            make_machine "$condition"
            summary >"$BATS_TEST_TMPDIR/summary"
            made=$condition
        fi
        read -r line <<<"$address $verdict $reasons"
        # shellcheck disable=SC2086
        grep -qx -- "$(echo $line)" "$BATS_TEST_TMPDIR/summary" || {
            echo "$condition: expected: $line"
            grep -F "${line%% *} " "$BATS_TEST_TMPDIR/summary"
            return 1
        }
    done <"$TESTS/cli/devices.tab"
}

@test "every device of the machine has its row, and every reason its device" {
    local address reason
    need /usr/bin/python3
    make_machine
    summary >"$BATS_TEST_TMPDIR/summary"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/summary")" -gt 25 ]
    while read -r address _; do
        grep -q "^- .*| $address " "$TESTS/cli/devices.tab" || { echo "no row: $address"; return 1; }
    done <"$BATS_TEST_TMPDIR/summary"
    while read -r reason; do
        grep -q "|.*\b$reason\b" "$TESTS/cli/devices.tab" || { echo "no device: $reason"; return 1; }
    done < <(sed -nE 's/^ *\[REASON_[A-Z_]*\] = \{"([a-z-]*)",.*/\1/p' "$TESTS/../src/platform/device_verdict.c")
}

@test "the tree: groups, names, drivers, in ASCII where the terminal is no UTF-8" {
    make_machine
    devices
    exits 0
    [ -z "$stderr" ]
    grep -qx 'IOMMU group 1' <<<"$output"
    says '^\|- 0000:01:00.0  Display controller: NVIDIA \[10de:1b06\]$'
    says '^`- 0000:00:10.0  Ethernet controller: Intel Corporation 82574L Gigabit \[8086:10d3\]$'
    says '^   driver e1000e, libvirt pci_0000_00_10_0$'
    says 'virtual function of 0000:00:16.0, reset flr$'
    says ', virtual functions 1 of 7$'
    says '^In no IOMMU group$'
    LC_ALL=C run ! grep -q $'[\200-\377\033]' <<<"$output"
    if LC_ALL=C.UTF-8 locale charmap 2>/dev/null | grep -q UTF-8; then
        LC_ALL=C.UTF-8 devices
        says '├─ 0000:01:00.0'
    fi
}

@test "one device: the rest of the guide for this host" {
    make_machine
    devices 00:14.0
    exits 0
    says '^    virsh nodedev-detach pci_0000_00_14_0$'
    says '^    iommuctl devices 0000:00:14.0 --xml >hostdev.xml$'
    says '^    virsh attach-device GUEST hostdev.xml --config$'
    says 'must end in vfio-pci:$'
    run ! grep -q setsebool <<<"$output"
    devices 0000:00:02.0
    says '^Graphics cards: '
    devices 0000:00:10.0
    exits 0
    says '^  never: .*eth0 has the default route'
    run ! grep -q virsh <<<"$output"
    make_machine old
    mkdir -p "$MACHINE/selinux/booleans"
    echo 1 >"$MACHINE/selinux/enforce"
    echo '0 0' >"$MACHINE/selinux/booleans/virt_use_sysfs"
    devices 0000:00:14.0
    says '^    virsh nodedev-dettach pci_0000_00_14_0$'
    says '^    setsebool -P virt_use_sysfs 1$'
    says 'must end in pci-stub'
}

# A code block's lines of the page, of sections that begin with a number.
commands_of_guide() { # SECTION
    sed -n "/^# $1\./,/^# /p" "$TESTS/../man/iommuctl-passthrough.7.scd" | sed -n '/^```/,/^```/p' | grep -v '^```'
}

@test "iommuctl-passthrough(7) has the commands that the program prints, and no others" {
    local line word count=0
    make_machine
    printf '%s\n' 'pci pci0000:00/0000:00:01.0/0000:03:00.0 020000 8086:10d3 e1000e 50' \
        'pci pci0000:00/0000:00:01.0/0000:03:00.1 088000 8086:10d4 - 50' |
        "$TESTS/cli/mksysfs" "$BATS_TEST_TMPDIR/more"
    cp -r "$BATS_TEST_TMPDIR/more/sys" "$MACHINE/"
    mkdir -p "$MACHINE/sys/fs/selinux/booleans"
    echo 1 >"$MACHINE/sys/fs/selinux/enforce"
    echo 0 0 >"$MACHINE/sys/fs/selinux/booleans/virt_use_sysfs"
    devices 03:00.0
    sed -n 's/^    \([a-z].*\)/\1/p' <<<"$output" | sort >"$BATS_TEST_TMPDIR/printed"
    { commands_of_guide 4; commands_of_guide 5; } | grep -v '^iommuctl devices 03:00.0$' |
        sort >"$BATS_TEST_TMPDIR/retold"
    diff "$BATS_TEST_TMPDIR/printed" "$BATS_TEST_TMPDIR/retold"
    while read -r line; do # those of the other sections are such as it takes
        case $line in
        iommuctl\ *) ;;
        *) continue ;;
        esac
        read -ra word <<<"${line%%>*}"
        run --separate-stderr "$IOMMUCTL" --root "$BATS_TEST_TMPDIR/more" --platform "$MACHINE" "${word[@]:1}"
        [ "$status" -ne 64 ] || { echo "$line: $stderr"; return 1; }
        count=$((count + 1))
    done < <(for word in 1 2 3 4; do commands_of_guide "$word"; done)
    [ "$count" -ge 6 ]
}

@test "the element for libvirt, in hexadecimal; none for what the host needs" {
    make_machine
    devices 0000:00:14.0 --xml
    exits 0
    says "<address domain='0x0000' bus='0x00' slot='0x14' function='0x0'/>"
    devices 0000:00:16.1 --xml
    says "slot='0x16' function='0x1'"
    devices 0000:00:1f.2 --xml
    exits 78
    [ -z "$output" ]
    [ "$(lines_of "$stderr")" -eq 1 ]
    grep -q 'no guest can have 0000:00:1f.2: .*mounted on /' <<<"$stderr"
}

@test "addresses that are none, and devices that are not there" {
    local word
    make_machine
    for word in '' x 00:1f 00:1f.8 00:20.0 0000:00:1f.2.1 1:2:3.4 00000:00:00:1f.2 '00:14.0 ' --xml; do
        devices "$word"
        [ "$status" -eq 64 ] || { echo "$word: $status"; return 1; }
        [ -z "$output" ]
    done
    devices 0000:77:00.0
    exits 78
    devices 00:14.0 --xml --dot
    exits 64
    devices --xml
    exits 64
    devices 00:14.0 --dot
    exits 64
    devices --dot --json
    exits 64
}

@test "the drawing is one that Graphviz draws, with every device" {
    need dot
    make_machine
    printf '8086  In"tel\\ }\n\t10d3  a"];b\\\n' >"$MACHINE/usr/share/hwdata/pci.ids"
    devices --dot
    exits 0
    dot -Tplain <<<"$output" >"$BATS_TEST_TMPDIR/plain"
    [ "$(grep -c '^node' "$BATS_TEST_TMPDIR/plain")" -eq "$(find "$MACHINE/sys/bus/pci/devices/" -mindepth 1 | wc -l)" ]
    dot -Tsvg <<<"$output" | grep -q 'IOMMU group 30'
}

@test "the documents are the schema's" {
    local condition code=0
    need /usr/bin/python3
    mkdir "$BATS_TEST_TMPDIR/documents"
    for condition in - off old noboot noclass noblock; do
        make_machine "$condition"
        "$IOMMUCTL" --platform "$MACHINE" --json devices >"$BATS_TEST_TMPDIR/documents/$condition.json"
        "$IOMMUCTL" --platform "$MACHINE" --json devices 00:14.0 >"$BATS_TEST_TMPDIR/documents/$condition-one.json"
    done
    /usr/bin/python3 "$TESTS/cli/json-valid" "$TESTS/../src/cli/schema.json" "$BATS_TEST_TMPDIR"/documents/*.json || code=$?
    [ $code -ne 77 ] || skip "python3-jsonschema is not here"
    return $code
}

@test "the numbers of each device, as sysfs has them" {
    need /usr/bin/python3
    make_machine
    echo 0x1028 >"$MACHINE/sys/bus/pci/devices/0000:00:14.0/subsystem_vendor"
    echo 0x04f7 >"$MACHINE/sys/bus/pci/devices/0000:00:14.0/subsystem_device"
    "$IOMMUCTL" --platform "$MACHINE" --json devices | /usr/bin/python3 -c 'import json, os, sys
for d in json.load(sys.stdin)["devices"]:
    place = os.path.join(sys.argv[1], "sys/bus/pci/devices", d["address"])
    for key in ("class", "vendor", "device", "subsystem_vendor", "subsystem_device"):
        path = os.path.join(place, key)
        there = open(path).read().strip() if os.path.exists(path) else None
        assert d[key] == there, (d["address"], key, d[key], there)' "$MACHINE"
}

@test "a hostile /sys: files that are none, names that are none, loops, escapes" {
    local at
    make_machine
    at=$MACHINE/sys/bus/pci/devices
    mkdir "$at/not a device" "$at/0000:00:1f" "$at/zzzz:00:00.0" "$at/0000:00:20.0"
    ln -s loop "$at/loop"
    mkdir "$at/0000:00:1e.0" "$at/0000:00:1e.1"
    mkfifo "$at/0000:00:1e.0/class"
    mkdir "$at/0000:00:1e.0/vendor"
    head -c 200000 /dev/zero >"$at/0000:00:1e.0/device"
    printf '\033[31m\n' >"$at/0000:00:1e.1/driver_override"
    ln -s $'evil\033[31m' "$at/0000:00:1e.1/driver"
    ln -s ../x "$at/0000:00:1e.1/physfn"
    echo 99999999999999999999 >"$at/0000:00:1e.1/sriov_totalvfs"
    mkdir -p "$MACHINE/sys/kernel/iommu_groups/abc/devices" "$MACHINE/sys/kernel/iommu_groups/99999999999/devices" \
        "$MACHINE/sys/kernel/iommu_groups/50/devices/0000:00:1e.1" "$MACHINE/sys/kernel/iommu_groups/51/devices/0000:00:1e.1"
    echo garbage >"$MACHINE/sys/kernel/iommu_groups/50/reserved_regions"
    ln -s dm-0 "$MACHINE/sys/class/block/looped"
    mkdir -p "$MACHINE/sys/devices/virtual/block/dm-0/slaves/dm-0" # made of itself
    devices
    exits 0
    says '0000:00:1e.0  class unknown$'
    LC_ALL=C run ! grep -q $'\033' <<<"$output"
    run ! grep -q 'zzzz\|not a device\|0000:00:20.0' <<<"$output"
    devices --dot
    exits 0
    LC_ALL=C run ! grep -q $'\033' <<<"$output"
    devices --json
    exits 0
}

@test "a machine with nothing to see" {
    mkdir "$MACHINE"
    devices
    exits 0
    [ "$output" = "There is no PCI device to be seen." ]
    devices 00:00.0
    exits 78
}

@test "ten thousand functions in one group" {
    local bus slot
    make_machine
    mkdir -p "$MACHINE/sys/kernel/iommu_groups/77/devices"
    for bus in {0..63}; do
        for slot in {0..19}; do
            printf '%s\n' "$MACHINE/sys/kernel/iommu_groups/77/devices/1000:$(printf '%02x:%02x' "$bus" "$slot")."{0..7}
        done
    done | xargs mkdir
    run --separate-stderr timeout 60 "$IOMMUCTL" --platform "$MACHINE" devices
    exits 0
    [ "$(grep -c '1000:.* class unknown' <<<"$output")" -eq 10240 ]
}

@test "what is read of a machine is what the table of facts has" {
    need strace
    make_machine
    strace -f -e trace=open,openat,readlinkat,readlink -o "$BATS_TEST_TMPDIR/trace" \
        "$IOMMUCTL" --platform "$MACHINE" devices >/dev/null || skip "strace may not trace here"
    sed -nE 's/.*(openat|readlinkat)\([0-9]+, "([^"]*)".*/\2/p' "$BATS_TEST_TMPDIR/trace" | sort -u >"$BATS_TEST_TMPDIR/read"
    /usr/bin/python3 - "$TESTS/../src/platform/facts.c" "$BATS_TEST_TMPDIR/read" <<'END'
import re, sys
text = open(sys.argv[1]).read()
names = dict(re.findall(r'#define (\w+) "([^"]*)"', text))
patterns = []
for row in re.findall(r'^\s*\{((?:\w+|"[^"]*")(?:\s+(?:\w+|"[^"]*"))*), FACT_', text, re.M):
    words = re.findall(r'"[^"]*"|\w+', row)
    path = ''.join(w.strip('"') if w.startswith('"') else names[w] for w in words)
    glob = re.escape(path).replace(r'\*', '[^/]*').replace(r'\?', '[^/]')
    patterns.append(re.compile(glob + r'\Z'))
known = re.compile(r'(unreadable|proc/sys/kernel/arch)\Z')
missing = [p for p in map(str.strip, open(sys.argv[2]))
           if not known.match(p) and not any(q.match(p) for q in patterns)]
assert not missing, missing
END
}
