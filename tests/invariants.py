"""The invariants of all four databases once the shop has settled, whatever happened (see docs/architecture.md)."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import create_engine, text

ENDS = {"paid", "cancelled", "refunded"}
LEFT = {"dispatched", "delivered", "lost"}  # shipments whose units are no longer on the shelf
NOT_HELD = {"released", "rejected", "returned", None}  # what the reservation of an ended order may be


def assert_invariants(urls: Mapping[str, str], captures: Mapping[str, int] | None = None) -> None:
    """Check every order, every SKU and every table of the bus. `captures`: how often Stripe captured, by order id."""
    rows = {name: _read(url) for name, url in urls.items()}
    _assert_stock(rows["catalog"])
    _assert_orders(rows)
    _assert_shipments(rows)
    _assert_nothing_is_left(rows)
    for order_id, times in (captures or {}).items():
        assert times <= 1, f"order {order_id} was captured {times} times"


def orders_by_status(url: str) -> Counter[str]:
    """The number of orders in each status."""
    return Counter(row["status"] for row in _read(url)["orders"])


def _read(url: str) -> dict[str, list[dict[str, Any]]]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return {
                name: [dict(row._mapping) for row in connection.execute(text(f"SELECT * FROM {name}"))]
                for name in (
                    "orders",
                    "order_lines",
                    "shipments",
                    "shipment_lines",
                    "dispatches",
                    "payments",
                    "stock",
                    "movements",
                    "holds",
                    "reservations",
                    "outbox",
                    "parked",
                    "jobs",
                )
                if engine.dialect.has_table(connection, name)
            }
    finally:
        engine.dispose()


def _assert_stock(catalog: dict[str, list[dict[str, Any]]]) -> None:
    held_orders = {row["order_id"] for row in catalog["reservations"] if row["status"] == "held"}
    for stock in catalog["stock"]:
        sums = Counter()
        for row in catalog["movements"]:
            if row["sku"] == stock["sku"]:
                sums[row["kind"]] += row["quantity"]
        on_hand = sums["received"] + sums["adjusted"] + sums["returned"] - sums["sold"]
        held = sum(
            row["quantity"] for row in catalog["holds"] if row["sku"] == stock["sku"] and row["order_id"] in held_orders
        )
        assert stock["on_hand"] == on_hand, f"{stock['sku']}: on hand {stock['on_hand']}, the ledger says {on_hand}"
        assert stock["held"] == held, f"{stock['sku']}: held {stock['held']}, the holds say {held}"
        assert 0 <= stock["held"] <= stock["on_hand"]


def _assert_orders(rows: dict[str, dict[str, list[dict[str, Any]]]]) -> None:
    reservations = {row["order_id"]: row["status"] for row in rows["catalog"]["reservations"]}
    payments = {row["order_id"]: row for row in rows["payments"]["payments"]}
    for order in rows["orders"]["orders"]:
        reservation, payment = reservations.get(order["id"]), payments.get(order["id"])
        if payment:
            assert payment["captured"] in {0, payment["amount"]}, (
                f"captured {payment['captured']} of {payment['amount']}"
            )
            assert payment["refunded"] <= payment["captured"], f"order {order['id']}: more refunded than captured"
        if order["status"] == "paid":
            assert reservation == "sold", f"order {order['id']} is paid, its stock is {reservation}"
            free = json.loads(order["totals"])["total"]["amount"] == 0
            assert free or (payment and payment["captured"] == payment["amount"]), (
                f"order {order['id']} is paid, but its payment is not captured in full"
            )
        elif order["status"] in ENDS:
            assert reservation in NOT_HELD, f"order {order['id']} is {order['status']}, its stock is {reservation}"
            remaining = payment["captured"] - payment["refunded"] if payment else 0
            assert remaining == 0, f"order {order['id']} is {order['status']}, but {remaining} was not refunded"
            assert not payment or payment["status"] not in {"open", "authorized"}, (
                f"order {order['id']} has ended, but its payment is still {payment['status']}"
            )
        else:
            assert reservation in {"held", "sold", None}, (
                f"order {order['id']} is {order['status']}, its stock is {reservation}"
            )
    known = {order["id"] for order in rows["orders"]["orders"]}
    assert reservations.keys() <= known, "there is a reservation of an order that does not exist"
    assert payments.keys() <= known, "there is a payment of an order that does not exist"


def _assert_shipments(rows: dict[str, dict[str, list[dict[str, Any]]]]) -> None:
    """Each unit leaves once: by the lines, by the shipments, and by what catalog has recorded."""
    orders, catalog = rows["orders"], rows["catalog"]
    shipments = {row["id"]: row for row in orders["shipments"]}
    packed, dispatched = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in orders["shipment_lines"]:
        shipment = shipments[row["shipment_id"]]
        unit = shipment["order_id"], row["sku"]
        packed[unit] += row["quantity"] * (shipment["status"] != "unpacked")
        dispatched[unit] += row["quantity"] * (shipment["status"] in LEFT)
    may_leave = {row["id"] for row in orders["orders"] if _may_leave(row)}
    for line in orders["order_lines"]:
        unit = line["order_id"], line["sku"]
        about = f"{line['sku']} of order {line['order_id']}"
        assert line["packed"] == packed[unit], f"{about}: {line['packed']} packed, in shipments {packed[unit]}"
        assert line["dispatched"] == dispatched[unit], (
            f"{about}: {line['dispatched']} dispatched, not {dispatched[unit]}"
        )
        assert 0 <= line["dispatched"] <= line["packed"] <= line["ordered"] - line["cancelled"], about
        assert not line["dispatched"] or line["order_id"] in may_leave, f"{about} left, and was not paid"
    recorded = Counter[tuple[str, str]]()
    for row in catalog["dispatches"]:
        recorded[row["order_id"], row["sku"]] += row["quantity"]
    assert +recorded == +dispatched, f"catalog recorded {recorded - dispatched or dispatched - recorded} differently"
    for sku in {row["sku"] for row in catalog["movements"]}:
        sums = Counter[str]()
        for row in catalog["movements"]:
            sums[row["kind"]] += row["quantity"] * (row["sku"] == sku)
        unshipped = sums["sold"] - sums["returned"] - sums["dispatched"]
        sold = {row["order_id"] for row in catalog["reservations"] if row["status"] == "sold"}
        expected = sum(
            row["quantity"] - recorded[row["order_id"], sku]
            for row in catalog["holds"]
            if row["sku"] == sku and row["order_id"] in sold
        )
        assert unshipped == expected >= 0, f"{sku}: {unshipped} unshipped by the ledger, {expected} by the orders"


def _may_leave(order: Mapping[str, Any]) -> bool:
    """Whether the order is paid, or its money was requested at its first dispatch, even if there was none then."""
    requested = order.get("capture") == "requested"
    return order["status"] == "paid" or (
        requested and (order["status"], order["reason"]) in {("confirmed", None), ("cancelled", "capture_failed")}
    )


def _assert_nothing_is_left(rows: dict[str, dict[str, list[dict[str, Any]]]]) -> None:
    for module, tables in rows.items():
        unpublished = [row["type"] for row in tables["outbox"] if row["published_at"] is None]
        assert not unpublished, f"{module} still has to send {Counter(unpublished)}"
        assert not tables["parked"], f"{module} parked {[row['error'] for row in tables['parked']]}"
        failing = [(row["kind"], row["error"]) for row in tables["jobs"] if row["attempts"]]
        assert not failing, f"{module} still repeats the jobs {failing}"
