"""`flask audit` over all four modules: it finds exactly what was corrupted, also while customers buy."""

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
CHECKS = {
    ("catalog", "counters"),
    ("catalog", "index"),
    ("orders", "orders"),
    ("orders", "documents"),
    ("orders", "promotions"),
    ("orders", "tax"),
    ("payments", "stripe"),
}
AUDIT = ("audit", "--wait", "4")


def audits_it(shop: Shop, *options: str) -> Any:
    return shop.app.test_cli_runner().invoke(args=[*AUDIT, *options])


def spoils(shop: Shop, module: str, sql: str, **values: Any) -> None:
    """Corrupt the database of a module, bypassing the application."""
    with shop.modules[module].database.begin() as connection:
        assert connection.execute(text(sql), values).rowcount > 0


def stored(shop: Shop) -> dict[tuple[str, str], int]:
    """The number of discrepancies that each module has stored for each of its checks."""
    found = {}
    for name, module in shop.modules.items():
        with module.database.read() as connection:
            found |= {(name, row.check): row.discrepancies for row in connection.execute(select(audits))}
    return found


def sentences(output: str) -> list[str]:
    """The discrepancies printed below the table, without the advice."""
    return [line.strip() for line in output.splitlines() if line.startswith("  ") and "→" not in line]


@pytest.fixture
def alice(embedded: Shop) -> Caller:
    stocks(embedded, "MUG", PRICE, on_hand=9)
    return signs_up(embedded, "alice@example.com")


@pytest.fixture
def orders(embedded: Shop, alice: Caller) -> dict[str, str]:
    """One order for each way in which it can go on; then the background of the shop is started."""
    made = {"paid": buys(embedded, alice, "MUG", 2, PRICE), "refunded": buys(embedded, alice, "MUG", 1, PRICE)}
    made["open"] = places(embedded, alice, "MUG", 1, PRICE)
    made["cancelled"] = places(embedded, alice, "MUG", 1, PRICE)
    made["short"] = places(embedded, alice, "MUG", 100, PRICE)
    for name in ("refunded", "cancelled"):
        alice.post(f"/orders/{made[name]}/cancel")
    embedded.settle()
    embedded.background.start()
    return made


def test_a_consistent_shop_has_no_discrepancies(embedded: Shop, orders: dict[str, str]) -> None:
    result = audits_it(embedded)

    assert (result.exit_code, sentences(result.output)) == (0, []), result.output
    assert stored(embedded) == dict.fromkeys(CHECKS, 0)
    assert "orders     orders             5         0" in result.output
    assert_consistent(embedded)


DRIFT = {  # what was corrupted: the module, the statement, which order, and the only sentence expected
    "a reservation sold": (
        "catalog",
        "UPDATE reservations SET status = 'sold' WHERE order_id = :id",
        "open",
        "order {id}: catalog reports: it is awaiting_payment, its stock is sold",
    ),
    "a reservation lost": (
        "catalog",
        "DELETE FROM reservations WHERE order_id = :id",
        "paid",
        "order {id}: catalog reports: it is paid, its stock is neither held nor rejected",
    ),
    "a payment not cancelled": (
        "payments",
        "UPDATE payments SET desired = 'authorized' WHERE order_id = :id",
        "cancelled",
        "order {id}: payments reports: it is cancelled, its payment is cancelled, "
        "but its cancellation was not requested",
    ),
    "a payment never made": (
        "payments",
        "DELETE FROM payments WHERE order_id = :id",
        "open",
        "order {id}: payments reports: it is awaiting_payment, and has no payment",
    ),
}


def id_in(shop: Shop, module: str, order_id: str) -> Any:
    """An id as the database stores it."""
    return UUID(order_id).hex if shop.modules[module].database.is_sqlite else order_id


@pytest.mark.parametrize("drift", DRIFT)
def test_what_was_corrupted_is_found_and_nothing_else(embedded: Shop, orders: dict[str, str], drift: str) -> None:
    module, sql, which, sentence = DRIFT[drift]
    spoils(embedded, module, sql, id=id_in(embedded, module, orders[which]))

    result = audits_it(embedded)

    reported = [each for each in sentences(result.output) if each.startswith(f"order {orders[which]}: ")]
    assert result.exit_code == 1
    assert reported == [sentence.format(id=orders[which])]
    assert stored(embedded)["orders", "orders"] == 1


def test_an_order_set_back_is_found_in_both_modules_and_fixed(
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
        f"order {order_id}: catalog reports: it is awaiting_payment, its stock is sold",
        f"order {order_id}: payments reports: it is awaiting_payment, its payment is captured",
    ]
    measure("orders", embedded.modules["orders"].database, measure_audits)
    assert REGISTRY.get_sample_value("quartet_audit_discrepancies", {"module": "orders", "check": "orders"}) == 2

    fixed = audits_it(embedded, "--fix")
    assert fixed.exit_code == 0, fixed.output
    assert "2 of 2 are being repaired" in fixed.output
    until(lambda: status_of(alice, order_id) == "paid", "the nudge has fixed it")

    with embedded.modules["orders"].database.read() as connection:
        [recorded] = operations.newest(connection, None, 5)
    assert (recorded.what, recorded.subject) == ("nudge order", order_id)
    assert recorded.who.startswith("shell:") and "its stock is sold" in recorded.why
    assert audits_it(embedded).exit_code == 0
    assert_consistent(embedded)


