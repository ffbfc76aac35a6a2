# SPDX-License-Identifier: BSD-2-Clause
"""Guests that do all they should not, at random and without end (guests/hostile), beside a Linux guest whose heart must go
on beating, and under a person who pauses, resets and destroys them."""

import random
import re

import pytest

import bundle
from boards import BOARD

FILES = {**bundle.LINUX_FILES, "hostile.bin": BOARD.guests / "hostile.bin"}
CHOSEN = 'corbel,kernel = "/hostile.bin"; corbel,kernel-address = <0x80200000>;'
HEARTBEAT = 'quiet corbel.run="while sleep 0.1; do echo beat; done"'
HOSTILE = ("cain", "loki")
ORDERS = 60


def trees():
    """Two hostile guests of four VCPUs, and a peaceful one."""
    found = {name: bundle.tree(CHOSEN, VCPUS=4, RAM_MIB=16) for name in HOSTILE}
    found["steady"] = bundle.linux("steady", bootargs=HEARTBEAT)
    return found


def attacks_seen(machine, guest):
    """Waits until the guest has gone on attacking, and returns all that it printed meanwhile."""
    machine.attach(guest)
    machine.expect(r"hostile: \d+ attacks, \d+ wrong\r\n")
    machine.expect(r"hostile: \d+ attacks, \d+ wrong\r\n")
    assert machine.child.match.group(0).endswith(" 0 wrong\r\n"), machine.transcript.tail(20)
    machine.detach()


def beat(machine):
    """Waits until the peaceful guest's heart has beaten three times more than was shown."""
    machine.attach("steady")
    machine.detach()
    machine.attach("steady")
    for _ in range(3):
        machine.expect("beat\r\n")
    machine.detach()


def order(machine, guest):
    """One thing that a person may do to a guest that runs; it runs again afterwards."""
    kind = random.choice(("pause", "reset", "stop", "destroy", "look"))
    if kind == "pause":
        machine.command(f"guest pause {guest}")
        machine.command(f"guest resume {guest}")
    elif kind == "reset":
        machine.command(f"guest reset {guest}")
    elif kind == "stop":
        machine.command(f"guest stop {guest}")
        machine.command(f"guest start {guest}")
    elif kind == "destroy":
        machine.command(f"guest destroy {guest}")
        machine.command(f"guest create /{guest}.dtb")
        machine.command(f"guest start {guest}")
    else:
        assert "pc" in machine.command(f"vcpu regs {guest} {random.randrange(4)}")


@pytest.mark.parametrize("cpu", ["rv64,h=true,v=true", "rv64,h=true,sstc=off"])
def test_hostile_guests(start, cpu):
    random.seed(4711)
    machine = start(trees(), FILES, boot=["guest create /steady.dtb", "guest start steady"], cpu=cpu)
    machine.prompt()
    beat(machine)
    free = machine.free()
    for guest in HOSTILE:
        machine.command(f"guest create /{guest}.dtb")
        machine.command(f"guest start {guest}")
    for guest in HOSTILE:
        attacks_seen(machine, guest)
    for _ in range(ORDERS):
        order(machine, random.choice(HOSTILE))
    for guest in HOSTILE:
        attacks_seen(machine, guest)
    beat(machine)
    for guest in HOSTILE:
        machine.command(f"guest destroy {guest}")
    assert machine.free() == free
    assert not re.search(r"panic|error:", "".join(machine.transcript.text))
