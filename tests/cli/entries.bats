# SPDX-License-Identifier: LGPL-2.1-or-later
# Loader entries and what feeds them, from the command line: one entry alone, links and odd
# files among them, times, the environment block, the generator.

load table
load grub-oracle

setup() { find_program; }

with_flag() { # ids of the entries that start with it, sorted; "+" behind: new ones, too
    "$ORACLE/loader-lines" "$HOST" |
        awk '$1 == "entry" { id = $2 } $1 == "args" && / intel_iommu=on( |$)/ { print id }' | sort
    "$ORACLE/loader-lines" --templates "$HOST" | grep -qw intel_iommu=on && echo +
    return 0
}

expect_flags() { # ID...
    diff <(printf '%s\n' "$@") <(with_flag)
}

ID=1c9a34d2f6b04e5b8a7d9e0f21436587

one_alone() { # KERNEL ID WARNING...
    local kernel=$1 id=$2 warning
    shift 2
    cp -a "$HOST" "$BATS_TEST_TMPDIR/before"
    iommuctl enable --kernel "$kernel"
    exits 0
    expect_flags "$id"
    [ "$(grep -c '^warning: ' <<<"$stderr")" -eq $# ]
    for warning; do grep -q "^warning: .*$warning" <<<"$stderr"; done
    iommuctl enable --kernel "$kernel"
    exits 0
    [ "$(lines_of "$output")" -eq 1 ]
    iommuctl disable --kernel "$kernel"
    exits 0
    diff -r --exclude=iommuctl "$BATS_TEST_TMPDIR/before" "$HOST"
}

@test "--kernel DEFAULT: arguments in the environment block stay out of it" {
    lay_copy rhel8-bios
    one_alone DEFAULT $ID-4.18.0-513.5.1.el8_9.x86_64 "/etc/default/grub is left as it is"
}

@test "--kernel PATH: a generator that rewrites the entries is named" {
    lay_copy rhel9.2
    one_alone /boot/vmlinuz-5.14.0-284.11.1.el9_2.x86_64 $ID-5.14.0-284.11.1.el9_2.x86_64 \
        "next grub2-mkconfig undoes" "/etc/kernel/cmdline is left as it is" \
        "the default entry stays as it is: not asked for$"
}

@test "--kernel TITLE: a generator that leaves them alone is not" {
    lay_copy rhel9.4
    one_alone "Red Hat Enterprise Linux (5.14.0-427.31.1.el9_4.x86_64) 9.4 (Plow)" \
        $ID-5.14.0-427.31.1.el9_4.x86_64 "/etc/kernel/cmdline is left as it is" \
        "the default entry stays as it is: not asked for$"
}

@test "--kernel DEFAULT: what loader.conf says" {
    lay_copy tumbleweed-entries
    one_alone DEFAULT opensuse-tumbleweed-6.10.11-1-default-12 "/etc/kernel/cmdline is left as it is"
    lay_copy arch-systemd-boot
    rm -rf "$BATS_TEST_TMPDIR/before"
    one_alone DEFAULT arch
}

notes() { # PATTERN COUNT: lines of status that have it
    iommuctl status --verbose
    exits 0
    [ "$(grep -cE "$1" <<<"$output$stderr")" -eq "$2" ] || { echo "$output$stderr"; return 1; }
}

@test "--kernel DEFAULT: what the firmware says, where it is this machine's" {
    local var=sys/firmware/efi/efivars vendor=4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
    need iconv
    lay_copy arch-systemd-boot
    cp -R "$PLATFORM" "$BATS_TEST_TMPDIR/platform"
    PLATFORM=$BATS_TEST_TMPDIR/platform
    chmod -R u+w "$PLATFORM"
    mkdir -p "$PLATFORM/$var"
    { printf '\7\0\0\0' && printf '%s\0' arch-lts.conf | iconv -t UTF-16LE; } >"$PLATFORM/$var/LoaderEntryDefault-$vendor"
    one_alone DEFAULT arch-lts
    notes 'bootctl|variable' 0
    printf odd >"$PLATFORM/$var/LoaderEntryDefault-$vendor"
    rm -rf "$BATS_TEST_TMPDIR/before"
    one_alone DEFAULT arch
    notes 'variable LoaderEntryDefault could not be read .it is no text' 1
    echo "$var/LoaderEntryDefault-$vendor" >"$PLATFORM/unreadable"
    notes 'variable LoaderEntryDefault could not be read .Permission denied' 1
    lay_copy rhel6-bios # where nobody reads it
    PLATFORM=$BATS_TEST_TMPDIR/platform
    notes 'variable' 0
}

@test "--kernel: what all entries share is not changed for one" {
    lay_copy rhel8-uefi
    LC_ALL=C sed -i 's/rhgb quiet ###/iommu=off ###/; s/rhgb quiet $/iommu=off  /' \
        "$HOST/boot/efi/EFI/redhat/grubenv"
    sed -i 's/rhgb quiet "$/iommu=off  "/' "$HOST/boot/efi/EFI/redhat/grub.cfg"
    local marks
    marks=$(marks)
    iommuctl enable --kernel DEFAULT
    exits 78
    [ "$marks" = "$(marks)" ]
    iommuctl enable
    exits 0
}

@test "--if-needed leaves entries alone whose kernels have it on" {
    lay_copy debian-systemd-boot
    sed -i 's/_INTGPU_OFF//' "$HOST/boot/config-6.1.0-13-amd64"
    iommuctl enable --if-needed
    exits 0
    expect_flags $ID-6.1.0-18-amd64 +
}

mtime() { stat -c %Y "$HOST/$1"; }

# Fedora's and Red Hat's generators make /etc/kernel/cmdline anew where it is older.
@test "/etc/kernel/cmdline is never older than /etc/default/grub" {
    local command
    lay_copy fedora
    touch -d 2024-01-01 "$HOST/etc/kernel/cmdline"
    for command in enable rollback enable disable; do
        iommuctl $command
        exits 0
        [ "$(mtime etc/kernel/cmdline)" -ge "$(($(mtime etc/default/grub) + 2))" ]
    done
}

@test "/etc/kernel/cmdline is not made, and nothing in it is taken for nothing" {
    lay_copy debian-systemd-boot
    rm "$HOST/etc/kernel/cmdline"
    iommuctl enable
    exits 0
    [ ! -e "$HOST/etc/kernel/cmdline" ]
    printf '# nothing yet\n\n' >"$HOST/etc/kernel/cmdline"
    iommuctl enable
    exits 0
    [ "$(cat "$HOST/etc/kernel/cmdline")" = "# nothing yet" ]
    printf '# a comment\nroot=/dev/sda1 \\\r\n  ro\n# the last' >"$HOST/etc/kernel/cmdline"
    iommuctl enable
    exits 0
    diff <(printf '# a comment\nroot=/dev/sda1 \\\r\n  ro intel_iommu=on\n# the last') \
        "$HOST/etc/kernel/cmdline"
    iommuctl disable
    diff <(printf '# a comment\nroot=/dev/sda1 \\\r\n  ro\n# the last') "$HOST/etc/kernel/cmdline"
}

# DIRECTORY EXIT: two files of arguments in it, and what is none.
directory_is_edited() {
    local d=$HOST/$1
    mkdir -p "$d"
    printf '# root\nroot=/dev/sda2\n' >"$d/10-root.conf"
    printf 'rw intel_iommu=off\n' >"$d/20-more.conf"
    printf 'quiet\n# the last\n' >"$d/90-quiet.conf"
    printf 'intel_iommu=no\n' | tee "$d/95.conf.bak" >"$d/.99.conf"
    : >"$d/99-empty.conf"
    cp -R "$d" "$BATS_TEST_TMPDIR/before"
    iommuctl enable
    exits "$2"
    diff <(cat "$d"/*.conf) <(printf '# root\nroot=/dev/sda2\nrw intel_iommu=on\nquiet\n# the last\n')
    iommuctl disable
    diff <(cat "$d"/*.conf) <(printf '# root\nroot=/dev/sda2\nrw\nquiet\n# the last\n')
    iommuctl enable
    diff <(cat "$d"/*.conf) <(printf '# root\nroot=/dev/sda2\nrw\nquiet intel_iommu=on\n# the last\n')
    iommuctl rollback 1
    diff -r "$BATS_TEST_TMPDIR/before" "$d"
}

@test "/etc/cmdline.d, where mkinitcpio builds the images, stands for /etc/kernel/cmdline" {
    lay_copy uki
    rm "$HOST/etc/kernel/cmdline"
    directory_is_edited etc/cmdline.d 71
    rm "$HOST/etc/mkinitcpio.conf"
    iommuctl enable
    exits 78 # nobody reads it
}

@test "/etc/kernel/cmdline.d, where clr-boot-manager reads it" {
    lay_copy arch-systemd-boot
    mkdir -p "$HOST/usr/bin"
    touch "$HOST/usr/bin/clr-boot-manager"
    directory_is_edited etc/kernel/cmdline.d 0
    rm "$HOST/usr/bin/clr-boot-manager"
    iommuctl enable
    exits 0
    diff -r "$BATS_TEST_TMPDIR/before" "$HOST/etc/kernel/cmdline.d"
}

@test "where the next kernel's arguments come from is noted" {
    lay_copy debian-systemd-boot
    rm "$HOST/etc/kernel/cmdline"
    iommuctl status
    [ "$(grep -c 'etc/kernel/cmdline' <<<"$output$stderr")" -eq 0 ]
    mkdir -p "$HOST/usr/bin" "$HOST/usr/lib/kernel"
    touch "$HOST/usr/bin/kernel-install"
    iommuctl status
    grep -q 'there is no /etc/kernel/cmdline: .*reboot' <<<"$output$stderr"
    touch "$HOST/usr/lib/kernel/cmdline"
    iommuctl status
    grep -q '/usr/lib/kernel/cmdline says, without the flag' <<<"$output$stderr"
}

@test "odd files among the entries" {
    local entries=boot/loader/entries
    lay_copy arch-systemd-boot
    mkdir "$HOST/$entries/directory.conf" "$HOST/elsewhere"
    ln -s ../../../elsewhere/real "$HOST/$entries/linked.conf"
    ln -s gone "$HOST/$entries/gone.conf"
    ln -s arch.conf "$HOST/$entries/again.conf"
    printf 'linux /vmlinuz-linux\noptions ro\n' >"$HOST/elsewhere/real"
    printf 'linux /vmlinuz-linux\noptions ro\n' | tee "$HOST/$entries/.conf" >"$HOST/$entries/.hidden.conf"
    iommuctl enable
    exits 0
    [ "$(readlink "$HOST/$entries/linked.conf")" = ../../../elsewhere/real ]
    [ "$(readlink "$HOST/$entries/again.conf")" = arch.conf ]
    diff "$HOST/elsewhere/real" <(printf 'linux /vmlinuz-linux\noptions ro intel_iommu=on\n')
    [ "$(grep -o intel_iommu=on "$HOST/$entries/arch.conf" | wc -l)" -eq 1 ]
    [ "$(cat "$HOST/$entries/.conf" "$HOST/$entries/.hidden.conf" | grep -c iommu)" -eq 0 ]
}

# systemd-boot joins no lines, and so a line of the flag alone goes as a whole.
@test "a backslash at the end of a line continues nothing" {
    local entry
    lay_copy arch-systemd-boot
    entry=$HOST/boot/loader/entries/arch.conf
    printf 'linux /vmlinuz-linux\noptions ro \\\noptions intel_iommu=on\ninitrd /i\n' >"$entry"
    iommuctl disable
    exits 0
    diff "$entry" <(printf 'linux /vmlinuz-linux\noptions ro \\\ninitrd /i\n')
    iommuctl rollback
    exits 0
    diff "$entry" <(printf 'linux /vmlinuz-linux\noptions ro \\\noptions intel_iommu=on\ninitrd /i\n')
}

# systemd-boot counts in the file's name: NAME+3-0 is NAME+2-1 after the next start, NAME when
# that went well.
@test "a counter that went on: enable, disable and rollback find the entry by its new name" {
    local entries entry new marks
    lay_copy tumbleweed-entries
    entries=$(dirname "$(find "$HOST" -path '*/loader/entries/*+3-0.conf')")
    entry=$(find "$entries" -name '*+3-0.conf')
    cp "$entry" "$BATS_TEST_TMPDIR/entry"
    iommuctl enable
    exits 0
    for new in "${entry%+3-0.conf}+2-1.conf" "${entry%+3-0.conf}.conf"; do
        mv "$entry" "$new"
        entry=$new
        marks=$(marks)
        iommuctl enable
        exits 0
        [ "$marks" = "$(marks)" ]
    done
    iommuctl disable --check
    exits 0
    iommuctl disable
    exits 0
    cmp "$BATS_TEST_TMPDIR/entry" "$entry"
    [ ! -e "${entry%.conf}+3-0.conf" ]
    iommuctl rollback # of the disable: by the new name
    exits 0
    grep -q intel_iommu=on "$entry"
}

@test "a counter that went on: what was changed under the old name is rolled back under the new" {
    local entries entry new old
    lay_copy tumbleweed-entries
    entries=$(dirname "$(find "$HOST" -path '*/loader/entries/*+3-0.conf')")
    old=$(find "$entries" -name '*+3-0.conf')
    cp -a "$entries" "$BATS_TEST_TMPDIR/entries"
    entry=$old
    for new in "${old%+3-0.conf}+2-1.conf" "${old%+3-0.conf}.conf"; do
        iommuctl enable
        exits 0
        mv "$entry" "$new"
        entry=$new
        iommuctl rollback --check
        exits 0
        iommuctl rollback
        exits 0
        cmp "$BATS_TEST_TMPDIR/entries/$(basename "$old")" "$entry"
        [ "$(find "$entries" -type f | wc -l)" -eq "$(find "$BATS_TEST_TMPDIR/entries" -type f | wc -l)" ]
    done
    iommuctl enable # through two generations, the older one's name still another
    exits 0
    mv "$entry" "$old"
    iommuctl disable
    exits 0
    mv "$old" "$entry"
    iommuctl rollback 5
    exits 0
    cmp "$BATS_TEST_TMPDIR/entries/$(basename "$old")" "$entry"
    echo '# edited' >>"$entry"
    cp "$entry" "$BATS_TEST_TMPDIR/edited"
    iommuctl enable
    exits 0
    mv "$entry" "$old"
    echo '# edited again' >>"$old"
    iommuctl rollback # somebody's edit is still one
    exits 78
    cp "$old" "$entry" # two of the name: nobody knows which
    iommuctl rollback
    exits 78
}

refused_whole() { # CODE: and nothing was touched
    local marks
    marks=$(marks)
    iommuctl enable
    exits "$1"
    [ "$marks" = "$(marks)" ]
}

@test "one entry that cannot be changed, and none is" {
    local entries=boot/loader/entries
    lay_copy fedora
    ln "$HOST/$entries/$ID-0-rescue.conf" "$HOST/$entries/kept"
    refused_whole 78
    rm "$HOST/$entries/kept"
    printf 'title a\0b\nlinux /vmlinuz\n' >"$HOST/$entries/nul.conf"
    refused_whole 65
    printf 'title a\n\nlinux /vmlinuz\noptions ro\n' >"$HOST/$entries/nul.conf"
    refused_whole 65
    rm "$HOST/$entries/nul.conf"
    ln -s loop.conf "$HOST/$entries/loop.conf"
    refused_whole 65
    rm "$HOST/$entries/loop.conf"
    mkfifo "$HOST/$entries/fifo.conf"
    refused_whole 65
}

@test "a full environment block is refused before anything is written" {
    lay_copy rhel8-bios
    local env=$HOST/boot/grub2/grubenv
    /usr/bin/python3 - "$env" <<'END'
import sys
text = open(sys.argv[1]).read().rstrip("#")
text += "filler=" + "x" * (1024 - len(text) - 8 - 10) + "\n"
open(sys.argv[1], "w").write(text + "#" * (1024 - len(text)))
END
    [ "$(stat -c %s "$env")" -eq 1024 ]
    refused_whole 65
    grep -q 'boot/grub2/grubenv.*no room' <<<"$stderr"
}

@test "no entries at all: nothing was made of the defaults yet" {
    lay_copy rhel9.4
    rm "$HOST"/boot/loader/entries/*.conf
    refused_whole 66
}

# The generator of this system, played by a script, with the host as "/". It is on a file
# system in memory, which nobody can freeze.
@test "--regenerate: the generator is told to leave the entries alone, or not run" {
    need bwrap
    [ -e /usr/sbin/grub-mkconfig ] || skip "no /usr/sbin/grub-mkconfig to be played"
    [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] && [ -w /dev/shm ] || skip "no tmpfs at /dev/shm"
    bwrap --ro-bind / / true 2>/dev/null || skip "no namespace of its own"
    lay_copy rhel9.4
    sed -i '/boot/d' "$HOST/etc/fstab" 2>/dev/null || :
    MEMORY=$(mktemp -d /dev/shm/iommuctl-entries.XXXXXX)
    cp -R "$HOST/boot" "$HOST/etc" "$MEMORY/"
    mkdir "$BATS_TEST_TMPDIR/var"
    local script=$BATS_TEST_TMPDIR/generator status
    cat >"$script" <<'END'
#!/bin/sh
# knows the option that is put in here: OPTION
echo "$*" >>/var/arguments
case $* in *update-bls-cmdline*) echo "Unrecognized option" >&2; exit 1 ;; esac # as Fedora's
if [ "$1" != --no-grubenv-update ]; then
    for entry in /boot/loader/entries/*.conf; do echo 'options gone' >"$entry"; done
fi
echo '# made anew'
cat /boot/grub2/grub.cfg
END
    chmod +x "$script"
    sed -i 's/OPTION/none/; s/--no-grubenv-update/--other/' "$script"
    regenerate && status=0 || status=$?
    [ "$status" -eq 71 ]
    [ "$(cat "$MEMORY"/boot/loader/entries/*.conf | grep -c "options gone")" -eq 0 ]
    [ "$(cat "$MEMORY"/boot/loader/entries/*.conf | grep -c intel_iommu=on)" -eq 3 ]
    sed -i 's/--other/--no-grubenv-update/' "$script"
    regenerate
    [ "$(cat "$MEMORY"/boot/loader/entries/*.conf | grep -c "options gone")" -eq 0 ]
    [ "$(head -n 1 "$MEMORY/boot/grub2/grub.cfg")" = '# made anew' ]
    [ "$(cat "$BATS_TEST_TMPDIR/var/arguments")" = --no-grubenv-update ] # and nothing else, once
}

regenerate() {
    local words=() name
    for name in lib lib32 lib64 libx32 bin sbin; do
        [ ! -h "/$name" ] || words+=(--symlink "usr/$name" "/$name")
        [ -h "/$name" ] || [ ! -d "/$name" ] || words+=(--ro-bind "/$name" "/$name")
    done
    is_root || words+=(--unshare-user --uid 0 --gid 0)
    bwrap --unshare-pid --die-with-parent --tmpfs / --ro-bind /usr /usr "${words[@]}" \
        --ro-bind "$BATS_TEST_TMPDIR/generator" /usr/sbin/grub-mkconfig \
        --bind "$MEMORY/boot" /boot --bind "$MEMORY/etc" /etc --bind "$BATS_TEST_TMPDIR/var" /var \
        --proc /proc --dev /dev --ro-bind "$PLATFORM" /run/platform \
        --ro-bind "$IOMMUCTL" /run/iommuctl/iommuctl --ro-bind "${IOMMUCTL%/*}/lenses" /run/iommuctl/lenses \
        /run/iommuctl/iommuctl --platform /run/platform --boot-in-root enable --regenerate
}

teardown() { [ -z "${MEMORY-}" ] || rm -rf "$MEMORY"; }
