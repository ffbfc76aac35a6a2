# SPDX-License-Identifier: BSD-2-Clause
"""The tree that a Linux guest finds, and that what it says is true: nothing of Corbel's own, the processor that there
really is, the seeds used up."""

import re

import pytest

import bundle
from boards import BOARD

EXTRA = """
/ { model = "a model of ours"; corbel,priority = <7>; corbel,name = "linux"; corbel,note { corbel,text = "x"; };
    cpus { cpu@1 { corbel,affinity = <0>; }; };
    corbel,files { one { corbel,file = "/message"; corbel,address = <0x86000000>; }; }; };
&serial0 { corbel,backend = "console"; };
"""
FILES = {**bundle.LINUX_FILES, "message": "a file that the tree places"}


@pytest.fixture(scope="module", params=["rv64,h=true", "rv64,h=true,v=true,sstc=off", "rva23s64"])
def machine(request, start_shared):
    """At the shell of a guest with two VCPUs."""
    trees = {"source": bundle.linux("linux", 2, bootargs="quiet", extra=EXTRA)}
    machine = start_shared(trees, FILES, ["guest create /source.dtb", "guest start linux", "guest console linux"],
                           cpu=request.param)
    machine.cpu = request.param
    machine.linux_ready("linux")
    return machine


def prop(machine, path):
    """A property of strings."""
    return machine.shell(f"tr '\\0' '\\n' </proc/device-tree/{path}").split()


def number(machine, path):
    """A property of one cell."""
    return int(machine.shell(f"od -An -tx1 /proc/device-tree/{path} | tr -d ' \\n'; echo"), 16)


def test_nothing_of_corbels(machine):
    assert machine.shell("find /proc/device-tree/ -name 'corbel,*' -type f") == ""
    assert machine.shell("find /proc/device-tree/ -name 'corbel,files*'") == ""
    assert machine.shell("tr -d '\\0' </proc/device-tree/model") == "a model of ours"


def test_what_was_added(machine):
    assert number(machine, "cpus/timebase-frequency") == 10000000
    assert machine.shell("ls /proc/device-tree/chosen | grep rng-seed") == "", "the kernel takes it away when it uses it"
    assert number(machine, "chosen/kaslr-seed") >> 32 != 0, "this kernel does not look at it"
    start, end = (number(machine, f"chosen/linux,initrd-{name}") for name in ("start", "end"))
    assert end - start == (BOARD.guests / "initramfs.cpio").stat().st_size
    assert 0x80000000 < start < end <= 0x88000000
    assert "random: crng init done" in machine.shell("dmesg | grep crng")


def test_isa(machine):
    for cpu in ("cpu@0", "cpu@1"):
        isa = prop(machine, f"cpus/{cpu}/riscv,isa")[0]
        letters, _, rest = isa.partition("_")
        extensions = prop(machine, f"cpus/{cpu}/riscv,isa-extensions")
        assert prop(machine, f"cpus/{cpu}/riscv,isa-base") == ["rv64i"]
        assert letters.startswith("rv64imafdc") and "h" not in letters
        assert set(extensions) == set(letters[4:]) | set(rest.split("_"))
        assert "h" not in extensions
        assert ("sstc" in extensions) == ("sstc=off" not in machine.cpu)
        assert ("v" in extensions) == ("v=true" in machine.cpu or machine.cpu == "rva23s64")
        assert ("svpbmt" in extensions) == (machine.cpu == "rva23s64")
        mode = prop(machine, f"cpus/{cpu}/mmu-type")
        assert mode == ["riscv,sv39" if machine.cpu == "rva23s64" else "riscv,sv57"]
    seen = set(re.findall(r"^isa\s*: (\S+)$", machine.shell("cat /proc/cpuinfo"), re.M))
    assert len(seen) == 1 and "sstc=off" in machine.cpu or "_sstc" in seen.pop()
    using = machine.shell("dmesg | grep -i 'timer interrupt'")
    assert ("sstc" in using) == ("sstc=off" not in machine.cpu)


def test_memory_and_devices(machine):
    assert "80000000-87ffffff : System RAM" in machine.shell("cat /proc/iomem")
    assert machine.shell("cat /sys/class/rtc/rtc0/name").startswith("goldfish_rtc")
    assert "ttyS0" in machine.shell("cat /proc/consoles")
