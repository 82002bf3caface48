"""The index in Elasticsearch that is being rebuilt."""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from elasticsearch import ApiError, Elasticsearch

from app.kernel.errors import Unavailable
from app.modules.catalog.domain.search import Document
from app.modules.catalog.domain.words import EDITION
from app.modules.catalog.infrastructure.search.database import DatabaseSearch

log = logging.getLogger(__name__)

BUSY = 429  # Elasticsearch has no memory or no place in its queue for the request now
PAUSES = (0.5, 1, 2, 4, 8, 16)  # seconds before it is asked again

T = TypeVar("T")
Write = Callable[[Sequence[Document]], list[dict[str, Any]]]
"""Index products; returns the items that failed."""


class TooBusy(Exception):
    """Some products of a batch were not indexed because the server is busy."""


def patiently(act: Callable[[], T]) -> T:
    """Nobody waits for a rebuilding, so it goes at the pace of a server that is busy. Raises Unavailable at last."""
    for pause in PAUSES:
        try:
            return act()
        except TooBusy:
            pass
        except ApiError as error:
            if error.status_code != BUSY:
                raise
        log.warning("Elasticsearch has too much to do: it is asked again in %s s", pause)
        time.sleep(pause)
    sentence = "Elasticsearch has had too much to do for half a minute: start again later, and it goes on from here"
    raise Unavailable("search_unavailable", sentence)


class Rebuilding:
    """Its progress is stored in its mapping, so that an interrupted attempt can be continued."""

    def __init__(
        self, write: Write, otherwise: DatabaseSearch, client: Elasticsearch, alias: str, after: str | None
    ) -> None:
        self.after = after
        self._write, self._otherwise, self._client, self._alias = write, otherwise, client, alias

    def put(self, documents: Sequence[Document]) -> None:
        """Products of which a job has already indexed a newer version are left alone. Raises Unavailable."""
        self._otherwise.put(documents)
        patiently(lambda: self._index(documents))

    def _index(self, documents: Sequence[Document]) -> None:
        failures = self._write(documents)
        if any(failure["status"] == BUSY for failure in failures):
            raise TooBusy
        for failure in failures:
            raise Unavailable("search_unavailable", f"a product could not be indexed: {failure['error']}")
        if documents:
            progress = {"edition": EDITION, "after": documents[-1].id}
            self._client.indices.put_mapping(index=self._alias, meta=progress)
