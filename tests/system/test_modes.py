# SPDX-License-Identifier: BSD-2-Clause
"""Processors of several kinds, and the paging modes that the boot arguments choose: Linux runs with each."""

import re

import pytest

import bundle

BOOT = ["guest create /linux.dtb", "guest start linux"]


@pytest.mark.parametrize("cpu, append, expected", [
    ("rv64,h=true", None, r"paging sv39, guests sv(39|48|57)x4 with 14 VMID bits\n.* timer by Sstc\n.*: h .*sstc.*"),
    ("rv64,h=true", "corbel.paging=sv39 corbel.gstage=sv39x4", r"paging sv39, guests sv39x4 "),
    ("rv64,h=true", "corbel.paging=sv48 corbel.gstage=sv48x4", r"paging sv48, guests sv48x4 "),
    ("rv64,h=true", "corbel.paging=sv57 corbel.gstage=sv57x4", r"paging sv57, guests sv57x4 "),
    ("rva23s64", None, r"paging sv39, guests sv39x4 with (.*\n)+.*svpbmt"),
    ("rva23s64", "corbel.paging=sv57 corbel.gstage=sv48x4", r"paging sv39, guests sv39x4 with"),
    ("rv64,h=true,sstc=off", None, r"timer by SBI\n"),
    ("rv64,h=true,v=true", None, r"extensions in use:.* v"),
    ("rv64,h=true,svadu=off,svade=on", None, r"extensions in use: (?!.*svadu)"),
], ids=["default", "sv39", "sv48", "sv57", "rva23s64", "modes that are not there", "no Sstc", "vectors", "Svade"])
def test_linux_boots(start, cpu, append, expected):
    trees = {"linux": bundle.linux("linux", vcpus=2, bootargs="quiet")}
    machine = start(trees, boot=BOOT, cpu=cpu, append=append)
    machine.prompt()
    information = machine.command("host info")
    assert re.search(expected, information), information
    machine.attach("linux")
    machine.linux_ready("linux")
    assert machine.shell("nproc") == "2\n"
    assert machine.shell("sleep 0.2 && echo awake") == "awake\n"
