# SPDX-License-Identifier: BSD-2-Clause
"""What is wrong with a guest's tree or files: the message names file, node and property, nothing of the guest remains,
and a guest that runs goes on."""

import re

import pytest

import bundle
from boards import BOARD

KERNEL = 'corbel,kernel = "/vmlinux"; '
INITRD = 'corbel,initrd = "/initramfs.cpio";'


def tree(chosen=KERNEL + INITRD, extra="", vcpus=1, ram=128):
    """The source of a guest's tree with something wrong in it."""
    return bundle.tree(chosen, VCPUS=vcpus, RAM_MIB=ram) + extra


def soc(nodes):
    """Devices more than the template has."""
    return f"/ {{ soc {{ {nodes} }}; }};"


def root(text):
    """Properties and nodes more than the template has."""
    return f"/ {{ {text} }};"


def file_node(path, address):
    """A file to be put into the guest's memory."""
    return root(f'corbel,files {{ it {{ corbel,file = "{path}"; corbel,address = <{address}>; }}; }};')


MEMORY = 'memory@{0:x} {{ device_type = "memory"; reg = <{1:#x} {2:#x} {3:#x} {4:#x}>; }};'


def memory(base, size):
    """One more node of memory."""
    return root(MEMORY.format(base, base >> 32, base & 0xffffffff, size >> 32, size & 0xffffffff))


