# SPDX-License-Identifier: LGPL-2.1-or-later
# Tables of invocations, a run a line; "#" begins a comment line:
#
#   GROUP | HOST | PLATFORM | BEFORE | ARGUMENTS | EXIT | CHANGES | STDOUT | STDERR
#
# HOST: a host fixture. BEFORE: what was done to it, on the machine that belongs to it: one
# of the functions before_*, or "-". PLATFORM: a platform fixture, for the run itself.
# ARGUMENTS: read as the shell reads them.
# CHANGES: "yes" or "no": does anything below the host differ afterwards? STDOUT and STDERR:
# extended regular expressions that the text holds, or "-": nothing is said there.
#
# What holds whatever the table says is in rules().

load helpers

read_row() { # COUNT: the next row's fields, trimmed, as $ROW; false at the table's end
    local line i
    while read -r line; do
        case $line in
        '#'* | '') continue ;;
        esac
        IFS='|' read -ra ROW <<<"$line"
        for i in "${!ROW[@]}"; do
            ROW[i]=${ROW[i]#"${ROW[i]%%[![:blank:]]*}"}
            ROW[i]=${ROW[i]%"${ROW[i]##*[![:blank:]]}"}
        done
        [ "${#ROW[@]}" -eq "$1" ] && return
        echo "not $1 fields: $line" >&2
        exit 1
    done
    return 1
}

# Laying a host out takes a while, copying what was laid out none.
lay_copy() { # HOST, as lay does
    local laid=$BATS_FILE_TMPDIR/laid-$1
    rm -rf "$BATS_TEST_TMPDIR/host"
    if [ ! -d "$laid" ]; then
        lay "$1"
        mv "$HOST" "$laid"
    fi
    HOST=$BATS_TEST_TMPDIR/host
    PLATFORM=$FIXTURES/platforms/$(<"$FIXTURES/$1/platform")
    OPTIONS=()
    [ ! -f "$FIXTURES/$1/options" ] || read -ra OPTIONS <"$FIXTURES/$1/options"
    cp -a "$laid" "$HOST"
    MENU=$(menu_of)
}

# Equal before and after: nothing was written, replaced, made or removed.
marks() { find "$HOST" -printf '%P %y %i %m %U:%G %s %T@ %C@\n' | sort; }

