# SPDX-License-Identifier: BSD-2-Clause
"""The self-test guest's own verdict, on each kind of processor, with fewer and with more VCPUs than harts."""

import pytest

import bundle
from boards import BOARD
from machine import ESCAPE_KEY

BOOT = ["guest create /selftest.dtb", "guest start selftest", "guest console selftest"]
FILES = {"selftest.bin": BOARD.guests / "selftest.bin"}
# How many checks a run has at the least: one that ends early must not look like a success.
CHECKS = 150


def tree(vcpus):
    """A guest with nothing but the program."""
    return bundle.tree('corbel,kernel = "/selftest.bin"; corbel,kernel-address = <0x80200000>;', VCPUS=vcpus, RAM_MIB=64)


@pytest.mark.parametrize("vcpus, options", [
    (4, {}),
    (2, {}),
    (1, {"smp": 1}),
    (4, {"smp": 1}),
    (4, {"smp": 4}),
    (4, {"cpu": "rva23s64"}),
    (4, {"cpu": "rv64,h=true,v=true"}),
    (4, {"cpu": "rv64,h=true,sstc=off"}),
    (4, {"cpu": "rv64,h=true,svadu=off,svade=on", "append": "corbel.gstage=sv39x4"}),
    (4, {"append": "corbel.htinst=ignore"}),
], ids=["4", "2", "1 on one hart", "4 on one hart", "4 on 4 harts", "rva23s64", "vectors", "no Sstc", "Svade", "no htinst"])
def test_passes(start, vcpus, options):
    machine = start({"selftest": tree(vcpus)}, files=FILES, boot=BOOT, **options)
    machine.expect(r"selftest: (\d+) passed, (\d+) failed, (\d+) skipped")
    passed, failed, _ = map(int, machine.child.match.groups())
    failures = [line for line in machine.before().splitlines() if line.startswith("not ok")]
    assert (failures, failed) == ([], 0)
    assert passed >= CHECKS
    machine.send(ESCAPE_KEY)
    machine.expect("guest selftest: powered off")
