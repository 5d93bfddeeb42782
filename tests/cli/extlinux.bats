# SPDX-License-Identifier: LGPL-2.1-or-later
# Menus of Syslinux and what Alpine's update-extlinux makes them from: what is refused, one
# entry alone, variables that are not there. What is right is in the fixtures' tests.

load table

setup() {
    find_program
    case $BATS_TEST_DESCRIPTION in
    Alpine*) lay_copy alpine ;;
    *) lay_copy arch-syslinux ;;
    esac
    MENU=$HOST/boot/syslinux/syslinux.cfg
    CONF=$HOST/etc/update-extlinux.conf
}

# The menu with one thing wrong in it: exit CODE, nothing touched, the line named.
refused() { # CODE LINE PATTERN [ARGUMENT...]
    local code=$1 line=$2 pattern=$3 marks
    shift 3
    marks=$(marks)
    iommuctl "${@:-enable}"
    exits "$code"
    [ "$marks" = "$(marks)" ]
    grep -qE "(syslinux.cfg|update-extlinux.conf|extlinux.conf):$line: .*$pattern" <<<"$stderr" || {
        echo "$stderr"
        return 1
    }
}

menu() { printf '%b' "$1" >"$MENU"; } # TEXT with escapes

@test "DEFAULT that is a kernel, or has arguments of ours" {
    menu 'DEFAULT ../vmlinuz-linux ro\nLABEL a\nLINUX ../vmlinuz-linux\nAPPEND ro\n'
    refused 65 1 "no LABEL"
    menu 'LABEL a\nLINUX ../vmlinuz-linux\nAPPEND ro\ndefault a amd_iommu=off\n'
    refused 65 4 "DEFAULT holds"
    menu 'DEFAULT a single\nLABEL a\nLINUX ../vmlinuz-linux\nAPPEND ro\n'
    iommuctl enable
    exits 0
}

@test "no APPEND, or none on purpose: nothing is made up" {
    menu 'LABEL a\nLINUX ../vmlinuz-linux\nLABEL b\nLINUX ../vmlinuz-linux\nAPPEND ro\n'
    refused 65 1 "no APPEND line"
    menu 'APPEND ro\nLABEL a\nLINUX ../vmlinuz-linux\nAPPEND - \n'
    refused 65 2 "no APPEND line"
    iommuctl disable
    exits 0
    iommuctl status
    exits 0
}

@test "arguments where nobody looks for them" {
    menu 'LABEL a\nKERNEL ../vmlinuz-linux iommu=off\nAPPEND ro\n'
    refused 65 1 "on its APPEND line"
    menu 'LABEL a\nLINUX ../vmlinuz-linux\nAPPEND ro\rquiet\n'
    refused 65 3 "carriage return"
}

@test "files that include each other, and one that is not there" {
    printf 'INCLUDE syslinux.cfg\nINCLUDE more.cfg\nLABEL z\nLINUX ../vmlinuz-linux\nAPPEND ro\n' \
        >"$HOST/boot/syslinux/more.cfg"
    sed -i 's/^INCLUDE more.cfg$/&\nMENU INCLUDE gone.cfg x\nINCLUDE more.cfg/' "$MENU"
    iommuctl enable
    exits 0
    [ "$(grep -c amd_iommu=on "$HOST/boot/syslinux/more.cfg")" -eq 1 ]
    ln -s loop.cfg "$HOST/boot/syslinux/loop.cfg"
    sed -i 's/gone.cfg/loop.cfg/' "$MENU"
    iommuctl enable
    exits 65
}

@test "files that hold no menu" {
    local text
    for text in '' '\n' '\0' 'LABEL' 'APPEND intel_iommu=on' 'MENU\nTEXT HELP\nLABEL a\n'; do
        menu "$text"
        iommuctl enable
        case $text in
        '\0') exits 65 ;;
        *) exits 66 ;;
        esac
    done
}

@test "one entry alone, and what all labels share" {
    cp "$MENU" "$BATS_TEST_TMPDIR/menu"
    iommuctl enable --kernel Last
    exits 0
    [ "$(diff "$BATS_TEST_TMPDIR/menu" "$MENU" | grep -c '^>')" -eq 1 ]
    [ "$("$ORACLE/extlinux-lines" --args linux "$MENU" | grep -c amd_iommu=on)" -eq 2 ]
    iommuctl disable --kernel Last
    exits 0
    cmp "$BATS_TEST_TMPDIR/menu" "$MENU"
    printf 'APPEND ro\nLABEL a\nLINUX ../vmlinuz-linux\nLABEL b\nLINUX ../vmlinuz-linux-lts\n' >"$MENU"
    refused 78 1 "--kernel ALL" enable --kernel b
    iommuctl enable
    exits 0
    [ "$(grep -c amd_iommu=on "$MENU")" -eq 1 ]
}

@test "the default entry is the one that the menu takes" {
    local start
    for start in 'DEFAULT b' 'ONTIMEOUT b\nDEFAULT a' 'UI menu.c32'; do
        menu "$start\nLABEL a\nLINUX ../vmlinuz-linux\nAPPEND ro\nLABEL b\nMENU DEFAULT\nLINUX ../vmlinuz-linux-lts\nAPPEND ro\n"
        iommuctl enable --kernel DEFAULT
        exits 0
        [ "$(sed -n '/^LABEL b/,$p' "$MENU" | grep -c amd_iommu=on)" -eq 1 ]
        [ "$(grep -c amd_iommu=on "$MENU")" -eq 1 ]
    done
}

