# SPDX-License-Identifier: LGPL-2.1-or-later
"""Power cuts: QEMU is killed while the program stands still before one of its calls, so that
what only the guest's memory has is gone. Each next boot tells what came of it, and leads to
the next cut."""

import os
import re
import shutil

from guest import Guest, read
from judge import contents, difference, listed
from parts import HERE, run as run_command

WATCHED = ("/etc/default/grub", "/boot/grub/grub.cfg")
FULL, SAMPLE = 10, 3


def build_shim(work):
    """The preloaded library, if there is a compiler. Without it the cuts are skipped."""
    shim = work + "/cut.so"
    if os.path.exists(shim):
        os.unlink(shim)
    if shutil.which("gcc"):
        run_command("gcc", "-D_GNU_SOURCE", "-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-o",
                    shim, HERE + "/guest/cut.c", "-ldl")


def look(facts):
    return listed(facts, "stat"), listed(facts, "sum")


def sums(seen):
    """Watched file to checksum."""
    pairs = (line.split("  ", 1) for line in seen[1])
    return {name: total for total, name in pairs if name in WATCHED}


def evenly(items, count):
    return [items[len(items) * (i + 1) // (count + 1)] for i in range(count)]


class Story:
    """What is known from boot to boot."""

    def __init__(self, chain):
        self.chain = chain
        self.old = self.new = None # looks
        self.calls = 0
        self.renames = []

    def points(self, count):
        """The calls before which the power goes, after the first one: half of them renames,
        at which old turns into new; then the program's end, when the loader itself has to
        read the new text."""
        rest = [call for call in range(2, self.calls + 1) if call not in self.renames]
        half = min(len(self.renames), (count - 1) // 2)
        return sorted(evenly(self.renames, half) + evenly(rest, count - 2 - half)) + ["end"]

    def judge(self, cut, steps):
        """The first boot gives the references; each later one is what a cut left."""
        if len(steps) < 6:
            return "the guest did not come so far"
        flag, found, enable, after, back, last = [facts for _, facts in steps[:6]]
        wrong = []
        words = " ".join(listed(flag, "cmdline")).split()
        state = words.count(self.chain["flag"]), words.count(self.chain["start"])
        if state not in ([(1, 0)] if cut == "end" else [(0, 1), (1, 0)]):
            wrong.append("booted with " + " ".join(words))
        if cut is None:
            self.old, self.new = look(found), look(after)
            said = "\n".join(listed(enable, "err"))
            self.calls = sum(map(int, re.findall(r"^calls (\d+)$", said, re.M)))
            self.renames = [int(n) for n in re.findall(r"^renames (\d+)$", said, re.M)]
            if sums(self.old).items() & sums(self.new).items() or not self.calls:
                wrong.append("enable did not change the files that are watched")
        for name, total in sums(look(found)).items():
            if total not in (sums(self.old)[name], sums(self.new)[name]):
                wrong.append(name + " is neither old nor new")
        for what, facts in (("enable", enable), ("rollback", back)):
            if listed(facts, "exit") != ["0"]:
                wrong.append("%s after it: %s" % (what, facts))
        for what, expected, facts in (("all new after enable", self.new, after),
                                      ("all old after rollback", self.old, last)):
            rest = difference(contents(expected), contents(look(facts)))
            if rest:
                wrong.append("not %s:\n%s" % (what, rest))
        return "\n".join(wrong) or None


def run(chain, image):
    story, cpu, results, comments = Story(chain), 0, [], []
    count = FULL if chain.getboolean("all-cuts") else SAMPLE
    points, cut = [1], None
    name = "the first boot"
    while True:
        after = points.pop(0) if points else None
        # the first run counts its calls
        before = ["flag", "files"] + (["cut 0"] if cut is None else []) + [
            "run enable", "files", "run rollback", "files"]
        rest = ["cut %s" % after, "run enable"] if after else []
        guest = Guest(chain, image, [(1, step) for step in before + rest])
        problem = guest.run(200, "mark " if after else None)
        cpu += guest.cpu_seconds
        boots = guest.boots()
        steps = boots[0].finished() if boots else []
        wrong = story.judge(cut, [s for s in steps if not s[0].startswith("cut")])
        problem = "\n".join(text for text in (wrong, problem) if text) or None
        results.append((name, problem))
        if problem:
            comments += ["console: " + line for line in guest.last_lines()]
            break
        if cut is None:
            points = story.points(count)
        if after is None:
            break
        mark = "".join(re.findall(r"^mark (.*?)\r?$", read(guest.facts), re.M))
        name = "cut at call %s: whole at the next boot, all new or all old after it" % mark
        cut = after
    comments.append("figure: %s: %d calls in one enable" % (chain.name, story.calls))
    return results, comments, cpu
