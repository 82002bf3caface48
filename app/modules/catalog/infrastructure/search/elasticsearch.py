"""Search in Elasticsearch: an index behind an alias, in which an older version never overwrites a newer one."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from app.kernel.breaker import Breaker
from app.kernel.errors import Unavailable
from app.modules.catalog.domain.search import Document, Found, Query, Suggestion
from app.modules.catalog.domain.words import EDITION, terms_of
from app.modules.catalog.infrastructure.search.database import DatabaseSearch
from app.modules.catalog.infrastructure.search.mapping import MAPPINGS, edition_of, settings, source_of
from app.modules.catalog.infrastructure.search.request import request_of, suggestion_of
from app.modules.catalog.infrastructure.search.response import found_of

log = logging.getLogger(__name__)

T = TypeVar("T")
QUICK, SLOW = 0.5, 10.0  # seconds: while a customer waits, and for the worker, whose lease is 30
PAUSE = 2.0  # seconds between tries while it does not answer
KNOWN = 10.0  # seconds that what is known of the index counts
MAX_RESULT_WINDOW = 10_000
ABSENT, CONFLICT = 404, 409


class ElasticsearchSearch:
    """Finds products in Elasticsearch; by `otherwise`, and marked degraded, while that is away, hangs or has no index.

    The alias `<name>-building` is on an index that is being made: what changes meanwhile is put into both.
    """

    def __init__(self, server: Mapping[str, Any], name: str, otherwise: DatabaseSearch) -> None:
        self._reached_by, self._name, self._building = server, name, f"{name}-building"
        self._otherwise = otherwise
        self._made: Elasticsearch | None = None
        self._server = Breaker("Elasticsearch", PAUSE)
        self._current_until = float("-inf")

    def put(self, documents: Iterable[Document]) -> None:
        """Into the index, and into the one that is being made: where there is but one of them, into that. One that was
        made by other rules is left as it is.

        Raises Unavailable, to be tried again.
        """
        kept = list(documents)
        self._otherwise.put(kept)
        with _slowly():
            current = self._is_current(self._client(SLOW))
        aliases = [self._name, self._building] if current else [self._building]
        failures = self.bulk(kept, *aliases)
        absent = Counter(failure["_id"] for failure in failures if failure["status"] == ABSENT)
        for failure in failures:
            if failure["status"] != ABSENT or absent[failure["_id"]] == len(aliases):
                raise Unavailable("search_unavailable", f"a product is not in the index yet: {failure['error']}")

    def find(self, query: Query) -> Found:
        found = self._searched(request_of(query))
        return self._otherwise.find(query) if found is None else found_of(query, found)

    def suggest(self, words: str, limit: int) -> Sequence[Suggestion]:
        """By the beginnings of words in names."""
        terms = terms_of(words)
        if not terms:
            return []
        found = self._searched(suggestion_of(terms, limit))
        if found is None:
            return self._otherwise.suggest(words, limit)
        return [Suggestion(hit["_source"]["slug"], hit["_source"]["name"]) for hit in found["hits"]["hits"]]

    @contextmanager
    def rebuild(self) -> Iterator["_Rebuilding"]:
        """A new index, or the one that an earlier attempt has left unfinished; the alias moves when it is whole."""
        with _slowly():
            client = self._client(SLOW)
            index, after = self._unfinished(client) or (self._begin(client), None)
            yield _Rebuilding(self, self._otherwise, client, self._building, after)
            client.indices.refresh(index=index)
            self._current_until = float("-inf")
            old = [name for name in client.indices.get(index=f"{self._name}-*") if name != index]
            moves: list[dict[str, Any]] = [
                {"add": {"index": index, "alias": self._name}},
                {"remove": {"index": index, "alias": self._building}},
                *({"remove_index": {"index": name}} for name in old),
            ]
            client.indices.update_aliases(actions=moves)

    def versions(self, after: str, upto: str) -> Mapping[str, int]:
        """As Elasticsearch keeps them."""
        between = {"range": {"id": {"gt": after, "lte": upto}}}
        asked = {"query": between, "size": MAX_RESULT_WINDOW, "_source": False, "version": True, "sort": ["id"]}
        with _slowly():
            self._client(SLOW).indices.refresh(index=self._name)
            found = self._client(SLOW).search(index=self._name, body=asked)
        return {hit["_id"]: hit["_version"] for hit in found["hits"]["hits"]}

    def count(self) -> int:
        """As Elasticsearch has made them findable. Raises Unavailable."""
        with _slowly():
            return int(self._client(SLOW).count(index=self._name)["count"])

    def knows(self, documents: Sequence[Document]) -> frozenset[str]:
        """Held against what is kept."""
        if not documents:
            return frozenset()
        with _slowly():
            found = self._client(SLOW).mget(index=self._name, ids=[each.id for each in documents])
        kept = {each["_id"]: each["_source"] | {"version": 0} for each in found["docs"] if each.get("found")}
        return frozenset(each.id for each in documents if kept.get(each.id) == source_of(each) | {"version": 0})

    def refresh(self) -> None:
        """Have what was put found now, and not within a second."""
        with _slowly():
            self._client(SLOW).indices.refresh(index=self._name)

    def is_lost(self) -> bool:
        """Whether the alias is missing, or the index was made by other rules."""
        return self._quickly(self._looks_current) is False

    def trouble(self) -> str | None:
        """While it is away, lost, or takes no changes."""
        if self.is_lost():
            return "the index is lost or of another edition, and being made anew: lists come from the database"
        if self._quickly(self._is_blocked):
            return "the index takes no changes: what has changed since is found as it was"
        return "Elasticsearch does not answer: lists come from the database" if self._server.is_open else None

    def close(self) -> None:
        """Close its connections: none may cross a fork."""
        if self._made:
            self._made.close()
            self._made = None

    def _searched(self, asked: dict[str, Any]) -> Any:
        """What it finds; None where the database has to answer."""
        return self._quickly(
            lambda client: client.search(index=self._name, body=asked) if self._is_current(client) else None
        )

    def _is_current(self, client: Elasticsearch) -> bool:
        """Whether the index was made by today's rules; looked at again now and then, since others move the alias."""
        return time.monotonic() < self._current_until or self._looks_current(client)

    def _looks_current(self, client: Elasticsearch) -> bool:
        self._current_until = float("-inf")
        try:
            ((_, found),) = client.indices.get_mapping(index=self._name).items()
        except NotFoundError:
            return False
        current = edition_of(found) == EDITION
        if current:
            self._current_until = time.monotonic() + KNOWN
        return current

    def _is_blocked(self, client: Elasticsearch) -> bool:
        """Whether it is read-only, as Elasticsearch makes it on a full disk, or an operator does."""
        blocks = client.cluster.state(metric="blocks", index=self._name)["blocks"]
        every = [*blocks.get("global", {}).values()]
        every += [block for index in blocks.get("indices", {}).values() for block in index.values()]
        return any("write" in block["levels"] for block in every)

    def _quickly(self, ask: Callable[[Elasticsearch], T]) -> T | None:
        """Its answer; None where the database has to answer."""
        if not self._server.allows():
            return None
        try:
            answer = ask(self._client(QUICK))
        except NotFoundError:
            self._server.worked()
            self._current_until = float("-inf")
            log.warning("there is no index %s", self._name)
            return None
        except (TransportError, ApiError) as error:
            self._server.failed(error)
            return None
        self._server.worked()
        return answer

    def bulk(self, documents: Sequence[Document], *aliases: str) -> list[dict[str, Any]]:
        """Put products behind aliases; the items that failed. Not among them: what is there in a newer version."""
        operations: list[dict[str, Any]] = []
        for each in documents:
            for alias in aliases:
                kept = {"_index": alias, "_id": each.id, "version": each.version, "version_type": "external_gte"}
                operations += [{"index": {**kept, "require_alias": True}}, source_of(each)]
        if not operations:
            return []
        with _slowly():
            answer = self._client(SLOW).bulk(operations=operations)
        items = [item["index"] for item in answer["items"]]
        return [item for item in items if item["status"] >= 300 and item["status"] != CONFLICT]

    def _unfinished(self, client: Elasticsearch) -> tuple[str, str | None] | None:
        try:
            ((index, found),) = client.indices.get(index=self._building).items()
        except NotFoundError:
            return None
        if edition_of(found) != EDITION:
            client.indices.delete(index=index)
            return None
        return index, found["mappings"].get("_meta", {}).get("after")

    def _begin(self, client: Elasticsearch) -> str:
        index = f"{self._name}-{datetime.now(UTC):%Y%m%d%H%M%S%f}"
        client.indices.create(index=index, settings=settings(), mappings=MAPPINGS, aliases={self._building: {}})
        return index

    def _client(self, seconds: float) -> Elasticsearch:
        """Made by whoever first asks in a process; asked once, since who waits would wait again."""
        if self._made is None:
            self._made = Elasticsearch(**self._reached_by, max_retries=0, retry_on_timeout=False)
        return self._made.options(request_timeout=seconds)


class _Rebuilding:
    """The index that is being made. How far it came stands in its mapping, so that a killed attempt is gone on with."""

    def __init__(
        self,
        search: ElasticsearchSearch,
        otherwise: DatabaseSearch,
        client: Elasticsearch,
        alias: str,
        after: str | None,
    ) -> None:
        self.after = after
        self._search, self._otherwise, self._client, self._alias = search, otherwise, client, alias

    def put(self, documents: Sequence[Document]) -> None:
        """Unless a newer version has come by the side door."""
        self._otherwise.put(documents)
        for failure in self._search.bulk(documents, self._alias):
            raise Unavailable("search_unavailable", f"a product cannot be indexed: {failure['error']}")
        if documents:
            self._client.indices.put_mapping(index=self._alias, meta={"edition": EDITION, "after": documents[-1].id})


@contextmanager
def _slowly() -> Iterator[None]:
    """Where nobody waits: what fails is tried again by whoever asked for it."""
    try:
        yield
    except (TransportError, ApiError) as error:
        raise Unavailable("search_unavailable", f"Elasticsearch does not do it: {error}") from error
