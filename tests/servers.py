"""Real servers: at the addresses in the environment, or where docker-compose.yml puts them; a test without its server
is skipped, in CI it fails. TEST_SERVERS=off skips all that need one, wherever they are."""

import atexit
import os
import shutil
import socket
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NoReturn
from unittest.mock import patch
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app.kernel.ids import new_id

OFF = os.environ.get("TEST_SERVERS") == "off"
HOW = "nothing answers at {address}: start the servers, or set {name} (see docs/testing.md)"
DEFAULTS = {
    "TEST_CATALOG_DATABASE_URL": "postgresql+psycopg2://catalog:catalog@127.0.0.1:5441/catalog",
    "TEST_ORDERS_DATABASE_URL": "postgresql+psycopg2://orders:orders@127.0.0.1:5442/orders",
    "TEST_USERS_DATABASE_URL": "postgresql+psycopg2://users:users@127.0.0.1:5443/users",
    "TEST_PAYMENTS_DATABASE_URL": "postgresql+psycopg2://payments:payments@127.0.0.1:5444/payments",
    "TEST_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
    "TEST_ELASTICSEARCH_URL": "http://127.0.0.1:9200",
    "TEST_REDIS_URL": "redis://127.0.0.1:6379/0",
    "STRIPE_MOCK_URL": "http://127.0.0.1:12111",
}
END_OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_empty: dict[tuple[str, str], list[str]] = defaultdict(list)
"""Databases that no test uses just now, by their server and their rules."""


def address(name: str) -> str:
    """The address of this server. Skips the test where nothing answers; fails it where REQUIRE_SERVERS is 1."""
    found = os.environ.get(name) or DEFAULTS[name]
    if OFF or not _answers(found):
        _without(HOW.format(address=_place(found), name=name))
    return found


def is_wanted(name: str) -> bool:
    """Whether a test that can also do without this server uses it: where it answers, or must."""
    required = os.environ.get("REQUIRE_SERVERS") == "1"
    return not OFF and (required or _answers(os.environ.get(name) or DEFAULTS[name]))


def program(name: str) -> str:
    """The path of a program that a test runs, such as nginx or kcat. Skips or fails the test without it, as above."""
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    return found or _without(f"there is no {name} on this machine: install it")


def kafka_jars() -> Path:
    """The folder that Kafka is started from. Skips or fails the test without it, as above."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    jars = cache / "quartet-services/kafka"
    return jars if jars.is_dir() and not OFF else _without("Kafka's jars are not there: have the servers started once")


def compose_config(file: Path, profile: str) -> str:
    """The compose file as its loader resolves it, as YAML, by TEST_SERVERS_COMMAND or by docker compose itself.

    Raises CalledProcessError, which has the loader's words in `stderr`.
    """
    if command := os.environ.get("TEST_SERVERS_COMMAND"):
        run = [command, "compose-config", "-file", str(file), "-profile", profile]
    elif (docker := shutil.which("docker")) and not _fails(docker, "compose", "version"):
        run = [docker, "compose", "-f", str(file), "--profile", profile, "config"]
    else:
        _without("there is neither docker nor TEST_SERVERS_COMMAND to read the compose file (see docs/testing.md)")
    return subprocess.run(run, check=True, capture_output=True, text=True, timeout=300).stdout


def controller() -> str:
    """The command that `control` runs. Skips or fails the test where there is none."""
    found = None if OFF else os.environ.get("TEST_SERVERS_COMMAND")
    return found or _without("nothing here can kill, up, pause, resume and wipe a server: set TEST_SERVERS_COMMAND")


def control(*words: str) -> None:
    """Do something to a server: kill, up, pause, resume or wipe, and its name as in docker-compose.yml.

    The command that can is named by TEST_SERVERS_COMMAND. It may fail the tests that run beside: mark them `alone`.
    """
    subprocess.run([controller(), *words], check=True, stdout=subprocess.DEVNULL, timeout=120)


def _fails(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True, timeout=30).returncode != 0


def _without(why: str) -> NoReturn:
    if OFF:
        pytest.skip("TEST_SERVERS is off")
    if os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(f"REQUIRE_SERVERS is 1, and {why}")
    pytest.skip(why)


@cache
def _answers(url: str) -> bool:
    host, _, port = _place(url).rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except OSError:
        return False
    return True


def _place(url: str) -> str:
    """host:port of an address; of the first, where there are several."""
    parts = urlsplit(url if "://" in url else f"//{url.split(',')[0]}")
    return f"{parts.hostname}:{parts.port}"


@contextmanager
def fresh_databases(*modules: str, sorted_as_in: str = "") -> Iterator[dict[str, str]]:
    """A new PostgreSQL database for each module, on its own server; by the variable that names it to the shop.

    `sorted_as_in`: a language, such as en-US, whose rules sort text, as on most servers; else the server's.
    """
    rules = f" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE '{sorted_as_in}'" if sorted_as_in else ""
    servers = {f"{module.upper()}_DATABASE_URL": address(f"TEST_{module.upper()}_DATABASE_URL") for module in modules}
    urls = {variable: _take(server, rules) for variable, server in servers.items()}
    try:
        yield urls
    finally:
        for variable, server in servers.items():
            _give_back(server, rules, urls[variable])


def _take(server: str, rules: str) -> str:
    """The URL of an empty database, if there is one that an earlier test of this process has used.

    To create and drop one for each of the hundreds of tests that need one would take a tenth of the time of all tests.
    """
    if _empty[server, rules]:
        return _empty[server, rules].pop()
    name = f"test_{new_id().hex}"
    _run(server, f"CREATE DATABASE {name}{rules}")
    atexit.register(_run, server, f"DROP DATABASE {name} WITH (FORCE)")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def _give_back(server: str, rules: str, url: str) -> None:
    """Empty it, whoever is still connected to it."""
    _run(url, END_OTHERS)
    _run(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC")
    _empty[server, rules].append(url)


@contextmanager
def fresh_index() -> Iterator[dict[str, str]]:
    """A search index of this test's own; as the variables that name it to the shop.

    What is asked of it in this process may take long: a busy machine is no outage.
    """
    url, name = address("TEST_ELASTICSEARCH_URL"), f"test-{new_id().hex}"
    try:
        with patch("app.modules.catalog.infrastructure.search.elasticsearch.QUICK", 30.0):
            yield {"ELASTICSEARCH_URL": url, "ELASTICSEARCH_INDEX": name}
    finally:
        forget_index(url, name)


def forget_index(url: str, name: str) -> None:
    """Each by its full name: Elasticsearch deletes no pattern."""
    with urlopen(f"{url}/_cat/indices/{name}*?h=index", timeout=30) as answer:
        for index in answer.read().decode().split():
            urlopen(Request(f"{url}/{index}", method="DELETE"), timeout=30).close()


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
