# SPDX-License-Identifier: LGPL-2.1-or-later
# The tarball and the packages made of it, with the distributions' own builders and checkers.

load helpers

setup_file() {
    load helpers
    export PLACE=$BATS_FILE_TMPDIR/packages
    mkdir -p "$PLACE"
    # Out of a tree of its own: the tests' build directory may be busy.
    mkdir "$PLACE/build"
    if [ -e "$SOURCE/configure" ]; then
        (cd "$PLACE/build" && "$SOURCE/configure" -q && timeout 120 make -s dist) >"$PLACE/dist.log" 2>&1 </dev/null ||
            cat "$PLACE/dist.log"
    fi
    TARBALL=$(ls "$PLACE"/build/iommuctl-*.tar.gz 2>/dev/null)
    export TARBALL
    [ -z "$TARBALL" ] || VERSION=$(basename "$TARBALL" .tar.gz | sed 's/iommuctl-//')
    export VERSION=${VERSION-}
}

setup() {
    [ -n "$TARBALL" ] || {
        echo "no tarball: $(cat "$PLACE/dist.log")"
        return 1
    }
}

deb() { # the built package's path, built when first asked for
    local log=$PLACE/deb.log
    if [ ! -e "$PLACE/deb.status" ]; then
        DEB_BUILD_OPTIONS="nocheck parallel=2" "$CONTRIB/packaging/build-deb" "$TARBALL" "$PLACE/deb" \
            >"$log" 2>&1 </dev/null
        echo $? >"$PLACE/deb.status"
    fi
    [ "$(cat "$PLACE/deb.status")" = 0 ] || {
        tail -n 40 "$log" >&2
        return 1
    }
    ls "$PLACE/deb/iommuctl_${VERSION}"-*.deb
}

need_deb() { need dpkg-buildpackage dh fakeroot dpkg-deb scdoc; }

@test "packages: the same tree gives the same tarball" {
    cp "$TARBALL" "$BATS_TEST_TMPDIR/first.tar.gz"
    rm "$TARBALL"
    sleep 1
    (umask 077 && make -s -C "$PLACE/build" dist) >"$PLACE/dist.log" 2>&1 </dev/null
    cmp "$TARBALL" "$BATS_TEST_TMPDIR/first.tar.gz"
}

@test "packages: symbolic links are still links in the tarball" {
    (cd "$SOURCE" && find fixtures -type l | sort) >"$BATS_TEST_TMPDIR/links"
    [ -s "$BATS_TEST_TMPDIR/links" ] || skip "no fixture has a link"
    tar tvf "$TARBALL" | sed -n 's,^l.* iommuctl-[^/]*/\(fixtures/.*\) -> .*,\1,p' | sort |
        cmp - "$BATS_TEST_TMPDIR/links"
}

