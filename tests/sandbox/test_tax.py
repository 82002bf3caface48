"""Calculations of tax, and what is recorded of them, as strict as Stripe describes it."""

from typing import Any

import pytest
import stripe

from tests.sandbox.driver import Sandbox

BERLIN = {"address": {"country": "DE", "postal_code": "10117"}, "address_source": "shipping"}
AUSTIN = {"address": {"country": "US", "state": "TX", "postal_code": "78701"}, "address_source": "shipping"}
MUG = {"amount": 1190, "reference": "mug", "tax_behavior": "inclusive"}
TAXES = ["line_items.data.tax_breakdown"]


def calculates(sandbox: Sandbox, details: Any = BERLIN, lines: Any = (MUG,), **more: Any) -> Any:
    about: Any = {"currency": "eur", "customer_details": details, "line_items": list(lines), "expand": TAXES, **more}
    return sandbox.stripe.v1.tax.calculations.create(about).to_dict()


def refused(call: Any, *args: Any, **more: Any) -> tuple[str | None, str | None]:
    with pytest.raises(stripe.InvalidRequestError) as error:
        call(*args, **more)
    return error.value.code, error.value.param


def taxes(calculation: Any) -> list[tuple[str, int]]:
    (line,) = calculation["line_items"]["data"]
    return [(each["taxability_reason"], each["amount"]) for each in line["tax_breakdown"]]


def test_each_tax_of_a_line_is_told_with_its_reason(sandbox: Sandbox) -> None:
    assert taxes(calculates(sandbox)) == [("standard_rated", 190)]
    assert taxes(calculates(sandbox, lines=[{**MUG, "tax_code": "txcd_35010000"}])) == [("reduced_rated", 78)]
    us = calculates(sandbox, AUSTIN, [{"amount": 1000, "reference": "mug"}])
    assert taxes(us) == [("standard_rated", 63), ("standard_rated", 20)]
    assert (us["amount_total"], us["tax_amount_exclusive"], us["tax_amount_inclusive"]) == (1083, 83, 0)
    business = {**BERLIN, "tax_ids": [{"type": "eu_vat", "value": "DE123456789"}]}
    assert taxes(calculates(sandbox, business)) == [("reverse_charge", 0)]
    assert taxes(calculates(sandbox, {**BERLIN, "taxability_override": "customer_exempt"})) == [("customer_exempt", 0)]
    abroad = {"address": {"country": "CH"}, "address_source": "billing"}
    assert taxes(calculates(sandbox, abroad)) == [("not_collecting", 0)]


def test_a_calculation_that_cannot_be_made_is_refused(sandbox: Sandbox) -> None:
    nowhere = {"address": {"country": "US", "state": "TX"}, "address_source": "shipping"}
    assert refused(calculates, sandbox, nowhere)[0] == "customer_tax_location_invalid"
    assert refused(calculates, sandbox, lines=[{"amount": 5}]) == ("parameter_missing", "line_items[0][reference]")
    assert refused(calculates, sandbox, lines=[MUG, MUG]) == (None, "line_items")
    assert refused(calculates, sandbox, lines=[{**MUG, "price": 5}])[0] == "parameter_unknown"
    assert refused(calculates, sandbox, lines=[{**MUG, "amount": -5}])[0] == "parameter_invalid_integer"
    assert refused(calculates, sandbox, expand=["everything"]) == (None, "expand")


def test_an_answer_has_the_first_ten_lines(sandbox: Sandbox) -> None:
    lines = [{**MUG, "reference": f"mug-{n}"} for n in range(25)]
    found = calculates(sandbox, lines=lines)["line_items"]
    assert (len(found["data"]), found["has_more"]) == (10, True)

    listed: Any = sandbox.stripe.v1.tax.calculations.line_items.list(
        calculates(sandbox, lines=lines)["id"], {"limit": 10, "expand": ["data.tax_breakdown"]}
    )
    every = [each.to_dict() for each in listed.auto_paging_iter()]
    assert [each["reference"] for each in every] == [f"mug-{n}" for n in range(25)]
    assert every[24]["tax_breakdown"][0]["amount"] == 190


def test_a_sale_is_recorded_once_and_given_back_once(sandbox: Sandbox) -> None:
    tax = sandbox.stripe.v1.tax.transactions
    calculation = calculates(sandbox, shipping_cost={"amount": 595, "tax_behavior": "inclusive"})["id"]
    about: Any = {"calculation": calculation, "reference": "order-1", "expand": ["line_items"]}
    sale = tax.create_from_calculation(about, {"idempotency_key": "a"})

    assert tax.create_from_calculation(about, {"idempotency_key": "a"}).id == sale.id
    assert refused(tax.create_from_calculation, about) == ("resource_already_exists", "reference")
    assert refused(tax.create_from_calculation, {**about, "calculation": "taxcalc_1"})[0] == "resource_missing"

    assert sale.line_items
    line = {"original_line_item": sale.line_items.data[0].id, "reference": "back", "amount": -595, "amount_tax": -95}
    part: Any = {"mode": "partial", "original_transaction": sale.id, "line_items": [line]}
    assert tax.create_reversal({**part, "reference": "r1"}).type == "reversal"
    assert refused(tax.create_reversal, {**part, "reference": "r1"})[0] == "resource_already_exists"
    assert tax.create_reversal({**part, "reference": "r2"}).type == "reversal"
    assert refused(tax.create_reversal, {**part, "reference": "r3"}) == (None, "amount")
    assert refused(tax.create_reversal, {**part, "reference": "r3", "line_items": []})[1] in {"mode", "line_items"}
    positive = {**part, "reference": "r3", "line_items": [{**line, "amount": 5}]}
    assert refused(tax.create_reversal, positive)[0] == "parameter_invalid_integer"
    shipping: Any = {"mode": "partial", "original_transaction": sale.id, "reference": "r4"}
    shipping["shipping_cost"] = {"amount": -595, "amount_tax": -95}
    assert tax.create_reversal(shipping).shipping_cost
    assert refused(tax.create_reversal, {**shipping, "reference": "r5"}) == (None, "amount")
    known = [each["reference"] for each in sandbox.state()["tax_transactions"]]
    assert known == ["order-1", "r1", "r2", "r4"]


def test_a_calculation_can_be_wrong(sandbox: Sandbox) -> None:
    sandbox.breaks("wrong_tax")

    assert calculates(sandbox)["tax_amount_exclusive"] == 1
    assert calculates(sandbox)["tax_amount_exclusive"] == 0
