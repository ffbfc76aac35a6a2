# SPDX-License-Identifier: BSD-2-Clause
"""The management terminal as a person uses it: keys, history, completion, help, tables, errors, and what each command
shows of a machine with guests."""

import re

import pytest

import bundle
from boards import BOARD, ROOT

UP, DOWN, RIGHT, LEFT, HOME, END, DELETE = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[3~"


def control(letter):
    """The byte that the key sends together with Ctrl."""
    return chr(ord(letter) - 64)


@pytest.fixture(scope="module")
def machine(start_shared):
    """A running guest of two VCPUs at its shell, and one that was only created."""
    trees = {"linux": bundle.linux("linux", 2, bootargs="quiet"), "lazy": bundle.linux("lazy", 1, ram=64)}
    boot = ["# a comment", "guest create /linux.dtb", "guest create /lazy.dtb", "guest start linux", "", "no such command",
            "guest start nobody", "echo the script goes on", "guest console linux"]
    machine = start_shared(trees, boot=boot)
    machine.expect("guest console|the script goes on")
    assert "/boot.cmd: line 6 failed" in machine.before() and "/boot.cmd: line 7 failed" in machine.before()
    machine.linux_ready("linux")
    machine.detach()
    return machine


def typed(machine, keys):
    """Types keys and Enter, and returns what the command that they make printed."""
    machine.send(keys + "\r")
    return machine.expect(r"\r\n((?:[^\r\n]*\r\n)*?)corbel> ").group(1).replace("\r", "")


@pytest.mark.parametrize("keys, text", [
    ("echo onee" + control("H"), "one"),
    ("echo onee\x7f", "one"),
    ("echo oe" + LEFT + "n", "one"),
    ("echo xone" + control("B") * 3 + "\x7f", "one"),
    ("cho one" + HOME + "e", "one"),
    ("cho one" + control("A") + "e" + control("E") + " two", "one two"),
    ("cho one" + HOME + "e" + END + " two", "one two"),
    ("echo one" + LEFT * 3 + RIGHT + DELETE, "oe"),
    ("echo one" + LEFT * 3 + control("F") + control("D"), "oe"),
    ("echo one two" + control("W"), "one"),
    ("echo one two\x1b\x7f", "one"),
    ("echo one two" + "\x1bb" * 2 + "\x1bd", "two"),
    ("echo one two" + "\x1b[1;5D" * 2 + "zero " + "\x1b[1;5C" + "s", "zero ones two"),
    ("rubbish" + control("U") + "echo one", "one"),
    ("echo one two" + LEFT * 4 + control("K"), "one"),
    ("one" + control("U") + "echo " + control("Y") + control("Y"), "oneone"),
    ("echo one" + control("L"), "one"),
    ("rubbish" + control("C") + "echo one", "one"),
    ('echo "one  two"   three', "one  two three"),
    ("echo one # two", "one"),
    ("echo " + "x" * 200, "x" * 200),
    ("echo \x1b[99~\x1bOx\x01\x05one", "one"),
])
def test_keys(machine, keys, text):
    machine.send(keys + "\r")
    machine.expect(r"\n" + re.escape(text) + r"\r\ncorbel> ")


def test_history(machine):
    for number in range(40):
        machine.command(f"echo number {number}")
    assert typed(machine, UP) == "number 39\n"
    assert typed(machine, UP * 3) == "number 37\n"
    assert typed(machine, control("P") * 3 + control("N")) == "number 39\n"
    machine.command("echo last")
    assert typed(machine, UP * 100) == "number 11\n", "32 lines are kept"
    assert typed(machine, "echo kept" + UP + DOWN) == "kept\n"
    assert typed(machine, UP + " and more") == "kept and more\n"


@pytest.mark.parametrize("keys, pattern", [
    ("gue\t", "guest $"),
    ("guest st\t\t", r"start +stop.*corbel> guest st\S*$"),
    ("guest sta\t", "guest start $"),
    ("guest start la\t", "guest start lazy $"),
    ("guest start l\t\t", r"linux +lazy.*corbel> guest start l\S*$"),
    ("guest create /li\t", r"guest create /linux\.dtb $"),
    ("help vcpu re\t", "help vcpu regs $"),
])
def test_completion(machine, keys, pattern):
    machine.send(keys)
    machine.expect(pattern)
    machine.send(control("C"))
    machine.expect(r"corbel> (\x1b\[K)?$")


def test_help_of_every_command(machine):
    listed = machine.command("help")
    commands = [re.match(r"(\S+(?: [a-z]+)?)((?: [A-Z\[-]\S*)*)(?:  |$)", line) for line in listed.splitlines()[1:-1]]
    names = [match.group(1) for match in commands]
    assert len(names) >= 25 and len(set(names)) == len(names)
    nouns = {name.split()[0] for name in names}
    assert {"guest", "vcpu", "device", "mem", "thread", "top", "log", "host", "echo", "help"} <= nouns
    documented = (ROOT / "docs/mterm.md").read_text()
    for match in commands:
        text = machine.command(f"help {match.group(1)}")
        assert text.startswith(f"usage: {match.group(1)}{match.group(2)}"), text
        assert len(text.splitlines()) >= 2
        assert re.search(rf"^#.*\b{match.group(1)}\b", documented, re.M), f"docs/mterm.md does not have {match.group(1)}"
    for noun in nouns:
        assert machine.command(f"help {noun}").strip()


@pytest.mark.parametrize("line, error", [
    ("gest list", 'no command "gest"; did you mean "guest"? `help` lists all'),
    ("guest strat linux", 'no command "guest strat"; did you mean "guest start"? `help guest` lists its verbs'),
    ("guest", '"guest" needs a verb: console, create, destroy, dump, info, list, pause, reset, resume, start, stop'),
    ("guest start", "too few arguments; usage: guest start NAME"),
    ("guest start a b", "too many arguments; usage: guest start NAME"),
    ("guest start nobody", 'no guest "nobody"; `guest list` shows them all'),
    ("guest console lazy no-line", 'no guest "lazy" with a console "no-line"'),
    ("vcpu regs linux 2", "guest linux has no VCPU 2; it has 2, counted from 0"),
    ("vcpu regs linux x", 'INDEX "x" is no number; 4096, 0x1000 and 4K would be'),
    ("mem show linux 0x0", "guest linux has no memory at 0x0; `guest info linux` shows where"),
    ("mem show linux 0x80000000 5000", "LENGTH is at most 4096 bytes"),
    ("mem show linux 0x10000000 4", "guest linux has no memory at 0x10000000; `guest info linux` shows where"),
    ("mem show linux 12z", 'ADDRESS "12z" is no number; 4096, 0x1000 and 4K would be'),
    ("top -n", "COUNT is missing behind -n"),
    ("top -n 0", "COUNT must be from 1 to 1000000"),
    ("top -x", 'SECONDS "-x" is no number; 4096, 0x1000 and 4K would be'),
    ("host mem -x", '"-x" means nothing here; -v would'),
    ("help nothing", 'no command "nothing"; `help` lists all'),
    ('echo "open', "a quotation mark is not closed"),
    ("echo" + " a" * 20, "more than 18 words in a line"),
])
def test_errors(machine, line, error):
    text = machine.fails(line)
    assert text == error


def test_guest_info(machine):
    text = machine.command("guest info linux")
    for fact in ("state +running", r"tree +/linux\.dtb", "memory +128 MiB", "VCPUs +2", "starts +1"):
        assert re.search(rf"^{fact}$", text, re.M), text
    rows = [line.split() for line in text.split("\n\n")[1].splitlines()[1:]]
    assert rows == sorted(rows)
    assert ["0x000010000000", "0x0000100000ff", "256", "B", "device", "serial@10000000"] in rows
    assert rows[-1][:6] == ["0x000080000000", "0x000087ffffff", "128", "MiB", "RAM", "on"]


def test_vcpu_list(machine):
    rows = machine.table("vcpu list")
    assert [(row["GUEST"], row["VCPU"]) for row in rows] == [("linux", "0"), ("linux", "1"), ("lazy", "0")]
    assert rows[2]["STATE"] == "off" and rows[2]["EXITS"] == "0"
    assert int(rows[0]["EXITS"]) > 0 and float(rows[0]["TIME"].split()[0]) > 0
    assert len(machine.table("vcpu list linux")) == 2


def test_vcpu_regs(machine):
    for index in (0, 1):
        text = machine.command(f"vcpu regs linux {index}")
        registers = dict(re.findall(r"(\S+) +([0-9a-f]{16})\b", text))
        assert {"pc", "ra", "sp", "a0", "t6", "s11", "sstatus", "satp", "stvec"} <= registers.keys()
        # Linux: its code lies in the upper half, and so does its stack.
        assert int(registers["pc"], 16) >> 63 == 1 or int(registers["pc"], 16) < 1 << 47
        assert int(registers["stvec"], 16) >= 0xffffffff80000000 and int(registers["satp"], 16) >> 60 in (8, 9, 10)
    machine.attach("linux")
    assert machine.shell("echo alive") == "alive\n"
    machine.detach()


def test_device_list(machine):
    rows = machine.table("device list linux")
    assert {row["TYPE"] for row in rows} >= {"plic", "uart16550", "goldfish-rtc", "syscon-test"}
    serial = next(row for row in rows if row["TYPE"] == "uart16550")
    assert serial["BASE"] == "0x10000000" and int(serial["WRITES"]) > 100


def test_mem_show(machine):
    kernel = (BOARD.guests / "vmlinux").read_bytes()
    text = machine.command("mem show linux 0x80200030 32")
    shown = [line.split("|")[0].split()[1:] for line in text.splitlines()]
    assert bytes(int(word, 16) for row in shown for word in row) == kernel[0x30:0x50]


def test_thread_list(machine):
    rows = machine.table("thread list")
    names = [row["NAME"] for row in rows]
    assert {"idle/0", "idle/1", "terminal", "linux/0", "linux/1", "lazy/0"} <= set(names)
    terminal = rows[names.index("terminal")]
    assert terminal["STATE"] == "running" and int(terminal["PRIO"]) > int(rows[names.index("linux/0")]["PRIO"])
    assert len({row["ID"] for row in rows}) == len(rows)


def test_top(machine):
    """Where a VCPU is busy top says so, and why it exits."""
    machine.attach("linux")
    machine.send("while true; do :; done &\r")
    machine.expect("linux:~# ")
    machine.detach()
    text = machine.command("top -n 2")
    pages = text.split("idle: ")[1:]
    assert len(pages) == 2
    for page in pages:
        busy = max(float(number) for number in re.findall(r"^ *([\d.]+) +\d+ +linux/\d ", page, re.M))
        assert 20 < busy <= 100.5, page
        assert re.search(r"^linux +\d +\d+  .*(irq|wfi|sbi|read|write) \d+", page, re.M), page
    machine.attach("linux")
    machine.shell("kill %1; wait")
    machine.detach()


def test_top_refreshes(machine):
    """Without a count it fills the screen again and again, until q is typed."""
    machine.send("top -d 1\r")
    for _ in range(3):
        machine.expect(r"\x1b\[H.*idle: .*CAUSE")
    machine.send("q")
    machine.expect(r"corbel> ")
    assert machine.command("echo back") == "back\n"


def test_log(machine):
    lines = machine.command("log").splitlines()
    assert all(re.match(r"\[ *\d+\.\d{6}\] ", line) for line in lines)
    times = [float(line[1:].split("]")[0]) for line in lines]
    assert times == sorted(times)
    assert any("guest linux: created" in line for line in lines)


def test_host(machine):
    information = machine.command("host info")
    for fact in (r"Corbel \S+", r"uptime +\d+\.\d{3} s", "CPUs +2 of 2 online", r"memory +20\d\d MiB, \d+ MiB free", "guests +2",
                 "timebase 10000000 Hz, timer by Sstc"):
        assert re.search(rf"^{fact}$", information, re.M), information
    cpus = machine.table("host cpus")
    assert [(row["CPU"], row["STATE"]) for row in cpus] == [("0", "online"), ("1", "online")]
    assert "terminal" in {row["RUNS"] for row in cpus} and sum(int(row["IPIS"]) for row in cpus) > 0
    assert any(row["NAME"] == "uart16550" and int(row["COUNT"]) > 0 for row in machine.table("host irq"))
    assert {"plic", "uart16550"} <= {row["DRIVER"] for row in machine.table("host dev")}


def test_host_mem_adds_up(machine):
    text = machine.command("host mem -v")
    amounts = {name: int(value) for name, value in re.findall(r"^(\S+(?: \S+)*) +(\d+)$", text.split(" objects of")[0], re.M)}
    assert sum(value for name, value in amounts.items() if name != "total") == amounts["total"]
    assert amounts["guest RAM"] == (128 + 64) << 20
    assert re.search(r"^vcpu_create +3 ", text, re.M), text


def test_reboot_and_poweroff(start):
    machine = start(files={"boot.cmd": "echo up\n"})
    for _ in range(2):
        machine.expect(r"\nup\r\ncorbel> ")
        machine.send("host reboot\r")
    machine.expect(r"\nup\r\ncorbel> ")
    machine.send("host poweroff\r")
    machine.ends()
