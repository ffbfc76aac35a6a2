# SPDX-License-Identifier: BSD-2-Clause
"""The life of guests: create, start, pause, resume, reset, stop, destroy, in every order, without a byte lost, while
another guest never notices."""

import re

import pytest

import bundle

HEARTBEAT = 'quiet corbel.run="i=0; while sleep 0.1; do i=$((i+1)); echo beat $i; done"'
# Two guests are booted at once, for there are two harts.
ROUNDS = 15


@pytest.fixture(scope="module")
def machine(start_shared):
    """A guest with a heartbeat, and three more trees."""
    trees = {"steady": bundle.linux("steady", bootargs=HEARTBEAT), "subject": bundle.linux("subject", 2, bootargs=HEARTBEAT),
             "one": bundle.linux("one", 1, bootargs="quiet"), "two": bundle.linux("two", 2, bootargs="quiet")}
    machine = start_shared(trees, boot=["guest create /steady.dtb", "guest start steady"])
    machine.prompt()
    beat(machine, "steady")
    return machine


def beats_kept(machine, guest):
    """The numbers of all heartbeats that were not shown yet."""
    numbers = []
    while True:
        machine.attach(guest)
        new = [int(number) for number in re.findall(r"beat (\d+)\n", machine.detach())]
        if not new:
            return numbers
        numbers += new


def beat(machine, guest):
    """The number of a heartbeat that the guest makes now."""
    beats_kept(machine, guest)
    machine.attach(guest)
    number = int(machine.expect(r"beat (\d+)\r\n").group(1))
    machine.detach()
    return number


def state(machine, guest):
    """The guest's state by the list; None: there is no such guest."""
    return {row["NAME"]: row["STATE"] for row in machine.table("guest list")}.get(guest)


def starts(machine, guest):
    """How often it was started."""
    return int(re.search(r"starts +(\d+)", machine.command(f"guest info {guest}")).group(1))


@pytest.fixture
def subject(machine):
    """A guest that was just created, and is gone after the test, when nothing may be missing."""
    free = machine.free()
    steady = beat(machine, "steady")
    assert machine.command("guest create /subject.dtb") == "guest subject: created\n"
    yield "subject"
    assert machine.command("guest destroy subject") == "guest subject: destroyed\n"
    assert state(machine, "subject") is None
    assert machine.free() == free
    assert beat(machine, "steady") > steady


def test_created(machine, subject):
    assert state(machine, subject) == "stopped"
    assert re.search(r"^guest RAM +268435456$", machine.command("host mem"), re.M)
    assert machine.fails("guest pause subject") == "guest subject is stopped, so it cannot be paused"
    assert machine.fails("guest resume subject") == "guest subject is stopped, so it cannot be resumed"
    assert machine.fails("guest reset subject") == "guest subject is stopped, so it cannot be reset"
    assert machine.command("guest stop subject") == "guest subject: stopped\n"


def test_start_stop_start(machine, subject):
    assert machine.command("guest start subject") == "guest subject: running\n"
    assert machine.fails("guest start subject") == "guest subject is running, so it cannot be started"
    assert machine.fails("guest resume subject") == "guest subject is running, so it cannot be resumed"
    assert beat(machine, subject) > 0
    assert machine.command("guest stop subject") == "guest subject: stopped\n"
    assert state(machine, subject) == "stopped"
    assert {row["STATE"] for row in machine.table("vcpu list subject")} == {"off"}
    beats_kept(machine, subject)
    assert machine.command("guest start subject") == "guest subject: running\n"
    machine.attach(subject)
    machine.expect("beat 1\r\n")
    machine.detach()
    assert starts(machine, subject) == 2


def test_pause_resume(machine, subject):
    machine.command("guest start subject")
    last = beat(machine, subject)
    assert machine.command("guest pause subject") == "guest subject: paused\n"
    assert state(machine, subject) == "paused"
    assert machine.fails("guest pause subject") == "guest subject is paused, so it cannot be paused"
    last = max(beats_kept(machine, subject), default=last)
    clock = beat(machine, "steady")
    while beat(machine, "steady") < clock + 10:
        pass
    assert beats_kept(machine, subject) == [], "the heart of a paused guest beats"
    assert machine.command("guest resume subject") == "guest subject: running\n"
    assert last < beat(machine, subject) < last + 20, "it goes on where it stood still"
    for _ in range(20):
        assert machine.command("guest pause subject") == "guest subject: paused\n"
        assert machine.command("guest resume subject") == "guest subject: running\n"
    assert beat(machine, subject) > last
    assert starts(machine, subject) == 1


def test_reset(machine, subject):
    machine.command("guest start subject")
    assert beat(machine, subject) > 0
    machine.command("guest pause subject")
    for count in (2, 3):
        assert machine.command("guest reset subject") == "guest subject: running\n"
        assert state(machine, subject) == "running"
        assert starts(machine, subject) == count
    machine.attach(subject)
    machine.expect("beat 1\r\n")
    machine.detach()


def test_many_lives(machine):
    """30 guests are created, boot to a shell and are destroyed, two at a time."""
    free = machine.free()
    for number in range(ROUNDS):
        for guest in ("one", "two"):
            assert machine.command(f"guest create /{guest}.dtb") == f"guest {guest}: created\n"
            assert machine.command(f"guest start {guest}") == f"guest {guest}: running\n"
        for guest in ("one", "two"):
            machine.attach(guest)
            machine.linux_ready(guest)
            machine.detach()
        for guest in ("one", "two"):
            assert machine.command(f"guest destroy {guest}") == f"guest {guest}: destroyed\n"
        assert machine.free() == free, f"after round {number} memory is missing"
    beats = beats_kept(machine, "steady")
    assert len(beats) > ROUNDS and beats == list(range(beats[0], beats[0] + len(beats))), "the other guest missed a beat"


def test_lives_cut_short(machine):
    """Guests destroyed at any point of their start."""
    free = machine.free()
    for number in range(20):
        machine.command("guest create /subject.dtb")
        machine.command("guest start subject")
        for _ in range(number):
            machine.command("vcpu list subject")
        if number % 4 == 1:
            machine.command("guest pause subject")
        if number % 4 == 2:
            machine.command("guest reset subject")
        assert machine.command("guest destroy subject") == "guest subject: destroyed\n"
        assert machine.free() == free
