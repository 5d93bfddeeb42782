#!/usr/bin/python
# -*- coding: utf-8 -*-
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright: the iommuctl developers

from __future__ import absolute_import, division, print_function
__metaclass__ = type

DOCUMENTATION = r'''
---
module: iommu
short_description: Turn the IOMMU on or off for the next boot
version_added: 0.1.0
description:
  - Puts the kernel argument that the machine needs for PCI passthrough (C(intel_iommu=on) or
    C(amd_iommu=on)) into every place that Linux is started from, or takes it out again.
  - All the work is done by iommuctl, which has to be installed on the managed host. It
    changes all files or none, and touches nothing when there is nothing to do.
  - A change takes effect at the next boot. The module never reboots; see I(reboot_required)
    among the returned values.
options:
  state:
    description:
      - C(enabled) adds the argument, C(disabled) takes it out.
      - C(rolled_back) puts the files back as they were before the newest change of
        iommuctl's that still stands; with I(generation), before the change with that number.
        Where several changes stand, each run undoes one.
    type: str
    choices: [enabled, disabled, rolled_back]
    default: enabled
  vendor:
    description:
      - Which argument. C(auto) leaves that to the firmware's tables.
    type: str
    choices: [auto, intel, amd, both]
    default: auto
  iommu_pt:
    description:
      - Also add C(iommu=pt), or with I(state=disabled) take it out. Passthrough does not need it.
    type: bool
    default: false
  kernel:
    description:
      - Only these entries. C(DEFAULT), the path of a kernel image, or a title.
    type: str
    default: ALL
  if_needed:
    description:
      - Leave kernels alone that have the IOMMU on by default. Only with I(state=enabled).
    type: bool
    default: false
  exclusive:
    description:
      - Take the other vendor's argument out as well. Only with I(state=enabled).
    type: bool
    default: false
  force_off:
    description:
      - With I(state=disabled), write C(off), so that kernels that have it on by default are
        off too.
    type: bool
    default: false
  regenerate:
    description:
      - Afterwards run the distribution's own generator as well. Not needed.
    type: bool
    default: false
  unsupported:
    description:
      - What a machine is that shows no IOMMU, a failure or nothing to do.
    type: str
    choices: [fail, ignore]
    default: fail
  generation:
    description:
      - With I(state=rolled_back), the number of the change to go back before.
    type: int
  force:
    description:
      - With I(state=rolled_back), overwrite files that somebody else changed since.
    type: bool
    default: false
  wait:
    description:
      - How many seconds to wait for another run of iommuctl to finish.
    type: int
    default: 10
extends_documentation_fragment:
  - iommuctl.iommu.place
notes:
  - Check mode runs C(iommuctl --check), diff mode adds C(--diff); nothing is written in
    check mode.
author:
  - The iommuctl developers (@iommuctl)
'''

EXAMPLES = r'''
- name: Turn the IOMMU on
  iommuctl.iommu.iommu:
    state: enabled

- name: Turn it on where there is one and the kernel does not have it on by default
  iommuctl.iommu.iommu:
    state: enabled
    if_needed: true
    unsupported: ignore
  register: iommu

- name: Reboot where the kernel that runs differs from what was asked for
  ansible.builtin.reboot:
  when: iommu.reboot_required | default(false, true)

- name: Prepare an image for machines of either vendor
  iommuctl.iommu.iommu:
    root: /srv/image
    boot_in_root: true
    vendor: both
'''

RETURN = r'''
result:
  description: What happened.
  returned: always
  type: str
  sample: changed
changed:
  description: Whether files were changed, or would be in check mode.
  returned: always
  type: bool
reboot_required:
  description:
    - Whether the kernel that runs differs from what the default entry will start; null where
      that cannot be known, under another root for instance.
  returned: always
  type: bool
flags:
  description: The kernel arguments that the machine needs.
  returned: when one was chosen
  type: list
  elements: str
  sample: ["intel_iommu=on"]
reason:
  description: Why these.
  returned: when one was chosen
  type: str
generation:
  description: The number of the change, for I(generation).
  returned: always; null where nothing was changed
  type: int
files:
  description: The files that were changed, or would be.
  returned: always
  type: list
  elements: dict
  sample: [{"path": "/boot/grub/grub.conf", "change": "modify"}]
remarks:
  description: What the program has to say beside that.
  returned: always
  type: list
  elements: dict
rc:
  description: The program's exit status.
  returned: always
  type: int
error:
  description: What went wrong, with C(exit), C(file), C(line) and C(message).
  returned: on failure
  type: dict
'''

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.iommuctl.iommu.plugins.module_utils.iommuctl import (
    COMMON_ARGUMENTS, error_text, run)

