"""/users/me/addresses: the address book of the signed-in user."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, url_for
from flask.views import MethodView

from app.kernel import clock
from app.kernel.transaction import Transaction
from app.modules.users.controllers.addresses import views
from app.modules.users.controllers.addresses.schemas import AddressToSave
from app.modules.users.controllers.addresses.views import saved_address_list, saved_address_view
from app.modules.users.domain.address_book import AddressBook
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.addresses.add_address import AddAddress
from app.modules.users.use_cases.addresses.change_address import ChangeAddress
from app.modules.users.use_cases.addresses.own_address_book import own_address_book
from app.modules.users.use_cases.addresses.remove_address import RemoveAddress
from app.web.auth import customer_id, signed_in
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.etags import etag_of, expected, tagged
from app.web.idempotency import claim_key, same_answer
from app.web.operation import ETAG, IDEMPOTENCY_KEY, IF_MATCH, LOCATION, operation


def addresses_blueprint(transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> Blueprint:
    blp = Blueprint("addresses", "/users/me/addresses", "Your saved addresses")
    blp.add("", Addresses, transaction, reading)
    blp.add("/<uuid:address_id>", OneAddress, transaction, reading)
    return blp


@dataclass(frozen=True)
class Addresses(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, views.SavedAddressList)
    @operation("list_addresses", refusals={401: "account_gone"})
    def get(self) -> views.SavedAddressList:
        """List your addresses, oldest first"""
        with self.reading() as uow:
            return saved_address_list(own_address_book(uow, customer_id()))

    @signed_in
    @arguments(AddressToSave())
    @answers(201, views.SavedAddress, ETAG | LOCATION)
    @operation(
        "create_address",
        IDEMPOTENCY_KEY,
        refusals={401: "account_gone", 404: "no_such_address", 409: "too_many_addresses"},
    )
    def post(self, new: dict[str, Any]) -> Answer[views.SavedAddress]:
        """Save an address; a repeated request gets it as it is now, or 404 if it was deleted"""
        with self.transaction() as uow:
            claim = claim_key(uow.claims)
            if claim.earlier:  # no response was stored: it would be another copy of the address
                book = own_address_book(uow, customer_id())
                again = same_answer(claim, lambda: saved_address_view(book, claim.resource_id))
                return Answer(again.view, {**again.headers, **_headers(book, claim.resource_id)})
            book = AddAddress(uow).execute(customer_id(), claim.resource_id, **new, now=clock.now())
        return Answer(saved_address_view(book, claim.resource_id), _headers(book, claim.resource_id))


@dataclass(frozen=True)
class OneAddress(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, views.SavedAddress, ETAG)
    @operation("get_address", refusals={401: "account_gone", 404: "no_such_address"})
    def get(self, address_id: UUID) -> Answer[views.SavedAddress] | Response:
        """Get one of your addresses"""
        with self.reading() as uow:
            view = saved_address_view(own_address_book(uow, customer_id()), address_id)
        return tagged(view, view.version)

    @signed_in
    @arguments(AddressToSave())
    @answers(200, views.SavedAddress, ETAG)
    @operation("replace_address", IF_MATCH, refusals={401: "account_gone", 404: "no_such_address"})
    def put(self, new: dict[str, Any], address_id: UUID) -> Answer[views.SavedAddress] | Response:
        """Replace an address; what the body omits is empty, or no longer the default"""
        with self.transaction() as uow:
            book = ChangeAddress(uow).execute(customer_id(), address_id, **new, expected=expected())
        view = saved_address_view(book, address_id)
        return tagged(view, view.version)

    @signed_in
    @answers(204)
    @operation("delete_address", refusals={401: "account_gone", 404: "no_such_address"})
    def delete(self, address_id: UUID) -> None:
        """Delete an address; where it was the default, there is none afterwards"""
        with self.transaction() as uow:
            RemoveAddress(uow).execute(customer_id(), address_id)


def _headers(book: AddressBook, id: UUID) -> dict[str, str]:
    location = url_for("addresses.OneAddress", address_id=id)
    return {"ETag": f'"{etag_of(book.get(id).version)}"', "Location": location}
