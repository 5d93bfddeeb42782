#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# An external fact for Facter: "iommu", from iommuctl status --json. No fact where iommuctl is
# missing.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
command -v iommuctl >/dev/null 2>&1 || exit 0
document=$(iommuctl --json status 2>/dev/null)
case $document in
'{'*) printf '{"iommu": %s}\n' "$document" ;;
esac
exit 0
