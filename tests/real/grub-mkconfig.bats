# SPDX-License-Identifier: LGPL-2.1-or-later
# Debian's real grub-mkconfig over defaults that we edited writes, byte for byte, the
# grub.cfg that we edited beside them; after disable and rollback it writes the one of
# before. See mkconfig for how it is run.

load ../cli/helpers
load ../cli/grub-oracle

setup() {
    local reason
    reason=$("$BATS_TEST_DIRNAME/mkconfig" --why-not) || skip "$reason"
    need python3
    find_program
    unset ALONE
}

# The generator's output for HOST, to stdout.
generate() {
    "$BATS_TEST_DIRNAME/mkconfig" "$HOST" "$DISKS" 2>"$BATS_TEST_TMPDIR/mkconfig.log" ||
        { cat "$BATS_TEST_TMPDIR/mkconfig.log" >&2 && return 1; }
}

host() { # FIXTURE
    rm -rf "$BATS_TEST_TMPDIR/host"
    lay "$1"
    DISKS=$FIXTURES/$1/disks
    SHELL_OF=$(shell_of "$1")
    MENU=$HOST/boot/grub/grub.cfg
    case $PLATFORM in
    *intel*) VENDOR=intel ;;
    *) VENDOR=amd ;;
    esac
}

# From here on the host is as its own generator would have left it.
settle() {
    generate >"$BATS_TEST_TMPDIR/original"
    [ ! -e "$MENU" ] || chmod u+w "$MENU"
    grep -q '^menuentry ' "$BATS_TEST_TMPDIR/original"
    cat "$BATS_TEST_TMPDIR/original" >"$MENU"
    rm -rf "$BATS_TEST_TMPDIR/before"
    cp -a "$HOST" "$BATS_TEST_TMPDIR/before"
}

generated_is() { # FILE
    generate >"$BATS_TEST_TMPDIR/generated"
    cmp "$1" "$BATS_TEST_TMPDIR/generated" && return
    diff -a "$1" "$BATS_TEST_TMPDIR/generated" | cat -A | cut -c1-300
    return 1
}

run_it() { # COMMAND
    iommuctl "$@"
    exits 0
}

# enable, then the generator; disable, then the generator; rollback, likewise.
# With ALONE=1 some entries are not fed by the variables: then theirs is not judged.
round_trip() {
    settle
    run_it enable
    ! cmp -s "$MENU" "$BATS_TEST_TMPDIR/original"
    generated_is "$MENU"
    grub-script-check "$MENU"
    defaults_are_right "$SHELL_OF" "$BATS_TEST_TMPDIR/before" $VENDOR
    [ -n "${ALONE:-}" ] || entries_are_right "$BATS_TEST_TMPDIR/original" "$MENU" $VENDOR
    cat "$BATS_TEST_TMPDIR/generated" >"$MENU"
    snapshot full before
    run_it enable
    snapshot full after
    same before after
    run_it disable
    generated_is "$MENU"
    cmp "$BATS_TEST_TMPDIR/original" "$MENU"
    grub-script-check "$MENU"
    diff -r "$BATS_TEST_TMPDIR/before/etc" "$HOST/etc"
    run_it rollback 1
    generated_is "$MENU"
    cmp "$BATS_TEST_TMPDIR/original" "$MENU"
    diff -r "$BATS_TEST_TMPDIR/before/etc" "$HOST/etc"
}

set_default() { # LINE...: at the end of /etc/default/grub
    printf '%s\n' "$@" >>"$HOST/etc/default/grub"
}

script() { # NAME: from stdin into /etc/grub.d
    mkdir -p "$HOST/etc/grub.d"
    cat >"$HOST/etc/grub.d/$1"
    chmod 0755 "$HOST/etc/grub.d/$1"
}

# ---- the judge can be trusted: by hand it says yes, and of what is wrong it says no

by_hand() { # SED-SCRIPT for the defaults, SED-SCRIPT for grub.cfg
    host debian-12
    settle
    sed -i "$1" "$HOST/etc/default/grub"
    sed -i "$2" "$MENU"
}

@test "an edit by hand is what the generator writes" {
    by_hand '/_DEFAULT=/s/quiet/& intel_iommu=on/' '/^\t*linux.*quiet$/s/$/ intel_iommu=on/'
    generated_is "$MENU"
    defaults_are_right sh "$BATS_TEST_TMPDIR/before" intel
    entries_are_right "$BATS_TEST_TMPDIR/original" "$MENU" intel
}

