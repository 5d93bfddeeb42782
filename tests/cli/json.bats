# SPDX-License-Identifier: LGPL-2.1-or-later
# Every document that --json prints is one of the schema's, and tells what was done.
# shellcheck disable=SC2030,SC2031 # each test is a process of its own

load helpers

SCHEMA=$TESTS/../src/cli/schema.json

setup() {
    find_program
    [ -x /usr/bin/python3 ] || skip "python3 is not here"
    DOCUMENTS=$BATS_TEST_TMPDIR/documents
    mkdir "$DOCUMENTS"
}

document() { # NAME ARGUMENT...: run with --json on $HOST and keep what it prints
    local name=$1
    shift
    iommuctl --json "$@"
    printf '%s' "$output" >"$DOCUMENTS/$name.json"
    [ -z "$stderr" ] || [ "$status" -eq 0 ] || {
        echo "$name speaks on standard error, too: $stderr"
        return 1
    }
}

all_valid() {
    local code=0
    /usr/bin/python3 "$TESTS/cli/json-valid" "$SCHEMA" "$DOCUMENTS"/*.json || code=$?
    [ $code -ne 77 ] || skip "python3-jsonschema is not here"
    return $code
}

field() { # NAME EXPRESSION: of a kept document
    /usr/bin/python3 -c 'import json, sys
print(json.dumps(eval(sys.argv[2], {"d": json.load(open(sys.argv[1]))})))' \
        "$DOCUMENTS/$1.json" "$2"
}

@test "each command on each host" {
    local name command
    for name in "$FIXTURES"/*/platform; do
        name=$(basename "${name%/platform}")
        lay "$name"
        for command in status 'enable -n --diff' enable 'enable --detailed-exitcodes' disable \
            rollback 'rollback --list'; do
            # shellcheck disable=SC2086 # the command is words
            document "$name-${command//[^a-z]/-}-$RANDOM" $command
        done
        rm -rf "$HOST"
    done
    all_valid
}

@test "each platform" {
    local name
    lay rhel6-bios
    for name in "$FIXTURES"/platforms/*/; do
        PLATFORM=${name%/}
        name=$(basename "$PLATFORM")
        document "$name-status" status
        document "$name-enable" enable -n
        [ "$(field "$name-enable" 'd["exit"]')" = "$status" ]
    done
    all_valid
}

@test "failures are documents, too, and standard error stays empty" {
    local command
    lay rhel6-bios
    for command in '' nothing 'enable --kernel' 'enable --list' '--nothing' \
        'enable --kernel none' 'rollback 7' 'enable --vendor x'; do
        # shellcheck disable=SC2086 # the command is words
        document "wrong-${command//[^a-z]/-}" $command
        [ "$status" -ne 0 ]
        [ -z "$stderr" ]
        [ "$(field "wrong-${command//[^a-z]/-}" 'd["result"], d["changed"], d["exit"]')" = \
            "[\"failed\", false, $status]" ]
    done
    printf 'title a\nkernel /vmlinuz ro \0\n' >"$HOST/boot/grub/grub.conf"
    document broken enable
    exits 65
    [ "$(field broken 'd["error"]["file"], d["error"]["line"]')" = '["/boot/grub/grub.conf", 2]' ]
    document broken-status status
    all_valid
}

@test "what it says is what happened" {
    lay rhel6-bios
    snapshot full before
    document check enable -n
    snapshot full after
    same before after
    [ "$(field check 'd["result"], d["changed"], d["check"], d["generation"]')" = \
        '["changed", true, true, null]' ]
    document changed enable
    [ "$(field changed 'd["result"], d["changed"], d["generation"]')" = '["changed", true, 1]' ]
    [ "$(field changed '[f["path"] for f in d["files"] if f["change"] == "modify"]')" = \
        '["/boot/grub/grub.conf"]' ]
    [ "$(field changed 'sum("intel_iommu=on" in e["arguments_after"] for e in d["entries"])')" = \
        "$(grep -c 'kernel.* intel_iommu=on' "$HOST/boot/grub/grub.conf")" ]
    document unchanged enable
    [ "$(field unchanged 'd["result"], d["changed"], d["generation"]')" = \
        '["unchanged", false, null]' ]
    document listed rollback --list
    [ "$(field listed '[(g["number"], g["state"]) for g in d["generations"]]')" = \
        '[[1, "committed"]]' ]
    all_valid
}

@test "bytes that are no UTF-8 are written as \\xHH" {
    lay rhel6-bios
    sed -i 's/^title Red/title R\xe9d \xff/' "$HOST/boot/grub/grub.conf"
    document latin status
    field latin 'd["entries"][0]["title"]' | grep -F 'R\\xE9d \\xFF'
    all_valid
}

@test "the foreign machine whose tables decided is named" {
    lay rhel6-bios
    run --separate-stderr "$IOMMUCTL" --root "$HOST" "${OPTIONS[@]}" --json status
    printf '%s' "$output" >"$DOCUMENTS/here.json"
    [ "$(field here 'd["flag"]["chosen_from"]')" = '"this machine"' ]
    document captured status
    [ "$(field captured 'd["flag"]["chosen_from"]')" = "\"$PLATFORM\"" ]
    document named enable -n --vendor amd
    [ "$(field named 'd["flag"]["chosen_from"]')" = '"--vendor"' ]
    all_valid
}
