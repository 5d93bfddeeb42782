#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each allocation failing in turn, the libraries' included, and all from each one on. The
run exits with 0, or 71, only if all is new, to the byte: what libaugeas damages must not
get through. Else all is old; or, with no memory left to put things back, as after a kill.
Where a library falls over instead of failing, it does so before or after the writing."""
import os
import re
import subprocess

from harness import Ended, FULL, HOSTS, SEED, Host, Sweep, differences, is_armed, judge_next, \
    judge_whole, operations, plain, run, temporaries, unsafe

EXITS = {0, 65, 66, 70, 71, 74, 75, 77, 78}
TAIL = 2500 # so many at the end are ours, with the files being written


def judge(op, ended, tree, on):
    found, now = [], plain(tree)
    settled = not is_armed(tree)
    if ended.code >= 0 and ended.code not in EXITS:
        found.append(f"exit {ended.code}")
    if ended.code in (0, 71):
        found += differences(now, op.new)
    elif not settled and (on or plain(op.start) != op.old):
        found += judge_whole(op, tree)
    elif not settled:
        found.append("an interrupted run is left")
    elif now != op.old and not (ended.code < 0 and now == op.new):
        found += differences(now, op.old)
    found += [f"{path} is left" for path in temporaries(tree)
              if settled or path not in op.start]
    return found


def count(host, start, command, library):
    out = os.path.join(host.work.dir, "count")
    host.put(start)
    ended = run(command, {"LD_PRELOAD": library, "ALLOC_COUNT": out})
    if ended.code != 0:
        raise RuntimeError(f"exit {ended.code}: {ended.err}")
    with open(out, encoding="ascii") as file:
        return int(file.read())


def points_of(total, share):
    """Every SHAREth, and ten times as many of those at the end."""
    return [n for n in range(1, total + 1)
            if n in (1, total) or (n + SEED) % (share if n <= total - TAIL else
                                                max(share // 10, 1)) == 0]


def run_to_its_end(command, env):
    """What does not end is told of, and goes on as if it had been killed."""
    try:
        return run(command, env)
    except subprocess.TimeoutExpired:
        return Ended(-9, "", "it does not end")


def sweep(host, op, share, on):
    library = host.work.tool("alloc", "-shared", "-fPIC")
    points = points_of(count(host, op.start, op.command, library), share)
    faults, fallen = [], 0
    for turn, n in enumerate(points):
        host.put(op.start)
        ended = run_to_its_end(op.command, {"LD_PRELOAD": library, "ALLOC_FAIL": str(n),
                                            **({"ALLOC_ON": "1"} if on else {})})
        fallen += ended.code < 0
        tree = host.get()
        found = judge(op, ended, tree, on) + judge_next(host, op, turn, tree)
        found += ["hangs"] if "does not end" in ended.err else []
        said = ended.err.strip().replace("\n", " | ")
        faults += [f"allocation {n}{' and all behind it' if on else ''}: {what} "
                   f"(exit {ended.code}: {said})" for what in found]
    print(f"# {fallen} ended with a signal")
    return len(points), faults


def sweep_history(host):
    """Who only reads the manifests: nothing in them is to blame for it, and none is left out
    of what is told."""
    library = host.work.tool("alloc", "-shared", "-fPIC")
    start = host.result(host.tree, host.command("enable"))
    command = host.command("rollback", "--list")
    total = count(host, start, command, library)
    host.put(start)
    wanted, faults = run(command).out, []
    for n in range(1, total + 1):
        ended = run(command, {"LD_PRELOAD": library, "ALLOC_FAIL": str(n)})
        if ended.code == 0 and ended.out == wanted:
            continue
        if ended.code == 70 and re.search("out of memory|Cannot allocate memory", ended.err):
            continue
        faults.append(f"allocation {n}: exit {ended.code}: {ended.err.strip()}")
    faults += differences(host.get(), start)
    return total, faults


def share_of(op, on):
    """With "full" each allocation alone, and all from every tenth on. Without, some dozens."""
    if FULL:
        return 10 if on else 1
    return 500 if op.name == "enable" and not on else 1500


def main():
    here = Sweep()
    for name in HOSTS:
        host = Host(here.work, name)
        for op in operations(host):
            for on, words in ((False, "one"), (True, "all from one on")):
                here.case(f"memory: {name}, {op.name}, {words}",
                          lambda h=host, o=op, all_on=on: sweep(h, o, share_of(o, all_on),
                                                                all_on))
        here.case(f"memory: {name}, the history is read", lambda h=host: sweep_history(h))
        here.case(f"memory: {name}, catches the unsafe writer",
                  lambda h=host: sweep(h, unsafe(h), 1, False), caught="differs in data")
    here.close()


main()
