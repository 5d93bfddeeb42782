# SPDX-License-Identifier: LGPL-2.1-or-later
# How GRUB 2's files are judged, by oracles that do not ask the program. Loaded by the
# fixtures' and the defaults' tests and by tests/real/grub-mkconfig.bats.

is_menu() { # PATH: does a boot loader read it, so that its previous text stays beside it?
    case /$1 in
    */etc/default/* | */etc/kernel/* | */loader/entries/* | */grubenv) return 1 ;;
    */etc/update-extlinux.conf | */etc/update-extlinux.d/*) return 1 ;;
    esac
}

has_entries() { # DIR: loader entries, as GRUB's blscfg and systemd-boot read them
    compgen -G "$1/boot/loader/entries/*.conf" >/dev/null ||
        compgen -G "$1/efi/loader/entries/*.conf" >/dev/null ||
        compgen -G "$1/boot/efi/loader/entries/*.conf" >/dev/null
}

# Each loader entry, and what new ones are made from, has the flag once and in force, and
# every other argument that it had, in their order.
loader_agrees() { # FIXTURE VENDOR
    local before=$FIXTURES/$1/root
    diff "$FIXTURES/$1/expect/lines" <("$ORACLE/loader-lines" "$HOST") || return
    "$ORACLE/loader-lines" --args linux "$HOST" >"$BATS_TEST_TMPDIR/linux"
    grep -q . "$BATS_TEST_TMPDIR/linux" || return
    all_in_force "$2 on 1" <"$BATS_TEST_TMPDIR/linux" || return
    diff <("$ORACLE/loader-lines" --args linux "$before" | other_words) \
        <(other_words <"$BATS_TEST_TMPDIR/linux") || return
    "$ORACLE/loader-lines" --templates "$HOST" >"$BATS_TEST_TMPDIR/templates"
    all_in_force "$2 on 1" <"$BATS_TEST_TMPDIR/templates" || return
    diff <("$ORACLE/loader-lines" --templates "$before" | other_words) \
        <(other_words <"$BATS_TEST_TMPDIR/templates")
}

# The shell that the host's generator is run by.
shell_of() { # FIXTURE
    if grep -qs '^flavour.*bash' "$FIXTURES/$1/disks"; then echo bash; else echo sh; fi
}

defaults_of() { # SHELL DIR WORD: see tests/oracle/grub-defaults
    GRUB_SHELL=$1 "$ORACLE/grub-defaults" "$2" "$3"
}

# The arguments of a command line, a line each, without those that belong to the program.
other_words() { tr -s ' \t\r\n' '\n\n\n\n' | grep -vE '^((intel|amd)_iommu=.*|iommu=1|)$' || :; }

in_force() { "$ORACLE/flag-in-force" < <(tr -s '\r\n' '  '); } # the answer for all of stdin

# $HOST's defaults against those in BEFORE, both as a real shell sees them: the flag once
# and in force in what an ordinary entry gets, every other argument and variable as it was.
# What a recovery entry gets is as it was too, unless it held something about the IOMMU.
defaults_are_right() { # SHELL BEFORE VENDOR
    local answer
    diff <(defaults_of "$1" "$2" others) <(defaults_of "$1" "$HOST" others) || return
    diff <(defaults_of "$1" "$2" joined | other_words | sort) \
        <(defaults_of "$1" "$HOST" joined | other_words | sort) || return
    answer=$(defaults_of "$1" "$HOST" joined | in_force)
    case "; $answer;" in
    *"; $3 on 1;"*) ;;
    *) echo "a shell sees: $answer" && return 1 ;;
    esac
    xen_defaults_are_right "$1" "$2"
}

# The hypervisor's own: iommu=1 where there is one, and not a byte elsewhere.
xen_defaults_are_right() { # SHELL BEFORE
    if ! compgen -G "$HOST/boot/xen*" >/dev/null; then
        diff <(defaults_of "$1" "$2" xen) <(defaults_of "$1" "$HOST" xen)
        return
    fi
    diff <(defaults_of "$1" "$2" xen | other_words) \
        <(defaults_of "$1" "$HOST" xen | other_words) || return
    defaults_of "$1" "$HOST" xen | all_in_force "iommu on 1" --xen
}

defaults_agree() { # FIXTURE VENDOR
    defaults_are_right "$(shell_of "$1")" "$FIXTURES/$1/root" "$2"
}

# Each entry that starts Linux, a hypervisor's too, has the flag once and in force; recovery
# entries have what they had.
entries_are_right() { # BEFORE AFTER VENDOR
    local kind
    "$ORACLE/grub-lines" "$2" | grep -qE '^entry [0-9>]+ (linux|xen)' || return
    for kind in linux dom0; do
        "$ORACLE/grub-lines" --args $kind "$2" >"$BATS_TEST_TMPDIR/$kind"
        all_in_force "$3 on 1" <"$BATS_TEST_TMPDIR/$kind" || return
        diff <("$ORACLE/grub-lines" --args $kind "$1" | other_words) \
            <(other_words <"$BATS_TEST_TMPDIR/$kind") || return
    done
    "$ORACLE/grub-lines" --args xen "$2" | all_in_force "iommu on 1" --xen || return
    diff <("$ORACLE/grub-lines" --args xen "$1" | other_words) \
        <("$ORACLE/grub-lines" --args xen "$2" | other_words) || return
    for kind in linux-recovery dom0-recovery other xen-recovery; do
        diff <("$ORACLE/grub-lines" --args $kind "$1") \
            <("$ORACLE/grub-lines" --args $kind "$2") || return
    done
}

grub_menu_agrees() { # FIXTURE MENU VENDOR
    diff "$FIXTURES/$1/expect/lines" <("$ORACLE/grub-lines" "$HOST/$2") || return
    entries_are_right "$FIXTURES/$1/root/$2" "$HOST/$2" "$3" || return
    ! command -v grub-script-check >/dev/null || grub-script-check "$HOST/$2"
}

syslinux_words() { # MENU KIND
    "$ORACLE/extlinux-lines" --args "$2" "$1" | other_words
}

# Each entry of a menu of Syslinux, and of what it includes, has the flag once and in force,
# and every other argument that it had; Linux under Xen has what the generator gives it.
syslinux_agrees() { # FIXTURE MENU VENDOR
    local kind before=$FIXTURES/$1/root/$2
    diff "$FIXTURES/$1/expect/lines" <("$ORACLE/extlinux-lines" "$HOST/$2") || return
    "$ORACLE/extlinux-lines" --args linux "$HOST/$2" | all_in_force "$3 on 1" || return
    "$ORACLE/extlinux-lines" --args xen "$HOST/$2" | all_in_force "iommu on 1" --xen || return
    for kind in linux xen dom0 other; do
        diff <(syslinux_words "$before" $kind) <(syslinux_words "$HOST/$2" $kind) || return
    done
}

# What update-extlinux sources, as a shell sees it: the flag once and in force, and nothing
# else differs; and its line for a kernel is one of the menu's.
update_extlinux_agrees() { # FIXTURE VENDOR
    local conf=etc/update-extlinux.conf names='root modules overwrite default timeout xen_opts'
    # shellcheck disable=SC2016 # for the inner shell
    local script='. "$1" && shift && for name; do eval "echo \"\$$name\""; done'
    sh -c "$script" sh "$HOST/$conf" default_kernel_opts | all_in_force "$2 on 1" || return
    diff <(sh -c "$script" sh "$FIXTURES/$1/root/$conf" default_kernel_opts | other_words) \
        <(sh -c "$script" sh "$HOST/$conf" default_kernel_opts | other_words) || return
    # shellcheck disable=SC2086 # a list of names
    diff <(sh -c "$script" sh "$FIXTURES/$1/root/$conf" $names) \
        <(sh -c "$script" sh "$HOST/$conf" $names) || return
    # shellcheck disable=SC2016
    grep -qxF "$(sh -c '. "$1"; echo "  APPEND root=$root modules=$modules $default_kernel_opts"' sh "$HOST/$conf")" \
        "$HOST/boot/extlinux.conf"
}

all_in_force() { # ANSWER [--xen]: the oracle's answer for each command line on stdin
    local lines bad
    lines=$(cat)
    [ -n "$lines" ] || return 0
    bad=$("$ORACLE/flag-in-force" $2 <<<"$lines" | awk -v a="$1" 'index("; " $0 "; ", "; " a "; ") == 0')
    [ -z "$bad" ] || { printf 'expected %s in each of:\n%s\n' "$1" "$lines"; return 1; }
}