@test "no loader beside the menu: still edited, and said so" {
    rm "$HOST/boot/syslinux/ldlinux.sys"
    iommuctl --verbose status
    grep -q 'extlinux, unknown: a menu of Syslinux, but no ldlinux.sys' <<<"$output"
    iommuctl enable
    exits 0
    [ "$("$ORACLE/extlinux-lines" --args linux "$MENU" | grep -vc amd_iommu=on)" -eq 0 ]
}

@test "Alpine: assignments that cannot be judged" {
    sed -i 's/^default_kernel_opts=/[ -n "$X" ] \&\& &/' "$CONF"
    refused 65 10 "under a condition"
    sed -i '10s/.*/default_kernel_opts="$default_kernel_opts quiet"/' "$CONF"
    refused 65 10 "extended"
    sed -i '10s/.*/default_kernel_opts="quiet/' "$CONF"
    iommuctl enable
    exits 65
}

@test "Alpine: the last assignment is the one in force" {
    sed -i "11a default_kernel_opts='quiet'" "$CONF"
    sed -i 's/ quiet rootfstype=ext4$/ quiet/' "$HOST/boot/extlinux.conf"
    iommuctl enable
    exits 0
    [ "$(sed -n 10p "$CONF")" = 'default_kernel_opts="quiet rootfstype=ext4"' ]
    [ "$(sed -n 12p "$CONF")" = "default_kernel_opts='quiet intel_iommu=on'" ]
}

@test "Alpine: no assignment, and what is added goes again" {
    sed -i '/^default_kernel_opts/d' "$CONF"
    cp "$CONF" "$BATS_TEST_TMPDIR/conf"
    iommuctl enable
    exits 0
    [ "$(sh -c '. "$1"; echo "$default_kernel_opts"' sh "$CONF")" = intel_iommu=on ]
    iommuctl disable
    exits 0
    cmp "$BATS_TEST_TMPDIR/conf" "$CONF"
}

@test "Alpine: a hypervisor's options" {
    touch "$HOST/boot/xen.gz"
    /usr/bin/python3 - "$HOST/boot/extlinux.conf" <<'END'
import sys
text = open(sys.argv[1]).read()
linux = "vmlinuz-lts root=UUID=3b1d2c7e-58f0-4f1b-9f10-0c6f5f0d8a11 modules=sd-mod,usb-storage,ext4,nvme quiet rootfstype=ext4"
label = "LABEL xen-lts\n  COM32 mboot.c32\n  APPEND xen.gz dom0_mem=256M --- " + linux + " --- initramfs-lts\n\n"
open(sys.argv[1], "w").write(text.replace("LABEL virt\n", label + "LABEL virt\n"))
END
    cp "$HOST/boot/extlinux.conf" "$BATS_TEST_TMPDIR/menu"
    iommuctl enable
    exits 0
    [ "$(sh -c '. "$1"; echo "$xen_opts"' sh "$CONF")" = "dom0_mem=256M iommu=1" ]
    # what the generator would write of both variables
    grep -qx '  APPEND xen.gz dom0_mem=256M iommu=1 --- vmlinuz-lts .* quiet rootfstype=ext4 intel_iommu=on --- initramfs-lts' \
        "$HOST/boot/extlinux.conf"
    iommuctl disable
    exits 0
    cmp "$BATS_TEST_TMPDIR/menu" "$HOST/boot/extlinux.conf"
}

# With blanks where the generator leaves them, and without.
@test "Alpine: a variable that is empty or not there gives the bytes back" {
    local assignment blank
    for assignment in '' 'default_kernel_opts=""' 'default_kernel_opts='; do
        for blank in '' ' ' '  '; do
            lay_copy alpine
            sed -i "s/^default_kernel_opts=.*/$assignment/" "$CONF"
            sed -i "s/ quiet rootfstype=ext4$/$blank/" "$HOST/boot/extlinux.conf"
            cp "$CONF" "$BATS_TEST_TMPDIR/conf"
            cp "$HOST/boot/extlinux.conf" "$BATS_TEST_TMPDIR/menu"
            iommuctl enable
            exits 0
            [ "$("$ORACLE/extlinux-lines" --args linux "$HOST/boot/extlinux.conf" |
                grep -vc ' intel_iommu=on *$')" -eq 0 ]
            iommuctl disable
            exits 0
            cmp "$BATS_TEST_TMPDIR/menu" "$HOST/boot/extlinux.conf"
            cmp "$BATS_TEST_TMPDIR/conf" "$CONF"
        done
    done
}

@test "Alpine: one entry of what is made anew is not changed alone" {
    refused 78 19 "made anew by update-extlinux" enable --kernel DEFAULT
}

@test "Alpine: no copy stays among the pieces of the menu" {
    iommuctl enable
    exits 0
    [ "$(ls "$HOST/etc/update-extlinux.d")" = 50-rescue.conf ]
    [ -e "$HOST/boot/extlinux.conf.rollback" ]
}

@test "Alpine: a menu that was never made is pending, without a loader no menu is awaited" {
    rm "$HOST/boot/extlinux.conf"
    iommuctl enable
    exits 71
    grep -q 'publish pending: .*update-extlinux$' <<<"$stderr"
    grep -q 'rootfstype=ext4 intel_iommu=on"$' "$CONF"
    iommuctl enable
    exits 71
    rm -r "$HOST/boot/ldlinux.sys" "$HOST/var/lib/iommuctl"
    iommuctl enable
    exits 66
}
