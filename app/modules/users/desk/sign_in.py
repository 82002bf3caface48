"""Sign in and out of the desk, and renew a session, also in the middle of a form: the form is kept in the page."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

import flask
from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from marshmallow import fields, validate
from werkzeug.wrappers import Response

from app.desk import cookies
from app.desk.forms import Form, Input
from app.desk.links import local
from app.desk.pages import Pages, refused_page
from app.kernel import clock
from app.kernel.email import normalized
from app.kernel.errors import NotFound, Refused, Unauthorized
from app.kernel.transaction import Transaction
from app.modules.users.ports import UnitOfWork
from app.modules.users.use_cases.sessions.refresh import Refresh
from app.modules.users.use_cases.sessions.sign_in import SignIn
from app.modules.users.use_cases.sessions.sign_out import SignOut
from app.modules.users.use_cases.sessions.token_pair import TokenPair
from app.web.auth import identity
from app.web.emails import TypedEmail

HOME = "/desk/orders/home"
MAX_DEVICE_LENGTH = 200
MAX_RETAINED = 200_000  # characters of a form that is kept while its sender signs in
PASSWORD = fields.String(required=True, validate=[validate.Length(1, 200), validate.Regexp(r"^[^\0]*\Z")])
SIGN_IN = Form(
    "sign-in",
    "Sign in",
    "",
    (
        Input("email", "E-mail address", TypedEmail(required=True), "email"),
        Input("password", "Password", PASSWORD, "password"),
    ),
    role="",
)
Attempt = Callable[[str, UUID | None], AbstractContextManager[None]]  # counts wrong passwords, and limits them


def add_sign_in(
    pages: Pages,
    transaction: Transaction[UnitOfWork],
    sign_in: SignIn,
    attempt: Attempt,
    refresh: Refresh,
    token_seconds: int,
) -> None:
    pages.add_url_rule("/sign-in", view_func=SignInPage.as_view("sign-in", sign_in, attempt, token_seconds))
    pages.add_url_rule("/refresh", view_func=Renewal.as_view("refresh", refresh, token_seconds))
    pages.add_url_rule("/sign-out", view_func=SignOutPage.as_view("sign-out", transaction))


@dataclass(frozen=True)
class SignInPage(MethodView):
    sign_in: SignIn
    attempt: Attempt
    token_seconds: int

    def get(self) -> ResponseReturnValue:
        return _page()

    def post(self) -> ResponseReturnValue:
        """Sign in, and go on; a form that was kept is shown once more, to be sent by its sender."""
        try:
            typed = SIGN_IN.read(request.form)
            with self.attempt(normalized(typed["email"]), None):
                pair = self.sign_in.execute(typed["email"], typed["password"], _device(), clock.now())
        except Refused as refused:
            return refused_page(refused, _page)
        retained = request.form.get("retained", "")
        if not retained:
            return _signed_in(redirect(_next(), 303), pair, self.token_seconds)
        fields = parse_qsl(retained[:MAX_RETAINED], keep_blank_values=True)
        page = flask.render_template(
            "users/resume.html", layout="desk/base.html", alone=True, next=_next(), retained=fields
        )
        return _signed_in(flask.make_response(page), pair, self.token_seconds)


@dataclass(frozen=True)
class Renewal(MethodView):
    """Every page sends a caller without a valid token here, with what was sent to it."""

    refresh: Refresh
    token_seconds: int

    def get(self) -> ResponseReturnValue:
        pair = self._renewed()
        if pair:
            return _signed_in(redirect(_next(), 303), pair, self.token_seconds)
        if request.headers.get("HX-Request"):
            return flask.render_template("users/over.html", layout="desk/fragment.html"), 401
        return redirect(f"/desk/users/sign-in?{urlencode({'next': _next()})}", 303)

    def post(self) -> ResponseReturnValue:
        pair = self._renewed()
        if pair:  # 307: the browser sends the form again, to the page that it was for
            return _signed_in(redirect(_next(), 307), pair, self.token_seconds)
        retained = urlencode(list(request.form.items(multi=True)))
        return (_page(retained), 401) if retained else redirect("/desk/users/sign-in", 303)

    def _renewed(self) -> TokenPair | None:
        token = request.cookies.get(cookies.REFRESH, "")
        if not token or "over" in request.args:
            return None
        try:
            return self.refresh.execute(token, clock.now())
        except Unauthorized:
            return None


@dataclass(frozen=True)
class SignOutPage(MethodView):
    transaction: Transaction[UnitOfWork]

    def post(self) -> ResponseReturnValue:
        """End the session. A caller whose token has expired is first sent to renew it, or else it would go on."""
        who = identity()
        try:
            with self.transaction() as uow:
                SignOut(uow).execute(who.user_id, who.session_id, clock.now(), "logout")
        except NotFound:
            pass  # the session has ended and was deleted
        response = redirect("/desk/users/sign-in", 303)
        cookies.sign_out(response)
        return response


def _page(retained: str | None = None) -> str:
    retained = request.form.get("retained", "") if retained is None else retained
    return flask.render_template(
        "users/sign_in.html", layout="desk/base.html", alone=True, form=SIGN_IN, next=_next(), retained=retained
    )


def _next() -> str:
    return local(request.args.get("next") or request.form.get("next")) or HOME


def _signed_in(response: Response, pair: TokenPair, token_seconds: int) -> Response:
    left = int((pair.session.expires_at - clock.now()).total_seconds())
    cookies.sign_in(response, pair.access_token, token_seconds, pair.refresh_token, max(left, 1))
    cookies.renewed(response)
    return response


def _device() -> str:
    name = request.headers.get("User-Agent", "")[:MAX_DEVICE_LENGTH]
    return "".join(each if each.isprintable() else "?" for each in name) or "unknown"
