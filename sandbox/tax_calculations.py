"""Calculations of tax: https://docs.stripe.com/api/tax/calculations. Rates are in tax_rates.py, rounded by line."""

from decimal import ROUND_HALF_UP, Decimal

from .call import Call, new_id
from .clock import now
from .parameters import (
    EXPAND,
    Schema,
    anything,
    hash_of,
    hashes_of,
    metadata,
    natural,
    one_of,
    optional,
    positive,
    text,
    whole,
)
from .refusals import Record, invalid, missing
from .tax_rates import taxes_of

LIFETIME = 90 * 86_400  # seconds
FIRST, MAXIMUM = 10, 100  # the lines in an answer, and in a page of a list
ADDRESS: Schema = {
    "city": optional,
    "country": text,
    "line1": optional,
    "line2": optional,
    "postal_code": optional,
    "state": optional,
}
BEHAVIOR = one_of("exclusive", "inclusive")
LINE: Schema = {
    "amount": natural,
    "metadata": metadata,
    "product": text,
    "quantity": positive,
    "reference": text,
    "tax_behavior": BEHAVIOR,
    "tax_code": text,
}
CALCULATION: Schema = {
    **EXPAND,
    "currency": text,
    "customer_details": hash_of(
        {
            "address": hash_of(ADDRESS),
            "address_source": one_of("billing", "shipping"),
            "ip_address": text,
            "tax_ids": hashes_of({"type": text, "value": text}, ("type", "value")),
            "taxability_override": one_of("customer_exempt", "none", "reverse_charge"),
        }
    ),
    "line_items": hashes_of(LINE, ("amount", "reference")),
    "ship_from_details": anything,
    "shipping_cost": hash_of({"amount": natural, "tax_behavior": BEHAVIOR, "tax_code": text}),
    "tax_date": whole,
}
GOODS, SHIPPING = "txcd_99999999", "txcd_92010001"  # the codes of what names none
EXPANDABLE = {"line_items", "line_items.data.tax_breakdown", "shipping_cost.tax_breakdown"}


def create_calculation(call: Call, _: str, given: Record) -> Record:
    """Compute the tax of each line at the customer's address."""
    details = given.get("customer_details", {})
    address, tax_ids = _address(details), details.get("tax_ids", [])
    override = details.get("taxability_override", "none")
    references = [line["reference"] for line in given["line_items"]]
    if len(set(references)) < len(references):
        raise invalid("The reference of each line item must be unique.", param="line_items")

    def taxed(line: Record, code: str) -> Record:
        taxes = taxes_of(address, line.get("tax_code", code), override, is_business=bool(tax_ids))
        return _taxed(line, line.get("tax_code", code), taxes)

    lines = [
        {
            "id": new_id("tax_li", 14),
            "object": "tax.calculation_line_item",
            "livemode": False,
            "metadata": line.get("metadata") or None,
            "product": None,
            "quantity": line.get("quantity", 1),
            "reference": line["reference"],
            **taxed(line, GOODS),
        }
        for line in given["line_items"]
    ]
    shipping = taxed(given["shipping_cost"], SHIPPING) if "shipping_cost" in given else None
    all_of = [*lines, *([shipping] if shipping else [])]
    sums = {
        kind: sum(each["amount_tax"] for each in all_of if each["tax_behavior"] == kind)
        for kind in ("exclusive", "inclusive")
    }
    if call.faults.for_tax():
        sums["exclusive"] += 1
    calculation = {
        "id": new_id("taxcalc"),
        "object": "tax.calculation",
        "amount_total": sum(each["amount"] for each in all_of) + sums["exclusive"],
        "created": now(),
        "currency": given["currency"],
        "customer": None,
        "customer_details": {
            "address": {name: address.get(name) for name in ADDRESS},
            "address_source": details.get("address_source"),
            "ip_address": None,
            "tax_ids": tax_ids,
            "taxability_override": override,
        },
        "expires_at": now() + LIFETIME,
        "livemode": False,
        "line_items": lines,
        "ship_from_details": None,
        "shipping_cost": shipping,
        "tax_amount_exclusive": sums["exclusive"],
        "tax_amount_inclusive": sums["inclusive"],
        "tax_breakdown": [],
        "tax_date": given.get("tax_date", now()),
    }
    call.rows.add(calculation)
    return shown(calculation, given, "/v1/tax/calculations")