before_-() { :; }
before_enabled() { "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" -q enable; }
before_disabled() { before_enabled && "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" -q disable; }
before_back() { before_enabled && "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" -q rollback; }
before_forced_off() { "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" -q disable --force-off; }
before_edited() { before_enabled && echo '# mine' >>"$MENU"; }
before_gone() { before_enabled && : >"$MENU" && rm "$MENU"; }
before_gone_linked() { # what the links lead to is gone; all that it names is there
    local initrd
    for initrd in $(sed -n 's/^[[:blank:]]*initrd //p' "$MENU"); do
        touch "$HOST/boot$initrd"
    done
    before_gone
}
before_locked() { # by somebody else, until the test ends
    before_disabled
    exec {LOCK}<"$HOST/var/lib/iommuctl/lock"
    flock "$LOCK"
}
before_interrupted() { # all was written but the word that it was
    before_enabled
    sed -i 's/"committed"/"armed"/' "$HOST/var/lib/iommuctl/000001/manifest.json"
}
before_newer() {
    before_enabled
    sed -i 's/"format": 1/"format": 2/' "$HOST/var/lib/iommuctl/000001/manifest.json"
}
before_torn() {
    before_enabled
    echo '{' >"$HOST/var/lib/iommuctl/000001/manifest.json"
}
before_other_vendor() { sed -i '/^[[:blank:]]*kernel/s/$/ amd_iommu=on/' "$MENU"; }
before_iommu_off() { sed -i '/^[[:blank:]]*kernel/s/$/ iommu=off/' "$MENU"; }
before_igfx() { sed -i '/^[[:blank:]]*kernel/s/$/ intel_iommu=igfx_off/' "$MENU"; }
before_on_by_default() {
    sed -i 's/.*CONFIG_DMAR_DEFAULT_ON.*/CONFIG_DMAR_DEFAULT_ON=y/; s/.*CONFIG_INTEL_IOMMU_DEFAULT_ON.*/CONFIG_INTEL_IOMMU_DEFAULT_ON=y/' \
        "$HOST"/boot/config-*
}
before_viot_driver() { # a kernel each way
    sed -i '$aCONFIG_VIRTIO_IOMMU=y' "$HOST"/boot/config-*
    sed -i 's/^CONFIG_VIRTIO_IOMMU=.*/CONFIG_VIRTIO_IOMMU=m/' "$HOST/boot/config-2.6.32-754.el6.x86_64"
}
before_viot_one() {
    before_viot_driver
    sed -i 's/^CONFIG_VIRTIO_IOMMU=.*/# CONFIG_VIRTIO_IOMMU is not set/' \
        "$HOST/boot/config-2.6.32-754.el6.x86_64"
}
before_no_driver() { sed -i 's/^CONFIG_DMAR=y/# CONFIG_DMAR is not set/' "$HOST"/boot/config-*; }
before_no_config() { rm "$HOST"/boot/config-*; }
before_default_by_default() { # only the kernel of the default entry is
    sed -i 's/.*CONFIG_DMAR_DEFAULT_ON.*/CONFIG_DMAR_DEFAULT_ON=y/' "$HOST/boot/config-2.6.32-754.35.1.el6.x86_64"
}
before_kernel_gone() { # removed as a package manager does it
    before_enabled
    rm "$HOST/boot/vmlinuz-2.6.32-754.el6.x86_64"
    sed -i '/^title Red Hat.*754\.el6/,/initrd/d; /^title Maint/,/initrd/d' "$MENU"
}
before_no_entry() { printf 'default=0\ntimeout=5\n' >"$MENU"; }
before_nul() { printf 'title x\0y\n' >>"$MENU"; }
before_open_quote() { sed -i '$amenuentry "y" {\nlinux "/vmlinuz-6.1 ro' "$HOST/boot/grub/grub.cfg"; }
menu_to() { mkdir -p "$HOST/$1" && mv "$HOST/boot/grub/grub.cfg" "$HOST/$1/grub.cfg"; }
before_menu_at_efi() { menu_to efi/grub; }
before_menu_at_vendor() { menu_to boot/EFI/arch; }
before_open_name() { sed -i '$alinux /vmlinuz-6.1 ro ${x' "$HOST/boot/grub/grub.cfg"; }
# Disks whose keys a TPM keeps. The second line of the crypttab is the one that matters.
crypttab() { printf '# name device key options\n%s\n' "$1" >"$HOST/etc/crypttab"; }
before_measured() { crypttab 'root UUID=11aa none luks,tpm2-device=auto,tpm2-pcrs=7+8:sha256'; }
before_measured_name() { crypttab 'root UUID=11aa none tpm2-device=auto,tpm2-pcrs=kernel-config'; }
before_measured_enabled() { before_enabled && before_measured; }
before_measured_other() { crypttab 'root UUID=11aa none luks,tpm2-device=auto,tpm2-pcrs=7+18'; }
before_measured_unread() { crypttab 'root UUID=11aa none luks,tpm2-device=auto'; }
before_no_tpm() { crypttab 'root UUID=11aa none luks,discard'; }
luks_header() { # JSON: a LUKS2 header, and no more, in a file
    crypttab 'root /var/disk.img none luks'
    python3 -c 'import struct, sys
area = sys.argv[2].encode()
head = b"LUKS\xba\xbe" + struct.pack(">HQ", 2, 16384)
open(sys.argv[1], "wb").write(head.ljust(4096, b"\0") + area.ljust(12288, b"\0"))' \
        "$HOST/var/disk.img" "$1"
}
before_luks_systemd() { luks_header '{"tokens":{"0":{"type":"systemd-tpm2","tpm2-pcrs":[7,12]}}}'; }
before_luks_clevis() { # {"clevis":{"pin":"tpm2","tpm2":{"pcr_ids":"7,8"}}}
    luks_header '{"tokens":{"0":{"type":"clevis","jwe":{"protected":"eyJjbGV2aXMiOnsicGluIjoidHBtMiIsInRwbTIiOnsicGNyX2lkcyI6IjcsOCJ9fX0"}}}}'
}
before_luks_sss() {
    luks_header '{"tokens":{"1":{"type":"clevis","keyslots":["2"],"jwe":{"protected":"eyJhbGciOiJkaXIiLCJjbGV2aXMiOnsicGluIjoic3NzIiwic3NzIjp7InQiOjIsInAiOiJBUSIsImp3ZSI6WyJleUpqYkdWMmFYTWlPbnNpY0dsdUlqb2lkR0Z1WnlJc0luUmhibWNpT25zaWRYSnNJam9pZUNKOWZYMC4uaXYuYy50IiwiZXlKaGJHY2lPaUprYVhJaUxDSmpiR1YyYVhNaU9uc2ljR2x1SWpvaWRIQnRNaUlzSW5Sd2JUSWlPbnNpYUdGemFDSTZJbk5vWVRJMU5pSXNJbkJqY2w5cFpITWlPaUl3TERjc09DSjlmWDAuay5pdi5jLnQiXX19fQ"}}}}'
}
before_luks_lock() { luks_header '{"tokens":{"0":{"type":"systemd-tpm2","tpm2-pcrs":[],"tpm2_pcrlock":true}}}'; }
before_luks_suse() { before_luks_lock && mkdir -p "$HOST/usr/bin" && touch "$HOST/usr/bin/sdbootutil"; }
before_luks_signed() { luks_header '{"tokens":{"0":{"type":"systemd-tpm2","tpm2-pcrs":[12],"tpm2_pubkey_pcrs":[11]}}}'; }
before_luks_other() { luks_header '{"tokens":{"0":{"type":"systemd-tpm2","tpm2-pcrs":[7]}}}'; }
before_luks_torn() { luks_header '{"tokens":' && truncate -s 5000 "$HOST/var/disk.img"; }
before_no_source() { rm "$HOST/etc/kernel/cmdline"; }
before_dracut() { # which has its own place for it
    rm "$HOST/etc/mkinitcpio.conf"
    mkdir -p "$HOST/usr/bin" "$HOST/etc/dracut.conf.d"
    touch "$HOST/usr/bin/dracut"
    echo '#kernel_cmdline="a"' >"$HOST/etc/dracut.conf"
    printf 'uefi=yes\n kernel_cmdline+=" ro quiet "\n' >"$HOST/etc/dracut.conf.d/10-uki.conf"
    echo 'kernel_cmdline="b"' >"$HOST/etc/dracut.conf.d/10-uki.conf.rpmsave"
}
before_dracut_alone() { before_dracut && before_no_source; }
before_dracut_other() { before_dracut && sed -i 2d "$HOST/etc/dracut.conf.d/10-uki.conf"; }
before_installed() {
    rm "$HOST/etc/mkinitcpio.conf"
    mkdir -p "$HOST/usr/bin"
    echo '  add|remove) ;;' >"$HOST/usr/bin/kernel-install"
}
before_installed_255() { before_installed && echo '  add-all) ;;' >"$HOST/usr/bin/kernel-install"; }
before_lilo() { echo 'image=/boot/vmlinuz' >"$HOST/etc/lilo.conf"; }
before_uki_torn() { truncate -s 100 "$HOST/efi/EFI/Linux/arch-linux.efi"; }
before_uki_short() { truncate -s 600 "$HOST/efi/EFI/Linux/arch-linux.efi"; } # its headers are whole
before_uki_torn_enabled() { run before_enabled && before_uki_torn; }
before_uki_torn_alone() { before_uki_torn && before_no_source; }
before_uki_other() { # a program without a kernel in it
    "$TESTS/cli/mkuki" "$HOST/efi/EFI/Linux/tool.efi" /dev/null
    LC_ALL=C sed -i 's/\.cmdline/.other\x00\x00/; s/\.osrel/.xsrel/' "$HOST/efi/EFI/Linux/tool.efi"
}
before_uki_rebuilt() { # after enable, as mkinitcpio does it
    run before_enabled
    "$TESTS/cli/mkuki" "$HOST/efi/EFI/Linux/arch-linux.efi" "$HOST/etc/kernel/cmdline"
}
before_hash_word() { sed -i 's/^GRUB_CMDLINE_LINUX_DEFAULT=.*/GRUB_CMDLINE_LINUX_DEFAULT="quiet #x"/' "$HOST/etc/default/grub"; }
before_bootc() { mv "$HOST/usr/bin/rpm-ostree" "$HOST/usr/bin/bootc"; }
before_deployed() { sed -i '/^options/s/$/ intel_iommu=on/' "$HOST"/boot/loader.1/entries/*; }
before_deployed_off() { sed -i '/^options/s/$/ intel_iommu=off/' "$HOST"/boot/loader.1/entries/*; }
before_not_mounted() { OPTIONS=(); }

menu_of() { # the file that the host's loader reads
    local name
    for name in boot/grub/grub.conf boot/grub/menu.lst boot/efi/EFI/redhat/grub.conf; do
        [ ! -e "$HOST/$name" ] || { echo "$HOST/$name" && return; }
    done
}

row_fails() {
    printf '%s, %s, %s: iommuctl %s: %s\n' "$2" "$3" "$4" "$5" "$1"
    printf '    exit %s\n    stdout: %s\n    stderr: %s\n' "$status" "${output//$'\n'/$'\n'            }" "$stderr"
    failed=1
}

holds() { # PATTERN TEXT
    case $1 in
    -) [ -z "$2" ] ;;
    *) grep -qE -e "$1" <<<"$2" ;;
    esac
}

one_row() { # HOST PLATFORM BEFORE ARGUMENTS EXIT CHANGES STDOUT STDERR
    local words marks changes=yes row=("$1" "$2" "$3" "$4")
    lay_copy "$1"
    LOCK=
    "before_$3"
    PLATFORM=$FIXTURES/platforms/$2
    eval "words=($4)"
    marks=$(marks)
    iommuctl "${words[@]}"
    [ "$marks" != "$(marks)" ] || changes=no
    [ -z "$LOCK" ] || exec {LOCK}<&-
    [ "$status" -eq "$5" ] || row_fails "expected exit $5" "${row[@]}"
    [ "$changes" = "$6" ] || row_fails "changes something: $changes" "${row[@]}"
    holds "$7" "$output" || row_fails "stdout is not \"$7\"" "${row[@]}"
    holds "$8" "$stderr" || row_fails "stderr is not \"$8\"" "${row[@]}"
    rules "${row[@]}"
}

# What holds for every run. After 71 something was done.
rules() { # the row
    local words=" $4 "
    if [ "$status" -ge 64 ]; then
        [ "$(lines_of "$stderr")" -eq 1 ] || row_fails "not one line on stderr" "$@"
        [[ "$stderr" == iommuctl:\ * ]] || row_fails "stderr does not name the program" "$@"
        [ -z "$output" ] || [ "$status" -eq 71 ] || [[ $words == *" status "* ]] || row_fails "stdout is not empty" "$@"
    elif [[ $words == *" --quiet "* ]]; then
        [ -z "$output$stderr" ] || row_fails "not quiet" "$@"
    elif [[ $output == unchanged* ]]; then
        [ "$(lines_of "$output")" -eq 1 ] || row_fails "unchanged in more than one line" "$@"
        [ -z "$stderr" ] || row_fails "unchanged and yet something on stderr" "$@"
    elif [[ $words =~ " -n "|" --check " ]]; then
        [[ $output =~ "would be "|"Run 000001 was interrupted"|"not applicable: " ]] ||
            row_fails "does not say \"would\"" "$@"
        [[ $output != *Reboot* ]] || row_fails "speaks as if it was done" "$@"
    elif [ "$changes" = yes ] && [[ $words != *" --json "* && $output != unchanged* ]]; then
        [[ ${output##*$'\n'} == "If it does not boot: press e"* ]] ||
            row_fails "does not end with the way out" "$@"
    fi
}

all_rows() { # TABLE GROUP
    local ROW failed=0 count=0
    while read_row 9; do
        [ "${ROW[0]}" = "$2" ] || continue
        count=$((count + 1))
        one_row "${ROW[@]:1}"
    done <"$TESTS/cli/$1"
    [ "$count" -gt 0 ] || { echo "no row of the group $2"; return 1; }
    [ "$failed" -eq 0 ]
}

every_group_has_its_test() { # TABLE BATS-FILE
    diff <(grep -v '^#' "$TESTS/cli/$1" | grep '|' | cut -d'|' -f1 | sed 's/ *$//' | sort -u) \
        <(sed -n 's/.*all_rows [^ ]* "\{0,1\}\([^" ]*\)"\{0,1\} .*/\1/p' "$2" | sort -u)
}
