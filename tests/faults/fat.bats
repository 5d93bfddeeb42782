# SPDX-License-Identifier: LGPL-2.1-or-later
# Files on FAT, which keeps no owner, mode or attribute; and GRUB's environment block, which
# keeps its place and length.

load ../cli/helpers

setup() {
    find_program
    need cc
    case $("$IOMMUCTL" --version; ldd "$IOMMUCTL") in
    *asan*) skip "sanitizers want to be the first library" ;;
    esac
    cc -D_GNU_SOURCE -shared -fPIC -O1 -o "$BATS_TEST_TMPDIR/fat.so" "$TESTS/faults/fat-shim.c" -ldl
    FAT=(env LD_PRELOAD="$BATS_TEST_TMPDIR/fat.so")
}

on_fat() {
    run --separate-stderr "${FAT[@]}" "$@" "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" \
        "${OPTIONS[@]}" "$COMMAND"
}

strangers() { # a file whose owner, mode and attributes a new one would have to be given
    lay rhel6-bios
    MENU=$HOST/boot/grub/grub.conf
    chmod 0640 "$MENU"
    setfattr -n user.test -v x "$MENU" 2>/dev/null || skip "no attributes here"
    ! is_root || chown 65534:65534 "$MENU"
}

@test "what FAT refuses to keep is no failure" {
    need setfattr
    strangers
    for COMMAND in enable disable rollback; do
        on_fat
        exits 0
        [ -z "$stderr" ]
    done
    cmp "$MENU" "$FIXTURES/rhel6-bios/expect/enabled/boot/grub/grub.conf"
}

@test "what another file system refuses is one, and nothing is changed" {
    local before
    need setfattr
    strangers
    COMMAND=enable
    before=$(stat -c '%i %a %u %s %Y' "$MENU")
    on_fat FAT_NAME=no
    exits 77
    [ "$(stat -c '%i %a %u %s %Y' "$MENU")" = "$before" ]
    [ -z "$(find "$HOST/boot" -name '.*.iommuctl' -o -name '*.rollback')" ]
    [ "$(ls "$HOST/var/lib/iommuctl")" = lock ]
}

@test "the environment block is written in place: one write, the same file and length" {
    need strace
    lay rhel8-bios
    local env=$HOST/boot/grub2/grubenv before writes
    before=$(stat -c '%i %s %U %a' "$env")
    run -0 strace -f -y -o "$BATS_TEST_TMPDIR/trace" -e "trace=write,pwrite64,ftruncate,truncate,rename,renameat,renameat2,unlinkat" \
        "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" enable --vendor intel
    [ "$(stat -c '%i %s %U %a' "$env")" = "$before" ]
    grub-editenv "$env" list | grep -q intel_iommu=on
    writes=$(grep -E 'grubenv' "$BATS_TEST_TMPDIR/trace" | grep -v -e /iommuctl/ -e '^[0-9]* *write(1<')
    [ "$(lines_of "$writes")" -eq 1 ]
    [[ $writes == *pwrite64*", 1024, 0)"*"= 1024"* ]]
}