def retrieve_calculation(call: Call, identity: str, given: Record) -> Record:
    return shown(find_calculation(call, identity), given, "/v1/tax/calculations")


def find_calculation(call: Call, identity: str, *, status: int = 404) -> Record:
    """Raises Refused: there is none, or it has expired."""
    found = call.rows.find("tax.calculation", identity)
    if found is None or found["expires_at"] < now():
        raise missing("tax calculation", identity, "calculation", status=status)
    return found


def list_calculation_lines(call: Call, identity: str, given: Record) -> Record:
    return page_of(find_calculation(call, identity), given, "/v1/tax/calculations")


def shown(record: Record, given: Record, path: str) -> Record:
    """Return an object as it is answered: without what was not expanded, and with its first lines only."""
    expand = given.pop("expand", [])
    for each in expand:
        if each not in EXPANDABLE:
            raise invalid(f"This property cannot be expanded ({each}).", param="expand")
    answer = dict(record)
    answer["line_items"] = None
    if any(each.startswith("line_items") for each in expand):
        lines = [_line(line, with_taxes="line_items.data.tax_breakdown" in expand) for line in record["line_items"]]
        answer["line_items"] = _list(lines[:FIRST], len(lines) > FIRST, f"{path}/{record['id']}/line_items")
    if record["shipping_cost"]:
        answer["shipping_cost"] = _line(record["shipping_cost"], with_taxes="shipping_cost.tax_breakdown" in expand)
    return answer


def page_of(record: Record, given: Record, path: str) -> Record:
    """Return the lines after `starting_after`."""
    expand = given.pop("expand", [])
    ids = [line["id"] for line in record["line_items"]]
    after = given.get("starting_after")
    if after is not None and after not in ids:
        raise missing("line item", after, "starting_after", status=400)
    rest = record["line_items"][ids.index(after) + 1 if after else 0 :]
    limit = min(given.get("limit", FIRST), MAXIMUM)
    lines = [_line(line, with_taxes="data.tax_breakdown" in expand) for line in rest[:limit]]
    return _list(lines, len(rest) > limit, f"{path}/{record['id']}/line_items")


def _list(lines: list[Record], has_more: bool, url: str) -> Record:
    return {"object": "list", "data": lines, "has_more": has_more, "url": url}


def _line(line: Record, *, with_taxes: bool) -> Record:
    """Return a line as it is answered; a transaction's has no taxes."""
    answer = dict(line)
    taxes = answer.pop("tax_breakdown", None)
    if with_taxes:
        answer["tax_breakdown"] = taxes
    return answer


def _address(details: Record) -> Record:
    """Raises Refused if the place does not decide the tax: a country is needed, and in the US a postal code."""
    address: Record = details.get("address", {})
    country = address.get("country", "")
    is_enough = len(country) == 2 and country.isalpha() and country.isupper()
    if not is_enough or (country == "US" and not address.get("postal_code")):
        message = "We could not determine the customer's tax location based on the provided customer address."
        raise invalid(message, param="customer_details[address]", code="customer_tax_location_invalid")
    if "address_source" not in details:
        param = "customer_details[address_source]"
        raise invalid(f"Missing required param: {param}.", param=param, code="parameter_missing")
    return address


def _taxed(line: Record, code: str, taxes: list[Record]) -> Record:
    amount, behavior = line["amount"], line.get("tax_behavior", "exclusive")
    percents = [Decimal((each["tax_rate_details"] or {}).get("percentage_decimal", "0")) for each in taxes]
    divisor = 100 + sum(percents) if behavior == "inclusive" else Decimal(100)
    amounts = [int((amount * each / divisor).quantize(Decimal(1), ROUND_HALF_UP)) for each in percents]
    net = amount - sum(amounts) if behavior == "inclusive" else amount
    breakdown = [
        {**tax, "amount": part, "taxable_amount": net if percent else 0}
        for tax, part, percent in zip(taxes, amounts, percents, strict=True)
    ]
    return {
        "amount": amount,
        "amount_tax": sum(amounts),
        "tax_behavior": behavior,
        "tax_breakdown": breakdown,
        "tax_code": code,
    }
