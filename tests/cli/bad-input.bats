# SPDX-License-Identifier: LGPL-2.1-or-later
# Menus and hosts that must be refused: each with its exit code, one line on stderr that
# names the file, and nothing touched.

load helpers

setup() {
    find_program
    lay rhel6-bios
    MENU=$HOST/boot/grub/grub.conf
    LIMIT="timeout 60"
}

teardown() {
    [ -z "${IMMUTABLE:-}" ] || chattr -i "$IMMUTABLE"
    [ -z "${HOLDER:-}" ] || kill "$HOLDER" 2>/dev/null || :
    chmod -R u+rwX "$HOST" # so that bats can remove it
    [ -z "${OPEN:-}" ] || rm -rf "$OPEN"
}

enable() { # as in helpers, but never for ever, and in $AROUND if that is set
    run --separate-stderr $LIMIT "${AROUND[@]}" "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" \
        "${OPTIONS[@]}" enable "$@"
}

refused() { # CODE PATTERN-OF-THE-FILE [ARGUMENT...]
    local code=$1 file=$2
    shift 2
    snapshot full before
    enable "$@"
    exits "$code"
    snapshot full after
    same before after
    [ "$(lines_of "$stderr")" -eq 1 ] || { echo "stderr: $stderr"; return 1; }
    grep -qE "$file" <<<"$stderr" || { echo "does not name $file: $stderr"; return 1; }
}

# ---- what is in the file

@test "a NUL byte" {
    printf 'title x\0y\n' >>"$MENU"
    refused 65 grub.conf
}

@test "a NUL byte at the very end" {
    printf '\0' >>"$MENU"
    refused 65 grub.conf
}

@test "over 4 MB" {
    yes '# sixty-four characters of a comment that nobody is ever to read' | head -c 4300000 >>"$MENU"
    refused 65 grub.conf
}

@test "a kernel line over 64 KB" {
    { printf 'title long\n\tkernel /vmlinuz ro x=' && head -c 70000 /dev/zero | tr '\0' x && echo; } \
        >>"$MENU"
    refused 65 grub.conf
}

@test "a comment over 64 KB" {
    { printf '#' && head -c 70000 /dev/zero | tr '\0' x && echo; } >>"$MENU"
    refused 65 grub.conf
}

@test "bytes that are no UTF-8 are kept" {
    printf 'title \xff\xfe \xe9\n\troot (hd0,0)\n\tkernel /vmlinuz-2.6.32-754.el6.x86_64 ro x=\xe9\n' \
        >>"$MENU"
    enable
    exits 0
    [ "$(tail -n 3 "$MENU" | od -An -tx1)" = "$(printf 'title \xff\xfe \xe9\n\troot (hd0,0)\n\tkernel /vmlinuz-2.6.32-754.el6.x86_64 ro x=\xe9 intel_iommu=on\n' | od -An -tx1)" ]
}

@test "a menu without an entry" {
    printf 'default=0\ntimeout=5\n#title x\n' >"$MENU"
    refused 66 grub.conf
}

@test "an empty menu" {
    : >"$MENU"
    refused 66 grub.conf
}

@test "no boot loader" {
    rm -rf "$HOST"
    lay none
    refused 66 .
}

@test "/boot is a file system of its own that is not mounted" {
    OPTIONS=()
    refused 78 /boot
}

# ---- what would not fit

long() { # LENGTH: the first entry's arguments are so long, "intel_iommu=on" not counted
    local text=ro
    while [ "${#text}" -lt $(($1 - 8)) ]; do text+=" a=bcdef"; done
    while [ "${#text}" -lt "$1" ]; do text+=g; done
    sed -i -E "0,/^(.kernel [^ ]*) .*/s//\1 $text/" "$MENU"
}

@test "an old boot header takes 255 characters" {
    "$TESTS/cli/mkkernel" "$HOST/boot/vmlinuz-2.6.32-754.35.1.el6.x86_64" 0x0204 0
    long 241
    refused 65 'grub.conf'
}

@test "an old boot header's 255 characters may all be used" {
    "$TESTS/cli/mkkernel" "$HOST/boot/vmlinuz-2.6.32-754.35.1.el6.x86_64" 0x0204 0
    long 240
    enable
    exits 0
}

@test "the boot header says how much the kernel takes" {
    "$TESTS/cli/mkkernel" "$HOST/boot/vmlinuz-2.6.32-754.35.1.el6.x86_64" 0x020a 1000
    long 986
    refused 65 'grub.conf'
}

@test "all that the boot header says may be used" {
    "$TESTS/cli/mkkernel" "$HOST/boot/vmlinuz-2.6.32-754.35.1.el6.x86_64" 0x020a 1000
    long 985
    enable
    exits 0
}

@test "Debian's loader passes 255 characters, whatever the kernel takes" {
    rm -rf "$HOST"
    lay debian-menu-lst
    MENU=$HOST/boot/grub/menu.lst
    local args
    args="root=/dev/sda1 $(printf 'x%.0s' {1..228})" # 243, and " amd_iommu=on" makes it 256
    sed -i -E "s#^(kernel.*root=/dev/sda1) .*#kernel /boot/vmlinuz-2.6.26-2-amd64 $args#" "$MENU"
    refused 65 'menu.lst'
    sed -i 's/ xx/ x/' "$MENU"
    enable
    exits 0
}

# ---- what the file is

@test "a directory" {
    rm "$MENU"
    mkdir "$MENU"
    refused 65 grub.conf
}

@test "a FIFO" {
    rm "$MENU"
    mkfifo "$MENU"
    refused 65 grub.conf
}

