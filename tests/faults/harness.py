# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the sweeps share: hosts laid out as trees in memory, runs of the program on them,
the rules that a tree is judged by, and TAP.

Nothing here believes what the program says: a verdict comes from the files' bytes and
metadata and from the exit code alone.
"""
import atexit
import collections
import ctypes
import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import traceback

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
FULL = "full" in sys.argv[1:]
STATE = "var/lib/iommuctl"
NOT_OURS = {"lost+found", "busy"} # mkfs made it; another writer is at work there
SEED = 20261123
# What a child gets: always the same, so that every run makes the same calls.
CLEAN = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"}

Node = collections.namedtuple("Node", "kind mode owner xattrs data")
Ended = collections.namedtuple("Ended", "code out err")
Call = collections.namedtuple("Call", "process number nth name result args")
"""The NTH call NUMBER (NAME) of a process."""


class Skip(Exception):
    """A case that cannot run here, and why."""


# --- trees

def is_temporary(path):
    name = os.path.basename(path)
    return name.startswith(".") and name.endswith(".iommuctl")


def read_node(path):
    st = os.lstat(path)
    mode, owner = stat.S_IMODE(st.st_mode), (st.st_uid, st.st_gid)
    if stat.S_ISLNK(st.st_mode):
        return Node("link", 0, owner, (), os.readlink(path))
    try:
        xattrs = tuple((name, os.getxattr(path, name)) for name in sorted(os.listxattr(path)))
    except OSError:
        xattrs = ()
    if stat.S_ISDIR(st.st_mode):
        return Node("directory", mode, owner, xattrs, None)
    if not stat.S_ISREG(st.st_mode):
        return Node("special", mode, owner, xattrs, st.st_mode)
    with open(path, "rb") as file:
        return Node("file", mode, owner, xattrs, file.read())


def read_tree(top):
    """{path below TOP: Node} of all there is."""
    tree, todo = {}, [""]
    while todo:
        below = todo.pop()
        for entry in sorted(os.listdir(os.path.join(top, below))):
            path = os.path.join(below, entry)
            if path in NOT_OURS:
                continue
            tree[path] = read_node(os.path.join(top, path))
            if tree[path].kind == "directory":
                todo.append(path)
    return tree


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)


def write_node(path, node):
    if node.kind == "link":
        os.symlink(node.data, path)
        return
    if node.kind == "directory":
        os.mkdir(path)
    else:
        with open(path, "wb") as file:
            file.write(node.data)
    if os.geteuid() == 0:
        os.chown(path, *node.owner)
    for name, value in node.xattrs:
        os.setxattr(path, name, value)
    os.chmod(path, node.mode)


def write_tree(top, tree, now=None):
    """Make TOP, which holds NOW, hold TREE and nothing else, with as few calls as may be."""
    now = read_tree(top) if now is None else now
    if any(now.get(path) != node for path, node in tree.items() if path.startswith(STATE)) or \
            any(path.startswith(STATE) and path not in tree for path in now):
        # anew as a whole: the order of its entries is then the same each time
        if STATE in now:
            remove(os.path.join(top, STATE))
        now = {path: node for path, node in now.items() if not path.startswith(STATE)}
    for path in sorted(now):
        if path not in tree or now[path].kind != tree[path].kind:
            if os.path.lexists(os.path.join(top, path)):
                remove(os.path.join(top, path))
    for path in sorted(tree):
        if now.get(path) == tree[path]:
            continue
        full = os.path.join(top, path)
        if tree[path].kind == "directory" and path in now:
            os.chmod(full, tree[path].mode)
            continue
        if os.path.lexists(full):
            remove(full)
        write_node(full, tree[path])


def plain(tree):
    """Without the program's own directory, and without temporary files."""
    return {path: node for path, node in tree.items()
            if not (path + "/").startswith(STATE + "/") and not is_temporary(path)}


def temporaries(tree):
    return sorted(path for path in tree if is_temporary(path))


def differences(tree, wanted):
    """The paths in which two trees differ, in words."""
    found = []
    for path in sorted(set(tree) | set(wanted)):
        a, b = tree.get(path), wanted.get(path)
        if a == b:
            continue
        if a is None or b is None:
            found.append(f"{path} {'is missing' if a is None else 'is there'}")
            continue
        what = [field for field in Node._fields if getattr(a, field) != getattr(b, field)]
        found.append(f"{path} differs in {', '.join(what)}")
    return found


