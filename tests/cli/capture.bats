# SPDX-License-Identifier: LGPL-2.1-or-later
# capture: the copy answers as the machine did, and does not say whose machine it is.

load helpers

setup() {
    find_program
    DIR=$BATS_TEST_TMPDIR/captured
}

capture() { run --separate-stderr "$IOMMUCTL" "$@" capture "$DIR"; }

# What a machine answers, less the name of the directory that it is read from, and its
# command line, of which only what matters was kept.
answers() { # DIRECTORY COMMAND...
    local directory=$1
    shift
    "$IOMMUCTL" --json --root "$HOST" --platform "$directory" "$@" |
        grep -vE '"(chosen_from|command_line)"'
}

@test "every platform fixture answers the same from its captured copy" {
    local name command code
    lay rhel6-bios
    for name in "$FIXTURES"/platforms/*/; do
        name=${name%/}
        rm -rf "$DIR"
        capture --platform "$name"
        code=0
        case $name in
        */unreadable) code=77 ;;
        esac
        exits $code
        for command in status verify 'enable -n --diff'; do
            # shellcheck disable=SC2086 # the command is words
            diff <(answers "$name" $command) <(answers "$DIR" $command)
            # shellcheck disable=SC2086
            diff <(HOST=/ answers "$name" $command) <(HOST=/ answers "$DIR" $command)
        done
    done
}

@test "the machine itself answers the same from its captured copy" {
    local part
    capture --quiet
    [ "$status" -eq 0 ] || [ "$status" -eq 77 ]
    HOST=$BATS_TEST_TMPDIR/nothing
    mkdir "$HOST"
    for part in architecture cpu guest xen tables remapping_units; do
        diff <("$IOMMUCTL" --json --root "$HOST" status | part $part) \
            <("$IOMMUCTL" --json --root "$HOST" --platform "$DIR" status | part $part)
    done
}

part() { # NAME: of the document's machine
    /usr/bin/python3 -c 'import json, sys
print(json.load(sys.stdin)["machine"][sys.argv[1]])' "$1"
}

