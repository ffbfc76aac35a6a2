# SPDX-License-Identifier: BSD-2-Clause
"""U-Boot in supervisor mode: its prompt, what it finds, and the stock kernel that it starts from memory."""

import re

import bundle
from machine import ESCAPE_KEY

TREE = (bundle.ROOT / "guests/uboot.dts").read_text()
FILES = {**bundle.LINUX_FILES, "u-boot.bin": bundle.GUESTS / "u-boot.bin"}
BOOT = ["guest create /uboot.dtb", "guest start uboot", "guest console uboot"]


def uboot(start):
    """A machine at U-Boot's prompt."""
    machine = start({"uboot": TREE}, files=FILES, boot=BOOT)
    machine.expect("Hit any key to stop autoboot")
    machine.send("\r")
    machine.expect(r"\n=> ")
    return machine


def command(machine, line):
    """Runs a command and returns what it printed."""
    machine.send(line + "\r")
    machine.expect(re.escape(line))
    machine.expect(r"\n=> ")
    return machine.before()


def seeds(machine):
    """The seeds of the tree that U-Boot was given."""
    text = command(machine, "fdt addr $fdtcontroladdr; fdt print /chosen")
    return re.search(r"rng-seed = (.*);", text).group(1), re.search(r"kaslr-seed = (.*);", text).group(1)


def test_information(start):
    machine = uboot(start)
    text = command(machine, "bdinfo")
    assert re.search(r"-> start +(= )?(0x)?0*80000000", text), text
    assert re.search(r"-> size +(= )?(0x)?0*10000000", text), text
    assert re.search(r"boot hart +(= )?(0x)?0+\n", text), text


def test_seeds_are_fresh_and_nothing_of_corbels_is_left(start):
    machine = uboot(start)
    first = seeds(machine)
    assert "corbel" not in command(machine, "fdt print / corbel,priority").lower().replace("corbel,priority", "", 1) \
        .split("libfdt")[0]
    machine.detach()
    machine.command("guest reset uboot")
    machine.attach("uboot")
    machine.expect("Hit any key to stop autoboot")
    machine.send("\r")
    machine.expect(r"\n=> ")
    second = seeds(machine)
    assert first[0] != second[0] and first[1] != second[1]
    assert len(first[0].split()) >= 8 and len(first[1].split()) >= 2


def test_booti(start):
    machine = uboot(start)
    command(machine, "setenv bootargs console=ttyS0 hostname=uboot quiet")
    command(machine, "fdt move $fdtcontroladdr 0x8c000000 0x10000")
    machine.send("booti 0x84000000 0x8a000000:0x1000000 0x8c000000\r")
    machine.expect("Starting kernel ...")
    machine.linux_ready("uboot")
    assert machine.shell("uname -m") == "riscv64\n"
    machine.send("poweroff\r")
    machine.expect("Power down")
    machine.send(ESCAPE_KEY)
    machine.expect("guest uboot: powered off")