def mixed(tree, *wholes):
    """Where TREE, path by path, is as none of WHOLES has it; [] is what must hold."""
    found = []
    for path in sorted(set(tree).union(*wholes)):
        if all(tree.get(path) != whole.get(path) for whole in wholes):
            node = tree.get(path)
            size = "" if node is None or node.kind != "file" else f", {len(node.data)} bytes"
            found.append(f"{path} is neither old nor new ({node and node.kind}{size})")
    return found


# --- the state directory, read by nobody but us

def manifests(tree):
    """{generation: manifest, or None where there is none}"""
    found = {}
    for path, node in tree.items():
        name = os.path.basename(path)
        if os.path.dirname(path) == STATE and node.kind == "directory" and name.isdigit():
            text = tree.get(path + "/manifest.json")
            found[name] = json.loads(text.data) if text else None
    return found


def is_armed(tree):
    return any(m and m["state"] == "armed" for m in manifests(tree).values())


def unsettled(tree):
    """What a writing run that ended well must not have left there."""
    found = []
    for name, manifest in manifests(tree).items():
        if not manifest:
            found.append(f"left generation {name} without a manifest")
            continue
        if manifest["state"] not in ("committed", "undone"):
            found.append(f"left generation {name} {manifest['state']}")
        for row in manifest["files"]:
            copy = tree.get(f"{STATE}/{name}/files{row['path']}")
            if row["before"] and (not copy or hashlib.sha256(copy.data).hexdigest() !=
                                  row["before"]["sha256"]):
                found.append(f"left generation {name} without a good copy of {row['path']}")
    found += [f"left {path}" for path in tree
              if path.startswith(STATE + "/") and "/manifest.json." in path]
    return found


# --- hosts

def edit(tree, path, old, new):
    """Every OLD in a file becomes NEW."""
    node = tree[path]
    if old.encode() not in node.data:
        raise ValueError(f"{old!r} is not in {path}")
    tree[path] = node._replace(data=node.data.replace(old.encode(), new.encode()))


def dress(tree, paths):
    """Metadata that nobody would give them by chance."""
    for path in paths:
        mode, owner = 0o640, (12, 34) if os.geteuid() == 0 else tree[path].owner
        tree[path] = tree[path]._replace(mode=mode, owner=owner,
                                         xattrs=(("user.iommuctl", b"kept\0too"),))


def legacy(tree):
    dress(tree, ["boot/grub/grub.conf"])


def grub2(tree):
    """The flag is off in two files of the defaults, so that three files have to change."""
    off = " intel_iommu=off"
    edit(tree, "etc/default/grub", "quiet splash", "quiet splash" + off)
    edit(tree, "etc/default/grub.d/10-kdump.cfg", "512M-:192M", "512M-:192M" + off)
    edit(tree, "boot/grub/grub.cfg", "quiet splash", "quiet splash" + off)
    edit(tree, "boot/grub/grub.cfg", "512M-:192M", "512M-:192M" + off)
    dress(tree, ["etc/default/grub", "etc/default/grub.d/10-kdump.cfg", "boot/grub/grub.cfg"])


HOSTS = {"rhel6-bios": legacy, "ubuntu-dropins": grub2}


class Host:
    """A fixture laid out at DIR, and the program with it as --root."""

    def __init__(self, work, name, top=None):
        fixture = os.path.join(TOP, "fixtures", name)
        laid = os.path.join(work.dir, "laid")
        subprocess.run([os.path.join(TOP, "tests/cli/lay"), name, laid], check=True)
        self.work, self.name = work, name
        self.tree = read_tree(laid)
        remove(laid)
        HOSTS[name](self.tree)
        self.dir = top or os.path.join(work.dir, name)
        os.makedirs(self.dir, exist_ok=True)
        try:
            write_tree(self.dir, self.tree)
        except OSError: # no attributes of users' own on this file system
            self.tree = {path: node._replace(xattrs=()) for path, node in self.tree.items()}
            write_tree(self.dir, self.tree)
        with open(os.path.join(fixture, "platform"), encoding="ascii") as file:
            platform = file.read().strip()
        self.options = ["--root", self.dir, "--platform",
                        os.path.join(TOP, "fixtures/platforms", platform), "--boot-in-root"]
        self.known = {}
        self.now = None # the tree as it is, where that is known
        self.judged = {} # what the next run had to say of a tree

    def command(self, *words):
        return [self.work.program, *self.options, *words]

    def put(self, tree):
        write_tree(self.dir, tree, self.now)
        self.now = None # a run comes next

    def get(self):
        self.now = read_tree(self.dir)
        return self.now

    def result(self, tree, command):
        """What COMMAND makes of TREE when nothing disturbs it."""
        key = (id(tree), tuple(command))
        if key not in self.known:
            self.put(tree)
            ended = run(command)
            if ended.code != 0:
                raise RuntimeError(f"{' '.join(command)}: exit {ended.code}: {ended.err}")
            self.known[key] = (tree, self.get()) # tree is kept so that its id stays its own
        return self.known[key][1]


