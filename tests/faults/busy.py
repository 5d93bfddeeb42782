#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes to the current directory without end, as a mail server or a build does."""
import os
import time

for turn in range(1 << 30):
    name = str(turn % 16)
    with open(name + ".new", "wb") as file:
        file.write(os.urandom(4096) * (1 + turn % 5))
        file.flush()
        if turn % 8 == 0:
            os.fsync(file.fileno())
    os.rename(name + ".new", name)
    if turn % 3 == 0:
        os.unlink(name)
    time.sleep(0.001)
