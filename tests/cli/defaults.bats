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
    cat "$1/before" >"$BEFORE/etc/default/grub"
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

touched() { find "$HOST" -printf '%p %i %s %T@ %C@\n' | sort; } # what any write would change

refused() { # DIR
    local before
    before=$(touched)
    iommuctl enable
    exits "$(cat "$1/exit")" || return
    grep -q '^iommuctl: .*/etc/default/grub.*:[0-9]' <<<"$stderr" || { echo "$stderr" && return 1; }
    diff <(echo "$before") <(touched)
}

# Enabled, and nothing to do for a second run; then disabled; then back to before it all.
round_trip() { # DIR
    if [ -f "$1/exit" ]; then
        refused "$1"
        return
    fi
    enabled "$1" && given_back "$1" || return
    iommuctl rollback 1
    exits 0 || return
    same_bytes "$1/before" "$HOST/etc/default/grub" || return
    same_bytes "$BATS_TEST_TMPDIR/menu.before" "$HOST/boot/grub/grub.cfg"
}

menu_is_what_the_defaults_say() {
    menu_of "$HOST" >"$BATS_TEST_TMPDIR/menu"
    same_bytes "$BATS_TEST_TMPDIR/menu" "$HOST/boot/grub/grub.cfg"
}

enabled() { # DIR
    local before
    iommuctl enable
    exits 0 || return
    [ ! -f "$1/after" ] || same_bytes "$1/after" "$HOST/etc/default/grub" || return
    defaults_are_right "$SHELL_OF" "$BEFORE" intel || return
    menu_is_what_the_defaults_say || return
    "$ORACLE/grub-lines" --args linux "$HOST/boot/grub/grub.cfg" | all_in_force "intel on 1" || return
    before=$(touched)
    iommuctl enable
    exits 0 || return
    diff <(echo "$before") <(touched)
}

given_back() { # DIR
    local left
    iommuctl disable
    exits 0 || return
    menu_is_what_the_defaults_say || return
    left=$(defaults_of "$SHELL_OF" "$HOST" joined | in_force)
    case $left in "intel on"*) echo "a shell sees: $left" && return 1 ;; esac
    if [ ! -f "$1/gone" ]; then
        same_bytes "$1/before" "$HOST/etc/default/grub"
    elif [ -s "$1/gone" ]; then
        same_bytes "$1/gone" "$HOST/etc/default/grub"
    fi
}

@test "a shell sees the flag once, all else as before, and grub.cfg says the same; and back" {
    each round_trip
}

# What another variable or a command will give is not known: the flag may stand there already.
@test "what cannot be read is extended all the same, with a note" {
    local value
    for value in '"quiet $FLAG"' '"quiet $(echo splash)"'; do
        SHELL_OF="sh"
        rm -rf "$HOST"
        cp -a "$PRISTINE" "$HOST"
        printf 'FLAG=intel_iommu=on\nGRUB_CMDLINE_LINUX_DEFAULT=%s\n' "$value" >"$HOST/etc/default/grub"
        menu_of "$HOST" >"$HOST/boot/grub/grub.cfg"
        iommuctl --verbose enable
        exits 0
        grep -q 'default/grub:2: .*could not be judged' <<<"$output$stderr"
        grep -qF "${value%\"} intel_iommu=on\"" "$HOST/etc/default/grub"
    done
}
