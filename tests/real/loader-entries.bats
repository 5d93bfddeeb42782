# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd's own programs on hosts with loader entries: what bootctl lists, and what
# kernel-install makes for a kernel that is installed before the reboot.

load ../cli/helpers
load ../cli/grub-oracle

setup() {
    find_program
    need bwrap python3
    FIRMWARE=()
    bwrap --ro-bind / / --tmpfs /boot true 2>"$BATS_TEST_TMPDIR/why" ||
        skip "no namespace of its own: $(head -n 1 "$BATS_TEST_TMPDIR/why")"
}

# In a system of this one's programs and the host's files. The partition of the entries is a
# file system of its own, as bootctl wants it; what COMMAND leaves on it goes back.
there() { # PARTITION COMMAND...
    local partition=$1 words=() name
    shift
    for name in kernel machine-id os-release; do
        [ ! -e "$HOST/etc/$name" ] || words+=(--ro-bind "$HOST/etc/$name" "/etc/$name")
    done
    rm -rf "$BATS_TEST_TMPDIR/out"
    mkdir "$BATS_TEST_TMPDIR/out"
    # shellcheck disable=SC2016 # for the inner shell
    bwrap --unshare-pid --die-with-parent --ro-bind /usr /usr --symlink usr/bin /bin \
        --symlink usr/lib /lib --symlink usr/lib64 /lib64 --symlink usr/sbin /sbin --proc /proc \
        --dev /dev --tmpfs /tmp --tmpfs "/$partition" "${words[@]}" \
        "${FIRMWARE[@]}" --ro-bind "$HOST/$partition" /run/host --bind "$BATS_TEST_TMPDIR/out" /run/out \
        --setenv SYSTEMD_RELAX_ESP_CHECKS 1 --setenv SYSTEMD_LOG_LEVEL warning \
        sh -c 'cp -R /run/host/. "/$0/" && "$@" && cp -R "/$0/." /run/out/' "$partition" "$@"
}

# The options of each Linux entry, a line each.
listed() { # PARTITION
    there "$1" bootctl --esp-path="/$1" --json=short --no-pager list | /usr/bin/python3 -c '
import json, sys
text, at = sys.stdin.read(), 0
while text[at:].strip():
    entry, at = json.JSONDecoder().raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip()))
    for item in entry if isinstance(entry, list) else [entry]:
        if "linux" in item:
            print(item.get("options", "").strip("\"").replace("\n", " "))'
}

partition_of() { # FIXTURE
    if [ -d "$FIXTURES/$1/root/boot/efi/loader" ]; then echo boot/efi; else echo boot; fi
}

bootctl_agrees() { # FIXTURE
    local partition
    need bootctl
    lay "$1"
    partition=$(partition_of "$1")
    listed "$partition" >"$BATS_TEST_TMPDIR/before"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/before")" -gt 1 ]
    iommuctl enable
    exits 0
    listed "$partition" >"$BATS_TEST_TMPDIR/after"
    all_in_force "intel on 1" <"$BATS_TEST_TMPDIR/after"
    diff <(other_words <"$BATS_TEST_TMPDIR/before") <(other_words <"$BATS_TEST_TMPDIR/after")
    iommuctl rollback
    exits 0
    diff "$BATS_TEST_TMPDIR/before" <(listed "$partition")
}

@test "bootctl: Debian" { bootctl_agrees debian-systemd-boot; }
@test "bootctl: Tumbleweed, boot counters" { bootctl_agrees tumbleweed-entries; }
@test "bootctl: Arch, written by hand" { bootctl_agrees arch-systemd-boot; }

# The id of the entry that bootctl would start, and of those that have the flag after enable
# --kernel DEFAULT.
default_agrees() {
    local listed
    listed=$(there boot bootctl --esp-path=/boot --no-pager list |
        awk '$1 == "title:" { is = /\(default\)/ } $1 == "id:" && is { print $2 }')
    [ -n "$listed" ] || { echo "bootctl names no default" && return 1; }
    iommuctl enable --kernel DEFAULT
    exits 0
    diff <(echo "$listed") <(cd "$HOST/boot/loader/entries" && grep -l intel_iommu=on -- *.conf)
    iommuctl disable
    exits 0
}

entry() { # NAME LINE...
    local name=$1
    shift
    printf '%s\n' "linux /vmlinuz-linux" "options ro" "$@" >"$HOST/boot/loader/entries/$name.conf"
}

