"""An event is handled in the trace in which it was published, at once or after a week of being parked."""

import pytest

from app.bus import outbox
from app.bus.parking import SLOW_TRIES
from app.kernel import trace
from app.kernel.context import caused_by, trace_id, traceparent
from tests.bus.bank import Bank
from tests.bus.tiny import Greeted, Tiny, TinyUnitOfWork, Waved, message

PUBLISHED_IN = [f"00-{n:032x}-00f067aa0ba902b7-01" for n in range(1, 6)]


def waves_back(listener: Tiny) -> None:
    """A handler that publishes a wave for each greeting."""
    listener.trouble[:] = [lambda uow, event: outbox.publish(uow.connection, Waved(name=event.name))]


def greeting(name: str, published_in: str | None) -> object:
    return message(Greeted(name=name, text="hello"), headers={"traceparent": published_in})


def waved_in(listener: Tiny) -> list[str | None]:
    """The span in which each wave was published, in order."""
    with listener.database.read() as connection:
        return [published.traceparent for _, published in outbox.unpublished_after(connection, 0, 100)]


def test_what_a_handler_publishes_is_of_the_trace_of_the_event_it_consumed(listener: Tiny) -> None:
    waves_back(listener)

    listener.consumer.handle(greeting("ann", PUBLISHED_IN[0]))

    assert waved_in(listener) == [PUBLISHED_IN[0]]
    assert traceparent.get() is None


def test_events_that_share_a_transaction_each_keep_their_own_trace(listener: Tiny) -> None:
    waves_back(listener)
    some = [greeting(f"n{n}", published_in) for n, published_in in enumerate(PUBLISHED_IN)]

    listener.consumer.settle(some, lambda _: None)

    assert waved_in(listener) == PUBLISHED_IN
    assert traceparent.get() is None


def test_an_event_without_a_trace_does_not_get_that_of_the_one_before_it(listener: Tiny) -> None:
    waves_back(listener)

    listener.consumer.settle([greeting("ann", PUBLISHED_IN[0]), greeting("bob", None)], lambda _: None)

    first, second = waved_in(listener)
    assert first == PUBLISHED_IN[0]
    assert second is not None and trace.read(second) == second and second != first


def test_a_parked_event_is_handled_in_its_own_trace_however_late(listener: Tiny) -> None:
    def fails(_work: TinyUnitOfWork, _event: Greeted) -> None:
        raise ValueError("not today")

    listener.trouble[:] = [fails]
    for n in (0, 1):
        listener.consumer.handle(greeting("ann", PUBLISHED_IN[n]))
    waves_back(listener)
    listener.time_passes(seconds=SLOW_TRIES[0].total_seconds() + 1)

    assert listener.drains() == 2

    assert waved_in(listener) == PUBLISHED_IN[:2]
    assert traceparent.get() is None


def test_a_job_runs_in_the_trace_of_its_last_request(bank: Bank) -> None:
    done_in: list[str | None] = []
    bank.during = lambda _subject: done_in.append(traceparent.get())  # type: ignore[func-returns-value]
    for published_in in PUBLISHED_IN[:2]:
        with caused_by("r", published_in):
            bank.requests("1")

    assert bank.worker().run_once()

    assert done_in == [PUBLISHED_IN[1]]
    assert traceparent.get() is None


def test_a_scheduled_change_begins_one_trace_for_all_events_it_publishes(listener: Tiny) -> None:
    listener.publishes(Waved(name="ann"), Waved(name="bob"))
    listener.publishes(Waved(name="zoe"))

    ann, bob, zoe = waved_in(listener)
    assert ann == bob != zoe
    assert trace_id() is None


@pytest.mark.parametrize(
    "strange", ["", "x" * 10_000, "é", "a\x00b", "' OR 1=1 --", PUBLISHED_IN[0].upper(), PUBLISHED_IN[0] + "-x"]
)
def test_an_invalid_traceparent_of_any_shape_harms_nothing(listener: Tiny, strange: str) -> None:
    waves_back(listener)

    listener.consumer.handle(greeting("ann", strange))

    (wave,) = waved_in(listener)
    assert wave is not None and trace.read(wave) == wave
    assert listener.texts("ann") == ["hello"]
