# -*- coding: utf-8 -*-
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright: the iommuctl developers

"""Run iommuctl and read the one JSON document that it prints."""

from __future__ import absolute_import, division, print_function
__metaclass__ = type

import json

DOCUMENT_VERSION = 1

# Where the program looks, for every module alike.
COMMON_ARGUMENTS = dict(
    root=dict(type='path'),
    platform=dict(type='path'),
    state_dir=dict(type='path'),
    boot_in_root=dict(type='bool', default=False),
    executable=dict(type='path'),
)


def program(module):
    """The program's path; a machine without it is a failure, never "unchanged"."""
    if module.params['executable']:
        return module.params['executable']
    return module.get_bin_path('iommuctl', required=True,
                               opt_dirs=['/usr/local/sbin', '/usr/sbin', '/sbin'])


def common_options(module):
    options = ['--json']
    for name, option in (('root', '--root'), ('platform', '--platform'),
                         ('state_dir', '--state')):
        if module.params[name]:
            options += [option, module.params[name]]
    if module.params['boot_in_root']:
        options.append('--boot-in-root')
    return options


def error_text(error):
    """The program's own sentence, with the place that it names."""
    place = error.get('file') or ''
    if place and error.get('line'):
        place += ':%d' % error['line']
    return '%s: %s' % (place, error['message']) if place else error['message']


def run(module, command, options):
    """The exit status and the document. What is no document is a failure."""
    argv = [program(module)] + common_options(module) + [command] + options
    # The wording must not depend on the caller's language.
    rc, out, err = module.run_command(argv, environ_update=dict(LC_ALL='C', LANGUAGE='C'))
    try:
        document = json.loads(out)
        version = document['version']
    except (ValueError, KeyError, TypeError):
        module.fail_json(msg='iommuctl printed no JSON document (exit %d): %s'
                         % (rc, (err or out).strip() or 'nothing at all'),
                         rc=rc, cmd=argv, stdout=out, stderr=err)
    if version != DOCUMENT_VERSION:
        module.fail_json(msg='iommuctl printed a JSON document of version %s; this module '
                         'reads version %d' % (version, DOCUMENT_VERSION), rc=rc, cmd=argv)
    return rc, document
