# SPDX-License-Identifier: LGPL-2.1-or-later
# The Puppet type and the fact, with Debian's puppet and facter.

load helpers

setup() {
    HOST=$BATS_TEST_TMPDIR/host
    MODULES=$BATS_TEST_TMPDIR/modules
    mkdir -p "$MODULES"
    cp -R "$CONTRIB/puppet/iommuctl" "$MODULES/"
    chmod -R u+w "$MODULES"
    lay_host "$HOST"
}

apply() { # ATTRIBUTES [OPTION...]
    need puppet
    local attributes=$1
    shift
    run puppet apply --modulepath "$MODULES" --detailed-exitcodes --color=false \
        --confdir "$BATS_TEST_TMPDIR/conf" --vardir "$BATS_TEST_TMPDIR/var" "$@" -e "
iommu { 'host': executable => '$IOMMUCTL', root => '$HOST', platform => '$PLATFORM',
    boot_in_root => true, $attributes }"
}

@test "puppet: noop tells and writes nothing, apply changes once" {
    local before
    before=$(marks "$HOST")
    apply "ensure => enabled" --noop
    exits 0 # Puppet's word for noop
    [[ $output == *"should be enabled (modify /boot/grub/grub.conf"*"(noop)"* ]]
    [ "$before" = "$(marks "$HOST")" ]
    apply "ensure => enabled"
    exits 2
    is_enabled "$HOST"
    before=$(marks "$HOST")
    apply "ensure => enabled"
    exits 0
    [[ $output != *Iommu* ]]
    [ "$before" = "$(marks "$HOST")" ]
    apply "ensure => disabled"
    exits 2
    is_original "$HOST"
}

@test "puppet: a failure is the program's own sentence" {
    local before said
    before=$(marks "$HOST")
    PLATFORM=$FIXTURES/platforms/dmar-truncated
    said=$("$IOMMUCTL" --root "$HOST" --platform "$PLATFORM" --boot-in-root enable 2>&1) && return 1
    apply "ensure => enabled"
    [ $((status & 4)) -ne 0 ]
    [[ $output == *"${said#iommuctl: }"* ]]
    [ "$before" = "$(marks "$HOST")" ]
}

@test "puppet: a missing program fails; an unsupported machine fails or is left alone" {
    IOMMUCTL=/nonexistent/iommuctl apply "ensure => enabled"
    [ $((status & 4)) -ne 0 ]
    PLATFORM=$FIXTURES/platforms/bare-no-table
    apply "ensure => enabled"
    [ $((status & 4)) -ne 0 ]
    apply "ensure => enabled, unsupported => ignore"
    exits 0
    apply "ensure => disabled, if_needed => true"
    [ "$status" -ne 0 ]
    is_original "$HOST"
}

@test "puppet: the external fact is structured, and silent without the program" {
    need facter
    mkdir "$BATS_TEST_TMPDIR/bin"
    printf '#!/bin/sh\nexec %q --root %q --platform %q --boot-in-root "$@"\n' "$IOMMUCTL" "$HOST" \
        "$PLATFORM" >"$BATS_TEST_TMPDIR/bin/iommuctl"
    chmod +x "$BATS_TEST_TMPDIR/bin/iommuctl"
    PATH=$BATS_TEST_TMPDIR/bin:$PATH run facter --external-dir "$MODULES/iommuctl/facts.d" --json iommu.enabled iommu.flag.flags
    exits 0
    [ "$(tr -d ' \n' <<<"$output")" = '{"iommu.enabled":false,"iommu.flag.flags":["intel_iommu=on"]}' ]
    PATH=/usr/bin:/bin run env "$MODULES/iommuctl/facts.d/iommu.sh"
    exits 0
    [ -z "$output" ] || [ -x /usr/sbin/iommuctl ]
}
