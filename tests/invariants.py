"""The invariants of all four databases once the shop has settled, whatever happened (see docs/architecture.md)."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import create_engine, text

from tests.invariants_of_refunds import assert_given_back

ENDS = {"paid", "cancelled", "refunded"}
LEFT = {"dispatched", "delivered", "lost"}  # shipments whose units are no longer on the shelf
ENDS_OF_A_USE = {"cancelled": {"returned"}, "paid": {"spent"}, "refunded": {"spent", "returned"}}  # as a setting says
NOT_HELD = {"released", "rejected", "returned", None}  # what the reservation of an ended order may be


def assert_invariants(urls: Mapping[str, str], captures: Mapping[str, int] | None = None) -> None:
    """Check every order, every SKU and every table of the bus. `captures`: how often Stripe captured, by order id."""
    rows = {name: _read(url) for name, url in urls.items()}
    _assert_stock(rows["catalog"])
    _assert_orders(rows)
    _assert_shipments(rows)
    assert_given_back(rows["orders"], rows["payments"])
    _assert_promotions(rows["orders"])
    _assert_tax(rows["orders"])
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
                    "tax_lines",
                    "order_tax_ids",
                    "tax_records",
                    "shipments",
                    "shipment_lines",
                    "documents",
                    "unit_refunds",
                    "unit_refund_lines",
                    "refunds",
                    "promotions",
                    "coupons",
                    "uses",
                    "redemptions",
                    "discounts",
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
        sums: Counter[str] = Counter()
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


def _assert_tax(orders: dict[str, list[dict[str, Any]]]) -> None:
    """The tax lines of an order are its tax, and one that has any has one for each of its lines."""
    by_order: dict[Any, list[dict[str, Any]]] = {}
    for row in orders.get("tax_lines", []):
        by_order.setdefault(row["order_id"], []).append(row)
    targets = Counter((row["order_id"], f"line:{row['sku']}") for row in orders["order_lines"])
    for order in orders["orders"]:
        rows, tax = by_order.get(order["id"], []), json.loads(order["totals"])["tax"]["amount"]
        assert sum(row["amount"] for row in rows) == tax, f"order {order['id']}: its tax lines are not {tax}"
        assert all(row["base"] + row["amount"] >= 0 and row["amount"] >= 0 for row in rows)
        assert not rows or {target for id, target in targets if id == order["id"]} <= {row["target"] for row in rows}
    assert by_order.keys() <= {order["id"] for order in orders["orders"]}
    status = {order["id"]: order["status"] for order in orders["orders"]}
    for row in orders.get("tax_records", []):
        assert row["requested_at"] is None or row["recorded_at"] is not None, f"{row['order_id']}: its tax is not told"
        if row["n"] == 0 and status[row["order_id"]] == "paid":
            assert row["recorded_at"], f"order {row['order_id']} is paid, and its tax is not told"
    valid = {row["order_id"] for row in orders.get("order_tax_ids", []) if row["state"] == "valid"}
    taxed_by_buyer = {"intra_community_supply", "reverse_charge"}
    assert {row["order_id"] for row in orders.get("tax_lines", []) if row["reason"] in taxed_by_buyer} <= valid


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


def _assert_promotions(orders: dict[str, list[dict[str, Any]]]) -> None:
    """Counters are what orders use, within their limits; the discounts of an order add up; its uses follow its life."""
    counted = [row for row in orders["redemptions"] if row["state"] != "returned"]
    by = Counter(row["promotion_id"] for row in counted)
    by_code = Counter(row["code"] for row in counted)
    by_customer = Counter((row["promotion_id"], row["customer_id"]) for row in counted)
    for row in orders["promotions"]:
        if row["total_limit"] is not None:
            assert row["used"] == by[row["id"]] <= row["total_limit"], (
                f"{row['id']}: {row['used']}, not {by[row['id']]}"
            )
    for row in orders["coupons"]:
        if row["use_limit"] is not None:
            assert row["used"] == by_code[row["code"]] <= row["use_limit"], f"code {row['code']}: {row['used']}"
    for row in orders["uses"]:
        assert row["used"] == by_customer[row["promotion_id"], row["customer_id"]], (
            f"a customer of {row['promotion_id']}"
        )
    status = {row["id"]: row["status"] for row in orders["orders"]}
    for row in orders["redemptions"]:
        now = status[row["order_id"]]
        expected = ENDS_OF_A_USE.get(now, {"taken"})
        assert row["state"] in expected, f"order {row['order_id']} is {now}, and its use is {row['state']}"
    for order in orders["orders"]:
        own = [row for row in orders["discounts"] if row["order_id"] == order["id"]]
        assert sum(row["amount"] for row in own) == json.loads(order["totals"])["discount"]["amount"], order["id"]
    for line in orders["order_lines"]:
        target = f"line:{line['sku']}"
        shares = sum(
            row["amount"]
            for row in orders["discounts"]
            if row["order_id"] == line["order_id"] and row["target"] == target
        )
        assert line["discount"] == shares <= line["ordered"] * line["unit_price"], f"{target} of {line['order_id']}"


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
