# SPDX-License-Identifier: BSD-2-Clause
"""What is measured on the Malta board: the guest of bench/malta/guest in two maps, and user space of the stock kernel."""
from emulator import REPEATABLE, emulate

COLUMNS = ("segctl", "useg")
DONE = "bench: done"
LABELS = {
    "mfc0-status": "mfc0 Status",
    "mfc0-epc": "mfc0 EPC",
    "mfc0-count": "mfc0 Count",
    "mtc0-status": "mtc0 Status",
    "mtc0-status-cu0": "mtc0 Status, another CU0",
    "mtc0-epc": "mtc0 EPC",
    "mtc0-entryhi": "mtc0 EntryHi, same ASID",
    "mtc0-entryhi-asid": "mtc0 EntryHi, another ASID",
    "mtc0-compare": "mtc0 Compare",
    "di": "di",
    "di-delayed": "di behind beqz",
    "ei": "ei",
    "tlbp": "tlbp",
    "tlbwi": "tlbwi",
    "eret": "eret",
    "cache-hit-writeback": "CACHE, data line by address",
    "cache-index-code": "CACHE, code line by index",
    "synci": "synci",
    "uart-read": "UART register read",
    "uart-write": "UART register write",
    "syscall-and-return": "syscall, and back",
    "refill-and-return": "refill exception, and back",
    "page-fault-and-return": "page fault, and back",
    "refill-by-guest": "refill done by the guest",
    "refill-present": "refill that the guest never sees",
    "rdhwr-count": "rdhwr Count in user mode",
    "linux-cpu-loop": "stock kernel: CPU loop",
    "linux-getppid": "stock kernel: getppid",
    "linux-pipe": "stock kernel: pipe ping-pong",
    "linux-page-fault": "stock kernel: page fault",
    "linux-fork": "stock kernel: fork + wait",
    "linux-fork-exec": "stock kernel: fork + exec",
    "linux-ready": "stock kernel: boot to ready",
}


def machine(options, memory, *extra):
    return [options.qemu, "-M", "malta", "-cpu", options.cpu, "-smp", "1", "-m", memory, "-seed", "1", "-nic", "none",
            "-vga", "none", *REPEATABLE, *extra]


def on_corbel(options, name):
    return emulate(machine(options, "512M", "-kernel", options.corbel, "-initrd", f"{options.build}/{name}.bundle"), DONE)


def bare_kernel(options):
    return emulate(machine(options, "128M", "-kernel", f"{options.guests}/vmlinuz", "-initrd",
                           f"{options.build}/initramfs.cpio", "-append", options.bootargs), DONE)


def measure(options):
    """{operation: (bare, segctl, useg)}"""
    bare = emulate(machine(options, "64M", "-kernel", f"{options.build}/segctl.elf"), DONE) | bare_kernel(options)
    segctl = on_corbel(options, "segctl") | on_corbel(options, "linux")
    useg = on_corbel(options, "useg")
    return {name: (bare.get(name), segctl.get(name), useg.get(name)) for name in LABELS if name in segctl}
