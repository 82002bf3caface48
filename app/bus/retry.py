"""Retries of an event: without end in an outage, for some seconds after conflicts, otherwise a few times."""

import logging
import random
import threading
import time
from typing import Any

from app.bus import parking
from app.bus.apply import Effects
from app.bus.event import Message, Unreadable
from app.kernel.database import is_away
from app.kernel.errors import Stale
from app.kernel.transaction import Transaction

log = logging.getLogger(__name__)

QUICK_TRIES = 5
TIMEOUT = 30.0  # seconds of retrying after conflicts with other transactions


class Away(Exception):
    """The module's database cannot be reached now; the event itself has not failed."""


class Stopped(Exception):
    """The process is ending. Messages that were not handled will be delivered again."""


class Retry:
    """Tries an event until it is applied or parked. app.bus.drain retries parked events."""

    def __init__(self, consumer: str, effects: Effects, stopping: threading.Event) -> None:
        self._consumer, self._effects, self._stopping = consumer, effects, stopping

    def until_done(self, transaction: Transaction[Any], message: Message, again: bool) -> str:
        """Returns the outcome: `handled`, `seen`, `queued` or `parked`.

        Raises Away while the event can neither be applied nor parked, and Stopped when the process ends.
        """
        failures, until = 0, time.monotonic() + TIMEOUT
        while not self._stopping.is_set():
            try:
                with transaction() as uow:
                    return self._effects.once(uow, message, again)
            except Unreadable as unreadable:
                return self._park(transaction, message, unreadable)
            except Stale as stale:
                if time.monotonic() > until:
                    raise Away(f"its rows stay locked by other transactions: {stale}") from stale
                self._stopping.wait(random.uniform(0, 0.01))  # noqa: S311 — jitter, not a secret
            except Exception as failure:
                if is_away(failure):
                    raise Away(str(failure)) from failure
                failures += 1
                log.exception("%s failed to handle %s (try %d)", self._consumer, message.type, failures)
                if failures == QUICK_TRIES:
                    return self._park(transaction, message, failure)
        raise Stopped

    def _park(self, transaction: Transaction[Any], message: Message, error: Exception) -> str:
        try:
            with transaction() as uow:
                parking.park(uow.connection, self._consumer, message, f"{type(error).__name__}: {error}")
        except Exception as failure:
            raise Away(f"cannot park an event: {failure}") from failure
        log.error("%s parked %.200r of %.200r: %.500s", self._consumer, message.type, message.key, error)
        return "parked"
