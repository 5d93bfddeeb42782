# -*- coding: utf-8 -*-
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
State module for iommuctl. Not tried with a real Salt, see the execution module.

.. code-block:: yaml

    iommu:
      iommuctl.enabled:
        - if_needed: True
        - unsupported: ignore
"""
from __future__ import absolute_import, division, print_function

__virtualname__ = "iommuctl"


def __virtual__():
    if "iommuctl.run" in __salt__:  # noqa: F821
        return __virtualname__
    return (False, "the execution module iommuctl is not there")


def _state(name, command, **options):
    test = __opts__["test"]  # noqa: F821
    answer = {"name": name, "changes": {}, "result": True, "comment": ""}
    try:
        document = __salt__["iommuctl.run"](command, check=test, diff=True, **options)  # noqa: F821
    except Exception as error:  # whatever the minion's modules raise is the state's failure
        answer.update(result=False, comment=str(error))
        return answer
    answer["comment"] = "%s: %s" % (command, document["result"])
    if document["changed"]:
        answer["changes"] = {"diff": document.get("diff") or "", "files": document["files"]}
        answer["result"] = None if test else True
    return answer


def enabled(name, vendor=None, if_needed=False, unsupported="fail", iommu_pt=False, root=None):
    """The argument stands in every entry."""
    return _state(name, "enable", vendor=vendor, if_needed=if_needed, unsupported=unsupported,
                  iommu_pt=iommu_pt, root=root)


def disabled(name, unsupported="fail", iommu_pt=False, root=None):
    """The argument stands in none."""
    return _state(name, "disable", unsupported=unsupported, iommu_pt=iommu_pt, root=root)
