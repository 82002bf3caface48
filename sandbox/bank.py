"""What banks do some time later, depending on the test card: refunds that fail or succeed, and disputes."""

import threading
from collections.abc import Callable
from contextlib import suppress

from .call import Call
from .cards import Later
from .disputes import open_dispute
from .later import take_later
from .refunds import fail_refund, settle_refund
from .refusals import Record, Refused
from .shop import Shop

LOOK_EVERY = 0.5  # seconds

BECOMES: dict[Later, Callable[[Call, str], Record]] = {
    Later.REFUND_FAILS: fail_refund,
    Later.REFUND_SUCCEEDS: settle_refund,
    Later.DISPUTED: open_dispute,
}


class Bank:
    """A thread that carries out the planned actions when they are due."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bank", daemon=True)

    def start(self) -> None:
        """Start, and continue with actions that were planned before a restart."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the action in progress."""
        self._stopping.set()
        self._thread.join(2)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_EVERY):
            while self._do_next():
                pass

    def _do_next(self) -> bool:
        with self._shop.changing() as rows:
            due = take_later(rows)
            if due is None:
                return False
            identity, what = due
            with suppress(Refused):  # a dashboard action may have come first
                BECOMES[what](self._shop.call(rows), identity)
            return True
