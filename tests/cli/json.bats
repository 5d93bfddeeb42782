# SPDX-License-Identifier: LGPL-2.1-or-later
# Every document that --json prints is one of the schema's, and tells what was done.
# shellcheck disable=SC2030,SC2031 # each test is a process of its own

load helpers

SCHEMA=$TESTS/../src/cli/schema.json

setup() {
    find_program
    [ -x /usr/bin/python3 ] || skip "python3 is not here"
    # What is printed depends on no disk, and 300 commands that flush one take minutes.
    if [ -w /dev/shm ] && [ "$(stat -f -c %T /dev/shm)" = tmpfs ]; then
        MEMORY=$(mktemp -d /dev/shm/iommuctl-json.XXXXXX)
        BATS_TEST_TMPDIR=$MEMORY
    fi
    DOCUMENTS=$BATS_TEST_TMPDIR/documents
    mkdir "$DOCUMENTS"
}

teardown() { [ -z "${MEMORY-}" ] || rm -rf "$MEMORY"; }

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
            rollback 'rollback --list' verify 'verify --off'; do
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
        document "$name-verify" verify
        HOST=/ document "$name-verify-captured" verify
        [ "$(field "$name-verify-captured" 'd["exit"]')" = "$status" ]
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

# What a tree holds, without the rollback copies: "HASH PATH" a line.
contents() { (cd "$HOST" && find . -path ./var/lib/iommuctl -prune -o -type f -exec sha256sum {} +) | sort -k2; }

# "create", "modify" or "delete" and the path, by comparing the trees.
differences() { # BEFORE AFTER: files of contents()
    join -1 2 -2 2 -a 1 -a 2 -e - -o 0,1.1,2.1 "$1" "$2" | awk '
        $2 == $3 { next }
        { print ($2 == "-" ? "create" : $3 == "-" ? "delete" : "modify") " " substr($1, 2) }'
}

tells_the_truth() { # EXIT COMMAND DOCUMENT <DIFFERENCES
    /usr/bin/python3 -c 'import json, sys
code, command, document = sys.argv[1:]
d = json.load(open(document))
found = sys.stdin.read().splitlines()
told = sorted((f["path"], f["change"]) for f in d["files"])
assert d["exit"] == int(code), d["exit"]
if " -n" in command:
    assert not found, found
    assert d["changed"] == bool(d["files"]) and d["generation"] is None, d
else:
    assert found == [f"{change} {path}" for path, change in told], (found, told)
    assert d["changed"] == bool(found) == (d["generation"] is not None), d
' "$1" "$2" "$DOCUMENTS/$3.json"
}

