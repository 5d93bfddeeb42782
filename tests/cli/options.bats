# SPDX-License-Identifier: LGPL-2.1-or-later
# The command line as it is typed: what is refused, what help says, what goes where, and
# that neither the environment nor closed files change a thing.

load table

setup() {
    find_program
    lay_copy rhel6-bios
    PLATFORM=$FIXTURES/platforms/intel-dmar
    ENABLED=$FIXTURES/rhel6-bios/expect/enabled/boot/grub/grub.conf
}

# ---- what is refused: a line each, read as the shell reads it

refusals() {
    cat <<'END'

nothing
Status
enable disable
enable extra
status 1
status --check
status --prometheus --quiet
enable --prometheus
status --diff
status --vendor intel
status --kernel ALL
status --wait 1
status --detailed-exitcodes
enable --list
enable --force
enable --force-off
disable --exclusive
disable --if-needed
disable --force
rollback --vendor intel
rollback --kernel ALL
rollback --iommu-pt
rollback --if-supported
rollback x
rollback 0
rollback -- -1
rollback 1 2
rollback 99999999999
rollback --list 1
rollback --list --check
verify --check
verify --vendor intel
verify on
devices x
devices 1 2
devices --xml
devices --check
status --xml
capture
capture --root / x
capture x y
capture --check x
status --off
enable --off
rollback --list --force
enable --vendor
enable --vendor ''
enable --vendor via
enable --vendor INTEL
enable --kernel
enable --wait
enable --wait x
enable --wait -1
enable --wait 1.5
enable --wait ''
enable --check=yes
enable --no-such-option
enable -x
enable -nx
enable --if
--root
--root '' status
--platform '' status
enable --state ''
--help nothing
--version nothing
nothing --help
END
}

refused() { # ARGUMENT...: before anything was looked at
    run --separate-stderr "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" "$@"
    exits 64
    [ -z "$output" ]
    [ "$(lines_of "$stderr")" -eq 1 ]
    [[ $stderr == "iommuctl: "* ]]
}

@test "each refusal is one line on stderr, exit 64, and nothing touched" {
    local line words marks count=0
    marks=$(marks)
    while read -r line; do
        eval "words=($line)"
        echo "iommuctl $line"
        refused "${words[@]}"
        count=$((count + 1))
    done < <(refusals)
    [ "$count" -gt 40 ]
    [ "$marks" = "$(marks)" ]
}

@test "with --json each refusal is a document, and stderr is empty" {
    local line words
    need /usr/bin/python3
    while read -r line; do
        eval "words=($line)"
        echo "iommuctl --json $line"
        run --separate-stderr "$IOMMUCTL" --json "${words[@]}"
        exits 64
        [ -z "$stderr" ]
        /usr/bin/python3 -c 'import json, sys
d = json.load(sys.stdin)
assert d["result"] == "failed" and d["exit"] == d["error"]["exit"] == 64' <<<"$output"
    done < <(refusals | grep -vE '^--root$|^enable --(vendor|kernel|wait)$')
}

@test "a word in a refusal cannot act on the terminal" {
    refused $'en\033[31mable'
    nothing_raw "$stderr"
    refused enable $'--ven\007dor'
    nothing_raw "$stderr"
    refused enable --vendor $'a\nb'
    nothing_raw "$stderr"
}

nothing_raw() { # TEXT
    ! LC_ALL=C grep -q $'[\001-\010\013-\037\177\233]' <<<"$1"
}

# ---- help

listed() { # the options in a help text on stdin
    sed -nE 's/^  (-.,|   ) --([a-z-]+)( [A-Z]+)? .*/\2\3/p' | sort -u
}

@test "--help and --version" {
    local arguments
    for arguments in --help -h "status --help" "--help enable" "disable -h" "rollback --help" \
        "--help --json" "--help --quiet"; do
        # shellcheck disable=SC2086
        run --separate-stderr "$IOMMUCTL" $arguments
        exits 0
        [[ $output == "Usage: iommuctl "* ]]
        [ -z "$stderr" ]
    done
    for arguments in --version -V; do
        run --separate-stderr "$IOMMUCTL" $arguments
        exits 0
        [[ $output =~ ^iommuctl\ [0-9]+\.[0-9]+ ]]
        [ "${#lines[@]}" -eq 1 ]
    done
}

