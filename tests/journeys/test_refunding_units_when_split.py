"""Units are refunded in a shop of four processes, on PostgreSQL and over Kafka, also while a module is away."""

from typing import Any

import pytest

from app.kernel.ids import new_id
from app.kernel.money import Money
from tests.conftest import until
from tests.journeys.steps import assert_consistent, buys, signs_up, stock_of, stocks
from tests.journeys.test_auditing import audits_it, sentences
from tests.journeys.test_money_that_moves_later import of_order
from tests.journeys.test_refunding_units import credit_notes, refunds, states
from tests.journeys.test_shipping import unshipped
from tests.orders.shipping import code_of, counts_of, fulfilment_of, moved, packed, packs
from tests.shop import Caller
from tests.topologies import ShopOnServers

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PRICE = Money(900, "EUR")


@pytest.fixture
def alice(split: ShopOnServers) -> Caller:
    stocks(split, "MUG", PRICE, on_hand=9)
    return signs_up(split, "alice@example.com")


def test_a_refunded_unit_goes_back_on_sale_and_the_others_are_sent(split: ShopOnServers, alice: Caller) -> None:
    order_id = buys(split, alice, "MUG", 3, PRICE)

    assert refunds(split, order_id).status_code == 201
    split.settle()

    assert (states(split, order_id), counts_of(alice, order_id)) == (["made"], {"MUG": (3, 1, 0, 0)})
    assert (stock_of(split, "MUG"), unshipped(split)) == ((7, 0), 2)
    assert code_of(packs(split, order_id, MUG=3)) == (409, "nothing_left_to_pack")
    moved(split, order_id, packed(split, order_id), "dispatch")
    split.settle()
    assert (fulfilment_of(alice, order_id), unshipped(split)) == ("dispatched", 0)
    [note] = credit_notes(alice, order_id)
    assert (note["amount"]["amount"], note["lines"][0]["quantity"]) == (900, 1)
    assert sentences(audits_it(split).output) == []
    assert_consistent(split)


OTHERS = [pytest.param(name, marks=pytest.mark.thorough) for name in ("orders", "catalog")]


@pytest.mark.parametrize("module", ["payments", *OTHERS])
def test_a_module_that_is_killed_meanwhile_catches_up(split: ShopOnServers, alice: Caller, module: str) -> None:
    order_id = buys(split, alice, "MUG", 3, PRICE)
    if module != "orders":
        split.live.kill(module)
    key = str(new_id())
    body = {"lines": [{"sku": "MUG", "quantity": 1}], "reason": "one was broken"}
    asked: Any = split.as_staff().post(f"/orders/{order_id}/refunds", body, key=key)
    assert asked.status_code == 201, asked.text
    if module == "orders":
        split.live.kill(module)
    else:
        assert code_of(packs(split, order_id, MUG=3)) == (409, "nothing_left_to_pack"), "whether it is made or not"

    split.live.start(module)
    again = until(lambda: _answered(split, order_id, body, key), "the same request is answered again")
    split.settle()

    assert again["id"] == asked.json["id"]
    assert (states(split, order_id), counts_of(alice, order_id)) == (["made"], {"MUG": (3, 1, 0, 0)})
    assert of_order(split, order_id, "refunds")["amount"] == 900
    assert stock_of(split, "MUG") == (7, 0)
    assert split.parked() == 0
    assert_consistent(split)


def _answered(shop: ShopOnServers, order_id: str, body: Any, key: str) -> Any:
    answer = shop.as_staff().post(f"/orders/{order_id}/refunds", body, key=key)
    return answer.json if answer.status_code == 201 else None
