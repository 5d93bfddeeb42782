# SPDX-License-Identifier: LGPL-2.1-or-later
# Installing systems: the kickstart sections are run as an installer would run them, in a
# namespace where the new system is "/" or stands below /mnt.

load helpers

installer() { # lays the new system out
    need bwrap
    HOST=$BATS_TEST_TMPDIR/host
    lay_host "$HOST"
    sed -i '/boot/d' "$HOST/etc/fstab" # no file system of its own is mounted in the namespace
    mkdir -p "$HOST/root" "$HOST/tmp" "$HOST/mnt"
    in_new_system true 2>"$BATS_TEST_TMPDIR/why" ||
        skip "no namespace of its own: $(head -n 1 "$BATS_TEST_TMPDIR/why")"
}

# What every root needs: this system's programs, the platform's /sys, the installer's /proc.
common() {
    local name
    printf '%s\n' --ro-bind /usr /usr --proc /proc --dev /dev --ro-bind "$PLATFORM/sys" /sys \
        --ro-bind "$IOMMUCTL" /run/iommuctl/iommuctl \
        --ro-bind "${IOMMUCTL%/*}/lenses/." /run/iommuctl/lenses
    for name in lib lib32 lib64 bin sbin; do
        if [ -h "/$name" ]; then
            printf '%s\n' --symlink "usr/$name" "/$name"
        elif [ -d "/$name" ]; then
            printf '%s\n' --ro-bind "/$name" "/$name"
        fi
    done
    [ "$(id -u)" -eq 0 ] || printf '%s\n' --unshare-user --uid 0 --gid 0
}

enter() { # BWRAP-OPTION... COMMAND...
    local words
    mapfile -t words < <(common)
    bwrap --unshare-pid --die-with-parent --clearenv \
        --setenv PATH /run/iommuctl:/usr/bin:/usr/sbin:/bin --tmpfs / "${words[@]}" "$@"
}

in_new_system() { # COMMAND...: as after the installer's chroot
    local words=() name
    for name in boot etc var root tmp; do words+=(--bind "$HOST/$name" "/$name"); done
    enter "${words[@]}" "$@"
}

beside_new_system() { # PLACE COMMAND...: as in the installer's own root
    local place=$1
    shift
    enter --bind "$HOST" "$place" --tmpfs /tmp "$@"
}

section() { # FILE: the commands between %post and %end
    sed -n '/^%post/,/^%end/{/^%/!p}' "$CONTRIB/kickstart/$1" | tee "$BATS_TEST_TMPDIR/section"
}

@test "kickstart: %post inside the new system" {
    installer
    run in_new_system sh -c "$(section post.ks)"
    [ -s "$BATS_TEST_TMPDIR/section" ]
    exits 0
    is_enabled "$HOST"
}

@test "kickstart: %post --nochroot, old and new installers" {
    installer
    run beside_new_system /mnt/sysimage sh -c "$(section post-nochroot.ks)"
    exits 0
    is_enabled "$HOST"
    rm -rf "$HOST"
    lay_host "$HOST"
    sed -i '/boot/d' "$HOST/etc/fstab"
    run beside_new_system /mnt/sysroot sh -c "$(section post-nochroot.ks)"
    exits 0
    is_enabled "$HOST"
    run enter --tmpfs /mnt sh -c "$(section post-nochroot.ks)"
    exits 1
}

@test "kickstart: a machine without an IOMMU is installed all the same" {
    installer
    PLATFORM=$FIXTURES/platforms/bare-no-table
    run in_new_system sh -c "$(section post.ks)"
    exits 0
    is_original "$HOST"
}

@test "kickstart: no boot loader (--location=none) stops the installation" {
    installer
    rm -rf "${HOST:?}/boot"/* "$HOST/etc/grub.conf"
    run in_new_system sh -c "$(section post.ks)"
    exits 66
}

@test "kickstart: what bootloader --append wrote is unchanged" {
    installer
    local append before
    append=$(sed -n 's/^bootloader --append="\(.*\)"$/\1/p' "$CONTRIB/kickstart/append.ks")
    [ -n "$append" ]
    sed -i "/^[[:blank:]]*kernel .*vmlinuz/s/\$/ $append/" "$HOST/$MENU"
    before=$(marks "$HOST")
    run in_new_system sh -c "$(section post.ks)"
    exits 0
    [[ $output == *nchanged* ]]
    [ "$before" = "$(marks "$HOST")" ]
}

@test "kickstart: the files pass ksvalidator" {
    command -v ksvalidator >/dev/null || skip "pykickstart is not here; Debian has none"
    local file
    for file in "$CONTRIB"/kickstart/*.ks; do ksvalidator "$file"; done
}

@test "kickstart: iommuctl-kickstart(7) shows the same commands" {
    local page=$SOURCE/man/iommuctl-kickstart.7.scd
    grep -qx 'iommuctl enable --if-supported' "$page"
    grep -qF "$(grep '^bootloader' "$CONTRIB/kickstart/append.ks")" "$page"
    diff <(sed -n '/^packages:/,$p' "$CONTRIB/cloud-init/iommuctl.yaml") \
        <(sed -n '/^packages:/,/^```/p' "$page" | sed '/^```/d; s/\\\\/\\/g')
}

@test "cloud-init: the example passes cloud-init schema" {
    local place run_it
    place=$(unpacked cloud-init) || skip "Debian's cloud-init could not be fetched"
    run_it() {
        PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$place/usr/lib/python3/dist-packages \
            /usr/bin/python3 -c 'import sys
from cloudinit.config.schema import get_schema, validate_cloudconfig_file
validate_cloudconfig_file(sys.argv[1], get_schema(), annotate=False)' "$1"
    }
    /usr/bin/python3 -c 'import yaml, jsonschema, configobj, jsonpatch, requests' 2>"$BATS_TEST_TMPDIR/why" ||
        skip "cloud-init lacks $(sed -n '$s/.*named //p' "$BATS_TEST_TMPDIR/why")"
    run run_it "$CONTRIB/cloud-init/iommuctl.yaml"
    exits 0
    sed 's/^runcmd:/runcmd: yes\nwritefiles:/; s/mode: reboot/mode: leap/' \
        "$CONTRIB/cloud-init/iommuctl.yaml" >"$BATS_TEST_TMPDIR/wrong.yaml"
    run run_it "$BATS_TEST_TMPDIR/wrong.yaml"
    [ "$status" -ne 0 ]
}
