# SPDX-License-Identifier: BSD-2-Clause
"""What all system tests share: machines that are started for a test or for a file of tests, and their transcripts."""

import contextlib
import shutil
import tempfile
from pathlib import Path

import pytest

import bundle
from boards import BOARD
from machine import Machine


@contextlib.contextmanager
def machines():
    """Gives a function that starts machines, all of which end with the context."""
    started = []
    folder = Path(tempfile.mkdtemp(prefix="corbel-test-"))

    def start(trees=None, files=bundle.LINUX_FILES, boot=(), image=None, **options):
        """Starts a machine with the bundle that is described as for bundle.make(), or with a file as it is."""
        if image is None:
            place = folder / str(len(started))
            place.mkdir()
            image = bundle.make(place, trees, files, boot)
        started.append(Machine(image, **options))
        return started[-1]

    try:
        yield start
    finally:
        for machine in started:
            machine.close()
        shutil.rmtree(folder)


@pytest.fixture
def start():
    """Starts machines for one test."""
    with machines() as starter:
        yield starter


@pytest.fixture(scope="module")
def start_shared():
    """Starts machines for all tests of a file."""
    with machines() as starter:
        yield starter


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Shows what the machines said when a test has failed."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for machine in Machine.alive:
            report.sections.append(("transcript of " + " ".join(machine.command_line), machine.transcript.tail(150)))


def pytest_addoption(parser):
    """--soak runs the tests that take minutes on purpose."""
    parser.addoption("--soak", action="store_true", help="run the tests that load guests for minutes, too")


def pytest_configure(config):
    """Names the mark of those."""
    config.addinivalue_line("markers", "soak: takes minutes on purpose; runs with --soak only")


def pytest_collection_modifyitems(config, items):
    """Leaves those out unless they are asked for; and the files that are for other boards: a file names its boards in BOARDS,
    and without that it is for virt."""
    items[:] = [item for item in items if BOARD.name in getattr(item.module, "BOARDS", ("virt",))]
    if config.getoption("--soak"):
        return
    for item in items:
        if item.get_closest_marker("soak"):
            item.add_marker(pytest.mark.skip(reason="runs with --soak only"))
