# SPDX-License-Identifier: BSD-2-Clause
"""What Corbel says of its own bugs: builds with a bug in one command, which are patched into copies of the image."""

import re
import struct
import subprocess

import pytest

from boards import BOARD

VICTIM = "echo_run"
# How functions begin: addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16.
PROLOGUE = (0xff010113, 0x00113423, 0x00813023, 0x01010413)
LOAD_FROM_NOWHERE = (0x00003503,)  # ld a0, 0(zero)
STORE_TO_CODE = (0x00000517, 0x00a53023)  # auipc a0, 0; sd a0, 0(a0)
ILLEGAL = (0xc0001073,)  # csrw cycle, zero: unimp as assemblers spell it
EXECUTE_DATA = (0x00010067,)  # jr sp
EXHAUST_STACK = (0xff010113, 0x00113023, 0xff9ff06f)  # addi sp, sp, -16; sd ra, 0(sp); j .-8


def symbol(name):
    """The address of a function of the image's."""
    output = subprocess.run(["nm", BOARD.image], capture_output=True, text=True, check=True).stdout
    return int(re.search(rf"^([0-9a-f]+) \S {name}$", output, re.M).group(1), 16)


def patched(folder, code):
    """A copy of the image in which the victim does that."""
    image = bytearray(BOARD.image.read_bytes())
    address = symbol(VICTIM)
    code = PROLOGUE + code
    headers, size, count = struct.unpack_from("<Q", image, 32)[0], *struct.unpack_from("<HH", image, 54)
    for index in range(count):
        kind, _, offset, start, _, length = struct.unpack_from("<IIQQQQ", image, headers + index * size)
        if kind == 1 and start <= address < start + length:
            at = offset + address - start
            image[at:at + 4 * len(code)] = struct.pack(f"<{len(code)}I", *code)
    path = folder / "patched.elf"
    path.write_bytes(image)
    return path


@pytest.mark.parametrize("code, reason", [
    (LOAD_FROM_NOWHERE, r"load page fault \(scause 13\) at 0x[0-9a-f]+, address 0x0, .*"),
    (STORE_TO_CODE, r"store page fault \(scause 15\) at 0x[0-9a-f]+, address 0x[0-9a-f]+, .*"),
    (ILLEGAL, r"illegal instruction \(scause 2\) at 0x[0-9a-f]+, .*"),
    (EXECUTE_DATA, r"instruction page fault \(scause 12\) at (0x[0-9a-f]+), address \1, .*"),
    (EXHAUST_STACK, r"stack overflow of thread terminal: sp 0x[0-9a-f]+ at 0x[0-9a-f]+ \(echo_run.*\).*"),
], ids=["load from nowhere", "store to code", "illegal instruction", "execution of data", "stack overflow"])
def test_panic(start, tmp_path, code, reason):
    """W^X and guard pages hold, and a panic says cause, place and way there."""
    machine = start(files={"x": "x"}, kernel=patched(tmp_path, code))
    machine.prompt()
    machine.send("echo one\r")
    machine.expect(r"\] Corbel has stopped\r\n")
    text = machine.before()
    assert re.search(rf"\] panic: {reason}\n", text), text
    assert re.search(r'\]   on CPU [01], thread "terminal"\n', text), text
    functions = re.findall(r"\]   #\d+ +0x[0-9a-f]+ ([a-z_]+)\+0x[0-9a-f]+\n", text)
    assert functions[-3:] == ["mterm_run_line", "terminal_main", "thread_begin"], text
    assert "echo_run" in functions or code == EXECUTE_DATA, text