@test "bootctl: which entry starts if nobody chooses" {
    need bootctl
    lay arch-systemd-boot
    rm "$HOST"/boot/loader/entries/*
    : >"$HOST/boot/loader/loader.conf"
    entry a-1
    entry a-2
    default_agrees # the newest name
    entry Z-1 "sort-key z" "version 1"
    default_agrees # one with a sort-key comes before those without
    entry a-3 "sort-key y" "version 2" "machine-id 22222222222222222222222222222222"
    default_agrees
    entry a-4 "sort-key y" "version 1.9" "machine-id 11111111111111111111111111111111"
    default_agrees
    entry a-0 "sort-key y" "version 1.10" "machine-id 11111111111111111111111111111111"
    default_agrees
    entry a-5 "sort-key y" "version 1.11" "machine-id 11111111111111111111111111111111"
    mv "$HOST/boot/loader/entries/a-5.conf" "$HOST/boot/loader/entries/a-5+0-3.conf"
    default_agrees # but not what was given up
    echo 'default a-?' >"$HOST/boot/loader/loader.conf"
    default_agrees
    echo 'default Z-*' >"$HOST/boot/loader/loader.conf"
    default_agrees
}

variable() { # NAME [VALUE]: in the firmware, set or not
    local file=$PLATFORM/sys/firmware/efi/efivars/$1-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
    [ $# -eq 1 ] || { printf '\7\0\0\0' && printf '%s\0' "$2" | iconv -t UTF-16LE; } >"$file"
    [ $# -eq 2 ] || rm "$file"
}

@test "bootctl: which entry the firmware's variables name" {
    need bootctl iconv
    lay arch-systemd-boot
    cp -R "$PLATFORM" "$BATS_TEST_TMPDIR/platform"
    PLATFORM=$BATS_TEST_TMPDIR/platform
    chmod -R u+w "$PLATFORM"
    mkdir -p "$PLATFORM/sys/firmware/efi/efivars"
    FIRMWARE=(--ro-bind "$PLATFORM/sys/firmware/efi" /sys/firmware/efi)
    variable LoaderInfo "systemd-boot 252"
    rm "$HOST"/boot/loader/entries/*
    echo 'default a-1*' >"$HOST/boot/loader/loader.conf"
    entry a-1
    entry a-2
    entry B-3
    default_agrees
    variable LoaderEntryDefault b-3.conf
    there boot bootctl --esp-path=/boot --no-pager list | grep -A3 default | grep -q 'B-3.conf' ||
        skip "bootctl does not read variables here"
    default_agrees
    variable LoaderEntryDefault 'a-?.conf'
    default_agrees
    variable LoaderEntryDefault gone.conf
    default_agrees
    echo 'default @saved' >"$HOST/boot/loader/loader.conf"
    variable LoaderEntryLastBooted a-1.conf
    variable LoaderEntrySelected a-1.conf # of the same start; bootctl looks there
    variable LoaderEntryDefault
    default_agrees
    variable LoaderEntryDefault @saved
    echo 'default a-2*' >"$HOST/boot/loader/loader.conf"
    default_agrees
    variable LoaderEntryLastBooted
    variable LoaderEntrySelected
    default_agrees
}

# With enable, which cannot write into an image, nobody is asked but status.
image_agrees() {
    local listed
    listed=$(there boot bootctl --esp-path=/boot --no-pager list |
        awk '$1 == "title:" { is = /\(default\)/ } $1 == "id:" && is { print $2 }')
    iommuctl --json status
    exits 0
    diff <(echo "$listed") <(/usr/bin/python3 -c '
import json, sys
for entry in json.load(sys.stdin)["entries"]:
    if entry["default"]:
        print(entry["store"].rsplit("/", 1)[1])' <<<"$output")
}

@test "bootctl: images among the entries" {
    need bootctl
    lay arch-systemd-boot
    rm "$HOST"/boot/loader/entries/*
    : >"$HOST/boot/loader/loader.conf"
    mkdir -p "$HOST/boot/EFI/Linux"
    image() { # NAME OS-RELEASE
        "$TESTS/cli/mkuki" "$HOST/boot/EFI/Linux/$1.efi" <(echo ro) "PRETTY_NAME=\"A B\"
$2
"
    }
    image m-1 'ID=m'
    there boot bootctl --esp-path=/boot --no-pager list | grep -q 'm-1.efi' || skip "bootctl lists no such image"
    image_agrees
    entry z-9
    image_agrees # an image has a sort-key, and comes before an entry without one
    entry a-1 "sort-key k" "version 1"
    image_agrees
    image m-2 $'ID=k\nVERSION_ID="2"'
    image_agrees
    image m-3 $'ID=x\nIMAGE_ID=k\nVERSION_ID=1\nIMAGE_VERSION=3'
    image_agrees
    image m-4 $'ID=k\nVERSION=\'4 (x)\'\nVERSION_ID=0'
    image_agrees
    echo 'default m-1*' >"$HOST/boot/loader/loader.conf"
    image_agrees
}

# The entry that kernel-install makes for another kernel.
installed() {
    there boot/efi kernel-install add 6.1.0-99-amd64 /usr/bin/true >&2
    cat "$BATS_TEST_TMPDIR/out/loader/entries/"*-6.1.0-99-amd64*.conf
}

# Debian's kernel-install has the tree's own layout only where /etc/kernel/install.conf
# says so, and the directory that is named like the machine.
@test "kernel-install: a kernel that comes after enable has the flag where ours has it" {
    local kernel
    need kernel-install
    [ -f /usr/lib/kernel/install.d/90-loaderentry.install ] || skip "its plugin for entries is not here"
    lay debian-systemd-boot
    installed | sed -n 's/^options  *//p' >"$BATS_TEST_TMPDIR/before"
    [ -s "$BATS_TEST_TMPDIR/before" ]
    grep -q iommu "$BATS_TEST_TMPDIR/before" && return 1
    iommuctl enable
    exits 0
    installed | sed -n 's/^options  *//p' >"$BATS_TEST_TMPDIR/after"
    all_in_force "intel on 1" <"$BATS_TEST_TMPDIR/after"
    for kernel in "$HOST"/boot/efi/loader/entries/*.conf; do
        diff <(tr -s ' ' '\n' <"$BATS_TEST_TMPDIR/after") \
            <(sed -n 's/^options  *//p' "$kernel" | tr -s ' ' '\n')
    done
    iommuctl disable
    exits 0
    diff "$BATS_TEST_TMPDIR/before" <(installed | sed -n 's/^options  *//p')
}
