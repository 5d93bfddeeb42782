# SPDX-License-Identifier: LGPL-2.1-or-later
# Two menus, of GRUB legacy and of GRUB 2, on a disk of their own with the real loaders' code
# in its first sector: which of them is live. Only status is run: nothing is written there.

load ../cli/helpers

setup() {
    find_program
    is_root || skip "only root mounts an image"
    need mke2fs losetup unshare python3
    IMAGE=$BATS_TEST_TMPDIR/disk
    lay stale-menu-lst
    touch "$HOST/boot/grub/stage2" # so that the files beside the menus settle nothing
    mkdir -p "$HOST/boot/grub/i386-pc"
    touch "$HOST/boot/grub/i386-pc/core.img"
    truncate -s 16M "$IMAGE"
    mke2fs -q -t ext4 -d "$HOST" "$IMAGE"
    mkdir "$BATS_TEST_TMPDIR/mounted"
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount --propagation private sh -c 'mount -o loop,ro "$1" "$2"' sh "$IMAGE" \
        "$BATS_TEST_TMPDIR/mounted" 2>/dev/null || skip "an image cannot be mounted here"
}

# The states of the two menus, "legacy-menu STATE" and "grub-cfg STATE".
states() { # [CODE]: with this file's code before the file system
    [ $# -eq 0 ] || dd if="$1" of="$IMAGE" bs=512 count=1 conv=notrunc status=none
    # shellcheck disable=SC2016
    unshare --mount --propagation private sh -c 'mount -o loop,ro "$1" "$2" && shift 2 && "$@"' sh \
        "$IMAGE" "$BATS_TEST_TMPDIR/mounted" \
        sh -c '"$2" --root "$1" --platform "$3" --boot-in-root --json status' sh \
        "$BATS_TEST_TMPDIR/mounted" "$IOMMUCTL" "$PLATFORM" >"$BATS_TEST_TMPDIR/json"
    /usr/bin/python3 -c '
import json, sys
for store in json.load(open(sys.argv[1]))["stores"]:
    if store["type"] in ("legacy-menu", "grub-cfg"):
        print(store["type"], store["state"])' "$BATS_TEST_TMPDIR/json" | sort
}

@test "no code there: unknown, both" {
    diff <(states) <(printf '%s\n' "grub-cfg unknown" "legacy-menu unknown")
}

@test "GRUB 2's boot.img: its grub.cfg is live and the menu left over" {
    [ -f /usr/lib/grub/i386-pc/boot.img ] || skip "grub-pc-bin is not here"
    diff <(states /usr/lib/grub/i386-pc/boot.img) <(printf '%s\n' "grub-cfg live" "legacy-menu stale")
}

@test "GRUB legacy's stage1: the other way round" {
    local stage1=/usr/lib/grub/x86_64-pc/stage1
    [ -f "$stage1" ] || skip "grub-legacy is not here"
    diff <(states "$stage1") <(printf '%s\n' "grub-cfg stale" "legacy-menu live")
}
