# SPDX-License-Identifier: BSD-2-Clause
"""What becomes of a guest that crashed, as its tree says, beside one that runs on."""

import re
import struct

import pytest

import bundle

# lui a7, 0x53525; addi a7, a7, 0x354; li a6, 0; li a0, 0; li a1, 1; ecall: SRST's shutdown because of a system failure.
FAILS = struct.pack("<6I", 0x535258b7, 0x35488893, 0x00000813, 0x00000513, 0x00100593, 0x00000073)
CHOSEN = 'corbel,kernel = "/fails.bin"; corbel,kernel-address = <0x80200000>;'


def tree(policy):
    """A guest of one VCPU that fails at once."""
    return bundle.tree(CHOSEN, VCPUS=1, RAM_MIB=16) + f'/ {{ corbel,on-crash = "{policy}"; }};'


@pytest.fixture
def machine(start):
    """A machine at the prompt."""
    trees = {policy: tree(policy) for policy in ("halt", "restart", "destroy")}
    machine = start(trees, {"fails.bin": FAILS})
    machine.prompt()
    return machine


def crash(machine, policy, message):
    """Starts the guest of that policy, and waits for the message about it."""
    machine.command(f"guest create /{policy}.dtb")
    machine.send(f"guest start {policy}\r")
    machine.expect(rf"guest {policy}: crashed{message}: it says that it failed\r\n")


def test_halt(machine):
    crash(machine, "halt", "")
    info = machine.command("guest info halt")
    assert re.search(r"^state +crashed$", info, re.M) and re.search(r"^crashes +1$", info, re.M), info
    assert "it says that it failed" in info
    assert machine.command("guest destroy halt") == "guest halt: destroyed\n"


def test_restart(machine):
    """It waits longer each time, until a person stops it."""
    crash(machine, "restart", ", restarts in 1 s")
    machine.expect(r"guest restart: restarted after crash 1\r\n")
    machine.expect(r"guest restart: crashed, restarts in 2 s: it says that it failed\r\n")
    machine.expect(r"guest restart: restarted after crash 2\r\n")
    machine.expect(r"guest restart: crashed, restarts in 4 s: it says that it failed\r\n")
    assert "restarts in" in machine.command("guest info restart")
    machine.command("guest stop restart")
    info = machine.command("guest info restart")
    assert re.search(r"^state +stopped$", info, re.M) and "restarts in" not in info, info


def test_destroy(machine):
    """Nothing of it remains."""
    free = machine.free()
    crash(machine, "destroy", ", is destroyed")
    while "destroy" in machine.command("guest list"):
        pass
    assert machine.free() == free
