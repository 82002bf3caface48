"""The connections to Elasticsearch: its URL, the API key, the CA of its certificate, and the clients."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from elasticsearch import ApiError, Elasticsearch, TransportError

from app.kernel.errors import Unavailable
from app.modules.catalog.settings import CatalogSettings

CONNECTIONS = 10  # that a client keeps at least, its own default: workers and commands use it, too


def server(settings: CatalogSettings) -> dict[str, Any]:
    """Return the arguments with which every client of Elasticsearch is created."""
    arguments: dict[str, Any] = {"hosts": settings.elasticsearch_url}
    if settings.elasticsearch_api_key:
        arguments["api_key"] = settings.elasticsearch_api_key
    if settings.elasticsearch_authority:
        arguments["ca_certs"] = settings.elasticsearch_authority
    return arguments


class Clients:
    """A client for each timeout, which the first caller creates: `options` would copy one for each request.

    None of them retries: that would double the waiting time.
    """

    def __init__(self, server: Mapping[str, Any], threads: int) -> None:
        """`threads`: how many may search at once; a client keeps a connection for each."""
        self._arguments = {**server, "connections_per_node": max(CONNECTIONS, threads)}
        self._made: dict[float, Elasticsearch] = {}

    def of(self, seconds: float) -> Elasticsearch:
        if seconds not in self._made:
            once = Elasticsearch(**self._arguments, max_retries=0, retry_on_timeout=False, request_timeout=seconds)
            self._made.setdefault(seconds, once)
        return self._made[seconds]

    def close(self) -> None:
        """Close the connections. The clients are created again when they are needed."""
        for client in self._made.values():
            client.close()
        self._made = {}


@contextmanager
def slowly() -> Iterator[None]:
    """For requests that no customer waits for: a failure is raised as Unavailable, and the caller repeats the job."""
    try:
        yield
    except (TransportError, ApiError) as error:
        raise Unavailable("search_unavailable", f"the request to Elasticsearch failed: {error}") from error
