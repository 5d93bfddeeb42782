#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs that have nothing to do touch nothing: the same inodes, times and generations, and
no call that writes."""
import os

from harness import FULL, HOSTS, Host, Sweep, is_writing, unsafe

TURNS = 1000 if FULL else 100


def touched(top):
    """Everything that tells of a change, of everything there."""
    found = {}
    for directory, names, files in os.walk(top):
        for path in [directory] + [os.path.join(directory, name) for name in names + files]:
            st = os.lstat(path)
            found[path] = (st.st_ino, st.st_mtime_ns, st.st_ctime_ns, st.st_nlink, st.st_size)
    return found


def once(host, command):
    before, tree = touched(host.dir), host.get()
    calls = host.work.record_here(command)
    found = [f"calls {call.name}" for call in calls if is_writing(call)]
    after = touched(host.dir)
    found += [f"touches {path}" for path in sorted(set(before) | set(after))
              if before.get(path) != after.get(path)]
    return found + (["changes bytes"] if host.get() != tree else [])


def sweep(host, start, command, turns):
    host.put(start)
    faults = []
    for turn in range(turns):
        faults += [f"run {turn}: {what}" for what in once(host, command)]
    return turns, faults


def main():
    run = Sweep()
    for name in HOSTS:
        host = Host(run.work, name)
        enable, off = host.command("enable"), host.tree
        plain_off = host.result(host.result(off, enable), host.command("disable"))
        cases = [("enable", host.result(off, enable), enable, TURNS),
                 ("disable", plain_off, host.command("disable"), TURNS // 5),
                 ("rollback", off, host.command("rollback"), TURNS // 5)]
        for word, start, command, turns in cases:
            run.case(f"unchanged: {name}, {word}",
                     lambda h=host, s=start, c=command, n=turns: sweep(h, s, c, n))
        writer = unsafe(host)
        run.case(f"unchanged: {name}, catches the unsafe writer",
                 lambda h=host, w=writer: sweep(h, h.result(w.start, w.command), w.command, 2),
                 caught="touches .*grub")
    run.close()


main()