# A machine of somebody's, in a directory.
make_machine() {
    HERE=$BATS_TEST_TMPDIR/machine
    mkdir -p "$HERE"/proc/{1,net,sys/kernel,self} "$HERE"/sys/{bus/pci/devices,class/{net,block}} \
        "$HERE"/sys/devices/pci0000:00/0000:00:1f.2/net/eth0 \
        "$HERE"/sys/devices/virtual/block/dm-0/dm "$HERE"/sys/kernel/iommu_groups/3/devices
    pushd "$HERE" >/dev/null || return
    cat >proc/cpuinfo <<'END'
processor	: 0
vendor_id	: GenuineIntel
serial		: SECRET-1
flags		: fpu vmx hypervisor

processor	: 1
vendor_id	: GenuineIntel
flags		: fpu SECRET-2
END
    printf '%s\n' 'BOOT_IMAGE=/vmlinuz root=/dev/mapper/secret--host-root ro intel_iommu=on,sm_on ip=192.168.7.9::192.168.7.1:255.0.0.0:secrethost:eth0:off dyndbg="file secret.c +p" systemd.hostname=secrethost quiet iommu=pt -- secretword' >proc/cmdline
    echo 6.1.0 >proc/sys/kernel/osrelease
    cat >proc/mounts <<'END'
/dev/mapper/secret--host-root / ext4 rw 0 0
/dev/sda1 /boot ext4 rw 0 0
secrethost:/export/secret /net/secrethost nfs rw,addr=192.168.7.9 0 0
//secrethost/share /mnt/secret cifs rw,username=secretuser 0 0
/dev/md/secrethost:0 /home/secretuser xfs rw 0 0
END
    cat >proc/1/mountinfo <<'END'
25 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/secret--host-root rw
26 25 8:1 / /boot rw,relatime shared:1 - ext4 /dev/sda1 rw
40 25 0:40 /secret /net/secrethost rw shared:9 - nfs secrethost:/export/secret rw,addr=192.168.7.9
END
    cat >proc/swaps <<'END'
Filename				Type		Size		Used		Priority
/dev/mapper/secret--host-swap           partition	8388604		0		-2
END
    cat >proc/net/route <<'END'
Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	0107A8C0	0003	0	0	100	00000000	0	0	0
eth0	0007A8C0	00000000	0001	0	0	100	00FFFFFF	0	0	0
END
    cat >proc/net/if_inet6 <<'END'
fe800000000000005054a1fffec2d3e4 02 40 20 80     eth0
2a02123456780000505400fffec2d3e4 02 40 00 00     eth0
00000000000000000000000000000001 01 80 10 80       lo
END
    cat >proc/interrupts <<'END'
           CPU0
 24:   71234567   IR-PCI-MSI 512000-edge      secret-nic
END
    ln -s ../../../devices/pci0000:00/0000:00:1f.2 sys/bus/pci/devices/0000:00:1f.2
    ln -s ../../devices/pci0000:00/0000:00:1f.2/net/eth0 sys/class/net/eth0
    ln -s ../../devices/virtual/block/dm-0 sys/class/block/dm-0
    echo secret--host-root >sys/class/block/dm-0/dm/name
    echo 253:0 >sys/class/block/dm-0/dev
    echo 50:54:a1:c2:d3:e4 >sys/class/net/eth0/address
    echo 0x8086 >sys/bus/pci/devices/0000:00:1f.2/vendor
    echo SECRET-SERIAL >sys/bus/pci/devices/0000:00:1f.2/vpd
    ln -s ../../../bus/pci/drivers/ahci sys/bus/pci/devices/0000:00:1f.2/driver
    ln -s ../../../kernel/iommu_groups/3 sys/bus/pci/devices/0000:00:1f.2/iommu_group
    ln -s ../../../../devices/pci0000:00/0000:00:1f.2 sys/kernel/iommu_groups/3/devices/0000:00:1f.2
    mkdir -p sys/devices/pci0000:00/0000:00:1f.2/usb1/net/enx525400c2d3e4 sys/devices/virtual/net/secretbr/lower_enx525400c2d3e4 \
        proc/spl/kstat/zfs/secretpool sys/devices/virtual/block/loop0/loop var/log lib/modules/6.1.0
    ln -s ../../devices/pci0000:00/0000:00:1f.2/usb1/net/enx525400c2d3e4 sys/class/net/enx525400c2d3e4
    ln -s ../../../../../virtual/net/br0 sys/class/net/enx525400c2d3e4/master
    echo 5 >sys/class/net/enx525400c2d3e4/ifindex
    printf 'enx525400c2d3e4\t00000000\t0107A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n' >>proc/net/route
    echo '41 25 0:41 / /pool rw - zfs secretpool/home rw' >>proc/1/mountinfo
    echo '42 25 0:42 / /b rw - bcachefs /dev/sda:/dev/sdb rw' >>proc/1/mountinfo
    echo '43 25 104:1 / /old rw - ext3 /dev/cciss/c0d0p1 rw' >>proc/1/mountinfo
    ln -s ../../devices/virtual/block/loop0 sys/class/block/loop0
    echo /dev/mapper/secret--host-root >sys/class/block/loop0/loop/backing_file
    cat >var/log/dmesg <<'DMESG'
[    0.000000] DMI: Secret Inc., BIOS SECRET-2 
[    0.100000] DMAR: Intel(R) Virtualization Technology for Directed I/O
Nov 23 00:00:01 secrethost kernel: [Firmware Bug]: AMD-Vi: IOAPIC[0] not in IVRS table
[    1.000000] e1000e 0000:00:1f.2 eth0: (PCI Express:2.5GT/s:Width x1) 50:54:a1:c2:d3:e4
DMESG
    printf 'kernel/drivers/vfio/pci/vfio-pci.ko: kernel/secret.ko\nkernel/secret.ko:\n' >lib/modules/6.1.0/modules.dep
    printf 'HOME=/\0TOKEN=secret\0container=lxc\0' >proc/1/environ
    popd >/dev/null || return
}