@test "on each host: the files it names, and no others, are what differs" {
    local name command count=0
    for name in "$FIXTURES"/*/expect/enabled; do
        name=${name#"$FIXTURES/"}
        name=${name%%/*}
        lay "$name"
        contents >"$BATS_TEST_TMPDIR/before"
        for command in 'enable -n' enable enable 'disable -n' disable rollback 'rollback -n' \
            rollback rollback 'rollback 1' 'enable --kernel nothing' 'rollback 77'; do
            # shellcheck disable=SC2086 # the command is words
            document now $command
            contents >"$BATS_TEST_TMPDIR/after"
            differences "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after" >"$BATS_TEST_TMPDIR/differences"
            echo "$name: $command: exit $status"
            tells_the_truth "$status" "$command" now <"$BATS_TEST_TMPDIR/differences"
            mv "$BATS_TEST_TMPDIR/after" "$BATS_TEST_TMPDIR/before"
            count=$((count + 1))
        done
        rm -rf "$HOST"
    done
    [ "$count" -ge 90 ]
    all_valid
}

@test "a locked host, an interrupted run, a manifest that cannot be read" {
    local lock
    lay rhel6-bios
    document first enable
    document second disable
    exec {lock}<"$HOST/var/lib/iommuctl/lock"
    flock "$lock"
    document locked enable --wait 0
    exits 75
    [ "$(field locked 'd["result"], d["changed"], d["files"], d["generation"]')" = \
        '["failed", false, [], null]' ]
    document status-locked status
    exits 0
    exec {lock}<&-

    sed -i 's/"committed"/"armed"/' "$HOST/var/lib/iommuctl/000002/manifest.json"
    document interrupted status
    [ "$(field interrupted 'd["interrupted"], d["recovered"]')" = '[2, null]' ]
    document check disable -n
    [ "$(field check 'd["interrupted"], d["changed"]')" = '[2, true]' ]
    document listed rollback --list
    [ "$(field listed '[g["state"] for g in d["generations"]]')" = '["interrupted", "committed"]' ]
    document recovered rollback
    [ "$(field recovered 'd["interrupted"], d["recovered"], d["result"]')" = '[null, 2, "changed"]' ]
    cmp "$FIXTURES/rhel6-bios/expect/enabled/boot/grub/grub.conf" "$HOST/boot/grub/grub.conf"

    echo '{' >"$HOST/var/lib/iommuctl/000001/manifest.json"
    document torn enable
    exits 65
    [ "$(field torn 'd["error"]["file"]')" = '"/var/lib/iommuctl/000001/manifest.json"' ]
    document status-torn status
    all_valid
}

@test "the schema refuses what is not a document" {
    local edit good=$BATS_TEST_TMPDIR/good.json
    lay rhel6-bios
    document one status
    all_valid
    cp "$DOCUMENTS/one.json" "$good"
    for edit in 'd.pop("exit")' 'd.update(exit=5)' 'd.update(result="done")' 'd.update(more=1)' \
        'd["entries"][0].pop("title")' 'd["entries"][0].update(kind="bsd")' \
        'd["entries"][0]["before"].update(intel=True)' 'd["stores"][0].update(path="boot")' \
        'd["machine"]["tables"].update(VIOT={})' 'd.update(version="1")' 'd.update(generation=0)'; do
        /usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
exec(sys.argv[3])
json.dump(d, open(sys.argv[2], "w"))' "$good" "$DOCUMENTS/one.json" "$edit"
        run /usr/bin/python3 "$TESTS/cli/json-valid" "$SCHEMA" "$DOCUMENTS/one.json"
        [ "$status" -eq 1 ] || { echo "passes: $edit"; return 1; }
    done
}

@test "a refusal that another command answers carries that command" {
    /usr/bin/python3 -c 'import jsonschema' 2>/dev/null || skip "python3-jsonschema is not here"
    lay silverblue
    iommuctl enable --json
    exits 78
    /usr/bin/python3 "$TESTS/cli/json-valid" "$SCHEMA" <(printf "%s" "$output")
    /usr/bin/python3 -c 'import json, sys
command = json.load(sys.stdin)["error"]["command"]
sys.exit(command != "rpm-ostree kargs --append-if-missing=intel_iommu=on")' <<<"$output"
}

words_of_schema() { # EXPRESSION: the words of an enum, a line each
    /usr/bin/python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))["definitions"]
print("\n".join(sorted(eval(sys.argv[2])["enum"])))' "$SCHEMA" "$1"
}

# The tables that the program takes these words from.
@test "the schema has every word that the program knows, and no other" {
    local src=$TESTS/../src
    diff <(words_of_schema 'd["flag"]["properties"]["rule"]') \
        <(grep -oE '\.name = \{[^}]*\}' "$src/platform/choose.c" | grep -oE '"[^"]+"' | tr -d '"' | sort -u)
    diff <(words_of_schema 'd["entry"]["properties"]["findings"]["items"]') \
        <(sed -n '/^} findings\[\]/,/^};/s/^    {"\([^"]*\)".*/\1/p' "$src"/plan*.c | sort -u)
    diff <(words_of_schema 'd["store"]["properties"]["type"]') \
        <(sed -n 's/^    \.name = "\(.*\)",/\1/p' "$src"/boot/*.c | sort -u)
}
