# SPDX-License-Identifier: LGPL-2.1-or-later
# Made by fixtures.gen: do not edit. The properties are in fixtures.bash.

load fixtures

@test "alpine: what only looks changes nothing" { reading_changes_nothing alpine; }
@test "alpine: enable gives the expected bytes and touches nothing else" { enable_gives alpine; }
@test "alpine: a loader and a kernel read the flag once in each entry" { the_oracle_agrees alpine; }
@test "alpine: a second enable touches nothing" { a_second_enable_touches_nothing alpine; }
@test "alpine: disable gives the bytes back" { disable_gives_back alpine; }
@test "alpine: rollback brings everything back" { rollback_brings_all_back alpine; }

@test "arch-syslinux: what only looks changes nothing" { reading_changes_nothing arch-syslinux; }
@test "arch-syslinux: enable gives the expected bytes and touches nothing else" { enable_gives arch-syslinux; }
@test "arch-syslinux: a loader and a kernel read the flag once in each entry" { the_oracle_agrees arch-syslinux; }
@test "arch-syslinux: a second enable touches nothing" { a_second_enable_touches_nothing arch-syslinux; }
@test "arch-syslinux: disable gives the bytes back" { disable_gives_back arch-syslinux; }
@test "arch-syslinux: rollback brings everything back" { rollback_brings_all_back arch-syslinux; }

@test "arch-systemd-boot: what only looks changes nothing" { reading_changes_nothing arch-systemd-boot; }
@test "arch-systemd-boot: enable gives the expected bytes and touches nothing else" { enable_gives arch-systemd-boot; }
@test "arch-systemd-boot: a loader and a kernel read the flag once in each entry" { the_oracle_agrees arch-systemd-boot; }
@test "arch-systemd-boot: a second enable touches nothing" { a_second_enable_touches_nothing arch-systemd-boot; }
@test "arch-systemd-boot: disable gives the bytes back" { disable_gives_back arch-systemd-boot; }
@test "arch-systemd-boot: rollback brings everything back" { rollback_brings_all_back arch-systemd-boot; }

@test "arch: what only looks changes nothing" { reading_changes_nothing arch; }
@test "arch: enable gives the expected bytes and touches nothing else" { enable_gives arch; }
@test "arch: a loader and a kernel read the flag once in each entry" { the_oracle_agrees arch; }
@test "arch: a second enable touches nothing" { a_second_enable_touches_nothing arch; }
@test "arch: disable gives the bytes back" { disable_gives_back arch; }
@test "arch: rollback brings everything back" { rollback_brings_all_back arch; }

@test "centos6-uefi: what only looks changes nothing" { reading_changes_nothing centos6-uefi; }
@test "centos6-uefi: enable gives the expected bytes and touches nothing else" { enable_gives centos6-uefi; }
@test "centos6-uefi: a loader and a kernel read the flag once in each entry" { the_oracle_agrees centos6-uefi; }
@test "centos6-uefi: a second enable touches nothing" { a_second_enable_touches_nothing centos6-uefi; }
@test "centos6-uefi: disable gives the bytes back" { disable_gives_back centos6-uefi; }
@test "centos6-uefi: rollback brings everything back" { rollback_brings_all_back centos6-uefi; }

@test "debian-12: what only looks changes nothing" { reading_changes_nothing debian-12; }
@test "debian-12: enable gives the expected bytes and touches nothing else" { enable_gives debian-12; }
@test "debian-12: a loader and a kernel read the flag once in each entry" { the_oracle_agrees debian-12; }
@test "debian-12: a second enable touches nothing" { a_second_enable_touches_nothing debian-12; }
@test "debian-12: disable gives the bytes back" { disable_gives_back debian-12; }
@test "debian-12: rollback brings everything back" { rollback_brings_all_back debian-12; }

