"""Wake-ups between the processes of a shop, through the pipes in the folder that they share."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.kernel.database import notify_of_change, notify_on_commit
from app.runtime import wake_up
from tests.bus.tiny import Tiny, close, tiny
from tests.conftest import until

CAPACITY = 2 * wake_up.CAPACITY  # bytes; more than a pipe holds


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[tuple[Tiny, Tiny]]:
    """A worker and the bus process, which here are in one process and have each its own view of the database."""
    with ExitStack() as stack:
        made = [tiny("greeter", f"sqlite:///{tmp_path}/greeter.sqlite", receives=False) for _ in range(2)]
        for each in made:
            stack.callback(close, each)
        worker, bus = made
        folder = tmp_path / "shared"
        folder.mkdir()
        wake_up.join(folder, wake_up.WORKER, [worker.module])
        wake_up.join(folder, wake_up.BUS, [bus.module])
        yield worker, bus


def commits(tiny: Tiny, *, key: str | None = None, job: bool = False) -> None:
    with tiny.database.begin() as connection:
        if key:
            notify_of_change(connection, key)
        if job:
            notify_on_commit(connection, "job")


def test_the_bus_process_learns_of_the_jobs_of_a_worker(processes: tuple[Tiny, Tiny]) -> None:
    worker, bus = processes
    woken: list[str] = []
    bus.database.listeners.on_notification(lambda: woken.append("job"), "job")
    bus.database.listeners.on_notification(lambda: woken.append("event"), "event")

    commits(worker, job=True)

    until(lambda: woken, "the bus process is woken")
    assert woken == ["job"]


def test_a_worker_learns_what_the_bus_process_changed_and_passes_nothing_on(processes: tuple[Tiny, Tiny]) -> None:
    worker, bus = processes
    seen: list[str] = []
    returned: list[str] = []
    worker.database.listeners.on_change(seen.extend)
    bus.database.listeners.on_change(returned.extend)

    commits(bus, key="first")
    commits(bus, key="second")
    until(lambda: len(seen) == 2, "the worker is woken")

    assert sorted(seen) == ["first", "second"]
    assert sorted(returned) == ["first", "second"], "its own, once each"


def test_the_pipe_of_a_process_that_has_ended_is_removed(processes: tuple[Tiny, Tiny], tmp_path: Path) -> None:
    _, bus = processes
    left_over = tmp_path / "shared" / f"{wake_up.PREFIX}{wake_up.WORKER}-0"
    os.mkfifo(left_over)

    commits(bus, key="first")

    assert not left_over.exists()


def test_a_process_that_does_not_read_blocks_nobody(processes: tuple[Tiny, Tiny], tmp_path: Path) -> None:
    _, bus = processes
    frozen = tmp_path / "shared" / f"{wake_up.PREFIX}{wake_up.WORKER}-0"
    os.mkfifo(frozen)
    source = os.open(frozen, os.O_RDWR)

    key = "k" * 400
    for _ in range(CAPACITY // len(key)):
        commits(bus, key=key)
    held = os.read(source, CAPACITY)
    os.close(source)

    assert set(held.splitlines()) == {f"greeter change {key}".encode()}