# Name of the tree in the bundle, its source, and what must be said about it after "/NAME.dtb: ".
WRONG_TREES = {
    "no-kernel": (tree(chosen=""), r"node /chosen: corbel,kernel must be the path of a file in the bundle"),
    "kernel-missing": (tree(chosen='corbel,kernel = "/kernel";'),
                       r"node /chosen: corbel,kernel names /kernel, which is not in the bundle"),
    "kernel-no-string": (tree(chosen="corbel,kernel = [2f 76];"),
                         r"node /chosen: corbel,kernel must be the path of a file in the bundle"),
    "kernel-no-header": (tree(chosen='corbel,kernel = "/initramfs.cpio";'),
                         r"node /chosen: /initramfs.cpio has no header .* corbel,kernel-address must"),
    "kernel-header-only": (tree(chosen='corbel,kernel = "/short-kernel";'), r"node /chosen: /short-kernel has no header .*"),
    "kernel-malformed": (tree(chosen='corbel,kernel = "/wrong-kernel";'),
                         r"node /chosen: corbel,kernel: /wrong-kernel: the kernel's header is malformed: .*"),
    "kernel-cut": (tree(chosen='corbel,kernel = "/half-kernel";'),
                   r"node /chosen: corbel,kernel: /half-kernel: the kernel is cut off after 0xed0000 bytes"),
    "kernel-misplaced": (tree(chosen=KERNEL + "corbel,kernel-address = <0x80201000>;"),
                         r"node /chosen: corbel,kernel-address 0x80201000 less 0x200000 must be a multiple of .*"),
    "kernel-outside": (tree(chosen=KERNEL + "corbel,kernel-address = <0x10200000>;"),
                       r"the kernel /vmlinux \(0x10200000, .* does not lie in the guest's RAM or ROM"),
    "kernel-too-big": (tree(chosen=KERNEL, ram=16),
                       r"node /chosen: the kernel /vmlinux needs \d+ MiB of RAM, the guest has 16 MiB"),
    "initrd-missing": (tree(chosen=KERNEL + 'corbel,initrd = "/x";'),
                       r"node /chosen: corbel,initrd names /x, which is not in the bundle"),
    "initrd-too-big": (tree(chosen=KERNEL + 'corbel,initrd = "/vmlinux";', ram=40),
                       r"the initrd /vmlinux \(.*\) overlaps the kernel /vmlinux \(.*\)"),
    "file-missing": (tree(extra=file_node("/y", 0x84000000)), r"node /corbel,files/it: corbel,file names /y, which .*"),
    "file-outside": (tree(extra=file_node("/initramfs.cpio", 0x10000000)),
                     r"the file /initramfs.cpio \(0x10000000, .* does not lie in the guest's RAM or ROM"),
    "file-overlap": (tree(extra=file_node("/initramfs.cpio", 0x80300000)),
                     r"the file /initramfs.cpio \(0x80300000, .*\) overlaps the kernel /vmlinux \(0x80200000\)"),
    "unknown-device": (tree(extra=soc('gpu@20000000 { compatible = "acme,gpu"; reg = <0 0x20000000 0 0x1000>; };')),
                       r'node /soc/gpu@20000000: no virtual device for compatible "acme,gpu"'),
    "no-compatible": (tree(extra=soc("thing@20000000 { reg = <0 0x20000000 0 0x1000>; };")),
                      r"node /soc/thing@20000000: it has reg, but no compatible .*"),
    "passthrough": (tree(extra=soc('d@20000000 { compatible = "ns16550a"; corbel,passthrough; '
                                   "reg = <0 0x20000000 0 0x1000>; };")),
                    r"node /soc/d@20000000: corbel,passthrough is not the path of a node .*"),
    "passthrough-nothing": (tree(extra=soc('d@20000000 { reg = <0 0x20000000 0 0x1000>; '
                                           'corbel,passthrough = "/soc/none"; };')),
                            r"node /soc/d@20000000: corbel,passthrough: the host has no device /soc/none"),
    "passthrough-in-use": (tree(extra=soc('d@20000000 { reg = <0 0x20000000 0 0x1000>; '
                                          'corbel,passthrough = "/soc/serial@10000000"; };')),
                           r"node /soc/d@20000000: corbel,passthrough: /soc/serial@10000000 is in use by Corbel .*"),
    "device-overlap": (tree(extra=soc('rtc@100800 { compatible = "google,goldfish-rtc"; reg = <0 0x100800 0 0x1000>; };')),
                       r"node /soc/.*@10.*: reg entry 0 \(0x10\d+\) overlaps entry 0 of /soc/.* \(0x10\d+\)"),
    "device-in-memory": (tree(extra=soc('rtc@80001000 { compatible = "google,goldfish-rtc"; '
                                        "reg = <0 0x80001000 0 0x1000>; };")),
                         r"node /soc/rtc@80001000: reg entry 0 \(0x80001000\) overlaps entry 0 of /memory@80000000 .*"),
    "device-wraps": (tree(extra=soc('rtc@f { compatible = "google,goldfish-rtc"; '
                                    "reg = <0xffffffff 0xfffff000 0 0x2000>; };")),
                     r"node /soc/rtc@f: reg entry 0 \(.*\) is empty or wraps around"),
    "bad-parent": (tree(extra=soc('rtc@20000000 { compatible = "google,goldfish-rtc"; reg = <0 0x20000000 0 0x1000>; '
                                  "interrupt-parent = <&test0>; interrupts = <1>; };")),
                   r"node /soc/rtc@20000000: .*interrupt.*"),
    "bad-backend": (tree(extra='&serial0 { corbel,backend = "pigeon"; };'), 
                    r'node serial@10000000: corbel,backend names "pigeon", and there is no such back end .*'),
    "bus-ranges": (tree(extra=root("soc { ranges = <0 0 0 0 0 0x80000000>; };")),
                   r"node /soc: a simple-bus must have an empty ranges"),
    "memory-overlap": (tree(extra=memory(0x87fff000, 1 << 20)),
                       r"node /memory@8.*: reg entry 0 \(.*\) overlaps entry 0 of /memory@8.*"),
    "memory-unaligned": (tree(extra=memory(0x90000800, 1 << 20)),
                         r"node /memory@90000800: reg entry 0 \(0x90000800, .*\) of RAM must be whole pages .*"),
    "memory-empty": (tree(extra=memory(0x90000000, 0)), r"node /memory@90000000: reg entry 0 .* is empty or wraps around"),
    "memory-beyond": (tree(extra=memory(1 << 60, 1 << 20)),
                      r"node /memory@1000000000000000: reg entry 0 .* lies beyond .*, up to which this processor can map"),
    "memory-too-much": (tree(ram=65536), r"the guest needs 65536 MiB of RAM, \d+ MiB are free"),
    "memory-enormous": (tree(extra=memory(1 << 33, 1 << 37)), r"the guest needs \d+ MiB of RAM, \d+ MiB are free"),
    "no-memory": (tree(extra=root('memory@80000000 { status = "disabled"; };')),
                  r'there is no enabled node with device_type = "memory"'),
    "no-cpus": (tree(extra=root('cpus { cpu@0 { status = "disabled"; }; };')),
                r'node /cpus: there is no enabled child with device_type = "cpu"'),
    "cpu-number": (tree(extra=root("cpus { cpu@0 { reg = <7>; }; };")),
                   r"node /cpus/cpu@0: reg must be 0: VCPUs are numbered .*"),
    "bad-name": (tree(extra=root('corbel,name = "two words";')), r"corbel,name, or else the file's name, must be .*"),
    "same-name": (tree(extra=root('corbel,name = "steady";')), r"there is a guest named steady already"),
    "bad-priority": (tree(extra=root("corbel,priority = <16>;")), r"node /: corbel,priority is 16 and must be 1 to 15"),
    "bad-affinity": (tree(extra=root("corbel,affinity = <0 5>;")), r"node /: corbel,affinity names CPU 5, .*"),
}