@test "debian-menu-lst: what only looks changes nothing" { reading_changes_nothing debian-menu-lst; }
@test "debian-menu-lst: enable gives the expected bytes and touches nothing else" { enable_gives debian-menu-lst; }
@test "debian-menu-lst: a loader and a kernel read the flag once in each entry" { the_oracle_agrees debian-menu-lst; }
@test "debian-menu-lst: a second enable touches nothing" { a_second_enable_touches_nothing debian-menu-lst; }
@test "debian-menu-lst: disable gives the bytes back" { disable_gives_back debian-menu-lst; }
@test "debian-menu-lst: rollback brings everything back" { rollback_brings_all_back debian-menu-lst; }

@test "debian-systemd-boot: what only looks changes nothing" { reading_changes_nothing debian-systemd-boot; }
@test "debian-systemd-boot: enable gives the expected bytes and touches nothing else" { enable_gives debian-systemd-boot; }
@test "debian-systemd-boot: a loader and a kernel read the flag once in each entry" { the_oracle_agrees debian-systemd-boot; }
@test "debian-systemd-boot: a second enable touches nothing" { a_second_enable_touches_nothing debian-systemd-boot; }
@test "debian-systemd-boot: disable gives the bytes back" { disable_gives_back debian-systemd-boot; }
@test "debian-systemd-boot: rollback brings everything back" { rollback_brings_all_back debian-systemd-boot; }

@test "debian-xen: what only looks changes nothing" { reading_changes_nothing debian-xen; }
@test "debian-xen: enable gives the expected bytes and touches nothing else" { enable_gives debian-xen; }
@test "debian-xen: a loader and a kernel read the flag once in each entry" { the_oracle_agrees debian-xen; }
@test "debian-xen: a second enable touches nothing" { a_second_enable_touches_nothing debian-xen; }
@test "debian-xen: disable gives the bytes back" { disable_gives_back debian-xen; }
@test "debian-xen: rollback brings everything back" { rollback_brings_all_back debian-xen; }

@test "dual-boot: what only looks changes nothing" { reading_changes_nothing dual-boot; }
@test "dual-boot: enable gives the expected bytes and touches nothing else" { enable_gives dual-boot; }
@test "dual-boot: a loader and a kernel read the flag once in each entry" { the_oracle_agrees dual-boot; }
@test "dual-boot: a second enable touches nothing" { a_second_enable_touches_nothing dual-boot; }
@test "dual-boot: disable gives the bytes back" { disable_gives_back dual-boot; }
@test "dual-boot: rollback brings everything back" { rollback_brings_all_back dual-boot; }

@test "esp-stub: what only looks changes nothing" { reading_changes_nothing esp-stub; }
@test "esp-stub: enable gives the expected bytes and touches nothing else" { enable_gives esp-stub; }
@test "esp-stub: a loader and a kernel read the flag once in each entry" { the_oracle_agrees esp-stub; }
@test "esp-stub: a second enable touches nothing" { a_second_enable_touches_nothing esp-stub; }
@test "esp-stub: disable gives the bytes back" { disable_gives_back esp-stub; }
@test "esp-stub: rollback brings everything back" { rollback_brings_all_back esp-stub; }

@test "fedora: what only looks changes nothing" { reading_changes_nothing fedora; }
@test "fedora: enable gives the expected bytes and touches nothing else" { enable_gives fedora; }
@test "fedora: a loader and a kernel read the flag once in each entry" { the_oracle_agrees fedora; }
@test "fedora: a second enable touches nothing" { a_second_enable_touches_nothing fedora; }
@test "fedora: disable gives the bytes back" { disable_gives_back fedora; }
@test "fedora: rollback brings everything back" { rollback_brings_all_back fedora; }

@test "gentoo-grub2: what only looks changes nothing" { reading_changes_nothing gentoo-grub2; }
@test "gentoo-grub2: enable gives the expected bytes and touches nothing else" { enable_gives gentoo-grub2; }
@test "gentoo-grub2: a loader and a kernel read the flag once in each entry" { the_oracle_agrees gentoo-grub2; }
@test "gentoo-grub2: a second enable touches nothing" { a_second_enable_touches_nothing gentoo-grub2; }
@test "gentoo-grub2: disable gives the bytes back" { disable_gives_back gentoo-grub2; }
@test "gentoo-grub2: rollback brings everything back" { rollback_brings_all_back gentoo-grub2; }

