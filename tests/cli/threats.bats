# SPDX-License-Identifier: LGPL-2.1-or-later
# What somebody may have put where the program, run by root, reads and writes: it must not
# wait, open a device, follow a link out of the root, write or change anything outside of
# it, or give a planted file away.

load table

setup() {
    find_program
    OUTSIDE=$BATS_TEST_TMPDIR/outside # a victim that links lead to
    mkdir "$OUTSIDE"
    echo 'somebody else'"'"'s' >"$OUTSIDE/file"
    chmod 0604 "$OUTSIDE/file"
    mkdir "$OUTSIDE/directory"
    LIMIT=(timeout 30)
}

# Not the number of links nor the time it changed: taking a hard link away alters these.
outside_marks() {
    find "$OUTSIDE" -printf '%p %y %i %m %U:%G %s %T@\n' | sort
    cat "$OUTSIDE/file"
}

# KIND at PATH below the host, in the place of what is there.
plant() { # KIND PATH
    local at=$HOST/$2
    mkdir -p "${at%/*}"
    rm -rf "${at:?}"
    case $1 in
    fifo) mkfifo "$at" ;;
    device) mknod "$at" c 1 5 ;; # that of endless zeros
    directory) mkdir -p "$at/x" ;;
    dangling) ln -s nowhere "$at" ;;
    loop) ln -s "${at##*/}" "$at" ;;
    out) ln -s "$OUTSIDE/file" "$at" ;;
    out-directory) ln -s "$OUTSIDE/directory" "$at" ;;
    climb) ln -s "../../../../../../../../../../..$OUTSIDE/file" "$at" ;;
    hard-link) ln "$OUTSIDE/file" "$at" ;;
    esac
}

attack() { # HOST KIND PATH: planted there, "enable" does no harm
    local before kind=$2 path=$3
    case $kind in device) is_root || return 0 ;; esac
    lay_copy "$1"
    plant "$kind" "$path"
    before=$(outside_marks)
    run --separate-stderr "${LIMIT[@]}" "${TRACE[@]}" "$IOMMUCTL" --root "$HOST" \
        --platform "$PLATFORM" "${OPTIONS[@]}" enable
    rounds=$((rounds + 1))
    if [ "$status" -ne 0 ] && { [ "$status" -lt 64 ] || [ "$status" -gt 78 ]; }; then
        echo "$kind at $path: exit $status: $stderr" && failed=1
    elif [ "$status" -ne 0 ] && [ "$(lines_of "$stderr")" -ne 1 ]; then
        echo "$kind at $path: $stderr" && failed=1
    fi
    [ "$before" = "$(outside_marks)" ] || { echo "$kind at $path: changed what is outside" && failed=1; }
    [ -z "$(find "$HOST" -name '.*.iommuctl' ! -path "$HOST/$path" ! -path "$HOST/$path/*")" ] ||
        { echo "$kind at $path: left a temporary file" && failed=1; }
}

all_kinds() { # HOST PATH...
    local host=$1 path kind failed=0 rounds=0
    shift
    for path; do
        for kind in fifo device directory dangling loop out out-directory climb hard-link; do
            attack "$host" $kind "$path"
        done
    done
    [ "$rounds" -ge $((8 * $#)) ] && [ $failed -eq 0 ]
}

@test "in the place of a file that is read: legacy GRUB" {
    all_kinds rhel6-bios boot/grub/grub.conf boot/grub boot etc/fstab etc/grub.conf \
        boot/config-2.6.32-754.el6.x86_64 boot/vmlinuz-2.6.32-754.el6.x86_64
}

@test "in the place of a file that is read: GRUB 2" {
    all_kinds debian-12 etc/default/grub etc/default etc/default/grub.d \
        etc/default/grub.d/x.cfg boot/grub/grub.cfg boot/grub/grubenv etc/grub.d/10_linux \
        usr/sbin/grub-mkconfig
}

@test "in the place of what is written" {
    all_kinds rhel6-bios boot/grub/.grub.conf.iommuctl boot/grub/grub.conf.rollback \
        boot/grub/.grub.conf.rollback.iommuctl var var/lib var/lib/iommuctl
}

@test "in the state directory" {
    local path kind failed=0 rounds=0
    for path in lock 000001 000001/manifest.json 000001/files 000002 000002/manifest.json 4294967295 x; do
        for kind in fifo device directory dangling loop out out-directory climb; do
            attack rhel6-bios $kind "var/lib/iommuctl/$path"
        done
    done
    [ "$rounds" -ge 56 ] && [ $failed -eq 0 ]
}

@test "a device is not even opened" {
    local path failed=0 rounds=0 TRACE
    is_root || skip "only root makes devices"
    need strace
    for path in boot/grub/grub.conf etc/fstab boot/vmlinuz-2.6.32-754.el6.x86_64 \
        boot/config-2.6.32-754.el6.x86_64 boot/grub/grub.conf.rollback; do
        TRACE=(strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -e "trace=open,openat")
        attack rhel6-bios device "$path"
        ! grep -E "\"([^\"]*/)?${path##*/}\"" "$BATS_TEST_TMPDIR/trace" || failed=1
    done
    [ "$rounds" -eq 5 ] && [ $failed -eq 0 ]
}

@test "a temporary name that is taken: not written through, and given back" {
    lay_copy rhel6-bios
    ln -s "$OUTSIDE/file" "$HOST/boot/grub/.grub.conf.iommuctl"
    iommuctl enable
    exits 0
    [ "$(cat "$OUTSIDE/file")" = "somebody else's" ]
    [ ! -h "$HOST/boot/grub/grub.conf" ]
    [ ! -e "$HOST/boot/grub/.grub.conf.iommuctl" ]
}

