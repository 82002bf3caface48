"""Identifiers sort by the time of their creation; times always have their zone."""

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st

from app.kernel import clock
from app.kernel.clock import rfc3339
from app.kernel.ids import new_id


def test_ids_sort_by_the_time_they_were_made_as_ids_and_as_text() -> None:
    made = [new_id() for _ in range(5000)]

    assert made == sorted(made)
    assert [str(id) for id in made] == sorted(str(id) for id in made)
    assert len(set(made)) == 5000


def test_an_id_is_a_uuid_of_version_7_that_holds_its_time() -> None:
    before = clock.now()
    id = new_id()
    after = clock.now()

    made_at = datetime.fromtimestamp((id.int >> 80) / 1000, UTC)

    assert id.version == 7
    assert before - timedelta(milliseconds=1) <= made_at <= after


def test_threads_never_make_the_same_id() -> None:
    made: list[object] = []
    threads = [threading.Thread(target=lambda: made.extend([new_id() for _ in range(2000)])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 8000


def test_now_has_its_zone() -> None:
    assert clock.now().utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 1, 31, 12, 0, tzinfo=UTC), "2026-01-31T12:00:00Z"),
        (datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=UTC), "2026-01-31T12:00:00.000005Z"),
        (datetime(2026, 1, 31, 1, 30, tzinfo=timezone(timedelta(hours=2))), "2026-01-30T23:30:00Z"),
    ],
)
def test_a_moment_is_written_in_utc_with_a_z(moment: datetime, written: str) -> None:
    assert rfc3339(moment) == written


@seed(3)
@given(st.datetimes(datetime(1970, 1, 2), datetime(9999, 1, 1), timezones=st.timezones()))
def test_a_written_moment_is_read_back_as_the_same(moment: datetime) -> None:
    assert datetime.fromisoformat(rfc3339(moment)) == moment.astimezone(UTC)
