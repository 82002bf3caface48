"""Tax by Stripe: a quote asks, the order takes the answer, and what was paid and refunded is told once."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, update

from app.bus.contracts import payments
from app.jobs.tables import jobs
from app.kernel import clock
from app.kernel.audit import AuditScope, Discrepancy
from app.modules.orders.infrastructure.tax.tables import tax_quotes
from app.modules.orders.infrastructure.unit_of_work import transaction_on
from app.modules.orders.module import orders
from app.modules.orders.schedules import sweep_tax_quotes
from tests.orders.methods import BERLIN, offers, quoted, refusal, sells, zone
from tests.orders.steps import EVENTS, PATH_TO, paid_by
from tests.orders.taxes import AUSTIN, VIENNA, collects
from tests.shop import ALICE, BOB, Shop

driver: Any = pytest.importorskip("tests.sandbox.driver", reason="an extracted project has no sandbox of Stripe")
ASKS = {"TAX": "stripe", "HOME_COUNTRY": "DE", "STRIPE_TAX_KEY": "sk_test_tax"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    sandbox = driver.Sandbox(tmp_path_factory.mktemp("sandbox"))
    sandbox.start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def stripe(running: Any) -> Iterator[Any]:
    yield running
    running.ask("DELETE", "/sandbox/state")


def selling(folder: Path, stripe: Any, **variables: str) -> Shop:
    shop = Shop(folder, orders, **ASKS, STRIPE_TAX_URL=stripe.url, **variables)
    sells(shop, "MUG", 1190)
    sells(shop, "PDF", 1190, ships=False)
    zone(shop, "world", "DE", "AT", "CH", "US")
    offers(shop, "post", "world", [{"currency": "EUR", "from": 0, "amount": 595}])
    return shop


@pytest.fixture
def shop(tmp_path: Path, stripe: Any) -> Iterator[Shop]:
    alone = selling(tmp_path, stripe)
    yield alone
    alone.close()


def to(address: Any) -> dict[str, str]:
    return {name: address[name] for name in ("country", "region", "postal_code") if name in address}


def quotes(shop: Shop, address: Any = BERLIN, items: Any = None, customer: Any = ALICE) -> Any:
    return quoted(shop.as_customer(customer), items or {"MUG": 1}, shipping_method="post", **to(address))


def asks(shop: Shop, address: Any = BERLIN) -> Any:
    body = {"items": [{"sku": "MUG", "quantity": 1}], "shipping_method": "post", **to(address)}
    return shop.as_customer(ALICE).post("/cart/quote", body)


def places(shop: Shop, total: int = 1785, address: Any = BERLIN, quantity: int = 1, **more: Any) -> Any:
    body = {"items": [{"sku": "MUG", "quantity": quantity}], "expected_total": {"amount": total, "currency": "EUR"}}
    body |= {"email": "a@example.com", "shipping_method": "post", "shipping_address": address}
    return shop.as_customer(ALICE).post("/orders", body | more)


def pays(shop: Shop, order_id: str) -> None:
    for name in PATH_TO["paid"]:
        shop.receives(EVENTS[name](order_id))


def refunds(shop: Shop, order_id: str, refunded: int) -> None:
    more = paid_by(amount=1, refunded=refunded, captured=1785, currency="EUR", state="done")
    shop.receives(payments.PaymentRefunded(order_id=order_id, **more))


def transactions(stripe: Any) -> list[tuple[str, int, int]]:
    """The kind of each transaction at Stripe, and the sums of its amounts and taxes."""
    found = []
    for each in stripe.state()["tax_transactions"]:
        parts = [*each["line_items"], *([each["shipping_cost"]] if each["shipping_cost"] else [])]
        sums = (sum(part[name] for part in parts) for name in ("amount", "amount_tax"))
        found.append((each["type"], *sums))
    return found


def retried(shop: Shop) -> None:
    """Let the jobs run that wait for their next try."""
    with shop.modules["orders"].database.begin() as connection:
        connection.execute(update(jobs).values(due_at=clock.now()))
    shop.settle()


def found(shop: Shop) -> list[str]:
    """What the audit of tax finds."""
    audit = next(each for each in shop.modules["orders"].audits if each.name == "tax")
    results = audit.compare(AuditScope(since=clock.now() - timedelta(days=1), wait=0))
    return [each.sentence for each in results if isinstance(each, Discrepancy)]


@pytest.mark.parametrize(
    ("address", "prices", "total", "expected"),
    [
        (BERLIN, "gross", 1785, [("line:MUG", "DE", 190_000, 190), ("shipping", "DE", 190_000, 95)]),
        (VIENNA, "net", 2142, [("line:MUG", "AT", 200_000, 238), ("shipping", "AT", 200_000, 119)]),
        (
            AUSTIN,
            "net",
            1932,
            [
                ("line:MUG", "US-TX", 62_500, 74),
                ("line:MUG", "US-TX/Travis", 20_000, 24),
                ("shipping", "US-TX", 62_500, 37),
                ("shipping", "US-TX/Travis", 20_000, 12),
            ],
        ),
    ],
)
def test_the_order_takes_the_tax_of_its_quote(
    tmp_path: Path, stripe: Any, address: Any, prices: str, total: int, expected: Any
) -> None:
    shop = selling(tmp_path, stripe, PRICES=prices)
    quote = quotes(shop, address)
    stripe.breaks("down", path="/v1/tax", times=None)  # nobody is asked any more

    order = places(shop, total, address).json

    assert quote["tax_known"] is True
    assert quote["totals"] == order["totals"]
    assert quote["tax_lines"] == order["tax_lines"]
    lines = [(each["target"], each["jurisdiction"], each["ppm"], each["amount"]) for each in order["tax_lines"]]
    assert lines == expected
    assert sum(line[3] for line in lines) == order["totals"]["tax"]["amount"]
    shop.close()


def test_an_order_without_its_quote_is_refused(shop: Shop, stripe: Any) -> None:
    assert refusal(places(shop)) == (409, "quote_needed")
    quotes(shop)
    assert refusal(places(shop, 2975, quantity=2)) == (409, "quote_needed")
    assert refusal(places(shop, address=VIENNA)) == (409, "quote_needed")
    assert refusal(places(shop, 1784)) == (409, "price_changed")
    assert places(shop).status_code == 201

    with shop.modules["orders"].database.begin() as connection:
        connection.execute(update(tax_quotes).values(expires_at=clock.now()))
    assert refusal(places(shop)) == (409, "quote_needed")
    transaction: Any = shop.modules["orders"].transaction
    assert sweep_tax_quotes(transaction) == 1
    assert transaction_on


def test_a_quote_asks_once_and_about_what_can_be_ordered(shop: Shop, stripe: Any) -> None:
    undecided = quoted(shop.as_customer(ALICE), {"MUG": 1}, **to(BERLIN))
    assert (undecided["tax_known"], undecided["totals"]["tax"]["amount"]) == (False, 0)
    quotes(shop)
    stripe.breaks("down", path="/v1/tax", times=None)

    assert quotes(shop, customer=BOB)["tax_known"] is True
    assert refusal(asks(shop, VIENNA)) == (503, "tax_unavailable")


def test_more_lines_than_an_answer_has(shop: Shop) -> None:
    for n in range(30):
        sells(shop, f"MUG-{n}", 100 + n)

    quote = quotes(shop, items={f"MUG-{n}": 1 for n in range(30)})

    assert len({each["target"] for each in quote["tax_lines"]}) == 31


@pytest.mark.parametrize(
    "fault", [{"kind": "down"}, {"kind": "error_500"}, {"kind": "delay", "seconds": 3}, {"kind": "lose_answer"}]
)
def test_a_provider_that_is_away_sells_nothing(
    shop: Shop, stripe: Any, fault: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.modules.orders.infrastructure.tax.stripe_tax.TIMEOUT", 0.5)
    stripe.breaks(**fault, path="/v1/tax")

    assert refusal(asks(shop)) == (503, "tax_unavailable")
    assert refusal(places(shop)) == (409, "quote_needed")
    assert asks(shop).status_code == 200, "it is back"


def test_an_answer_that_does_not_add_up_is_refused(shop: Shop, stripe: Any) -> None:
    stripe.breaks("wrong_tax")

    assert refusal(asks(shop)) == (503, "tax_answer_inconsistent")
    assert refusal(places(shop)) == (409, "quote_needed")


def test_while_it_is_away_the_rates_of_staff_can_decide(tmp_path: Path, stripe: Any) -> None:
    shop = selling(tmp_path, stripe, TAX_WHEN_AWAY="internal")
    collects(shop, DE=190_000)
    stripe.breaks("down", path="/v1/tax", times=None)

    assert quotes(shop)["totals"]["tax"]["amount"] == 285
    order: Any = places(shop).json
    assert [each["amount"] for each in order["tax_lines"]] == [190, 95]
    pays(shop, order["id"])
    stripe.ask("DELETE", "/sandbox/faults")
    shop.settle()
    assert transactions(stripe) == [], "Stripe has not computed it"
    shop.close()


def test_a_place_that_is_not_known_well_enough_is_refused(shop: Shop) -> None:
    nowhere = {"country": "US", "region": "TX"}
    body = {"items": [{"sku": "PDF", "quantity": 1}], **nowhere}
    answer = shop.as_customer(ALICE).post("/cart/quote", body)
    assert refusal(answer) == (422, "tax_place_unknown")


def test_what_is_paid_and_refunded_is_told_once(shop: Shop, stripe: Any) -> None:
    quotes(shop)
    order: Any = places(shop).json
    shop.settle()
    assert transactions(stripe) == [], "it is not paid"
    pays(shop, order["id"])
    shop.settle()
    assert transactions(stripe) == [("transaction", 1785, 285)]

    for refunded in (500, 200, 500, 1000, 1785):  # the first one fails later, and is made again
        refunds(shop, order["id"], refunded)
        refunds(shop, order["id"], refunded)
        shop.settle()
        if refunded == 200:
            assert [each.split(": ")[1] for each in found(shop)] == [
                "the provider has a refund of 500, and 200 are refunded, since a refund has failed later"
            ]

    kinds, amounts, taxes = zip(*transactions(stripe), strict=True)
    assert kinds == ("transaction", "reversal", "reversal", "reversal")
    assert (sum(amounts), sum(taxes)) == (0, 0)
    assert found(shop) == []


def test_what_cannot_be_told_is_tried_again_and_found_by_the_audit(shop: Shop, stripe: Any) -> None:
    quotes(shop)
    order: Any = places(shop).json
    stripe.breaks("lose_answer", path="/v1/tax/transactions")
    pays(shop, order["id"])
    refunds(shop, order["id"], 1785)
    shop.settle()

    assert [order["id"] in each for each in found(shop)] == [True, True]
    for _ in range(2):
        retried(shop)
    assert transactions(stripe) == [("transaction", 1785, 285), ("reversal", -1785, -285)]
    assert found(shop) == []
    timeline: Any = shop.as_customer(ALICE).get(f"/orders/{order['id']}/timeline").json
    assert [each["what"] for each in timeline["items"] if "tax" in each["what"]] == ["tax_recorded", "tax_reversed"]


@pytest.mark.parametrize("what", ["commit", "reverse"])
def test_a_failure_that_the_provider_keeps_for_its_key_is_not_the_last_word(shop: Shop, stripe: Any, what: str) -> None:
    quotes(shop)
    order: Any = places(shop).json
    stripe.breaks("error_500", action=what)
    pays(shop, order["id"])
    refunds(shop, order["id"], 1785)
    shop.settle()

    for _ in range(3):
        retried(shop)

    assert transactions(stripe) == [("transaction", 1785, 285), ("reversal", -1785, -285)]
    assert found(shop) == []


@pytest.mark.parametrize("what", ["commit", "reverse"])
def test_what_was_recorded_in_spite_of_a_failure_is_recorded_once(
    shop: Shop, stripe: Any, what: str, caplog: Any
) -> None:
    quotes(shop)
    order: Any = places(shop).json
    stripe.breaks("error_500", action=what, when="after")
    pays(shop, order["id"])
    refunds(shop, order["id"], 1785)
    shop.settle()

    for _ in range(3):
        retried(shop)

    both = [("transaction", 1785, 285), ("reversal", -1785, -285)]
    assert transactions(stripe) == (both if what == "reverse" else both[:1])
    by_hand = [f"order {order['id']}: what the provider calls its tax is lost, so its refund is not recorded there"]
    assert found(shop) == ([] if what == "reverse" else by_hand)
    assert "what it calls it is lost" in caplog.text


def test_the_address_stays_where_its_tax_is(shop: Shop) -> None:
    quotes(shop)
    order: Any = places(shop).json
    path = f"/orders/{order['id']}/address"

    assert refusal(shop.as_customer(ALICE).patch(path, {"shipping_address": VIENNA})) == (409, "address_changes_price")
    other = {"shipping_address": {**BERLIN, "line1": "Unter den Linden 2"}}
    assert shop.as_customer(ALICE).patch(path, other).status_code == 200


def test_a_shop_without_tax_reads_no_table_of_it(tmp_path: Path) -> None:
    shop, statements = Shop(tmp_path, orders), list[str]()
    sells(shop, "MUG", 1190)
    for engine in shop.modules["orders"].database.engines:
        event.listen(engine, "before_cursor_execute", lambda *about: statements.append(about[2]))
    body = {"items": [{"sku": "MUG", "quantity": 1}], "expected_total": {"amount": 1190, "currency": "EUR"}}

    order: Any = shop.as_customer(ALICE).post("/orders", body).json
    placing = len(statements)
    pays(shop, order["id"])

    assert placing > 5
    assert [each for each in statements if "tax_" in each.partition("FROM")[2]] == []
    assert [each for each in statements if each.startswith(("INSERT INTO tax", "UPDATE tax", "DELETE FROM tax"))] == []
    shop.close()


def test_a_caller_cannot_ask_without_end(tmp_path: Path, stripe: Any) -> None:
    shop = selling(tmp_path, stripe)
    shop.close()
    shop = Shop(tmp_path, orders, **ASKS, STRIPE_TAX_URL=stripe.url, LIMIT_TAX="1/hour")
    assert asks(shop).status_code == 200
    assert asks(shop).status_code == 200, "the answer is kept"
    assert asks(shop, VIENNA).status_code == 429
    shop.close()