# As the design has it.
takes() {
    local all="boot-in-root help json platform quiet root state verbose version"
    local writing="check detailed-exitcodes diff wait"
    local choosing="accept-measured-boot all-stores if-supported iommu-pt kernel regenerate vendor"
    case $1 in
    status) echo "$all prometheus" ;;
    enable) echo "$all $writing $choosing exclusive if-needed" ;;
    disable) echo "$all $writing $choosing force-off" ;;
    rollback) echo "$all $writing force list" ;;
    verify) echo "$all off wait" ;;
    devices) echo "$all dot xml" ;;
    capture) echo "help json platform quiet verbose version" ;;
    esac | tr ' ' '\n' | sort
}

@test "each command takes the options that belong to it" {
    local command
    for command in status enable disable rollback verify devices capture; do
        diff <(takes $command) <("$IOMMUCTL" $command --help | listed | cut -d' ' -f1)
    done
}

# A command's help names an option if and only if the command takes it.
@test "help lists what each command takes, and nothing else" {
    local command option value words taken count=0
    for command in status enable disable rollback verify devices capture; do
        "$IOMMUCTL" "$command" --help | listed >"$BATS_TEST_TMPDIR/$command"
        while read -r option value; do
            case $option in
            vendor) value=amd ;;
            wait) value=1 ;;
            esac
            words=("$command" "--$option" ${value:+"$value"} --help)
            taken=yes
            "$IOMMUCTL" "${words[@]}" >/dev/null 2>&1 || taken=no
            echo "$command --$option: taken: $taken"
            [ $taken = "$(cut -d' ' -f1 "$BATS_TEST_TMPDIR/$command" | grep -qx -- "$option" && echo yes || echo no)" ]
            count=$((count + 1))
        done < <("$IOMMUCTL" --help | listed)
    done
    [ "$count" -gt 60 ]
}

@test "the manual page has the options of --help, with their arguments" {
    local page=$TESTS/../man/iommuctl.8.scd
    diff <("$IOMMUCTL" --help | listed | sed 's/ .*/ VALUE/') \
        <(sed -n '/^# GLOBAL OPTIONS/,/^# EXAMPLES/p' "$page" | grep -E '^(\*-.\*, )?\*--' |
            sed -E 's/^(\*-.\*, )?\*--([a-z-]+)\*( .*)?$/\2\3/; s/ .*/ VALUE/' | sort -u)
}

@test "a letter in the manual page is the letter of --help" {
    diff <("$IOMMUCTL" --help | sed -nE 's/^  (-.), (--[a-z-]+) .*/\1 \2/p' | sort -u) \
        <(sed -nE 's/^\*(-.)\*, \*(--[a-z-]+)\*.*/\1 \2/p' "$TESTS/../man/iommuctl.8.scd" | sort -u)
}

# ---- closed and full files

run_as() { # SHELL-WORDS ARGUMENT...: with redirections
    local redirections=$1
    shift
    status=0
    eval '"$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" "$@" '"$redirections" || status=$?
}

@test "what cannot be printed was not said: 74" {
    local redirection arguments
    for redirection in '>&- 2>/dev/null' '>/dev/full 2>/dev/null'; do
        for arguments in status "status --json" "enable -n" "enable -n --diff" \
            "enable -n --detailed-exitcodes" "rollback --list" disable --help --version; do
            echo "$arguments $redirection"
            # shellcheck disable=SC2086
            run_as "$redirection" $arguments
            [ "$status" -eq 74 ]
        done
    done
    run_as '>&- 2>"$BATS_TEST_TMPDIR/stderr"' status
    [ "$(cat "$BATS_TEST_TMPDIR/stderr")" = "iommuctl: cannot write to standard output: Bad file descriptor" ]
}

@test "a failure keeps its own code when nothing can be printed" {
    run_as '>/dev/full 2>/dev/null' --json status --check
    [ "$status" -eq 64 ]
    run_as '>&- 2>/dev/null' enable --kernel nothing
    [ "$status" -eq 78 ]
}

@test "a change whose report cannot be printed is made all the same: 71" {
    run_as '>/dev/full 2>/dev/null' enable
    [ "$status" -eq 71 ]
    cmp "$ENABLED" "$MENU"
    run_as '>&- 2>/dev/null' rollback --detailed-exitcodes
    [ "$status" -eq 71 ]
    cmp "$FIXTURES/rhel6-bios/root/boot/grub/grub.conf" "$MENU"
}

@test "what prints nothing needs no standard output" {
    run_as '>&- 2>/dev/null' status --quiet
    [ "$status" -eq 0 ]
    run_as '>&- 2>&- <&-' enable --quiet
    [ "$status" -eq 0 ]
    cmp "$ENABLED" "$MENU"
}

