"""Register; and what staff see and admins decide of accounts."""

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel import clock
from app.kernel.errors import Forbidden
from app.kernel.transaction import Transaction
from app.modules.users.controllers import render, schemas
from app.modules.users.controllers.cursor import id_after
from app.modules.users.domain.email import beginning
from app.modules.users.domain.password import accept_password
from app.modules.users.domain.user import User
from app.modules.users.ports import Passwords, Work
from app.modules.users.use_cases.change_access import ChangeAccess
from app.modules.users.use_cases.register import Register
from app.web.auth import admin_only, customer_id, identity, staff_only
from app.web.etags import expected, tagged
from app.web.limits import limited
from app.web.paging import page
from app.web.transaction import adapter_of, reading_of, transaction_of

blp = Blueprint("users", __name__, url_prefix="/users", description="Accounts")
transaction: Transaction[Work] = transaction_of("users")
reading: Transaction[Work] = reading_of("users")
passwords: Passwords = adapter_of("users", "passwords")


@blp.route("")
class Accounts(MethodView):
    @limited("registration")
    @blp.arguments(schemas.Registration())
    @blp.response(201, schemas.Account())
    def post(self, asked: dict[str, Any]) -> Response:
        """Register"""
        accept_password(asked["password"], asked["email"])
        hashed = passwords.hash(asked["password"])
        with transaction() as work:
            user = Register(work).execute(asked["email"], hashed, asked["name"], clock.now())
        return render.answer(render.account(user), 201)

    @staff_only
    @blp.arguments(schemas.AccountQuery(), location="query")
    @blp.response(200, schemas.AccountPage())
    def get(self, asked: dict[str, Any]) -> Response:
        """See accounts, newest first; admins may filter by role and by the beginning of the e-mail address"""
        if (asked["role"] or asked["email"]) and identity().role != "admin":
            raise Forbidden("role_missing", "filtering accounts needs the role admin")
        prefix = beginning(asked["email"]) if asked["email"] else None
        older_than = id_after(asked["cursor"])
        with reading() as work:
            found = work.users.listed(asked["role"], prefix, older_than, asked["limit"] + 1)
        return page(found, asked["limit"], _id, render.staff_account)


@blp.route("/<uuid:user_id>")
class Account(MethodView):
    @staff_only
    @blp.response(200, schemas.StaffAccount())
    def get(self, user_id: UUID) -> Response:
        """See an account"""
        with reading() as work:
            user = work.users.get(user_id)
        return tagged(render.answer(render.staff_account(user)), user.version)

    @admin_only
    @blp.arguments(schemas.Access())
    @blp.response(200, schemas.StaffAccount())
    def patch(self, asked: dict[str, Any], user_id: UUID) -> Response:
        """Give another role, shut out, or let in again"""
        with transaction() as work:
            user = work.users.get(user_id)
            expected().check(user.version)
            role, disabled, why = asked.get("role"), asked.get("disabled"), asked["reason"]
            ChangeAccess(work).execute(user, customer_id(), role, disabled, why, clock.now())
        return tagged(render.answer(render.staff_account(user)), user.version)


def _id(user: User) -> tuple[str]:
    return (str(user.id),)
