#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The power fails: right after exit 0, and at random moments of a run, while another
program keeps the same file system busy. What is on the disk at that moment is read by GRUB,
which replays no journal, and by Linux, which does. After exit 0 both see the new text; in
between both see each file old or new, and the next run settles it.

The moment is one moment: the image lies on a loop image itself, which is frozen while the
first is copied. So all of what was written before is in the copy, and nothing after."""
import os
import random
import shutil
import subprocess
import sys
import time

from harness import CLEAN, FULL, HERE, SEED, Host, Mounted, Skip, Sweep, call, differences, \
    judge_next, judge_whole, operations, plain, run, umount, unsafe

LOADER = {"rhel6-bios": "boot/grub/grub.conf", "ubuntu-dropins": "boot/grub/grub.cfg"}
KINDS = {"ext4": (48 << 20, ()), "xfs": (320 << 20, ())}
TURNS = 60 if FULL else 6


class Machine:
    """A host whose disk is an image, a busy writer on it, and copies of the image."""

    def __init__(self, work, kind, name):
        if not shutil.which("grub-fstest"):
            raise Skip("grub-fstest is not here")
        size, options = KINDS[kind]
        self.work, self.kind, self.name = work, kind, name
        self.outer = Mounted(work, "outer", "ext4", size + (64 << 20), "-O", "^has_journal")
        try:
            self.inner = Mounted(work, "inner", kind, size, *options, within=self.outer.dir)
        except Skip:
            self.outer.__exit__()
            raise
        self.copy = os.path.join(work.dir, "copy.image")
        self.host = Host(work, name, self.inner.dir)
        self.loader = LOADER[name]
        self.writer = None

    def __enter__(self):
        return self

    def busy(self):
        """By a directory that stays its own when the copy is mounted above."""
        place = os.path.join(self.inner.dir, "busy")
        os.mkdir(place)
        self.writer = subprocess.Popen([sys.executable, os.path.join(HERE, "busy.py")],
                                       cwd=place, env=CLEAN)

    def __exit__(self, *what):
        self.outer.thaw()
        self.inner.thaw()
        if self.writer:
            self.writer.kill()
            self.writer.wait()
        self.inner.__exit__()
        self.outer.__exit__()

    def begin(self, tree):
        """TREE is there, for GRUB too. What was looked at last was a copy."""
        self.host.now = None
        self.host.put(tree)
        self.inner.freeze()
        self.inner.thaw()

    def cut(self):
        """The disk as it is this moment goes to self.copy."""
        self.outer.freeze()
        try:
            subprocess.run(["cp", "--sparse=always", self.inner.image, self.copy], check=True)
        finally:
            self.outer.thaw()

    def grub(self):
        done = subprocess.run(["grub-fstest", self.copy, "cat", f"(loop0)/{self.loader}"],
                              env=CLEAN, capture_output=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def linux(self, function):
        """What FUNCTION says with the copy mounted where the host was: the same paths."""
        options = "loop,nouuid" if self.kind == "xfs" else "loop"
        call("mount", "-o", options, self.copy, self.inner.dir)
        try:
            return function()
        finally:
            umount(self.inner.dir)


def told(tree, path):
    return tree[path].data if path in tree else None


def after(machine, op):
    """Exit 0, and the power fails."""
    host = machine.host
    machine.begin(op.start)
    ended = run(op.command)
    machine.cut()
    found = [] if ended.code == 0 else [f"exit {ended.code}: {ended.err.strip()}"]
    if machine.grub() != told(op.new, machine.loader):
        found.append(f"GRUB does not see the new {machine.loader}")
    return found + [f"Linux: {what}" for what in
                    machine.linux(lambda: differences(plain(host.get()), op.new))]


def during(machine, op, moment, turn):
    host = machine.host
    machine.begin(op.start)
    running = subprocess.Popen(op.command, env=CLEAN, cwd="/", stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(moment)
    machine.cut()
    running.wait(timeout=60)
    found = []
    if machine.grub() not in [told(whole, machine.loader) for whole in op.wholes]:
        found.append(f"GRUB sees neither the old nor the new {machine.loader}")

    def judge():
        tree = host.get()
        return judge_whole(op, tree) + judge_next(host, op, turn, tree)
    return found + machine.linux(judge)


def sweep_after(work, kind, name, of=lambda host: operations(host)[:3]):
    faults = []
    with Machine(work, kind, name) as machine:
        ops = of(machine.host)
        machine.busy()
        for turn in range(TURNS):
            op = ops[turn % len(ops)]
            faults += [f"{op.name}: {what}" for what in after(machine, op)]
    return TURNS, faults


def sweep_during(work, kind, name):
    faults, dice = [], random.Random(SEED)
    with Machine(work, kind, name) as machine:
        ops = operations(machine.host)
        machine.busy()
        for turn in range(TURNS):
            op, moment = ops[turn % len(ops)], dice.uniform(0, 0.06)
            faults += [f"{op.name}, after {moment * 1000:.1f} ms: {what}"
                       for what in during(machine, op, moment, turn)]
    return TURNS, faults


def main():
    here = Sweep()
    for kind in KINDS:
        for name in LOADER:
            here.case(f"power: {kind}, {name}, after exit 0",
                      lambda k=kind, n=name: sweep_after(here.work, k, n))
            here.case(f"power: {kind}, {name}, at random moments",
                      lambda k=kind, n=name: sweep_during(here.work, k, n))
        here.case(f"power: {kind}, catches the unsafe writer",
                  lambda k=kind: sweep_after(here.work, k, "rhel6-bios",
                                             lambda host: [unsafe(host)]),
                  caught="Linux: .* (differs|is missing)|GRUB does not see")
    here.close()


main()
