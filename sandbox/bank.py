"""What banks do some time later, by the test card that was paid with: refunds that fail or go through, disputes."""

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
    """A thread that does what is due."""

    def __init__(self, shop: Shop) -> None:
        self._shop = shop
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bank", daemon=True)

    def start(self) -> None:
        """Go on with what an earlier run left."""
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way."""
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
            with suppress(Refused):  # a person may have been quicker, in the dashboard
                BECOMES[what](self._shop.call(rows), identity)
            return True
