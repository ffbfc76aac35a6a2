# SPDX-License-Identifier: BSD-2-Clause
"""Machines and bundles that Corbel cannot use: what it says, and that it goes no further than it can."""

import re

import pytest

import bundle


def reason(machine):
    """The one sentence with which Corbel ends the machine."""
    text = machine.ends()
    sentences = re.findall(r"^\[ *\d+\.\d{6}\] error: (.*)$", text, re.M)
    assert len(sentences) == 1, text
    return sentences[0]


def test_no_h_extension(start):
    machine = start(files={"x": "x"}, cpu="rv64,h=false")
    assert reason(machine) == ("Corbel cannot run here: this processor has no H extension (hypervisor); on QEMU use "
                               "-cpu rv64,h=true")


def test_no_h_extension_on_several_harts(start):
    assert "no H extension" in reason(start(files={"x": "x"}, cpu="rv64,h=false", smp=4))


def test_too_little_memory(start):
    text = reason(start(files={"x": "x"}, memory="16M"))
    match = re.fullmatch(r"Corbel cannot run here: (\d+) KiB of memory are free, at least (\d+) KiB are needed", text)
    assert match and int(match.group(1)) < int(match.group(2)), text


def test_memory_is_just_enough(start):
    """The limit that it names is a true one: a little more, and there is a prompt."""
    machine = start(files={"x": "x"}, memory="24M")
    machine.prompt()
    assert machine.free() >= 15 << 20


def test_no_bundle(start):
    machine = start(image="")
    machine.expect(r"error: no bundle: give QEMU one with -initrd, or [^\r]*\r+\n")
    machine.prompt()
    assert machine.fails("guest create /linux1.dtb") == "there is no file /linux1.dtb in the bundle"
    assert machine.command("guest list").split() == ["NAME", "STATE", "VCPUS", "MEMORY", "TREE"]


def whole_bundle(folder):
    """The bytes of a small bundle."""
    return bundle.make(folder, files={"a": b"a" * 1000, "b": b"b" * 1000, "c": b"c" * 1000}).read_bytes()


@pytest.mark.parametrize("damage, complaint", [
    (lambda whole: b"\0" * len(whole), r"bundle: at byte 0: .+"),
    (lambda whole: whole[:1500], r"bundle: at byte \d+: .+"),
    (lambda whole: whole[:60], r"bundle: at byte 0: .+"),
    (lambda whole: whole[:54] + b"FFFFFFFF" + whole[62:], r"bundle: at byte 0: .+"),
    (lambda whole: whole[:94] + b"FFFFFFFF" + whole[102:], r"bundle: at byte 0: .+"),
    (lambda whole: whole[:54] + b"0000zz00" + whole[62:], r"bundle: at byte 0: .+"),
    (lambda whole: b"\x1f\x8b" + whole, r"bundle: at byte 0: .+"),
], ids=["zeros", "truncated", "cut header", "huge size", "huge name", "no number", "compressed"])
def test_damaged_bundle(start, tmp_path, damage, complaint):
    image = tmp_path / "damaged.cpio"
    image.write_bytes(damage(whole_bundle(tmp_path)))
    machine = start(image=image)
    match = machine.expect(r"error: (bundle: [^\r]*)\r+\n")
    assert re.fullmatch(complaint, match.group(1)), match.group(1)
    machine.prompt()
    assert machine.fails("guest create /a") == "there is no file /a in the bundle"
