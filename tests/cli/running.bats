# SPDX-License-Identifier: LGPL-2.1-or-later
# The administrator's own case: the program with the host as its "/", in a private mount
# namespace whose /sys is a platform fixture's; what it says of the kernel that runs, and
# what it sends to the system log.

load table

setup() {
    find_program
    need bwrap
    case $(uname -m) in
    x86_64 | i?86) ;;
    *) skip "this machine is not x86" ;;
    esac
    lay_copy rhel6-bios
    PLATFORM=$FIXTURES/platforms/intel-dmar
    ORIGINAL=$FIXTURES/rhel6-bios/root/boot/grub/grub.conf
    ENABLED=$FIXTURES/rhel6-bios/expect/enabled/boot/grub/grub.conf
    sed -i '/boot/d' "$HOST/etc/fstab" # nothing is mounted in the namespace
    in_memory
    OPTIONS=()
    export SIGN=
    LOG=$BATS_TEST_TMPDIR/log
    : >"$LOG"
    here true 2>"$BATS_TEST_TMPDIR/why" || skip "no namespace of its own: $(head -n 1 "$BATS_TEST_TMPDIR/why")"
}

# The program thinks that it is on the real root, and freezes the file systems that it writes
# menus to. That must not be this machine's: the host goes into memory, where there is
# nothing to freeze, and only its /var, where the copies of before are kept, onto a disk.
in_memory() {
    [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] && [ -w /dev/shm ] || skip "no tmpfs at /dev/shm"
    [ "$(stat -f -c %T /var/tmp)" != tmpfs ] || skip "/var/tmp is no disk"
    MEMORY=$(mktemp -d /dev/shm/iommuctl-running.XXXXXX)
    DISK=$(mktemp -d /var/tmp/iommuctl-running.XXXXXX)
    mv "$HOST/var" "$DISK/var"
    mv "$HOST" "$MEMORY/host"
    HOST=$MEMORY/host
    ln -s "$DISK/var" "$HOST/var"
    MENU=$(menu_of)
}

teardown() { [ -z "${MEMORY-}" ] || rm -rf "$MEMORY" "$DISK"; }

# What a root needs to run programs: this system's, read-only, below $1.
system_below() {
    local name
    echo "--ro-bind /usr $1/usr --proc $1/proc --dev $1/dev"
    for name in lib lib32 lib64 libx32 bin sbin; do
        if [ -h "/$name" ]; then
            echo "--symlink usr/$name $1/$name"
        elif [ -d "/$name" ]; then
            echo "--ro-bind /$name $1/$name"
        fi
    done
    echo "--ro-bind $PLATFORM/sys $1/sys"
    for name in cmdline interrupts; do
        [ ! -f "$PLATFORM/proc/$name" ] || echo "--ro-bind $PLATFORM/proc/$name $1/proc/$name"
    done
    echo "--ro-bind $IOMMUCTL $1/run/iommuctl/iommuctl --ro-bind ${IOMMUCTL%/*}/lenses $1/run/iommuctl/lenses"
}

# A root of nothing but the host's own directories, so that nothing of ours is left in it.
here() { # COMMAND...: in the host as "/"
    local words=() name
    for name in boot etc var; do
        words+=(--bind "$HOST/$name" "/$name")
    done
    inside "${words[@]}" "$@"
}

inside() { # BWRAP-OPTION... COMMAND...
    local words
    mapfile -t words < <(system_below "" | tr ' ' '\n')
    is_root || words+=(--unshare-user --uid 0 --gid 0)
    [ ! -S "$BATS_TEST_TMPDIR/socket" ] || words+=(--bind "$BATS_TEST_TMPDIR/socket" /dev/log)
    # shellcheck disable=SC2086 # SIGN: options, or nothing
    bwrap --unshare-pid --die-with-parent --clearenv --setenv PATH /usr/bin:/usr/sbin \
        --tmpfs / "${words[@]}" $SIGN "$@"
}

admin() { # ARGUMENT...: iommuctl ARGUMENT... there; its log messages go to $LOG
    export -f here inside system_below is_root
    export IOMMUCTL PLATFORM HOST BATS_TEST_TMPDIR
    run --separate-stderr "$TESTS/cli/with-log" "$BATS_TEST_TMPDIR/socket" "$LOG" \
        bash -c 'here /run/iommuctl/iommuctl "$@"' admin "$@"
}

says() { # LAST-LINE of the output
    [ "${lines[-1]}" = "$1" ] && return
    printf 'stdout: %s\nstderr: %s\n' "$output" "$stderr"
    return 1
}

