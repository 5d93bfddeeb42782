# SPDX-License-Identifier: LGPL-2.1-or-later
# The Ansible collection, with Debian's ansible-core on laid-out hosts.

load helpers

setup_file() {
    load helpers
    export ANSIBLE_HOME=$BATS_FILE_TMPDIR/home COLLECTIONS=$BATS_FILE_TMPDIR/collections
    export COLLECTION=$COLLECTIONS/ansible_collections/iommuctl/iommu
    mkdir -p "$COLLECTION" "$ANSIBLE_HOME"
    cp -R "$CONTRIB/ansible/." "$COLLECTION/"
    chmod -R u+w "$COLLECTION"
    cat >"$BATS_FILE_TMPDIR/ansible.cfg" <<END
[defaults]
collections_path = $COLLECTIONS
connection_plugins = $FLEET/ansible/connection
home = $ANSIBLE_HOME
local_tmp = $ANSIBLE_HOME/tmp
remote_tmp = $ANSIBLE_HOME/remote
interpreter_python = /usr/bin/python3
gathering = explicit
retry_files_enabled = false
localhost_warning = false
deprecation_warnings = false
host_key_checking = false
nocows = true
END
    export ANSIBLE_CONFIG=$BATS_FILE_TMPDIR/ansible.cfg PYTHONDONTWRITEBYTECODE=1
    export ANSIBLE_NOCOLOR=1
}

setup() {
    need ansible ansible-playbook
    HOST=$BATS_TEST_TMPDIR/host
}

# The module on $HOST; what it returned is $BATS_TEST_TMPDIR/answer.json.
module() { # MODULE ARGUMENTS [ANSIBLE-OPTION...]
    local name=$1 arguments=$2
    shift 2
    run ansible localhost -i localhost, -c local -m "iommuctl.iommu.$name" --one-line "$@" \
        -a "executable=$IOMMUCTL root=$HOST platform=$PLATFORM boot_in_root=true $arguments"
    sed -n 's/^localhost | [A-Z!]* *=> //p' <<<"$output" >"$BATS_TEST_TMPDIR/answer.json"
    [ -s "$BATS_TEST_TMPDIR/answer.json" ] && return
    echo "no answer: $output"
    return 1
}

answer() { # EXPRESSION: of Python, "a" is the answer
    python3 -c 'import json, sys
a = json.load(open(sys.argv[1]))
ok = eval(sys.argv[2])
print("answer:", json.dumps(a, indent=1)) if not ok else None
sys.exit(not ok)' "$BATS_TEST_TMPDIR/answer.json" "$1"
}

@test "ansible: the module changes, exactly once" {
    local before
    lay_host "$HOST"
    module iommu ""
    answer 'a["changed"] is True and a["result"] == "changed" and a["flags"] == ["intel_iommu=on"]'
    answer 'a["reboot_required"] is None and a["generation"] == 1 and a["rc"] == 0'
    answer '"/boot/grub/grub.conf" in [f["path"] for f in a["files"]]'
    is_enabled "$HOST"
    before=$(marks "$HOST")
    module iommu "state=enabled"
    answer 'a["changed"] is False and a["result"] == "unchanged" and a["files"] == []'
    [ "$before" = "$(marks "$HOST")" ]
    is_enabled "$HOST"
}

@test "ansible: check mode and diff mode tell and write nothing" {
    local before
    lay_host "$HOST"
    before=$(marks "$HOST")
    module iommu "" --check --diff
    answer 'a["changed"] is True and a["generation"] is None'
    run ansible localhost -i localhost, -c local -m iommuctl.iommu.iommu --check --diff \
        -a "executable=$IOMMUCTL root=$HOST platform=$PLATFORM boot_in_root=true"
    exits 0
    [ "$(grep -cE '^\+.kernel .* intel_iommu=on' <<<"$output")" -eq \
        "$(diff "$BEFORE" "$AFTER" | grep -cE '^> .kernel .* intel_iommu=on')" ]
    [ "$before" = "$(marks "$HOST")" ]
    module iommu "" --check
    answer 'a["changed"] is True and "diff" not in a'
    [ "$before" = "$(marks "$HOST")" ]
}

