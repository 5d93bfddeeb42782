#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""SIGKILL at each system call of enable, disable and rollback, and of the runs that
recover from such a kill. Afterwards every file is old or new, and whole; the next writing
run, each of the three in turn, makes of it what it makes of all old or all new."""
from harness import HOSTS, Host, Sweep, is_writing, judge_next, judge_whole, operations, pruning, \
    sample, unsafe


def sweep(host, op, share):
    calls = host.work.record(host, op.start, op.command)
    faults = []
    points = sample(calls, share, is_writing)
    for turn, call in enumerate(points):
        ended = host.work.strike(host, op.start, ["kill"], call, op.command)
        tree = host.get()
        found = judge_whole(op, tree)
        if ended.code != -9 and call.process == 0:
            found.append(f"ended with {ended.code}")
        found += judge_next(host, op, turn, tree)
        faults += [f"killed at {call.name}, time {call.nth} in process {call.process}: {what}"
                   for what in found]
    return len(points), faults


def main():
    run = Sweep()
    for name in HOSTS:
        host = Host(run.work, name)
        more = [pruning(host)] if name == "rhel6-bios" else []
        for op in operations(host) + more:
            run.case(f"kill: {name}, {op.name}", lambda h=host, o=op: sweep(h, o, 40))
        run.case(f"kill: {name}, catches the unsafe writer",
                 lambda h=host: sweep(h, unsafe(h), 1), caught="neither old nor new")
    run.close()


main()
