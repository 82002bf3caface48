"""A job that fails is repeated without end, with growing pauses; another worker takes over from one that died."""

from datetime import timedelta

import pytest

from app.jobs import tables as jobs
from app.jobs.worker import MAX_PAUSE
from app.kernel import clock
from app.kernel.errors import Stale
from tests.bus.bank import Bank, fails


def test_a_failing_job_that_is_requested_again_is_tried_at_once(bank: Bank) -> None:
    def asks_and_fails(subject: str) -> None:
        if len(bank.calls) == 1:
            bank.requests("1")
            fails(subject)

    bank.during = asks_and_fails
    bank.requests("1")

    while bank.worker().run_once():
        pass

    assert bank.calls == ["1", "1"]


def test_a_failure_is_kept_and_tried_again_later(bank: Bank) -> None:
    bank.during = fails
    bank.requests("1")

    bank.worker().run_once()

    assert not bank.worker().run_once(), "not due yet"
    row = bank.row()
    assert row.attempts == 1
    assert row.error == "Unavailable: the bank does not answer"
    assert row.lease_until is None
    assert row.due_at > clock.now() - timedelta(seconds=5)


def test_pauses_grow_up_to_a_limit_and_it_is_never_given_up(bank: Bank) -> None:
    bank.during = fails
    bank.requests("1")
    pauses = []
    for _ in range(14):
        before = clock.now()
        assert bank.worker().run_once()
        pauses.append((bank.row().due_at - before).total_seconds())
        bank.module.time_passes(seconds=2 * MAX_PAUSE)

    max_pause = [min(0.2 * 2**n, MAX_PAUSE) for n in range(14)]
    assert all(pause >= limit / 2 for pause, limit in zip(pauses, max_pause, strict=True))
    assert pauses[-1] > pauses[4] > pauses[0]
    assert bank.row().attempts == 14

    bank.during = None
    while bank.worker().run_once():
        pass
    assert bank.module.count(jobs.jobs) == 0


def test_requesting_a_job_again_ends_its_pause(bank: Bank) -> None:
    bank.during = fails
    bank.requests("1")
    for _ in range(3):
        bank.worker().run_once()
        bank.module.time_passes(seconds=MAX_PAUSE)
    bank.worker().run_once()

    bank.requests("1")

    assert bank.row().attempts == 0
    assert bank.worker().run_once()


def test_a_conflict_is_repeated_at_once_and_is_no_failure(bank: Bank) -> None:
    def loses(subject: str) -> None:
        if len(bank.calls) < 4:
            raise Stale("someone else was first")

    bank.during = loses
    bank.requests("1")

    while bank.worker().run_once():
        assert bank.module.count(jobs.jobs) == 0 or bank.row().attempts == 0

    assert bank.calls == ["1"] * 4


def test_a_worker_that_died_loses_its_lease_and_another_runs_the_job(bank: Bank) -> None:
    def dies(subject: str) -> None:
        raise KeyboardInterrupt  # no code after the call runs, as after a kill

    bank.during = dies
    bank.requests("1")
    with pytest.raises(KeyboardInterrupt):
        bank.worker().run_once()
    bank.during = None
    assert not bank.worker().run_once(), "the lease of the dead worker has not ended"

    bank.module.time_passes(seconds=31)

    assert bank.worker().run_once()
    assert bank.calls == ["1", "1"]
