#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A file system that is really frozen, on a loop image: SIGKILL at each system call of the
processes that freeze and thaw it, and at each of the one that waits for them; and each of
these calls failing, as any other from the first freezing to the commit. However that ends,
nothing is left frozen, each file is old or new, and GRUB reads the new one after exit 0. What dies exactly while all is frozen, and whoever is
stopped there, freeze.bats has."""
import errno
import os
import shutil
import subprocess

from harness import CLEAN, Host, Mounted, Skip, Sweep, differences, is_armed, judge_next, \
    judge_whole, operations, plain, sample, temporaries

LOADER = "boot/grub/grub.conf"
# Errors that these calls may give; a thaw that says EINVAL would say that all is well.
GIVES = {
    "ioctl": "EIO EPERM EBUSY EOPNOTSUPP ENOTTY",
    "read": "EIO EINTR",
    "write": "EIO EINTR EPIPE",
    "poll": "EINTR ENOMEM",
    "pipe": "EMFILE ENFILE",
    "pipe2": "EMFILE ENFILE",
    "clone": "EAGAIN ENOMEM",
    "clone3": "EAGAIN ENOMEM",
    "wait4": "EINTR",
    "setsid": "EPERM",
    "prlimit64": "EPERM",
    "mlockall": "ENOMEM EPERM",
    "openat": "EIO ENOMEM EMFILE",
    "fcntl": "EMFILE",
    "fstat": "EIO",
    "newfstatat": "EIO",
    "statfs": "EIO",
    "fstatfs": "EIO",
    "syncfs": "EIO",
    "fsync": "EIO",
    "renameat": "EIO",
}
FIFREEZE, FITHAW = 0xC0045877, 0xC0045878


def around(calls):
    """Those of the children, and the first process's while it has one."""
    inside, found = False, []
    for call in calls:
        inside = inside or call.name.startswith("pipe")
        if call.process > 0 or inside:
            found.append(call)
        if call.process == 0 and call.name == "wait4":
            inside = False
    return found


def ever_since(calls):
    """Those of the first process from the first freezing on to the commit, but not what
    around() has."""
    begin = next(i for i, call in enumerate(calls) if call.name == "syncfs")
    end = max(i for i, call in enumerate(calls) if call.name == "renameat")
    known = {call[:3] for call in around(calls)}
    return [call for call in calls[begin:end + 1]
            if call.process == 0 and call[:3] not in known]


def is_signal(call):
    return call.name == "rt_sigaction"


def is_freezing(call):
    return call.name == "ioctl" and call.args[1] & 0xFFFFFFFF in (FIFREEZE, FITHAW)


class Frozen:
    """A host on an image that may be frozen."""

    def __init__(self, work, kind="ext4", size=24 << 20):
        if not shutil.which("grub-fstest"):
            raise Skip("grub-fstest is not here")
        self.mounted = Mounted(work, "thaw", kind, size)
        self.host = Host(work, "rhel6-bios", self.mounted.dir)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.mounted.__exit__(*what)

    def left_frozen(self):
        """It is thawed then."""
        done = subprocess.run(["fsfreeze", "--unfreeze", self.mounted.dir], env=CLEAN,
                              capture_output=True, check=False)
        return ["the file system is left frozen"] if done.returncode == 0 else []

    def grub(self):
        copy = self.mounted.image + ".copy"
        subprocess.run(["cp", "--sparse=always", self.mounted.image, copy], check=True)
        done = subprocess.run(["grub-fstest", copy, "cat", f"(loop0)/{LOADER}"], env=CLEAN,
                              capture_output=True, check=False)
        os.unlink(copy)
        return done.stdout if done.returncode == 0 else None


def record(frozen, op):
    calls = frozen.host.work.record(frozen.host, op.start, op.command)
    if sum(is_freezing(call) for call in calls) != 4:
        raise RuntimeError("it is not frozen and thawed twice")
    return calls


def points_of(frozen, op):
    return sample(around(record(frozen, op)), 40, lambda call: not is_signal(call))


def others(frozen, op):
    return sample(ever_since(record(frozen, op)), 40, lambda call: call.name in GIVES)


def sweep_kills(work):
    faults = []
    with Frozen(work) as frozen:
        op = operations(frozen.host)[0]
        points = points_of(frozen, op)
        for turn, call in enumerate(points):
            ended = work.strike(frozen.host, op.start, ["kill"], call, op.command)
            found = frozen.left_frozen()
            tree = frozen.host.get()
            found += judge_whole(op, tree)
            if call.process > 0 and ended.code not in (0, 71):
                found.append(f"the first process ended with {ended.code}")
            if ended.code == 0:
                found += differences(plain(tree), op.new)
                if frozen.grub() != op.new[LOADER].data:
                    found.append("GRUB does not see the new text")
            found += judge_next(frozen.host, op, turn, tree) + frozen.left_frozen()
            faults += [f"killed at {call.name}, time {call.nth} in process {call.process}: "
                       f"{what}" for what in found]
    return len(points), faults


def judge_failed(frozen, op, ended, tree, codes=(0, 71)):
    found = []
    if ended.code not in codes:
        found.append(f"exit {ended.code}")
    found += differences(plain(tree), op.new if ended.code in (0, 71) else op.old)
    found += [f"{path} is left" for path in temporaries(tree)]
    if is_armed(tree):
        found.append("an interrupted run is left")
    if ended.code == 71 and not ended.err.strip():
        found.append("exit 71 without a word")
    if ended.code == 0 and frozen.grub() != op.new[LOADER].data:
        found.append("GRUB does not see the new text")
    return found


def sweep_errors(frozen, number, points_of, codes=(0, 71)):
    faults, work = [], frozen.host.work
    with frozen:
        op = operations(frozen.host)[number]
        points = [(call, error) for call in points_of(frozen, op)
                  for error in GIVES.get(call.name, "").split()]
        for turn, (call, error) in enumerate(points):
            ended = work.strike(frozen.host, op.start, ["fail", str(getattr(errno, error))],
                                call, op.command)
            found = frozen.left_frozen()
            tree = frozen.host.get()
            found += judge_failed(frozen, op, ended, tree, codes)
            found += judge_next(frozen.host, op, turn, tree) + frozen.left_frozen()
            said = ended.err.strip().replace("\n", " | ")
            faults += [f"{error} from {call.name}, time {call.nth} in process "
                       f"{call.process}: {what} ({said})" for what in found]
    return len(points), faults


def leave_frozen(work):
    with Frozen(work) as frozen:
        frozen.mounted.freeze()
        return 1, frozen.left_frozen()


def main():
    here = Sweep()
    here.case("thaw: ext4, killed while it is frozen, before and behind",
              lambda: sweep_kills(here.work))
    here.case("thaw: ext4, a call fails while it is frozen, before and behind",
              lambda: sweep_errors(Frozen(here.work), 0, points_of))
    # XFS leaves everything in its log until it is frozen
    for number, name in enumerate(("enable", "disable", "rollback")):
        here.case(f"thaw: XFS, {name}, any other call fails between first freezing and commit",
                  lambda number=number: sweep_errors(Frozen(here.work, "xfs", 320 << 20),
                                                     number, others, (0, 70, 71, 74)))
    here.case("thaw: ext4, catches a writer that leaves it frozen",
              lambda: leave_frozen(here.work), caught="left frozen")
    here.close()


main()
