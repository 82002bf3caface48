"""/users/me: the account and the sessions of the signed-in user."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from app.kernel import clock
from app.kernel.transaction import Transaction
from app.modules.users.controllers import cookies, schemas, views
from app.modules.users.controllers.tries import password_attempt
from app.modules.users.controllers.views import account_view, session_view, token_pair_answer
from app.modules.users.domain.session import SeenSession
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.accounts.change_password import ChangePassword
from app.modules.users.use_cases.accounts.own_account import own_account
from app.modules.users.use_cases.sessions.sign_out import SignOut
from app.web.auth import customer_id, identity, signed_in
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.etags import expected, tagged
from app.web.operation import ETAG, IF_MATCH, operation
from app.web.paging import PageArgs, id_after, page


def me_blueprint(
    transaction: Transaction[UnitOfWork],
    reading: Transaction[UnitOfWork],
    change_password: ChangePassword,
    token_seconds: int,
) -> Blueprint:
    """The blueprint of /users/me. `token_seconds` is the lifetime of an access token."""
    blp = Blueprint("me", "/users/me", "Your own account")
    blp.add("", Me, transaction, reading)
    blp.add("/password", Password, change_password, token_seconds)
    blp.add("/sessions", Sessions, reading)
    blp.add("/sessions/<uuid:session_id>", OneSession, transaction)
    return blp


@dataclass(frozen=True)
class Me(MethodView):
    transaction: Transaction[UnitOfWork]
    reading: Transaction[UnitOfWork]

    @signed_in
    @answers(200, views.Account, ETAG)
    @operation("get_me", refusals={401: "account_gone"})
    def get(self) -> Answer[views.Account] | Response:
        """Get your account"""
        with self.reading() as uow:
            user = own_account(uow, customer_id())
        return tagged(account_view(user), user.version)

    @signed_in
    @arguments(schemas.NameChange())
    @answers(200, views.Account, ETAG)
    @operation("update_me", IF_MATCH)
    def patch(self, args: dict[str, Any]) -> Answer[views.Account] | Response:
        """Change your name"""
        with self.transaction() as uow:
            user = own_account(uow, customer_id())
            expected().check(user.version)
            user.rename(args["name"])
        return tagged(account_view(user), user.version)


@dataclass(frozen=True)
class Password(MethodView):
    change_password: ChangePassword
    token_seconds: int

    @signed_in
    @arguments(schemas.PasswordChange())
    @answers(200, views.TokenPair, cookies.SET_COOKIE)
    @operation(
        "change_password", refusals={401: "session_over", 403: "other_site wrong_password", 422: "weak_password"}
    )
    def post(self, args: dict[str, Any]) -> Answer[views.TokenPair]:
        """Change your password; ends your other sessions, and returns new tokens for this device"""
        if args["cookie"]:
            cookies.refuse_other_sites()
        who = identity()
        old, new = args["old_password"], args["new_password"]
        with password_attempt(str(who.user_id), who.session_id):
            pair = self.change_password.execute(who.user_id, who.session_id, old, new, clock.now())
        answer = token_pair_answer(pair, self.token_seconds)
        return cookies.in_cookie(answer) if args["cookie"] else answer


@dataclass(frozen=True)
class Sessions(MethodView):
    reading: Transaction[UnitOfWork]

    @signed_in
    @arguments(PageArgs(), location="query")
    @answers(200, views.SignInSessionPage)
    @operation("list_sessions", refusals={401: "account_gone", 422: "bad_cursor"})
    def get(self, args: dict[str, Any]) -> Answer[views.SignInSessionPage]:
        """List your active sessions, newest first"""
        older_than = id_after(args["cursor"])
        with self.reading() as uow:
            user = own_account(uow, customer_id())
            found = uow.sessions.alive_of(user, clock.now(), older_than, args["limit"] + 1)
        return page(found, args["limit"], lambda seen: [str(seen.session.id)], _page)


@dataclass(frozen=True)
class OneSession(MethodView):
    transaction: Transaction[UnitOfWork]

    @signed_in
    @answers(204)
    @operation("end_session", refusals={404: "session_unknown"})
    def delete(self, session_id: UUID) -> None:
        """Sign out on another device"""
        with self.transaction() as uow:
            SignOut(uow).execute(customer_id(), session_id, clock.now(), "revoked")


def _page(sessions: list[SeenSession], following: str | None) -> views.SignInSessionPage:
    current = identity().session_id
    return views.SignInSessionPage([session_view(each, current) for each in sessions], following)
