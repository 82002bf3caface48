"""However many ids, paths, methods, names and currencies clients invent, the page of metrics stays small and cheap."""

import itertools
from collections import Counter
from datetime import UTC, datetime
from io import BytesIO

import pytest
from prometheus_client import CollectorRegistry
from werkzeug.test import create_environ

from app.bus.contracts.catalog import OfferChanged
from app.bus.contracts.payments import PaymentCaptured, PaymentFailed
from app.bus.event import Message, headers_of
from app.kernel.ids import new_id
from app.modules.payments.infrastructure import metrics as payments_metrics
from app.web import metrics
from app.web.metrics import MAX_PAGES, MetricsPage
from tests.instruments.steps import moved, only, page
from tests.shop import ALICE, Shop

LONG = "x" * 500
BARE = create_environ()


def ask(shop: Shop, method: str, path: str, **headers: str) -> None:
    """Send a request as granian passes it: the client of werkzeug would be slower than the shop, and correct it."""
    variables = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    path, _, query = path.partition("?")
    environ = BARE | {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method, **variables}
    for _ in shop.app(environ | {"wsgi.input": BytesIO()}, lambda *_: lambda _: None):
        pass


def test_five_thousand_ids_and_as_many_wrong_paths_are_two_series(shop: Shop) -> None:
    alice, signed = shop.as_customer(ALICE), f"Bearer {shop.token(ALICE)}"
    ids = [str(new_id()) for _ in range(5001)]
    ask(shop, "GET", f"/api/v1/orders/{ids[0]}", authorization=signed)
    ask(shop, "GET", f"/api/v1/nothing/{ids[0]}", authorization=signed)
    page(alice)
    before = page(alice)

    for id in ids[1:]:
        ask(shop, "GET", f"/api/v1/orders/{id}", authorization=signed)
        ask(shop, "GET", f"/api/v1/nothing/{id}", authorization=signed)

    after, name = page(alice), "quartet_http_request_seconds_count"
    assert only(name, moved(before, after)) == {
        f'{name}{{method="GET",route="/api/v1/orders/<uuid:order_id>",status="404"}}': 5000,
        f'{name}{{method="GET",route="none",status="404"}}': 5000,
        f'{name}{{method="GET",route="/metrics",status="200"}}': 1,
    }
    assert after.keys() == before.keys()


def test_ten_thousand_hostile_requests_leave_a_small_page(shop: Shop) -> None:
    signed, sizes = f"Bearer {shop.token(ALICE)}", []
    methods = itertools.cycle(["GET", "POST", "BREW", "GET\u00e9", "PROPFIND", LONG, "OPTIONS", "delete", '"} 1'])
    paths = "/api/v1/orders/{n}", "/api/v1/products/{n}", "/{n}", "/api/v1/auth/login", "/api/v1/products?q={n}&{n}=1"
    before = len(shop.as_guest().get("/metrics").text)  # includes the counts of all earlier tests

    for n in range(10_000):
        hostile = {
            "authorization": signed if n % 3 else f"Bearer {n}",
            "x_request_id": f'"}} {n}',
            "x_forwarded_for": f"10.0.{n % 250}.{n % 199}",
            "user_agent": f"{LONG}{n}",
            "idempotency_key": f"key-{n}",
            "traceparent": f"00-{n:032x}-{n:016x}-01",
            "host": f"shop-{n}.example.com",
        }
        ask(shop, next(methods), paths[n % len(paths)].format(n=f'{n}"}}{n}'), **hostile)
        if n in {1_000, 9_999}:
            sizes.append(len(page(shop.as_guest())))

    text = shop.as_guest().get("/metrics").text
    assert sizes[1] - sizes[0] <= 40, "what is new came with new refusals, not with new names"
    assert len(text) - before < 100_000
    assert 'method="other"' in text
    assert not [word for word in ("BREW", "PROPFIND", LONG, "shop-", "key-") if word in text]


def test_causes_and_currencies_that_are_made_up_add_a_few_series_at_most(shop: Shop) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    currencies = ["".join(each) for each in itertools.islice(itertools.product(letters, repeat=3), 3000)]
    about = {"order_id": str(ALICE), "payment_id": str(ALICE), "version": 1}

    payments_metrics.count(PaymentCaptured(amount=1, currency=each, **about) for each in currencies)
    payments_metrics.count(PaymentFailed(code=f"made_up_{n}", **about) for n in range(3000))

    after = page(shop.as_guest())
    payments_metrics.seen.clear()
    assert len(only("quartet_revenue_total", after)) <= payments_metrics.CURRENCIES + 1
    assert len(only("quartet_payment_failures_total", after)) <= len(payments_metrics.CAUSES) + 1


MOMENTS = "0001-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "soon"


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_time_that_a_stranger_made_up_does_not_spoil_the_sum(shop: Shop, moment: str) -> None:
    offer = OfferChanged(
        sku="MUG", product_id=str(new_id()), name="Mug", price=1, currency="EUR", on_sale=True, version=1
    )
    headers = headers_of(offer, new_id(), datetime.now(UTC), None) | {"ce_time": moment}
    message = Message(topic="catalog", key="MUG", headers=headers, body=offer.to_json())
    orders = next(each for each in shop.background.consumers if each.name == "orders")
    name = 'quartet_bus_effect_seconds_sum{consumer="orders"}'
    before = page(shop.as_guest()).get(name, 0)

    orders.handle(message)

    assert page(shop.as_guest())[name] - before <= 30 * 86_400


def test_types_and_topics_that_nobody_knows_are_one_series(shop: Shop) -> None:
    orders = next(each for each in shop.background.consumers if each.name == "orders")
    before = len(only("quartet_bus_consumed_total", page(shop.as_guest())))

    for n in range(500):
        headers = {"ce_id": str(new_id()), "ce_type": f"stranger.said_{n}.v1"}
        orders.handle(Message(topic=f"topic-{n}", key=f"{n}", headers=headers, body=b"{}"))

    assert len(only("quartet_bus_consumed_total", page(shop.as_guest()))) <= before + 1


def test_a_page_that_is_hammered_is_made_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    made, pages = Counter[str](), MetricsPage()
    registry = metrics.registry

    def counting() -> CollectorRegistry:
        made["pages"] += 1
        return registry()

    monkeypatch.setattr(metrics, "registry", counting)
    monkeypatch.setattr(metrics, "SPAN", 3600.0)  # otherwise a busy machine may exceed it during this test

    answers = [pages.generate_metrics() for _ in range(2000)]

    assert made["pages"] == MAX_PAGES
    assert all(text.startswith("# HELP") for text, _ in answers)