@test "links lead on in the copy as they did" {
    local link=sys/bus/pci/devices/0000:00:1f.2
    make_machine
    capture --platform "$HERE"
    exits 0
    [ "$(cat "$DIR/$link/vendor")" = 0x8086 ]
    [ "$DIR/$link/vendor" -ef "$DIR/sys/devices/pci0000:00/0000:00:1f.2/vendor" ]
    [ "$(readlink "$DIR/$link/driver")" = ../../../bus/pci/drivers/ahci ]
    [ "$(readlink "$DIR/$link/iommu_group")" = ../../../kernel/iommu_groups/3 ]
    [ "$(ls "$DIR/sys/kernel/iommu_groups/3/devices")" = 0000:00:1f.2 ]
    [ "$(ls "$DIR/$link/net")" = eth0 ]
    [ "$(ls "$DIR/sys/class/net")" = $'enx020000000001\neth0' ]
    [ "$(readlink "$DIR/sys/class/net/enx020000000001")" = ../../devices/pci0000:00/0000:00:1f.2/usb1/net/enx020000000001 ]
    [ "$(cat "$DIR/sys/class/net/enx020000000001/ifindex")" = 5 ]
    [ "$(readlink "$DIR/sys/class/net/enx020000000001/master")" = ../../../../../virtual/net/br0 ]
    [ -d "$DIR/proc/spl/kstat/zfs/pool1" ]
}

@test "nothing tells whose machine it is" {
    local found
    make_machine
    capture --platform "$HERE"
    exits 0
    [ -s "$DIR/proc/cmdline" ]
    found=$(grep -riE 'secret|192\.168|0[107]+A8C0|5054|525400|c2d3e4|a8c0|50:54|7123' "$DIR" || true)
    echo "$found"
    [ -z "$found" ]
    [ -z "$(find "$DIR" -printf '%p %l\n' | grep -iE 'secret|525400')" ]
}

# In UTF-16, as efivarfs shows it.
@test "an entry that the firmware names stays one, without the machine's id in it" {
    local name vars=sys/firmware/efi/efivars vendor=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
    need iconv
    make_machine
    mkdir -p "$HERE/$vars"
    for name in LoaderEntryDefault LoaderEntryOneShot LoaderSystemToken; do
        { printf '\7\0\0\0' && printf '%s\0' 0123456789abcdef0123456789ABCDEF-6.1.0.conf | iconv -t UTF-16LE; } \
            >"$HERE/$vars/$name-$vendor"
    done
    capture --platform "$HERE"
    exits 0
    [ "$(ls "$DIR/$vars")" = "$(printf '%s-%s\n' LoaderEntryDefault $vendor LoaderEntryOneShot $vendor)" ]
    for name in "$DIR/$vars/"*; do
        [ "$(head -c 4 "$name" | od -An -tx1)" = " 07 00 00 00" ]
        [ "$(tail -c +5 "$name" | iconv -f UTF-16LE | tr -d '\0')" = '????????????????????????????????-6.1.0.conf' ]
    done
}

