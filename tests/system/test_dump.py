# SPDX-License-Identifier: BSD-2-Clause
"""What `guest dump` says of guests: one that crashed, one that is held, one that runs and goes on."""

import re
import struct

import pytest

import bundle

# lui a7, 0x53525; addi a7, a7, 0x354; li a6, 0; li a0, 0; li a1, 1; ecall: SRST's shutdown because of a system failure.
FAILS = struct.pack("<6I", 0x535258b7, 0x35488893, 0x00000813, 0x00000513, 0x00100593, 0x00000073)
CHOSEN = 'corbel,kernel = "/fails.bin"; corbel,kernel-address = <0x80200000>;'
MAP = r"\nBASE +END +SIZE +KIND +WHAT\n(?:0x\S+ .*\n){5}0x000080000000  0x\S+ +\S+ MiB  RAM "


@pytest.fixture(scope="module")
def machine(start_shared):
    """A machine at the prompt, a Linux guest up and a small one made."""
    trees = {"linux": bundle.linux("linux", 2, bootargs="quiet"),
             "fails": bundle.tree(CHOSEN, RAM_MIB=16)}
    machine = start_shared(trees, {**bundle.LINUX_FILES, "fails.bin": FAILS},
                           ["guest create /linux.dtb", "guest create /fails.dtb", "guest start linux", "guest console linux"])
    machine.linux_ready("linux")
    machine.detach()
    return machine


def test_crashed(machine):
    """The cause by name, the instruction that did it among those shown, no stack where sp leads nowhere."""
    machine.send("guest start fails\r")
    machine.expect(r"guest fails: crashed: it says that it failed\r\n")
    dump = machine.command("guest dump fails")
    assert dump.startswith("guest fails: crashed\nlast crash "), dump
    assert "\nleft for: SBI call (10), extension 0x53525354, function 0\nits own last trap: none\npc " in dump, dump
    code = re.search(r"^code at 0x(\w+), guest physical 0x\1:\n((?:  .*\n)+)stack at 0x0, guest physical 0x0:\n"
                     r"  no memory there\n", dump, re.M)
    assert code and code.group(1) in ("80200014", "80200018"), dump
    shown = bytes.fromhex("".join(re.findall(r"^  8020\w{4}  ([0-9a-f ]{48})", code.group(2), re.M)))
    assert FAILS in shown + bytes(16) and re.search(MAP, dump), dump


def test_linux(machine):
    """A kernel's own addresses lead to its code and stack; a guest that ran goes on, one that was held stays so."""
    for state, verb in (("running", "pause"), ("paused", "resume")):
        dump = machine.command("guest dump linux")
        assert dump.startswith(f"guest linux: {state}\n\nVCPU 0: paused\nleft for: "), dump
        assert len(re.findall(r"^code at 0x\w+, guest physical 0x8\w{7}:\n  \w+  \w\w ", dump, re.M)) == 2, dump
        assert len(re.findall(r"^stack at 0x\w+, guest physical 0x8\w{7}:\n  \w+  \w\w ", dump, re.M)) == 2, dump
        assert re.search(r"^VCPU 1: paused\nleft for: .*\nits own last trap: \w+", dump, re.M), dump
        assert re.search(MAP, dump), dump
        assert machine.table("guest list")[0]["STATE"] == state
        machine.command(f"guest {verb} linux")
    machine.attach("linux")
    assert machine.shell("echo still there").endswith("still there\n")
    machine.detach()


def test_unknown(machine):
    assert "did you mean" in machine.fails("guest dump linux1")
