# SPDX-License-Identifier: LGPL-2.1-or-later
# Made by fixtures.gen: do not edit. The properties are in fixtures.bash.

load fixtures

@test "centos6-uefi: status and --check change nothing" { reading_changes_nothing centos6-uefi; }
@test "centos6-uefi: enable gives the expected bytes and touches nothing else" { enable_gives centos6-uefi; }
@test "centos6-uefi: a loader and a kernel read the flag once in each entry" { the_oracle_agrees centos6-uefi; }
@test "centos6-uefi: a second enable touches nothing" { a_second_enable_touches_nothing centos6-uefi; }
@test "centos6-uefi: disable gives the bytes back" { disable_gives_back centos6-uefi; }
@test "centos6-uefi: rollback brings everything back" { rollback_brings_all_back centos6-uefi; }

@test "debian-menu-lst: status and --check change nothing" { reading_changes_nothing debian-menu-lst; }
@test "debian-menu-lst: enable gives the expected bytes and touches nothing else" { enable_gives debian-menu-lst; }
@test "debian-menu-lst: a loader and a kernel read the flag once in each entry" { the_oracle_agrees debian-menu-lst; }
@test "debian-menu-lst: a second enable touches nothing" { a_second_enable_touches_nothing debian-menu-lst; }
@test "debian-menu-lst: disable gives the bytes back" { disable_gives_back debian-menu-lst; }
@test "debian-menu-lst: rollback brings everything back" { rollback_brings_all_back debian-menu-lst; }

@test "debian-xen: status and --check change nothing" { reading_changes_nothing debian-xen; }
@test "debian-xen: enable gives the expected bytes and touches nothing else" { enable_gives debian-xen; }
@test "debian-xen: a loader and a kernel read the flag once in each entry" { the_oracle_agrees debian-xen; }
@test "debian-xen: a second enable touches nothing" { a_second_enable_touches_nothing debian-xen; }
@test "debian-xen: disable gives the bytes back" { disable_gives_back debian-xen; }
@test "debian-xen: rollback brings everything back" { rollback_brings_all_back debian-xen; }

@test "dual-boot: status and --check change nothing" { reading_changes_nothing dual-boot; }
@test "dual-boot: enable gives the expected bytes and touches nothing else" { enable_gives dual-boot; }
@test "dual-boot: a loader and a kernel read the flag once in each entry" { the_oracle_agrees dual-boot; }
@test "dual-boot: a second enable touches nothing" { a_second_enable_touches_nothing dual-boot; }
@test "dual-boot: disable gives the bytes back" { disable_gives_back dual-boot; }
@test "dual-boot: rollback brings everything back" { rollback_brings_all_back dual-boot; }

@test "gentoo: status and --check change nothing" { reading_changes_nothing gentoo; }
@test "gentoo: enable gives the expected bytes and touches nothing else" { enable_gives gentoo; }
@test "gentoo: a loader and a kernel read the flag once in each entry" { the_oracle_agrees gentoo; }
@test "gentoo: a second enable touches nothing" { a_second_enable_touches_nothing gentoo; }
@test "gentoo: disable gives the bytes back" { disable_gives_back gentoo; }
@test "gentoo: rollback brings everything back" { rollback_brings_all_back gentoo; }

@test "none: status and --check change nothing" { reading_changes_nothing none; }
@test "none: enable gives the expected bytes and touches nothing else" { enable_gives none; }
@test "none: a loader and a kernel read the flag once in each entry" { the_oracle_agrees none; }
@test "none: a second enable touches nothing" { a_second_enable_touches_nothing none; }
@test "none: disable gives the bytes back" { disable_gives_back none; }
@test "none: rollback brings everything back" { rollback_brings_all_back none; }

@test "rhel5-xen: status and --check change nothing" { reading_changes_nothing rhel5-xen; }
@test "rhel5-xen: enable gives the expected bytes and touches nothing else" { enable_gives rhel5-xen; }
@test "rhel5-xen: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel5-xen; }
@test "rhel5-xen: a second enable touches nothing" { a_second_enable_touches_nothing rhel5-xen; }
@test "rhel5-xen: disable gives the bytes back" { disable_gives_back rhel5-xen; }
@test "rhel5-xen: rollback brings everything back" { rollback_brings_all_back rhel5-xen; }

@test "rhel6-bios: status and --check change nothing" { reading_changes_nothing rhel6-bios; }
@test "rhel6-bios: enable gives the expected bytes and touches nothing else" { enable_gives rhel6-bios; }
@test "rhel6-bios: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel6-bios; }
@test "rhel6-bios: a second enable touches nothing" { a_second_enable_touches_nothing rhel6-bios; }
@test "rhel6-bios: disable gives the bytes back" { disable_gives_back rhel6-bios; }
@test "rhel6-bios: rollback brings everything back" { rollback_brings_all_back rhel6-bios; }

@test "sles11: status and --check change nothing" { reading_changes_nothing sles11; }
@test "sles11: enable gives the expected bytes and touches nothing else" { enable_gives sles11; }
@test "sles11: a loader and a kernel read the flag once in each entry" { the_oracle_agrees sles11; }
@test "sles11: a second enable touches nothing" { a_second_enable_touches_nothing sles11; }
@test "sles11: disable gives the bytes back" { disable_gives_back sles11; }
@test "sles11: rollback brings everything back" { rollback_brings_all_back sles11; }

@test "ugly: status and --check change nothing" { reading_changes_nothing ugly; }
@test "ugly: enable gives the expected bytes and touches nothing else" { enable_gives ugly; }
@test "ugly: a loader and a kernel read the flag once in each entry" { the_oracle_agrees ugly; }
@test "ugly: a second enable touches nothing" { a_second_enable_touches_nothing ugly; }
@test "ugly: disable gives the bytes back" { disable_gives_back ugly; }
@test "ugly: rollback brings everything back" { rollback_brings_all_back ugly; }

@test "every fixture and every property has its test" {
    diff "$BATS_TEST_DIRNAME/fixtures.bats" <("$BATS_TEST_DIRNAME/fixtures.gen")
}
