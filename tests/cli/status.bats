# SPDX-License-Identifier: LGPL-2.1-or-later
# What status says, to whom, and that it leaves everything alone. What it says of the kernel
# that runs is in running.bats.

load table

setup() { find_program; }

teardown() { [ -z "${OPEN:-}" ] || rm -rf "$OPEN"; }

@test "the verdict on each machine" { all_rows status.tab platforms ; }
@test "the verdict on hosts" { all_rows status.tab hosts ; }

@test "every platform and every group has its rows" {
    local dir
    every_group_has_its_test status.tab "$BATS_TEST_FILENAME"
    for dir in "$FIXTURES"/platforms/*/; do
        grep -q "^platforms .*| $(basename "$dir") " "$TESTS/cli/status.tab" ||
            { echo "no row: $(basename "$dir")"; return 1; }
    done
}

# As somebody who may not read what belongs to root; where the tests are not root's, a file
# of no permissions does as well.
as_nobody() { # ARGUMENT...
    local who=()
    OPEN=$(mktemp -d "${TMPDIR:-/tmp}/iommuctl-open-XXXXXX")
    cp "$IOMMUCTL" "$OPEN/iommuctl"
    cp -RL "${IOMMUCTL%/*}/lenses" "$OPEN/lenses" || skip "no lenses beside the program"
    cp -R "$PLATFORM" "$OPEN/platform"
    mv "$HOST" "$OPEN/host"
    chmod -R u+w,go+rX "$OPEN/iommuctl" "$OPEN/lenses" "$OPEN/platform"
    chmod 0755 "$OPEN"
    if is_root; then
        need setpriv
        who=(setpriv --reuid 65534 --regid 65534 --clear-groups)
        "${who[@]}" test -x "$OPEN/iommuctl" || skip "others may not run programs here"
    fi
    HOST=$OPEN/host
    [ -z "${PRIVATE:-}" ] || { is_root && chmod 0600 "$HOST/$PRIVATE"; } || chmod 0000 "$HOST/$PRIVATE"
    run --separate-stderr "${who[@]}" "$OPEN/iommuctl" --root "$HOST" --platform "$OPEN/platform" \
        "${OPTIONS[@]}" "$@"
}

@test "not root, and the menu is root's: what can be seen is told" {
    lay_copy rhel6-bios
    PRIVATE=boot/grub/grub.conf as_nobody status
    exits 0
    [ -z "$stderr" ]
    grep -q '^Firmware  *the firmware has a valid DMAR' <<<"$output"
    [ "${lines[-1]}" = "Unknown: not root. Run it as root to see what the next start gives." ]
}

@test "not root, and the tables are root's: the entries are told all the same" {
    lay_copy rhel6-bios
    chmod 0644 "$MENU"
    PLATFORM=$FIXTURES/platforms/unreadable
    as_nobody status
    exits 0
    [ "$(grep -c '(2.6.32-754' <<<"$output")" -eq 4 ]
    [[ ${lines[-1]} == "Unknown: not root."* ]]
}

@test "not root, and the rollback copies are root's: no matter to status" {
    lay_copy rhel6-bios
    before_enabled
    chmod 0644 "$MENU"
    as_nobody status
    exits 0
    [ "${lines[-1]}" = "Set for the next start." ]
}

@test "not root: enable says so in one line" {
    lay_copy rhel6-bios
    PRIVATE=boot/grub/grub.conf as_nobody enable
    exits 77
    [ "$(lines_of "$stderr")" -eq 1 ]
    grep -q 'grub.conf: .*Permission denied' <<<"$stderr"
}

@test "it needs no state directory and makes none" {
    lay_copy rhel6-bios
    rm -rf "${HOST:?}/var"
    iommuctl status
    exits 0
    [ ! -e "$HOST/var" ]
}

# What a terminal would act on: an escape that changes colours, a bell, a carriage return, a
# C1 control in UTF-8 and in one byte.
evil_title() {
    lay_copy rhel6-bios
    printf 'title a\033[31mb\007c\xc2\x9bd\x9be b\xc3\xbcro\n\tkernel /vmlinuz-2.6.32-754.el6.x86_64 ro x=\033]0;y\007\n' >>"$MENU"
}

nothing_raw() { # TEXT
    ! LC_ALL=C grep -q $'[\001-\010\013-\037\177\233]' <<<"$1"
}

@test "control characters of a menu are not sent to the terminal" {
    local locale
    evil_title
    for locale in C C.UTF-8; do
        LC_ALL=$locale iommuctl status --verbose
        exits 0
        nothing_raw "$output"
        grep -qF 'a\x1b[31mb\x07c\xc2\x9bd\x9be b' <<<"$output"
        LC_ALL=$locale iommuctl enable -n --verbose
        nothing_raw "$output"
    done
}

@test "only a UTF-8 terminal is sent more than ASCII" {
    evil_title
    LC_ALL=C iommuctl status
    grep -qF 'b\xc3\xbcro' <<<"$output"
    locale -a | grep -qi '^C\.utf-\{0,1\}8$' || skip "no UTF-8 locale here"
    LC_ALL=C.UTF-8 iommuctl status
    grep -qF $'b\xc3\xbcro' <<<"$output"
}

# A pseudo terminal, as script(1) makes one, without its own words.
on_a_terminal() { # ARGUMENT...: what the program sends to it
    /usr/bin/python3 - "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" "$@" <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
data = b""
try:
    while chunk := os.read(fd, 65536):
        data += chunk
except OSError:
    pass
os.waitpid(pid, 0)
sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
END
}

@test "bold and raw bytes of a diff depend on whether a terminal reads" {
    need /usr/bin/python3
    evil_title
    [[ $(TERM=xterm on_a_terminal status) == *$'\033[1mNot set: '*$'\033[0m'* ]]
    [[ $(TERM=dumb on_a_terminal status) != *$'\033'* ]]
    [[ $(TERM=xterm NO_COLOR=1 on_a_terminal status) != *$'\033'* ]]
    nothing_raw "$(TERM=xterm on_a_terminal enable -n --diff)"
    [[ $(TERM=xterm on_a_terminal enable -n --diff) == *'+'$'\t''kernel '*'x=\x1b]0;y\x07 intel_iommu=on'* ]]
    iommuctl enable -n --diff
    [[ $output == *$'\033[31m'* ]]
}

@test "an interrupted run is told, and read through: one whose files somebody changed, too" {
    lay_copy rhel6-bios
    before_interrupted
    echo '# mine' >>"$MENU"
    iommuctl status
    exits 0
    grep -q '^Run 000001 was interrupted' <<<"$output"
    [ "${lines[-1]}" = "Set for the next start." ] # for it will be left as it is
}

@test "a virtio-iommu: a capture tells of its kernels, and what ran is proof" {
    rule_is() { # WORD
        run --separate-stderr "$IOMMUCTL" --platform "$PLATFORM" --json status
        grep -q "\"rule\": \"$1\"" <<<"$output" || { echo "not $1: $output"; return 1; }
    }
    lay_copy rhel6-bios # whose kernels are others
    PLATFORM=$BATS_TEST_TMPDIR/machine
    cp -R "$FIXTURES/platforms/virtio-iommu" "$PLATFORM"
    chmod -R u+w "$PLATFORM"
    rule_is virtio-no-driver
    mkdir "$PLATFORM/boot"
    echo CONFIG_VIRTIO_IOMMU=m >"$PLATFORM/boot/config-6.12"
    rule_is virtio-iommu
    rm "$PLATFORM/boot/config-6.12"
    mkdir -p "$PLATFORM/sys/kernel/iommu_groups/0/devices/0000:00:01.0"
    rule_is virtio-iommu
    iommuctl enable
    exits 69
}
