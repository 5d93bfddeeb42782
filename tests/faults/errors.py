#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each system call failing in turn, with each of six errors that it can give. The run
exits with 0, or 71, only if all is new; else all is old. No temporary file is left, the
message names what failed, and the next writing run makes all old or all new of it."""
import errno
import os

from harness import FULL, HOSTS, SEED, Host, Sweep, differences, is_armed, is_writing, judge_next, \
    judge_whole, operations, plain, pruning, sample, temporaries, unsafe

EXITS = {0, 64, 65, 66, 69, 70, 71, 74, 75, 77, 78}

# What can a call give? Of those that change something, and of the others.
CHANGING = "EIO ENOSPC EROFS EPERM ENOMEM"
GIVES = {
    "open openat": "EIO ENOMEM EINTR EPERM",
    "open openat to write": "EIO ENOSPC EROFS EPERM ENOMEM EINTR",
    "read pread64": "EIO EINTR ENOMEM",
    "write pwrite64 writev": "EIO ENOSPC EINTR ENOMEM",
    "close": "EIO ENOSPC EINTR",
    "fsync fdatasync syncfs": "EIO ENOSPC EROFS EINTR",
    "stat fstat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat "
    "statfs fstatfs getdents64 lseek getcwd": "EIO ENOMEM",
    "getxattr fgetxattr listxattr flistxattr": "EIO EPERM ENOMEM",
    "rename renameat renameat2 unlink unlinkat mkdir mkdirat rmdir fchmod fchown "
    "fsetxattr fremovexattr ftruncate utimensat": CHANGING,
    "flock": "EINTR ENOMEM",
    "fcntl": "EINTR ENOMEM EPERM",
    "ioctl": "EIO EPERM ENOMEM EINTR EROFS",
    "mmap mprotect munmap mremap brk": "ENOMEM", # see is_memory
    "clone clone3 fork vfork": "ENOMEM",
    "wait4 waitid poll ppoll select pselect6 nanosleep clock_nanosleep": "EINTR",
    "socket connect sendto sendmsg": "EPERM ENOMEM EINTR",
    "mlock mlockall": "ENOMEM EPERM",
    "pipe pipe2 dup3 socketpair signalfd4 timerfd_create": "ENOMEM",
    "getrandom": "EINTR",
    "kill prctl": "EPERM",
}
TABLE = {name: errors.split() for names, errors in GIVES.items() for name in names.split()}
TO_WRITE = TABLE["write"], GIVES["open openat to write"].split()
# They end the process, begin it, or have no way to fail.
NEVER = set("""arch_prctl set_tid_address set_robust_list rseq prlimit64 getpid getppid gettid
    getuid geteuid getgid getegid umask exit exit_group execve rt_sigaction rt_sigprocmask
    rt_sigreturn uname time clock_gettime alarm sync""".split())


def errors_of(call):
    if call.name in NEVER:
        return []
    if call.name in ("open", "openat") and is_writing(call):
        return TO_WRITE[1]
    return TABLE.get(call.name, ["EIO", "ENOMEM"])


def is_memory(call):
    """The C library's loader and allocator ask for it, and may end the run in their own way
    when it is refused; memory.py has what the program itself is refused."""
    return call.name in ("mmap", "mprotect", "munmap", "mremap", "brk")


def speaks(call):
    """Is it a line to the user that could not be written?"""
    return call.name.startswith("write") and call.args[0] in (1, 2)


def judge(op, call, ended, tree):
    found, now = [], plain(tree)
    recovering = plain(op.start) != op.old
    if is_memory(call) and ended.code not in EXITS:
        return judge_whole(op, tree)
    if ended.code not in EXITS and not (ended.code == 127 and "shared librar" in ended.err):
        found.append(f"exit {ended.code}")
    if ended.code in (0, 71):
        found += [f"exit {ended.code}, but {what}" for what in differences(now, op.new)]
    elif recovering and is_armed(tree):
        found += judge_whole(op, tree) # it could not recover; the next run will
    elif now != op.old and not (speaks(call) and now == op.new):
        found += [f"exit {ended.code}, but {what}" for what in differences(now, op.old)]
    if is_armed(tree) and not recovering:
        found.append("an interrupted run is left")
    found += [f"{path} is left" for path in temporaries(tree)
              if not (is_armed(tree) and path in op.start)]
    if ended.code != 0 and not ended.err.strip() and not speaks(call):
        found.append(f"exit {ended.code} without a word")
    return found


def points_of(host, op, share):
    calls = host.work.record(host, op.start, op.command)
    points = [(call, error) for call in sample(calls, share, is_writing)
              for error in errors_of(call)]
    return points if FULL else [point for i, point in enumerate(points) if i % 3 == SEED % 3]


def sweep(host, op, share):
    faults = []
    points = points_of(host, op, share)
    for turn, (call, error) in enumerate(points):
        ended = host.work.strike(host, op.start, ["fail", str(getattr(errno, error))], call,
                                 op.command)
        tree = host.get()
        found = judge(op, call, ended, tree) + judge_next(host, op, turn, tree)
        said = ended.err.strip().replace("\n", " | ")
        faults += [f"{error} from {call.name}, time {call.nth} in process {call.process}: "
                   f"{what} ({said})" for what in found]
        if os.environ.get("FAULTS_TELL"):
            print(f"#T {error} {call.name} {call.nth}: {ended.code} {said}")
    return len(points), faults


def main():
    run = Sweep()
    for name in HOSTS:
        host = Host(run.work, name)
        more = [pruning(host)] if name == "rhel6-bios" else []
        for op in operations(host) + more:
            run.case(f"errors: {name}, {op.name}", lambda h=host, o=op: sweep(h, o, 40))
        run.case(f"errors: {name}, catches the unsafe writer",
                 lambda h=host: sweep(h, unsafe(h), 1), caught="ENOSPC from write.*exit 0, but")
    run.close()


main()