@test "ansible: disabled and rolled_back give the original bytes" {
    lay_host "$HOST"
    module iommu ""
    module iommu "state=disabled"
    answer 'a["changed"] is True'
    is_original "$HOST"
    module iommu "state=disabled"
    answer 'a["changed"] is False'
    module iommu "state=rolled_back" # of the disabling
    answer 'a["changed"] is True'
    is_enabled "$HOST"
    module iommu "state=rolled_back generation=1"
    answer 'a["changed"] is True'
    is_original "$HOST"
    module iommu "state=rolled_back"
    answer 'a["changed"] is False'
}

@test "ansible: a failure is the program's own sentence, and nothing is written" {
    local before said
    lay_host "$HOST"
    echo "title broken" >>"$HOST/$MENU"
    printf '\tkernel /vmlinuz "unfinished\n\tinitrd /initrd\n' >>"$HOST/$MENU"
    PLATFORM=$FIXTURES/platforms/dmar-truncated
    before=$(marks "$HOST")
    said=$("$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" --boot-in-root enable 2>&1) &&
        return 1
    module iommu ""
    [ "$status" -ne 0 ]
    answer 'a["rc"] == 65 and a["error"]["exit"] == 65 and a["changed"] is False'
    answer "\"iommuctl: \" + a[\"msg\"] == '''$said'''"
    [ "$before" = "$(marks "$HOST")" ]
}

@test "ansible: a machine without an IOMMU fails, or with unsupported=ignore does not" {
    lay_host "$HOST"
    PLATFORM=$FIXTURES/platforms/bare-no-table
    module iommu ""
    [ "$status" -ne 0 ]
    answer 'a["rc"] == 69 and "firmware" in a["msg"]'
    module iommu "unsupported=ignore"
    [ "$status" -eq 0 ]
    answer 'a["changed"] is False and a["result"] == "unsupported"'
    is_original "$HOST"
}

@test "ansible: a missing program is a failure, and so is one that prints no JSON" {
    lay_host "$HOST"
    IOMMUCTL=/nonexistent/iommuctl module iommu ""
    [ "$status" -ne 0 ]
    IOMMUCTL=/bin/echo module iommu ""
    [ "$status" -ne 0 ]
    answer '"no JSON" in a["msg"]'
    is_original "$HOST"
}

@test "ansible: parameters that do not go with the state are refused" {
    lay_host "$HOST"
    local arguments
    for arguments in "state=disabled if_needed=true" "state=rolled_back vendor=intel" \
        "state=enabled generation=1" "state=enabled force_off=true" "state=enabled wait=-1" \
        "state=present" "state=rolled_back kernel=DEFAULT"; do
        module iommu "$arguments"
        [ "$status" -ne 0 ]
        answer '"rc" not in a'
    done
    is_original "$HOST"
}

@test "ansible: what every parameter becomes" {
    lay_host "$HOST"
    module iommu "vendor=both iommu_pt=true kernel=DEFAULT if_needed=true exclusive=true wait=3"
    answer 'a["changed"] is True'
    [ "$(grep -c 'intel_iommu=on' "$HOST/$MENU")" -eq 1 ]
    [ "$(grep -c 'amd_iommu=on' "$HOST/$MENU")" -eq 1 ]
    [ "$(grep -c 'iommu=pt' "$HOST/$MENU")" -eq 1 ]
    module iommu "state=disabled force_off=true iommu_pt=true vendor=intel"
    answer 'a["changed"] is True'
    [ "$(grep -c 'intel_iommu=off' "$HOST/$MENU")" -ge 1 ]
    run ! grep 'iommu=pt' "$HOST/$MENU"
}

