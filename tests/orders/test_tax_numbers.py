"""Businesses give their tax number: it is verified by a job, and only a valid one changes the tax of an order."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from app.jobs.tables import jobs
from app.kernel import clock
from app.kernel.errors import Unavailable
from app.modules.orders.infrastructure.tax.tables import buyer_tax_ids, order_tax_ids
from app.modules.orders.infrastructure.tax.vies import Vies
from app.modules.orders.module import orders
from tests.conftest import answering
from tests.orders.methods import refusal, sells
from tests.orders.taxes import GERMAN, VIENNA, collects
from tests.shop import ALICE, BOB, Shop

double: Any = pytest.importorskip("sandbox.verifier", reason="an extracted project has no double of VIES")


@pytest.fixture(scope="module")
def verifier() -> Iterator[str]:
    with double.serving(0) as server, answering(server):
        yield f"http://127.0.0.1:{server.server_address[1]}"


@pytest.fixture
def shop(tmp_path: Path, verifier: str) -> Iterator[Shop]:
    """It sells from Germany to Austria, and to businesses without tax."""
    alone = Shop(tmp_path, orders, **GERMAN, TAX_VERIFIER_URL=verifier)
    sells(alone, "MUG", 1190)
    collects(alone, DE=190_000, AT=200_000)
    yield alone
    alone.close()


def adds(shop: Shop, number: str, customer: UUID = ALICE, country: str = "AT", **more: Any) -> Any:
    return shop.as_customer(customer).post("/tax-ids", {"country": country, "number": number}, **more)


def states(shop: Shop, customer: UUID = ALICE) -> list[tuple[str, str]]:
    listed: Any = shop.as_customer(customer).get("/tax-ids").json
    return [(each["number"], each["state"]) for each in listed["items"]]


def reasons(shop: Shop, customer: UUID = ALICE) -> list[str]:
    """Of the tax of an order to Vienna."""
    items = [{"sku": "MUG", "quantity": 1}]
    body = {"items": items, "expected_total": {"amount": 1190, "currency": "EUR"}, "shipping_address": VIENNA}
    order: Any = shop.as_customer(customer).post("/orders", body).json
    return [each["reason"] for each in order["tax_lines"]]


def test_a_valid_number_takes_the_tax_away(shop: Shop) -> None:
    assert adds(shop, "AT U1234 5678").json["state"] == "pending"
    assert reasons(shop) == ["standard_rated"], "nothing is known of it yet"
    shop.settle()

    assert states(shop) == [("U12345678", "valid")]
    assert reasons(shop) == ["intra_community_supply"]
    assert reasons(shop, BOB) == ["standard_rated"]
    with shop.modules["orders"].database.read() as connection:
        of_orders = connection.execute(order_tax_ids.select()).all()
        evidence = connection.execute(buyer_tax_ids.select()).one().evidence
    assert sorted((each.number, each.state) for each in of_orders) == [("U12345678", "pending"), ("U12345678", "valid")]
    assert "requestDate" in evidence


def test_an_invalid_number_and_one_that_nobody_can_verify_are_taxed(shop: Shop) -> None:
    for number in ("U12345600", "U12345699", "U12345697", "U12345696"):
        adds(shop, number)
    shop.settle()

    assert [state for _, state in states(shop)] == ["invalid", "pending", "pending", "pending"]
    assert reasons(shop) == ["standard_rated"]
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(update(buyer_tax_ids).values(created_at=clock.now() - timedelta(days=2)))
        connection.execute(update(jobs).values(due_at=clock.now()))
    shop.settle()
    assert [state for _, state in states(shop)] == ["invalid", *["unreachable"] * 3]
    assert reasons(shop) == ["standard_rated"]


def test_a_verifier_that_is_down_or_slow_gives_no_answer(verifier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.modules.orders.infrastructure.tax.vies.TIMEOUT", 0.2)
    monkeypatch.setattr(double, "SLOW", 1)
    for url, number in ((verifier, "U12345698"), ("http://127.0.0.1:9", "U12345678")):
        with pytest.raises(Unavailable) as away:
            Vies(url).verify("AT", number)
        assert number not in str(away.value)


def test_a_number_is_added_once_and_deleted(shop: Shop) -> None:
    added = adds(shop, "U12345678", key="once")
    assert adds(shop, "U12345678", key="once").json["id"] == added.json["id"]
    assert refusal(adds(shop, "ATU12345678")) == (409, "tax_number_exists")
    for number in range(4):
        assert adds(shop, f"U1111111{number}").status_code == 201
    assert refusal(adds(shop, "U99999999")) == (409, "too_many_tax_numbers")
    caller, path = shop.as_customer(ALICE), f"/tax-ids/{added.json['id']}"

    assert caller.get(path).json["number"] == "U12345678"  # type: ignore[index]
    assert refusal(shop.as_customer(BOB).delete(path)) == (404, "no_such_tax_number")
    assert caller.delete(path).status_code == 204
    assert refusal(caller.get(path)) == (404, "no_such_tax_number")
    shop.settle()
    assert len(states(shop)) == 4


@pytest.mark.parametrize(
    ("country", "number"), [("AT", "12345678"), ("DE", "DE12"), ("GR", "U12345678"), ("NL", "1" * 40)]
)
def test_what_is_no_number_of_the_country_is_refused(shop: Shop, country: str, number: str) -> None:
    assert refusal(adds(shop, number, country=country)) == (422, "bad_tax_number")


def test_without_tax_there_is_no_use_for_a_number(tmp_path: Path) -> None:
    shop = Shop(tmp_path, orders)
    assert refusal(adds(shop, "U12345678")) == (409, "tax_is_off")
    shop.close()
