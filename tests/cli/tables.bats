# SPDX-License-Identifier: LGPL-2.1-or-later
# What status tells of the firmware's tables. The oracle (tests/oracle/acpi-tables) knows the
# descriptions that the tables were made of, and nothing of their bytes; for tables that
# others made, tests/real/acpi-tables.bats asks iasl.

load helpers

setup() {
    find_program
    need /usr/bin/python3
    mkdir "$BATS_TEST_TMPDIR/empty"
}

tables_of() { # DIRECTORY OPTION...: status there, of a root that has no boot loader
    local dir=$1
    shift
    run --separate-stderr "$IOMMUCTL" --root "$BATS_TEST_TMPDIR/empty" --platform "$dir" "$@" status
    exits 66
}

document_of() { # DIRECTORY
    tables_of "$1" --json
    printf '%s' "$output" >"$BATS_TEST_TMPDIR/document.json"
}

@test "the tables are those that their descriptions make" {
    local dir
    for dir in "$FIXTURES"/platforms/*/; do
        [ ! -f "$dir/tables" ] || /usr/bin/python3 "$TESTS/mktables" --check "$dir"
    done
}

@test "on each machine: what they hold, as it was described" {
    local dir count=0
    for dir in "$FIXTURES"/platforms/*/; do
        if [ ! -f "$dir/tables" ] || grep -Eq '^ *(break|bytes)' "$dir/tables"; then continue; fi
        echo "$dir"
        document_of "$dir"
        "$ORACLE/acpi-tables" described "$dir/tables" "$BATS_TEST_TMPDIR/document.json"
        count=$((count + 1))
    done
    [ "$count" -ge 12 ]
}

@test "the comparison is able to fail" {
    local dir=$FIXTURES/platforms/amd-ivrs-full
    document_of "$dir"
    sed 's/ivmd type=0x21 flags=0x08/ivmd type=0x21 flags=0x09/' "$dir/tables" >"$BATS_TEST_TMPDIR/other"
    run "$ORACLE/acpi-tables" described "$BATS_TEST_TMPDIR/other" "$BATS_TEST_TMPDIR/document.json"
    [ "$status" -eq 1 ]
    [ "$output" = "IVRS.reserved[1].unity: expected True, told False" ]
}

@test "a path through bridges leads where the PCI tree has it" {
    document_of "$FIXTURES/platforms/intel-dmar-full"
    run /usr/bin/python3 - "$BATS_TEST_TMPDIR/document.json" <<'END'
import json, sys
dmar = json.load(open(sys.argv[1]))["machine"]["tables"]["DMAR"]["content"]
print([s["device"] for s in dmar["reserved"][1]["scopes"] + dmar["units"][1]["scopes"]])
END
    [ "$output" = "['0000:03:00.0', '0000:05:01.0', '0001:00:00.0', None]" ]
}

tells() { grep -qE -- "$1" <<<"$output" || { echo "no \"$1\" in: $output"; return 1; }; }

@test "for people, a line a structure" {
    tables_of "$FIXTURES/platforms/intel-dmar-full" --verbose
    tells '^DMAR  *46-bit addresses; interrupt remapping: yes; x2APIC opt-out: yes; DMA opt-in: yes$'
    tells '^ +unit at 0xd37fc000, segment 0: behind 0000:80:02\.0, behind 0000:80:03\.0, 0000:80:04\.7$'
    tells '^ +unit at 0x200fbffc000, segment 1: 0001:00:00\.0, 0001:00:1c\.0/00\.0$'
    tells '^ +unit at 0xfbffc000, segment 0: all that no other unit has, I/O APIC 8 \(0000:f0:1f\.7\)'
    tells '^ +reserved 0x5e000000 to 0x5e7fffff, segment 0, pinned for: 0000:03:00\.0, 0000:05:01\.0$'
    [ "$(grep -cE '^ {11}' <<<"$output")" -eq 12 ]
    tables_of "$FIXTURES/platforms/amd-ivrs-full" --verbose
    tells '^IVRS  *48-bit addresses; DMA opt-in: yes$'
    tells '^ +unit 0000:00:00\.2 at 0xfd100000 \(IVHD 40h\): 0000:00:01\.0 to 0000:ff:1f\.6, ACPI device AMDI0020'
    tells '^ +reserved 0x7a000000 to 0x7a0fffff \(not translated\), pinned for 0000:00:02\.0$'
    [ "$(grep -cE '^ {11}' <<<"$output")" -eq 5 ]
    tables_of "$FIXTURES/platforms/dmar-base-zero" --verbose
    tells '^DMAR  *corrupt: the DRHD at offset 48 has a register base of 0'
    tables_of "$FIXTURES/platforms/intel-dmar-full"
    [ "$(grep -cE '^(DMAR| +unit)' <<<"$output")" -eq 0 ]
}

