# SPDX-License-Identifier: BSD-2-Clause
"""What `make run` starts: two Linux guests and U-Boot at once, each with its console, and nothing of one on another's."""

import re

import pytest

import bundle

FLOOD = 6500  # lines of 11 characters or so with their ends: more than the 64 KiB that are kept


@pytest.fixture(scope="module")
def machine(start_shared):
    """The default bundle; the first guest at its shell, the terminal at its prompt."""
    running = start_shared(image=bundle.DEFAULT)
    for guest in ("linux1", "linux2", "uboot"):
        running.expect(f"guest {guest}: running")
    running.linux_ready("linux1")
    running.detach()
    running.attach("linux2")
    running.linux_ready("linux2")
    running.detach()
    return running


def test_three_guests_run(machine):
    rows = machine.table("guest list")
    assert [(row["NAME"], row["STATE"]) for row in rows] == [(name, "running") for name in ("linux1", "linux2", "uboot")]
    machine.attach("uboot")
    machine.send("\r")
    machine.expect(r"=> ")
    machine.send("version\r")
    machine.expect(r"U-Boot 20")
    machine.detach()


def test_shells_are_each_ones_own(machine):
    for name, cpus in (("linux1", "2\n"), ("linux2", "1\n")):
        machine.attach(name)
        machine.send("\r")
        machine.expect(rf"{name}:~# ")
        assert machine.shell("hostname") == f"{name}\n"
        assert machine.shell("nproc") == cpus
        machine.detach()


def test_background_output_is_kept_and_garbles_nothing(machine):
    machine.attach("linux2")
    machine.send("\r")
    machine.expect("linux2:~# ")
    machine.shell(f"i=0; while [ $i -lt {FLOOD} ]; do echo flood$i; i=$((i+1)); done >/tmp/flood")
    # Most of it comes when linux1 is in front.
    machine.send("sleep 1; cat /tmp/flood; echo flood-end; touch /tmp/done\r")
    machine.expect(r"touch /tmp/done\r\n")
    machine.detach()
    machine.attach("linux1")
    machine.send("\r")
    machine.expect("linux1:~# ")
    text = machine.shell("i=0; while [ $i -lt 200 ]; do echo mine$i; i=$((i+1)); done")
    assert text == "".join(f"mine{i}\n" for i in range(200))
    machine.detach()
    while " waiting" not in machine.command("vcpu list linux2"):
        pass
    machine.attach("linux2")
    machine.expect(r"flood-end\r\n")
    kept = machine.before()
    machine.expect("linux2:~# ")
    lines = kept.split("\n")
    numbers = [int(line[len("flood"):]) for line in lines[1:] if line]
    assert numbers == list(range(numbers[0], FLOOD)), "the last lines, complete and in order"
    assert 60000 <= len(kept.replace("\n", "\r\n")) <= 65536 + 200
    assert "mine" not in kept
    assert machine.shell("ls /tmp/done") == "/tmp/done\n"
    machine.detach()


def test_what_is_typed_reaches_the_one_in_front(machine):
    machine.attach("linux1")
    machine.send("\r")
    machine.expect("linux1:~# ")
    machine.shell("echo first >/tmp/who")
    machine.detach()
    machine.attach("linux2")
    machine.send("\r")
    machine.expect("linux2:~# ")
    assert machine.shell("cat /tmp/who 2>/dev/null || echo nobody") == "nobody\n"
    machine.detach()
    assert re.search(r"linux1 +running", machine.command("guest list"))
