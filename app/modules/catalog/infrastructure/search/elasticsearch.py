"""Search in Elasticsearch: an index behind an alias, in which an older version never overwrites a newer one."""

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError

from app.kernel.breaker import Breaker
from app.kernel.database import is_away
from app.kernel.errors import Unavailable
from app.kernel.places import leave_place
from app.modules.catalog.domain.search import Document, Query, SearchResult, Suggestion
from app.modules.catalog.domain.words import EDITION, terms_of
from app.modules.catalog.infrastructure.search.database import DatabaseSearch
from app.modules.catalog.infrastructure.search.frequent import FrequentSearches, counting, is_first_page, page_by_names
from app.modules.catalog.infrastructure.search.mapping import MAPPINGS, edition_of, settings, source_of
from app.modules.catalog.infrastructure.search.rebuilding import Rebuilding, patiently
from app.modules.catalog.infrastructure.search.request import request_of, suggestion_of
from app.modules.catalog.infrastructure.search.response import result_of
from app.modules.catalog.infrastructure.search.server import Clients, slowly

log = logging.getLogger(__name__)

T = TypeVar("T")
QUICK, SLOW = 0.5, 10.0  # timeouts in seconds: while a customer waits, and for a job, whose lease is 30
PAUSE = 2.0  # seconds between attempts while it does not answer
KNOWN = 10.0  # seconds that the result of checking the index's edition is cached
MAX_RESULT_WINDOW = 10_000
ABSENT, CONFLICT = 404, 409


