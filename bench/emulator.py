# SPDX-License-Identifier: BSD-2-Clause
"""Runs the emulator so that it does the same each time, and reads the figures that a guest prints. Not what is run in it."""
import re
import subprocess
import sys
import threading

TIMEOUT_SECONDS = 900
# One instruction of any privilege lasts 1 ns, and sleeping none of the host's time.
REPEATABLE = ["-icount", "shift=0,sleep=off", "-rtc", "base=2025-01-01,clock=vm", "-display", "none", "-monitor", "none",
              "-serial", "stdio"]


def emulate(command, until):
    """Runs the emulator until a line contains `until`; the figures of the lines `bench NAME NUMBER`."""
    # Killed, not asked to end: with sleep=off an idle machine leaves the emulator no time for requests.
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    timer = threading.Timer(TIMEOUT_SECONDS, process.kill)
    timer.start()
    output, figures, done = [], {}, False
    for raw in process.stdout:
        line = raw.decode(errors="replace").replace("\0", "").strip()
        output.append(line)
        match = re.search(r"\bbench ([a-z0-9-]+) (-|\d+)$", line)
        if match and match.group(2) != "-":
            figures[match.group(1)] = int(match.group(2))
        if until in line:
            done = True
            break
    timer.cancel()
    process.kill()
    process.wait()
    if not done:
        sys.exit("bench: this never printed “%s”:\n  %s\nits last lines:\n  %s"
                 % (until, " ".join(command), "\n  ".join(output[-20:])))
    return figures
