"""`flask audit` over all four modules: it finds what was spoilt and nothing else, also while customers buy."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.request import urlopen
from uuid import UUID

import pytest
import stripe
from prometheus_client import REGISTRY
from sqlalchemy import select, text

from app.bus.measure import measure
from app.kernel.money import Money
from app.ops import operations
from app.ops.audits import measure_audits
from app.ops.tables import audits
from tests.chaos.load import buying
from tests.conftest import until
from tests.journeys.steps import assert_consistent, buys, pays, places, signs_up, stocks
from tests.orders.steps import status_of
from tests.shop import Caller, Shop
from tests.topologies import MODULES, ShopOnServers

PRICE = Money(900, "EUR")
CHECKS = {("catalog", "counters"), ("catalog", "index"), ("orders", "orders"), ("payments", "stripe")}
AUDIT = ("audit", "--wait", "4")


def audits_it(shop: Shop, *options: str) -> Any:
    return shop.app.test_cli_runner().invoke(args=[*AUDIT, *options])


def spoils(shop: Shop, module: str, sql: str, **values: Any) -> None:
    """Somebody writes to a module's database past the shop."""
    with shop.modules[module].database.begin() as connection:
        assert connection.execute(text(sql), values).rowcount > 0


def kept(shop: Shop) -> dict[tuple[str, str], int]:
    """How many discrepancies each module keeps of each of its checks."""
    found = {}
    for name, module in shop.modules.items():
        with module.database.read() as connection:
            found |= {(name, row.check): row.discrepancies for row in connection.execute(select(audits))}
    return found


def sentences(output: str) -> list[str]:
    """What is told below the table, without the advice."""
    return [line.strip() for line in output.splitlines() if line.startswith("  ") and "→" not in line]


@pytest.fixture
def alice(embedded: Shop) -> Caller:
    stocks(embedded, "MUG", PRICE, on_hand=9)
    return signs_up(embedded, "alice@example.com")


@pytest.fixture
def orders(embedded: Shop, alice: Caller) -> dict[str, str]:
    """One of each fate; the shop then runs by itself."""
    made = {"paid": buys(embedded, alice, "MUG", 2, PRICE), "refunded": buys(embedded, alice, "MUG", 1, PRICE)}
    made["open"] = places(embedded, alice, "MUG", 1, PRICE)
    made["cancelled"] = places(embedded, alice, "MUG", 1, PRICE)
    made["short"] = places(embedded, alice, "MUG", 100, PRICE)
    for name in ("refunded", "cancelled"):
        alice.post(f"/orders/{made[name]}/cancel")
    embedded.settle()
    embedded.background.start()
    return made


def test_a_shop_in_which_all_is_well_is_found_to_be(embedded: Shop, orders: dict[str, str]) -> None:
    result = audits_it(embedded)

    assert (result.exit_code, sentences(result.output)) == (0, []), result.output
    assert kept(embedded) == dict.fromkeys(CHECKS, 0)
    assert "orders     orders             5         0" in result.output
    assert_consistent(embedded)


DRIFT = {  # by what was spoilt: where, how, which order, and the only sentence to come of it
    "a claim sold": (
        "catalog",
        "UPDATE reservations SET status = 'sold' WHERE order_id = :id",
        "open",
        "order {id}: catalog says it is awaiting_payment, its stock is sold",
    ),
    "a claim lost": (
        "catalog",
        "DELETE FROM reservations WHERE order_id = :id",
        "paid",
        "order {id}: catalog says it is paid, its stock is neither held nor rejected",
    ),
    "a payment not called off": (
        "payments",
        "UPDATE payments SET desired = 'authorized' WHERE order_id = :id",
        "cancelled",
        "order {id}: payments says it is cancelled, its payment is cancelled, but its cancellation was not requested",
    ),
    "a payment never made": (
        "payments",
        "DELETE FROM payments WHERE order_id = :id",
        "open",
        "order {id}: payments says it is awaiting_payment, and has no payment",
    ),
}


def id_in(shop: Shop, module: str, order_id: str) -> Any:
    """As the database keeps ids."""
    return UUID(order_id).hex if shop.modules[module].database.is_sqlite else order_id