@test "gentoo: what only looks changes nothing" { reading_changes_nothing gentoo; }
@test "gentoo: enable gives the expected bytes and touches nothing else" { enable_gives gentoo; }
@test "gentoo: a loader and a kernel read the flag once in each entry" { the_oracle_agrees gentoo; }
@test "gentoo: a second enable touches nothing" { a_second_enable_touches_nothing gentoo; }
@test "gentoo: disable gives the bytes back" { disable_gives_back gentoo; }
@test "gentoo: rollback brings everything back" { rollback_brings_all_back gentoo; }

@test "hand-written-grub-cfg: what only looks changes nothing" { reading_changes_nothing hand-written-grub-cfg; }
@test "hand-written-grub-cfg: enable gives the expected bytes and touches nothing else" { enable_gives hand-written-grub-cfg; }
@test "hand-written-grub-cfg: a loader and a kernel read the flag once in each entry" { the_oracle_agrees hand-written-grub-cfg; }
@test "hand-written-grub-cfg: a second enable touches nothing" { a_second_enable_touches_nothing hand-written-grub-cfg; }
@test "hand-written-grub-cfg: disable gives the bytes back" { disable_gives_back hand-written-grub-cfg; }
@test "hand-written-grub-cfg: rollback brings everything back" { rollback_brings_all_back hand-written-grub-cfg; }

@test "measured: what only looks changes nothing" { reading_changes_nothing measured; }
@test "measured: enable gives the expected bytes and touches nothing else" { enable_gives measured; }
@test "measured: a loader and a kernel read the flag once in each entry" { the_oracle_agrees measured; }
@test "measured: a second enable touches nothing" { a_second_enable_touches_nothing measured; }
@test "measured: disable gives the bytes back" { disable_gives_back measured; }
@test "measured: rollback brings everything back" { rollback_brings_all_back measured; }

@test "none: what only looks changes nothing" { reading_changes_nothing none; }
@test "none: enable gives the expected bytes and touches nothing else" { enable_gives none; }
@test "none: a loader and a kernel read the flag once in each entry" { the_oracle_agrees none; }
@test "none: a second enable touches nothing" { a_second_enable_touches_nothing none; }
@test "none: disable gives the bytes back" { disable_gives_back none; }
@test "none: rollback brings everything back" { rollback_brings_all_back none; }

@test "opensuse: what only looks changes nothing" { reading_changes_nothing opensuse; }
@test "opensuse: enable gives the expected bytes and touches nothing else" { enable_gives opensuse; }
@test "opensuse: a loader and a kernel read the flag once in each entry" { the_oracle_agrees opensuse; }
@test "opensuse: a second enable touches nothing" { a_second_enable_touches_nothing opensuse; }
@test "opensuse: disable gives the bytes back" { disable_gives_back opensuse; }
@test "opensuse: rollback brings everything back" { rollback_brings_all_back opensuse; }

@test "proxmox-grub: what only looks changes nothing" { reading_changes_nothing proxmox-grub; }
@test "proxmox-grub: enable gives the expected bytes and touches nothing else" { enable_gives proxmox-grub; }
@test "proxmox-grub: a loader and a kernel read the flag once in each entry" { the_oracle_agrees proxmox-grub; }
@test "proxmox-grub: a second enable touches nothing" { a_second_enable_touches_nothing proxmox-grub; }
@test "proxmox-grub: disable gives the bytes back" { disable_gives_back proxmox-grub; }
@test "proxmox-grub: rollback brings everything back" { rollback_brings_all_back proxmox-grub; }

