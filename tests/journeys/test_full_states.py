"""When a snapshot event gains a field, existing copies are updated once it is announced again with a new revision."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, select

from app.bus.contracts.users import SigningKeyPublished
from app.bus.event import Event
from app.kernel.ids import new_id
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from app.web.root_keys import sign
from app.web.tables import metadata as web
from tests.contracts.golden import contracts, sample_file
from tests.shop import ROOT, Shop

FULL = {type: event for type, event in contracts().items() if "snapshot" in (event.__doc__ or "")}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """All modules, without a Stripe sandbox: nothing is paid here."""
    folder: Path = tmp_path_factory.mktemp("full_states")
    whole = Shop(folder, catalog, orders, payments, users, STRIPE_API_BASE="http://127.0.0.1:9")
    yield whole
    whole.close()


def copies(shop: Shop) -> dict[tuple[str, str], dict[Any, int]]:
    """The revisions in the copies that each module stores: by table, and by key."""
    found = {}
    for module in shop.modules.values():
        metadatas: tuple[MetaData, ...] = (module.metadata, web)
        tables = [table for each in metadatas for table in each.sorted_tables if "revision" in table.c]
        with module.database.read() as connection:
            for table in tables:
                rows = connection.execute(select(*table.primary_key.columns, table.c.revision))
                found[module.name, table.name] = {str(row[0]): row.revision for row in rows}
    return found


def test_there_are_full_states() -> None:
    assert {"catalog.offer_changed.v1", "users.access_changed.v1"} <= FULL.keys()


@pytest.mark.parametrize("event", FULL.values(), ids=FULL)
def test_a_snapshot_of_the_old_code_is_replaced_by_one_that_the_new_code_announces(
    shop: Shop, event: type[Event]
) -> None:
    sample = json.loads(sample_file(event.event_type()).read_bytes())
    old = event.from_json(json.dumps({**sample, event.key_field: str(new_id())}).encode())
    new = replace(old, revision=1)  # type: ignore[type-var]

    def receives(published: Event) -> set[int]:
        published = sign(published, ROOT) if isinstance(published, SigningKeyPublished) else published
        shop.receives(published)
        return {rows[published.key] for rows in copies(shop).values() if published.key in rows}

    assert receives(old) == {0}, "an event of the old code has no revision"
    assert receives(new) == {1}, "the same version, announced by the new code"
    assert receives(old) == {1}, "the old event does not overwrite it when it is replayed or late"