@pytest.mark.parametrize("drift", DRIFT)
def test_what_was_spoilt_is_found_and_nothing_else(embedded: Shop, orders: dict[str, str], drift: str) -> None:
    module, sql, which, sentence = DRIFT[drift]
    spoils(embedded, module, sql, id=id_in(embedded, module, orders[which]))

    result = audits_it(embedded)

    reported = [each for each in sentences(result.output) if each.startswith(f"order {orders[which]}: ")]
    assert result.exit_code == 1
    assert reported == [sentence.format(id=orders[which])]
    assert kept(embedded)["orders", "orders"] == 1


def test_an_order_set_back_is_found_on_both_sides_and_mended(
    embedded: Shop, orders: dict[str, str], alice: Caller
) -> None:
    order_id = orders["paid"]
    spoils(
        embedded,
        "orders",
        "UPDATE orders SET status = 'awaiting_payment' WHERE id = :id",
        id=id_in(embedded, "orders", order_id),
    )

    found = audits_it(embedded)
    assert sentences(found.output) == [
        f"order {order_id}: catalog says it is awaiting_payment, its stock is sold",
        f"order {order_id}: payments says it is awaiting_payment, its payment is captured",
    ]
    measure("orders", embedded.modules["orders"].database, measure_audits)
    assert REGISTRY.get_sample_value("quartet_audit_discrepancies", {"module": "orders", "check": "orders"}) == 2

    mended = audits_it(embedded, "--fix")
    assert mended.exit_code == 0, mended.output
    assert "2 of 2 are seen to" in mended.output
    until(lambda: status_of(alice, order_id) == "paid", "the nudge has mended it")

    with embedded.modules["orders"].database.read() as connection:
        [recorded] = operations.newest(connection, None, 5)
    assert (recorded.what, recorded.subject) == ("nudge order", order_id)
    assert recorded.who.startswith("shell:") and "its stock is sold" in recorded.why
    assert audits_it(embedded).exit_code == 0
    assert_consistent(embedded)


def test_stripe_knowing_better_is_found_and_mended(embedded: Shop, orders: dict[str, str]) -> None:
    order_id = orders["paid"]
    gives_back_at_stripe(embedded, order_id, 100)

    found = audits_it(embedded)
    assert sentences(found.output) == [
        f"order {order_id}: it is captured here (captured 1800, refunded 0), captured at Stripe (1800, 100)"
    ]
    assert kept(embedded) == dict.fromkeys(CHECKS, 0) | {("payments", "stripe"): 1}

    assert audits_it(embedded, "--fix").exit_code == 0
    until(lambda: audits_it(embedded).exit_code == 0, "it is mended")
    with embedded.modules["payments"].database.read() as connection:
        [recorded] = operations.newest(connection, None, 5)
    assert recorded.what == "look at payment" and order_id in recorded.why
    assert_consistent(embedded)


def gives_back_at_stripe(shop: Shop, order_id: str, amount: int) -> None:
    """A person does, in Stripe's dashboard."""
    with urlopen(f"{shop.own['payments'].stripe_base}/sandbox/state", timeout=5) as state:
        [intent] = [each for each in json.load(state)["intents"] if each["metadata"]["order_id"] == order_id]
    client = stripe.StripeClient("sk_test_person", base_addresses={"api": shop.own["payments"].stripe_base})
    client.v1.refunds.create({"payment_intent": intent["id"], "amount": amount})


def test_where_nobody_carries_what_is_asked_it_says_so(embedded: Shop, alice: Caller) -> None:
    places(embedded, alice, "MUG", 1, PRICE)

    result = embedded.app.test_cli_runner().invoke(args=["audit", "--wait", "0.3"])

    assert result.exit_code == 1
    assert "no answer from catalog about 1 orders" in result.output
    assert "is the shop running?" in result.output