# The name of an ACPI device that would clear the screen, in a table put together by hand.
@test "what a table calls a device does not reach the terminal as it stands" {
    local dir=$BATS_TEST_TMPDIR/machine
    mkdir "$dir"
    printf 'table DMAR\nwidth 39\nflags 1\ndrhd flags=1 base=0xfed90000\nandd device=1 name=a\033[2Jb\n' >"$dir/tables"
    /usr/bin/python3 "$TESTS/mktables" "$dir"
    tables_of "$dir" --verbose
    [[ $output != *$'\033'* ]]
    tells 'x1b\[2J'
    document_of "$dir"
    /usr/bin/python3 "$TESTS/cli/json-valid" "$TESTS/../src/cli/schema.json" "$BATS_TEST_TMPDIR/document.json" ||
        [ $? -eq 77 ]
}

# What the kernels of the captured guests said and showed (kernel-said, kernel-groups) against
# what is told of them.
as_the_kernel_says() { # FIXTURE DOCUMENTS
    /usr/bin/python3 - "$1" "$2" <<'END'
import json, re, sys
said, shown = (open(sys.argv[1] + "/" + n).read() for n in ("kernel-said", "kernel-groups"))
status, devices = (json.load(open(sys.argv[2] + "/" + n)) for n in ("status", "devices"))
tables = {k: v["content"] or {} for k, v in status["machine"]["tables"].items()}
drhd = re.findall(r"DRHD base: 0x0*([0-9a-f]+) flags: 0x(\d+)", said)
told = [(u["address"][2:], str(int(u["include_all"]))) for u in tables["DMAR"].get("units", [])]
assert told == drhd, (told, drhd)
if drhd: # of a table without one the kernel reads this behind its end
    width = int(re.search(r"DMAR: Host address width (\d+)", said)[1])
    assert tables["DMAR"]["address_width"] == width
    assert (not tables["DMAR"]["reserved"]) == ("No RMRR found" in said or "disabled" in said)
ivhd = re.findall(r"pci (\S+): AMD-Vi: Found IOMMU cap 0x(\w+)", said)
told = [(u["device"], "%x" % u["capability"]) for u in tables["IVRS"].get("units", [])]
assert sorted(set(told)) == ivhd, (told, ivhd)
members = {line.split("/")[6]: int(line.split("/")[4]) for line in shown.split()}
assert members == dict((a, int(g)) for a, g in
                       re.findall(r"pci (\S+): Adding to iommu group (\d+)", said))
told = {d["address"]: d["group"] for d in devices["devices"] if d["group"] is not None}
assert told == members, (told, members)
END
}

@test "guests of QEMU: as their kernels said" {
    local dir
    for dir in "$FIXTURES"/platforms/qemu-*/; do
        echo "$dir"
        tables_of "$dir" --json
        printf '%s' "$output" >"$BATS_TEST_TMPDIR/status"
        "$IOMMUCTL" --platform "$dir" --json devices >"$BATS_TEST_TMPDIR/devices"
        as_the_kernel_says "$dir" "$BATS_TEST_TMPDIR"
    done
}

verdict_of() { # FIXTURE ADDRESS
    "$IOMMUCTL" --platform "$FIXTURES/platforms/qemu-$1" --json devices "$2" |
        /usr/bin/python3 -c 'import json, sys
for d in json.load(sys.stdin)["devices"]:
    print(d["verdict"], *[f["reason"] for f in d["findings"]])'
}

# Worked out from how the guests were made: interrupts are remapped in the AMD one alone.
@test "guests of QEMU: the devices that could be handed on" {
    [ "$(verdict_of amd-iommu 01:00.0)" = "detach bound" ]
    [[ $(verdict_of amd-iommu 00:01.0) == "never boot-display"* ]]
    [[ $(verdict_of amd-iommu 00:05.0) == "never disk-in-use"* ]]
    [[ $(verdict_of amd-iommu 00:1f.3) == "blocked group-bound"* ]]
    [[ $(verdict_of intel-iommu 01:00.0) == "blocked no-interrupt-remapping"* ]]
    [[ $(verdict_of intel-iommu-off 01:00.0) == "blocked iommu-off"* ]]
    [[ $(verdict_of no-iommu 01:00.0) == "blocked iommu-off"* ]]
}