field() { # NAME: of the document in $output
    /usr/bin/python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin)[sys.argv[1]]))' "$1" <<<"$output"
}

verified() { # CODE CAUSE ARGUMENT...
    local code=$1 cause=$2
    shift 2
    admin --json verify "$@"
    exits "$code"
    [ "$(field verify | grep -o '"cause": "[^"]*"')" = "\"cause\": \"$cause\"" ] || {
        field verify
        return 1
    }
}

@test "off, enable, reboot, on, disable: what an administrator is told" {
    admin status
    exits 0
    says "Off. Run iommuctl enable, then reboot (4 of 4 entries have no flag)."
    admin enable
    exits 0
    cmp "$ENABLED" "$MENU"
    grep -qx "Reboot to make it take effect." <<<"$output"
    grep -qx "/boot/grub/grub.conf: 4 entries given the flag" <<<"$output"
    grep -qx "The files of before are in /var/lib/iommuctl/000001." <<<"$output"
    admin status
    says "Reboot to turn the IOMMU on."
    verified 3 pending
    grep -q '"detail": "entry .* in /boot/grub/grub.conf:' <<<"$output"
    touch -d '2001-01-01' "$MENU" # it stood there long before this kernel was started
    verified 1 started-otherwise
    touch "$MENU"

    PLATFORM=$FIXTURES/platforms/intel-dmar-on # as after the reboot
    admin status
    says "On."
    verified 0 on
    verified 1 off-still-set --off
    admin enable
    exits 0
    says "unchanged: intel_iommu=on is in force in all 4 entries"
    admin disable
    exits 0
    cmp "$ORIGINAL" "$MENU"
    admin status
    says "On now, off after the next reboot: iommuctl enable keeps it on."
    verified 0 on
    verified 3 off-pending --off # its kernel is off by default
    admin rollback
    exits 0
    cmp "$ENABLED" "$MENU"
    admin status
    says "On."
}

@test "what starts next is the default of the loader that started this system" {
    local vars
    need iconv
    cp -R "$PLATFORM" "$BATS_TEST_TMPDIR/platform"
    PLATFORM=$BATS_TEST_TMPDIR/platform
    chmod -R u+w "$PLATFORM"
    vars=$PLATFORM/sys/firmware/efi/efivars
    mkdir -p "$vars" "$HOST/boot/loader/entries" "$HOST/boot/EFI/systemd"
    touch "$HOST/boot/EFI/systemd/systemd-bootx64.efi"
    printf 'linux /vmlinuz-2.6.32-754.el6.x86_64\noptions ro intel_iommu=on\n' >"$HOST/boot/loader/entries/a.conf"
    next_is() { # JSON-VALUE [LOADER]: is a reboot needed to have it on?
        [ $# -eq 1 ] || { printf '\6\0\0\0' && printf '%s\0' "$2" | iconv -t UTF-16LE; } \
            >"$vars/LoaderInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
        admin --json status
        exits 0
        [ "$(field reboot_required)" = "$1" ] || { echo "$2: $(field reboot_required)"; return 1; }
    }
    next_is false # the menu's, without the flag
    next_is true "systemd-boot 254.5"
    next_is false "GRUB 2.12"
    next_is false "another"
}

@test "some entries, but not the default one" {
    admin enable --kernel 'Maintenance (2.6.32-754.el6.x86_64)'
    PLATFORM=$FIXTURES/platforms/intel-dmar-on
    admin status
    says "On now, off after the next reboot: iommuctl enable keeps it on."
    admin enable --kernel DEFAULT
    grep -q "^No reboot is needed" <<<"$output"
    admin status
    says "On now; 2 of 4 entries start without the flag: iommuctl enable."
}

@test "who holds devices is asked of the kernel that starts next, too" {
    local version
    version=$(sed -n 's,^\tkernel /vmlinuz-\([^ ]*\).*,\1,p' "$MENU" | head -n 1) # the default's
    admin --json status
    exits 0
    [ "$(field assign | grep -o '"kernel": "[^"]*"')" = "\"kernel\": \"$version\"" ]
    sed -i "s,$version,$(uname -r)," "$MENU"
    admin --json status
    [ "$(field assign | grep -o '"next": [a-z]*')" = '"next": null' ]
}

@test "reboot_required is what the kernel that runs and the next start say" {
    admin --json status
    [ "$(field reboot_required)" = false ]
    admin --json enable --check
    [ "$(field reboot_required)" = true ]
    admin --json enable
    [ "$(field reboot_required)" = true ]
    admin --json enable
    [ "$(field reboot_required)" = true ]
    admin --json disable
    [ "$(field reboot_required)" = false ]
    admin --json rollback 2
    [ "$(field changed)$(field reboot_required)" = truetrue ]
    admin --json rollback
    [ "$(field changed)$(field reboot_required)" = truefalse ]
    PLATFORM=$FIXTURES/platforms/intel-dmar-on
    admin --json enable
    [ "$(field reboot_required)" = false ]
    [ "$(field changed)" = true ]
}

@test "in a chroot the kernel that runs is the installer's: nothing is said of it" {
    local words=() name command
    mapfile -t words < <(system_below /mnt/sysimage | tr ' ' '\n')
    for name in boot etc var; do
        words+=(--bind "$HOST/$name" "/mnt/sysimage/$name")
    done
    command=(inside --cap-add CAP_SYS_CHROOT "${words[@]}" chroot /mnt/sysimage /run/iommuctl/iommuctl)
    "${command[@]}" --version >/dev/null || skip "no chroot here"
    run --separate-stderr "${command[@]}" --json status
    exits 0
    [ "$(field reboot_required)" = null ]
    [ "$(field machine | grep -c '"running": null')" -eq 1 ]
    run --separate-stderr "${command[@]}" enable
    exits 0
    cmp "$ENABLED" "$MENU"
    run --separate-stderr "${command[@]}" status
    says "Set for the next start."
    run --separate-stderr "${command[@]}" verify
    exits 4
    [ "${lines[0]}" = "Unknown: in a chroot; the kernel that runs was started from another root." ]
}

@test "verify names the entry that misses the flag, and waits for no longer than it is told" {
    admin enable --kernel 'Maintenance (2.6.32-754.el6.x86_64)'
    verified 1 not-set --wait 1
    grep -q '"detail": "entry .* in /boot/grub/grub.conf:[0-9]' <<<"$output"
    : >"$LOG"
    admin verify
    [ ! -s "$LOG" ]
}

@test "in a container off is not believed, and on is" {
    here true
    mkdir "$BATS_TEST_TMPDIR/run"
    : >"$BATS_TEST_TMPDIR/run/.containerenv"
    SIGN="--ro-bind $BATS_TEST_TMPDIR/run/.containerenv /run/.containerenv"
    verified 4 container
    PLATFORM=$FIXTURES/platforms/intel-dmar-on
    verified 0 on
}

@test "one line in the system log for each change, rollback and failure" {
    admin enable
    admin disable
    admin rollback
    admin enable --kernel nothing
    diff - "$LOG" <<'END'
<13>iommuctl: enable changed /boot/grub/grub.conf (generation 000001)
<13>iommuctl: disable changed /boot/grub/grub.conf (generation 000002)
<13>iommuctl: rollback changed /boot/grub/grub.conf (generation 000003)
<11>iommuctl: enable failed: /boot/grub/grub.conf: no Linux entry has the kernel or title "nothing"; iommuctl status lists them
END
}

@test "what changes nothing is not in the system log, nor is another root" {
    local arguments
    admin -q enable
    : >"$LOG"
    for arguments in status "status --json" enable "disable --check" "disable --check --kernel x" \
        "rollback --check" "rollback --list" --help --no-such-option \
        "--root /etc/.. --state /etc/state rollback --list"; do
        # shellcheck disable=SC2086
        admin $arguments
        [ ! -s "$LOG" ] || { echo "$arguments:" && cat "$LOG" && false; }
    done
    mkdir "$HOST/var/image"
    cp -a "$HOST/boot" "$HOST/etc" "$HOST/var/image"
    cp "$ORIGINAL" "$HOST/var/image/boot/grub/grub.conf"
    admin --root /var/image disable
    admin --root /var/image enable
    exits 0
    cmp "$ENABLED" "$HOST/var/image/boot/grub/grub.conf"
    [ ! -s "$LOG" ]
}

@test "undoing an interrupted run is in the system log" {
    admin -q enable
    sed -i 's/"committed"/"armed"/' "$HOST/var/lib/iommuctl/000001/manifest.json"
    : >"$LOG"
    admin rollback
    exits 0
    cmp "$ORIGINAL" "$MENU"
    [ "$(cat "$LOG")" = "<13>iommuctl: rollback undid the interrupted generation 000001" ]
}

@test "no system log is no failure" {
    run --separate-stderr here /run/iommuctl/iommuctl enable
    exits 0
    cmp "$ENABLED" "$MENU"
}