# Name, and how the bytes of a good tree are damaged.
DAMAGED_TREES = {
    "cut": (lambda good: good[:-100], r"not a well-formed device tree \(FDT_ERR_TRUNCATED\)"),
    "cut-header": (lambda good: good[:20], r"not a well-formed device tree \(FDT_ERR_\w+\)"),
    "empty": (lambda good: b"", r"the file is empty"),
    "no-tree": (lambda good: b"#!/bin/sh\n" * 100, r"not a well-formed device tree \(FDT_ERR_BADMAGIC\)"),
    "wild-offset": (lambda good: good[:8] + b"\x7f\xff\xff\xf0" + good[12:], r"not a well-formed device tree \(.*\)"),
    "wild-length": (lambda good: good.replace(b"\0\0\0\3\0\0\0\x09", b"\0\0\0\3\x7f\0\0\x09", 1),
                    r"not a well-formed device tree \(.*\)"),
    "nameless": (lambda good: good[:12] + b"\xff" * 4 + good[16:], r"not a well-formed device tree \(.*\)"),
    "endless": (lambda good: good[:-4].replace(b"\0\0\0\x02\0\0\0\x09", b"\0\0\0\x04\0\0\0\x04") + good[-4:],
                r"not a well-formed device tree \(.*\)"),
}


def damaged_trees(folder):
    """The files of the damaged trees."""
    bundle.compile_tree(tree(), folder / "good.dtb")
    good = (folder / "good.dtb").read_bytes()
    return {f"{name}.dtb": damage(good) for name, (damage, _) in DAMAGED_TREES.items()}


@pytest.fixture(scope="module")
def machine(start_shared, tmp_path_factory):
    """A Linux guest whose heart beats on its console, and all the wrong trees."""
    kernel = (BOARD.guests / "vmlinux").read_bytes()
    files = {**bundle.LINUX_FILES, "short-kernel": kernel[:63], "half-kernel": kernel[:0xed0000],
             "wrong-kernel": kernel[:16] + b"\xff" * 8 + kernel[24:4096],
             **damaged_trees(tmp_path_factory.mktemp("damaged"))}
    trees = {name: source for name, (source, _) in WRONG_TREES.items()}
    trees["steady"] = bundle.linux("steady", bootargs='quiet corbel.run="while sleep 0.1; do cat /proc/uptime; done"')
    machine = start_shared(trees, files, ["guest create /steady.dtb", "guest start steady"])
    machine.prompt()
    machine.attach("steady")
    machine.expect(r"\n\d+\.\d\d \d+\.\d\d\r\n")
    machine.detach()
    return machine


def uptime(machine):
    """What the steady guest says next of its uptime."""
    machine.attach("steady")
    machine.expect(r"\n(\d+\.\d\d) \d+\.\d\d\r\n")
    text = machine.expect(r"(\d+\.\d\d) \d+\.\d\d\r\n").group(1)
    machine.detach()
    return float(text)


def refused(machine, name, message):
    """Tries to create a guest, and checks message and memory."""
    free = machine.free()
    text = machine.fails(f"guest create /{name}.dtb")
    assert re.fullmatch(rf"/{name}\.dtb: {message}", text), text
    assert machine.free() == free, "memory was lost"


@pytest.mark.parametrize("name", WRONG_TREES)
def test_wrong_tree(machine, name):
    refused(machine, name, WRONG_TREES[name][1])


@pytest.mark.parametrize("name", DAMAGED_TREES)
def test_damaged_tree(machine, name):
    refused(machine, name, DAMAGED_TREES[name][1])


def test_no_such_tree(machine):
    free = machine.free()
    assert machine.fails("guest create /nowhere.dtb") == "there is no file /nowhere.dtb in the bundle"
    assert machine.fails("guest create /vmlinux") == "/vmlinux: a guest's tree of 31172608 bytes is too large"
    assert machine.free() == free


def test_second_guest_of_the_name(machine):
    refused(machine, "steady", "there is a guest named steady already")


def test_others_run_on(machine):
    """The guest beside all this lives, has lost no time, and is the only one."""
    before = uptime(machine)
    assert [(row["NAME"], row["STATE"]) for row in machine.table("guest list")] == [("steady", "running")]
    assert uptime(machine) > before
