"""Tax numbers of buyers in the EU, and what a verifier answers about them. They are personal data."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from app.kernel.errors import Invalid
from app.modules.orders.domain.tax.rules import BuyerNumber, NumberState

MAX_NUMBERS, MAX_NUMBER_LENGTH, MAX_EVIDENCE_LENGTH = 5, 20, 4000
TRIED_FOR, PAUSE = timedelta(days=1), timedelta(minutes=5)  # a verifier that is away is asked again
GAPS = str.maketrans("", "", " -./")
FORMS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-Z0-9]{2}\d{9}",
    "GR": r"\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"[A-Z0-9]{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{12}",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
}


@dataclass(frozen=True, kw_only=True)
class TaxNumber:
    """A tax number that a customer has given, and the last answer about it. `version` 0: not saved yet."""

    id: UUID
    customer_id: UUID
    country: str
    number: str = field(repr=False)
    state: NumberState = NumberState.PENDING
    answered_name: str = field(default="", repr=False)
    evidence: str = field(default="", repr=False)  # the raw answer: it is true only of its moment
    checked_at: datetime | None = None
    created_at: datetime
    version: int = 0

    @property
    def as_buyers(self) -> BuyerNumber:
        """What an order keeps of it."""
        return BuyerNumber(country=self.country, number=self.number, state=self.state, checked_at=self.checked_at)


@dataclass(frozen=True)
class Answer:
    """What a verifier has answered: for now."""

    is_valid: bool
    name: str = field(repr=False)
    evidence: str = field(repr=False)


class Verifier(Protocol):
    def verify(self, country: str, number: str) -> Answer:
        """Raises Unavailable(tax_verifier_unavailable): there is no answer, or none that can be understood."""


class TaxNumbers(Protocol):
    """The tax numbers of customers. A save succeeds only for the version that was read; else it raises Stale."""

    def of(self, customer_id: UUID) -> Sequence[TaxNumber]: ...

    def find(self, id: UUID) -> TaxNumber | None: ...

    def lock(self, customer_id: UUID) -> None:
        """Let nobody else add a number of this customer until the transaction ends."""

    def save(self, number: TaxNumber) -> TaxNumber: ...

    def remove(self, id: UUID) -> None: ...

    def save_of_order(self, order_id: UUID, number: BuyerNumber) -> None:
        """What the number was when the order was placed."""

    def of_order(self, order_id: UUID) -> BuyerNumber | None: ...

    def enqueue_check(self, id: UUID) -> None:
        """Ask the verifier, by a job."""


def normalized_number(country: str, typed: str) -> str:
    """The number without its country and gaps. Raises Invalid(bad_tax_number)."""
    number = typed.upper().translate(GAPS)
    for prefix in (country, "EL" if country == "GR" else country):
        number = number.removeprefix(prefix)
    if not re.fullmatch(FORMS[country], number, re.ASCII):
        raise Invalid("bad_tax_number", f"this is no tax number of {country}: write it as on an invoice")
    return number
