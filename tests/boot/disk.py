# SPDX-License-Identifier: LGPL-2.1-or-later
"""Disk images with a boot loader on them, made without root and without a loop device."""

import os

from parts import HERE, fetch, need, run

MIB = 1 << 20
UUIDS = {"ext3": "0f9d7c1a-93a4-4d5e-8a3b-6c2f1e0d4b3a",
         "ext4": "1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9",
         "xfs": "2b3c4d5e-6f70-4182-93a4-b5c6d7e8f901"}
ESP, ESP_SIZE, ESP_SERIAL = "/boot/efi", 96, "1234ABCD"
SIZES = {"ext3": 160, "ext4": 160, "xfs": 320} # XFS is not made smaller than 300 MB
GRUB_MODULES = """part_msdos part_gpt ext2 xfs fat normal linux search search_fs_uuid
    search_fs_file configfile echo test minicmd ls loadenv gzio""".split()


def place_at(image, part, offset):
    run("dd", "if=" + part, "of=" + image, "bs=1M", "seek=%d" % (offset // MIB),
        "conv=notrunc,sparse", "status=none")
    os.unlink(part)


def blank(name, mib):
    with open(name, "wb") as file:
        file.truncate(mib * MIB)


def make_root(tree, image, fs, size):
    """A file system with the tree in it."""
    blank(image, size)
    if fs == "xfs":
        need("mkfs.xfs")
        proto = image + ".proto"
        with open(proto, "w", encoding="utf-8") as file:
            file.write("/dev/null\n0 0\n" + xfs_proto(tree.place))
        run("mkfs.xfs", "-q", "-f", "-m", "uuid=" + UUIDS[fs], "-p", proto, image)
        os.unlink(proto)
        return
    options = ["-t", fs, "-U", UUIDS[fs], "-E", "root_owner=0:0"]
    if fs == "ext3": # GRUB legacy knows small inodes only
        options += ["-I", "128", "-O", "^resize_inode,^dir_index"]
    run("mke2fs", "-q", "-F", *options, "-d", tree.place, image)
    if os.geteuid() != 0:
        give_to_root(tree.place, image)


def give_to_root(place, image):
    """Unprivileged, mke2fs kept the caller as the owner of everything."""
    lines = []
    for here, dirs, files in os.walk(place):
        for name in dirs + files:
            inside = os.path.relpath(os.path.join(here, name), place)
            lines += ["sif /%s uid 0" % inside, "sif /%s gid 0" % inside]
    run("debugfs", "-w", "-f", "-", image, input=("\n".join(lines) + "\n").encode())


def xfs_proto(place, name="", depth=0):
    """The tree in the words of mkfs.xfs, everything root's."""
    path = place + name
    mode = os.lstat(path).st_mode & 0o7777
    word = os.path.basename(name)
    if os.path.islink(path):
        return "%s l--777 0 0 %s\n" % (word, os.readlink(path))
    bits = "%s%s%03o 0 0" % ("u" if mode & 0o4000 else "-", "g" if mode & 0o2000 else "-",
                             mode & 0o777)
    if os.path.isdir(path):
        inside = "".join(xfs_proto(place, name + "/" + n, depth + 1)
                         for n in sorted(os.listdir(path)))
        return "%s d%s\n%s$\n" % (word, bits, inside)
    return "%s -%s %s\n" % (word, bits, path)


def make_esp(tree, image, mib):
    """The EFI system partition: what the tree holds in the directory where it is mounted."""
    need("mkfs.vfat", "mcopy")
    blank(image, mib)
    run("mkfs.vfat", "-F", "32", "-i", ESP_SERIAL, "-n", "ESP", image)
    for name in sorted(os.listdir(tree)):
        run("mcopy", "-s", "-i", image, os.path.join(tree, name), "::/")


# --- the loaders

def add_grub_legacy(tree, cache):
    files = fetch(cache, "grub-legacy")
    for name in ("stage1", "stage2", "e2fs_stage1_5"):
        tree.copy("%s/usr/lib/grub/x86_64-pc/%s" % (files, name), "boot/grub/" + name)
    tree.text("boot/grub/device.map", "(hd0)\t/dev/sda\n")


def install_grub_legacy(image, cache):
    grub = fetch(cache, "grub-legacy")
    device_map = image + ".map"
    with open(device_map, "w", encoding="utf-8") as file:
        file.write("(hd0) %s\n" % image)
    text = run(grub + "/usr/sbin/grub", "--batch", "--no-floppy", "--device-map=" + device_map,
               input=b"root (hd0,0)\nsetup (hd0)\nquit\n")
    os.unlink(device_map)
    if "succeeded" not in text or "Error" in text:
        raise RuntimeError("GRUB legacy does not install itself:\n" + text)


def add_grub2(tree, target):
    need("grub-mkimage", "/usr/lib/grub/%s/normal.mod" % target)
    for name in os.listdir("/usr/lib/grub/" + target):
        if name.endswith((".mod", ".lst")):
            tree.copy("/usr/lib/grub/%s/%s" % (target, name), "boot/grub/%s/%s" % (target, name))


def install_grub2_bios(image):
    core = image + ".core"
    run("grub-mkimage", "-O", "i386-pc", "-p", "(hd0,msdos1)/boot/grub", "-o", core, "biosdisk",
        *GRUB_MODULES)
    with open("/usr/lib/grub/i386-pc/boot.img", "rb") as file:
        boot = file.read(440)
    with open(core, "rb") as file:
        rest = file.read()
    with open(image, "r+b") as file:
        file.write(boot)
        file.seek(512)
        file.write(rest)
    os.unlink(core)


def make(chain, tree, image, cache):
    """The whole disk of a chain, from its tree."""
    need("sfdisk", "mke2fs", "grub-mkimage")
    fs, efi = chain["fs"], chain["firmware"] == "efi"
    size = chain.getint("size", SIZES[fs])
    esp_size = ESP_SIZE if efi else 0
    blank(image, size + esp_size + 2)
    if efi:
        table = "label: gpt\nstart=1MiB, size=%dMiB, type=U\nsize=%dMiB, type=L\n" % (
            esp_size, size)
    else:
        table = "label: dos\nstart=1MiB, size=%dMiB, type=83, bootable\n" % size
    run("sfdisk", "-q", image, input=table.encode())
    if efi:
        make_esp(tree.place + ESP, image + ".esp", esp_size)
        place_at(image, image + ".esp", MIB)
        os.rename(tree.place + ESP, image + ".esp.d") # the root has the mount point alone
        os.mkdir(tree.place + ESP)
    make_root(tree, image + ".root", fs, size)
    place_at(image, image + ".root", MIB * (1 + esp_size))
    if efi:
        os.rename(image + ".esp.d", tree.place + ESP)
    if chain["loader"] == "grub-legacy":
        install_grub_legacy(image, cache)
    elif chain["loader"] == "grub2" and not efi:
        install_grub2_bios(image)


def add_loader(chain, tree, cache, words):
    """What the loader needs inside the file systems. "words": what a template may name."""
    loader, efi = chain["loader"], chain["firmware"] == "efi"
    if loader == "grub-legacy":
        add_grub_legacy(tree, cache)
    elif loader == "grub2":
        add_grub2(tree, "x86_64-efi" if efi else "i386-pc")
    if loader == "grub2" and efi:
        stub = fill(HERE + "/files/esp-grub.cfg", words)
        tree.text(ESP + "/EFI/debian/grub.cfg", stub)
        run("grub-mkimage", "-O", "x86_64-efi", "-p", "/EFI/debian", "-o",
            tree.path(ESP + "/EFI/BOOT/BOOTX64.EFI"), *GRUB_MODULES)
    elif loader == "systemd-boot":
        stub = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi"
        need(stub)
        tree.copy(stub, ESP + "/EFI/BOOT/BOOTX64.EFI")
        tree.copy(stub, ESP + "/EFI/systemd/systemd-bootx64.efi")
    elif loader not in ("grub-legacy", "grub2"):
        raise RuntimeError("no loader is called " + loader)


def fill(template, words):
    """A template's text with its @NAME@s filled in."""
    with open(template, encoding="utf-8") as file:
        return fill_text(file.read(), words)


def fill_text(text, words):
    for name, value in words.items():
        text = text.replace("@%s@" % name, value)
    return text
