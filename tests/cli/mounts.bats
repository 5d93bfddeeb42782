# SPDX-License-Identifier: LGPL-2.1-or-later
# What must be mounted, and what must last, before anything is written. All mounts are made
# in a private namespace; what is a device is a loop image.

load helpers

setup() {
    find_program
    need unshare
    lay rhel6-bios
    OPTIONS=()
    PROGRAM=${IOMMUCTL%/*}
    IMAGE=$BATS_TEST_TMPDIR/image
    PREPARE=:
    is_root || skip "only root may mount"
    unshare -m true 2>/dev/null || skip "no private mount namespace here"
}

fstab() { printf '%s\n' "$@" >"$HOST/etc/fstab"; }

# As $HOST with --root, after the commands in $PREPARE, which find it as $host.
below() { # ARGUMENT...
    # shellcheck disable=SC2016 # for the shell inside
    run --separate-stderr unshare -m bash -ec 'host=$1 prepare=$2
        shift 2
        mount --make-rprivate /
        eval "$prepare"
        exec "$@"' - "$HOST" "$PREPARE" \
        "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" "$@"
}

# As its own "/", with the programs and devices of this machine.
inside() { # ARGUMENT...
    mkdir -p "$HOST"/{usr,proc,sys,dev,run/lenses,run/platform}
    : >"$HOST/run/iommuctl"
    for name in lib lib32 lib64 libx32 bin sbin; do
        [ ! -h "/$name" ] || ln -sfn "usr/$name" "$HOST/$name"
    done
    [ -h /lib ] || skip "/usr is not merged here"
    # shellcheck disable=SC2016
    run --separate-stderr unshare -m bash -ec 'host=$1 prepare=$2 program=$3 platform=$4
        shift 4
        mount --make-rprivate /
        mount --bind /usr "$host/usr"
        mount --rbind /dev "$host/dev"
        mount -t proc proc "$host/proc"
        mount --bind /sys "$host/sys"
        mount --bind "$program/iommuctl" "$host/run/iommuctl"
        mount --bind "$program/lenses/" "$host/run/lenses"
        mount --bind "$platform" "$host/run/platform"
        eval "$prepare"
        exec chroot "$host" /run/iommuctl --platform /run/platform "$@"' \
        - "$HOST" "$PREPARE" "$PROGRAM" "$PLATFORM" "${OPTIONS[@]}" "$@"
}

boot_device() { # the host's /boot on a loop image; its number as $LOOP, $UUID
    need losetup mkfs.ext4
    truncate -s 16M "$IMAGE"
    mkfs.ext4 -q -L mybootdisk -d "$HOST/boot" "$IMAGE"
    LOOP=$(losetup --find --show "$IMAGE") || skip "no loop devices here"
    UUID=$(/sbin/blkid -p -s UUID -o value "$IMAGE")
    rm -r "${HOST:?}/boot"
    mkdir "$HOST/boot"
    PREPARE="mount $LOOP \$host/boot"
}

teardown() { [ -z "${LOOP:-}" ] || losetup --detach "$LOOP"; }

refused() { # EXIT PATTERN: in one line, and nothing made
    exits "$1"
    grep -qE "$2" <<<"$stderr"
    [ "$(lines_of "$stderr")" -eq 1 ]
    [ ! -e "$HOST/var/lib/iommuctl" ]
}

# LINE | EXIT | what is said. @U is the UUID, @L the loop device.
right_device='
UUID=@U /boot ext4 defaults 0 2               | 0
UUID="@U" /boot ext4 defaults 0 2             | 0
LABEL=mybootdisk /boot ext4 noauto 0 2        | 0
@L /boot/ ext4 defaults 0 2                   | 0
UUID=11111111-2222-3333-4444-555555555555 /boot ext4 defaults 0 2 | 78 | wants UUID=1.*another device
LABEL=other /boot ext4 defaults 0 2           | 78 | another device
/dev/no-such-device /boot ext4 defaults 0 2   | 0
/boot.real /boot none bind 0 0                | 0
'

@test "on the running system: is what is mounted what the fstab names?" {
    local line exit pattern
    boot_device
    while IFS='|' read -r line exit pattern; do
        [ -n "$line" ] || continue
        line=${line//@U/$UUID}
        fstab "${line//@L/$LOOP}"
        inside enable --check
        echo "$line: $status, $stderr"
        exits "$((exit))"
        [ -z "${pattern// /}" ] || grep -qE "${pattern# }" <<<"$stderr"
    done <<<"$right_device"
}

@test "another loop device with a file system of its own is not the right one" {
    local other
    boot_device
    truncate -s 16M "$BATS_TEST_TMPDIR/other"
    mkfs.ext4 -q "$BATS_TEST_TMPDIR/other"
    other=$(losetup --find --show "$BATS_TEST_TMPDIR/other")
    fstab "$other /boot ext4 defaults 0 2"
    inside enable --check
    losetup --detach "$other"
    refused 78 "wants $other mounted there"
}

@test "listed and not mounted: refused, whichever it is" {
    local dir
    mkdir -p "$HOST"/{efi,boot/efi,var/lib/iommuctl.not}
    for dir in /boot /boot/efi /efi /boot/grub /var /var/lib; do
        fstab "UUID=1234-ABCD $dir vfat noauto,umask=0077 0 1"
        below enable
        refused 78 "host$dir: .*not mounted; mount it"
        below disable
        exits 78
        below rollback
        exits 78
        below enable --boot-in-root --check
        exits 0
    done
    fstab "UUID=1234-ABCD /var ext4 defaults 0 1"
    below --state "$BATS_TEST_TMPDIR/state" enable
    exits 0
}

@test "a directory of the same file system that is mounted there counts as mounted" {
    mkdir "$HOST/real"
    mv "$HOST/boot" "$HOST/real/boot"
    mkdir "$HOST/boot"
    fstab "/real/boot /boot none bind 0 0"
    below enable --check
    exits 78
    # shellcheck disable=SC2016
    PREPARE='mount --bind $host/real/boot $host/boot'
    below enable
    exits 0
    grep -q intel_iommu=on "$HOST/real/boot/grub/grub.conf"
}

@test "an automount is set off, and what it brings is edited" {
    boot_device
    fstab "UUID=$UUID /boot ext4 noauto,x-systemd.automount 0 2"
    ln -sfn "$LOOP" "$HOST/loop"
    # shellcheck disable=SC2016
    PREPARE='setsid timeout 30 "'"$TESTS"'/cli/automounter" "$host/boot" "$(readlink "$host/loop")" >"$host/said" 2>&1 3>&- 4>&- &
        while kill -0 $! && ! grep -q ready "$host/said"; do sleep 0.1; done
        grep -q ready "$host/said" || exit 99'
    below enable
    [ "$status" -ne 99 ] || skip "no autofs here: $(cat "$HOST/said")"
    exits 0
    [ ! -e "$HOST/boot/grub" ]
    PREPARE="mount $LOOP \$host/boot"
    below enable --check --diff
    exits 0
    grep -q '^unchanged' <<<"$output"
}

@test "a menu that is mounted over by itself" {
    rm -f "$HOST/etc/fstab"
    cp "$HOST/boot/grub/grub.conf" "$HOST/mine"
    # shellcheck disable=SC2016
    PREPARE='mount --bind "$host/mine" "$host/boot/grub/grub.conf"'
    below enable
    exits 78
    grep -q 'grub.conf: is mounted over by itself' <<<"$stderr"
    run ! grep iommu=on "$HOST/mine" "$HOST/boot/grub/grub.conf"
}

@test "an automount that nothing comes of is no mount" {
    fstab "UUID=1234-ABCD /boot ext4 noauto,x-systemd.automount 0 1"
    # In the automounter's own process group looking sets nothing off.
    # shellcheck disable=SC2016
    PREPARE='mkfifo "$host/pipe"
        exec 9<>"$host/pipe"
        mount -t autofs -o "fd=9,pgrp=$(ps -o pgid= $$ | tr -d " "),minproto=5,maxproto=5,direct" none "$host/boot" ||
            exit 99'
    below enable
    [ "$status" -ne 99 ] || skip "no autofs here: $stderr"
    exits 78
}

@test "the state in memory and the menu not: refused before anything is written" {
    [ "$(stat -f -c %T "$HOST")" != tmpfs ] || skip "$HOST lies in memory"
    for dir in /var/lib /var; do
        # shellcheck disable=SC2016
        PREPARE="mount -t tmpfs none \$host$dir && mkdir -p \$host/var/lib"
        rm -f "$HOST/etc/fstab"
        for words in enable "enable --check"; do
            # shellcheck disable=SC2086 # a command with its option
            below $words
            refused 74 "host/var/lib/iommuctl: .*in memory.*--state"
        done
        below --state "$BATS_TEST_TMPDIR/state" enable
        exits 0
        below --state "$BATS_TEST_TMPDIR/state" rollback
        exits 0
    done
    PREPARE=:
    below --state "/dev/shm/iommuctl-test.$$/state" enable
    [ ! -e "/dev/shm/iommuctl-test.$$" ]
    [ "$(stat -f -c %T /dev/shm)" != tmpfs ] || exits 74
}

@test "an image that lies in memory as a whole is no such case" {
    rm -f "$HOST/etc/fstab"
    # shellcheck disable=SC2016
    PREPARE='mount -t tmpfs none /mnt; cp -a "$host/." /mnt; mount --move /mnt "$host"'
    below enable
    exits 0
    [ -z "$stderr" ]
}

@test "the state on an overlay whose upper layer lies in memory" {
    rm -f "$HOST/etc/fstab"
    [ "$(stat -f -c %T "$HOST")" != tmpfs ] || skip "$HOST lies in memory"
    # shellcheck disable=SC2016
    PREPARE='mount -t tmpfs none /mnt; mkdir /mnt/upper /mnt/work
        mount -t overlay -o "lowerdir=$host/var,upperdir=/mnt/upper,workdir=/mnt/work" none "$host/var" || exit 99'
    below enable
    [ "$status" -ne 99 ] || skip "no overlay here: $stderr"
    refused 74 "in memory"
}

@test "status notes a root that no device here is, once" {
    boot_device
    fstab "UUID=$UUID /boot ext4 defaults 0 2"
    # shellcheck disable=SC2016
    PREPARE+='; sed -i "s|root=[^ ]*|root='"UUID=$UUID"'|" $host/boot/grub/grub.conf'
    inside status
    exits 0
    [[ $output != *note:* ]] || { echo "$output" && false; }
    PREPARE+='; sed -i "s|root=[^ ]*|root=LABEL=nowhere|" $host/boot/grub/grub.conf'
    inside status
    exits 0
    [ "$(grep -c '^note: .*no device here is the root=LABEL=nowhere' <<<"$output")" -eq 1 ]
}

# Where nothing tells what is mounted, the kernel says itself (statx) whether "/" is.
in_chroot() { # DIRECTORY: enable in that directory of the image, which has no /proc
    # shellcheck disable=SC2016
    run --separate-stderr strace -f -qq -o "$BATS_TEST_TMPDIR/calls" -e trace=ioctl unshare -m bash -ec \
        'host=/mnt$1 loop=$2 program=$3 platform=$4
        mount --make-rprivate /
        mount "$loop" /mnt
        mount --bind /usr "$host/usr"
        mount --bind "$program/iommuctl" "$host/run/iommuctl"
        mount --bind "$program/lenses/" "$host/run/lenses"
        mount --bind "$platform" "$host/run/platform"
        exec chroot "$host" /run/iommuctl --platform /run/platform enable' - "$1" "$LOOP" "$PROGRAM" "$PLATFORM"
    exits 0
}

@test "a chroot without /proc: its own file system is frozen, never that which lends it room" {
    local name
    need strace losetup mkfs.ext4
    [ -h /lib ] || skip "/usr is not merged here"
    rm -f "$HOST/etc/fstab"
    mkdir -p "$HOST"/{usr,run/lenses,run/platform,proc/self}
    ln -s /run/iommuctl "$HOST/proc/self/exe" # only for the lenses of this build
    : >"$HOST/run/iommuctl"
    for name in lib lib32 lib64 libx32 bin sbin; do
        [ ! -h "/$name" ] || ln -sfn "usr/$name" "$HOST/$name"
    done
    mkdir "$BATS_TEST_TMPDIR/lends"
    cp -a "$HOST" "$BATS_TEST_TMPDIR/lends/tree"
    truncate -s 32M "$IMAGE"
    mkfs.ext4 -q -d "$HOST" "$IMAGE"
    LOOP=$(losetup --find --show "$IMAGE") || skip "no loop devices here"
    in_chroot ""
    grep -q FIFREEZE "$BATS_TEST_TMPDIR/calls"
    mkfs.ext4 -q -F -d "$BATS_TEST_TMPDIR/lends" "$LOOP"
    in_chroot /tree
    run ! grep FIFREEZE "$BATS_TEST_TMPDIR/calls"
}

# As fstab writes it | with /boot as it is, or a link to /realboot
@test "an fstab may spell a directory in many ways" {
    local line
    for line in //boot /boot/. /boot/ /./boot '/bo\157t' '/boot\057'; do
        fstab "/dev/nowhere $line ext4 defaults 0 2"
        below enable
        refused 78 "^iommuctl: $HOST/boot: /etc/fstab lists it"
    done
    for line in /bootx /boo /x/boot boot none; do
        rm -rf "$HOST/var/lib/iommuctl"
        fstab "/dev/nowhere $line ext4 defaults 0 2"
        below enable --check
        exits 0
    done
    mv "$HOST/boot" "$HOST/realboot"
    ln -s realboot "$HOST/boot"
    for line in /boot /realboot //realboot/; do
        fstab "/dev/nowhere $line ext4 defaults 0 2"
        below enable
        refused 78 "^iommuctl: $HOST/boot: /etc/fstab lists it"
    done
}

@test "an fstab that cannot be read promises nothing: refused" {
    rm "$HOST/etc/fstab"
    mkfifo "$HOST/etc/fstab"
    below enable
    refused 65 "^iommuctl: $HOST/etc/fstab: "
    OPTIONS=(--boot-in-root)
    below enable --check
    exits 0
    OPTIONS=()
    rm "$HOST/etc/fstab"
    { echo "/dev/nowhere /boot ext4 defaults 0 2"; head -c 2M /dev/zero | tr '\0' '#'; } >"$HOST/etc/fstab"
    below enable
    refused 65 "^iommuctl: $HOST/etc/fstab: "
}

@test "whether /boot is mounted is asked to the end: no call may fail" {
    local n total name
    need strace
    fstab "/dev/nowhere /boot ext4 defaults 0 2"
    for name in openat read newfstatat fstat fstatfs fcntl; do
        strace -f -qq -o "$BATS_TEST_TMPDIR/calls" -e trace="$name" "$IOMMUCTL" --root "$HOST" \
            --platform "$PLATFORM" enable 2>/dev/null && return 1
        total=$(wc -l <"$BATS_TEST_TMPDIR/calls")
        for ((n = 1; n <= total; n++)); do
            strace -f -qq -o /dev/null -e trace="$name" -e inject="$name:error=EIO:when=$n" "$IOMMUCTL" \
                --root "$HOST" --platform "$PLATFORM" enable 2>/dev/null && { echo "$name $n: exit 0"; return 1; }
            [ ! -e "$HOST/var/lib/iommuctl/000001" ] || { echo "$name $n: written"; return 1; }
        done
    done
}
