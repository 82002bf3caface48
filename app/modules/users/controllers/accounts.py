"""/users: registration, the list of accounts for staff, and changes of access by admins."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from app.kernel import clock
from app.kernel.errors import Forbidden
from app.kernel.transaction import Transaction
from app.modules.users.controllers import schemas, views
from app.modules.users.controllers.views import account_view, staff_account_view
from app.modules.users.domain.password import accept_password
from app.modules.users.domain.user import User, email_beginnings
from app.modules.users.ports import Passwords, UnitOfWork
from app.modules.users.use_cases.accounts.change_access import ChangeAccess
from app.modules.users.use_cases.accounts.change_record import ChangeRecord
from app.modules.users.use_cases.accounts.register import Register
from app.web.auth import admin_only, customer_id, identity, staff_only
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.etags import expected, tagged
from app.web.limits import limited
from app.web.operation import ETAG, IF_MATCH, operation
from app.web.paging import id_after, page


def users_blueprint(
    transaction: Transaction[UnitOfWork], reading: Transaction[UnitOfWork], passwords: Passwords
) -> Blueprint:
    blp = Blueprint("users", "/users", "Accounts")
    blp.add("", Accounts, transaction, reading, passwords)
    blp.add("/<uuid:user_id>", Account, transaction, reading)
    blp.add("/<uuid:user_id>/record", Record, transaction)
    return blp


@dataclass(frozen=True)
class Accounts(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]
    passwords: Passwords

    @limited("registration")
    @arguments(schemas.Registration())
    @answers(201, views.Account)
    @operation("register", refusals={409: "email_taken", 422: "weak_password"})
    def post(self, args: dict[str, Any]) -> views.Account:
        """Register an account"""
        accept_password(args["password"], args["email"])
        hashed = self.passwords.hash(args["password"])
        with self.transaction() as uow:
            user = Register(uow).execute(args["email"], hashed, args["name"], clock.now())
        return account_view(user)

    @staff_only
    @arguments(schemas.AccountQuery(), location="query")
    @answers(200, views.AccountPage)
    @operation("list_users", refusals={422: "bad_cursor"})
    def get(self, args: dict[str, Any]) -> Answer[views.AccountPage]:
        """List accounts, newest first; only admins may filter by role and by the beginning of the e-mail address"""
        if (args["role"] or args["email"]) and identity().role != "admin":
            raise Forbidden("role_missing", "filtering accounts by role or e-mail address needs the role admin")
        beginnings = email_beginnings(args["email"]) if args["email"] else None
        older_than = id_after(args["cursor"])
        with self.reading() as uow:
            found = uow.users.listed(
                args["role"], beginnings, older_than, args["limit"] + 1, args["external_reference"]
            )
        return page(found, args["limit"], lambda user: [str(user.id)], _page)


@dataclass(frozen=True)
class Account(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @staff_only
    @answers(200, views.StaffAccount, ETAG)
    @operation("get_user", refusals={404: "user_unknown"})
    def get(self, user_id: UUID) -> Answer[views.StaffAccount] | Response:
        """Get an account"""
        with self.reading() as uow:
            user = uow.users.get(user_id)
        return tagged(staff_account_view(user), user.version)

    @admin_only
    @arguments(schemas.AccessChange())
    @answers(200, views.StaffAccount, ETAG)
    @operation("update_user", IF_MATCH, refusals={403: "own_access", 404: "user_unknown", 409: "last_admin"})
    def patch(self, args: dict[str, Any], user_id: UUID) -> Answer[views.StaffAccount] | Response:
        """Change a role, disable an account, or enable it again"""
        with self.transaction() as uow:
            user = uow.users.get(user_id)
            expected().check(user.version)
            role, disabled, why = args.get("role"), args.get("disabled"), args["reason"]
            ChangeAccess(uow).execute(user, customer_id(), role, disabled, why, clock.now())
        return tagged(staff_account_view(user), user.version)


@dataclass(frozen=True)
class Record(MethodView):
    transaction: Transaction[UnitOfWork]

    @staff_only
    @arguments(schemas.RecordChange())
    @answers(200, views.StaffAccount, ETAG)
    @operation("update_user_record", IF_MATCH, refusals={404: "user_unknown", 409: "external_reference_taken"})
    def patch(self, args: dict[str, Any], user_id: UUID) -> Answer[views.StaffAccount] | Response:
        """Change what staff store with an account for other systems: external reference and metadata"""
        why = args.pop("reason")
        with self.transaction() as uow:
            user = uow.users.get(user_id)
            expected().check(user.version)
            ChangeRecord(uow).execute(user, customer_id(), args, why)
        return tagged(staff_account_view(user), user.version)


def _page(users: list[User], following: str | None) -> views.AccountPage:
    return views.AccountPage([staff_account_view(user) for user in users], following)
