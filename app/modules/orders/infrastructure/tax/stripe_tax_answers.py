"""Reads a calculation of Stripe Tax: its amounts are taken as they are, and refused where they do not add up."""

from decimal import Decimal
from typing import Any

from app.kernel.errors import Unavailable
from app.modules.orders.domain.tax.question import AskedLine, TaxAnswer, TaxQuestion
from app.modules.orders.domain.tax.rules import Engine, Reason
from app.modules.orders.domain.tax.taxed import SHIPPING, TaxLine

REASONS = {
    "customer_exempt": Reason.CUSTOMER_EXEMPT,
    "not_collecting": Reason.NOT_COLLECTING,
    "not_subject_to_tax": Reason.NOT_COLLECTING,
    "not_supported": Reason.NOT_COLLECTING,
    "portion_product_exempt": Reason.PRODUCT_EXEMPT,
    "portion_reduced_rated": Reason.REDUCED_RATED,
    "portion_standard_rated": Reason.STANDARD_RATED,
    "product_exempt": Reason.PRODUCT_EXEMPT,
    "product_exempt_holiday": Reason.PRODUCT_EXEMPT,
    "proportionally_rated": Reason.REDUCED_RATED,
    "reduced_rated": Reason.REDUCED_RATED,
    "reverse_charge": Reason.REVERSE_CHARGE,
    "standard_rated": Reason.STANDARD_RATED,
    "taxable_basis_reduced": Reason.REDUCED_RATED,
    "zero_rated": Reason.ZERO_RATED,
}


def inconsistent() -> Unavailable:
    """The provider's answer does not add up: nothing can be sold at it."""
    return Unavailable(
        "tax_answer_inconsistent", "the tax that was computed does not add up: try again later", {"retry_after": 60}
    )


def answer_of(question: TaxQuestion, answer: Any, lines: list[Any]) -> TaxAnswer:
    """The tax lines of a calculation. Raises ValueError, KeyError or another error of what it is not, with the sum that
    is wrong and no value that was asked.
    """
    goods = {line["reference"]: line for line in lines}
    _same("lines", len(lines), len([each for each in question.lines if each.target != SHIPPING]))
    _same("currency", answer["currency"], question.currency.lower())
    found, tax, asked = list[TaxLine](), 0, 0
    for each in question.lines:
        given = answer["shipping_cost"] if each.target == SHIPPING else goods[each.target]
        _same("amount", _whole(given["amount"]), each.amount)
        tax += _whole(given["amount_tax"])
        asked += each.amount
        found += _tax_lines(each, given, included=question.included)
    name, other = "tax_amount_inclusive", "tax_amount_exclusive"
    if not question.included:
        name, other = other, name
    _same(name, _whole(answer[name]), tax)
    _same(other, _whole(answer[other]), 0)
    _same("amount_total", _whole(answer["amount_total"]), asked + (0 if question.included else tax))
    calculation = answer["id"]
    if not (isinstance(calculation, str) and 0 < len(calculation) <= 100):
        raise ValueError("the calculation has no id")
    return TaxAnswer(lines=tuple(sorted(found, key=lambda line: (line.target, line.n))), calculation=calculation)


def _tax_lines(asked: AskedLine, given: Any, *, included: bool) -> list[TaxLine]:
    """One for each tax of it. Where there is none, `base` is what was sold nevertheless, as reports have it."""
    tax, parts = _whole(given["amount_tax"]), given["tax_breakdown"] or []
    _same("tax_breakdown", sum(_whole(part["amount"]) for part in parts), tax)
    if not parts or (included and tax > asked.amount):
        raise ValueError("a line has no tax_breakdown, or more tax than its amount")
    return [
        TaxLine(
            target=asked.target,
            n=n,
            jurisdiction=_jurisdiction(part["jurisdiction"]),
            name=str((part["tax_rate_details"] or {}).get("display_name") or "")[:200],
            ppm=_ppm(part["tax_rate_details"]),
            reason=_reason(part, is_sent=asked.is_sent),
            base=asked.amount - tax if included else asked.amount,
            amount=part["amount"],
            included=included,
            engine=Engine.STRIPE,
        )
        for n, part in enumerate(parts)
    ]


def _same(what: str, given: object, expected: object) -> None:
    if given != expected:
        raise ValueError(f"{what} is not what the rest comes to")


def _whole(amount: object) -> int:
    if type(amount) is not int or amount < 0:
        raise ValueError("an amount is not a whole number of at least 0")
    return amount


def _jurisdiction(given: Any) -> str:
    """The place as reports have it: DE, US-TX, US-TX/Austin."""
    state, finer = given["state"], given["level"] not in {"country", "state"}
    text = given["country"] + (f"-{state}" if state else "") + (f"/{given['display_name']}" if finer else "")
    return str(text)[:30]


def _ppm(details: Any) -> int:
    ppm = int(Decimal(details["percentage_decimal"]) * 10_000) if details else 0
    if not 0 <= ppm <= 10**6:
        raise ValueError("a rate is not a share")
    return ppm


def _reason(part: Any, *, is_sent: bool) -> Reason:
    """A reason that Stripe adds later counts as the standard rate, or as no tax."""
    reason = REASONS.get(part["taxability_reason"])
    if reason is None:
        return Reason.STANDARD_RATED if part["amount"] else Reason.NOT_COLLECTING
    return Reason.INTRA_COMMUNITY_SUPPLY if reason is Reason.REVERSE_CHARGE and is_sent else reason
