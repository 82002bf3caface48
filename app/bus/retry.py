"""How often an event is tried: for ever in an outage, for a while after lost races, else a few times."""

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
TIMEOUT = 30.0  # seconds of losing a race for the same rows


class Away(Exception):
    """The module's database cannot be reached now; nothing is wrong with the event."""


class Stopped(Exception):
    """The process is ending; what was not handled is sent again."""


class Retry:
    """Has an event's effect committed, or its parking. Further tries of what is parked are app.bus.drain's."""

    def __init__(self, consumer: str, effects: Effects, stopping: threading.Event) -> None:
        self._consumer, self._effects, self._stopping = consumer, effects, stopping

    def until_done(self, transaction: Transaction[Any], message: Message, again: bool) -> str:
        """Returns what became of it: handled, seen, queued or parked. Raises Away while it can be neither, Stopped."""
        failures, until = 0, time.monotonic() + TIMEOUT
        while not self._stopping.is_set():
            try:
                with transaction() as work:
                    return self._effects.once(work, message, again)
            except Unreadable as unreadable:
                return self._park(transaction, message, unreadable)
            except Stale as stale:
                if time.monotonic() > until:
                    raise Away(f"its rows stay locked: {stale}") from stale
                self._stopping.wait(random.uniform(0, 0.01))  # noqa: S311 — spreads rivals, keeps no secret
            except Exception as failure:
                if is_away(failure):
                    raise Away(str(failure)) from failure
                failures += 1
                log.exception("%s failed on %s (try %d)", self._consumer, message.type, failures)
                if failures == QUICK_TRIES:
                    return self._park(transaction, message, failure)
        raise Stopped

    def _park(self, transaction: Transaction[Any], message: Message, error: Exception) -> str:
        try:
            with transaction() as work:
                parking.park(work.connection, self._consumer, message, f"{type(error).__name__}: {error}")
        except Exception as failure:
            raise Away(f"cannot park an event: {failure}") from failure
        log.error("%s parked %.200r of %.200r: %.500s", self._consumer, message.type, message.key, error)
        return "parked"
