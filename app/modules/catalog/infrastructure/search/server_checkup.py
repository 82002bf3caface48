"""The check of the Elasticsearch server that `flask doctor` runs."""

from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import elasticsearch
from elasticsearch import (
    ApiError,
    AuthenticationException,
    AuthorizationException,
    ConnectionTimeout,
    Elasticsearch,
    TransportError,
)
from elasticsearch import ConnectionError as NoConnection
from elasticsearch import SSLError as TlsError

from app.kernel.check_result import HANGS, RESTART, CheckResult, ok, warn, wrong
from app.kernel.skew import compared
from app.modules.catalog.infrastructure.search.checkup import REINDEX
from app.modules.catalog.infrastructure.search.mapping import MAPPINGS
from app.modules.catalog.infrastructure.search.server import server
from app.modules.catalog.settings import CatalogSettings

QUICK = 3.0  # seconds for each request
MEANWHILE = "lists come from the database"


def server_check(settings: CatalogSettings) -> Generator[CheckResult, None, bool]:
    """Check the server and the index. Returns whether the index can be counted."""
    url = urlsplit(settings.elasticsearch_url)
    where = f"{url.hostname}:{url.port or 9200}"
    client = Elasticsearch(**server(settings), max_retries=0, retry_on_timeout=False, request_timeout=QUICK)
    try:
        version = client.info()["version"]["number"]
        yield _version(where, version)
        yield compared("Elasticsearch", lambda: _their_time(client))
        return (yield from _index(client, settings.search_index))
    except (TransportError, ApiError) as error:
        yield _refused(error, where)
        return False
    finally:
        client.close()


def _version(where: str, version: str) -> CheckResult:
    ours = elasticsearch.__version__
    if version.split(".")[0] != str(ours[0]):
        sentence = f"Elasticsearch {version} at {where}, but the client is for {ours[0]}"
        return warn("search", "", sentence, f"run Elasticsearch {ours[0]}")
    return ok("search", "", f"Elasticsearch {version} at {where}")


def _index(client: Elasticsearch, alias: str) -> Generator[CheckResult, None, bool]:
    if not client.indices.exists_alias(name=alias):
        yield wrong(
            "search", "", f"there is no index behind {alias}: {MEANWHILE}", f"{REINDEX}, or wait: it is being rebuilt"
        )
        return False
    ((index, state),) = client.indices.get(index=alias).items()
    if _compared_part(state["mappings"]) != _compared_part(MAPPINGS):
        yield wrong("search", "", f"{index} was made by another version of this shop", REINDEX)
    elif state["settings"]["index"].get("blocks"):
        advice = "free disk space, then set index.blocks.read_only_allow_delete to null"
        yield wrong("search", "", f"{index} is read-only", advice)
    elif client.cluster.health(index=alias)["status"] == "red":
        yield wrong("search", "", f"{index} has lost a shard", "start the node that has it, or: " + REINDEX)
    return True


def _compared_part(mappings: Mapping[str, Any]) -> Any:
    """Return the part of a mapping that must be equal: `_meta` also contains the progress of a rebuild."""
    fields = {name: each.get("type") for name, each in mappings["properties"].items()}
    return fields, mappings.get("_meta", {}).get("edition")


def _their_time(client: Elasticsearch) -> datetime:
    nodes = client.nodes.stats(metric="os", filter_path="nodes.*.timestamp")["nodes"]
    return datetime.fromtimestamp(max(each["timestamp"] for each in nodes.values()) / 1000, UTC)


def _refused(error: Exception, where: str) -> CheckResult:
    start = "start it, or set ELASTICSEARCH_URL to where it is"
    if isinstance(error, AuthenticationException | AuthorizationException):
        problem, advice = (
            "rejects our key or password",
            "set ELASTICSEARCH_API_KEY, or ELASTICSEARCH_URL with a password",
        )
    elif isinstance(error, ConnectionTimeout):
        problem, advice = HANGS, RESTART
    elif isinstance(error, TlsError):
        problem, advice = "has a certificate that we do not trust", "set ELASTICSEARCH_CA_FILE to the CA that signed it"
    elif isinstance(error, NoConnection):
        problem, advice = "cannot be reached", start
    else:
        problem, advice = f"returns an error: {type(error).__name__}", "see its log"
    return wrong("search", "", f"Elasticsearch at {where} {problem}; {MEANWHILE}", advice)
