"""The invariants of what was given back: refunds of units, and the documents of an order."""

import json
from collections import Counter, defaultdict
from operator import itemgetter
from typing import Any

Tables = dict[str, list[dict[str, Any]]]
STATES = {"made": {"pending", "succeeded"}, "failed": {"failed"}, "requested": {"new"}}  # at orders, and at payments


def assert_given_back(orders: Tables, payments: Tables) -> None:
    _assert_documents(orders)
    _assert_refunds_of_units(orders, payments)


def _assert_refunds_of_units(orders: Tables, payments: Tables) -> None:
    """Payments has each refund of units, over the same amount and in the same state; lines count those that stand."""
    at_payments = {row["id"]: row for row in payments.get("refunds", ())}
    counts, amounts = Counter[Any](), Counter[Any]()
    found = {row["id"]: row for row in orders.get("unit_refunds", ())}
    for line in orders.get("unit_refund_lines", ()):
        refund = found[line["refund_id"]]
        amounts[refund["id"]] += line["amount"]
        if refund["status"] != "failed":
            counts[refund["order_id"], line["sku"]] += line["quantity"]
    for id, refund in found.items():
        other = at_payments.get(id)
        assert other, f"payments does not know the refund {id} of units"
        assert other["status"] in STATES[refund["status"]], f"refund {id} is {refund['status']} and {other['status']}"
        assert other["amount"] == amounts[id], f"refund {id} is over {amounts[id]} and {other['amount']}"
    for line in orders["order_lines"]:
        refunded = line.get("units_refunded", 0)
        assert refunded == counts[line["order_id"], line["sku"]] <= line["ordered"], (
            f"{refunded} {line['sku']} refunded"
        )


def _assert_documents(orders: Tables) -> None:
    """Each series counts from 1 without a gap, and the documents of an order credit what it does not keep."""
    credited = {
        row["id"]: json.loads(row["totals"])["total"]["amount"] if row["status"] == "cancelled" else row["refunded"]
        for row in orders["orders"]
    }
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    last: dict[str, dict[str, Any]] = {}
    for row in sorted(orders.get("documents", ()), key=itemgetter("n")):
        assert row["number"], f"the {row['kind']} of order {row['order_id']} is not issued"
        numbers[row["series"]].append(row["number"])
        assert row["n"] == (last[row["order_id"]]["n"] + 1 if row["order_id"] in last else 1)
        last[row["order_id"]] = row
    for series, found in numbers.items():
        assert sorted(found) == list(range(1, len(found) + 1)), f"series {series} has a gap or a number twice"
    for order_id, row in last.items():
        assert row["credited"] == credited[order_id], f"order {order_id}: its documents credit {row['credited']}"
