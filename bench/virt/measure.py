# SPDX-License-Identifier: BSD-2-Clause
"""What is measured on the RISC-V board: the guest of bench/virt/guest, and bench/virt/kernel around a stock kernel."""
import subprocess

from emulator import REPEATABLE, emulate

COLUMNS = ("Corbel",)
# A kernel's start waits for clock ticks and does work in the background that may fall before or after the end: it varies by
# 3 % with the random seed that it is given. The least of several is the same to 0.1 % whichever seeds they are.
KERNEL_SEEDS = range(1, 6)
TICK_NS = 100  # of the emulated machine's time counter; one instruction lasts 1 ns
LABELS = {
    "sbi-get-spec-version": "SBI get_spec_version",
    "sbi-set-timer": "SBI set_timer",
    "stimecmp-write": "stimecmp written by the guest",
    "uart-read": "UART register read",
    "plic-priority-read": "PLIC priority read",
    "plic-priority-write": "PLIC priority write",
    "plic-claim": "PLIC claim",
    "self-ipi-until-taken": "self-IPI until taken",
    "remote-fence-to-self": "remote fence to self",
    "timer-lateness-spinning": "timer lateness, spinning",
    "timer-lateness-wfi": "timer lateness, in WFI",
    "first-touch-of-page": "first touch of a 4 KiB page",
    "uart-transmit-interrupt": "one UART transmit interrupt",
    "idle-per-sleep": "idle guest, per sleep",
    "kernel-entry-to-ready": "stock kernel, entry to ready",
}
# What the bare machine has and a guest of ours has not; without it the kernel does the same on both.
BARE_ONLY_NODES = [
    "/soc/pci@30000000", "/flash@20000000", "/fw-cfg@10100000", "/platform-bus@4000000", "/pmu",
] + [f"/soc/virtio_mmio@1000{n}000" for n in range(1, 9)]


def machine(options, memory, *extra, seed=1):
    """An emulator's command that does the same each time that it is run with the same seed."""
    return [options.qemu, "-M", "virt", "-cpu", options.cpu, "-smp", "1", "-m", memory, "-seed", str(seed), *REPEATABLE, *extra]


def on_corbel(options, name, until, seed=1):
    bundle = f"{options.build}/{name}.bundle"
    return emulate(machine(options, "2G", "-kernel", options.corbel, "-initrd", bundle, seed=seed), until)


def bare_tree(options, seed):
    """The bare machine's tree without the devices that a guest of ours does not have."""
    path = f"{options.build}/bare.dtb"
    dump = [*machine(options, "512M", seed=seed), "-M", f"dumpdtb={path}"]
    subprocess.run(dump, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for node in BARE_ONLY_NODES:
        subprocess.run(["fdtput", "-r", path, node], check=True)
    return path


def kernel_figure(run):
    """Instructions from the kernel's entry until it is ready, by a function that boots it with a seed."""
    times = []
    for seed in KERNEL_SEEDS:
        figures = run(seed)
        times.append((figures["kernel-ready"] - figures["kernel-entry"]) * TICK_NS)
    return min(times)


def measure_kernel(options):
    marker = "bench kernel-ready"

    def bare(seed):
        return emulate(machine(options, "512M", "-dtb", bare_tree(options, seed), "-kernel", f"{options.guests}/stub.bin",
                               "-device", f"loader,file={options.guests}/vmlinux,addr=0x80400000,force-raw=on",
                               "-initrd", f"{options.build}/initramfs.cpio", "-append", options.bootargs, seed=seed), marker)

    return kernel_figure(bare), kernel_figure(lambda seed: on_corbel(options, "kernel", marker, seed))


def measure(options):
    """{operation: (bare, Corbel)}"""
    bare = emulate(machine(options, "64M", "-kernel", f"{options.guests}/bench.bin"), "bench: done")
    corbel = on_corbel(options, "bench", "bench: done")
    bare["kernel-entry-to-ready"], corbel["kernel-entry-to-ready"] = measure_kernel(options)
    return {name: (bare.get(name), corbel.get(name)) for name in LABELS if name in corbel}