@test "a flag in the recovery entries is noticed" {
    by_hand '/_DEFAULT=/s/quiet/& intel_iommu=on/' '/^\t*linux.*vmlinuz/s/$/ intel_iommu=on/'
    run ! generated_is "$MENU"
    run ! entries_are_right "$BATS_TEST_TMPDIR/original" "$MENU" intel
}

@test "a flag missing in one entry is noticed" {
    by_hand '/_DEFAULT=/s/quiet/& intel_iommu=on/' '/^\t\tlinux.*quiet$/s/$/ intel_iommu=on/'
    run ! generated_is "$MENU"
    run ! entries_are_right "$BATS_TEST_TMPDIR/original" "$MENU" intel
}

@test "a lost argument and a changed variable are noticed" {
    by_hand '/_DEFAULT=/s/quiet/intel_iommu=on/' '/^\t*linux.*quiet$/s/quiet/intel_iommu=on/'
    generated_is "$MENU"
    run ! defaults_are_right sh "$BATS_TEST_TMPDIR/before" intel
    run ! entries_are_right "$BATS_TEST_TMPDIR/original" "$MENU" intel
    by_hand 's/TIMEOUT=5/TIMEOUT=6/;/_DEFAULT=/s/quiet/& intel_iommu=on/' ''
    run ! defaults_are_right sh "$BATS_TEST_TMPDIR/before" intel
}

