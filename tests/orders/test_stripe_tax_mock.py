"""Every request to Stripe Tax, checked against Stripe's OpenAPI by Stripe's own mock, and answers that are wrong."""

from datetime import UTC, datetime
from typing import Any

import pytest

from app.kernel.errors import Unavailable
from app.modules.orders.domain.shipping.zone import Destination
from app.modules.orders.domain.tax.question import AskedLine, Part, Recorded, TaxQuestion
from app.modules.orders.domain.tax.rules import BuyerNumber, NumberState, Reason
from app.modules.orders.infrastructure.tax.stripe_tax import StripeTax
from app.modules.orders.infrastructure.tax.stripe_tax_answers import answer_of
from tests.servers import address

MUG = AskedLine(target="line:MUG", quantity=2, amount=2380, category="txcd-99999999")
POST = AskedLine(target="shipping", amount=595, category="proportional")
BUYER = BuyerNumber(country="GR", number="123456789", state=NumberState.VALID, checked_at=datetime.now(UTC))
ATHENS = Destination(country="GR", region="I", postal_code="105 57")
QUESTION = TaxQuestion(lines=(MUG, POST), currency="EUR", included=True, place=ATHENS, buyer=BUYER, today="2026-11-27")


@pytest.fixture
def provider() -> StripeTax:
    return StripeTax(address("STRIPE_MOCK_URL"), "sk_test_123")


@pytest.mark.parametrize("is_exempt", [False, True])
def test_stripe_takes_the_question(provider: StripeTax, is_exempt: bool) -> None:
    """The mock answers with the tax of a pizza, which is not what was asked."""
    question = TaxQuestion(**{**vars(QUESTION), "is_exempt": is_exempt})

    with pytest.raises(Unavailable) as refused:
        provider.estimate(question)

    assert refused.value.code == "tax_answer_inconsistent"


def test_stripe_takes_what_is_recorded(provider: StripeTax) -> None:
    sale = provider.commit("taxcalc_1", "order-1", "tax:order-1")
    assert sale.transaction.startswith("tax_")

    recorded = Recorded(transaction=sale.transaction, lines={"line:MUG": "tax_li_1"})
    parts = [Part(target="line:MUG", amount=500, tax=80), Part(target="shipping", amount=595, tax=95)]
    assert provider.reverse(recorded, parts, "order-1-4", "tax:order-1:4").transaction.startswith("tax_")


def test_the_mock_refuses_what_stripe_would(provider: StripeTax) -> None:
    much = AskedLine(target="line:MUG", amount="much", category="standard")  # type: ignore[arg-type]
    with pytest.raises(Unavailable) as refused:
        provider.estimate(TaxQuestion(**{**vars(QUESTION), "lines": (much,)}))
    assert refused.value.code == "tax_unavailable"


VAT = {"display_name": "VAT", "percentage_decimal": "19.0", "tax_type": "vat"}


def taxed(amount: int, tax: int, **more: Any) -> dict[str, Any]:
    part = {
        "amount": tax,
        "jurisdiction": {"country": "DE", "display_name": "Germany", "level": "country", "state": None},
        "tax_rate_details": VAT,
        "taxability_reason": "standard_rated",
        "taxable_amount": amount - tax,
    }
    return {"amount": amount, "amount_tax": tax, "tax_breakdown": [part | more], "reference": "line:MUG"}


def answered(change: Any = None) -> Any:
    answer = {
        "id": "taxcalc_1",
        "currency": "eur",
        "amount_total": 2975,
        "tax_amount_inclusive": 475,
        "tax_amount_exclusive": 0,
        "shipping_cost": taxed(595, 95),
        "line_items": [taxed(2380, 380)],
    }
    if change:
        change(answer)
    return answer_of(QUESTION, answer, answer["line_items"])  # type: ignore[arg-type]


def puts(name: str, value: object, part: int | None = None) -> Any:
    """A change of the answer, of its line, or of the tax of its line."""

    def change(answer: Any) -> None:
        for step in (["line_items", 0], ["line_items", 0, "tax_breakdown", 0], [])[-1 if part is None else part]:
            answer = answer[step]
        answer[name] = value

    return change


def test_an_answer_is_taken_as_it_is() -> None:
    found = answered()

    assert found.calculation == "taxcalc_1"
    assert [(each.target, each.base, each.amount, each.ppm, each.reason) for each in found.lines] == [
        ("line:MUG", 2000, 380, 190_000, Reason.STANDARD_RATED),
        ("shipping", 500, 95, 190_000, Reason.STANDARD_RATED),
    ]


@pytest.mark.parametrize(
    "change",
    [
        puts("id", None),
        puts("id", "x" * 101),
        puts("currency", "usd"),
        puts("amount_total", 2976),
        puts("tax_amount_inclusive", 474),
        puts("tax_amount_exclusive", 1),
        puts("shipping_cost", None),
        puts("line_items", []),
        puts("line_items", [taxed(2380, 380), taxed(2380, 380)]),
        puts("reference", "line:PEN", 0),
        puts("amount", 2381, 0),
        puts("amount_tax", 381, 0),
        puts("amount_tax", True, 0),
        puts("amount_tax", "380", 0),
        puts("tax_breakdown", [], 0),
        puts("tax_breakdown", None, 0),
        puts("amount", -380, 1),
        puts("amount", 380.0, 1),
        puts("tax_rate_details", {**VAT, "percentage_decimal": "much"}, 1),
        puts("tax_rate_details", {**VAT, "percentage_decimal": "190"}, 1),
        puts("jurisdiction", None, 1),
    ],
)
def test_an_answer_that_does_not_add_up_is_none(change: Any) -> None:
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError, ArithmeticError)):
        answered(change)


@pytest.mark.parametrize(
    ("given", "tax", "expected"),
    [
        ("reverse_charge", 0, Reason.INTRA_COMMUNITY_SUPPLY),
        ("customer_exempt", 0, Reason.CUSTOMER_EXEMPT),
        ("not_collecting", 0, Reason.NOT_COLLECTING),
        ("zero_rated", 0, Reason.ZERO_RATED),
        ("something_new", 0, Reason.NOT_COLLECTING),
        ("something_new", 380, Reason.STANDARD_RATED),
    ],
)
def test_each_reason_has_one_of_ours(given: str, tax: int, expected: Reason) -> None:
    def change(answer: Any) -> None:
        answer["line_items"] = [taxed(2380, tax, taxability_reason=given)]
        answer["tax_amount_inclusive"] = 95 + tax

    assert answered(change).lines[0].reason is expected
