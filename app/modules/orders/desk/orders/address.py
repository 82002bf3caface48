"""The form with which staff correct who an order is for, and where it goes."""

from typing import Any
from uuid import UUID

from app.desk.forms import Form, Input, Sent, reason
from app.kernel.address import MAX_LENGTHS, BadAddress, normalized_address
from app.kernel.errors import Invalid
from app.modules.orders.domain.orders.contact import Contact
from app.modules.orders.ports import UnitOfWork
from app.modules.orders.use_cases.orders.change_address import change_address
from app.web.auth import customer_id
from app.web.emails import Email
from app.web.schemas import Phone, Text

LABELS = {
    "name": "Name",
    "company": "Company",
    "line1": "Street",
    "line2": "More of the address",
    "postal_code": "Postal code",
    "city": "City",
    "region": "Region",
    "country": "Country code",
    "phone": "Telephone",
}
FIELDS = {"phone": Phone()}
ADDRESS = Form(
    "address",
    "Change the address",
    "The address was changed.",
    (
        Input("email", "E-mail address", Email(), "email"),
        *(Input(name, label, FIELDS.get(name, Text(max_length=MAX_LENGTHS[name]))) for name, label in LABELS.items()),
        reason(),
    ),
)


def address_values(contact: Contact) -> dict[str, str]:
    """What the form shows at first."""
    shipping = {name: getattr(contact.shipping, name) for name in LABELS} if contact.shipping else {}
    return {"email": contact.email, **shipping}


def change_contact(uow: UnitOfWork, sent: Sent, order_id: UUID) -> None:
    """An address of which nothing is filled in stays as it is. Raises Invalid(invalid_form)."""
    given = {name: sent.values[name] or "" for name in LABELS}
    changes: dict[str, Any] = {"email": sent.values["email"]} if sent.values["email"] else {}
    if any(given.values()):
        try:
            changes["shipping"] = normalized_address(given)
        except BadAddress as bad:
            raise Invalid("invalid_form", "the address is not complete", {"errors": bad.errors}) from None
    change_address(uow, order_id, customer_id(), True, changes, sent.values["reason"])
