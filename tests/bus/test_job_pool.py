"""The threads that run the jobs of a module."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from app.jobs.pool import JobPool
from app.jobs.tables import jobs
from tests.bus.bank import Bank
from tests.conftest import until


@pytest.fixture
def pool(bank: Bank) -> Iterator[JobPool]:
    made = JobPool(bank.worker(), 3)
    for thread in made.threads:
        thread.start()
    yield made
    made.close()


def test_as_many_jobs_run_at_a_time_as_there_are_threads(bank: Bank, pool: JobPool) -> None:
    called = threading.Semaphore(0)
    answers = threading.Event()

    def hangs(_: str) -> timedelta | None:
        called.release()
        answers.wait(150)
        return None

    bank.during = hangs
    bank.requests("a", "b", "c", "d")

    assert [pool.start_one() for _ in range(3)] == [True] * 3
    assert all(called.acquire(timeout=60) for _ in range(3))
    assert pool.start_one(), "it returns without a free thread, to be called again"
    assert sorted(bank.calls) == ["a", "b", "c"]
    answers.set()
    until(lambda: not pool.start_one(), "the fourth has its turn")
    until(lambda: bank.calls[3:] == ["d"], "it is run")
    until(lambda: bank.module.rows(jobs) == [], "all are done")
    assert not pool.start_one()


def test_a_job_that_fails_frees_its_thread(bank: Bank, pool: JobPool) -> None:
    def breaks(_: str) -> timedelta | None:
        raise LookupError

    bank.during = breaks
    bank.requests("a", "b", "c", "d", "e")

    until(lambda: not pool.start_one(), "each has its turn")
    until(lambda: {*bank.calls} == {*"abcde"}, "each was tried")