@test "what is read stays" {
    make_machine
    capture --platform "$HERE"
    exits 0
    [ "$(cat "$DIR/proc/cmdline")" = 'BOOT_IMAGE=/vmlinuz root=/dev/mapper/volume1 ro intel_iommu=on,sm_on ip=... dyndbg=... systemd.hostname=... quiet iommu=pt -- ...' ]
    [ "$(cat "$DIR/sys/class/block/dm-0/dm/name")" = volume1 ]
    grep -qx '/dev/mapper/volume1 / ext4 rw 0 0' "$DIR/proc/mounts"
    grep -qx '25 1 253:0 / / rw - ext4 /dev/mapper/volume1 rw' "$DIR/proc/1/mountinfo"
    grep -qE '^/dev/mapper/volume[0-9]+ +partition' "$DIR/proc/swaps"
    grep -q ' IR-PCI-MSI$' "$DIR/proc/interrupts"
    grep -qx '41 25 0:41 / /pool rw - zfs none rw' "$DIR/proc/1/mountinfo"
    grep -qx '42 25 0:42 / /b rw - bcachefs /dev/sda:/dev/sdb rw' "$DIR/proc/1/mountinfo"
    grep -qx '43 25 104:1 / /old rw - ext3 /dev/cciss/c0d0p1 rw' "$DIR/proc/1/mountinfo"
    grep -qE '^enx020000000001	00000000	000200C0	0003	' "$DIR/proc/net/route"
    [ "$(cat "$DIR/sys/class/block/loop0/loop/backing_file")" = /dev/mapper/volume1 ]
    [ "$(cat "$DIR/lib/modules/6.1.0/modules.dep")" = kernel/drivers/vfio/pci/vfio-pci.ko: ]
    printf '%s\n' 'DMAR: Intel(R) Virtualization Technology for Directed I/O' \
        '[Firmware Bug]: AMD-Vi: IOAPIC[0] not in IVRS table' | diff - "$DIR/var/log/dmesg"
    grep -qE '^eth0	00000000	000200C0	0003	.*	00000000	0	0	0' "$DIR/proc/net/route"
    grep -qE '^eth0	000200C0	00000000	0001	.*	00FFFFFF	' "$DIR/proc/net/route"
    grep -qE '^fe80[0-9a-f]{28} 02 40 20 80     eth0$' "$DIR/proc/net/if_inet6"
    [ "$(tr '\0' '\n' <"$DIR/proc/1/environ")" = container=lxc ]
    printf 'vendor_id\t: GenuineIntel\nflags\t\t: fpu vmx hypervisor\n' | diff - "$DIR/proc/cpuinfo"
}

@test "a doctored machine answers the same from a copy elsewhere" {
    local command directory
    HERE=$BATS_TEST_TMPDIR/machine
    {
        cat "$TESTS/cli/machines/common.tab" "$TESTS/cli/machines/server.tab"
        echo 'file var/log/dmesg [ 0.0] Command line: host=secrethost\n[    0.1] AMD-Vi: [Firmware Bug]: : IOAPIC[8] not in IVRS table'
        echo 'file proc/cpuinfo vendor_id\t: AuthenticAMD\nflags\t\t: fpu svm\nserial\t\t: SECRET-1'
        echo 'file boot/config-6.1.0 CONFIG_AMD_IOMMU=y\nCONFIG_X=secret'
        echo 'file sys/fs/selinux/enforce 1'
        echo 'file sys/fs/selinux/booleans/virt_use_sysfs 0 0'
        echo 'net enx525400c2d3e4 12 pci0000:00/0000:00:1a.0/usb1/1-1/net/enx525400c2d3e4 0x1003'
        echo 'file lib/modules/6.1.0/modules.dep kernel/drivers/vfio/pci/vfio-pci.ko:\nkernel/secret.ko:'
    } | "$TESTS/cli/mksysfs" "$HERE"
    rm -r "${HERE:?}/usr" # names of devices are those of who reads
    cp -r "$FIXTURES/platforms/amd-ivrs/sys/firmware" "$HERE/sys/"
    chmod -R u+w "$HERE"
    capture --platform "$HERE"
    exits 0
    mkdir "$BATS_TEST_TMPDIR/elsewhere"
    mv "$DIR" "$BATS_TEST_TMPDIR/elsewhere/copy"
    for command in devices 'devices --dot' 'devices 00:14.0' 'devices 00:14.0 --xml' '--json devices' \
        '--json verify' verify '--json status' status; do
        for directory in "$HERE" "$BATS_TEST_TMPDIR/elsewhere/copy"; do
            echo "$command"
            # shellcheck disable=SC2086 # the command is words
            (cd / && "$IOMMUCTL" --platform "$directory" $command) 2>&1 |
                sed "s,$directory,DIR,g; s/vg-root/volume1/g; s/enx525400c2d3e4/enx020000000001/g" |
                grep -v '"command_line"' >"$BATS_TEST_TMPDIR/${directory##*/}.said"
        done
        [ -s "$BATS_TEST_TMPDIR/machine.said" ]
        diff "$BATS_TEST_TMPDIR/machine.said" "$BATS_TEST_TMPDIR/copy.said"
    done
    grep -q 'IOAPIC' "$BATS_TEST_TMPDIR/elsewhere/copy/var/log/dmesg"
    run ! grep -riE 'secret|525400c2d3e4' "$BATS_TEST_TMPDIR/elsewhere"
}

