# SPDX-License-Identifier: LGPL-2.1-or-later
"""Virtual machines: started, watched by a clock, and what they told."""

import os
import re
import shutil
import signal
import subprocess
import time

from parts import PATH, need

OVMF = "/usr/share/OVMF/OVMF_%s_4M.fd"
SCALE = float(os.environ.get("TIMEOUT_SCALE", "1"))
TAPE_SIZE = 16384
DEAD_ENDS = { # what stands on the console, and what that means: there is nothing to wait for
    "Kernel panic": "the kernel panicked",
    "grub> ": "the loader starts nothing and asks at its prompt",
    "Failed to boot both default": "the loader cannot start its entries and shows its menu",
    "\nError 15: File not found": "the loader does not find a file and waits for a key",
}


class Timer:
    """Counts seconds as if the processors had nothing else to do, and slower if told so."""

    def __init__(self):
        self.spent = 0
        self.began = self.last = time.monotonic()

    def seconds(self):
        now = time.monotonic()
        busy = max(1, os.getloadavg()[0] / (os.cpu_count() or 1))
        self.spent += (now - self.last) / busy / SCALE
        self.last = now
        return self.spent


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


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


class Machine:
    """A virtual machine with two serial lines: the console, and one for facts."""

    def __init__(self, base, memory="512"):
        need("qemu-system-x86_64")
        self.console = base + ".console"
        self.facts = base + ".facts"
        self.cpu_seconds = 0
        self.command = ["qemu-system-x86_64", "-accel", "tcg", "-m", memory, "-nodefaults",
                        "-nographic", "-display", "none", "-no-reboot"]
        for line, log in (("console", self.console), ("facts", self.facts)):
            self.command += ["-chardev", "file,append=on,id=%s,path=%s" % (line, log),
                             "-serial", "chardev:" + line]

    def run(self, seconds, mark=None):
        """Run until it switches itself off, or tells a mark. None, or what went wrong.

        Each boot has a QEMU of its own. In one that goes on, memory that held code is slow to
        write, and the next loader needs up to a minute and a half for its initrd."""
        for name in (self.console, self.facts):
            if os.path.exists(name):
                os.unlink(name)
        timer, starts, problem = Timer(), 0, None
        while not problem and starts == self.reboots():
            starts += 1
            problem = self.start(timer, seconds, mark)
        return problem

    def reboots(self):
        return len(re.findall(r"^reboot\r?$", read(self.facts), re.M))

    def start(self, timer, seconds, mark):
        process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env={**os.environ, "PATH": PATH})
        try:
            return self.watch(process, timer, seconds, mark)
        finally:
            os.kill(process.pid, signal.SIGKILL) # not yet waited for, so it is still that one
            process.stderr.close()
            _, process.returncode, usage = os.wait4(process.pid, 0)
            self.cpu_seconds += usage.ru_utime + usage.ru_stime

    def watch(self, process, timer, seconds, mark):
        while True:
            exited = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if mark and "\n" + mark in read(self.facts):
                return None
            for sign, meaning in DEAD_ENDS.items():
                if sign in read(self.console):
                    return meaning
            if exited and exited.si_status:
                return "QEMU: exit %d: %s" % (exited.si_status,
                                              process.stderr.read().decode(errors="replace"))
            if exited:
                return "it went off before " + mark if mark else None
            if timer.seconds() > seconds:
                return "not done after %d seconds" % (time.monotonic() - timer.began)
            time.sleep(0.05)

    def last_lines(self):
        """Of the console, those with something in them, without what only moves the cursor."""
        text = re.sub(r"\x1b(c|\[[0-9;?=]*[A-Za-z])|\r", "", read(self.console))
        lines = [re.sub(" {3,}", "  ", line) for line in text.split("\n") if line.strip()]
        return ["".join(c if c.isprintable() or c == "\t" else "?" for c in line)[:160]
                for line in lines[-30:]]


class Guest(Machine):
    """A machine with a chain's disk, and with a tape for guest/init; logs beside the disk."""

    def __init__(self, chain, image, tape):
        super().__init__(image, chain.get("memory", "512"))
        self.image = image
        self.write_tape(tape)
        self.command += ["-nic", "none"] + chain["qemu"].split()
        if chain["firmware"] == "efi":
            need(OVMF % "CODE", OVMF % "VARS")
            shutil.copyfile(OVMF % "VARS", image + ".vars")
            self.command += [
                "-drive", "if=pflash,format=raw,readonly=on,file=" + OVMF % "CODE",
                "-drive", "if=pflash,format=raw,file=%s.vars" % image]
        cache = "writeback" if chain.getboolean("cuts") else "unsafe"
        self.command += [
            "-drive", "if=none,id=disk,format=raw,file=%s,cache=%s" % (image, cache),
            "-device", "ide-hd,bus=ide.0,drive=disk",
            "-drive", "if=none,id=tape,format=raw,file=%s.tape,cache=unsafe" % image,
            "-device", "virtio-blk-pci,drive=tape"]

    def write_tape(self, steps):
        lines = "".join("%d %s\n" % step for step in steps).encode()
        if len(lines) > TAPE_SIZE - 512:
            raise RuntimeError("more steps than the tape holds")
        with open(self.image + ".tape", "wb") as file:
            file.write(b"TAPE 1\n".ljust(512, b"\0") + lines.ljust(TAPE_SIZE - 512, b"\0"))

    def boots(self):
        return parse(read(self.facts))