Operation = collections.namedtuple("Operation", "name start command old new wholes then")
"""START is put down and COMMAND runs, which must come to NEW or, failing, to OLD. Cut off,
it may leave each file as one of WHOLES has it, and the commands of THEN must make of that
what they make of one of WHOLES: {command: such trees}. All but START are plain trees."""


def operation(host, name, start, command, then, wholes=None):
    new = host.result(start, command)
    wholes = wholes or (start, new)
    return Operation(name, start, command, plain(wholes[0]), plain(new),
                     [plain(tree) for tree in (*wholes, new)],
                     [(words, [plain(host.result(tree, words)) for tree in wholes])
                      for words in then])


def operations(host):
    """enable, disable, rollback, and enable and disable where an enable was killed."""
    command = {word: host.command(word) for word in ("enable", "disable", "rollback")}
    then = list(command.values())
    off = host.tree
    on = host.result(off, command["enable"])
    found = [operation(host, "enable", off, command["enable"], then),
             operation(host, "disable", on, command["disable"], then),
             operation(host, "rollback", on, command["rollback"], then)]
    torn = interrupted(host, off, command["enable"])
    for word in ("enable", "disable"):
        found.append(operation(host, f"{word} after a killed enable", torn, command[word],
                               then, (off, on)))
    return found


def pruning(host):
    """The first of alternate enables and disables that removes an old generation."""
    command = [host.command(word) for word in ("enable", "disable")]
    tree = host.tree
    for turn in range(100):
        after = host.result(tree, command[turn % 2])
        if set(manifests(tree)) - set(manifests(after)):
            return operation(host, f"{command[turn % 2][-1]}, which prunes", tree,
                             command[turn % 2], [*command, host.command("rollback")])
        tree = after
    raise RuntimeError("nothing is ever pruned")


def interrupted(host, start, command):
    """The tree as COMMAND leaves it, killed when as much as possible is new already."""
    for call in reversed([c for c in host.work.record(host, start, command)
                          if c.name.startswith("rename")]):
        host.work.strike(host, start, ["kill"], call, command)
        tree = host.get()
        if is_armed(tree) and plain(tree) != plain(start):
            return tree
    raise RuntimeError("no kill leaves an interrupted run")


def unsafe(host):
    """The unsafe writer with enable's work to do, as an operation."""
    off = host.tree
    new = plain(host.result(off, host.command("enable")))
    words = [host.work.tool("unsafe")]
    for path in sorted(new):
        if new[path] != off.get(path):
            text = os.path.join(host.work.dir, f"text{len(words)}")
            with open(text, "wb") as file:
                file.write(new[path].data)
            words += [os.path.join(host.dir, path), text]
    return operation(host, "unsafe", off, words, [words])


# --- running

def run(command, env=None, timeout=60):
    """A negative code is a signal, as subprocess has it."""
    done = subprocess.run(command, env=CLEAN if env is None else {**CLEAN, **env}, cwd="/",
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout,
                          check=False)
    return Ended(done.returncode, done.stdout.decode(errors="replace"),
                 done.stderr.decode(errors="replace"))


