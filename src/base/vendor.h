/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two families of IOMMU that take a kernel argument, as a set.
 * Shared by the wings, which otherwise know nothing of each other.
 */
#ifndef BASE_VENDOR_H
#define BASE_VENDOR_H

enum vendor {
    VENDOR_NONE = 0,
    VENDOR_INTEL = 1 << 0, /* Intel VT-d: intel_iommu= */
    VENDOR_AMD = 1 << 1,   /* AMD-Vi: amd_iommu= */
    VENDOR_BOTH = VENDOR_INTEL | VENDOR_AMD,
};

#endif
