# SPDX-License-Identifier: BSD-2-Clause
"""Four VCPUs under load on two harts: processes that come and go, pipes, copies, sleeps. The kernel must not complain of
anything afterwards. A minute by default; `make soak` or --soak for ten."""

import re

import pytest

import bundle
from test_linux import PROBLEMS

# Each worker counts its rounds in a file of its own; what it computes is checked.
WORKERS = """
data() { dd if=/dev/zero bs=4096 count=200 2>/dev/null | tr '\\0' x; }
expected=$(data | md5sum)
count() { echo $2 >/tmp/$1.new; mv /tmp/$1.new /tmp/$1; }
work() {
  n=0
  while [ ! -e /tmp/stop ]; do
    n=$((n+1))
    case $1 in
    fork*) for i in 1 2 3 4 5 6 7 8; do (exit $i) & done; wait ;;
    pipe*) [ "$(data | cat | cat | md5sum)" = "$expected" ] || echo pipe >>/tmp/wrong ;;
    copy*) data >/tmp/c.$1; [ "$(md5sum </tmp/c.$1)" = "$expected" ] || echo copy >>/tmp/wrong ;;
    sleep*) sleep 0.05 ;;
    esac
    count $1 $n
  done
}
for name in fork1 fork2 pipe1 pipe2 copy1 sleep1 sleep2 sleep3; do work $name & done
wait
"""


def boot(start):
    """A machine with the guest under test, at its shell, and another one that does nothing."""
    files = {**bundle.LINUX_FILES, "other": "x"}
    trees = {"linux": bundle.linux("linux", 4, 256, bootargs="quiet"), "other": bundle.linux("other", bootargs="quiet")}
    machine = start(trees, files, ["guest create /linux.dtb", "guest create /other.dtb", "guest start linux",
                                   "guest start other", "guest console linux"])
    machine.linux_ready("linux")
    return machine


def load(machine, seconds):
    """Lets the workers run for so long by the guest's clock, and checks what they and the kernel say."""
    machine.write_file("/tmp/workers", WORKERS)
    machine.shell("sh /tmp/workers >/tmp/output 2>&1 & true")
    began = float(machine.shell("cat /proc/uptime").split()[0])
    machine.shell(f"sleep {seconds}", patience=20 * seconds + 300)
    machine.shell("touch /tmp/stop; wait", patience=600)
    assert float(machine.shell("cat /proc/uptime").split()[0]) - began >= seconds
    assert machine.shell("cat /tmp/output /tmp/wrong 2>/dev/null") == ""
    rounds = {name: int(machine.shell(f"cat /tmp/{name}")) for name in ("fork1", "fork2", "pipe1", "copy1", "sleep1", "sleep3")}
    assert min(rounds.values()) > seconds / 20, rounds
    log = machine.shell("dmesg; echo the end")
    assert log.endswith("\nthe end\n") and "Linux version" in log
    assert not re.search(PROBLEMS, log), log
    machine.detach()
    assert not re.search("panic|error|warning", machine.command("log"))
    assert {row["STATE"] for row in machine.table("guest list")} == {"running"}


def test_minute(start):
    load(boot(start), 60)


@pytest.mark.soak
def test_ten_minutes(start):
    load(boot(start), 600)
