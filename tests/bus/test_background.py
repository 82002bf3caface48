"""The threads deliver events while they run, and end on request; the next start continues with the rest."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert

from app.bus import tables
from app.bus.transport.local import Local
from app.config.settings import Settings
from app.jobs import tables as jobs
from app.jobs.enqueue import enqueue
from app.kernel import clock
from app.runtime.background import Background
from app.wiring import Module, Schedule
from tests.bus.tiny import Greeted, Tiny, TinyUnitOfWork, Waved, tiny
from tests.conftest import until


@pytest.fixture
def threads() -> Iterator[set[threading.Thread]]:
    """The threads that exist before the test; checks afterwards that no others are left."""
    before = set(threading.enumerate())
    yield before
    until(lambda: set(threading.enumerate()) <= before, "every thread has ended")


def unsent(module: Tiny) -> int:
    """The number of events not marked as delivered."""
    return sum(row.published_at is None for row in module.rows(tables.outbox))


def test_events_travel_by_themselves_and_stopping_ends_every_thread(
    threads: set[threading.Thread], greeter: Tiny, listener: Tiny
) -> None:
    background = Background([greeter.module, listener.module], partial(Local, complete=True))
    background.start()
    try:
        for n in range(50):
            greeter.publishes(Greeted(name=f"name {n % 5}", text=str(n)))
        until(lambda: len(listener.consumed()) == 50, "everything is consumed")
        until(lambda: not unsent(greeter), "everything is marked")
    finally:
        background.stop(timeout=60)

    for n in range(5):
        assert listener.texts(f"name {n}") == [str(m) for m in range(50) if m % 5 == n]


def test_events_published_before_the_start_are_delivered_after_it(
    threads: set[threading.Thread], greeter: Tiny, listener: Tiny
) -> None:
    greeter.publishes(Greeted(name="ann", text="1"))
    with greeter.database.begin() as connection:  # of a process that was killed before it sent the event
        dead = {"name": "relay", "owner": "gone", "until": clock.now() + timedelta(hours=1)}
        connection.execute(insert(tables.leases), dead)

    background = Background([greeter.module, listener.module], partial(Local, complete=True))
    background.start()
    try:
        until(lambda: listener.texts("ann") == ["1"], "it is consumed")
    finally:
        background.stop(timeout=60)


def test_stopping_in_the_middle_loses_nothing(threads: set[threading.Thread], greeter: Tiny, listener: Tiny) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def waits(uow: TinyUnitOfWork, event: Greeted) -> None:
        if event.text == "3":
            reached.set()
            go_on.wait(60)

    listener.trouble.append(waits)
    texts = [str(n) for n in range(10)]
    greeter.publishes(*(Greeted(name="ann", text=text) for text in texts))
    first = Background([greeter.module, listener.module], partial(Local, complete=True))
    first.start()
    try:
        assert reached.wait(60)
    finally:
        ending = threading.Thread(target=first.stop, args=(10,))
        ending.start()
        until(lambda: first.consumers[1].stopping.is_set(), "it is stopping")
        go_on.set()
        ending.join()
    consumed = listener.texts("ann")
    assert consumed == texts[: len(consumed)]
    assert 4 <= len(consumed) < 10, "events being handled were finished, the rest was left"

    again = Background([greeter.module, listener.module], partial(Local, complete=True))
    greeter.time_passes(seconds=11)
    again.run_until_quiet()

    assert listener.texts("ann") == texts
    assert unsent(greeter) == 0


def test_a_failing_listener_does_not_delay_another(
    threads: set[threading.Thread], greeter: Tiny, listener: Tiny, tmp_path: Path
) -> None:
    other = tiny("other", f"sqlite:///{tmp_path / 'other.sqlite'}")

    def away(uow: TinyUnitOfWork, event: Greeted) -> None:
        raise ConnectionRefusedError("nobody there")

    listener.trouble.append(away)
    background = Background([each.module for each in (greeter, listener, other)], partial(Local, complete=True))
    background.start()
    try:
        greeter.publishes(*(Greeted(name="ann", text=str(n)) for n in range(5)))
        until(lambda: len(other.consumed()) == 5, "the other has consumed everything")
        assert listener.consumed() == []
        assert unsent(greeter) == 5, "one listener does not have them yet"
        listener.trouble.clear()
        until(lambda: len(listener.consumed()) == 5, "the first has caught up")
    finally:
        background.stop(timeout=60)


def test_a_schedule_that_fails_is_run_again(threads: set[threading.Thread], greeter: Tiny) -> None:
    runs: list[int] = []

    def fails() -> None:
        runs.append(1)
        raise ValueError("no")

    background = Background(
        [with_schedule(greeter.module, Schedule("failing", 0.01, fails))], partial(Local, complete=True)
    )
    background.start()
    try:
        until(lambda: len(runs) > 2, "it has run three times")
    finally:
        background.stop(timeout=60)


def with_schedule(module: Module, schedule: Schedule) -> Module:
    """The same module, with a schedule."""
    return Module(
        name=module.name,
        settings=Settings.from_environment({}),
        database=module.database,
        metadata=module.metadata,
        transaction=module.transaction,
        reading=module.reading,
        blueprints=[],
        subscriptions={},
        schedules=[schedule],
    )


def test_jobs_run_by_themselves_and_leases_of_ended_processes_are_deleted(
    threads: set[threading.Thread], tmp_path: Path
) -> None:
    done: list[str] = []
    module = tiny("worker", f"sqlite:///{tmp_path / 'worker.sqlite'}", tasks={"pay": done.append})
    with module.database.begin() as connection:
        enqueue(connection, "pay", "1")
        connection.execute(jobs.jobs.update().values(lease_until=clock.now() + timedelta(hours=1)))

    background = Background([module.module], partial(Local, complete=True))
    background.start()
    try:
        until(lambda: done == ["1"], "the work is done")
    finally:
        background.stop(timeout=60)


def test_an_incomplete_shop_keeps_its_events_in_the_outbox(greeter: Tiny, listener: Tiny) -> None:
    greeter.publishes(Waved(name="ann"), Greeted(name="ann", text="1"))

    Background([greeter.module, listener.module], partial(Local, complete=False)).run_until_quiet()

    assert unsent(greeter) == 2
    assert listener.consumed() == []
