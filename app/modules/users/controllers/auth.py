"""/auth: sign in, refresh tokens, sign out, validate a token."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import after_this_request, request
from flask.views import MethodView

from app.kernel import clock
from app.kernel.email import normalized
from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.users.controllers import cookies, schemas, views
from app.modules.users.controllers.tries import password_attempt
from app.modules.users.controllers.views import token_check_view, token_pair_answer
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.accounts.own_account import own_account
from app.modules.users.use_cases.sessions.known_devices import KnownDevices
from app.modules.users.use_cases.sessions.refresh import Refresh
from app.modules.users.use_cases.sessions.sign_in import SignIn
from app.modules.users.use_cases.sessions.sign_out import SignOut
from app.modules.users.use_cases.sessions.sign_out_everywhere import SignOutEverywhere
from app.web.auth import customer_id, identity, signed_in
from app.web.blueprint import Answer, Blueprint, answers, arguments
from app.web.operation import operation

MAX_DEVICE_LENGTH = 200


def auth_blueprint(
    transaction: Transaction[UnitOfWork],
    sign_in: SignIn,
    known_devices: KnownDevices,
    refresh: Refresh,
    token_seconds: int,
) -> Blueprint:
    """The blueprint of /auth. `token_seconds` is the lifetime of an access token."""
    blp = Blueprint("auth", "/auth", "Sign in and out")
    blp.add("/login", Login, sign_in, known_devices, token_seconds)
    blp.add("/refresh", Refreshed, refresh, token_seconds)
    blp.add("/logout", Logout, transaction)
    blp.add("/logout-all", LogoutAll, transaction)
    blp.add("/validate", Validate)
    return blp


@dataclass(frozen=True)
class Login(MethodView):
    sign_in: SignIn
    known_devices: KnownDevices
    token_seconds: int

    @arguments(schemas.Credentials())
    @answers(200, views.TokenPair, cookies.SET_COOKIE)
    @operation("sign_in", refusals={401: "wrong_credentials", 403: "other_site"})
    def post(self, args: dict[str, Any]) -> Answer[views.TokenPair]:
        """Sign in"""
        if args["cookie"]:
            cookies.refuse_other_sites()
        email, password, earlier = args["email"], args["password"], args["earlier_token"]
        device = self.known_devices.device_of(earlier, email) if earlier else None
        with password_attempt(normalized(email), device):  # all spellings of an address share the limits
            pair = self.sign_in.execute(email, password, _device(), clock.now())
        answer = token_pair_answer(pair, self.token_seconds)
        return cookies.in_cookie(answer) if args["cookie"] else answer


@dataclass(frozen=True)
class Refreshed(MethodView):
    refresh: Refresh
    token_seconds: int

    @arguments(schemas.RefreshRequest())
    @answers(200, views.TokenPair, cookies.SET_COOKIE)
    @operation("refresh_token", refusals={401: "refresh_refused", 403: "other_site"})
    def post(self, args: dict[str, Any]) -> Answer[views.TokenPair]:
        """Get the next access token and the next refresh token"""
        by_cookie = args["refresh_token"] is None
        token = cookies.presented_here() if by_cookie else args["refresh_token"]
        answer = token_pair_answer(self.refresh.execute(token, clock.now()), self.token_seconds)
        return cookies.in_cookie(answer) if by_cookie else answer


@dataclass(frozen=True)
class Logout(MethodView):
    transaction: Transaction[UnitOfWork]

    @signed_in
    @answers(204)
    @operation("sign_out", refusals={403: "other_site"})
    def post(self) -> None:
        """Sign out on this device: end the session of the access token and that of the cookie, and delete the cookie"""
        who, in_cookie = identity(), cookies.presented()
        if in_cookie:
            cookies.refuse_other_sites()
        with self.transaction() as uow:
            if in_cookie:
                SignOut(uow).of_token(in_cookie, clock.now())
            with suppress(NotFound):  # the session has ended and was deleted
                SignOut(uow).execute(who.user_id, who.session_id, clock.now(), "logout")
        after_this_request(cookies.without_cookie)


@dataclass(frozen=True)
class LogoutAll(MethodView):
    transaction: Transaction[UnitOfWork]

    @signed_in
    @answers(204)
    @operation("sign_out_everywhere", refusals={401: "account_gone"})
    def post(self) -> None:
        """Sign out everywhere"""
        with self.transaction() as uow:
            SignOutEverywhere(uow).execute(own_account(uow, customer_id()), clock.now())


@dataclass(frozen=True)
class Validate(MethodView):
    @signed_in
    @answers(200, views.TokenCheck)
    @operation("validate_token")
    def get(self) -> views.TokenCheck:
        """Validate an access token, and get its user, role and expiry"""
        return token_check_view(identity())


def _device() -> str:
    """The User-Agent, cut to 200 characters, with unprintable ones replaced."""
    name = request.headers.get("User-Agent", "")[:MAX_DEVICE_LENGTH]
    return "".join(each if each.isprintable() else "?" for each in name) or "unknown"