@test "ansible: the facts" {
    lay_host "$HOST"
    module iommu_facts ""
    answer 'a["changed"] is False and a["ansible_facts"]["iommu"]["enabled"] is False'
    answer 'a["ansible_facts"]["iommu"]["flags"] == ["intel_iommu=on"]'
    module iommu ""
    module iommu_facts ""
    answer 'a["ansible_facts"]["iommu"]["enabled"] is True'
    rm -rf "${HOST:?}/boot" "${HOST:?}/etc"
    module iommu_facts ""
    [ "$status" -ne 0 ]
    answer 'a["rc"] == 66'
}

# ---- the role

# hosts.ini with N hosts, each with its own root. Laid out once, then copied.
inventory() { # N
    local i
    lay_host "$BATS_TEST_TMPDIR/laid"
    {
        echo "[hypervisors]"
        for ((i = 1; i <= $1; i++)); do
            cp -a "$BATS_TEST_TMPDIR/laid" "$BATS_TEST_TMPDIR/host-$i"
            echo "host-$i iommu_root=$BATS_TEST_TMPDIR/host-$i"
        done
        cat <<END
[hypervisors:vars]
ansible_connection=local
iommu_install=false
iommu_platform=$PLATFORM
iommu_boot_in_root=true
iommu_executable=$IOMMUCTL
END
    } >"$BATS_TEST_TMPDIR/hosts.ini"
}

play() { # PLAYBOOK [OPTION...]
    local book=$1
    shift
    run timeout 580 ansible-playbook -i "$BATS_TEST_TMPDIR/hosts.ini" "$book" "$@"
}

recap() { # EXTENDED-REGEXP: how many hosts of the recap have it
    sed -n '/^PLAY RECAP/,$p' <<<"$output" | grep -cE "$1"
}

all_at_once() {
    cat >"$BATS_TEST_TMPDIR/all.yml" <<'END'
- hosts: hypervisors
  roles:
    - iommuctl.iommu.iommu
END
}

@test "ansible: a fleet in one play, changed once and unchanged the second time" {
    local hosts=8 i began
    if is_full; then hosts=100; fi
    inventory $hosts
    all_at_once
    play "$BATS_TEST_TMPDIR/all.yml" --forks 4
    exits 0
    [ "$(recap 'changed=1 .*failed=0')" -eq $hosts ]
    for ((i = 1; i <= hosts; i++)); do
        is_enabled "$BATS_TEST_TMPDIR/host-$i"
        marks "$BATS_TEST_TMPDIR/host-$i"
    done >"$BATS_TEST_TMPDIR/marks"
    began=$(date +%s%N)
    play "$BATS_TEST_TMPDIR/all.yml" --forks 4
    figure "an unchanged Ansible play over $hosts hosts took $((($(date +%s%N) - began) / 1000000)) ms"
    exits 0
    [ "$(recap 'changed=0 .*failed=0')" -eq $hosts ]
    for ((i = 1; i <= hosts; i++)); do
        marks "$BATS_TEST_TMPDIR/host-$i"
    done | cmp - "$BATS_TEST_TMPDIR/marks"
}

@test "ansible: the rolling play stops at the first host that fails" {
    local i
    inventory 6
    rm "$BATS_TEST_TMPDIR/host-2/$MENU"
    # serial 1, then 10 and 25 of a hundred of six, which are one: host-2 is the second batch
    play iommuctl.iommu.rolling -e ansible_become=false
    [ "$status" -ne 0 ]
    is_enabled "$BATS_TEST_TMPDIR/host-1"
    [ "$(recap 'failed=1')" -eq 1 ]
    [[ $output == *"is a symbolic link that leads to no file"* ]]
    for i in 3 4 5 6; do
        is_original "$BATS_TEST_TMPDIR/host-$i"
    done
}

# ---- the role with a reboot: hosts that are "/" in a namespace of their own

