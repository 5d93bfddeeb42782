# SPDX-License-Identifier: LGPL-2.1-or-later
# What GRUB, which replays no journal, reads after exit 0: the image of a loop-mounted file
# system is copied as a power cut would leave it, and read with grub-fstest. And what is
# left of the freezing when something dies in the middle of it. Nothing but loop images is
# ever frozen here; a teardown thaws them in any case.

load ../cli/helpers

setup() {
    find_program
    is_root || skip "only root may mount"
    need losetup grub-fstest mkfs.ext4 fsfreeze
    MNT=$BATS_TEST_TMPDIR/mnt
    COPY=$BATS_TEST_TMPDIR/copy
    LOG=$BATS_TEST_TMPDIR/log
    FAULT=()
    WRITER=
    MOUNTED=()
    mkdir "$MNT"
    : >"$LOG"
}

teardown() {
    local dir
    [ -z "${WRITER:-}" ] || kill "$WRITER" 2>/dev/null || :
    for dir in "${MOUNTED[@]}"; do fsfreeze --unfreeze "$dir" 2>/dev/null || :; done
    [ -z "${WRITER:-}" ] || wait "$WRITER" 2>/dev/null || :
    for dir in "${MOUNTED[@]}"; do umount "$dir"; done
    [[ ${MNT:-} != /tmp/iommuctl-test.* ]] || rmdir "$MNT"
}

image() { # ext4|xfs DIR IMAGE: a fresh one, mounted
    local size=48M
    case $1 in xfs) need mkfs.xfs && size=320M ;; esac
    truncate -s $size "$3"
    "mkfs.$1" -q "$3" >/dev/null
    mkdir -p "$2"
    mount -o loop "$3" "$2" || skip "no loop mounts here"
    MOUNTED=("$2" "${MOUNTED[@]}")
}

host_on() { # ext4|xfs: a host on one image, its root
    image "$1" "$MNT" "$BATS_TEST_TMPDIR/image"
    lay rhel6-bios
    rm "$HOST/etc/fstab"
    cp -a "$HOST/." "$MNT"
    HOST=$MNT
    sync -f "$MNT"
}

shim() { # NAME of the fault
    need cc
    [ -e "$BATS_FILE_TMPDIR/shim.so" ] ||
        cc -D_GNU_SOURCE -shared -fPIC -O1 -o "$BATS_FILE_TMPDIR/shim.so" "$TESTS/faults/freeze-shim.c" -ldl
    FAULT=(LD_PRELOAD="$BATS_FILE_TMPDIR/shim.so" FREEZE_FAULT="$1" FREEZE_LOG="$LOG")
}

program() {
    run --separate-stderr env "${FAULT[@]}" "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "$@"
}

# Always busy with another file of the same file system.
busy() {
    (
        exec 3>&-
        while :; do
            head -c 20000 /dev/urandom >"$MNT/busy.$((RANDOM % 8))"
            rm -f "$MNT/busy.$((RANDOM % 8))"
        done
    ) >/dev/null 2>&1 &
    WRITER=$!
}

flags() { grep -c intel_iommu=on || :; }

grub_sees() { # how many entries with the flag, from IMAGE as it is on the disk now
    cp --sparse=always "${1-$BATS_TEST_TMPDIR/image}" "$COPY"
    grub-fstest "$COPY" cat "(loop0)${2-/boot/grub/grub.conf}" | flags
}

linux_sees() { flags <"$MNT/boot/grub/grub.conf"; }

not_frozen() { # nor left to be thawed by anybody
    timeout 20 touch "$MNT/probe"
    run ! fsfreeze --unfreeze "$MNT"
}

is_whole() { # old or new, and the next run goes through
    local old new
    old=$(sha256sum <"$FIXTURES/rhel6-bios/root/boot/grub/grub.conf")
    new=$(sha256sum <"$FIXTURES/rhel6-bios/expect/enabled/boot/grub/grub.conf")
    [[ $(sha256sum <"$MNT/boot/grub/grub.conf") == @("$old"|"$new") ]]
    FAULT=()
    program enable
    exits 0
    [ "$(linux_sees)" -eq 4 ]
}

after_each_run() { # FILESYSTEM: enable, disable, rollback, several times
    local round
    host_on "$1"
    busy
    for round in 1 2 3; do
        program enable
        exits 0
        [ "$(linux_sees) $(grub_sees)" = "4 4" ]
        program disable
        exits 0
        [ "$(linux_sees) $(grub_sees)" = "0 0" ]
        program rollback
        exits 0
        [ "$(linux_sees) $(grub_sees)" = "4 4" ]
        program disable
        exits 0
    done
}

