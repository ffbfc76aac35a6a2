# SPDX-License-Identifier: BSD-2-Clause
"""Bundles for tests: guest trees of the tests' own, compiled and put together as the project's own tools do it."""

import subprocess
from pathlib import Path

from boards import BOARD, ROOT

TEMPLATE = """/dts-v1/;
{macros}
#include "{template}"
/ {{
	chosen {{
{chosen}
	}};
}};
"""


def run(*command, **options):
    """Runs a tool that must succeed."""
    subprocess.run([str(word) for word in command], check=True, **options)


def tree(chosen, template=BOARD.template, **macros):
    """The source of a guest's tree: a template of guests/ with macros defined for it, and what its /chosen has besides."""
    defines = "\n".join(f"#define {name} {value}" for name, value in macros.items())
    return TEMPLATE.format(macros=defines, template=template, chosen=chosen)


def linux(name, vcpus=1, ram=128, bootargs="", extra=""):
    """The source of a tree for a Linux guest with our small initramfs."""
    escaped = bootargs.replace('"', '\\"')
    chosen = f'bootargs = "console=ttyS0 hostname={name} {escaped}";\n' \
             f'corbel,kernel = "/{BOARD.kernel}"; corbel,initrd = "/initramfs.cpio";'
    return tree(chosen, VCPUS=vcpus, RAM_MIB=ram) + extra


def compile_tree(source, output):
    """Compiles a tree's source, as the Makefile does."""
    text = subprocess.run(["cc", "-E", "-nostdinc", "-undef", "-x", "assembler-with-cpp", "-I", ROOT / "guests", "-"],
                          input=source, text=True, check=True, capture_output=True).stdout
    subprocess.run(["dtc", "-q", "-I", "dts", "-O", "dtb", "-o", output, "-"], input=text, text=True, check=True)


def make(folder, trees=None, files=None, boot=()):
    """Makes a bundle in an empty folder and returns its path. `trees`: name to source; `files`: name to path or contents;
    `boot`: lines of the boot script."""
    entries = {"boot.cmd": "\n".join(boot) + "\n"} if boot else {}
    entries.update(files or {})
    pairs = []
    for name, content in entries.items():
        if not isinstance(content, Path):
            (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
            content = folder / name
        pairs.append(f"{name}={content}")
    for name, source in (trees or {}).items():
        compile_tree(source, folder / f"{name}.dtb")
        pairs.append(f"{name}.dtb={folder / name}.dtb")
    output = folder / "bundle.cpio"
    run(ROOT / "tools/make-bundle.sh", output, *pairs)
    return output


LINUX_FILES = {name: BOARD.guests / name for name in (BOARD.kernel, "initramfs.cpio")} if BOARD.kernel else {}
