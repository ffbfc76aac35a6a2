# SPDX-License-Identifier: BSD-2-Clause
"""A device of the host's in a guest's hands: its registers, its interrupts, and what becomes of it when guests go."""

import json
import re
import socket

import pytest

import bundle

# One of the emulator's virtio slots, with a network card that nothing is plugged into: a change of its link interrupts,
# and without queues it touches no memory.
HOST_NODE = "/soc/virtio_mmio@10008000"
HOST_LINE = 8
MAGIC, STATUS, INTERRUPT_STATUS, INTERRUPT_ACK = 0x0, 0x70, 0x60, 0x64
DRIVER_OK = 0x4

# Where the guest has it. Linux has no driver for it, so that the tests have it to themselves.
DEVICE = 0x20000000
INPUT = 21
PLIC = 0xc000000
NODE = f"""
/ {{ soc {{ adder@20000000 {{
	compatible = "acme,adder";
	corbel,passthrough = "{HOST_NODE}";
	reg = <0 {DEVICE:#x} 0 0x1000>;
	interrupt-parent = <&plic>;
	interrupts = <{INPUT}>;
}}; }}; }};
"""


class Card:
    """The card's link, which only the emulator can change."""

    def __init__(self, path):
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.connect(str(path))
        self.stream = self.connection.makefile("rw")
        self.stream.readline()
        self.order("qmp_capabilities")
        self.up = True

    def order(self, command, /, **arguments):
        """Has the emulator do something."""
        self.stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.stream.flush()
        while "return" not in json.loads(self.stream.readline()):
            pass

    def link_change(self):
        """Plugs the cable in, or pulls it."""
        self.up = not self.up
        self.order("set_link", name="card", up=self.up)


@pytest.fixture(scope="module")
def machine(start_shared, tmp_path_factory):
    """A machine with the card, and two trees of guests that want it."""
    path = tmp_path_factory.mktemp("card") / "qmp"
    bootargs = "quiet iomem=relaxed"
    trees = {name: bundle.linux(name, bootargs=bootargs, extra=NODE) for name in ("first", "second")}
    machine = start_shared(trees, options=("-device", "virtio-net-device,id=card,bus=virtio-mmio-bus.7",
                                           "-qmp", f"unix:{path},server=on,wait=off"))
    machine.prompt()
    machine.card = Card(path)
    return machine


@pytest.fixture
def guest(machine):
    """The first guest at its shell, with the device ready to interrupt; nothing of it remains."""
    free = machine.free()
    machine.command("guest create /first.dtb")
    machine.command("guest start first")
    machine.attach("first")
    machine.linux_ready("first")
    poke(machine, DEVICE + STATUS, DRIVER_OK)
    yield machine
    machine.command("guest destroy first")
    assert machine.free() == free


def peek(machine, address):
    """A word at a physical address of the guest's, by its shell."""
    return int(machine.shell(f"devmem {address:#x}"), 16)


def poke(machine, address, value):
    """The same, written."""
    assert machine.shell(f"devmem {address:#x} 32 {value:#x}") == ""


def pending(machine):
    """Whether the guest's interrupt controller has the card's interrupt."""
    return peek(machine, PLIC + 0x1000) >> INPUT & 1


def arrived(machine):
    """How often the card has interrupted the host, by Corbel's count; asked from the guest's console."""
    machine.detach()
    count = int(re.search(rf"^ +{HOST_LINE} +(\d+)  passthrough$", machine.command("host irq"), re.M).group(1))
    machine.attach("first")
    return count


def claim_and_complete(machine):
    """Does by hand what an interrupt handler does; Linux itself is not to see the interrupt."""
    claim, threshold, enable = PLIC + 0x200004, PLIC + 0x200000, PLIC + 0x2000
    poke(machine, PLIC + 4 * INPUT, 1)
    line = f"devmem {threshold:#x} 32 7; old=$(devmem {enable:#x}); devmem {enable:#x} 32 $((old | 1 << {INPUT})); " \
           f"devmem {claim:#x}; devmem {claim:#x} 32 {INPUT}; devmem {enable:#x} 32 $old; devmem {threshold:#x} 32 0"
    assert int(machine.shell(line), 16) == INPUT


def test_registers(guest):
    assert peek(guest, DEVICE + MAGIC) == 0x74726976
    assert peek(guest, DEVICE + STATUS) == DRIVER_OK
    guest.detach()
    row = re.search(r"^0x000020000000 .* passthrough +(.*)$", guest.command("guest info first"), re.M)
    assert row.group(1) == "adder@20000000: the host's at 0x10008000"


def test_interrupts(guest):
    count = arrived(guest)
    assert not pending(guest)
    for i in range(3):
        guest.card.link_change()
        assert pending(guest)
        # One more is held back until the first one is done.
        guest.card.link_change()
        assert arrived(guest) == count + 2 * i + 1
        claim_and_complete(guest)
        assert pending(guest)
        assert arrived(guest) == count + 2 * i + 2
        poke(guest, DEVICE + INTERRUPT_ACK, peek(guest, DEVICE + INTERRUPT_STATUS))
        claim_and_complete(guest)
        assert not pending(guest)
        assert arrived(guest) == count + 2 * i + 2
    guest.detach()


def test_reset(guest):
    """What the guest left undone does not keep it from interrupts after its reset."""
    guest.card.link_change()
    assert pending(guest)
    guest.detach()
    guest.command("guest reset first")
    guest.attach("first")
    guest.linux_ready("first")
    guest.card.link_change()
    assert pending(guest)
    poke(guest, DEVICE + INTERRUPT_ACK, 3)
    claim_and_complete(guest)
    assert not pending(guest)
    guest.detach()


def test_one_guest_after_the_other(guest):
    """The second one cannot have it yet; but later, and whatever the first one left undone."""
    guest.card.link_change()
    assert pending(guest)
    guest.detach()
    free = guest.free()
    assert guest.fails("guest create /second.dtb") == \
        "/second.dtb: node /soc/adder@20000000: corbel,passthrough: the device is another guest's already"
    assert guest.free() == free
    guest.command("guest destroy first")
    guest.command("guest create /second.dtb")
    guest.command("guest start second")
    guest.attach("second")
    guest.linux_ready("second")
    guest.card.link_change()
    assert pending(guest)
    poke(guest, DEVICE + INTERRUPT_ACK, 3)
    claim_and_complete(guest)
    assert not pending(guest)
    guest.detach()
    guest.command("guest destroy second")
    guest.command("guest create /first.dtb")
