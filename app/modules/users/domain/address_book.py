"""The addresses that an account has saved, and which of them it uses by default."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.kernel.address import Address
from app.kernel.errors import Conflict, NotFound
from app.kernel.expected import Expected

MAX_ADDRESSES = 20


@dataclass(eq=False, kw_only=True)
class SavedAddress:
    """An address in an address book."""

    id: UUID
    user_id: UUID
    address: Address
    created_at: datetime
    version: int = 1


@dataclass(eq=False, kw_only=True)
class AddressBook:
    """At most MAX_ADDRESSES addresses. The version of an address rises when it or one of its defaults changes."""

    user_id: UUID
    default_shipping_id: UUID | None = None
    default_billing_id: UUID | None = None
    addresses: list[SavedAddress] = field(default_factory=list)

    def get(self, id: UUID) -> SavedAddress:
        """Raises NotFound(no_such_address)."""
        for each in self.addresses:
            if each.id == id:
                return each
        raise NotFound("no_such_address", "you have no such address")

    def add(self, saved: SavedAddress, shipping: bool, billing: bool) -> None:
        """Add an address, and make it the default for shipping or billing. Raises Conflict(too_many_addresses)."""
        if len(self.addresses) >= MAX_ADDRESSES:
            sentence = f"you have {MAX_ADDRESSES} addresses: delete one, or change it"
            raise Conflict("too_many_addresses", sentence, {"limit": MAX_ADDRESSES})
        self._choose(saved, shipping, billing)
        self.addresses.append(saved)

    def change(self, id: UUID, address: Address, shipping: bool, billing: bool, expected: Expected) -> SavedAddress:
        """Replace an address and its defaults. Raises NotFound(no_such_address), PreconditionFailed(stale_version)."""
        saved = self.get(id)
        expected.check(saved.version)
        is_new = address != saved.address
        saved.address = address
        if not self._choose(saved, shipping, billing) and is_new:
            saved.version += 1
        return saved

    def remove(self, id: UUID) -> None:
        """Remove an address; where it was the default, there is none. Raises NotFound(no_such_address)."""
        saved = self.get(id)
        self._choose(saved, False, False)
        self.addresses.remove(saved)

    def _choose(self, saved: SavedAddress, shipping: bool, billing: bool) -> bool:
        """Make this address the default or not. Returns whether this gave it another version."""
        before = self._defaults()
        self.default_shipping_id = _chosen(self.default_shipping_id, saved.id, shipping)
        self.default_billing_id = _chosen(self.default_billing_id, saved.id, billing)
        changed = [each for each, default in before.items() if default != self._defaults()[each]]
        for each in changed:
            each.version += 1
        return saved in changed

    def _defaults(self) -> dict[SavedAddress, tuple[bool, bool]]:
        shipping, billing = self.default_shipping_id, self.default_billing_id
        return {each: (each.id == shipping, each.id == billing) for each in self.addresses}


def _chosen(current: UUID | None, id: UUID, wanted: bool) -> UUID | None:
    return id if wanted else None if current == id else current