@test "what the kernel's log alone tells is in the copy" {
    local directory
    HOST=$BATS_TEST_TMPDIR/nothing
    mkdir "$HOST"
    HERE=$BATS_TEST_TMPDIR/machine
    cp -r "$FIXTURES/platforms/el6-intel-dmar" "$HERE"
    chmod -R u+w "$HERE"
    rm -rf "$HERE/sys/devices/system"
    mkdir -p "$HERE/var/log"
    printf '%s\n' 'Linux version 2.6.32 (who@secrethost)' \
        'DMAR: Intel(R) Virtualization Technology for Directed I/O' >"$HERE/var/log/dmesg"
    capture --platform "$HERE"
    exits 0
    for directory in "$HERE" "$DIR"; do
        run --separate-stderr "$IOMMUCTL" --platform "$directory" verify
        exits 0
    done
    [ "$(wc -l <"$DIR/var/log/dmesg")" -eq 1 ]
    rm "$DIR/var/log/dmesg"
    run --separate-stderr "$IOMMUCTL" --platform "$DIR" verify
    exits 4
}

@test "nothing is written over, and a failed run leaves nothing" {
    local platform=$FIXTURES/platforms/intel-dmar
    mkdir "$DIR"
    capture --platform "$platform" # empty: taken
    exits 0
    capture --platform "$platform"
    exits 78
    [[ $stderr == *"not empty"* ]]
    DIR=$BATS_TEST_TMPDIR/captured/proc/cpuinfo capture --platform "$platform"
    [ "$status" -ne 0 ]
    DIR=$BATS_TEST_TMPDIR/no/such/place capture --platform "$platform"
    [ "$status" -ne 0 ]
    DIR=$BATS_TEST_TMPDIR/other capture --platform "$BATS_TEST_TMPDIR/nothing"
    [ "$status" -ne 0 ]
    [ "$(find "$BATS_TEST_TMPDIR" -mindepth 1 -maxdepth 1 ! -name "separate-stderr*" -printf "%f ")" = "captured " ]
}

@test "a full disk leaves nothing" {
    is_root || skip "mounting needs root"
    unshare -m true 2>/dev/null || skip "no mount namespace is to be had"
    make_machine
    mkdir "$BATS_TEST_TMPDIR/small"
    run -74 --separate-stderr unshare -m sh -c '
        mount -t tmpfs -o size=16k,nr_inodes=20 none "$1" || exit 1
        "$2" --platform "$3" capture "$1/captured"
        code=$?
        ls -A "$1" >&2
        exit $code' sh "$BATS_TEST_TMPDIR/small" "$IOMMUCTL" "$HERE"
    echo "$stderr"
    [[ $stderr == *"No space left on device"* ]]
    [ "$(wc -l <<<"$stderr")" -eq 1 ]
}

