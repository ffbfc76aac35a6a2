# SPDX-License-Identifier: BSD-2-Clause
"""The watchdog as a stock kernel's own driver uses it: a guest that feeds it lives on, also when people hold it; one that
does not has crashed. The emulator counts instructions instead of time, so that a slow machine starves nobody and seconds in
which nothing runs take none, as long as there is somebody who waits for their end: so there is another guest."""

import re

import bundle

BEAT = "watchdog -T 4 -t 1 -F /dev/watchdog & sleep 20"


def test_watchdog(start):
    tree = bundle.linux("linux", 2, bootargs='quiet corbel.modules="watchdog sunxi_wdt"',
                        extra='/ { corbel,on-crash = "restart"; };')
    other = bundle.linux("other", bootargs='quiet corbel.run="while sleep 1; do :; done"')
    machine = start({"linux": tree, "other": other},
                    boot=["guest create /linux.dtb", "guest create /other.dtb", "guest start other", "guest start linux",
                          "guest console linux"], options=["-icount", "shift=3,sleep=off"])
    machine.linux_ready("linux")
    assert machine.shell("cat /sys/class/watchdog/watchdog0/identity") == "sunxi-wdt\n"
    assert machine.shell(f"{BEAT}; cat /sys/class/watchdog/watchdog0/timeout; cat /proc/uptime").startswith("4\n")
    machine.detach()
    machine.command("guest pause linux")
    machine.command("top -n 2 -d 10")
    machine.command("guest resume linux")
    machine.attach("linux")
    assert machine.shell("sleep 20; echo alive").endswith("alive\n")
    machine.detach()
    info = machine.command("guest info linux")
    assert re.search(r"^crashes +0$", info, re.M) and "watchdog@102000" in info, info
    machine.attach("linux")
    machine.send("killall -STOP watchdog\r\x1d")
    machine.expect("guest linux: crashed, restarts in 1 s: its watchdog was not reloaded for 4.0 s\r\n")
    machine.expect("guest linux: restarted after crash 1\r\n")
    machine.attach("linux")
    machine.linux_ready("linux")
    machine.detach()
    info = machine.command("guest info linux")
    assert re.search(r"^crashes +1$", info, re.M) and "its watchdog was not reloaded" in info, info