class Work:
    """A directory for one sweep, the program, and the tools in C, built there."""

    def __init__(self):
        program = os.path.abspath(os.environ.get("IOMMUCTL", "iommuctl"))
        if not os.access(program, os.X_OK):
            sys.exit("no program to test: build it, and set IOMMUCTL")
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.dir = tempfile.mkdtemp(prefix="iommuctl-faults.", dir=base)
        # a copy, which nobody builds anew meanwhile
        self.program = shutil.copy2(program, self.dir)
        shutil.copytree(os.path.join(TOP, "lenses"), os.path.join(self.dir, "lenses"))
        self.built = {}
        self.numbers = None

    def tool(self, name, *flags):
        """TOOL.c here, compiled."""
        if name not in self.built:
            out = os.path.join(self.dir, name)
            cc = os.environ.get("CC", "cc").split()
            subprocess.run([*cc, "-std=gnu99", "-D_GNU_SOURCE", "-O2", *flags, "-o", out,
                            os.path.join(HERE, name + ".c"), *(["-ldl"] if flags else [])],
                           check=True)
            self.built[name] = out
        return self.built[name]

    def call_names(self):
        if self.numbers is None:
            if os.uname().machine != "x86_64":
                raise Skip("the tracer is for x86-64")
            text = subprocess.run([*os.environ.get("CC", "cc").split(), "-E", "-dM", "-x", "c",
                                   "-include", "sys/syscall.h", "/dev/null"], check=True,
                                  capture_output=True, text=True).stdout
            self.numbers = {int(line.split()[2]): line.split()[1][5:] for line in
                            text.splitlines() if line.startswith("#define __NR_")
                            and line.split()[2].isdigit()}
        return self.numbers

    def record(self, host, start, command):
        """Every system call of an undisturbed run."""
        host.put(start)
        return self.record_here(command)

    def record_here(self, command):
        names, out = self.call_names(), os.path.join(self.dir, "calls")
        ended = run([self.tool("tracer"), "record", out, "--", *command])
        if ended.code != 0:
            raise RuntimeError(f"recording {' '.join(command)}: {ended.code}: {ended.err}")
        calls, seen = [], collections.Counter()
        with open(out, encoding="ascii") as file:
            for line in file:
                process, number, result, *args = map(int, line.split())
                seen[process, number] += 1
                calls.append(Call(process, number, seen[process, number],
                                  names.get(number, f"#{number}"), result, args))
        return calls

    def strike(self, host, start, how, call, command):
        """kill, or fail with an error, at CALL of COMMAND on START. Now and then the C
        library asks for memory once less: then it is tried again."""
        point = [str(call.process), str(call.number), str(call.nth)]
        for _ in range(50):
            host.put(start)
            ended = run([self.tool("tracer"), how[0], *point, *how[1:], "--", *command])
            if ended.code != 200:
                return ended
        raise RuntimeError(f"{call.name} {call.nth}: the point was missed: {ended.err}")

    def clear(self):
        shutil.rmtree(self.dir, ignore_errors=True)


# What changes something on disk, or makes it last.
WRITING = {"write", "pwrite64", "writev", "rename", "renameat", "renameat2", "unlink",
           "unlinkat", "mkdir", "mkdirat", "rmdir", "link", "linkat", "symlink", "symlinkat",
           "fsync", "fdatasync", "sync", "syncfs", "ftruncate", "truncate", "fallocate",
           "fchmod", "fchmodat", "chmod", "fchown", "fchownat", "chown", "setxattr",
           "fsetxattr", "lsetxattr", "removexattr", "fremovexattr", "utimensat", "mknod",
           "mknodat", "copy_file_range", "sendfile"}


def is_writing(call):
    if call.name in ("open", "openat"):
        return call.args[call.name == "openat" and 2 or 1] & (os.O_WRONLY | os.O_RDWR |
                                                              os.O_CREAT | os.O_TRUNC) != 0
    if call.name in ("write", "writev"):
        return call.args[0] > 2
    return call.name in WRITING or call.process > 0


def sample(points, share, always=lambda point: False):
    """All with "full"; else those that ALWAYS says, the first, the last, and every
    SHAREth from a place that the seed gives."""
    if FULL:
        return list(points)
    last = len(points) - 1
    return [point for i, point in enumerate(points)
            if i in (0, last) or i % share == SEED % share or always(point)]


# --- judging

def judge_whole(op, tree):
    """After a kill: every file is old or new, whole and with its metadata."""
    return mixed(plain(tree), *op.wholes)


def same_to_program(tree):
    """All of a tree but the time of day in the manifests, as a key."""
    return tuple((path, node._replace(data=re.sub(rb'("time": )"[^"]*"', rb"\1", node.data)))
                 if path.endswith("/manifest.json") else (path, node)
                 for path, node in sorted(tree.items()))


