"""Jobs: a call to a third party is repeated until it succeeds, with one at a time for each subject."""

import threading
from datetime import timedelta

import pytest

from app.jobs import tables as jobs
from app.jobs.enqueue import enqueue
from app.kernel import clock
from app.kernel.context import request_id
from tests.bus.bank import Bank
from tests.conftest import until


def test_a_job_runs_once_and_its_row_is_deleted(bank: Bank) -> None:
    bank.requests("1")

    assert bank.worker().run_once()
    assert not bank.worker().run_once()

    assert bank.calls == ["1"]
    assert bank.module.count(jobs.jobs) == 0


def test_a_job_of_a_failed_transaction_does_not_run(bank: Bank) -> None:
    with pytest.raises(ZeroDivisionError), bank.module.database.begin() as connection:
        enqueue(connection, "pay", "1")
        raise ZeroDivisionError

    assert not bank.worker().run_once()


def test_adding_a_job_wakes_the_worker(bank: Bank) -> None:
    worker = bank.worker()

    bank.requests("1")

    assert worker.wake.is_set()


def test_a_job_requested_twice_before_it_runs_runs_once(bank: Bank) -> None:
    bank.requests("1")
    bank.requests("1")

    while bank.worker().run_once():
        pass

    assert bank.calls == ["1"]


def test_a_job_requested_again_while_it_runs_is_run_once_more(bank: Bank) -> None:
    def asks_again(subject: str) -> None:
        if len(bank.calls) == 1:
            bank.requests("1")
            bank.requests("1")

    bank.during = asks_again
    bank.requests("1")

    while bank.worker().run_once():
        pass

    assert bank.calls == ["1", "1"]
    assert bank.module.count(jobs.jobs) == 0


def test_while_one_worker_has_a_subject_another_takes_only_other_subjects(bank: Bank) -> None:
    other: list[bool] = []
    bank.requests("1")

    def another_looks(subject: str) -> None:
        if subject == "1" and not other:
            bank.requests("1")
            other.append(bank.worker().run_once())
            bank.requests("2")
            other.append(bank.worker().run_once())

    bank.during = another_looks
    bank.worker().run_once()

    assert other == [False, True]
    assert bank.calls == ["1", "2"]


def test_a_task_may_ask_to_be_run_again_later(bank: Bank) -> None:
    bank.during = lambda subject: timedelta(hours=1) if len(bank.calls) == 1 else None
    bank.requests("1")

    assert bank.worker().run_once()
    assert not bank.worker().run_once()
    bank.module.time_passes(minutes=61)
    assert bank.worker().run_once()

    assert bank.calls == ["1", "1"]
    assert bank.module.count(jobs.jobs) == 0


def test_a_job_requested_for_later_waits_until_then(bank: Bank) -> None:
    bank.requests("1", due_at=clock.now() + timedelta(minutes=5))

    assert not bank.worker().run_once()
    bank.module.time_passes(minutes=6)
    assert bank.worker().run_once()


def test_the_job_that_has_been_due_longest_runs_first(bank: Bank) -> None:
    for subject, minutes in (("late", 1), ("first", 9), ("middle", 5)):
        bank.requests(subject, due_at=clock.now() - timedelta(minutes=minutes))

    while bank.worker().run_once():
        pass

    assert bank.calls == ["first", "middle", "late"]


def test_kinds_and_subjects_do_not_get_in_each_others_way(bank: Bank) -> None:
    with bank.module.database.begin() as connection:
        enqueue(connection, "pay", "1")
        enqueue(connection, "look", "1")
        enqueue(connection, "pay", "2")

    assert bank.module.count(jobs.jobs) == 3
    while bank.worker().run_once():
        pass
    assert sorted(bank.calls) == ["1", "2"]


def test_many_workers_run_every_job_once(bank: Bank) -> None:
    subjects = [str(n) for n in range(60)]
    bank.requests(*subjects)

    def works() -> None:
        worker = bank.worker()
        until(lambda: not worker.run_once() and bank.module.count(jobs.jobs) == 0, "all is done", seconds=60)

    threads = [threading.Thread(target=works) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(bank.calls) == sorted(subjects)


def test_what_a_job_publishes_carries_the_request_that_caused_it(bank: Bank) -> None:
    consumed: list[str | None] = []
    bank.during = lambda subject: consumed.append(request_id.get())  # type: ignore[func-returns-value]
    token = request_id.set("the-request")
    bank.requests("1")
    request_id.reset(token)

    assert bank.worker().run_once()

    assert consumed == ["the-request"]
    assert request_id.get() is None
