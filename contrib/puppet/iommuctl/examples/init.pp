# SPDX-License-Identifier: LGPL-2.1-or-later
package { 'iommuctl':
  ensure => installed,
}

iommu { 'host':
  ensure      => enabled,
  if_needed   => true,
  unsupported => ignore,
}