def test_an_order_of_which_something_is_parked_is_told_of(embedded: Shop, orders: dict[str, str]) -> None:
    parked_here = orders["open"]
    spoils(
        embedded,
        "orders",
        "INSERT INTO parked_keys (consumer, topic, key, tries) VALUES ('orders', 'catalog', :key, 3)",
        key=parked_here,
    )

    expected = (
        f"no answer from catalog about 1 orders, the first {parked_here}: is catalog running, and is nothing of them "
        "parked here or there (`flask bus parked list`)?"
    )

    def reported() -> list[str]:
        return sentences(embedded.app.test_cli_runner().invoke(args=["audit", "--wait", "1"]).output)

    until(lambda: reported() == [expected], "all other answers came in time, and this one is missed", seconds=60)


def test_it_finds_nothing_while_customers_buy(carried: Shop) -> None:
    stocks(carried, "PEN", PRICE, on_hand=1000)
    alice = signs_up(carried, "alice@example.com")
    carried.background.start()
    closing = threading.Event()
    bought: list[str] = []

    def shops() -> None:
        while not closing.is_set():
            bought.append(buys_somehow(alice, len(bought)))

    with ThreadPoolExecutor(3) as pool:
        buying = [pool.submit(shops) for _ in range(3)]
        try:
            found = []
            for _ in range(4):
                enough = len(bought) + 10
                until(lambda: len(bought) >= enough, "more are bought", 60)  # noqa: B023
                found.append(audits_it(carried))
        finally:
            closing.set()
    for each in buying:
        each.result()

    assert [each.exit_code for each in found] == [0] * 4, [sentences(each.output) for each in found]


def buys_somehow(customer: Caller, number: int) -> str:
    """A pen, paid two times of three, called off one time of five."""
    order_id = str(customer.orders({"PEN": 1}, PRICE).json["id"])  # type: ignore[index]
    until(lambda: customer.get(f"/orders/{order_id}").json["status"] != "placed", "its stock is held", 120)  # type: ignore[index]
    if number % 3:
        until(lambda: is_taken(customer, order_id), "it is paid", 120)
    if number % 5 == 0:
        customer.post(f"/orders/{order_id}/cancel")
    return order_id


def is_taken(customer: Caller, order_id: str) -> bool:
    """Whether the card was taken: as soon as the payment is set up."""
    found: Any = customer.get(f"/payments?order_id={order_id}").json
    return bool(found["items"]) and pays(customer, order_id, "pm_card_visa", key=order_id).status_code == 200


@pytest.mark.timeout(300)
def test_each_module_audits_itself_when_they_are_apart_and_one_that_is_down_is_missed(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=9)
    alice = signs_up(split, "alice@example.com")
    paid, open_order = buys(split, alice, "MUG", 2, PRICE), places(split, alice, "MUG", 1, PRICE)

    for name in MODULES:
        split.live.runs(name, "audit", "--wait", "20")
    assert kept(split) == dict.fromkeys(CHECKS, 0)

    spoils(split, "orders", "UPDATE orders SET status = 'awaiting_payment' WHERE id = :id", id=paid)
    split.live.runs("orders", "audit", "--wait", "20", "--fix")
    until(lambda: status_of(alice, paid) == "paid", "the nudge has mended it")
    split.live.runs("orders", "audit", "--wait", "20")
    split.settle()
    assert_consistent(split)

    split.live.stop("catalog")
    with pytest.raises(AssertionError, match="no answer from catalog about 2 orders"):
        split.live.runs("orders", "audit", "--wait", "3")
    split.live.start("catalog")
    split.settle()
    assert status_of(alice, open_order) == "awaiting_payment"


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_it_finds_nothing_while_customers_buy_and_pay_on_real_servers(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=1000)
    signs_up(split, "alice@example.com")
    split.live.runs("catalog", "catalog", "reindex")  # it remembers other tests' mugs
    with buying(split, "MUG") as load:  # slower than the shop works, or what is paid last waits for all before it
        for _ in range(3):
            load.goes_on(5)
            with ThreadPoolExecutor(3) as pool:
                lately = list(load.orders.items())[-5:]
                paying = [pool.submit(until, partial(is_taken, who, each), "it is paid", 120) for each, who in lately]
                for name in ("orders", "payments", "catalog"):
                    split.live.runs(name, "audit", "--wait", "20")
            for each in paying:
                each.result()
    split.settle()
    assert_consistent(split)
