# SPDX-License-Identifier: BSD-2-Clause
"""The boards that system tests run on: how each is emulated, and what its guests are made of. One run of the tests is for one
board; $BOARD names it as make's BOARD= does. Nothing here runs anything."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Board:
    """A board as boards/NAME.mk describes it to make."""

    name: str
    emulator: str
    options: tuple  # of the emulator, whichever test it is for
    cpu: str
    memory: str
    template: str  # of guests/, for trees of guests like the board itself
    kernel: str = ""  # the stock kernel's file among the guests; "": there is none for this board
    endianness: str = "little"

    @property
    def image(self):
        """Corbel for this board."""
        return Path(os.environ.get("CORBEL_ELF", ROOT / f"build/{self.name}/corbel.elf"))

    @property
    def bundle(self):
        """The bundle of `make run`."""
        return ROOT / f"build/{self.name}/bundle.cpio"

    @property
    def guests(self):
        """The folder of what is fetched or built for its guests."""
        return ROOT / f"build/{self.name}/guests"

    @property
    def rtos(self):
        """The folder of the RTOS guest, with a folder for each address map."""
        return ROOT / f"build/guests/rtos-{self.endianness}"


MALTA_OPTIONS = ("-M", "malta", "-vga", "none", "-nic", "none")
KNOWN = {board.name: board for board in (
    Board("virt", "qemu-system-riscv64", ("-M", "virt"), "rv64,h=true", "2G", "virt-riscv.dtsi", "vmlinux"),
    Board("malta", "qemu-system-mipsel", MALTA_OPTIONS, "P5600", "1G", "virt-malta.dtsi", "vmlinuz"),
    Board("malta-be", "qemu-system-mips", MALTA_OPTIONS, "P5600", "1G", "virt-malta.dtsi", endianness="big"),
)}
BOARD = KNOWN[os.environ.get("BOARD", "virt")]
EMULATOR = os.environ.get("QEMU", BOARD.emulator)
