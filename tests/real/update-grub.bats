# SPDX-License-Identifier: LGPL-2.1-or-later
# Debian's real update-grub, of package grub-legacy, over a menu that we edited: it must
# carry the flag into every stanza that it makes, and into none once we took it out. It runs
# in a mount namespace of its own whose "/" is the host fixture; this machine's /boot is
# not there at all.

load ../cli/helpers

setup() {
    UPDATE_GRUB=/usr/sbin/update-grub
    grep -qs 'AUTOMAGIC KERNELS LIST' $UPDATE_GRUB ||
        skip "update-grub of package grub-legacy is not here"
    need python3
    lay debian-menu-lst
    MENU=$HOST/boot/grub/menu.lst
    namespace
    find_program
}

# Which way to a private mount namespace works here; NAMESPACE names it.
namespace() {
    NAMESPACE=inside_bwrap
    inside_bwrap true 2>/dev/null && return
    NAMESPACE=inside_unshare
    is_root && inside_unshare true 2>/dev/null && return
    skip "no private mount namespace: neither bwrap nor unshare -m works here"
}

# $HOST as "/", with this machine's programs. grub-probe would ask for the real disks:
# here the root is /dev/sda1, (hd0,0).
stubs() {
    mkdir -p "$HOST/stub" "$HOST/tmp" "$HOST/usr" "$HOST/dev" "$HOST/proc"
    local name
    for name in bin sbin lib lib32 lib64; do
        [ ! -L "/$name" ] || ln -sfn "$(readlink "/$name")" "$HOST/$name"
    done
    cat >"$HOST/stub/grub-probe" <<'END'
#!/bin/sh
case " $* " in
*" drive "*) echo "(hd0,0)" ;;
*abstraction*) ;;
*) echo /dev/sda1 ;;
esac
END
    chmod +x "$HOST/stub/grub-probe"
}

inside_bwrap() {
    stubs
    command -v bwrap >/dev/null || return 1
    bwrap --bind "$HOST" / --ro-bind /usr /usr --dev /dev --tmpfs /tmp \
        --setenv PATH /stub:/usr/sbin:/usr/bin --setenv TMPDIR /tmp "$@"
}

inside_unshare() {
    stubs
    unshare -m sh -ec '
        mount --bind "$1" "$1"
        mount --bind /usr "$1/usr"
        mount --bind /dev "$1/dev"
        host=$1
        shift
        export PATH=/stub:/usr/sbin:/usr/bin TMPDIR=/tmp
        exec /usr/sbin/chroot "$host" "$@"' sh "$HOST" "$@"
}

update_grub() {
    run -0 $NAMESPACE /usr/sbin/update-grub
    [ "$(grep -c '^Found kernel' <<<"$output")" -ge 2 ]
    # It ran to its end: its own sentences stand between the markers now.
    grep -q '^## DO NOT UNCOMMENT THEM' "$MENU"
}

commands_of() { # MENU: what is left without comments and empty lines
    grep -v -e '^#' -e '^$' "$1"
}

live_comments_of() { grep -E '^# (kopt|defopt|xenh|xenk|altopt)' "$1"; }

# Each Linux entry between the markers and outside: the oracle's answer and how many.
answers() {
    "$ORACLE/legacy-lines" --args linux "$MENU" | "$ORACLE/flag-in-force" | sort | uniq -c |
        sed 's/^ *//'
}

enable() {
    iommuctl enable
    exits 0
}

@test "update-grub makes the fixture's stanzas from the fixture's comments" {
    update_grub
    diff <(commands_of "$FIXTURES/debian-menu-lst/root/boot/grub/menu.lst") <(commands_of "$MENU")
    diff <(live_comments_of "$FIXTURES/debian-menu-lst/root/boot/grub/menu.lst" | sed 1d) \
        <(live_comments_of "$MENU" | sed 1d)
    [ "$(answers)" = "7 intel unset 0; amd unset 0" ]
}

@test "after enable update-grub keeps the flag in each stanza, once" {
    enable
    update_grub
    [ "$(answers)" = "7 intel unset 0; amd on 1" ]
    grep -q 'memtest86+.bin$' "$MENU"
    run -0 "$ORACLE/legacy-lines" --templates "$MENU"
    [ "$(grep -c '^kopt.* amd_iommu=on$' <<<"$output")" -eq 2 ]
    grep -qx 'xenhopt=iommu=1' <<<"$output"
}

@test "a kernel that is installed later gets the flag" {
    enable
    "$TESTS/cli/mkkernel" "$HOST/boot/vmlinuz-2.6.39-bpo.2-amd64" 0x020a 2047
    update_grub
    [ "$(answers)" = "10 intel unset 0; amd on 1" ]
}

@test "enable after update-grub has nothing to do" {
    enable
    update_grub
    snapshot full before
    enable
    snapshot full after
    same before after
}

@test "after disable update-grub puts the flag nowhere" {
    enable
    update_grub
    iommuctl disable
    exits 0
    update_grub
    [ "$(answers)" = "7 intel unset 0; amd unset 0" ]
    [ "$(grep -c 'iommu' "$MENU")" -eq 0 ]
    diff <(commands_of "$FIXTURES/debian-menu-lst/root/boot/grub/menu.lst") <(commands_of "$MENU")
}

@test "after rollback update-grub puts the flag nowhere" {
    enable
    iommuctl rollback
    exits 0
    cmp "$FIXTURES/debian-menu-lst/root/boot/grub/menu.lst" "$MENU"
    update_grub
    [ "$(grep -c 'iommu' "$MENU")" -eq 0 ]
}

@test "rollback does not overwrite what update-grub wrote since" {
    enable
    update_grub
    snapshot full before
    iommuctl rollback
    exits 78
    snapshot full after
    same before after
    grep -q disable <<<"$stderr"
}

# get_kernel_opt takes kopt_2_6 for kopt only where it has a value: were the flag written
# into an empty one, these kernels would be started without root=.
@test "an empty kopt_2_6 goes on meaning kopt" {
    sed -i 's/^# kopt_2_6=.*/# kopt_2_6=/' "$MENU"
    update_grub
    enable
    update_grub
    [ "$(answers)" = "7 intel unset 0; amd on 1" ]
    run -0 "$ORACLE/legacy-lines" --args linux "$MENU"
    [ "$(grep -c root= <<<"$output")" -eq 7 ]
}

@test "the hypervisor's own line keeps its flag" {
    rm -rf "$HOST"
    lay debian-xen
    MENU=$HOST/boot/grub/menu.lst
    enable
    update_grub
    [ "$(answers)" = "4 intel on 1; amd unset 0" ]
    run -0 "$ORACLE/flag-in-force" --xen < <("$ORACLE/legacy-lines" --args xen "$MENU")
    [ "$output" = "iommu on 1" ]
    iommuctl disable
    exits 0
    update_grub
    [ "$(grep -c 'iommu' "$MENU")" -eq 0 ]
}
