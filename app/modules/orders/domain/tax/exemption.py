"""Customers whom staff have marked as exempt from tax, such as charities and resellers with a certificate."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class TaxExemption:
    """`reason`: what staff have seen, such as the number of a certificate."""

    customer_id: UUID
    reason: str
    since: datetime


class TaxExemptions(Protocol):
    """The customers that are exempt; nobody is unless staff say so."""

    def find(self, customer_id: UUID) -> TaxExemption | None: ...

    def after(self, customer_id: UUID | None, limit: int) -> Sequence[TaxExemption]:
        """By customer."""

    def save(self, exemption: TaxExemption) -> None:
        """Add it, or replace the reason of the one that the customer has."""

    def remove(self, customer_id: UUID) -> bool:
        """Returns whether there was one."""