class ElasticsearchSearch:
    """Finds products in Elasticsearch. While that is down, hangs or has no index, `otherwise` finds them, and results
    are marked degraded.

    The alias `<name>-building` points to the index that is being rebuilt: changes meanwhile go into both indexes.
    """

    def __init__(self, clients: Clients, name: str, otherwise: DatabaseSearch) -> None:
        self._clients, self._name, self._building = clients, name, f"{name}-building"
        self._otherwise = otherwise
        self._server = Breaker("Elasticsearch", PAUSE)
        self._current_until = float("-inf")
        self._frequent = FrequentSearches()

    def put(self, documents: Iterable[Document]) -> None:
        """Index products in the current index and in the one being rebuilt, or in the only one that exists; an index of
        another edition is left as it is. Raises Unavailable(search_unavailable): the job is repeated."""
        every = list(documents)
        self._otherwise.put(every)
        with slowly():
            current = self._is_current(self._clients.of(SLOW))
        aliases = [self._name, self._building] if current else [self._building]
        failures = self.bulk(every, aliases)
        absent = Counter(failure["_id"] for failure in failures if failure["status"] == ABSENT)
        for failure in failures:
            if failure["status"] != ABSENT or absent[failure["_id"]] == len(aliases):
                raise Unavailable("search_unavailable", f"a product could not be indexed: {failure['error']}")

    def find(self, query: Query) -> SearchResult:
        """The first page of all products comes from the database. Typos are tolerated only if the words find nothing,
        whatever the filters."""
        if query.is_plain and (listed := self._listed(query)):
            return listed
        answer = self._first(query) if is_first_page(query) else self._search(request_of(query))
        if answer is None:
            return self._otherwise.find(query)
        result = result_of(query, answer)
        if result.hits or not terms_of(query.words) or not (result.facets is None or result.facets.is_empty):
            return result
        answer = self._search(request_of(query, despite_typos=True))
        return self._otherwise.find(query) if answer is None else result_of(query, answer)

    def suggest(self, words: str, limit: int) -> Sequence[Suggestion]:
        terms = terms_of(words)
        if not terms:
            return []
        answer = self._search(suggestion_of(terms, limit))
        if answer is None:
            return self._otherwise.suggest(words, limit)
        return [Suggestion(hit["_source"]["slug"], hit["_source"]["name"]) for hit in answer["hits"]["hits"]]

    @contextmanager
    def rebuild(self) -> Iterator[Rebuilding]:
        """Build a new index or continue that of an interrupted attempt; when it is complete, the alias moves to it."""
        with slowly():
            client = self._clients.of(SLOW)
            index, after = patiently(lambda: self._unfinished(client) or (self._begin(client), None))
            write = partial(self.bulk, aliases=[self._building])
            yield Rebuilding(write, self._otherwise, client, self._building, after)
            patiently(lambda: client.indices.refresh(index=index))
            self._current_until = float("-inf")
            old = [name for name in patiently(lambda: client.indices.get(index=f"{self._name}-*")) if name != index]
            moves: list[dict[str, Any]] = [
                {"add": {"index": index, "alias": self._name}},
                {"remove": {"index": index, "alias": self._building}},
                *({"remove_index": {"index": name}} for name in old),
            ]
            patiently(lambda: client.indices.update_aliases(actions=moves))

    def versions(self, after: str, upto: str) -> Mapping[str, int]:
        between = {"range": {"id": {"gt": after, "lte": upto}}}
        request = {"query": between, "size": MAX_RESULT_WINDOW, "_source": False, "version": True, "sort": ["id"]}
        with slowly():
            self._clients.of(SLOW).indices.refresh(index=self._name)
            answer = self._clients.of(SLOW).search(index=self._name, body=request)
        return {hit["_id"]: hit["_version"] for hit in answer["hits"]["hits"]}

    def count(self) -> int:
        """Products indexed since the last refresh are not counted. Raises Unavailable(search_unavailable)."""
        with slowly():
            return int(self._clients.of(SLOW).count(index=self._name)["count"])

    def same_content(self, documents: Sequence[Document]) -> frozenset[str]:
        if not documents:
            return frozenset()
        with slowly():
            answer = self._clients.of(SLOW).mget(index=self._name, ids=[each.id for each in documents])
        indexed = {each["_id"]: each["_source"] | {"version": 0} for each in answer["docs"] if each.get("found")}
        return frozenset(each.id for each in documents if indexed.get(each.id) == source_of(each) | {"version": 0})

    def refresh(self) -> None:
        """Make what was indexed searchable at once, instead of within a second."""
        with slowly():
            self._clients.of(SLOW).indices.refresh(index=self._name)

    def is_lost(self) -> bool:
        """Whether the alias is missing, or the index is of another edition."""
        return self._quickly(self._looks_current) is False

    def trouble(self) -> str | None:
        if self.is_lost():
            return "the index is lost or of another edition, and is being rebuilt: lists come from the database"
        if self._quickly(self._is_blocked):
            return "the index is read-only: searches do not see changes made since then"
        return "Elasticsearch does not answer: lists come from the database" if self._server.is_open else None

    def close(self) -> None:
        """Close the connections: they must not be shared across a fork."""
        self._clients.close()

    def _listed(self, query: Query) -> SearchResult | None:
        """Return a page from the database, as the index would list it, but sooner; None if the database is away."""
        try:
            return replace(self._otherwise.find(query), degraded=False)
        except Exception as error:
            if is_away(error):
                return None
            raise

    def _first(self, query: Query) -> Any:
        """Return the answer to a first page by relevance. If it was one of names before, names are asked alone."""
        if query in self._frequent and (page := self._ask(partial(page_by_names, index=self._name, query=query))):
            return page
        answer = self._search(counting(query))
        if answer:
            self._frequent.learn(query, answer)
        return answer

    def _search(self, request: dict[str, Any]) -> Any:
        return self._ask(lambda client: client.search(index=self._name, body=request))

    def _ask(self, request: Callable[[Elasticsearch], T]) -> T | None:
        """Return the answer of Elasticsearch; None if the database has to be searched instead."""
        return self._quickly(lambda client: request(client) if self._is_current(client) else None)

    def _is_current(self, client: Elasticsearch) -> bool:
        """Whether the index is of the current edition; checked again after a while: other processes move the alias."""
        return time.monotonic() < self._current_until or self._looks_current(client)

    def _looks_current(self, client: Elasticsearch) -> bool:
        self._current_until = float("-inf")
        try:
            ((_, index),) = client.indices.get_mapping(index=self._name).items()
        except NotFoundError:
            return False
        current = edition_of(index) == EDITION
        if current:
            self._current_until = time.monotonic() + KNOWN
        return current

    def _is_blocked(self, client: Elasticsearch) -> bool:
        """Whether the index is read-only: Elasticsearch makes it so when its disk is full, and operators can."""
        # the state of the cluster names the blocks of every index, also of those that are not ours
        blocks = client.cluster.state(metric="blocks")["blocks"]
        ours = client.indices.get_alias(name=self._name)
        every = [*blocks.get("global", {}).values()]
        every += [block for index in ours for block in blocks.get("indices", {}).get(index, {}).values()]
        return any("write" in block["levels"] for block in every)

    def _quickly(self, request: Callable[[Elasticsearch], T]) -> T | None:
        """Send a request while a customer waits; return None if it fails, or if the circuit breaker is open."""
        if not self._server.allows():
            return None
        try:
            with leave_place():
                answer = request(self._clients.of(QUICK))
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

    def bulk(self, documents: Sequence[Document], aliases: Sequence[str]) -> list[dict[str, Any]]:
        """Index products behind these aliases; return the failed items. To have a newer version is no failure."""
        operations: list[dict[str, Any]] = []
        for each in documents:
            for alias in aliases:
                target = {"_index": alias, "_id": each.id, "version": each.version, "version_type": "external_gte"}
                operations += [{"index": {**target, "require_alias": True}}, source_of(each)]
        if not operations:
            return []
        with slowly():
            answer = self._clients.of(SLOW).bulk(operations=operations)
        items = [item["index"] for item in answer["items"]]
        return [item for item in items if item["status"] >= 300 and item["status"] != CONFLICT]

    def _unfinished(self, client: Elasticsearch) -> tuple[str, str | None] | None:
        try:
            ((index, state),) = client.indices.get(index=self._building).items()
        except NotFoundError:
            return None
        if edition_of(state) != EDITION:
            client.indices.delete(index=index)
            return None
        return index, state["mappings"].get("_meta", {}).get("after")

    def _begin(self, client: Elasticsearch) -> str:
        index = f"{self._name}-{datetime.now(UTC):%Y%m%d%H%M%S%f}"
        client.indices.create(index=index, settings=settings(), mappings=MAPPINGS, aliases={self._building: {}})
        return index