@test "a state directory that others may write to, or that is theirs: refused" {
    local mode
    lay_copy rhel6-bios
    for mode in 0770 0720 0702 1777; do
        mkdir -p "$HOST/var/lib/iommuctl"
        chmod "$mode" "$HOST/var/lib/iommuctl"
        iommuctl enable
        exits 78
        grep -q '/var/lib/iommuctl: .*chmod 0700' <<<"$stderr"
        [ -z "$(ls -A "$HOST/var/lib/iommuctl")" ]
        iommuctl status
        exits 78
        grep -q '^Not set' <<<"$output"
    done
    is_root || skip "only root gives directories away"
    chmod 0700 "$HOST/var/lib/iommuctl"
    chown 65534 "$HOST/var/lib/iommuctl"
    iommuctl enable
    exits 78
    grep -q 'belongs to user 65534' <<<"$stderr"
}

# What a copy in a generation or a path in its manifest could be bent to.
@test "a manifest that points out of the root, or around a corner, is not followed" {
    local path
    lay_copy rhel6-bios
    iommuctl -q enable
    exits 0
    cp "$HOST/var/lib/iommuctl/000001/manifest.json" "$BATS_TEST_TMPDIR/manifest"
    for path in '/../../outside/file' '/boot/../../../outside/file' 'boot/grub/grub.conf' '//x' '/' ''; do
        sed "s|\"/boot/grub/grub.conf\"|\"$path\"|" "$BATS_TEST_TMPDIR/manifest" \
            >"$HOST/var/lib/iommuctl/000001/manifest.json"
        iommuctl rollback --force
        exits 65
        [ "$(cat "$OUTSIDE/file")" = "somebody else's" ]
    done
}

@test "a copy that was exchanged is not brought back" {
    lay_copy rhel6-bios
    iommuctl -q enable
    echo 'default=0' >"$HOST/var/lib/iommuctl/000001/files/boot/grub/grub.conf"
    iommuctl rollback
    exits 65
    grep -q intel_iommu=on "$HOST/boot/grub/grub.conf"
    rm "$HOST/var/lib/iommuctl/000001/files/boot/grub/grub.conf"
    ln -s "$OUTSIDE/file" "$HOST/var/lib/iommuctl/000001/files/boot/grub/grub.conf"
    iommuctl rollback
    [ "$status" -ge 64 ]
    grep -q intel_iommu=on "$HOST/boot/grub/grub.conf"
}

@test "what a copy is made of carries the program's version" {
    lay_copy rhel6-bios
    iommuctl -q enable
    grep -q "\"version\": \"$("$IOMMUCTL" --version | sed 's/.* //')\"" \
        "$HOST/var/lib/iommuctl/000001/manifest.json"
}

@test "a planted rollback copy is neither followed nor read without end" {
    local to
    for to in ../../etc/victim nowhere grub.conf; do
        lay_copy rhel6-bios
        echo "not a menu" >"$HOST/etc/victim"
        ln -s "$to" "$HOST/boot/grub/grub.conf.rollback"
        host_before=$(cd "$HOST" && find . -printf '%p %y %i %s %T@ %l\n' | sort)
        iommuctl enable
        exits 78
        grep -q '/boot/grub/grub.conf.rollback: is a symbolic link' <<<"$stderr"
        [ "$(wc -l <<<"$stderr")" -eq 1 ]
        [ "$(cd "$HOST" && find . -printf '%p %y %i %s %T@ %l\n' | sort)" = "$host_before" ]
    done
    rm "$HOST/boot/grub/grub.conf.rollback"
    truncate -s 20G "$HOST/boot/grub/grub.conf.rollback"
    iommuctl enable
    exits 65
    ! grep -q intel_iommu=on "$HOST/boot/grub/grub.conf"
}

@test "the caller's limit of a file's size is a failure like another" {
    local size
    need prlimit
    for size in 1000 1860; do
        lay_copy rhel6-bios
        cp "$HOST/boot/grub/grub.conf" "$BATS_TEST_TMPDIR/before"
        run --separate-stderr prlimit --fsize=$size "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" \
            "${OPTIONS[@]}" enable
        [ "$status" -eq 74 ]
        [ "$(wc -l <<<"$stderr")" -eq 1 ]
        cmp "$HOST/boot/grub/grub.conf" "$BATS_TEST_TMPDIR/before"
        [ -z "$(find "$HOST" -name '.*.iommuctl')" ]
    done
}

@test "what another run has written and not yet finished is not taken for done" {
    local first
    need strace
    strace -f -qq -o /dev/null -e trace=getdents64 -e inject=getdents64:delay_enter=100:when=1 \
        true 2>/dev/null || skip "strace cannot delay a call"
    lay_copy rhel6-bios
    # the first has looked at the state directory and waits before it reads the menu
    strace -f -qq -o /dev/null -e trace=getdents64 -e inject=getdents64:delay_enter=3000000:when=1 \
        "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" enable >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
    first=$!
    sleep 1
    # the other one dies with all written and nothing committed
    run strace -f -qq -o /dev/null -e trace=renameat -e inject=renameat:signal=KILL:when=4 \
        "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" enable
    grep -q intel_iommu=on "$HOST/boot/grub/grub.conf"
    grep -q '"state": "armed"' "$HOST/var/lib/iommuctl/000001/manifest.json"
    wait "$first"
    grep -q intel_iommu=on "$HOST/boot/grub/grub.conf"
    ! grep -l '"state": "armed"' "$HOST"/var/lib/iommuctl/*/manifest.json
}
