# -*- coding: utf-8 -*-
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright: the iommuctl developers

from __future__ import absolute_import, division, print_function
__metaclass__ = type


class ModuleDocFragment(object):
    DOCUMENTATION = r'''
options:
  root:
    description:
      - The system to work on is below this directory, not at C(/).
    type: path
  platform:
    description:
      - Read the machine's facts from this directory, for images that will run on another
        machine.
    type: path
  state_dir:
    description:
      - Keep the rollback copies there instead of in C(/var/lib/iommuctl) below the root.
    type: path
  boot_in_root:
    description:
      - The directory C(/boot) below I(root) is the real one even where the root's fstab lists
        it as a file system of its own.
    type: bool
    default: false
  executable:
    description:
      - The program, where it is not in the search path.
    type: path
'''