@test "closed standard input and standard error do no harm" {
    run_as '<&- 2>&- >"$BATS_TEST_TMPDIR/stdout"' enable --diff
    [ "$status" -eq 0 ]
    cmp "$ENABLED" "$MENU"
    grep -q '^+++ b/boot/grub/grub.conf' "$BATS_TEST_TMPDIR/stdout"
    run_as '<&- 2>&- >"$BATS_TEST_TMPDIR/stdout"' enable --kernel nothing
    [ "$status" -eq 78 ]
    [ ! -s "$BATS_TEST_TMPDIR/stdout" ]
    cmp "$ENABLED" "$MENU"
}

@test "a reader that goes away is no crash, and needs no words" {
    need /usr/bin/python3
    /usr/bin/python3 - "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" status <<'END'
import os, subprocess, sys
reader, writer = os.pipe()
os.close(reader)
run = subprocess.run(sys.argv[1:], stdout=writer, stderr=subprocess.PIPE)
assert (run.returncode, run.stderr) == (74, b""), run
END
}

# ---- the environment

@test "a hostile environment changes nothing" {
    local marks
    mkdir "$BATS_TEST_TMPDIR/lenses"
    echo 'module Iommuctl_menu = nonsense' >"$BATS_TEST_TMPDIR/lenses/iommuctl_menu.aug"
    iommuctl status --verbose
    printf '%s\n%s\n' "$output" "$stderr" >"$BATS_TEST_TMPDIR/plain"
    local hostile=(AUGEAS_LENS_LIB="$BATS_TEST_TMPDIR/lenses" AUGEAS_ROOT=/nonexistent
        AUGEAS_DEBUG=1 BLKID_FILE=/nonexistent LIBBLKID_DEBUG=all POSIXLY_CORRECT=1
        LC_ALL=tr_TR.UTF-8 LANGUAGE=de TMPDIR=/nonexistent HOME=/nonexistent
        PATH=/nonexistent TZ=nonsense IFS=x COLUMNS=5)
    run --separate-stderr env "${hostile[@]}" "$IOMMUCTL" status --root "$HOST" --platform "$PLATFORM" \
        "${OPTIONS[@]}" --verbose
    exits 0
    diff "$BATS_TEST_TMPDIR/plain" <(printf '%s\n%s\n' "$output" "$stderr")
    run --separate-stderr env "${hostile[@]}" "$IOMMUCTL" enable --root "$HOST" --platform "$PLATFORM" \
        "${OPTIONS[@]}" --diff
    exits 0
    cmp "$ENABLED" "$MENU"
}

@test "no environment at all will do" {
    run --separate-stderr env -i "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" \
        enable --diff
    exits 0
    cmp "$ENABLED" "$MENU"
}

@test "whatever the umask, what it makes is root's own" {
    (umask 0 && "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" -q enable)
    [ -z "$(find "$HOST/var/lib/iommuctl" "$MENU.rollback" -perm /077)" ]
    (umask 0777 && "$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" "${OPTIONS[@]}" -q rollback)
    cmp "$FIXTURES/rhel6-bios/root/boot/grub/grub.conf" "$MENU"
}

# ---- what goes where

@test "--quiet says nothing, whatever is done" {
    local arguments
    for arguments in status "enable -n" "enable --diff" enable "rollback --list" disable \
        rollback "rollback -n" rollback; do
        # shellcheck disable=SC2086
        iommuctl --quiet $arguments
        exits 0
        [ -z "$output$stderr" ]
    done
}

