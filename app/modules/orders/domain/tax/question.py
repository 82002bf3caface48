"""What a provider of tax is asked about a basket, what it answers, and how both become the tax of an order."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from app.kernel.errors import Unavailable
from app.modules.orders.domain.shipping.zone import Destination
from app.modules.orders.domain.tax.rules import PROPORTIONAL, BuyerNumber, Reason, TaxRules
from app.modules.orders.domain.tax.taxed import SHIPPING, Taxable, TaxLine, shipping_taxables, tax_lines
from app.modules.orders.domain.tax.treatment import treatment_of

STORED_FOR = timedelta(minutes=30)  # an answer, for the order that follows its quote
AWAY = "tax_unavailable"  # the code of a provider that gives no answer


class Unclear(Unavailable):
    """The provider keeps a failure for this key. What it was told may have been recorded: with another key it refuses
    that, as each reference is recorded once.
    """


@dataclass(frozen=True, kw_only=True)
class AskedLine:
    """What is taxed as one: a line of the basket, or the shipping. `amount`: after all discounts."""

    target: str  # as in TaxLine
    quantity: int = 1
    amount: int
    category: str
    is_sent: bool = True


@dataclass(frozen=True, kw_only=True)
class TaxQuestion:
    """All that decides the tax of an order. `included`: the amounts have the tax in them. `today`: a day in UTC."""

    lines: tuple[AskedLine, ...]
    currency: str
    included: bool
    place: Destination
    buyer: BuyerNumber | None = None
    is_exempt: bool = False
    today: str

    @property
    def fingerprint(self) -> str:
        """Equal for questions with one answer. A state of the buyer's number counts; when it was checked does not."""
        buyer = replace(self.buyer, checked_at=None) if self.buyer else None
        asked = json.dumps(asdict(replace(self, buyer=buyer)), sort_keys=True)
        return sha256(asked.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class TaxAnswer:
    """The tax of each line. `calculation`: the provider's name of it; empty: it is from the table of rates."""

    lines: tuple[TaxLine, ...]
    calculation: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """What is given back of a target, as it was asked: with its tax if the price had it in it."""

    target: str
    amount: int
    tax: int


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What the provider calls a transaction that it has recorded, and each line of it by its target. `transaction`
    empty: nothing was to be recorded, or the answer with its name was lost.
    """

    transaction: str
    lines: Mapping[str, str]


class TaxProvider(Protocol):
    """A provider of tax. Its calls are made outside of any transaction, and those that record something may be
    repeated with the same key. All raise Unavailable(tax_unavailable): it gives no answer now; those also Unclear.
    """

    def estimate(self, question: TaxQuestion) -> TaxAnswer:
        """Raises Unavailable(tax_answer_inconsistent), Invalid(tax_place_unknown, total_not_payable)."""

    def commit(self, calculation: str, reference: str, key: str) -> Recorded:
        """Record that a calculation was charged."""

    def reverse(self, recorded: Recorded, parts: list[Part], reference: str, key: str) -> Recorded:
        """Record that a part of it was given back."""


class TaxQuotes(Protocol):
    """The answers that are kept."""

    def find(self, fingerprint: str) -> TaxAnswer | None: ...

    def keep(self, fingerprint: str, answer: TaxAnswer, until: datetime) -> None:
        """One answer per question: a later one replaces it."""

    def prune(self, now: datetime) -> int:
        """Delete a slice of those that have expired; returns how many."""


def answer_by_rates(question: TaxQuestion, rules: TaxRules) -> TaxAnswer:
    """The tax by the table of rates, while the provider is away. Raises Conflict(tax_rate_missing)."""
    rules = replace(rules, buyer=question.buyer, is_exempt=question.is_exempt)
    goods, found = list[Taxable](), list[Taxable]()
    for each in question.lines:
        if each.target == SHIPPING and each.category == PROPORTIONAL:
            found = shipping_taxables(goods, each.amount, each.category, rules)
        else:
            goods.append(Taxable(each.target, each.amount, treatment_of(rules, each.category, each.is_sent)))
    return TaxAnswer(lines=tax_lines([*goods, *found], question.currency, rules))


def answer_as_text(answer: TaxAnswer) -> str:
    return json.dumps([asdict(line) for line in answer.lines])


def answer_from_text(text: str, calculation: str) -> TaxAnswer:
    lines = tuple(TaxLine(**(line | {"reason": Reason(line["reason"])})) for line in json.loads(text))
    return TaxAnswer(lines=lines, calculation=calculation)
