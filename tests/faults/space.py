#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A disk that becomes full: behind each byte that a run writes, by a preloaded write(); on a
tmpfs with each number of pages and of inodes left; on ext4 with each number of blocks. The
run exits with 0 only if all is new; else all is old, no temporary file is left, and it says
so; with room again the next run goes on."""
import itertools
import os
import re

from harness import HOSTS, Host, Mounted, Sweep, call, differences, is_armed, judge_next, \
    judge_whole, operations, plain, run, sample, sync, temporaries, unsafe

PLENTY = 3 # so many runs in a row that end well, and there was room enough


class Pages:
    """Of a tmpfs."""

    def __init__(self, dir):
        self.dir = dir

    def leave(self, n):
        fs = os.statvfs(self.dir)
        used = (fs.f_blocks - fs.f_bfree) * fs.f_frsize
        self.set(f"size={used + n * 4096}")

    def free(self):
        self.set("size=64m")

    def set(self, option):
        call("mount", "-o", f"remount,{option}", self.dir)


class Inodes(Pages):
    def leave(self, n):
        fs = os.statvfs(self.dir)
        self.set(f"nr_inodes={fs.f_files - fs.f_ffree + n}")

    def free(self):
        self.set("nr_inodes=10000")


class Blocks:
    """Of an ext4."""

    def __init__(self, dir):
        self.dir, self.filler = dir, os.path.join(dir, "lost+found", "filler")

    def leave(self, n):
        sync(self.dir) # what was removed is free only then
        block = os.statvfs(self.dir).f_frsize
        fd = os.open(self.filler, os.O_WRONLY | os.O_CREAT, 0o600)
        size, step = 0, 1 << 24
        while step >= block:
            try:
                os.posix_fallocate(fd, size, step)
                size += step
            except OSError:
                step //= 2
        os.ftruncate(fd, max(size - n * block, 0))
        os.fsync(fd)
        os.close(fd)
        sync(self.dir)

    def free(self):
        os.unlink(self.filler)
        sync(self.dir)


def judge(op, ended, tree):
    found, now = [], plain(tree)
    recovering = plain(op.start) != op.old
    if ended.code == 0:
        found += differences(now, op.new)
    elif recovering and is_armed(tree):
        found += judge_whole(op, tree)
    else:
        found += differences(now, op.old)
        if is_armed(tree):
            found.append("an interrupted run is left")
    if ended.code not in (0, 74):
        found.append(f"exit {ended.code}")
    if ended.code != 0 and "No space left" not in ended.err:
        found.append("does not say that there is no space")
    if ended.code != 0 and not re.match(r"iommuctl: /\S+: ", ended.err):
        found.append("does not say where")
    found += [f"{path} is left" for path in temporaries(tree)
              if not (is_armed(tree) and path in op.start)]
    return found


def attempt(host, op, n, env=None, leave=None, free=None):
    """A run with room for N: its exit code, and what is wrong with it."""
    host.put(op.start)
    if leave:
        leave(n)
    ended = run(op.command, env)
    tree = host.get()
    found = judge(op, ended, tree)
    if free:
        free()
    found += judge_next(host, op, n, tree)
    said = ended.err.strip().replace("\n", " | ")
    return ended.code, [f"with {n} left: {what} (exit {ended.code}: {said})" for what in found]


def sweep(host, op, room):
    faults, n, well = [], 0, 0
    while well < PLENTY:
        code, found = attempt(host, op, n, leave=room.leave, free=room.free)
        well = well + 1 if code == 0 else 0
        faults += found
        n += 1
    return n, faults


def sweep_bytes(host, op):
    """As many points as bytes were recorded, and the one at which there is room for all."""
    sizes = [c.result for c in host.work.record(host, op.start, op.command)
             if c.name in ("write", "pwrite64") and c.args[0] > 2 and c.result > 0]
    edges = set(itertools.accumulate(sizes, initial=0))
    points = sample(range(sum(sizes) + 1), 1999, lambda n: n in edges)
    library = host.work.tool("room", "-shared", "-fPIC")
    faults = []
    for n in points:
        code, found = attempt(host, op, n, {"LD_PRELOAD": library, "ROOM": str(n)})
        faults += found
        if (code == 0) != (n == points[-1]):
            faults.append(f"with {n} of {points[-1]} bytes: exit {code}")
    return len(points), faults


def places(work):
    yield "tmpfs", "pages", lambda: Mounted(work, "tmpfs", "tmpfs", "64m"), Pages
    yield "tmpfs", "inodes", lambda: Mounted(work, "tmpfs", "tmpfs", "64m"), Inodes
    yield ("ext4", "blocks", lambda: Mounted(work, "ext4", "ext4", 16 << 20, "-b", "1024",
                                             "-m", "0"), Blocks)


def all_operations(name, mount, room, work):
    points, faults = 0, []
    with mount() as mounted:
        host = Host(work, name, mounted.dir)
        for op in operations(host):
            n, found = sweep(host, op, room(mounted.dir))
            points += n
            faults += [f"{op.name}: {what}" for what in found]
    return points, faults


def all_bytes(name, work):
    points, faults = 0, []
    host = Host(work, name)
    for op in operations(host):
        n, found = sweep_bytes(host, op)
        points += n
        faults += [f"{op.name}: {what}" for what in found]
    return points, faults


def unsafe_bytes(name, work):
    host = Host(work, name)
    return sweep_bytes(host, unsafe(host))


def unsafe_writer(name, mount, room, work):
    with mount() as mounted:
        host = Host(work, name, mounted.dir)
        return sweep(host, unsafe(host), room(mounted.dir))


def main():
    here = Sweep()
    for kind, unit, mount, room in places(here.work):
        for name in HOSTS:
            here.case(f"space: {kind}, {unit}, {name}",
                      lambda n=name, m=mount, r=room: all_operations(n, m, r, here.work))
    for name in HOSTS:
        here.case(f"space: bytes, {name}", lambda n=name: all_bytes(n, here.work))
    here.case("space: bytes, catches the unsafe writer",
              lambda: unsafe_bytes("rhel6-bios", here.work), caught="differs in data")
    here.case("space: tmpfs, pages, catches the unsafe writer",
              lambda: unsafe_writer("rhel6-bios", *list(places(here.work))[0][2:], here.work),
              caught="differs in data")
    here.close()


main()
