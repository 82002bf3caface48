"""What all requests share: the file, the faults, and the receiver of webhooks."""

from collections.abc import Iterator
from contextlib import contextmanager

from .call import API_VERSION, Call
from .faults import Faults
from .sender import Sender
from .store import Rows, Store


class Shop:
    """The only account of this sandbox. Without a sender no webhooks are sent."""

    def __init__(
        self,
        store: Store,
        address: str,
        sender: Sender | None = None,
        subscribed: frozenset[str] | None = None,
        webhook_url: str | None = None,
    ) -> None:
        self.store, self.faults = store, Faults()
        self.sender = sender
        self._address, self._subscribed, self._webhook_url = address, subscribed, webhook_url

    @contextmanager
    def changing(self) -> Iterator[Rows]:
        """Open a transaction whose webhooks are sent as soon as it is committed."""
        with self.store.transaction() as rows:
            yield rows
        if self.sender:
            self.sender.wake()

    def call(
        self,
        rows: Rows,
        *,
        request_id: str | None = None,
        idempotency_key: str | None = None,
        api_version: str = API_VERSION,
    ) -> Call:
        """Return the context of a call in this transaction; a late decision of a bank has no request."""
        return Call(
            rows=rows,
            faults=self.faults,
            address=self._address,
            subscribed=self._subscribed,
            webhook_url=self._webhook_url if self.sender else None,
            api_version=api_version,
            request_id=request_id,
            idempotency_key=idempotency_key,
        )