@test "ext4: GRUB reads the new text after exit 0, another writer or not" { after_each_run ext4; }
@test "XFS: GRUB reads the new text after exit 0, another writer or not" { after_each_run xfs; }

@test "what is undone after an interruption is read by GRUB, too" {
    host_on xfs
    program enable
    sed -i 's/"committed"/"armed"/' "$MNT/var/lib/iommuctl/000001/manifest.json"
    program rollback
    exits 0
    [ "$(linux_sees) $(grub_sees)" = "0 0" ]
}

@test "a writer that does not freeze is seen through" {
    local round caught=0
    shim no-freeze
    host_on xfs
    for round in 1 2 3; do
        program enable
        exits 0
        [ "$(grub_sees)" = "$(linux_sees)" ] || caught=$((caught + 1))
        program disable
    done
    grep -q skipped "$LOG"
    [ "$caught" -gt 0 ]
}

@test "a /boot of its own and the root: each is frozen, before and after the names change" {
    need strace
    image ext4 "$MNT" "$BATS_TEST_TMPDIR/image"
    image ext4 "$MNT/boot" "$BATS_TEST_TMPDIR/boot"
    lay debian-12
    cp -a "$HOST/." "$MNT"
    rm -f "$MNT/etc/fstab"
    HOST=$MNT
    program enable --vendor intel
    exits 0
    run -0 strace -f -e trace=ioctl -o "$BATS_TEST_TMPDIR/trace" \
        "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" disable
    [ "$(grep -c FIFREEZE "$BATS_TEST_TMPDIR/trace")" -eq 4 ]
    [ "$(grep -c FITHAW "$BATS_TEST_TMPDIR/trace")" -eq 4 ]
    [ "$(grub_sees "$BATS_TEST_TMPDIR/boot" /grub/grub.cfg)" -eq 0 ]
}

@test "a tree in a directory: what lends it the room is never frozen" {
    need strace
    lay rhel6-bios
    rm "$HOST/etc/fstab"
    run -0 strace -f -e trace=ioctl,fork,clone,clone3,vfork -o "$BATS_TEST_TMPDIR/trace" \
        "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" enable
    run ! grep -E 'FREEZE|THAW|fork|clone' "$BATS_TEST_TMPDIR/trace"
}

@test "the freezing process is killed before it thaws" {
    shim kill-child
    host_on ext4
    program enable
    grep -q frozen "$LOG"
    exits 0 # we have thawed, so all was frozen
    not_frozen
    [ "$(grub_sees)" -eq 4 ]
    is_whole
}

@test "the waiting process is killed while all is frozen" {
    shim kill-parent
    host_on ext4
    program enable
    grep -q frozen "$LOG"
    exits 137
    not_frozen
    is_whole
    # What died before a loader could be sure to read it was not taken for done.
    grep -q '^Run 000001 had been interrupted' <<<"$output"
    [ "$(grub_sees)" -eq 4 ]
}

@test "the freezing process is stopped before it thaws" {
    shim stop-child
    host_on ext4
    program enable
    grep -q frozen "$LOG"
    exits 0
    not_frozen
    is_whole
}

@test "the freezing process cannot thaw" {
    shim cannot-thaw
    host_on ext4
    program enable
    grep -q frozen "$LOG"
    exits 0
    not_frozen
    is_whole
}

@test "where freezing is refused: 71 with the reason, the change stands" {
    local number
    host_on ext4
    for number in 95 16 25 38 22 5; do # EOPNOTSUPP EBUSY ENOTTY ENOSYS EINVAL EIO
        : >"$LOG"
        shim "errno:$number"
        program enable
        exits 71
        grep -q refused "$LOG"
        [ "$(lines_of "$stderr")" -eq 1 ]
        grep -q '/boot/grub/grub.conf.*could not be frozen' <<<"$stderr"
        run ! grep -q thawed "$LOG" # it may be somebody else's
        [ "$(linux_sees)" -eq 4 ]
        grep -q '"committed"' "$MNT"/var/lib/iommuctl/000001/manifest.json
        program disable
        exits 71
        rm -r "$MNT/var/lib/iommuctl"
    done
    not_frozen
}

