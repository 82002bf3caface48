from collections.abc import Iterator
from contextlib import contextmanager
from .call import Call
from .faults import Faults
from .store import Rows, Store
class Shop:
    def __init__(self, store, address, wake):
        self.store, self.faults, self.address, self.wake = store, Faults(), address, wake
    @contextmanager
    def changing(self) -> Iterator[Rows]:
        with self.store.transaction() as rows:
            yield rows
        self.wake()
    def call(self, rows, **about):
        return Call(rows=rows, faults=self.faults, address=self.address, subscribed=None, hooked=True, **about)
