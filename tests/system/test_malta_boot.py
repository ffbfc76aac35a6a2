# SPDX-License-Identifier: BSD-2-Clause
"""What `make run BOARD=malta` shows: two stock Linux guests and the RTOS guest side by side, each with its console."""

import re

import pytest

from boards import BOARD
from machine import Machine

BOARDS = ("malta",)


@pytest.fixture(scope="module")
def machine():
    """The machine of `make run`, on the console of its first guest."""
    with Machine(BOARD.bundle) as machine:
        yield machine


def test_messages(machine):
    machine.expect(r"\[corbel: console of linux1; Ctrl-\] leads back\]\r\n")
    text = machine.before()
    assert re.search(r"^\[ *0\.\d{6}\] Corbel \S+, boot CPU 0\n", text), text
    assert re.search(r"\n\[ *\d+\.\d{6}\] 2 CPUs, 10\d\d MiB of memory free\n", text), text
    assert text.endswith("guest linux1: created\nguest linux2: created\nguest rtos: created\n"
                         "guest linux1: running\nguest linux2: running\nguest rtos: running\n\n"), text
    assert "error" not in text


def test_three_guests(machine):
    assert "Linux version" in machine.linux_ready("linux1")
    assert machine.shell("uname -m; hostname") == "mips\nlinux1\n"
    machine.detach()
    machine.attach("linux2")
    assert "Linux version" in machine.linux_ready("linux2")
    assert machine.shell("uname -m; hostname") == "mips\nlinux2\n"
    machine.detach()
    machine.attach("rtos")
    machine.expect(r"rtos: \d+ passed, 0 failed, \d+ skipped\r\n")
    machine.detach()
    rows = machine.table("guest list")
    assert [(row["NAME"], row["STATE"], row["VCPUS"]) for row in rows] == [
        ("linux1", "running", "1"), ("linux2", "running", "1"), ("rtos", "running", "1")]


def test_console_shows_its_last_line_again(machine):
    """Who comes back sees the prompt, without typing anything; what the others do is not seen."""
    for guest in ("linux1", "linux2"):
        machine.attach(guest)
        machine.expect(f"{guest}:~# ")
        assert machine.before() == ""
        machine.detach()


def test_typing_reaches_one_guest_alone(machine):
    machine.attach("linux1")
    assert machine.shell("echo typed >/tmp/typed; cat /tmp/typed") == "typed\n"
    machine.detach()
    machine.attach("linux2")
    assert machine.shell("ls /tmp") == ""
    machine.detach()


def test_both_host_cpus_run_guests(machine):
    """Two loops at once, each in its guest, need a CPU each; and a guest may be sent to either."""
    for guest in ("linux1", "linux2"):
        machine.attach(guest)
        machine.shell("while :; do :; done & true")
        machine.detach()
    while {row["CPU"] for row in machine.table("vcpu list") if row["GUEST"] != "rtos"} != {"0", "1"}:
        pass
    for guest in ("linux1", "linux2"):
        machine.attach(guest)
        machine.shell("kill $!")
        machine.detach()


def test_a_minute_later(machine):
    """What interrupt controllers and timers do by themselves takes its time: 43 seconds, of one."""
    machine.attach("linux1")
    machine.shell("while [ $(cut -d. -f1 /proc/uptime) -lt 60 ]; do sleep 1; done")
    assert machine.shell("hostname") == "linux1\n"
    machine.detach()
    assert "Corbel" in machine.command("host info")