@test "proxmox-systemd-boot: what only looks changes nothing" { reading_changes_nothing proxmox-systemd-boot; }
@test "proxmox-systemd-boot: enable gives the expected bytes and touches nothing else" { enable_gives proxmox-systemd-boot; }
@test "proxmox-systemd-boot: a loader and a kernel read the flag once in each entry" { the_oracle_agrees proxmox-systemd-boot; }
@test "proxmox-systemd-boot: a second enable touches nothing" { a_second_enable_touches_nothing proxmox-systemd-boot; }
@test "proxmox-systemd-boot: disable gives the bytes back" { disable_gives_back proxmox-systemd-boot; }
@test "proxmox-systemd-boot: rollback brings everything back" { rollback_brings_all_back proxmox-systemd-boot; }

@test "rhel10: what only looks changes nothing" { reading_changes_nothing rhel10; }
@test "rhel10: enable gives the expected bytes and touches nothing else" { enable_gives rhel10; }
@test "rhel10: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel10; }
@test "rhel10: a second enable touches nothing" { a_second_enable_touches_nothing rhel10; }
@test "rhel10: disable gives the bytes back" { disable_gives_back rhel10; }
@test "rhel10: rollback brings everything back" { rollback_brings_all_back rhel10; }

@test "rhel5-xen: what only looks changes nothing" { reading_changes_nothing rhel5-xen; }
@test "rhel5-xen: enable gives the expected bytes and touches nothing else" { enable_gives rhel5-xen; }
@test "rhel5-xen: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel5-xen; }
@test "rhel5-xen: a second enable touches nothing" { a_second_enable_touches_nothing rhel5-xen; }
@test "rhel5-xen: disable gives the bytes back" { disable_gives_back rhel5-xen; }
@test "rhel5-xen: rollback brings everything back" { rollback_brings_all_back rhel5-xen; }

@test "rhel6-bios: what only looks changes nothing" { reading_changes_nothing rhel6-bios; }
@test "rhel6-bios: enable gives the expected bytes and touches nothing else" { enable_gives rhel6-bios; }
@test "rhel6-bios: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel6-bios; }
@test "rhel6-bios: a second enable touches nothing" { a_second_enable_touches_nothing rhel6-bios; }
@test "rhel6-bios: disable gives the bytes back" { disable_gives_back rhel6-bios; }
@test "rhel6-bios: rollback brings everything back" { rollback_brings_all_back rhel6-bios; }

@test "rhel7-bios: what only looks changes nothing" { reading_changes_nothing rhel7-bios; }
@test "rhel7-bios: enable gives the expected bytes and touches nothing else" { enable_gives rhel7-bios; }
@test "rhel7-bios: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel7-bios; }
@test "rhel7-bios: a second enable touches nothing" { a_second_enable_touches_nothing rhel7-bios; }
@test "rhel7-bios: disable gives the bytes back" { disable_gives_back rhel7-bios; }
@test "rhel7-bios: rollback brings everything back" { rollback_brings_all_back rhel7-bios; }

@test "rhel7-uefi: what only looks changes nothing" { reading_changes_nothing rhel7-uefi; }
@test "rhel7-uefi: enable gives the expected bytes and touches nothing else" { enable_gives rhel7-uefi; }
@test "rhel7-uefi: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel7-uefi; }
@test "rhel7-uefi: a second enable touches nothing" { a_second_enable_touches_nothing rhel7-uefi; }
@test "rhel7-uefi: disable gives the bytes back" { disable_gives_back rhel7-uefi; }
@test "rhel7-uefi: rollback brings everything back" { rollback_brings_all_back rhel7-uefi; }

@test "rhel8-bios: what only looks changes nothing" { reading_changes_nothing rhel8-bios; }
@test "rhel8-bios: enable gives the expected bytes and touches nothing else" { enable_gives rhel8-bios; }
@test "rhel8-bios: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel8-bios; }
@test "rhel8-bios: a second enable touches nothing" { a_second_enable_touches_nothing rhel8-bios; }
@test "rhel8-bios: disable gives the bytes back" { disable_gives_back rhel8-bios; }
@test "rhel8-bios: rollback brings everything back" { rollback_brings_all_back rhel8-bios; }