@test "what a freeze did not confirm is not taken for done by the next run" {
    shim errno:95
    host_on ext4
    program enable
    exits 71
    for words in enable "enable --check" enable; do
        : >"$LOG"
        # shellcheck disable=SC2086 # a command with its option
        program $words
        exits 71
        [ "$(lines_of "$stderr")" -eq 1 ]
        [[ $words = *check ]] || grep -q refused "$LOG"
    done
    [ "$(find "$MNT/var/lib/iommuctl" -name '0*' | wc -l)" -eq 1 ]
    program status
    grep -q '/boot/grub/grub.conf: .*not confirmed' <<<"$output"
    FAULT=()
    program enable # which has nothing else to do
    exits 0
    [ "$(grub_sees)" -eq 4 ]
    run ! grep -q unconfirmed "$MNT/var/lib/iommuctl/000001/manifest.json"
    shim errno:95
    : >"$LOG"
    program enable
    exits 0
    [ ! -s "$LOG" ]
}

@test "the next start of the system ends the doubt" {
    shim errno:95
    host_on ext4
    program enable
    exits 71
    sed -i "s/$(cat /proc/sys/kernel/random/boot_id)/another/" "$MNT"/var/lib/iommuctl/*/manifest.json
    : >"$LOG"
    program enable
    exits 0
    [ ! -s "$LOG" ]
}

@test "what was undone without being confirmed is not taken for done, either" {
    shim errno:95
    host_on ext4
    FAULT=()
    program enable
    exits 0
    sed -i 's/"committed"/"armed"/' "$MNT/var/lib/iommuctl/000001/manifest.json"
    shim errno:95
    program disable
    exits 71
    program disable
    exits 71
    program rollback
    exits 71
    FAULT=()
    program disable
    exits 0
    [ "$(linux_sees) $(grub_sees)" = "0 0" ]
}

@test "without locked memory nothing is frozen" {
    shim no-lock
    host_on ext4
    program enable
    exits 71
    grep -q refused "$LOG"
    run ! grep -q frozen "$LOG"
    not_frozen
}

# The image as "/", in a mount namespace and a chroot, so that no other file system can be
# meant. Who may not look at the first process's root is taken to be in it.
machine() { # COMMAND...: before iommuctl enable
    # shellcheck disable=SC2016 # for the shell in there
    run --separate-stderr unshare --mount --propagation private bash -c '
        mnt=$1 program=$2 platform=$3
        shift 3
        mkdir -p "$mnt"/{usr,proc,mnt,run/iommuctl/lenses}
        touch "$mnt/run/iommuctl/iommuctl"
        mount --bind /usr "$mnt/usr"
        mount -t proc none "$mnt/proc"
        for name in lib lib32 lib64 bin sbin; do
            if [ -h "/$name" ]; then
                ln -sfn "usr/$name" "$mnt/$name"
            elif [ -d "/$name" ]; then
                mkdir -p "$mnt/$name" && mount --bind "/$name" "$mnt/$name"
            fi
        done
        mount --bind "$program" "$mnt/run/iommuctl/iommuctl"
        mount --bind "${program%/*}/lenses" "$mnt/run/iommuctl/lenses"
        mount --bind "$platform" "$mnt/mnt"
        exec chroot "$mnt" "$@" /run/iommuctl/iommuctl --platform /mnt enable' \
        - "$MNT" "$IOMMUCTL" "$PLATFORM" "$@"
}

@test "on the machine itself, without the privilege to freeze its root: 71" {
    need setpriv unshare
    host_on ext4
    machine setpriv --bounding-set=-sys_admin,-sys_ptrace
    exits 71
    grep -q '/boot/grub/grub.conf: .*could not be frozen.*Operation not permitted' <<<"$stderr"
    [ "$(linux_sees)" -eq 4 ]
    machine setpriv --bounding-set=-sys_admin,-sys_ptrace # it is on already
    exits 71
    machine env
    exits 0
    [ "$(grub_sees)" -eq 4 ]
    not_frozen
}

@test "who builds an image and may not freeze is content with less" {
    need setpriv
    MNT=$(mktemp -d /tmp/iommuctl-test.XXXXXX)
    host_on ext4
    chown -R 65534:65534 "$MNT"
    cp -R "$PLATFORM" "$MNT/platform"
    AROUND=(setpriv --reuid=65534 --regid=65534 --clear-groups "$IOMMUCTL")
    "${AROUND[@]}" --help >/dev/null 2>&1 || skip "nobody may not run the program here"
    run --separate-stderr "${AROUND[@]}" --root "$MNT" --platform "$MNT/platform" enable
    exits 0
    [ -z "$stderr" ]
    [ "$(linux_sees)" -eq 4 ]
}
