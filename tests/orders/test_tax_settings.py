"""Staff set up what is taxed, where, and how much: the past stays, and what contradicts itself is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.kernel import clock
from app.kernel.audit import AuditScope, Discrepancy
from app.modules.orders.module import orders
from tests.orders.methods import refusal, sells, trail
from tests.orders.taxes import GERMAN, LONG_AGO, WHY, category, collects, rate, registration
from tests.shop import ALICE, Shop

LATER, EVEN_LATER = "2500-01-01T00:00:00Z", "2600-01-01T00:00:00Z"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    alone = Shop(tmp_path, orders, **GERMAN)
    yield alone
    alone.close()


def test_a_rate_is_added_listed_and_ended(shop: Shop) -> None:
    staff = shop.as_staff()
    added: Any = rate(shop, "DE", 190_000, key="once").json
    assert rate(shop, "DE", 190_000, key="once").json == added, "a repeated request adds no second one"
    path = f"/tax/rates/{added['id']}"

    ended = staff.patch(path, {"valid_until": LATER, **WHY}, headers={"If-Match": '"v1"'})

    assert ended.status_code == 200
    assert added["valid_until"] is None
    again: Any = staff.get(path).json
    assert (again["ppm"], again["tax_reason"], again["version"]) == (190_000, "standard_rated", 2)
    assert again["valid_until"].startswith("2500-01-01")
    listed: Any = staff.get("/tax/rates?country=DE").json
    assert [each["id"] for each in listed["items"]] == [added["id"]]
    assert staff.get("/tax/rates?country=AT").json == {"items": [], "next": None}
    assert [each[0] for each in trail(shop)] == ["add tax rate", "end tax rate"]
    stale = staff.patch(path, {"valid_until": None, **WHY}, headers={"If-Match": '"v1"'})
    assert refusal(stale) == (412, "stale_version")
    assert refusal(staff.patch(path, {"valid_until": None, **WHY})) == (428, "precondition_required")


def test_rates_of_one_name_do_not_overlap(shop: Shop) -> None:
    first: Any = rate(shop, "DE", 190_000, valid_until=LATER).json

    assert refusal(rate(shop, "DE", 200_000)) == (409, "tax_rate_overlaps")
    assert rate(shop, "DE", 200_000, valid_from=LATER).status_code == 201
    assert rate(shop, "DE", 20_000, name="Other").status_code == 201
    assert rate(shop, "DE", 0, postal_prefix="27498", tax_reason="export").status_code == 201
    path, tag = f"/tax/rates/{first['id']}", {"If-Match": '"v1"'}
    longer = shop.as_staff().patch(path, {"valid_until": EVEN_LATER, **WHY}, headers=tag)
    assert refusal(longer) == (409, "tax_rate_overlaps")


def test_the_past_does_not_change(shop: Shop) -> None:
    ended: Any = rate(shop, "DE", 160_000, valid_until="2021-01-01T00:00:00Z").json
    open_: Any = rate(shop, "AT", 200_000).json
    staff, tag = shop.as_staff(), {"If-Match": '"v1"'}

    for id, until in ((ended["id"], LATER), (ended["id"], None), (open_["id"], "2021-01-01T00:00:00Z")):
        answer = staff.patch(f"/tax/rates/{id}", {"valid_until": until, **WHY}, headers=tag)
        assert refusal(answer) == (422, "bad_validity"), id
    reversed_ = rate(shop, "FR", 1, valid_from=LATER, valid_until=LONG_AGO)
    assert refusal(reversed_) == (422, "bad_validity")


def test_a_registration_needs_a_standard_rate(shop: Shop) -> None:
    category(shop, "books")
    rate(shop, "DE", 70_000, "books")
    assert refusal(registration(shop, "DE")) == (409, "tax_rates_needed")
    rate(shop, "DE", 190_000, valid_from=LATER)
    assert refusal(registration(shop, "DE")) == (409, "tax_rates_needed")
    assert registration(shop, "DE", since=LATER).status_code == 201
    rate(shop, "US", 62_500, name="State", region="TX")
    assert refusal(registration(shop, "US")) == (409, "tax_rates_needed")
    assert registration(shop, "US", "TX").status_code == 201
    assert refusal(registration(shop, "US", "XX")) == (422, "bad_area")


def test_a_registration_ends(shop: Shop) -> None:
    collects(shop, DE=190_000)
    staff = shop.as_staff()
    listed: Any = staff.get("/tax/registrations").json
    (found,) = listed["items"]
    path = f"/tax/registrations/{found['id']}"

    assert refusal(registration(shop, "DE")) == (409, "already_registered")
    assert staff.patch(path, {"until": LATER, **WHY}, headers={"If-Match": '"v1"'}).status_code == 200
    again: Any = staff.get(path).json
    assert (again["version"], again["since"][:4], again["until"][:4]) == (2, "2020", "2500")
    assert registration(shop, "DE", since=LATER).status_code == 201
    back = staff.patch(path, {"until": None, **WHY}, headers={"If-Match": '"v2"'})
    assert refusal(back) == (409, "already_registered")


def test_a_category_in_use_does_not_go(shop: Shop) -> None:
    staff = shop.as_staff()
    assert category(shop, "books").status_code == 201
    assert refusal(category(shop, "books")) == (409, "tax_category_exists")
    assert refusal(category(shop, "proportional")) == (409, "tax_category_exists")
    rate(shop, "DE", 70_000, "books")
    assert refusal(rate(shop, "DE", 70_000, "music")) == (422, "unknown_tax_category")

    assert refusal(staff.delete("/tax/categories/books")) == (409, "tax_category_in_use")
    assert refusal(staff.delete("/tax/categories/standard")) == (409, "tax_category_in_use")
    assert category(shop, "music").status_code == 201
    assert staff.delete("/tax/categories/music").status_code == 204
    assert refusal(staff.delete("/tax/categories/music")) == (404, "no_such_tax_category")
    listed: Any = staff.get("/tax/categories").json
    assert [each["slug"] for each in listed["items"]] == ["books", "standard"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"ppm": 1_000_001},
        {"ppm": -1},
        {"ppm": 1.5},
        {"country": "XX"},
        {"tax_reason": "reverse_charge"},
        {"valid_from": "2026-01-01"},
        {"unknown": 1},
    ],
)
def test_a_wrong_rate_is_refused(shop: Shop, wrong: dict[str, Any]) -> None:
    body = {"country": "DE", "name": "VAT", "ppm": 1, "valid_from": LONG_AGO, **WHY, **wrong}

    assert shop.as_staff().post("/tax/rates", body).status_code in {400, 422}


def test_customers_see_none_of_it(shop: Shop) -> None:
    for path in ("categories", "registrations", "rates"):
        assert shop.as_customer(ALICE).get(f"/tax/{path}").status_code == 403


def test_the_audit_finds_goods_of_a_category_that_nobody_has_added(shop: Shop) -> None:
    """They are sold, and taxed as standard: a typing error of catalog would cost the shop, or its customers, money."""
    category(shop, "books")
    sells(shop, "BOOK", 1000, tax_category="books")
    sells(shop, "MUG", 1000)
    (audit,) = [each for each in shop.modules["orders"].audits if each.name == "tax"]

    def found() -> list[str]:
        scope = AuditScope(since=clock.now(), wait=0)
        return [each.sentence for each in audit.compare(scope) if isinstance(each, Discrepancy)]

    assert found() == []
    for sku in ("NOVEL", "DIARY"):
        sells(shop, sku, 1000, tax_category="boks")
    assert found() == [
        "2 SKUs, the first DIARY, are of the tax category boks, which does not exist: they are taxed as standard"
    ]
    category(shop, "boks")
    assert found() == []
