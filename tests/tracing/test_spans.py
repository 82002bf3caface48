"""Recorded spans: one purchase is one tree over all four modules, and has no personal data of the customer."""

from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import StatusCode
from sqlalchemy.exc import IntegrityError

from app.bus.contracts.orders import PaymentRequested
from app.kernel.context import traceparent
from app.telemetry import tracing
from tests.journeys.steps import PASSWORD
from tests.shop import ALICE, Shop
from tests.tracing.buying import EMAIL, NAME, buys_a_mug, sells_mugs
from tests.tracing.conftest import CLIENT, SENT, TRACE, Recorded, about


def hex_ids(span: ReadableSpan) -> tuple[str, str, str]:
    """The ids of its trace, of itself, and of its parent."""
    assert span.context is not None
    parent = f"{span.parent.span_id:016x}" if span.parent else ""
    return f"{span.context.trace_id:032x}", f"{span.context.span_id:016x}", parent


def test_one_purchase_is_one_tree_over_all_four_modules(shop: Shop, recorded: Recorded) -> None:
    sells_mugs(shop)
    before = len(recorded())

    buys_a_mug(shop, SENT)

    spans = recorded()[before:]
    ids = {hex_ids(span)[1] for span in spans}
    assert {hex_ids(span)[0] for span in spans} == {TRACE}
    assert {hex_ids(span)[2] for span in spans} - ids == {CLIENT}
    assert {about(span).get("quartet.module") for span in spans} >= {"catalog", "orders", "payments", "users"}
    names = {span.name for span in spans}
    assert names >= {
        "POST /api/v1/users",
        "POST /api/v1/orders",
        "process orders.order_placed.v1",
        "process catalog.stock_reserved.v1",
        "process orders.payment_requested.v1",
        "job pursue",
        "Stripe create",
        "POST /api/v1/payments/<uuid:payment_id>/confirm",
        "Stripe confirm",
        "process payments.payment_authorized.v1",
        "Stripe capture",
        "process payments.payment_captured.v1",
        "INSERT outbox",
    }


def test_spans_caused_by_a_span_are_its_children(shop: Shop, recorded: Recorded) -> None:
    sells_mugs(shop)

    buys_a_mug(shop, SENT)

    by_id = {hex_ids(span)[1]: span for span in recorded()}

    def way_to(name: str) -> list[str]:
        span: ReadableSpan | None = next(each for each in by_id.values() if each.name == name)
        way = []
        while span:
            way.append(span.name)
            span = by_id.get(hex_ids(span)[2])
        return way

    assert way_to("Stripe create") == [
        "Stripe create",
        "job pursue",
        "process orders.payment_requested.v1",
        "process catalog.stock_reserved.v1",
        "process orders.order_placed.v1",
        "POST /api/v1/orders",
    ]
    assert way_to("process payments.payment_captured.v1")[-1] == "POST /api/v1/payments/<uuid:payment_id>/confirm"


def test_no_span_says_who_bought_or_what_opens_the_door(shop: Shop, recorded: Recorded) -> None:
    sells_mugs(shop)
    customer, _ = buys_a_mug(shop, SENT)
    customer.post("/users", {"email": EMAIL, "password": PASSWORD, "name": NAME})  # the address is taken
    shop.as_staff(role="admin").get(f"/users?email={EMAIL}", headers={"User-Agent": "her-very-own-browser"})
    customer.get(f"/nothing/{EMAIL}?token=hunter22")

    reported = " ".join(f"{span.name} {about(span)} {span.status.description} {span.events}" for span in recorded())

    token = customer.headers["Authorization"].removeprefix("Bearer ")
    assert "INSERT INTO users" in reported
    for secret in (
        EMAIL,
        PASSWORD,
        NAME,
        token,
        "$argon2",
        "_secret_",
        "hunter22",
        "her-very-own",
        "127.0.0.1",
        "nothing",
    ):
        assert secret not in reported, secret


def test_a_violated_constraint_is_recorded_without_the_values_that_violated_it(shop: Shop, recorded: Recorded) -> None:
    users = shop.modules["users"].database
    with tracing.span("by hand", "internal", {}), pytest.raises(IntegrityError), users.begin() as connection:
        connection.exec_driver_sql("INSERT INTO users (email) VALUES (?)", (EMAIL,))

    (broken,) = [span for span in recorded() if span.name == "INSERT users"]
    assert (broken.status.status_code, broken.status.description) == (StatusCode.ERROR, "IntegrityError")
    assert EMAIL not in f"{about(broken)} {broken.events}"


def test_requests_are_distinguished_by_route_never_by_path(shop: Shop, recorded: Recorded) -> None:
    alice = shop.as_customer(ALICE)
    for path in (
        "/orders/01a20d02-8961-757a-a059-97a01e45ea32",
        "/orders/01a20d02-8961-757a-a059-97a01e45ea33",
        "/x",
        "/y",
    ):
        alice.get(path)
    alice._open("BREW", "/orders")

    requests = [span.name for span in recorded() if span.kind.name == "SERVER"]
    assert requests == ["GET /api/v1/orders/<uuid:order_id>"] * 2 + ["GET none"] * 2 + ["_OTHER none"]


def test_probes_are_not_recorded_nor_what_they_ask_the_database(shop: Shop, recorded: Recorded) -> None:
    for probe in ("/livez", "/readyz", "/metrics"):
        shop.as_guest().get(probe)

    assert recorded() == []


def test_the_response_names_the_span_that_was_recorded(shop: Shop, recorded: Recorded) -> None:
    answer = shop.as_guest().get("/products", headers=SENT)

    (request,) = [span for span in recorded() if span.kind.name == "SERVER"]
    assert answer.headers["traceparent"] == f"00-{TRACE}-{hex_ids(request)[1]}-01"
    assert about(request)["http.response.status_code"] == 200


def test_a_client_that_records_nothing_has_nothing_recorded_and_still_one_trace(shop: Shop, recorded: Recorded) -> None:
    answer = shop.as_guest().get("/products", headers={"traceparent": f"00-{TRACE}-{CLIENT}-00"})

    assert recorded() == []
    assert answer.headers["traceparent"].startswith(f"00-{TRACE}-")
    assert answer.headers["traceparent"].endswith("-00")


def test_a_parked_event_is_a_failed_span(shop: Shop, recorded: Recorded) -> None:
    bad: Any = {"order_id": "no uuid", "customer_id": str(ALICE), "amount": 1, "currency": "EUR", "deadline": ""}

    shop.receives(PaymentRequested(**bad, version=2))

    (parked,) = [span for span in recorded() if span.name == "process orders.payment_requested.v1"]
    assert (parked.status.status_code, parked.status.description) == (StatusCode.ERROR, "parked")


def test_an_ended_span_leaves_nothing_behind(shop: Shop, recorded: Recorded) -> None:
    with pytest.raises(ZeroDivisionError), tracing.span("by hand", "internal", {}):
        assert traceparent.get() is not None
        raise ZeroDivisionError("with her name in it")

    assert traceparent.get() is None
    (span,) = recorded()
    assert (span.status.description, span.events) == ("ZeroDivisionError", ())