COMMANDS = dict(enabled='enable', disabled='disable', rolled_back='rollback')

# A parameter that says something other than its default, and the states that take it.
STATES_OF = (
    ('vendor', ('enabled', 'disabled')),
    ('iommu_pt', ('enabled', 'disabled')),
    ('kernel', ('enabled', 'disabled')),
    ('regenerate', ('enabled', 'disabled')),
    ('if_needed', ('enabled',)),
    ('exclusive', ('enabled',)),
    ('force_off', ('disabled',)),
    ('generation', ('rolled_back',)),
    ('force', ('rolled_back',)),
)

ARGUMENTS = dict(
    COMMON_ARGUMENTS,
    state=dict(type='str', choices=['enabled', 'disabled', 'rolled_back'], default='enabled'),
    vendor=dict(type='str', choices=['auto', 'intel', 'amd', 'both'], default='auto'),
    iommu_pt=dict(type='bool', default=False),
    kernel=dict(type='str', default='ALL'),
    if_needed=dict(type='bool', default=False),
    exclusive=dict(type='bool', default=False),
    force_off=dict(type='bool', default=False),
    regenerate=dict(type='bool', default=False),
    unsupported=dict(type='str', choices=['fail', 'ignore'], default='fail'),
    generation=dict(type='int'),
    force=dict(type='bool', default=False),
    wait=dict(type='int', default=10),
)


def check_parameters(module):
    """What the state does not take is refused, never ignored."""
    state = module.params['state']
    for name, states in STATES_OF:
        if module.params[name] != ARGUMENTS[name].get('default') and state not in states:
            module.fail_json(msg='%s does not go with state=%s' % (name, state))
    # The program would refuse these too, but by the names of its options.
    if module.params['wait'] < 0:
        module.fail_json(msg='wait is a number of seconds, not %d' % module.params['wait'])


def command_options(module):
    params = module.params
    options = ['--wait', str(params['wait'])]
    if params['state'] == 'rolled_back':
        if params['generation'] is not None:
            options.append(str(params['generation']))
    else:
        options += ['--vendor', params['vendor'], '--kernel', params['kernel']]
        if params['unsupported'] == 'ignore':
            options.append('--if-supported')
    for name in ('iommu_pt', 'if_needed', 'exclusive', 'force_off', 'regenerate', 'force'):
        if params[name]:
            options.append('--' + name.replace('_', '-'))
    if module.check_mode:
        options.append('--check')
    if module._diff:
        options.append('--diff')
    return options


def outcome(rc, document):
    flag = document.get('flag') or {}
    values = dict(
        rc=rc,
        changed=document['changed'],
        result=document['result'],
        reboot_required=document['reboot_required'],
        generation=document['generation'],
        files=document['files'],
        remarks=document['remarks'],
    )
    if flag:
        values.update(flags=flag['flags'], reason=flag['reason'])
    if document.get('diff'):
        values['diff'] = dict(prepared=document['diff'])
    if document['error']:
        values['error'] = document['error']
    return values


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    check_parameters(module)
    rc, document = run(module, COMMANDS[module.params['state']], command_options(module))
    values = outcome(rc, document)
    for remark in document['remarks']:
        if remark['level'] == 'warning':
            module.warn(remark['text'])
    # Also what was committed but is not certain to last (71): "changed" tells that.
    if rc != 0:
        module.fail_json(msg=error_text(document['error']), **values)
    module.exit_json(**values)


if __name__ == '__main__':
    main()
