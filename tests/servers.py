"""Real servers: their addresses come from the environment; without them a test is skipped, in CI it fails."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app.kernel.ids import new_id

HOW = "start it, and set {name} (see docs/testing.md)"


def address(name: str) -> str:
    """The address in this variable. Skips the test without it; fails it where REQUIRE_SERVERS is 1."""
    if found := os.environ.get(name):
        return found
    if os.environ.get("REQUIRE_SERVERS") == "1":
        pytest.fail(f"REQUIRE_SERVERS is 1, and nothing is at {name}")
    pytest.skip(HOW.format(name=name))


@contextmanager
def fresh_databases(*modules: str) -> Iterator[dict[str, str]]:
    """A new PostgreSQL database for each module, on its own server; by the variable that names it to the shop."""
    name = f"test_{new_id().hex}"
    servers = {f"{module.upper()}_DATABASE_URL": address(f"TEST_{module.upper()}_DATABASE_URL") for module in modules}
    for url in servers.values():
        _run(url, f"CREATE DATABASE {name}")
    try:
        yield {
            variable: make_url(url).set(database=name).render_as_string(hide_password=False)
            for variable, url in servers.items()
        }
    finally:
        for url in servers.values():
            _run(url, f"DROP DATABASE {name} WITH (FORCE)")


def _run(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