@test "the fixtures' grub.cfg files are what the generator writes" {
    local dir
    dpkg-query -W -f='${Version}' grub-common 2>/dev/null | grep -q '^2\.06-' ||
        skip "they were written by version 2.06"
    for dir in "$FIXTURES"/*/disks; do
        "$BATS_TEST_DIRNAME/grub-fixtures" --check "$(basename "$(dirname "$dir")")"
    done
}

# ---- the program

@test "plain: kernels, recovery entries, submenu, a memory test" {
    host debian-12
    round_trip
}

@test "a drop-in that assigns anew" {
    host ubuntu-cloud
    round_trip
}

@test "drop-ins that extend, and an argument of the generator's own behind" {
    host ubuntu-dropins
    round_trip
}

@test "no submenu" {
    host debian-12
    set_default 'GRUB_DISABLE_SUBMENU=y'
    settle
    run ! grep -q '^submenu' "$MENU"
    round_trip
}

@test "no recovery entries" {
    host debian-12
    set_default 'GRUB_DISABLE_RECOVERY="true"'
    settle
    run ! grep -q 'recovery mode' "$MENU"
    round_trip
}

@test "no recovery entries, both variables in use" {
    host debian-12
    sed -i 's/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="console=ttyS0 quiet"/' "$HOST/etc/default/grub"
    set_default 'GRUB_DISABLE_RECOVERY=true'
    round_trip
}

@test "only GRUB_CMDLINE_LINUX is assigned, recovery entries or not" {
    host debian-12
    sed -i '/^GRUB_CMDLINE_LINUX_DEFAULT=/d; s/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="quiet"/' "$HOST/etc/default/grub"
    ALONE=1
    round_trip
}

@test "neither variable is assigned" {
    host gentoo-grub2
    round_trip
}

@test "the same words in both variables, and in root=" {
    host debian-12
    sed -i 's/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="quiet"/' "$HOST/etc/default/grub"
    round_trip
}

@test "words that also begin other words of the line" {
    host debian-12
    sed -i 's/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="quieter=1 ro"/; s/"quiet"/"ro"/' "$HOST/etc/default/grub"
    round_trip
}

@test "a value in unquoted, single and mixed quotes" {
    local value
    for value in 'quiet' "'quiet  splash'" "\"quiet \"'splash '" 'quiet\ splash'; do
        host debian-12
        value=$value awk '/^GRUB_CMDLINE_LINUX_DEFAULT=/ { $0 = "GRUB_CMDLINE_LINUX_DEFAULT=" ENVIRON["value"] } 1' \
            "$FIXTURES/debian-12/root/etc/default/grub" >"$HOST/etc/default/grub"
        echo "value: $value"
        round_trip
    done
}

@test "off in one variable, other words in the other" {
    host debian-12
    sed -i 's/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="intel_iommu=off ro"/' "$HOST/etc/default/grub"
    settle
    run_it enable
    generated_is "$MENU"
    defaults_are_right sh "$BATS_TEST_TMPDIR/before" intel
    "$ORACLE/grub-lines" --args linux "$MENU" | all_in_force "intel on 1"
}

@test "off that stands before the rest, and the other vendor's flag" {
    host debian-12
    sed -i 's/"quiet"/"intel_iommu=off quiet amd_iommu=on"/' "$HOST/etc/default/grub"
    settle
    run_it enable
    generated_is "$MENU"
    "$ORACLE/grub-lines" --args linux "$MENU" | all_in_force "intel on 1"
    run_it rollback
    cmp "$BATS_TEST_TMPDIR/original" "$MENU"
}

@test "Xen's entries: their Linux lines and the hypervisor's own" {
    host xen-grub2
    round_trip
}

@test "Xen's entries where neither of its variables is assigned, or one, or they are empty" {
    local script
    for script in '/^GRUB_CMDLINE_XEN/d' '/^GRUB_CMDLINE_XEN=/d' '/^GRUB_CMDLINE_XEN_DEFAULT/d' \
        's/^\(GRUB_CMDLINE_XEN[A-Z_]*\)=.*/\1=/' '/^GRUB_CMDLINE_/d'; do
        host xen-grub2
        sed -i "$script" "$HOST/etc/default/grub"
        echo "script: $script"
        case $script in */GRUB_CMDLINE_XEN_DEFAULT/* | *_DEFAULT/d) ALONE=1 ;; esac
        round_trip
    done
}

@test "Xen's own iommu=off gives way" {
    host xen-grub2
    sed -i 's/"loglvl=all"/"loglvl=all iommu=off"/' "$HOST/etc/default/grub"
    settle
    run_it enable
    generated_is "$MENU"
    "$ORACLE/grub-lines" --args xen "$MENU" | all_in_force "iommu on 1" --xen
    run_it rollback
    cmp "$BATS_TEST_TMPDIR/original" "$MENU"
}

@test "Linux under Xen of which one half is replaced" {
    host xen-grub2
    sed -i 's/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="console=ttyS0"/' "$HOST/etc/default/grub"
    set_default 'GRUB_DISABLE_RECOVERY=true' \
        'GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT="quiet console=hvc0"'
    round_trip
    host xen-grub2
    set_default 'GRUB_CMDLINE_LINUX_XEN_REPLACE="console=hvc0"'
    round_trip
}

@test "Xen's entries without recovery ones" {
    host xen-grub2
    set_default 'GRUB_DISABLE_RECOVERY=true'
    round_trip
}

@test "Xen's entries that another variable feeds stay as they are" {
    host xen-grub2
    set_default 'GRUB_CMDLINE_LINUX_XEN_REPLACE_DEFAULT="quiet console=hvc0"'
    ALONE=1
    round_trip
}

@test "kernels by their packages' names, no drop-ins, no recovery" {
    host arch
    round_trip
}

@test "Proxmox, UEFI, an old legacy menu" {
    local name
    for name in proxmox-grub esp-stub; do
        host $name
        round_trip
    done
}

@test "a grub.cfg that lacks what the defaults say" {
    host stale-grub-cfg
    run_it enable
    generated_is "$MENU"
    cmp "$FIXTURES/stale-grub-cfg/root/etc/default/grub" "$HOST/etc/default/grub"
    run_it disable
    generated_is "$MENU"
}

@test "a theme" {
    host debian-12
    mkdir -p "$HOST/boot/grub/themes/plain"
    echo 'title-text: ""' >"$HOST/boot/grub/themes/plain/theme.txt"
    : >"$HOST/boot/grub/themes/plain/menu.png"
    set_default 'GRUB_THEME=/boot/grub/themes/plain/theme.txt' 'GRUB_GFXMODE=1024x768'
    settle
    grep -q '^set theme=' "$MENU"
    round_trip
}

@test "scripts of /etc/grub.d without a kernel of their own" {
    host debian-12
    script 07_colours <<'END'
#!/bin/sh
echo "set color_normal=white/black"
END
    script 41_power <<'END'
#!/bin/sh
cat <<'CFG'
menuentry "Switch off" {
	halt
}
menuentry 'Linux? No: another disk' {
	chainloader (hd1)+1
}
CFG
END
    round_trip
}

@test "a script that uses the variable for a kernel of its own" {
    host debian-12
    script 09_own <<'END'
#!/bin/sh
cat <<CFG
menuentry 'Ours first' --class linux {
	linux	/boot/vmlinuz-6.1.0-18-amd64 root=/dev/vda1 rw $GRUB_CMDLINE_LINUX_DEFAULT panic=10
	initrd	/boot/initrd.img-6.1.0-18-amd64
}
CFG
END
    round_trip
}

@test "a script that uses both variables the other way round" {
    host debian-12
    sed -i 's/^GRUB_CMDLINE_LINUX=.*/GRUB_CMDLINE_LINUX="console=ttyS0"/' "$HOST/etc/default/grub"
    script 11_turned <<'END'
#!/bin/sh
echo "menuentry 'Turned' {"
echo "	linux /boot/vmlinuz-6.1.0-13-amd64 $GRUB_CMDLINE_LINUX_DEFAULT root=/dev/vda1 $GRUB_CMDLINE_LINUX"
echo "}"
END
    round_trip
}

