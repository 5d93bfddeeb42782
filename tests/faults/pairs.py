#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Two writers at once: each exits with 0, and files and history are what one after the
other makes, in either order; so neither's work is lost."""
import subprocess
import time

from harness import CLEAN, FULL, HOSTS, Host, Sweep, differences, manifests, plain, \
    temporaries, unsettled

TURNS = 300 if FULL else 40


def history(tree):
    return sorted((name, manifest and (manifest["command"], manifest["state"]))
                  for name, manifest in manifests(tree).items())


def together(commands, turn):
    """Their exit codes and messages. The second begins up to 12 ms later."""
    running = []
    for command in commands:
        running.append(subprocess.Popen(command, env=CLEAN, cwd="/", stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE))
        time.sleep(turn % 7 * 0.002)
    said = [child.communicate(timeout=60)[1] for child in running]
    return [(child.returncode, text.decode(errors="replace").strip())
            for child, text in zip(running, said)]


def pair(host, start, commands, turn):
    wanted = [host.result(host.result(start, a), b)
              for a, b in (commands, commands[::-1])]
    host.put(start)
    ended = together(commands if turn % 2 else commands[::-1], turn // 2)
    tree = host.get()
    found = [f"exit {code}: {said}" for code, said in ended if code != 0]
    found += [f"{path} is left" for path in temporaries(tree)] + unsettled(tree)
    if not any(plain(tree) == plain(one) and history(tree) == history(one) for one in wanted):
        what = " or ".join(", ".join(differences(plain(tree), plain(one)) or
                                     [f"history {history(tree)} for {history(one)}"])
                           for one in wanted)
        found.append(f"is as no order leaves it: {what}")
    return found


def sweep(host, pairs):
    faults = []
    for turn in range(TURNS):
        start, commands = pairs[turn % len(pairs)]
        words = " and ".join(" ".join(command[-2:]) for command in commands)
        faults += [f"{words}: {what}"
                   for what in pair(host, start, commands, turn // len(pairs))]
    return TURNS, faults


def pairs_of(host):
    enable, disable, rollback = (host.command(word)
                                 for word in ("enable", "disable", "rollback"))
    intel, amd = (host.command("enable", f"--vendor={word}") for word in ("intel", "amd"))
    off = host.tree
    on = host.result(off, enable)
    return [(off, (enable, disable)), (on, (enable, rollback)), (off, (intel, amd)),
            (on, (enable, disable)), (on, (disable, rollback))]


def unsafe_pairs(host):
    path = next(path for path in host.tree if path.endswith(("grub.conf", "grub.cfg")))
    words = [[host.work.tool("unsafe"), "add", f"{host.dir}/{path}", word] for word in "xy"]
    return [(host.tree, words)]


def main():
    run = Sweep()
    for name in HOSTS:
        host = Host(run.work, name)
        run.case(f"pairs: {name}", lambda h=host: sweep(h, pairs_of(h)))
        run.case(f"pairs: {name}, catches the unsafe writer",
                 lambda h=host: sweep(h, unsafe_pairs(h)), caught="as no order leaves it")
    run.close()


main()
