# SPDX-License-Identifier: LGPL-2.1-or-later
"""Results, printed as they come."""


class Tap:
    """Prints results as they come."""

    def __init__(self):
        self.number = 0
        self.failed = False

    def point(self, name, problem=None, skip=None):
        self.number += 1
        self.failed |= problem is not None
        name = name.replace("#", "number")
        print("%s %d - %s%s" % ("ok" if problem is None else "not ok", self.number, name,
                                " # SKIP " + skip if skip else ""), flush=True)
        if problem is not None:
            self.comment(problem)

    @staticmethod
    def comment(text):
        for line in text.split("\n"):
            print("# " + line, flush=True)
