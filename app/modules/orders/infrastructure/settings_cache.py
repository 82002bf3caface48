"""What staff set up, cached in this process, so that an order does not read it again before it changes.

Triggers of the database renew the edition with each change of promotions, shipping, rates of tax, registrations and
exemptions. Each transaction reads it, so no price is computed with settings that have ended. An edition is random: one
that was rolled back never comes again.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, select

from app.kernel.compiled import execute
from app.modules.orders.infrastructure.tables import settings_edition

EDITION = select(settings_edition.c.edition)
T = TypeVar("T")
MAX_ANSWERS = 1000  # more are asked for again: there is one for each place of a buyer


class SettingsCache:
    """The answers of one edition, which all threads share."""

    def __init__(self) -> None:
        self._cached: tuple[str, dict[object, Any]] = "", {}

    def of(self, edition: str) -> dict[object, Any]:
        cached = self._cached
        if cached[0] != edition or len(cached[1]) >= MAX_ANSWERS:
            cached = self._cached = edition, {}
        return cached[1]


class CachedSettings:
    """The answers that hold for one transaction. Who changes settings calls `forget`."""

    def __init__(self, connection: Connection, cache: SettingsCache) -> None:
        self._connection = connection
        self._cache = cache
        self._answers: dict[object, Any] | None = None

    def get(self, question: object, read: Callable[[], T]) -> T:
        """The answer to this question, which must not be changed; it is read if it is not cached."""
        if self._answers is None:
            row = execute(self._connection, EDITION, {}).first()
            self._answers = self._cache.of(row.edition) if row else {}
        if question not in self._answers:
            self._answers[question] = read()
        answer: T = self._answers[question]
        return answer

    def forget(self) -> None:
        self._answers = None
