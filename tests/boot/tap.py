# SPDX-License-Identifier: LGPL-2.1-or-later
"""Results, printed as they come, and what the programs here have in common around them."""

import concurrent.futures
import os
import time

import parts


class Tap:
    """Prints results as they come."""

    def __init__(self):
        self.number = 0
        self.failed = False

    def point(self, name, problem=None, skip=None):
        self.number += 1
        self.failed |= problem is not None
        name = name.replace("#", "number")
        print("%s %d - %s%s" % ("ok" if problem is None else "not ok", self.number, name,
                                " # SKIP " + skip if skip else ""), flush=True)
        if problem is not None:
            self.comment(problem)

    @staticmethod
    def comment(text):
        for line in text.split("\n"):
            print("# " + line, flush=True)


def suite(names, work):
    """Calls work(place, tap); without what it needs, the names are skipped. The exit code."""
    tap = Tap()
    with parts.Workplace(os.path.join(parts.BUILDDIR, "boot")) as place:
        try:
            work(place, tap)
        except parts.Missing as missing:
            for name in names:
                tap.point(name, skip=str(missing))
        except (RuntimeError, OSError) as problem:
            tap.point("the suite is set up", str(problem))
        if tap.failed:
            tap.comment("disks and logs: " + place.keep())
    print("1..%d" % tap.number)
    return 1 if tap.failed else 0


def attempt(name, work):
    """Calls work(), which gives a list of (title, problem or None), comments, and the seconds
    of processor. The former two, or why it is skipped."""
    began = time.monotonic()
    try:
        results, comments, cpu = work()
    except parts.Missing as missing:
        return [], [], str(missing)
    except (RuntimeError, OSError, ValueError, KeyError) as problem:
        return [("is set up", "%s: %s" % (type(problem).__name__, problem))], [], None
    figure = "figure: %s: %d s of processor, %d s by the clock" % (
        name, cpu, time.monotonic() - began)
    return results, comments + [figure], None


def two_by_two(jobs, tap):
    """Jobs, (name, work), two at a time; results in the order of the jobs."""
    with concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        runs = [(name, pool.submit(attempt, name, work)) for name, work in jobs]
        for name, future in runs:
            results, comments, skip = future.result()
            if skip:
                tap.point(name, skip=skip)
            for title, problem in results:
                tap.point("%s: %s" % (name, title), problem)
            for comment in comments:
                tap.comment(comment)
