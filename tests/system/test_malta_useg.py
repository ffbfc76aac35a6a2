# SPDX-License-Identifier: BSD-2-Clause
"""The RTOS guest's own verdict, in each address map that every processor can give it, on each kind of processor, in both
endiannesses."""

import pytest

import bundle
from boards import BOARD

BOARDS = ("malta", "malta-be")
# How many tests a run has at the least: one that ends early must not look like a success.
TESTS = 85
CHOSEN = 'corbel,kernel = "/rtos.rom"; corbel,kernel-address = <ROM_BASE>;'


def tree(**macros):
    """A guest with nothing but the program."""
    return bundle.tree(CHOSEN, template="virt-mips.dtsi", **macros)


@pytest.mark.parametrize("cpu", ["24Kf", "4KEc", "34Kf", "74Kf", "P5600"])
def test_useg(start, cpu):
    source = tree() + "/ { cpus { corbel,vectored-interrupts; }; };"
    machine = start({"rtos": source}, files={"rtos.rom": BOARD.rtos / "useg/rtos.rom"}, cpu=cpu, smp=1, memory="256M",
                    boot=["guest create /rtos.dtb", "guest start rtos", "guest console rtos"])
    machine.expect(r"rtos: (\d+) passed, (\d+) failed, (\d+) skipped")
    passed, failed, _ = map(int, machine.child.match.groups())
    failures = [line for line in machine.before().splitlines() if line.startswith("not ok")]
    assert (failures, failed) == ([], 0)
    assert passed >= TESTS
