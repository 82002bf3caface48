"""Long deletions in slices: others wait for one slice at most, and what a killed process did stays done."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

Open = TypeVar("Open")
SLICE = 2000  # rows of one transaction


def in_slices(transaction: Callable[[], AbstractContextManager[Open]], delete_one: Callable[[Open], int]) -> int:
    """Delete one slice after the other, each in a transaction, until there is nothing left. Returns how many rows.

    It rests after each as long as that one took: SQLite has one writer at a time, and others would hardly get a turn.
    """
    total = 0
    while True:
        began = time.monotonic()
        with transaction() as opened:
            deleted = delete_one(opened)
        if deleted < 0:
            raise RuntimeError(f"the driver did not count the rows that {delete_one} deleted")
        if not deleted:
            return total
        total += deleted
        time.sleep(time.monotonic() - began)