@test "a dangling link" {
    rm "$MENU"
    refused 65 'grub.conf|menu.lst'
}

@test "looping links" {
    rm "$MENU"
    ln -s menu.lst "$MENU"
    refused 65 'grub.conf|menu.lst'
}

outside() { # a menu beside the root, that must not be touched
    mkdir "$BATS_TEST_TMPDIR/outside"
    mv "$MENU" "$BATS_TEST_TMPDIR/outside/grub.conf"
    stat "$BATS_TEST_TMPDIR/outside/grub.conf" >"$BATS_TEST_TMPDIR/outside.before"
}

untouched_outside() {
    stat "$BATS_TEST_TMPDIR/outside/grub.conf" | diff "$BATS_TEST_TMPDIR/outside.before" -
}

@test "an absolute link out of the root" {
    outside
    ln -s "$BATS_TEST_TMPDIR/outside/grub.conf" "$MENU"
    refused 65 'grub.conf|menu.lst'
    untouched_outside
}

@test "a climbing link out of the root" {
    outside
    ln -s ../../../outside/grub.conf "$MENU"
    refused 65 'grub.conf|menu.lst'
    untouched_outside
}

@test "a directory that is a link out of the root" {
    mkdir "$BATS_TEST_TMPDIR/outside"
    mv "$HOST/boot/grub/grub.conf" "$BATS_TEST_TMPDIR/outside/"
    rm -rf "$HOST/boot/grub"
    ln -s ../../outside "$HOST/boot/grub"
    stat "$BATS_TEST_TMPDIR/outside/grub.conf" >"$BATS_TEST_TMPDIR/outside.before"
    snapshot full before
    enable
    [ "$status" -eq 65 ] || [ "$status" -eq 66 ]
    snapshot full after
    same before after
    untouched_outside
}

@test "a hard-linked menu" {
    ln "$MENU" "$HOST/boot/grub/mine.conf"
    refused 78 grub.conf
}

# ---- what may not be done to it

@test "an immutable menu" {
    is_root || skip "not root"
    need chattr
    chattr +i "$MENU" 2>/dev/null || skip "no immutable files on this file system"
    IMMUTABLE=$MENU
    refused 77 grub.conf
}

# As a user who owns nothing here. bats' own directory is closed to others.
nobody() {
    is_root || return 0
    need setpriv
    OPEN=$(mktemp -d /tmp/iommuctl-test.XXXXXX)
    chmod 755 "$OPEN"
    mv "$HOST" "$OPEN/host"
    HOST=$OPEN/host
    cp -R "$PLATFORM" "$OPEN/platform"
    chmod -R u+w,a+rX "$OPEN/platform"
    PLATFORM=$OPEN/platform
    MENU=$HOST/boot/grub/grub.conf
    AROUND=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    "${AROUND[@]}" "$IOMMUCTL" --help >/dev/null 2>&1 || skip "nobody may not run the program here"
}

@test "a menu that may not be read" {
    nobody
    chmod 0000 "$MENU"
    refused 77 grub.conf
}

@test "a menu that may be read but not replaced" {
    nobody
    chmod 0644 "$MENU"
    is_root || chmod 0555 "$HOST/boot/grub" "$HOST/var/lib"
    refused 77 'grub.conf|/boot/grub|/var/lib/iommuctl'
}

read_only() { # the host, in a mount namespace
    local unshare=(unshare -m)
    need unshare
    is_root || unshare=(unshare -rm)
    AROUND=("${unshare[@]}" sh -ec 'mount --bind "$1" "$1"
        mount -o remount,bind,ro "$1"
        shift
        exec "$@"' sh "$HOST")
    "${AROUND[@]}" true 2>/dev/null || skip "no private mount namespace here"
}

@test "a read-only file system" {
    read_only
    refused 74 'grub.conf|/boot/grub|/var/lib'
}

@test "a read-only file system, the state elsewhere" {
    read_only
    snapshot full before
    run --separate-stderr $LIMIT "${AROUND[@]}" "$IOMMUCTL" --root "$HOST" \
        --platform "$PLATFORM" "${OPTIONS[@]}" --state "$BATS_TEST_TMPDIR/state" enable
    exits 74
    grep -qE 'grub.conf|/boot/grub' <<<"$stderr"
    snapshot full after
    same before after
}

# ---- somebody else at work

hold_the_lock() { # SECONDS
    mkdir -m 0700 "$HOST/var/lib/iommuctl"
    (umask 077 && : >"$HOST/var/lib/iommuctl/lock")
    (flock 9 && touch "$BATS_TEST_TMPDIR/held" && exec sleep "$1") \
        9<"$HOST/var/lib/iommuctl/lock" 3>&- >/dev/null 2>&1 &
    HOLDER=$!
    while [ ! -e "$BATS_TEST_TMPDIR/held" ]; do sleep 0.05; done
}

@test "another run holds the lock" {
    need flock
    hold_the_lock 30
    local began=$SECONDS
    refused 75 'var/lib/iommuctl' --wait 1
    [ $((SECONDS - began)) -le 6 ]
}

@test "another run holds the lock: readers do not wait" {
    need flock
    hold_the_lock 30
    snapshot full before
    LIMIT="timeout 5"
    enable --check
    exits 0
    iommuctl status
    exits 0
    snapshot full after
    same before after
}

@test "another run lets the lock go in time" {
    need flock
    hold_the_lock 1
    enable --wait 20
    exits 0
    cmp "$FIXTURES/rhel6-bios/expect/enabled/boot/grub/grub.conf" "$MENU"
}