@test "rhel8-uefi: what only looks changes nothing" { reading_changes_nothing rhel8-uefi; }
@test "rhel8-uefi: enable gives the expected bytes and touches nothing else" { enable_gives rhel8-uefi; }
@test "rhel8-uefi: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel8-uefi; }
@test "rhel8-uefi: a second enable touches nothing" { a_second_enable_touches_nothing rhel8-uefi; }
@test "rhel8-uefi: disable gives the bytes back" { disable_gives_back rhel8-uefi; }
@test "rhel8-uefi: rollback brings everything back" { rollback_brings_all_back rhel8-uefi; }

@test "rhel9.2: what only looks changes nothing" { reading_changes_nothing rhel9.2; }
@test "rhel9.2: enable gives the expected bytes and touches nothing else" { enable_gives rhel9.2; }
@test "rhel9.2: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel9.2; }
@test "rhel9.2: a second enable touches nothing" { a_second_enable_touches_nothing rhel9.2; }
@test "rhel9.2: disable gives the bytes back" { disable_gives_back rhel9.2; }
@test "rhel9.2: rollback brings everything back" { rollback_brings_all_back rhel9.2; }

@test "rhel9.4: what only looks changes nothing" { reading_changes_nothing rhel9.4; }
@test "rhel9.4: enable gives the expected bytes and touches nothing else" { enable_gives rhel9.4; }
@test "rhel9.4: a loader and a kernel read the flag once in each entry" { the_oracle_agrees rhel9.4; }
@test "rhel9.4: a second enable touches nothing" { a_second_enable_touches_nothing rhel9.4; }
@test "rhel9.4: disable gives the bytes back" { disable_gives_back rhel9.4; }
@test "rhel9.4: rollback brings everything back" { rollback_brings_all_back rhel9.4; }

@test "silverblue: what only looks changes nothing" { reading_changes_nothing silverblue; }
@test "silverblue: enable gives the expected bytes and touches nothing else" { enable_gives silverblue; }
@test "silverblue: a loader and a kernel read the flag once in each entry" { the_oracle_agrees silverblue; }
@test "silverblue: a second enable touches nothing" { a_second_enable_touches_nothing silverblue; }
@test "silverblue: disable gives the bytes back" { disable_gives_back silverblue; }
@test "silverblue: rollback brings everything back" { rollback_brings_all_back silverblue; }

@test "sles11: what only looks changes nothing" { reading_changes_nothing sles11; }
@test "sles11: enable gives the expected bytes and touches nothing else" { enable_gives sles11; }
@test "sles11: a loader and a kernel read the flag once in each entry" { the_oracle_agrees sles11; }
@test "sles11: a second enable touches nothing" { a_second_enable_touches_nothing sles11; }
@test "sles11: disable gives the bytes back" { disable_gives_back sles11; }
@test "sles11: rollback brings everything back" { rollback_brings_all_back sles11; }

@test "stale-grub-cfg: what only looks changes nothing" { reading_changes_nothing stale-grub-cfg; }
@test "stale-grub-cfg: enable gives the expected bytes and touches nothing else" { enable_gives stale-grub-cfg; }
@test "stale-grub-cfg: a loader and a kernel read the flag once in each entry" { the_oracle_agrees stale-grub-cfg; }
@test "stale-grub-cfg: a second enable touches nothing" { a_second_enable_touches_nothing stale-grub-cfg; }
@test "stale-grub-cfg: disable gives the bytes back" { disable_gives_back stale-grub-cfg; }
@test "stale-grub-cfg: rollback brings everything back" { rollback_brings_all_back stale-grub-cfg; }

@test "stale-menu-lst: what only looks changes nothing" { reading_changes_nothing stale-menu-lst; }
@test "stale-menu-lst: enable gives the expected bytes and touches nothing else" { enable_gives stale-menu-lst; }
@test "stale-menu-lst: a loader and a kernel read the flag once in each entry" { the_oracle_agrees stale-menu-lst; }
@test "stale-menu-lst: a second enable touches nothing" { a_second_enable_touches_nothing stale-menu-lst; }
@test "stale-menu-lst: disable gives the bytes back" { disable_gives_back stale-menu-lst; }
@test "stale-menu-lst: rollback brings everything back" { rollback_brings_all_back stale-menu-lst; }

