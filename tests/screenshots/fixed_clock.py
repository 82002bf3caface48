"""A clock that stands still between steps, and ids that count: what a page shows is the same in every run."""

import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from types import SimpleNamespace
from uuid import UUID

import jwt.api_jwt
import pytest

from app.kernel import clock, ids
from app.web import auth

BEGIN = datetime(2026, 3, 11, 9, 0, tzinfo=UTC)


class Clock:
    """The time of the shop. It moves when a step says so."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._numbers = itertools.count(1)

    def moves(self, **by: float) -> None:
        self.at += timedelta(**by)

    def new_id(self) -> UUID:
        """A UUIDv7 of this time, with a number in place of what is random: later ones are greater."""
        return UUID(int=int(self.at.timestamp() * 1000) << 80 | 7 << 76 | 2 << 62 | next(self._numbers))


@contextmanager
def fixed_clock(at: datetime = BEGIN) -> Iterator[Clock]:
    """Within the context, this process has the time `at`, also where it judges the age of a token."""
    fixed = Clock(at)

    class Now(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return fixed.at

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "datetime", Now)
        patch.setattr(ids, "uuid7", fixed.new_id)
        patch.setattr(auth, "time", SimpleNamespace(time=lambda: fixed.at.timestamp(), monotonic=time.monotonic))
        patch.setattr(jwt.api_jwt, "datetime", Now)
        yield fixed