# $BATS_TEST_TMPDIR/NAME: root/, platform, boots, and programs that act on it.
rebootable() { # NAME...
    local name host
    need bwrap
    for name; do
        host=$BATS_TEST_TMPDIR/$name
        mkdir "$host"
        lay_host "$host/root"
        sed -i '/boot/d' "$host/root/etc/fstab" # nothing is mounted in the namespace
        echo "$PLATFORM" >"$host/platform"
        echo 1 >"$host/boots"
        printf '#!/bin/sh\nIOMMUCTL=%q exec %q %q "$@"\n' "$IOMMUCTL" "$FLEET/ansible/in-host" \
            "$host" >"$host/iommuctl"
        printf '#!/bin/sh\nexec %q %q\n' "$FLEET/ansible/reboot-host" "$host" >"$host/reboot"
        printf '#!/bin/sh\nexec cat %q\n' "$host/boots" >"$host/boot-time"
        chmod +x "$host"/{iommuctl,reboot,boot-time}
    done
    "$host/iommuctl" status >/dev/null 2>"$BATS_TEST_TMPDIR/why" ||
        skip "no namespace of its own: $(head -n 1 "$BATS_TEST_TMPDIR/why")"
    "$host/iommuctl" verify --help >/dev/null 2>&1 || skip "this iommuctl has no verify"
    {
        echo "[hypervisors]"
        for name; do
            host=$BATS_TEST_TMPDIR/$name
            echo "$name iommu_executable=$host/iommuctl iommu_reboot_command=$host/reboot" \
                "iommu_boot_time_command=$host/boot-time"
        done
        cat <<END
[hypervisors:vars]
ansible_connection=pretend
iommu_install=false
iommu_reboot=true
iommu_verify_wait=0
iommu_if_needed=false
ansible_become=false
END
    } >"$BATS_TEST_TMPDIR/hosts.ini"
}

@test "ansible: the role reboots by reboot_required, verifies, and leaves the unchanged alone" {
    rebootable one
    play iommuctl.iommu.rolling
    exits 0
    is_enabled "$BATS_TEST_TMPDIR/one/root"
    [ "$(cat "$BATS_TEST_TMPDIR/one/boots")" -eq 2 ]
    play iommuctl.iommu.rolling
    exits 0
    [ "$(recap 'changed=0 .*failed=0')" -eq 1 ]
    [ "$(cat "$BATS_TEST_TMPDIR/one/boots")" -eq 2 ]
}

@test "ansible: without iommu_reboot nothing reboots" {
    rebootable one
    play iommuctl.iommu.rolling -e iommu_reboot=false
    exits 0
    is_enabled "$BATS_TEST_TMPDIR/one/root"
    [ "$(cat "$BATS_TEST_TMPDIR/one/boots")" -eq 1 ]
    play iommuctl.iommu.rolling # what the first run left pending
    exits 0
    [ "$(cat "$BATS_TEST_TMPDIR/one/boots")" -eq 2 ]
}

@test "ansible: a host whose IOMMU stays off is rolled back, fails and stops the batches" {
    rebootable one two
    touch "$BATS_TEST_TMPDIR/one/stubborn"
    play iommuctl.iommu.rolling
    [ "$status" -ne 0 ]
    [ "$(cat "$BATS_TEST_TMPDIR/one/boots")" -eq 2 ]
    is_original "$BATS_TEST_TMPDIR/one/root"
    [[ $output == *"After the reboot the IOMMU is not enabled"* ]]
    is_original "$BATS_TEST_TMPDIR/two/root"
    [ "$(cat "$BATS_TEST_TMPDIR/two/boots")" -eq 1 ]
}

# ---- the collection itself

