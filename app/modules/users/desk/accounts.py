"""Accounts: found by address, with their roles; admins change these, and shut someone out."""

from functools import partial
from uuid import UUID

from flask import request
from marshmallow.validate import OneOf

from app.desk.forms import Form, Input, Sent, read, reason
from app.desk.pages import Pages, render
from app.desk.paging import PER_PAGE, paged
from app.desk.versions import VERSION, expected
from app.kernel import clock
from app.kernel.transaction import Transaction
from app.modules.users.domain.user import ROLES
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.accounts.change_access import ChangeAccess
from app.modules.users.use_cases.accounts.change_record import ChangeRecord
from app.web.auth import customer_id, identity
from app.web.paging import id_after
from app.web.schemas import ExternalReference, Text

CHOICES = tuple((role, role) for role in ROLES)
ROLE = Text(validate=[OneOf(ROLES)])
FILTERS = (Input("role", "Role", ROLE, "choice", (("", "any"), *CHOICES)),)
REFERENCE_FILTER = (Input("reference", "External reference", Text(max_length=100)),)
ACCESS = Form(
    "change-role",
    "Change the role",
    "The role was changed.",
    (Input("role", "Role", Text(required=True, validate=[OneOf(ROLES)]), "choice", CHOICES), reason(), VERSION),
    role="admin",
)
SHUT_OUT = Form(
    "shut-out",
    "Shut out",
    "The account is shut out, and signed out everywhere.",
    (reason(), VERSION),
    role="admin",
    danger=True,
)
LET_IN = Form("let-in", "Let in again", "The account can sign in again.", (reason(), VERSION), role="admin")
REFERENCE = Form(
    "change-reference",
    "Change the external reference",
    "The external reference was changed.",
    (Input("external_reference", "External reference", ExternalReference(load_default=None)), reason(), VERSION),
)


def add_accounts(pages: Pages, transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork]) -> None:
    one = partial(account_page, reading)
    pages.page("", "accounts", partial(accounts_page, reading))
    pages.page("/<uuid:user_id>", "account", one)
    pages.action("/<uuid:user_id>/role", ACCESS, transaction, change_role, "account", one)
    pages.action("/<uuid:user_id>/shut-out", SHUT_OUT, transaction, partial(shut, True), "account", one)
    pages.action("/<uuid:user_id>/let-in", LET_IN, transaction, partial(shut, False), "account", one)
    pages.action("/<uuid:user_id>/reference", REFERENCE, transaction, change_reference, "account", one)


def accounts_page(reading: Transaction[UnitOfWork]) -> str:
    """Only admins find accounts by role, as in the API; the search finds them by address, which is in no address."""
    inputs = (*FILTERS, *REFERENCE_FILTER) if identity().role == "admin" else REFERENCE_FILTER
    wanted = read(inputs, request.args)
    with reading() as uow:
        older = id_after(request.args.get("cursor"))
        found = uow.users.listed(wanted.get("role"), None, older, PER_PAGE + 1, wanted["reference"])
        users, following = paged(found, lambda user: [str(user.id)])
        return render("users/accounts.html", users=users, next=following, inputs=inputs, wanted=wanted)


def account_page(reading: Transaction[UnitOfWork], user_id: UUID) -> str:
    with reading() as uow:
        user = uow.users.get(user_id)
        access = LET_IN if user.disabled else SHUT_OUT
        return render(
            "users/account.html", user=user, is_self=user_id == customer_id(), forms=(ACCESS, access), edit=REFERENCE
        )


def change_role(uow: UnitOfWork, sent: Sent, user_id: UUID) -> None:
    user = uow.users.get(user_id)
    expected(sent).check(user.version)
    ChangeAccess(uow).execute(user, customer_id(), sent.values["role"], None, sent.values["reason"], clock.now())


def shut(disabled: bool, uow: UnitOfWork, sent: Sent, user_id: UUID) -> None:
    user = uow.users.get(user_id)
    expected(sent).check(user.version)
    ChangeAccess(uow).execute(user, customer_id(), None, disabled, sent.values["reason"], clock.now())


def change_reference(uow: UnitOfWork, sent: Sent, user_id: UUID) -> None:
    user = uow.users.get(user_id)
    expected(sent).check(user.version)
    change = {"external_reference": sent.values["external_reference"]}
    ChangeRecord(uow).execute(user, customer_id(), change, sent.values["reason"])
