# SPDX-License-Identifier: BSD-2-Clause
"""The stock kernel on as many VCPUs as it likes, on fewer and on more harts: what it finds there, and how it ends."""

import re
import time

import pytest

import bundle

VCPUS = (1, 2, 4, 8)
PROBLEMS = r"(?i)\b(oops|bug:|warning:|lockup|stall|hung task|call trace|unhandled|panic|soft reset|segfault)"
# A float loop whose result shows any register that was another process's or another VCPU's.
FLOATS = 'BEGIN { x = s; for (i = 1; i < 60000; i++) x = (x + s * 0.37) / 1.0003 + s / i; printf "%.12g ", x }'


def boot(start, vcpus, harts, **options):
    """A machine with one Linux guest, on whose console we are, at its shell."""
    trees = {"linux": bundle.linux("linux", vcpus, bootargs="quiet")}
    machine = start(trees, boot=["guest create /linux.dtb", "guest start linux", "guest console linux"], smp=harts, **options)
    machine.linux_ready("linux")
    return machine


def interrupts(machine):
    """/proc/interrupts: the counts per CPU by the name at the end of the line."""
    lines = machine.shell("cat /proc/interrupts").splitlines()
    count = len(lines[0].split())
    return {line.split(None, count + 1)[-1]: [int(word) for word in line.split()[1:count + 1]] for line in lines[1:]}


@pytest.mark.parametrize("vcpus, harts", [(1, 1), (1, 2), (2, 2), (4, 2), (8, 2), (4, 1), (4, 4), (2, 4)])
def test_vcpus(start, vcpus, harts):
    machine = boot(start, vcpus, harts)
    assert machine.shell("nproc") == f"{vcpus}\n"
    assert machine.shell("grep -c ^processor /proc/cpuinfo") == f"{vcpus}\n"
    log = machine.shell("dmesg; echo the end")
    assert "Linux version" in log and "Run /init as init process" in log and log.endswith("\nthe end\n")
    assert not re.search(PROBLEMS, log), log
    counts = interrupts(machine)
    timers = next(value for name, value in counts.items() if name.endswith("riscv-timer"))
    assert len(timers) == vcpus and min(timers) > 0, "each VCPU has timer interrupts"
    assert sum(next(value for name, value in counts.items() if name.endswith("ttyS0"))) > 0
    assert vcpus == 1 or sum(counts["Function call interrupts"]) + sum(counts["Rescheduling interrupts"]) > 0
    machine.detach()
    rows = machine.table("vcpu list linux")
    assert [row["VCPU"] for row in rows] == [str(i) for i in range(vcpus)]
    assert len(machine.table("host cpus")) == harts


def test_floats_belong_to_one(start):
    """As many loops as twice the VCPUs, each twice, each with the same result, on fewer harts than VCPUs."""
    machine = boot(start, 4, 2)
    machine.shell(f"echo '{FLOATS}' >/tmp/floats")
    machine.shell('loop() { awk -v s=$1 -f /tmp/floats >/tmp/$1.$2; }; both() { loop $1 1 & loop $1 2 & }')
    machine.shell("(both 1; both 2; both 3; both 4; wait)")
    alone = machine.shell("for i in 1 2 3 4; do awk -v s=$i -f /tmp/floats; done").split()
    assert len(set(alone)) == 4
    for turn in (1, 2):
        assert machine.shell(f"cat /tmp/1.{turn} /tmp/2.{turn} /tmp/3.{turn} /tmp/4.{turn}").split() == alone


@pytest.fixture(scope="module")
def pair(start_shared):
    """Two guests on two harts; one of them watches how the other one ends."""
    trees = {"linux": bundle.linux("linux", 2, bootargs="quiet"), "other": bundle.linux("other", bootargs="quiet")}
    machine = start_shared(trees, boot=["guest create /linux.dtb", "guest create /other.dtb", "guest start other",
                                        "guest start linux", "guest console linux"])
    machine.linux_ready("linux")
    machine.detach()
    return machine


def state(machine):
    """The state of the guest `linux`."""
    return machine.table("guest list")[0]["STATE"]


def test_time_passes(pair):
    """A second in the guest is a second outside, by Corbel's log and by the guest's clocks."""
    pair.attach("linux")
    began = time.monotonic()
    before, after = pair.shell("cat /proc/uptime; sleep 3; cat /proc/uptime").splitlines()
    outside = time.monotonic() - began
    inside = float(after.split()[0]) - float(before.split()[0])
    assert 3 <= inside <= outside + 0.1
    date = int(pair.shell("date +%s"))
    assert abs(date - time.time()) < 60 + outside, "the clock of the guest is that of the host"
    uptime = float(pair.shell("cat /proc/uptime").split()[0])
    pair.detach()
    host = float(re.search(r"uptime +([\d.]+) s", pair.command("host info")).group(1))
    assert uptime <= host


def test_reboot(pair):
    pair.attach("linux")
    pair.send("reboot\r")
    pair.expect(r"Corbel guest ready: linux, 2 CPUs\r\n")
    pair.expect("linux:~# ")
    assert float(pair.shell("cat /proc/uptime").split()[0]) < 200
    pair.detach()
    assert re.search(r"\] guest linux: rebooted\n", pair.command("log"))
    assert state(pair) == "running"
    assert re.search(r"starts +2\n", pair.command("guest info linux"))


def test_poweroff(pair):
    pair.attach("linux")
    pair.send("poweroff\r")
    pair.expect(r"reboot: Power down\r\n")
    pair.detach()
    # What is logged comes after what is so.
    while not re.search(r"\] guest linux: powered off\n", pair.command("log")):
        pass
    assert state(pair) == "stopped"
    assert {row["STATE"] for row in pair.table("vcpu list linux")} == {"off"}
    assert pair.table("guest list")[1]["STATE"] == "running"
    assert pair.command("guest start linux") == "guest linux: running\n"
    pair.attach("linux")
    pair.linux_ready("linux")
    pair.detach()


def test_message_beside_a_prompt(pair):
    """A message of Corbel's that comes while the prompt is shown stands on a line of its own, and the prompt comes again."""
    pair.attach("linux")
    pair.send("(sleep 1; busybox poweroff -f) &\r")
    pair.expect("linux:~# ")
    pair.detach()
    pair.send("guest li")
    pair.expect(r"guest li.*\] guest linux: powered off\r\n.*corbel> guest li\x1b\[K")
    pair.send("st\r")
    assert "stopped" in pair.expect(r"NAME[^>]*\ncorbel> ").group(0)