@test "packages: the .deb builds and is lintian-clean" {
    need_deb
    need lintian
    deb
    # lintian's -changes reads source and binary alike; warnings count as errors
    run lintian --allow-root --fail-on error,warning "$PLACE"/deb/*.changes
    echo "$output"
    exits 0
    [ "$(grep -cE '^[EW]:' <<<"$output")" -eq 0 ]
}

@test "packages: the version is everywhere the same" {
    [ "iommuctl $VERSION" = "$("$IOMMUCTL" --version)" ]
    grep -q "^iommuctl ($VERSION-1) " "$CONTRIB/packaging/debian/changelog"
    grep -qE "^Version: +$VERSION\$" "$CONTRIB/packaging/iommuctl.spec"
    grep -q "\"version\": \"$VERSION\"" "$CONTRIB/puppet/iommuctl/metadata.json"
}

@test "packages: the .deb is built with hardening, and holds what it should" {
    need_deb
    need readelf
    local file root=$BATS_TEST_TMPDIR/root program
    file=$(deb)
    dpkg-deb -x "$file" "$root"
    program=$root/usr/sbin/iommuctl
    readelf -h "$program" | grep -q 'Type: *DYN'
    readelf -lW "$program" | grep -q GNU_RELRO
    readelf -dW "$program" | grep -q 'BIND_NOW\|NOW'
    readelf -sW --dyn-syms "$program" | grep -q '__stack_chk_fail'
    readelf -sW --dyn-syms "$program" | grep -q '_chk@'
    for file in usr/share/iommuctl/schema.json usr/share/iommuctl/lenses/iommuctl_menu.aug \
        usr/share/man/man8/iommuctl.8.gz usr/share/man/man5/iommuctl.json.5.gz \
        usr/share/man/man7/iommuctl-kickstart.7.gz usr/share/zsh/site-functions/_iommuctl \
        usr/share/bash-completion/completions/iommuctl lib/systemd/system/iommuctl-verify.service; do
        [ -f "$root/$file" ]
    done
    [ ! -e "$root/etc" ]
}

@test "packages: removing the .deb keeps state and flag, purging takes the state only" {
    need_deb
    local file root=$BATS_TEST_TMPDIR/root
    file=$(deb)
    mkdir -p "$BATS_TEST_TMPDIR/control"
    dpkg-deb -e "$file" "$BATS_TEST_TMPDIR/control"
    # Its scripts name no file but the state directory (and systemd's helpers' own).
    run grep -rhE '(rm|mv|cp|sed|iommuctl (enable|disable|rollback)) ' "$BATS_TEST_TMPDIR/control"/p*
    [ "$(grep -vc deb-systemd <<<"$output")" -eq 1 ]
    [[ $output == *"rm -rf /var/lib/iommuctl"* ]]
    need bwrap
    mkdir -p "$root/iommuctl/000001"
    [ "$(id -u)" -eq 0 ] || skip "needs root"
    purge() { bwrap --ro-bind / / --dev /dev --bind "$root" /var/lib sh "$BATS_TEST_TMPDIR/control/postrm" "$1"; }
    purge remove || skip "no namespace of its own"
    [ -e "$root/iommuctl/000001" ]
    purge purge
    [ ! -e "$root/iommuctl" ]
}

@test "packages: the autopkgtest passes with the built program" {
    mkdir "$BATS_TEST_TMPDIR/bin"
    ln -s "$IOMMUCTL" "$BATS_TEST_TMPDIR/bin/iommuctl"
    AUTOPKGTEST_TMP=$BATS_TEST_TMPDIR PATH=$BATS_TEST_TMPDIR/bin:$PATH run sh "$CONTRIB/packaging/debian/tests/enable"
    exits 0
}

@test "packages: installed in a fresh Debian, the program does its job" {
    need_full
    need_root
    need_deb
    need debootstrap chroot
    local file root=$BATS_TEST_TMPDIR/debian mirror host
    file=$(deb)
    mirror=$(apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -v security | head -n 1)
    debootstrap --variant=minbase --include=libaugeas0,libjansson4,libnettle8,diffutils \
        "$(. /etc/os-release && echo "$VERSION_CODENAME")" "$root" ${mirror:+"$mirror"} >"$BATS_TEST_TMPDIR/log" 2>&1 ||
        skip "debootstrap failed: $(tail -n 1 "$BATS_TEST_TMPDIR/log")"
    cp "$file" "$root/tmp/"
    chroot "$root" sh -c 'dpkg -i /tmp/*.deb' </dev/null
    lay_host "$root/srv/host"
    cp -R "$FIXTURES/platforms/intel-dmar" "$root/srv/platform"
    host="iommuctl --root /srv/host --platform /srv/platform --boot-in-root"
    chroot "$root" $host enable
    is_enabled "$root/srv/host"
    chroot "$root" mkdir -p /var/lib/iommuctl/000001
    chroot "$root" dpkg -r iommuctl
    [ -d "$root/var/lib/iommuctl/000001" ]
    is_enabled "$root/srv/host"
    chroot "$root" dpkg -P iommuctl
    [ ! -e "$root/var/lib/iommuctl" ]
    is_enabled "$root/srv/host"
}

@test "packages: the RPM builds, and passes rpmlint" {
    need rpmbuild rpmlint rpm2cpio cpio
    mkdir -p "$PLACE/rpm/SOURCES"
    cp "$TARBALL" "$PLACE/rpm/SOURCES/"
    run rpmbuild --nodeps --define "_topdir $PLACE/rpm" -bb "$CONTRIB/packaging/iommuctl.spec"
    [ "$status" -eq 0 ] || tail -n 40 <<<"$output"
    exits 0
    (mkdir "$BATS_TEST_TMPDIR/x" && cd "$BATS_TEST_TMPDIR/x" &&
        rpm2cpio "$PLACE"/rpm/RPMS/*/iommuctl-"$VERSION"-*.rpm | cpio -id --quiet)
    [ "$("$BATS_TEST_TMPDIR/x/usr/sbin/iommuctl" --version)" = "iommuctl $VERSION" ]
    run rpmlint -r "$CONTRIB/packaging/iommuctl.rpmlintrc" "$CONTRIB/packaging/iommuctl.spec" \
        "$PLACE"/rpm/RPMS/*/*.rpm
    echo "$output"
    exits 0
    [[ $output == *" 0 errors, 0 warnings"* ]]
}