@test "tumbleweed-entries: what only looks changes nothing" { reading_changes_nothing tumbleweed-entries; }
@test "tumbleweed-entries: enable gives the expected bytes and touches nothing else" { enable_gives tumbleweed-entries; }
@test "tumbleweed-entries: a loader and a kernel read the flag once in each entry" { the_oracle_agrees tumbleweed-entries; }
@test "tumbleweed-entries: a second enable touches nothing" { a_second_enable_touches_nothing tumbleweed-entries; }
@test "tumbleweed-entries: disable gives the bytes back" { disable_gives_back tumbleweed-entries; }
@test "tumbleweed-entries: rollback brings everything back" { rollback_brings_all_back tumbleweed-entries; }

@test "ubuntu-cloud: what only looks changes nothing" { reading_changes_nothing ubuntu-cloud; }
@test "ubuntu-cloud: enable gives the expected bytes and touches nothing else" { enable_gives ubuntu-cloud; }
@test "ubuntu-cloud: a loader and a kernel read the flag once in each entry" { the_oracle_agrees ubuntu-cloud; }
@test "ubuntu-cloud: a second enable touches nothing" { a_second_enable_touches_nothing ubuntu-cloud; }
@test "ubuntu-cloud: disable gives the bytes back" { disable_gives_back ubuntu-cloud; }
@test "ubuntu-cloud: rollback brings everything back" { rollback_brings_all_back ubuntu-cloud; }

@test "ubuntu-dropins: what only looks changes nothing" { reading_changes_nothing ubuntu-dropins; }
@test "ubuntu-dropins: enable gives the expected bytes and touches nothing else" { enable_gives ubuntu-dropins; }
@test "ubuntu-dropins: a loader and a kernel read the flag once in each entry" { the_oracle_agrees ubuntu-dropins; }
@test "ubuntu-dropins: a second enable touches nothing" { a_second_enable_touches_nothing ubuntu-dropins; }
@test "ubuntu-dropins: disable gives the bytes back" { disable_gives_back ubuntu-dropins; }
@test "ubuntu-dropins: rollback brings everything back" { rollback_brings_all_back ubuntu-dropins; }

@test "ugly: what only looks changes nothing" { reading_changes_nothing ugly; }
@test "ugly: enable gives the expected bytes and touches nothing else" { enable_gives ugly; }
@test "ugly: a loader and a kernel read the flag once in each entry" { the_oracle_agrees ugly; }
@test "ugly: a second enable touches nothing" { a_second_enable_touches_nothing ugly; }
@test "ugly: disable gives the bytes back" { disable_gives_back ugly; }
@test "ugly: rollback brings everything back" { rollback_brings_all_back ugly; }

@test "uki: what only looks changes nothing" { reading_changes_nothing uki; }
@test "uki: enable gives the expected bytes and touches nothing else" { enable_gives uki; }
@test "uki: a loader and a kernel read the flag once in each entry" { the_oracle_agrees uki; }
@test "uki: a second enable touches nothing" { a_second_enable_touches_nothing uki; }
@test "uki: disable gives the bytes back" { disable_gives_back uki; }
@test "uki: rollback brings everything back" { rollback_brings_all_back uki; }

@test "xen-grub2: what only looks changes nothing" { reading_changes_nothing xen-grub2; }
@test "xen-grub2: enable gives the expected bytes and touches nothing else" { enable_gives xen-grub2; }
@test "xen-grub2: a loader and a kernel read the flag once in each entry" { the_oracle_agrees xen-grub2; }
@test "xen-grub2: a second enable touches nothing" { a_second_enable_touches_nothing xen-grub2; }
@test "xen-grub2: disable gives the bytes back" { disable_gives_back xen-grub2; }
@test "xen-grub2: rollback brings everything back" { rollback_brings_all_back xen-grub2; }

@test "every fixture and every property has its test" {
    diff "$BATS_TEST_DIRNAME/fixtures.bats" <("$BATS_TEST_DIRNAME/fixtures.gen")
}
