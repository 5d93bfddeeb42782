# SPDX-License-Identifier: LGPL-2.1-or-later
"""A chain's steps: done in its guest, and what has to come out held against what it told."""

import os
import re

from disk import fill
from guest import Guest
from parts import HERE


class Step:
    """A line of steps/NAME: boot, what is done, what is expected."""

    def __init__(self, line):
        left, _, right = line.partition("=>")
        boot, *words = left.split()
        self.boot = int(boot)
        self.text = " ".join(words)
        self.expected = right.strip()

    def title(self):
        return "boot %d: %s%s" % (self.boot, self.text,
                                  " => " + self.expected if self.expected else "")


def load(name, words=None):
    """The steps of a file, with its @NAME@s filled in."""
    text = fill(os.path.join(HERE, "steps", name), words or {})
    return [Step(line) for line in text.splitlines() if line.strip() and line[0] != "#"]


def listed(facts, word):
    return [rest for first, rest in facts if first == word]


def judge_flag(expected, facts, chain, _):
    """Which of the two stand in /proc/cmdline, and how often."""
    words = " ".join(listed(facts, "cmdline")).split()
    on, off = words.count(chain["flag"]), words.count(chain["start"])
    if (on, off) == {"once": (1, 0), "off": (0, 1), "absent": (0, 0)}[expected]:
        return None
    return "/proc/cmdline: " + " ".join(words)


def judge_groups(expected, facts, *_):
    """Groups with devices in them, and a unit: that is an IOMMU that is on."""
    groups, units = len(listed(facts, "group")), len(listed(facts, "unit"))
    if (groups > 0 and units > 0) if expected == "some" else (groups == 0 and units == 0):
        return None
    return "%d devices in groups, %d units" % (groups, units)


def judge_exit(expected, facts, *_):
    code, _, words = expected.partition(" ")
    text = " ".join(listed(facts, "out") + listed(facts, "err"))
    if listed(facts, "exit") == [code] and words in text:
        return None
    return "exit %s: %s" % (" ".join(listed(facts, "exit")), text[:1500])


def judge_files(expected, facts, _, memory):
    """same: not touched since the last look. original: as at the first look."""
    now = (listed(facts, "stat"), listed(facts, "sum"))
    before, memory["files"] = memory.get("files"), now
    if expected == "first":
        memory["first"] = now
        return None if now[0] and now[1] else "nothing was seen"
    if expected == "same":
        return difference(before, now)
    return difference(contents(memory["first"]), contents(now)) if expected else None


def contents(look):
    """Names, modes, owners and sums, without what the program keeps for itself."""
    ours = re.compile(r"/var/lib(/iommuctl|$)|\.rollback$")
    stats = [line.split(" ", 7) for line in look[0]]
    return (sorted(" ".join(s[3:6] + s[7:]) for s in stats if not ours.search(s[7])),
            sorted(line for line in look[1] if not ours.search(line)))


def difference(before, now):
    lines = ["- " + line for b, n in zip(before, now) for line in sorted(set(b) - set(n))]
    lines += ["+ " + line for b, n in zip(before, now) for line in sorted(set(n) - set(b))]
    return "\n".join(lines[:20]) or None


JUDGES = {"flag": judge_flag, "groups": judge_groups, "run": judge_exit, "files": judge_files,
          "system": judge_exit, "mkconfig-same": judge_exit}


def judge(steps, boots, chain):
    """For each step: its title, and what is wrong or None."""
    memory, told = {}, {}
    for boot in boots:
        told.setdefault(boot.number, []).extend(boot.finished())
    for step in steps:
        mine = told.get(step.boot, [])
        if not mine or mine[0][0] != step.text:
            yield step.title(), "the guest did not come so far"
            continue
        facts = mine.pop(0)[1]
        if step.expected:
            yield step.title(), JUDGES[step.text.split()[0]](step.expected, facts, chain, memory)
        elif step.text == "files":
            judge_files("", facts, chain, memory)


def play(chain, image, steps, seconds):
    """A guest that goes through the steps: (title, problem or None) for each, comments, and
    the seconds of processor."""
    guest = Guest(chain, image, [(step.boot, step.text) for step in steps])
    problem = guest.run(seconds)
    results = list(judge(steps, guest.boots(), chain))
    if problem:
        results.append(("the guest switches itself off", problem))
    comments = []
    if any(wrong for _, wrong in results):
        comments += ["console: " + line for line in guest.last_lines()]
    return results, comments, guest.cpu_seconds