@test "ansible: no syntax in the modules that Python 2.7 and 3.6 lack" {
    local file
    find "$CONTRIB/ansible/plugins" -name '*.py' >"$BATS_TEST_TMPDIR/files"
    [ "$(wc -l <"$BATS_TEST_TMPDIR/files")" -ge 4 ]
    xargs "$FLEET/old-python" <"$BATS_TEST_TMPDIR/files"
    while read -r file; do
        python3 -W error -c 'import sys; compile(open(sys.argv[1]).read(), sys.argv[1], "exec")' "$file"
    done <"$BATS_TEST_TMPDIR/files"
    printf 'def f(a, *, b):\n    return f"{a}"\n' >"$BATS_TEST_TMPDIR/new.py"
    run ! "$FLEET/old-python" "$BATS_TEST_TMPDIR/new.py" # the checker itself can say no
}

@test "ansible: a real Python 2.7 compiles the modules, and runs them" {
    need jython
    find "$CONTRIB/ansible/plugins" -name '*.py' >"$BATS_TEST_TMPDIR/files"
    xargs jython "$FLEET/python27" compile <"$BATS_TEST_TMPDIR/files" >"$BATS_TEST_TMPDIR/compiled"
    cmp "$BATS_TEST_TMPDIR/files" "$BATS_TEST_TMPDIR/compiled"
    lay_host "$HOST"
    jython "$FLEET/python27" run "$COLLECTION" iommu "executable=$IOMMUCTL" "root=$HOST" \
        "platform=$PLATFORM" boot_in_root=true >"$BATS_TEST_TMPDIR/answer.json"
    answer 'a["changed"] is True and a["flags"] == ["intel_iommu=on"]'
    is_enabled "$HOST"
    printf 'def f(a, *, b):\n    return f"{a}"\n' >"$BATS_TEST_TMPDIR/new.py"
    run ! jython "$FLEET/python27" compile "$BATS_TEST_TMPDIR/new.py"
}

@test "ansible: the documentation is read, and the collection builds" {
    run ansible-doc iommuctl.iommu.iommu iommuctl.iommu.iommu_facts
    exits 0
    [[ $output == *boot_in_root* ]]
    cd "$BATS_TEST_TMPDIR"
    run ansible-galaxy collection build "$COLLECTION"
    exits 0
    [ -f iommuctl-iommu-0.1.0.tar.gz ]
}

@test "ansible: the collection's version is the program's" {
    [ "iommuctl $(sed -n 's/^version: //p' "$CONTRIB/ansible/galaxy.yml")" = "$("$IOMMUCTL" --version)" ]
}

# The tests left out want to download: compilers of documentation, pylint and its like.
@test "ansible: ansible-test sanity, what of it needs no download" {
    need ansible-test
    local name words=()
    for name in ansible-doc import pep8 pylint runtime-metadata validate-modules yamllint; do
        words+=(--skip-test "$name")
    done
    cd "$COLLECTION"
    export HOME=$BATS_TEST_TMPDIR
    run timeout 300 ansible-test sanity --color no --python "$(python_version)" "${words[@]}"
    echo "$output"
    exits 0
    [ "$(grep -c '^Running sanity test' <<<"$output")" -ge 20 ]
    echo 'assert True' >>plugins/modules/iommu_facts.py # it can say no
    run timeout 300 ansible-test sanity --color no --test no-assert
    cp "$CONTRIB/ansible/plugins/modules/iommu_facts.py" plugins/modules/
    [ "$status" -ne 0 ]
}

python_version() { python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

@test "ansible: ansible-lint and yamllint" {
    need ansible-lint yamllint
    export HOME=$BATS_TEST_TMPDIR
    cd "$COLLECTION"
    # galaxy.yml is about publishing on Galaxy, which wants a home page and a version from 1.0
    run timeout 300 ansible-lint --offline --nocolor --strict --profile production \
        --exclude galaxy.yml
    echo "$output"
    exits 0
    find . -name '*.yml' -exec yamllint -s -d '{extends: default, rules: {line-length: {max: 110}}}' {} +
}
