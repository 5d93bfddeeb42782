# SPDX-License-Identifier: LGPL-2.1-or-later
"""One virtual machine: started, watched by a clock, and what it told."""

import os
import shutil
import signal
import subprocess
import time

from parts import PATH, need

OVMF = "/usr/share/OVMF/OVMF_%s_4M.fd"
SCALE = float(os.environ.get("TIMEOUT_SCALE", "1"))


def patience():
    """What a time limit is stretched by: told by the caller, or more than the processors do."""
    return SCALE * max(1, os.getloadavg()[0] / (os.cpu_count() or 1))


class Boot:
    """What one boot of a guest told: its steps, each a list of (word, rest of the line)."""

    def __init__(self, number):
        self.number = number
        self.steps = []   # (text of the step, facts)
        self.ended = None # "reboot" or "off", where it came so far

    def finished(self):
        """The steps that were done to their end."""
        return [(text, facts) for text, facts in self.steps if ("done", "") in facts]


def parse(text):
    """The boots in what came over the facts' serial line."""
    boots = []
    for line in text.replace("\r", "").split("\n"):
        word, _, rest = line.partition(" ")
        if word == "boot":
            boots.append(Boot(int(rest)))
        elif boots and word == "step":
            boots[-1].steps.append((rest, []))
        elif boots and word in ("reboot", "off"):
            boots[-1].ended = word
        elif boots and boots[-1].steps and line:
            boots[-1].steps[-1][1].append((word, rest))
    return boots


class Guest:
    """A disk, a machine and a tape (see guest/init); logs beside the disk."""

    def __init__(self, chain, image, tape):
        need("qemu-system-x86_64")
        self.image = image
        self.console = image + ".console"
        self.facts = image + ".facts"
        self.cpu_seconds = 0
        self.command = ["qemu-system-x86_64", "-accel", "tcg", "-m", chain.get("memory", "512"),
                        "-nodefaults", "-nographic", "-display", "none", "-nic", "none",
                        "-serial", "file:" + self.console, "-serial", "file:" + self.facts]
        self.command += chain["qemu"].split()
        if chain["firmware"] == "efi":
            need(OVMF % "CODE", OVMF % "VARS")
            shutil.copyfile(OVMF % "VARS", image + ".vars")
            self.command += [
                "-drive", "if=pflash,format=raw,readonly=on,file=" + OVMF % "CODE",
                "-drive", "if=pflash,format=raw,file=%s.vars" % image]
        cache = "writeback" if chain.getboolean("cuts") else "unsafe"
        self.write_tape(tape)
        self.command += [
            "-drive", "if=none,id=disk,format=raw,file=%s,cache=%s" % (image, cache),
            "-device", "ide-hd,bus=ide.0,drive=disk",
            "-drive", "if=none,id=tape,format=raw,file=%s.tape,cache=unsafe" % image,
            "-device", "virtio-blk-pci,drive=tape"]

    def write_tape(self, steps):
        lines = "".join("%d %s\n" % step for step in steps)
        with open(self.image + ".tape", "wb") as file:
            file.write(b"TAPE 1\n".ljust(512, b"\0") + lines.encode().ljust(65536, b"\0"))

    def read(self, name):
        try:
            with open(name, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def run(self, seconds, mark=None):
        """Run until it switches itself off, or tells a mark. None, or what went wrong."""
        for name in (self.console, self.facts):
            if os.path.exists(name):
                os.unlink(name)
        process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env={**os.environ, "PATH": PATH})
        try:
            return self.watch(process, seconds, mark)
        finally:
            os.kill(process.pid, signal.SIGKILL) # not yet waited for, so it is still that one
            process.stderr.close()
            _, process.returncode, usage = os.wait4(process.pid, 0)
            self.cpu_seconds += usage.ru_utime + usage.ru_stime

    def watch(self, process, seconds, mark):
        began = time.monotonic()
        while True:
            exited = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if mark and "\n" + mark in self.read(self.facts):
                return None
            if exited and exited.si_status:
                return "QEMU: exit %d: %s" % (exited.si_status,
                                              process.stderr.read().decode(errors="replace"))
            if exited:
                return "it went off before " + mark if mark else None
            if "Kernel panic" in self.read(self.console):
                return "the kernel panicked"
            if "grub> " in self.read(self.console):
                return "the loader starts nothing and asks at its prompt"
            if time.monotonic() - began > seconds * patience():
                return "not done after %d seconds" % (time.monotonic() - began)
            time.sleep(0.05)

    def boots(self):
        return parse(self.read(self.facts))

    def last_lines(self):
        lines = self.read(self.console).replace("\r", "").split("\n")
        printable = ["".join(c if c.isprintable() or c == "\t" else "?" for c in line)[:160]
                     for line in lines]
        return printable[-30:]
