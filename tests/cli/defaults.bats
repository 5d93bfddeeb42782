# SPDX-License-Identifier: LGPL-2.1-or-later
# How people write /etc/default/grub: a folder each in defaults/, with
#
#   before   the file
#   after    what enable makes of it; where this is missing, only what a shell sees counts
#   gone     what disable leaves, if it is not "before"; an empty one: no flag, no more
#   shell    the shell that can source it, if "sh" cannot
#   exit     how enable refuses it, touching nothing
#
# The judge is a real shell that sources the file before and after. grub.cfg stands for what
# the generator would have made of it: the text of the variables as that shell expands them.

load helpers
load grub-oracle

setup() {
    find_program
    lay debian-12
    PRISTINE=$BATS_TEST_TMPDIR/pristine
    BEFORE=$BATS_TEST_TMPDIR/before
    rm "$HOST/boot/grub/grub.cfg"
    mv "$HOST" "$PRISTINE"
    mkdir -p "$BEFORE/etc/default"
    cp -R "$PRISTINE/usr" "$BEFORE/"
}

# As in helpers.bash, but one file that it never comes to an end with fails alone.
iommuctl() {
    run --separate-stderr timeout 20 "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "$@"
}

# What 10_linux writes, as far as the command lines go.
menu_of() { # DIR
    local linux normal
    linux=$(defaults_of "$SHELL_OF" "$1" linux && echo .)
    normal=$(defaults_of "$SHELL_OF" "$1" joined && echo .)
    linux=${linux%??} normal=${normal%??}
    echo '### BEGIN /etc/grub.d/10_linux ###'
    printf "menuentry 'Linux' %s 'gnulinux-simple-1' {\n\tlinux\t%s root=/dev/vda1 ro %s\n}\n" \
        "--class linux \$menuentry_id_option" /boot/vmlinuz-6.1.0-18-amd64 "$normal"
    [ "$(recovery "$1")" = true ] ||
        printf "menuentry 'Linux (recovery mode)' %s 'gnulinux-6.1-recovery-1' {\n\tlinux\t%s root=/dev/vda1 ro single %s\n}\n" \
            "--class linux \$menuentry_id_option" /boot/vmlinuz-6.1.0-18-amd64 "$linux"
    echo '### END /etc/grub.d/10_linux ###'
}

recovery() { # DIR: the value of GRUB_DISABLE_RECOVERY
    defaults_of "$SHELL_OF" "$1" others | sed -n "s/^GRUB_DISABLE_RECOVERY=//p" | tr -d "'"
}

form() { # DIR: the host with this file
    SHELL_OF="sh"
    [ ! -f "$1/shell" ] || SHELL_OF=$(cat "$1/shell")
    rm -rf "$HOST"
    cp -a "$PRISTINE" "$HOST"
    cat "$1/before" >"$HOST/etc/default/grub"
    cp "$1/before" "$BEFORE/etc/default/grub"
    menu_of "$HOST" >"$HOST/boot/grub/grub.cfg"
    cp "$HOST/boot/grub/grub.cfg" "$BATS_TEST_TMPDIR/menu.before"
}

each() { # FUNCTION: for each form; names those that fail
    local dir bad=()
    for dir in "$BATS_TEST_DIRNAME"/defaults/${FORM:-*}/; do
        form "$dir"
        "$1" "$dir" >"$BATS_TEST_TMPDIR/said" 2>&1 && continue
        bad+=("$(basename "$dir")")
        printf -- '--- %s\n' "$(basename "$dir")"
        cat "$BATS_TEST_TMPDIR/said"
    done
    echo "wrong: ${bad[*]}"
    [ ${#bad[@]} -eq 0 ]
}

same_bytes() { # EXPECTED GOT
    cmp -s "$1" "$2" && return
    diff -a "$1" "$2" | cat -A
    return 1
}

refused() { # DIR
    snapshot full before
    iommuctl enable
    exits "$(cat "$1/exit")" || return
    grep -q '^iommuctl: .*/etc/default/grub.*:[0-9]' <<<"$stderr" || { echo "$stderr" && return 1; }
    snapshot full after
    same before after
}

enabled() { # DIR
    if [ -f "$1/exit" ]; then
        refused "$1"
        return
    fi
    iommuctl enable
    exits 0 || return
    [ ! -f "$1/after" ] || same_bytes "$1/after" "$HOST/etc/default/grub" || return
    defaults_are_right "$SHELL_OF" "$BEFORE" intel || return
    menu_of "$HOST" >"$BATS_TEST_TMPDIR/menu"
    same_bytes "$BATS_TEST_TMPDIR/menu" "$HOST/boot/grub/grub.cfg" || return
    entries_are_right_here || return
    snapshot full before
    iommuctl enable
    exits 0 || return
    snapshot full after
    same before after
}

# Recovery entries may change only where what they share with the others did.
entries_are_right_here() {
    "$ORACLE/grub-lines" --args linux "$HOST/boot/grub/grub.cfg" | all_in_force "intel on 1"
}

given_back() { # DIR
    local left
    [ ! -f "$1/exit" ] || return 0
    iommuctl enable
    exits 0 || return
    iommuctl disable
    exits 0 || return
    menu_of "$HOST" >"$BATS_TEST_TMPDIR/menu"
    same_bytes "$BATS_TEST_TMPDIR/menu" "$HOST/boot/grub/grub.cfg" || return
    left=$(defaults_of "$SHELL_OF" "$HOST" joined | tr -s '\n' ' ' | "$ORACLE/flag-in-force")
    case $left in "intel on"*) echo "a shell sees: $left" && return 1 ;; esac
    if [ ! -f "$1/gone" ]; then
        same_bytes "$1/before" "$HOST/etc/default/grub"
    elif [ -s "$1/gone" ]; then
        same_bytes "$1/gone" "$HOST/etc/default/grub"
    fi
}

rolled_back() { # DIR
    iommuctl enable
    [ "$status" -eq 0 ] && grep -q . <<<"$(ls -A "$HOST/var/lib/iommuctl" 2>/dev/null)" || return 0
    iommuctl rollback
    exits 0 || return
    same_bytes "$1/before" "$HOST/etc/default/grub" &&
        same_bytes "$BATS_TEST_TMPDIR/menu.before" "$HOST/boot/grub/grub.cfg"
}

@test "a shell sees the flag once, all else as before, and grub.cfg says the same" { each enabled; }
@test "disable gives each file back" { each given_back; }
@test "rollback gives each file back" { each rolled_back; }
