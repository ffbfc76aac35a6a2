# SPDX-License-Identifier: BSD-2-Clause
"""Corbel in the emulator, as a person at its serial console meets it. Not the tests, and not the making of bundles."""

import os
import re
import signal
import termios

import pexpect

from boards import BOARD, EMULATOR

# Long enough for a machine that is busy with other things; each wait is for something that is sure to come.
PATIENCE = int(os.environ.get("PATIENCE", "300"))
ESCAPE_KEY = "\x1d"
# A message of Corbel's that comes while a line is typed, and the line drawn again below it.
INTERRUPTION = r"(?:\r\x1b\[K[^\n]*\n\rcorbel> [^\x1b]*\x1b\[K)*"


def plain(text):
    """The text without the terminal's control sequences, with plain ends of lines."""
    return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text).replace("\r", "")


def newlines_keep():
    """Has the emulator's terminal pass on ends of lines as they are."""
    attributes = termios.tcgetattr(0)
    attributes[1] &= ~termios.ONLCR
    termios.tcsetattr(0, termios.TCSANOW, attributes)


class Machine:
    """One emulated machine; `with` ends it."""

    alive = []

    def __init__(self, bundle, cpu=BOARD.cpu, smp=2, memory=BOARD.memory, append=None, kernel=BOARD.image, options=()):
        command = [*BOARD.options, "-cpu", cpu, "-smp", str(smp), "-m", memory, "-display", "none", "-monitor", "none",
                   "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console", "-kernel", str(kernel), *options]
        if bundle:
            command += ["-initrd", str(bundle)]
        if append:
            command += ["-append", append]
        self.command_line = command
        self.lost = False
        self.transcript = Transcript()
        self.child = pexpect.spawn(EMULATOR, command, encoding="latin-1", timeout=PATIENCE, dimensions=(50, 200),
                                   preexec_fn=newlines_keep, maxread=65536)
        self.child.delaybeforesend = None
        self.child.logfile_read = self.transcript
        Machine.alive.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.close()

    def close(self):
        """Ends the emulator however it feels about that."""
        if self in Machine.alive:
            Machine.alive.remove(self)
            self.child.kill(signal.SIGKILL)
            self.child.close(force=True)

    # ---- the stream ----

    def send(self, text):
        """Types the text."""
        self.child.send(text)

    def expect(self, pattern, patience=PATIENCE):
        """Waits for the pattern and returns its match. What did not come once is not waited for again."""
        assert not self.lost, "the machine went astray in a test before"
        try:
            self.child.expect(pattern, timeout=patience)
        except (pexpect.TIMEOUT, pexpect.EOF) as exception:
            self.lost = True
            ending = "the machine ended" if isinstance(exception, pexpect.EOF) else f"{patience} seconds"
            raise AssertionError(f"{pattern!r} did not come: {ending}; last: {self.child.before[-300:]!r}") from None
        return self.child.match

    def before(self):
        """What came before the last match."""
        return plain(self.child.before)

    def ends(self):
        """Waits until the machine has been switched off, and returns all that it said since the last match."""
        self.expect(pexpect.EOF)
        return self.before()

    # ---- Corbel's terminal ----

    def prompt(self):
        """Waits for Corbel's first prompt, that after the boot script."""
        self.expect(r"\ncorbel> ")

    def command(self, line):
        """Runs a command at the prompt, where the terminal must be, and returns what it printed."""
        self.send(line)
        self.expect(INTERRUPTION.join(map(re.escape, line)))
        self.send("\r")
        return plain(self.expect(r"\r\n(|.*?\n)corbel> ").group(1))

    def fails(self, line):
        """Runs a command that must fail, and returns the error's text."""
        output = self.command(line)
        match = re.fullmatch(r"error: (.*)\n", output)
        assert match, f"{line!r} should fail with one line, and printed {output!r}"
        return match.group(1)

    def table(self, line):
        """Runs a command that prints a table first, and returns the rows as dictionaries by title. Messages that came
        meanwhile are left out."""
        text = self.command(line)
        return table_read(re.sub(r"^\[ *\d+\.\d{6}\] .*\n", "", text, flags=re.M))

    def free(self):
        """How many bytes of memory are free."""
        return int(re.search(r"^free +(\d+)$", self.command("host mem"), re.M).group(1))

    # ---- guests ----

    def attach(self, guest):
        """From the prompt to a guest's console."""
        self.send(f"guest console {guest}\r")
        self.expect(rf"\[corbel: console of {re.escape(guest)}; Ctrl-\] leads back\]\r\n")

    def detach(self):
        """From a guest's console to the prompt; returns what the guest printed since the last match."""
        self.send(ESCAPE_KEY)
        self.expect(r"(.*)\x1b\[0m\r\n\[corbel: back at the terminal\]\r\n.*\rcorbel> \x1b\[K")
        return plain(self.child.match.group(1))

    def linux_ready(self, name):
        """Waits, on a Linux guest's console, until its shell has been started; returns what it printed before."""
        self.expect(rf"Corbel guest ready: {re.escape(name)}, (\d+) CPUs?\r\n")
        text = self.before()
        self.expect(rf"{re.escape(name)}:~# ")
        return text

    def shell(self, line, patience=PATIENCE):
        """Runs a command in the shell of a Linux guest, on whose console we are; returns what it printed. The marks are
        spelled so that their echo does not look like them."""
        self.send(f"echo BEG''IN; {line}; echo EN''D\r")
        self.expect(r"BEGIN\r\n", patience)
        self.expect(r"END\r\n", patience)
        text = self.before()
        self.expect(r":~# ", patience)
        return text

    def write_file(self, path, text):
        """Types a text into a file of the Linux guest. The shell edits what is typed before its command runs, so that has
        to say so first."""
        self.send(f"{{ echo RE''ADY; cat >{path}; }}\r")
        self.expect(r"READY\r\n")
        self.send(text.replace("\n", "\r") + "\x04")
        self.expect(r":~# ")


def table_read(text):
    """The rows of the table that the text begins with, as dictionaries by title. Columns are told apart by two blanks or
    more in all lines, so a table that is not aligned does not yield its titles."""
    lines = text.split("\n")
    lines = lines[:lines.index("")]
    width = max(map(len, lines))
    lines = [line.ljust(width) for line in lines]
    inked = "".join(" " if all(line[i] == " " for line in lines) else "x" for i in range(width))
    columns = [match.span() for match in re.finditer(r"x(?: ?x)*", inked)]
    titles, *rows = [[line[begin:end].strip() for begin, end in columns] for line in lines]
    return [dict(zip(titles, row)) for row in rows]


class Transcript:
    """All that the machine said, for when a test fails."""

    def __init__(self):
        self.text = []

    def write(self, text):
        """Called by pexpect."""
        self.text.append(text)

    def flush(self):
        """Called by pexpect."""

    def tail(self, lines):
        """The last lines, readable."""
        return "\n".join(plain("".join(self.text)).splitlines()[-lines:])
