"""Transactions of tax and their reversals: https://docs.stripe.com/api/tax/transactions."""

import json

from .call import Call, new_id
from .clock import now
from .parameters import EXPAND, Schema, hash_of, hashes_of, metadata, negative, one_of, positive, text, whole
from .refusals import Record, Refused, invalid, missing
from .tax_calculations import find_calculation, page_of, shown

PATH = "/v1/tax/transactions"
COMMIT: Schema = {**EXPAND, "calculation": text, "metadata": metadata, "posted_at": whole, "reference": text}
PART: Schema = {
    "amount": negative,
    "amount_tax": negative,
    "metadata": metadata,
    "original_line_item": text,
    "quantity": positive,
    "reference": text,
}
REVERSE: Schema = {
    **EXPAND,
    "flat_amount": negative,
    "line_items": hashes_of(PART, ("amount", "amount_tax", "original_line_item", "reference")),
    "metadata": metadata,
    "mode": one_of("full", "partial"),
    "original_transaction": text,
    "reference": text,
    "shipping_cost": hash_of({"amount": negative, "amount_tax": negative}),
}
SUMS = ("amount", "amount_tax")


def commit_tax(call: Call, _: str, given: Record) -> Record:
    """Record a calculation under a reference that no other transaction has."""
    calculation = find_calculation(call, given["calculation"], status=400)
    _refuse_known(call, given["reference"])
    lines = [
        {**_without_taxes(line), "id": new_id("tax_li", 14), "reversal": None, "type": "transaction"}
        for line in calculation["line_items"]
    ]
    shipping = calculation["shipping_cost"] and _without_taxes(calculation["shipping_cost"])
    transaction = _transaction(calculation, given, lines, shipping, None)
    call.rows.add(transaction)
    return shown(transaction, given, PATH)


def reverse_tax(call: Call, _: str, given: Record) -> Record:
    """Record that all of a transaction, or these amounts of its lines, were given back."""
    original = find_tax(call, given["original_transaction"], status=400, param="original_transaction")
    if original["type"] != "transaction":
        raise invalid("A reversal cannot be reversed.", param="original_transaction")
    _refuse_known(call, given["reference"])
    if "flat_amount" in given:
        raise invalid("The sandbox does not share out a flat_amount: give line_items.", param="flat_amount")
    taken = _taken(call, original["id"])
    if given["mode"] == "full":
        if taken or {"line_items", "shipping_cost"} & given.keys():
            raise invalid("A full reversal takes all of a transaction that was not reversed.", param="mode")
        asked = [_all_of(line, i) for i, line in enumerate(original["line_items"])]
        shipping = original["shipping_cost"] and {name: -original["shipping_cost"][name] for name in SUMS}
    else:
        asked, shipping = given.get("line_items", []), given.get("shipping_cost")
        if not asked and not shipping:
            raise invalid("A partial reversal needs line_items or shipping_cost.", param="mode")
    lines = [_reversed(original, part, taken) for part in asked]
    if shipping:
        _refuse_more(original["shipping_cost"], shipping, taken.get("shipping", []))
        shipping = {**original["shipping_cost"], **{name: shipping[name] for name in SUMS}}
    transaction = _transaction(original, given, lines, shipping, original["id"])
    call.rows.add(transaction)
    return shown(transaction, given, PATH)


def retrieve_tax(call: Call, identity: str, given: Record) -> Record:
    return shown(find_tax(call, identity), given, PATH)


def list_tax_lines(call: Call, identity: str, given: Record) -> Record:
    return page_of(find_tax(call, identity), given, PATH)


def find_tax(call: Call, identity: str, *, status: int = 404, param: str = "transaction") -> Record:
    found = call.rows.find("tax.transaction", identity)
    if found is None:
        raise missing("tax transaction", identity, param, status=status)
    return found


def _refuse_known(call: Call, reference: str) -> None:
    query = "SELECT 1 FROM objects WHERE object = 'tax.transaction' AND json_extract(body, '$.reference') = ?"
    if call.rows.run(query, (reference,)).fetchone():
        message = f"A tax transaction with the reference {reference} already exists."
        raise Refused(400, "invalid_request_error", message, code="resource_already_exists", param="reference")


def _taken(call: Call, identity: str) -> dict[str, list[Record]]:
    """Return what was reversed of a transaction, by its line; of `shipping` too."""
    query = "SELECT body FROM objects WHERE object = 'tax.transaction'"
    query += " AND json_extract(body, '$.reversal.original_transaction') = ?"
    taken: dict[str, list[Record]] = {}
    for (body,) in call.rows.run(query, (identity,)):
        reversal = json.loads(body)
        for line in reversal["line_items"]:
            taken.setdefault(line["reversal"]["original_line_item"], []).append(line)
        if reversal["shipping_cost"]:
            taken.setdefault("shipping", []).append(reversal["shipping_cost"])
    return taken


def _reversed(original: Record, part: Record, taken: dict[str, list[Record]]) -> Record:
    line = next((each for each in original["line_items"] if each["id"] == part["original_line_item"]), None)
    if line is None:
        raise missing("line item", part["original_line_item"], "line_items", status=400)
    before = taken.setdefault(line["id"], [])
    _refuse_more(line, part, before)
    found = {
        **line,
        "id": new_id("tax_li", 14),
        **{name: part[name] for name in (*SUMS, "reference")},
        "reversal": {"original_line_item": line["id"]},
        "type": "reversal",
    }
    before.append(found)
    return found


def _refuse_more(line: Record | None, part: Record, before: list[Record]) -> None:
    for name in SUMS:
        if name not in part:
            raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
        if line is None or line[name] + part[name] + sum(each[name] for each in before) < 0:
            raise invalid(f"More {name} would be reversed than the original transaction has.", param=name)


def _all_of(line: Record, i: int) -> Record:
    return {**{name: -line[name] for name in SUMS}, "original_line_item": line["id"], "reference": f"reversal-{i}"}


def _without_taxes(line: Record) -> Record:
    rest = {name: value for name, value in line.items() if name != "tax_breakdown"}
    return {**rest, "object": "tax.transaction_line_item"} if "object" in line else rest


def _transaction(
    origin: Record, given: Record, lines: list[Record], shipping: Record | None, reverses: str | None
) -> Record:
    return {
        "id": new_id("tax"),
        "object": "tax.transaction",
        "created": now(),
        "currency": origin["currency"],
        "customer": None,
        "customer_details": origin["customer_details"],
        "line_items": lines,
        "livemode": False,
        "metadata": given.get("metadata") or None,
        "posted_at": given.get("posted_at", now()),
        "reference": given["reference"],
        "reversal": {"original_transaction": reverses} if reverses else None,
        "ship_from_details": None,
        "shipping_cost": shipping,
        "tax_date": origin["tax_date"],
        "type": "reversal" if reverses else "transaction",
    }
