# SPDX-License-Identifier: BSD-2-Clause
"""U-Boot as guests/virt/uboot.dts describes it: its prompt, what it knows of the machine, and the kernel that it boots from
memory."""

import re

import pytest

import bundle
from boards import BOARD, ROOT
from machine import ESCAPE_KEY

FILES = {**bundle.LINUX_FILES, "u-boot.bin": BOARD.guests / "u-boot.bin"}


@pytest.fixture(scope="module")
def machine(start_shared):
    """At the prompt of U-Boot."""
    trees = {"uboot": (ROOT / "guests/virt/uboot.dts").read_text()}
    machine = start_shared(trees, FILES, ["guest create /uboot.dtb", "guest start uboot", "guest console uboot"])
    machine.expect(r"U-Boot 20\d\d.*=> ")
    return machine


def ask(machine, command):
    """Runs a command of U-Boot's and returns what it printed."""
    machine.send(command + "\r")
    machine.expect(re.escape(command) + r"\r\n")
    machine.expect(r"=> ")
    return machine.before()


def test_bdinfo(machine):
    text = ask(machine, "bdinfo")
    assert re.search(r"DRAM bank += 0x0+\n-> start += 0x0*80000000\n-> size += 0x0*10000000\n", text), text
    assert re.search(r"fdt_blob += 0x", text) and re.search(r"[Bb]oot hart += 0x0+\n", text)


def test_tree(machine):
    """The tree is U-Boot's own too; nothing has used up the seeds yet."""
    text = ask(machine, "fdt addr $fdtcontroladdr; fdt print /")
    assert "corbel," not in text.replace('"corbel,virt-riscv"', "")
    seeds = [re.search(rf"{name} = <([^>]*)>;", text).group(1).split() for name in ("rng-seed", "kaslr-seed")]
    assert [len(seed) for seed in seeds] == [8, 2]
    assert len({word for seed in seeds for word in seed}) == 10
    isa = re.search(r'riscv,isa = "(rv64\w+)"', text).group(1)
    assert isa.startswith("rv64imafdc_") and "sstc" in isa
    assert re.search(r"timebase-frequency = <0x0*989680>;", text)
    assert 'riscv,isa-extensions = "i", "m", "a", "f", "d", "c",' in text
    assert 'mmu-type = "riscv,sv' in text


def test_seeds_are_fresh(machine):
    """Other seeds at each start."""
    seen = set()
    for _ in range(2):
        text = ask(machine, "fdt addr $fdtcontroladdr; fdt print /chosen")
        seen |= set(re.findall(r"(?:rng|kaslr)-seed = <([^>]*)>;", text))
        machine.send("reset\r")
        machine.expect(r"U-Boot 20\d\d.*=> ")
    assert len(seen) == 4


def test_booti(machine):
    commands = re.findall(r"^ \*\t(.*)$", (ROOT / "guests/virt/uboot.dts").read_text(), re.M)
    assert commands[-1].startswith("booti ")
    for command in commands[:-1]:
        ask(machine, command)
    machine.send(commands[-1] + "\r")
    machine.expect(r"Starting kernel \.\.\.")
    log = machine.linux_ready("uboot")
    assert "Linux version" in log
    assert machine.shell("nproc; hostname") == "1\nuboot\n"
    machine.send("poweroff\r")
    machine.expect("Power down")
    machine.send(ESCAPE_KEY)
    machine.expect("guest uboot: powered off")
