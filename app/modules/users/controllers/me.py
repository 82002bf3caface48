"""One's own account and sign-ins."""

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel import clock
from app.kernel.transaction import Transaction
from app.modules.users.controllers import render, schemas
from app.modules.users.controllers.cursor import id_after
from app.modules.users.controllers.tries import one_try
from app.modules.users.domain.session import SeenSession
from app.modules.users.ports import Work
from app.modules.users.use_cases.change_password import ChangePassword
from app.modules.users.use_cases.own_account import own_account
from app.modules.users.use_cases.sign_out import SignOut
from app.web.auth import customer_id, identity, signed_in
from app.web.etags import expected, tagged
from app.web.paging import PageArgs, page
from app.web.transaction import adapter_of, reading_of, transaction_of

blp = Blueprint("me", __name__, url_prefix="/users/me", description="One's own account")
transaction: Transaction[Work] = transaction_of("users")
reading: Transaction[Work] = reading_of("users")
changing_password: ChangePassword = adapter_of("users", "change_password")


@blp.route("")
class Me(MethodView):
    @signed_in
    @blp.response(200, schemas.Account())
    def get(self) -> Response:
        """See the account"""
        with reading() as work:
            user = own_account(work, customer_id())
        return tagged(render.answer(render.account(user)), user.version)

    @signed_in
    @blp.arguments(schemas.NewName())
    @blp.response(200, schemas.Account())
    def patch(self, asked: dict[str, Any]) -> Response:
        """Be called something else"""
        with transaction() as work:
            user = own_account(work, customer_id())
            expected().check(user.version)
            user.rename(asked["name"])
        return tagged(render.answer(render.account(user)), user.version)


@blp.route("/password")
class Password(MethodView):
    @signed_in
    @blp.arguments(schemas.NewPassword())
    @blp.response(200, schemas.SignedIn())
    def post(self, asked: dict[str, Any]) -> Response:
        """Change the password; signs out everywhere else, and gives this device new tokens"""
        who = identity()
        old, new = asked["old_password"], asked["new_password"]
        with one_try(str(who.user_id), who.session_id):
            pair = changing_password.execute(who.user_id, who.session_id, old, new, clock.now())
        return render.pair(pair)


@blp.route("/sessions")
class Sessions(MethodView):
    @signed_in
    @blp.arguments(PageArgs(), location="query")
    @blp.response(200, schemas.SignInPage())
    def get(self, asked: dict[str, Any]) -> Response:
        """See where one is signed in"""
        older_than = id_after(asked["cursor"])
        with reading() as work:
            user = own_account(work, customer_id())
            found = work.sessions.alive_of(user, clock.now(), older_than, asked["limit"] + 1)
        current = identity().session_id
        return page(found, asked["limit"], _id, lambda each: render.sign_in(each, current))


@blp.route("/sessions/<uuid:session_id>")
class OneSession(MethodView):
    @signed_in
    @blp.response(204)
    def delete(self, session_id: UUID) -> None:
        """Sign out on another device"""
        with transaction() as work:
            SignOut(work).execute(customer_id(), session_id, clock.now(), "revoked")


def _id(seen: SeenSession) -> tuple[str]:
    return (str(seen.session.id),)