def test_a_difference_from_stripe_is_found_and_fixed(embedded: Shop, orders: dict[str, str]) -> None:
    order_id = orders["paid"]
    refunds_at_stripe(embedded, order_id, 100)

    found = audits_it(embedded)
    assert sentences(found.output) == [
        f"order {order_id}: it is captured here (captured 1800, refunded 0), captured at Stripe (1800, 100)"
    ]
    assert stored(embedded) == dict.fromkeys(CHECKS, 0) | {("payments", "stripe"): 1}

    assert audits_it(embedded, "--fix").exit_code == 0
    until(lambda: audits_it(embedded).exit_code == 0, "it is fixed")
    with embedded.modules["payments"].database.read() as connection:
        [recorded] = operations.newest(connection, None, 5)
    assert recorded.what == "look at payment" and order_id in recorded.why
    assert_consistent(embedded)


def refunds_at_stripe(shop: Shop, order_id: str, amount: int) -> None:
    """Refund a part of the order's payment at Stripe, as a person does in Stripe's dashboard."""
    with urlopen(f"{shop.own['payments'].stripe_base}/sandbox/state", timeout=60) as state:
        [intent] = [each for each in json.load(state)["intents"] if each["metadata"]["order_id"] == order_id]
    client = stripe.StripeClient("sk_test_person", base_addresses={"api": shop.own["payments"].stripe_base})
    client.v1.refunds.create({"payment_intent": intent["id"], "amount": amount})


def test_an_audit_reports_that_its_requests_are_not_sent(embedded: Shop, alice: Caller) -> None:
    places(embedded, alice, "MUG", 1, PRICE)

    result = embedded.app.test_cli_runner().invoke(args=["audit", "--wait", "0.3"])

    assert result.exit_code == 1
    assert "no answer from catalog about 1 orders" in result.output
    assert "the audit requests are still in the outbox of orders" in result.output


def test_an_order_with_a_parked_event_is_reported(embedded: Shop, orders: dict[str, str]) -> None:
    parked_here = orders["open"]
    spoils(
        embedded,
        "orders",
        "INSERT INTO parked_keys (consumer, topic, key, tries) VALUES ('orders', 'catalog', :key, 3)",
        key=parked_here,
    )

    expected = (
        f"no answer from catalog about 1 orders, the first {parked_here}: check that catalog runs, and that no event "
        "of them is parked in either module (`flask bus parked list`)"
    )

    def reported() -> list[str]:
        return sentences(embedded.app.test_cli_runner().invoke(args=["audit", "--wait", "1"]).output)

    until(lambda: reported() == [expected], "only this answer is missing", seconds=60)


def test_an_audit_finds_nothing_while_customers_buy(carried: Shop) -> None:
    stocks(carried, "PEN", PRICE, on_hand=100_000)
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
                # on a busy machine a change may take long, and the audit ends as soon as it can
                found.append(carried.app.test_cli_runner().invoke(args=["audit", "--wait", "60"]))
        finally:
            closing.set()
    for each in buying:
        each.result()

    assert [each.exit_code for each in found] == [0] * 4, [sentences(each.output) for each in found]


def buys_somehow(customer: Caller, number: int) -> str:
    """Order a pen; two of three orders are paid, one of five is cancelled."""
    order_id = str(customer.orders({"PEN": 1}, PRICE).json["id"])  # type: ignore[index]
    until(lambda: customer.get(f"/orders/{order_id}").json["status"] != "placed", "its stock is held", 120)  # type: ignore[index]
    if number % 3:
        until(lambda: is_taken(customer, order_id), "it is paid", 120)
    if number % 5 == 0:
        customer.post(f"/orders/{order_id}/cancel")
    return order_id


def is_taken(customer: Caller, order_id: str) -> bool:
    """Pay, once the payment exists; returns whether the card was accepted."""
    found: Any = customer.get(f"/payments?order_id={order_id}").json
    return bool(found["items"]) and pays(customer, order_id, "pm_card_visa", key=order_id).status_code == 200


def test_each_module_audits_itself_in_the_split_and_one_that_is_down_is_reported(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=9)
    alice = signs_up(split, "alice@example.com")
    paid, open_order = buys(split, alice, "MUG", 2, PRICE), places(split, alice, "MUG", 1, PRICE)

    for name in MODULES:
        split.live.runs(name, "audit", "--wait", "20")
    assert stored(split) == dict.fromkeys(CHECKS, 0)

    spoils(split, "orders", "UPDATE orders SET status = 'awaiting_payment' WHERE id = :id", id=paid)
    split.live.runs("orders", "audit", "--wait", "20", "--fix")
    until(lambda: status_of(alice, paid) == "paid", "the nudge has fixed it")
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
def test_an_audit_finds_nothing_while_customers_buy_and_pay_on_real_servers(split: ShopOnServers) -> None:
    stocks(split, "MUG", PRICE, on_hand=1000)
    signs_up(split, "alice@example.com")
    split.live.runs("catalog", "catalog", "reindex")  # the index still has the products of other tests
    with buying(split, "MUG") as load:  # slower than the shop: otherwise the last payments wait for all earlier ones
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
