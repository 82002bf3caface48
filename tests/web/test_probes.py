"""The probes /livez and /readyz, and /metrics."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.factory import create_app
from app.kernel.money import Money
from app.modules.orders.module import orders
from app.web import health
from tests.shop import ALICE, Shop

OURS = re.compile(r"^quartet_http_request_seconds_count\{(.*)\} (\S+)$", re.MULTILINE)


def series(shop: Shop) -> dict[str, float]:
    """The number of requests by the labels of our histogram."""
    return {labels: float(count) for labels, count in OURS.findall(page(shop))}


def page(shop: Shop) -> str:
    answer = shop.as_guest().get("/metrics")
    assert answer.status_code == 200 and answer.mimetype == "text/plain"
    return answer.text


def test_alive_is_all_that_livez_says(shop: Shop) -> None:
    answer = shop.as_guest().get("/livez")

    assert (answer.status_code, answer.json) == (200, {"status": "alive"})


def test_ready_says_what_it_has_looked_at(shop: Shop) -> None:
    answer: Any = shop.as_guest().get("/readyz")

    assert answer.status_code == 200
    for module in ("catalog", "orders", "payments", "users"):
        assert answer.json["checks"][f"{module}: database"] == {"status": "ok", "detail": None}
        assert answer.json["checks"][f"{module}: signing key"]["status"] == "ok"


def test_a_shop_without_tables_is_alive_and_not_ready(shop_with: Callable[..., Shop], tmp_path: Path) -> None:
    settings = shop_with(QUARTET_DATA=str(tmp_path / "empty")).settings
    bare = create_app(orders, settings=replace(settings, variables={"ORDERS_DATABASE_URL": f"sqlite:///{tmp_path}/x"}))
    client = bare.test_client()

    ready: Any = client.get("/readyz")

    assert client.get("/livez").status_code == 200
    assert (ready.status_code, ready.json["status"]) == (503, "not ready")
    assert {check["status"] for check in ready.json["checks"].values()} >= {"failing"}
    bare.extensions["quartet_background"].stop(timeout=5)


def test_a_module_that_has_received_no_signing_key_is_not_ready(shop_with: Callable[..., Shop]) -> None:
    shop = shop_with()
    with shop.modules["orders"].database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM trusted_signing_keys")

    answer: Any = shop.as_guest().get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"]["orders: signing key"]["status"] == "failing"
    assert answer.json["checks"]["catalog: signing key"]["status"] == "ok"


def test_a_thousand_unknown_paths_are_one_series(shop: Shop) -> None:
    client = shop.app.test_client()
    client.get("/nothing/at/all")
    before = series(shop)

    for n in range(1000):
        client.get(f"/nothing/{n}")
    after = series(shop)

    assert after.keys() - before.keys() <= {'method="GET",route="/metrics",status="200"'}
    unknown = 'method="GET",route="none",status="404"'
    assert after[unknown] - before[unknown] == 1000


def test_ids_methods_and_users_add_no_series(shop: Shop) -> None:
    alice, client = shop.as_customer(ALICE), shop.app.test_client()
    alice.get(f"/orders/{ALICE}")
    client.open("/api/v1/orders", method="BREW")
    shop.as_guest().get("/metrics")
    before = series(shop)

    for n in range(50):
        alice.get(f"/orders/00000000-0000-7000-8000-{n:012}?wait=0&version={n}")
        client.open("/api/v1/orders", method=f"BREW{n}")
        shop.as_customer(type(ALICE)(int=n)).get(f"/orders/{ALICE}")

    assert series(shop).keys() == before.keys()


def test_what_went_wrong_is_counted_by_route_and_status(shop: Shop) -> None:
    labels = 'method="GET",route="/api/v1/orders/<uuid:order_id>",status="404"'
    before = series(shop).get(labels, 0)

    shop.as_customer(ALICE).get(f"/orders/{ALICE}")

    assert series(shop)[labels] == before + 1


@pytest.mark.parametrize("name", ["customer", "email", "token", "request_id"])
def test_metrics_name_nobody(shop: Shop, name: str) -> None:
    shop.as_customer(ALICE).get("/orders")

    labels = set(re.findall(r"[{,](\w+)=", shop.as_guest().get("/metrics").text))

    assert name not in labels and labels


@pytest.mark.slow
def test_a_check_that_hangs_does_not_hang_the_probe() -> None:
    app, hanging = Flask("probed"), threading.Event()
    health.install(app, {"database": lambda: str(hanging.wait(30)), "other": lambda: None}, {})

    answer = app.test_client().get("/readyz")
    hanging.set()

    assert answer.status_code == 503
    assert answer.json["checks"] == {  # type: ignore[index]
        "database": {"status": "failing", "detail": "does not answer"},
        "other": {"status": "ok", "detail": None},
    }


def test_what_a_customer_asks_to_wait_is_not_counted_as_slowness(shop: Shop) -> None:
    shop.offers("MUG", Money(900, "EUR"))
    alice = shop.as_customer(ALICE)
    order: Any = alice.orders({"MUG": 1}, Money(900, "EUR")).json
    labels = '{method="GET",route="/api/v1/orders/<uuid:order_id>",status="200"}'

    def spent() -> float:
        found = re.search(rf"^quartet_http_request_seconds_sum{re.escape(labels)} (\S+)$", page(shop), re.MULTILINE)
        return float(found[1]) if found else 0.0

    before, began = spent(), time.monotonic()
    assert alice.get(f"/orders/{order['id']}?wait=1").status_code == 200

    took = time.monotonic() - began
    assert took > 1
    assert spent() - before < took - 0.9, "what was waited is not in it"


def test_searches_are_counted_from_zero(shop: Shop) -> None:
    assert len(re.findall(r"^quartet_searches_total\{", page(shop), re.MULTILINE)) == 4
