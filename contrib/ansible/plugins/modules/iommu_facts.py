#!/usr/bin/python
# -*- coding: utf-8 -*-
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright: the iommuctl developers

from __future__ import absolute_import, division, print_function
__metaclass__ = type

DOCUMENTATION = r'''
---
module: iommu_facts
short_description: Tell what iommuctl knows of a host's IOMMU
version_added: 0.1.0
description:
  - Sets the fact C(iommu) from C(iommuctl status --json). Changes nothing.
options: {}
extends_documentation_fragment:
  - iommuctl.iommu.place
notes:
  - Who is not root learns less; what could not be read is told in I(error) and is no failure.
author:
  - The iommuctl developers (@iommuctl)
'''

EXAMPLES = r'''
- name: Learn about the IOMMU
  iommuctl.iommu.iommu_facts:

- name: Show hosts whose IOMMU is off
  ansible.builtin.debug:
    var: ansible_facts.iommu.verdict
  when: not ansible_facts.iommu.active
'''

RETURN = r'''
ansible_facts:
  description: The facts.
  returned: always
  type: complex
  contains:
    iommu:
      description: What iommuctl knows.
      returned: always
      type: complex
      contains:
        enabled:
          description:
            - Whether every entry that starts Linux has the argument, recovery entries aside;
              null where there is none, or no argument can be named.
          returned: always
          type: bool
        active:
          description: Whether the IOMMU is on in the kernel that runs; null where not known.
          returned: always
          type: bool
        reboot_required:
          description: Whether the default entry will start something else than what runs.
          returned: always
          type: bool
        flags:
          description: The kernel arguments that the machine needs.
          returned: always
          type: list
          elements: str
        verdict:
          description: All of it in a line.
          returned: always
          type: str
        groups:
          description: How many IOMMU groups with PCI devices there are; null where not known.
          returned: always
          type: int
        error:
          description: What could not be read.
          returned: always
          type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.iommuctl.iommu.plugins.module_utils.iommuctl import (
    COMMON_ARGUMENTS, error_text, run)

NOT_PERMITTED = 77


def facts_of(document):
    running = (document.get('machine') or {}).get('running') or {}
    return dict(
        enabled=document.get('enabled'),
        active=document.get('active'),
        reboot_required=document['reboot_required'],
        flags=(document.get('flag') or {}).get('flags') or [],
        verdict=document.get('verdict') or '',
        groups=running.get('groups'),
        error=document['error'],
    )


def main():
    module = AnsibleModule(argument_spec=dict(COMMON_ARGUMENTS), supports_check_mode=True)
    rc, document = run(module, 'status', [])
    if rc not in (0, NOT_PERMITTED):
        module.fail_json(msg=error_text(document['error']), rc=rc, error=document['error'])
    module.exit_json(changed=False, ansible_facts=dict(iommu=facts_of(document)))


if __name__ == '__main__':
    main()
