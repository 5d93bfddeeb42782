# -*- coding: utf-8 -*-
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
Execution module for iommuctl: the IOMMU for PCI passthrough.

Not tried with a real Salt, which Debian 12 does not have: written after Salt's documentation,
and compiled only.
"""
from __future__ import absolute_import, division, print_function

import json

try:
    from salt.exceptions import CommandExecutionError
    from salt.utils.path import which
except ImportError:
    from shutil import which

    class CommandExecutionError(Exception):
        """Stands in where Salt is not there, for reading the module alone."""

__virtualname__ = "iommuctl"

DOCUMENT_VERSION = 1


def __virtual__():
    if which("iommuctl"):
        return __virtualname__
    return (False, "iommuctl is not installed")


def run(command, vendor=None, if_needed=False, unsupported="fail", iommu_pt=False,
        root=None, check=False, diff=False):
    """
    Run a command and return its JSON document; its own sentence is the error.

    CLI Example:

    .. code-block:: bash

        salt '*' iommuctl.run enable check=True
    """
    argv = ["iommuctl", "--json", command]
    for value, option in ((vendor, "--vendor"), (root, "--root")):
        if value:
            argv += [option, value]
    for wanted, option in ((if_needed, "--if-needed"), (unsupported == "ignore", "--if-supported"),
                           (iommu_pt, "--iommu-pt"), (check, "--check"), (diff, "--diff")):
        if wanted:
            argv.append(option)
    answer = __salt__["cmd.run_all"](argv, python_shell=False, ignore_retcode=True)  # noqa: F821
    try:
        document = json.loads(answer["stdout"])
    except ValueError:
        raise CommandExecutionError("iommuctl printed no JSON document: %s" % answer["stderr"])
    if document.get("version") != DOCUMENT_VERSION:
        raise CommandExecutionError("iommuctl printed a document of another version")
    if answer["retcode"] != 0:
        error = document["error"]
        place = "%s: " % error["file"] if error["file"] else ""
        raise CommandExecutionError(place + error["message"])
    return document


def status():
    """
    What iommuctl knows of this host.

    CLI Example:

    .. code-block:: bash

        salt '*' iommuctl.status
    """
    return run("status")