@test "what may not be read is named, and answers so in the copy" {
    capture --platform "$FIXTURES/platforms/unreadable"
    exits 77
    [[ $stderr == *"not read: /sys/firmware/acpi/tables"*"Permission denied"* ]]
    [[ $stderr == *"capture as root"* ]]
    grep -q '^sys/firmware/acpi/tables' "$DIR/unreadable"
    run -77 --separate-stderr "$IOMMUCTL" --json --platform "$FIXTURES/platforms/unreadable" \
        capture "$DIR.json"
    /usr/bin/python3 -c 'import json, sys
d = json.load(sys.stdin)
assert d["exit"] == 77 and d["changed"] and d["capture"]["unread"][0]["path"], d' <<<"$output"
}

@test "someone who is not root is told what root alone may read" {
    is_root || skip "only root can become somebody else"
    unshare -m true 2>/dev/null || skip "no mount namespace is to be had"
    make_machine
    mkdir -p "$HERE/sys/firmware/acpi/tables"
    echo x >"$HERE/sys/firmware/acpi/tables/DMAR"
    chmod 0400 "$HERE/sys/firmware/acpi/tables/DMAR"
    chmod -R go+rX "$BATS_TEST_TMPDIR" && chmod 0400 "$HERE/sys/firmware/acpi/tables/DMAR"
    cp "$IOMMUCTL" "$BATS_TEST_TMPDIR/iommuctl"
    mkdir -m 0777 "$BATS_TEST_TMPDIR/theirs"
    # shellcheck disable=SC2016 # bats lets nobody else into its directories
    run --separate-stderr unshare -m --propagation private sh -ec 'mount --bind "$1" /mnt
        exec setpriv --reuid=65534 --clear-groups /mnt/iommuctl --platform "/mnt/$2" capture \
            /mnt/theirs/captured' - "$BATS_TEST_TMPDIR" "${HERE#"$BATS_TEST_TMPDIR/"}"
    exits 77
    [ "$(grep -c '^not read: ' <<<"$stderr")" -eq 1 ]
    [[ $stderr == *"not read: /sys/firmware/acpi/tables/DMAR: Permission denied"* ]]
    [ "$(cat "$BATS_TEST_TMPDIR/theirs/captured/unreadable")" = sys/firmware/acpi/tables/DMAR ]
}

@test "odd files of a directory are passed over" {
    make_machine
    mkfifo "$HERE/proc/stat"
    ln -s loop "$HERE/sys/bus/pci/devices/loop"
    ln -s ../../../../../../../../etc "$HERE/sys/bus/pci/devices/0000:00:02.0"
    ln -s /etc "$HERE/sys/class/net/eth7"
    : >"$HERE/proc/swaps"
    printf 'a\0b' >"$HERE/proc/interrupts"
    printf 'no newline' >"$HERE/proc/cmdline"
    run --separate-stderr timeout 20 "$IOMMUCTL" --platform "$HERE" capture "$DIR"
    exits 0
    [ "$(cat "$DIR/proc/cmdline")" = 'no newline' ]
    [ -z "$(find "$DIR" -type p)" ]
    [ -z "$(find "$BATS_TEST_TMPDIR" -maxdepth 1 -name ".captured*")" ]
}

@test "every path that is read of a machine stands in the table" {
    local command trace=$BATS_TEST_TMPDIR/trace
    need strace
    [ -x /usr/bin/python3 ] || skip "python3 is not here"
    strace -o "$trace" true 2>/dev/null || skip "strace may not trace here"
    make_machine
    : >"$trace.all"
    for command in status 'verify' 'enable --check'; do
        # shellcheck disable=SC2086 # the command is words
        strace -f -y -s 4096 -e trace=file,getdents64 -o "$trace" \
            "$IOMMUCTL" --platform "$HERE" $command >/dev/null 2>&1 || true
        cat "$trace" >>"$trace.all"
    done
    run --separate-stderr "$TESTS/cli/facts-read" "$TESTS/../src/platform/facts.c" "$HERE" "$trace.all"
    exits 0
    echo "$output"
    [ -z "$output" ]
}