@test "a script with a kernel line of its own words is left alone" {
    host debian-12
    script 40_custom <<'END'
#!/bin/sh
exec tail -n +3 $0
menuentry 'Kept as it is' {
	linux /boot/vmlinuz-6.1.0-13-amd64 root=/dev/vda1 ro nomodeset
}
END
    ALONE=1
    round_trip
}

# Where the words happen to be the variable's, only the script itself tells.
@test "a script with a kernel line of its own that holds the same words is left alone" {
    host debian-12
    script 40_custom <<'END'
#!/bin/sh
exec tail -n +3 $0
menuentry 'Quiet by itself' {
	linux /boot/vmlinuz-6.1.0-13-amd64 root=/dev/vda1 ro quiet
}
END
    ALONE=1
    round_trip
}

@test "kernels that are installed later get the flag, and enable has nothing to do" {
    host debian-12
    settle
    run_it enable
    "$TESTS/cli/mkkernel" "$HOST/boot/vmlinuz-6.1.0-21-amd64" 0x020f 2047
    echo initrd >"$HOST/boot/initrd.img-6.1.0-21-amd64"
    generate >"$MENU.new"
    cat "$MENU.new" >"$MENU"
    rm "$MENU.new"
    [ "$("$ORACLE/grub-lines" --args linux "$MENU" | wc -l)" -eq 4 ]
    "$ORACLE/grub-lines" --args linux "$MENU" | all_in_force "intel on 1"
    snapshot full before
    run_it enable
    snapshot full after
    same before after
}

# ---- --regenerate: the program itself runs the generator, inside

# The program on the host as "/"; afterwards the host is what it left there.
inside() { # ARGUMENT...
    local tool=$HOST/boot/tool dir
    mkdir "$tool"
    cp "$IOMMUCTL" "$tool/iommuctl"
    dir=${IOMMUCTL%/*}
    cp -RL "$dir/lenses" "$tool/lenses"
    cp -RL "$PLATFORM" "$tool/platform"
    chmod -R u+w "$tool" # a tarball's fixtures are read-only under distcheck
    "$BATS_TEST_DIRNAME/mkconfig" "$HOST" "$DISKS" sh -c '
        /boot/tool/iommuctl --platform /boot/tool/platform --boot-in-root "$@" >/boot/said 2>&1
        echo $? >/boot/status
        cd / && tar cf - boot/said boot/status boot/grub etc/default' sh "$@" |
        tar xf - -C "$HOST"
    rm -r "$tool"
    output=$(cat "$HOST/boot/said") status=$(cat "$HOST/boot/status")
    rm "$HOST/boot/said" "$HOST/boot/status"
}

@test "--regenerate leaves what the generator writes by itself" {
    host debian-12
    settle
    inside enable --regenerate
    exits 0
    grep -q 'intel_iommu=on' "$MENU"
    generated_is "$MENU"
}

@test "--regenerate: a script that fails is heard, and our grub.cfg stays" {
    host debian-12
    settle
    script 12_broken <<'END'
#!/bin/sh
echo "no luck today" >&2
exit 3
END
    inside enable --regenerate
    exits 71
    grep -q 'no luck today' <<<"$output"
    "$ORACLE/grub-lines" --args linux "$MENU" | all_in_force "intel on 1"
    cmp "$MENU.rollback" "$BATS_TEST_TMPDIR/original"
}