def judge_next(host, op, turn, before):
    """The next writing run ends well and leaves what it makes of all old or all new. One
    that has nothing to do may leave a rollback copy that was begun. What it makes of the
    same tree is known from the first time."""
    command, wanted = op.then[turn % len(op.then)]
    key = (op.name, turn % len(op.then), same_to_program(before))
    if key not in host.judged:
        host.judged[key] = try_next(host, command, wanted, before)
    return host.judged[key]


def try_next(host, command, wanted, before):
    ended = run(command)
    tree = host.get()
    found = [f"left {path}" for path in temporaries(tree)]
    if is_armed(before) or plain(before) != plain(tree):
        found += unsettled(tree)
    if ended.code != 0:
        found.append(f"exits {ended.code}: {ended.err.strip()}")
    if plain(tree) not in wanted:
        what = " or ".join(", ".join(differences(plain(tree), one)) for one in wanted)
        found.append(f"leaves a mixture: {what}")
    return [f"then {os.path.basename(command[-1])} {what}" for what in found]


# --- TAP

class Sweep:
    """Runs cases and prints them. A case is a function of no arguments that gives the
    number of points that it covered and the faults that it found."""

    def __init__(self):
        # Whoever ends a sweep must not be left with a frozen file system, on which every
        # sync of the machine would wait: the way out leads through Mounted's end.
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: sys.exit("ended from outside"))
        self.work = Work()
        atexit.register(self.work.clear)
        self.count = self.failed = 0

    def say(self, good, name, skip=""):
        self.count += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.count} - {name}{skip}", flush=True)

    def case(self, name, function, caught=None):
        """CAUGHT: the unsafe writer is at work, and a fault that this expression describes
        must be found."""
        try:
            points, faults = function()
        except Skip as why:
            self.say(True, name, f" # SKIP {why}")
            return
        except Exception as error: # one case that cannot go on must not end the others
            if os.environ.get("FAULTS_TRACE"):
                traceback.print_exc()
            points, faults = 0, [f"{type(error).__name__}: {error}"]
        hits = [f"caught: {line}" for line in faults if caught and re.search(caught, line)]
        good = points > 0 and (bool(hits) if caught else not faults)
        self.say(good, name)
        print(f"# covered: {points} points")
        told = hits[:1] or faults
        for line in told[:20]:
            print(f"#   {line}")
        if len(told) > 20:
            print(f"#   and {len(told) - 20} more", flush=True)

    def close(self):
        print(f"1..{self.count}")
        sys.exit(self.failed != 0)


# --- file systems of our own

def call(*words):
    """A tool of the system: what it says is why a case is skipped."""
    try:
        done = subprocess.run(words, env=CLEAN, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)
    except FileNotFoundError as why:
        raise Skip(f"{words[0]} is not here") from why
    if done.returncode != 0:
        raise Skip(f"{words[0]}: {done.stderr.strip() or done.returncode}")
    return done.stdout


def umount(path):
    """Behind a case that could run: so a failure is one."""
    done = subprocess.run(["umount", path], env=CLEAN, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        subprocess.run(["umount", "--lazy", path], env=CLEAN, check=False)
        raise RuntimeError(done.stderr.strip())


def sync(path):
    """One file system, not the machine."""
    fd = os.open(path, os.O_RDONLY)
    try:
        ctypes.CDLL(None, use_errno=True).syncfs(fd)
    finally:
        os.close(fd)


class Mounted:
    """A file system at work.dir/NAME: a tmpfs, or "ext4" or "xfs" on a loop image. It is
    thawed, whatever was killed, before it is unmounted."""

    def __init__(self, work, name, kind, size, *options, within=None):
        if os.geteuid() != 0:
            raise Skip("only root may mount")
        self.dir, self.image = os.path.join(work.dir, name), None
        os.makedirs(self.dir)
        if kind == "tmpfs":
            call("mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", self.dir)
            return
        self.image = os.path.join(within or work.dir, name + ".image")
        with open(self.image, "wb") as file:
            file.truncate(size)
        call(f"mkfs.{kind}", "-q", *options, self.image)
        call("mount", "-o", "loop", self.image, self.dir)

    def freeze(self):
        """Never anything but a loop image."""
        if self.image and os.path.ismount(self.dir):
            call("fsfreeze", "--freeze", self.dir)

    def thaw(self):
        if self.image:
            subprocess.run(["fsfreeze", "--unfreeze", self.dir], env=CLEAN, check=False,
                           capture_output=True)

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.thaw()
        umount(self.dir)
        os.rmdir(self.dir)
        if self.image:
            os.unlink(self.image)
