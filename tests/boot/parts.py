# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the guests are made of: a kernel, an initramfs, and a tree with the program."""

import configparser
import contextlib
import fcntl
import glob
import lzma
import os
import re
import shutil
import subprocess
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SRCDIR = os.path.abspath(os.environ.get("srcdir", os.path.join(HERE, "../..")))
BUILDDIR = os.path.abspath(os.environ.get("builddir", os.path.join(SRCDIR, "build")))
PATH = os.environ["PATH"] + ":/usr/local/sbin:/usr/sbin:/sbin"
MODULES = ["ahci", "sd_mod", "virtio_pci", "virtio_blk", "crc32c_generic", "ext4", "xfs",
           "nls_cp437", "nls_ascii", "nls_iso8859-1", "nls_utf8", "vfat",
           "efivarfs"]

MACHINE_ID = "0123456789abcdef0123456789abcdef"


class Missing(Exception):
    """What a chain needs and this host has not: a reason to skip it."""


def chain_table():
    """The file chains."""
    table = configparser.ConfigParser()
    with open(HERE + "/chains", encoding="utf-8") as file:
        table.read_file(file)
    return table


def run(*command, **options):
    """Run a command; what it printed, or an exception with it."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, "PATH": PATH, "LC_ALL": "C"}, **options)
    text = done.stdout.decode(errors="replace")
    if done.returncode:
        raise RuntimeError("%s: exit %d\n%s" % (" ".join(command), done.returncode, text))
    return text


def need(*names):
    """Programs (or files, by their paths) without which a chain cannot be."""
    for name in names:
        if not (os.path.exists(name) if "/" in name else shutil.which(name, path=PATH)):
            raise Missing("%s is not installed" % name)


@contextlib.contextmanager
def locked(cache):
    """One at a time, of this process and of others."""
    with open(cache + "/lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def remove_unlocked(place):
    """A run's directory, if the run is over."""
    try:
        handle = os.open(place, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(place, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(handle)


class Workplace:
    """A directory of this run alone, since several may go on at once, and one that all share
    for what they download. The former goes with its run; if kept, with the next run."""

    def __init__(self, place):
        self.cache = os.path.join(place, "cache")
        os.makedirs(self.cache, exist_ok=True)
        with locked(self.cache):
            for old in glob.glob(place + "/run-*"):
                remove_unlocked(old)
            self.own = tempfile.mkdtemp(prefix="run-", dir=place)
            self.kept = False
            self.handle = os.open(self.own, os.O_RDONLY)
            fcntl.flock(self.handle, fcntl.LOCK_EX)

    def keep(self):
        self.kept = True
        return self.own

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if not self.kept:
            shutil.rmtree(self.own)
        os.close(self.handle)


# --- from packages that are not installed, only unpacked

def fetch(cache, package):
    """Download and unpack a package, once. The directory with its files."""
    place = os.path.join(cache, package)
    with locked(cache):
        if not os.path.exists(place + ".stamp"):
            fetch_anew(place, package)
    return place


def fetch_anew(place, package):
    need("apt-get", "dpkg-deb")
    shutil.rmtree(place, ignore_errors=True)
    os.makedirs(place)
    try:
        download(place, package)
    except RuntimeError as problem:
        raise Missing("%s cannot be downloaded: %s"
                      % (package, str(problem).strip().split("\n")[-1])) from problem
    for deb in glob.glob(place + "/*.deb"):
        run("dpkg-deb", "-x", deb, place)
        os.unlink(deb)
    open(place + ".stamp", "w", encoding="ascii").close()


def download(place, package):
    try:
        run("apt-get", "download", package, cwd=place)
    except RuntimeError:
        if os.geteuid() != 0:
            raise
        run("apt-get", "update")
        run("apt-get", "download", package, cwd=place)


class Kernel:
    """Debian's stock kernel: version, image, config, modules."""

    def __init__(self, cache):
        self.place = fetch(cache, kernel_package(cache))
        self.image = glob.glob(self.place + "/boot/vmlinuz-*")[0]
        self.version = os.path.basename(self.image)[len("vmlinuz-"):]
        self.config = self.place + "/boot/config-" + self.version
        self.files = {}
        for path in glob.glob(self.place + "/**/lib/modules/*/kernel/**/*.ko*", recursive=True):
            name = re.sub(r"\.ko(\.xz)?$", "", os.path.basename(path))
            self.files[name.replace("-", "_")] = path

    def module(self, name):
        with open(self.files[name], "rb") as file:
            data = file.read()
        return lzma.decompress(data) if self.files[name].endswith(".xz") else data

    def modules(self, names):
        """The modules and those that they need, in the order of loading: name to bytes."""
        found = {}
        for name in names:
            name = name.replace("-", "_")
            if name in found or name not in self.files: # what is missing is built in
                continue
            data = self.module(name)
            needs = re.search(rb"\0depends=([^\0]*)\0", b"\0" + data).group(1).decode()
            found.update({n: d for n, d in self.modules(needs.split(",")).items()
                          if n not in found})
            found[name] = data
        return found


def kernel_package(cache):
    """The name of the package that linux-image-amd64 stands for."""
    known = sorted(glob.glob(cache + "/linux-image-*.stamp"))
    if known:
        return os.path.basename(known[-1])[:-len(".stamp")]
    need("apt-cache")
    return kernel_of(run("apt-cache", "depends", "linux-image-amd64"))


def kernel_of(text):
    """The same, from what "apt-cache depends" says of it."""
    names = re.findall(r"Depends: (linux-image-[0-9]\S+)", text)
    if not names:
        raise Missing("no package linux-image-amd64 is known to apt")
    return names[0]


# --- trees

class Tree:
    """A directory that becomes a guest's file system."""

    def __init__(self, place):
        self.place = place
        os.makedirs(place, exist_ok=True)

    def path(self, name):
        full = self.place + "/" + name.lstrip("/")
        os.makedirs(os.path.dirname(full), exist_ok=True)
        return full

    def text(self, name, text, mode=0o644):
        with open(self.path(name), "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(self.path(name), mode)

    def copy(self, source, name=None, mode=None):
        shutil.copyfile(source, self.path(name or source))
        os.chmod(self.path(name or source), mode or os.stat(source).st_mode & 0o777)

    def link(self, target, name):
        os.symlink(target, self.path(name))

    def libraries(self, program):
        """The libraries that a program of this host or tree loads."""
        for path in re.findall(r"(/\S+) \(0x", run("ldd", program)):
            if not os.path.exists(self.path(path)):
                self.copy(path, mode=0o755)

    def program(self, name):
        """A program of this host, with its libraries."""
        need(name)
        path = shutil.which(name, path=PATH)
        self.copy(path, mode=0o755)
        with open(path, "rb") as file:
            if file.read(4) == b"\x7fELF":
                self.libraries(path)


def usr_merged(place):
    """A tree with the usual directories, those of / leading to /usr."""
    tree = Tree(place)
    for name in ("bin", "sbin", "lib", "lib64"):
        os.makedirs("%s/usr/%s" % (place, name))
        tree.link("usr/" + name, name)
    for name in ("proc", "sys", "dev", "run", "tmp", "root", "boot", "etc", "var/lib"):
        os.makedirs("%s/%s" % (place, name))
    return tree


def initramfs(kernel, work, fs):
    """The file with a busybox, the modules for disk and file systems, and its init."""
    need("busybox")
    name = "%s/initrd-%s" % (work, fs)
    tree = Tree(name + ".d")
    for place in ("proc", "sys", "dev", "new"):
        os.mkdir("%s/%s" % (tree.place, place))
    tree.copy(static_busybox(), "bin/busybox", 0o755)
    tree.copy(HERE + "/guest/initramfs-init", "init", 0o755)
    modules = kernel.modules(m for m in MODULES if fs == "xfs" or m != "xfs")
    for module, data in modules.items():
        tree.text("modules/" + module, data)
    tree.text("modules/order", "".join(m + "\n" for m in modules))
    tree.text("root-type", "ext4" if fs == "ext3" else fs)
    run("sh", "-c", "find . | busybox cpio -o -H newc -R 0:0 >../initrd.new", cwd=tree.place)
    os.rename(work + "/initrd.new", name)
    shutil.rmtree(tree.place)
    return name


def static_busybox():
    path = shutil.which("busybox", path=PATH)
    if "statically linked" not in subprocess.run(
            ["ldd", path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env={**os.environ, "LC_ALL": "C"}, check=False).stdout.decode().replace(
                "not a dynamic executable", "statically linked"):
        raise Missing("busybox is not a static one (busybox-static)")
    return path


def install_program(tree):
    """What "make install" does. The program's path."""
    run("make", "-C", BUILDDIR, "-s", "install", "DESTDIR=" + tree.place)
    return glob.glob(tree.place + "/usr/**/sbin/iommuctl", recursive=True)[0]


def add_harness(tree):
    """The harness's own things, in a directory of their own, so that the system has no shell
    that it did not bring."""
    tree.copy(static_busybox(), "harness/bin/busybox", 0o755)
    for applet in run("busybox", "--list").split():
        if applet != "busybox":
            tree.link("busybox", "harness/bin/" + applet)
    tree.copy(HERE + "/guest/init", "harness/init", 0o755)


def system(place, work):
    """The tree that every chain begins with: the installed program and the harness."""
    tree = usr_merged(place)
    tree.libraries(install_program(tree))
    add_harness(tree)
    shim = work + "/cut.so"
    if os.path.exists(shim):
        tree.copy(shim, "harness/cut.so", 0o755)
        tree.libraries(shim)
    tree.text("etc/machine-id", MACHINE_ID + "\n")
    tree.text("etc/os-release", 'ID=debian\nNAME="Debian GNU/Linux"\n')
    tree.text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
    return tree


GENERATOR = """dash cat cp mv rm ls mkdir mktemp chmod chown cut tr sort head tail uname id basename
    dirname readlink realpath stat expr test [ printf echo date uniq wc touch paste tac true
    false sed mawk grep egrep fgrep which gettext find ln grub-mkconfig grub-probe
    grub-mkrelpath grub-script-check grub-file grub-editenv""".split()


def add_generator(tree):
    """The real grub-mkconfig and what its scripts call."""
    for name in GENERATOR:
        tree.program(name)
    tree.link("dash", "usr/bin/sh")
    tree.link("mawk", "usr/bin/awk")
    for path in run("dpkg", "-L", "grub-common").split():
        if re.match("/etc/grub.d/|/usr/(share|lib)/grub/grub-mkconfig_lib", path):
            if os.path.isfile(path):
                tree.copy(os.path.realpath(path), path)
