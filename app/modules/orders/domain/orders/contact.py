"""Who an order is for, and where it goes: all personal data of an order. It is stored apart from the order."""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from app.kernel.address import Address
from app.modules.orders.domain.shipping.zone import Destination

MAX_LANGUAGE_LENGTH = 35


@dataclass(frozen=True, kw_only=True)
class Contact:
    """What is not given is empty. `language`: a tag of BCP 47; empty is the language of the shop."""

    email: str = ""
    language: str = ""
    shipping: Address | None = None
    billing: Address | None = None

    @property
    def destination(self) -> Destination | None:
        """Where a parcel would go."""
        return _place_of(self.shipping)

    @property
    def billed_in(self) -> Destination | None:
        """Where what need not be shipped goes."""
        return _place_of(self.billing)


NOBODY = Contact()


def _place_of(to: Address | None) -> Destination | None:
    return Destination(country=to.country, region=to.region, postal_code=to.postal_code) if to else None


class Contacts(Protocol):
    """The contacts of orders."""

    def of(self, order_id: UUID) -> Contact:
        """What is stored; all of it is empty where nothing is."""

    def add(self, order_id: UUID, contact: Contact) -> None:
        """Insert that of a new order."""

    def save(self, order_id: UUID, contact: Contact) -> None:
        """Insert or replace; the caller has locked the order."""
