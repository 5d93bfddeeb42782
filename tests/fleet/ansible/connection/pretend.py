# SPDX-License-Identifier: LGPL-2.1-or-later
"""The local connection under another name: ansible.builtin.reboot refuses "local"."""
from __future__ import absolute_import, division, print_function
__metaclass__ = type

DOCUMENTATION = '''
name: pretend
short_description: the local connection, for tests
description: Runs commands on this machine.
version_added: "0"
options: {}
'''

from ansible.plugins.connection.local import Connection as Local


class Connection(Local):
    transport = 'pretend'
