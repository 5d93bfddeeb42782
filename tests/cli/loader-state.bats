# SPDX-License-Identifier: LGPL-2.1-or-later
# What GRUB writes into its environment block when it starts (done here by grub-editenv) is
# no drift: rollback and recovery go through, bring back the arguments, and keep what GRUB
# wrote.

load table

setup() {
    find_program
    need grub-editenv
    lay_copy rhel8-bios
    ENV=$HOST/boot/grub2/grubenv
    variables >"$BATS_TEST_TMPDIR/original"
}

variables() { # all that is not GRUB's own
    grub-editenv "$ENV" list | grep -vE '^(saved_entry|next_entry|boot_success|boot_indeterminate)='
}

boots() { # as GRUB and the session that came up write it
    grub-editenv "$ENV" set saved_entry=chosen-at-the-menu boot_success=1 boot_indeterminate=0
    grub-editenv "$ENV" unset next_entry
    LOADERS=$(grub-editenv "$ENV" list | grep -E '^(saved_entry|boot_)')
}

kept() {
    [ "$(stat -c %s "$ENV")" -eq 1024 ]
    [ "$(grub-editenv "$ENV" list | grep -E '^(saved_entry|boot_)' | sort)" = "$(sort <<<"$LOADERS")" ]
}

@test "rollback after a start" {
    iommuctl enable --vendor intel
    exits 0
    grub-editenv "$ENV" list | grep -q '^kernelopts=.*intel_iommu=on'
    boots
    iommuctl rollback
    exits 0
    diff "$BATS_TEST_TMPDIR/original" <(variables)
    kept
    boots
    iommuctl rollback 2
    exits 0
    grub-editenv "$ENV" list | grep -q '^kernelopts=.*intel_iommu=on'
    kept
}

@test "an interrupted run, then a start" {
    iommuctl enable --vendor intel
    sed -i 's/"committed"/"armed"/' "$HOST/var/lib/iommuctl/000001/manifest.json"
    boots
    iommuctl disable
    exits 0
    diff "$BATS_TEST_TMPDIR/original" <(variables)
    kept
}

@test "an argument of somebody else is drift all the same" {
    iommuctl enable --vendor intel
    boots
    grub-editenv "$ENV" set "kernelopts=$(grub-editenv "$ENV" list | sed -n 's/^kernelopts=//p') mine"
    iommuctl rollback
    exits 78
    grep -q 'grubenv: was changed since' <<<"$stderr"
    grub-editenv "$ENV" list | grep -q '^kernelopts=.* mine'
}

@test "without a start in between the block comes back byte for byte" {
    cp "$ENV" "$BATS_TEST_TMPDIR/block"
    iommuctl enable --vendor intel
    iommuctl rollback
    exits 0
    cmp "$BATS_TEST_TMPDIR/block" "$ENV"
}