# For each host: the diff is a patch for the tree, and gives the bytes that enable writes.
@test "--diff is a patch that patch -p1 takes, and tells what enable does" {
    local name dir patched code count=0
    need patch
    for dir in "$FIXTURES"/*/expect/enabled; do
        name=${dir#"$FIXTURES/"}
        lay_copy "${name%%/*}"
        code=$(sed -n 's/^enable //p' "$FIXTURES/${name%%/*}/expect/exit")
        iommuctl enable --check --diff
        exits "$code"
        patched=$BATS_TEST_TMPDIR/patched
        rm -rf "$patched"
        cp -a "$HOST" "$patched"
        printf '%s\n' "$output" | sed -n '/^--- a\//,$p' >"$BATS_TEST_TMPDIR/diff"
        grep -q '^--- a/' "$BATS_TEST_TMPDIR/diff"
        (cd "$HOST" && patch -p1 --dry-run -s --binary) <"$BATS_TEST_TMPDIR/diff"
        (cd "$patched" && patch -p1 -s --binary --no-backup-if-mismatch) <"$BATS_TEST_TMPDIR/diff"
        iommuctl enable
        exits "$code"
        rm -rf "$HOST/var/lib/iommuctl"
        find "$HOST" -name '*.rollback' -delete
        diff -r --no-dereference "$HOST" "$patched"
        count=$((count + 1))
    done
    [ "$count" -ge 8 ]
}

@test "--diff of a rollback goes the other way" {
    need patch
    before_enabled
    iommuctl rollback -n --diff
    printf '%s\n' "$output" | sed -n '/^--- a\//,$p' >"$BATS_TEST_TMPDIR/diff"
    (cd "$HOST" && patch -p1 -s --follow-symlinks) <"$BATS_TEST_TMPDIR/diff"
    cmp "$FIXTURES/rhel6-bios/root/boot/grub/grub.conf" "$MENU"
}

@test "--wait waits, and no longer than it takes" {
    local start
    before_disabled
    (exec 9<"$HOST/var/lib/iommuctl/lock" && flock 9 && sleep 1.5) 3>&- &
    sleep 0.3
    start=$SECONDS
    iommuctl enable --wait 30
    exits 0
    [ $((SECONDS - start)) -lt 15 ]
    cmp "$ENABLED" "$MENU"
}

@test "--state: elsewhere, and named in the report and in refusals" {
    local state=$BATS_TEST_TMPDIR/elsewhere/state
    mkdir "${state%/*}"
    iommuctl enable --state "$state"
    exits 0
    grep -qxF "The files of before are in $state/000001." <<<"$output"
    cmp "$FIXTURES/rhel6-bios/root/boot/grub/grub.conf" "$state/000001/files/boot/grub/grub.conf"
    [ ! -e "$HOST/var/lib/iommuctl" ]
    [ "$(stat -c %a "$state")" = 700 ]
    iommuctl rollback --list
    [ "$output" = "there is nothing to roll back" ]
    iommuctl --state "$state" rollback
    exits 0
    cmp "$FIXTURES/rhel6-bios/root/boot/grub/grub.conf" "$MENU"
    : >"$BATS_TEST_TMPDIR/file"
    iommuctl --state "$BATS_TEST_TMPDIR/file" enable
    exits 78
    [[ $stderr == "iommuctl: $BATS_TEST_TMPDIR/file: "* ]]
    chmod 0777 "$state"
    iommuctl --state "$state" enable
    exits 78
    [[ $stderr == "iommuctl: $state: "* ]]
}

@test "a directory that is not there is a fault of the command line" {
    local option dir
    ln -s loop "$BATS_TEST_TMPDIR/loop"
    for option in --root --platform; do
        for dir in "$BATS_TEST_TMPDIR/none" '' /dev/null "$BATS_TEST_TMPDIR/loop" \
            "$(printf '%05000d' 0)"; do
            for command in status enable verify devices rollback; do
                run --separate-stderr "$IOMMUCTL" --root "$HOST" "$option" "$dir" "$command"
                exits 64
                [ "$(lines_of "$stderr")" -eq 1 ]
            done
        done
    done
}

@test "a file is named as the caller reaches it" {
    run --separate-stderr "$IOMMUCTL" --root "$HOST" --platform /nonexistent status
    exits 64
    [[ $stderr == "iommuctl: /nonexistent: "* ]]
    run --separate-stderr "$IOMMUCTL" --root /nonexistent status
    exits 64
    [[ $stderr == "iommuctl: /nonexistent: "* ]]
    before_nul
    cd "$BATS_TEST_TMPDIR"
    run --separate-stderr "$IOMMUCTL" --root host --platform "$PLATFORM" "${OPTIONS[@]}" enable
    exits 65
    [[ $stderr == "iommuctl: host/boot/grub/grub.conf:28: "* ]]
}

@test "without --platform and --vendor, --root says whose tables decided" {
    run --separate-stderr "$IOMMUCTL" --root "$HOST" "${OPTIONS[@]}" --json status
    exits 0
    grep -q '"chosen_from": "this machine"' <<<"$output"
    grep -q '"reboot_required": null' <<<"$output"
    grep -q '"running": null' <<<"$output"
    run --separate-stderr "$IOMMUCTL" --root "$HOST" "${OPTIONS[@]}" enable --vendor intel
    exits 0
    [[ $stderr != *"tables of this machine"* ]]
}

@test "a message is written in one piece" {
    need strace
    strace -o "$BATS_TEST_TMPDIR/trace" -e trace=write "$IOMMUCTL" --root "$HOST" \
        --platform /nonexistent status 2>"$BATS_TEST_TMPDIR/said" && return 1
    grep -q '^write(2' "$BATS_TEST_TMPDIR/trace" || skip "strace may not trace here"
    [ "$(grep -c '^write(2' "$BATS_TEST_TMPDIR/trace")" -eq "$(wc -l <"$BATS_TEST_TMPDIR/said")" ]
}
