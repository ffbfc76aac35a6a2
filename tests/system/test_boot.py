# SPDX-License-Identifier: BSD-2-Clause
"""What `make run` shows: two Linux guests and U-Boot at once, each with its console; and what becomes of the output of
guests whose console is not in front."""

import re

import pytest

from boards import BOARD
from machine import Machine

KEPT = 64 << 10


@pytest.fixture(scope="module")
def machine():
    """The machine of `make run`, on the console of its first guest."""
    with Machine(BOARD.bundle) as machine:
        yield machine


def test_messages(machine):
    machine.expect(r"\[corbel: console of linux1; Ctrl-\] leads back\]\r\n")
    text = machine.before()
    assert re.search(r"\n\[ *0\.\d{6}\] Corbel \S+, boot CPU [01]\n", text), text
    assert re.search(r"\n\[ *\d+\.\d{6}\] 2 CPUs, \d{4} MiB of memory free\n", text), text
    assert text.endswith("guest linux1: created\nguest linux2: created\nguest uboot: created\n"
                         "guest linux1: running\nguest linux2: running\nguest uboot: running\n\n"), text
    assert "error" not in text


def test_three_guests(machine):
    assert "Linux version" in machine.linux_ready("linux1")
    assert machine.shell("nproc; hostname") == "2\nlinux1\n"
    machine.detach()
    machine.attach("linux2")
    assert "Linux version" in machine.linux_ready("linux2")
    assert machine.shell("nproc; hostname") == "1\nlinux2\n"
    machine.detach()
    machine.attach("uboot")
    machine.expect("U-Boot 20.*=> ")
    machine.send("echo $arch\r")
    machine.expect("\nriscv\r\n=> ")
    machine.detach()
    rows = machine.table("guest list")
    assert [(row["NAME"], row["STATE"], row["VCPUS"]) for row in rows] == [
        ("linux1", "running", "2"), ("linux2", "running", "1"), ("uboot", "running", "1")]


def test_console_shows_its_last_line_again(machine):
    """Who comes back sees the prompt, without typing anything; what the others do is not seen."""
    for guest, prompt in (("linux1", "linux1:~# "), ("uboot", "=> "), ("linux2", "linux2:~# ")):
        machine.attach(guest)
        machine.expect(prompt)
        assert machine.before() == ""
        machine.detach()


def test_typing_reaches_one_guest_alone(machine):
    machine.attach("linux1")
    assert machine.shell("echo typed >/tmp/typed; cat /tmp/typed") == "typed\n"
    machine.detach()
    machine.attach("linux2")
    assert machine.shell("ls /tmp") == ""
    machine.detach()


def test_pasted_text_arrives(machine):
    """More than the device holds, as fast as the port takes it, and nearly what a guest's terminal keeps."""
    text = "".join(f"{number:04d} " + "0123456789" * 6 + "\n" for number in range(50))
    machine.attach("linux1")
    machine.write_file("/tmp/pasted", text)
    assert machine.shell("cat /tmp/pasted") == text
    machine.detach()


def flood(guest, count):
    """A shell command that prints numbered lines."""
    return f"i=0; while [ $i -lt {count} ]; do i=$((i+1)); echo line $i of {guest}; done"


def test_background_output_is_kept(machine):
    """Two guests print floods at once. That in front is whole; of the other's the last 64 KiB are shown on return, and each
    of its lines is whole and in order. Its end is told by the guest's switching itself off."""
    machine.attach("linux1")
    machine.shell("dmesg -n 1")  # or a warning of the kernel's comes amid a line; that it powers off is said all the same
    machine.send(f"({flood('linux1', 3500)}; busybox poweroff -f) >/dev/ttyS0 &\r")
    machine.expect("line 20 of linux1\r\n")
    machine.detach()
    machine.attach("linux2")
    assert machine.shell(flood("linux2", 1000)) == "".join(f"line {i} of linux2\n" for i in range(1, 1001))
    machine.detach()
    while "guest linux1: powered off" not in machine.command("log"):
        pass
    machine.attach("linux1")
    machine.expect(r"reboot: Power down\r\n")
    kept = machine.child.before + machine.child.after
    numbers = [int(number) for number in re.findall(r"line (\d+) of linux1\r\n", kept)]
    assert KEPT - 100 <= len(kept) <= KEPT
    assert numbers == list(range(numbers[0], 3501))
    assert len("".join(f"line {i} of linux1\r\n" for i in numbers)) > KEPT - 1000, "only the last lines are the kernel's"
    machine.detach()
