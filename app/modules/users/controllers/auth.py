"""Sign in, stay in, sign out."""

from typing import Any

from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel import clock
from app.kernel.errors import NotFound
from app.kernel.transaction import Transaction
from app.modules.users.controllers import render, schemas
from app.modules.users.controllers.tries import one_try
from app.modules.users.domain.email import as_kept
from app.modules.users.ports import Work
from app.modules.users.use_cases.known_devices import KnownDevices
from app.modules.users.use_cases.own_account import own_account
from app.modules.users.use_cases.refresh import Refresh
from app.modules.users.use_cases.sign_in import SignIn
from app.modules.users.use_cases.sign_out import SignOut
from app.modules.users.use_cases.sign_out_everywhere import SignOutEverywhere
from app.web.auth import customer_id, identity, signed_in
from app.web.transaction import adapter_of, transaction_of

blp = Blueprint("auth", __name__, url_prefix="/auth", description="Sign in and out")
transaction: Transaction[Work] = transaction_of("users")
signing_in: SignIn = adapter_of("users", "sign_in")
known_devices: KnownDevices = adapter_of("users", "known_devices")
refreshing: Refresh = adapter_of("users", "refresh")


@blp.route("/login")
class Login(MethodView):
    @blp.arguments(schemas.Credentials())
    @blp.response(200, schemas.SignedIn())
    def post(self, asked: dict[str, Any]) -> Response:
        """Sign in"""
        email, password, earlier = asked["email"], asked["password"], asked["earlier_token"]
        device = known_devices.device_of(earlier, email) if earlier else None
        with one_try(as_kept(email), device):  # all spellings of one account together
            pair = signing_in.execute(email, password, render.device(), clock.now())
        return render.pair(pair)


@blp.route("/refresh")
class Refreshed(MethodView):
    @blp.arguments(schemas.RefreshToken())
    @blp.response(200, schemas.SignedIn())
    def post(self, asked: dict[str, Any]) -> Response:
        """Get the next access token, and the next refresh token"""
        return render.pair(refreshing.execute(asked["refresh_token"], clock.now()))


@blp.route("/logout")
class Logout(MethodView):
    @signed_in
    @blp.response(204)
    def post(self) -> None:
        """Sign out on this device"""
        who = identity()
        try:
            with transaction() as work:
                SignOut(work).execute(who.user_id, who.session_id, clock.now(), "logout")
        except NotFound:
            return  # it was forgotten: over


@blp.route("/logout-all")
class LogoutAll(MethodView):
    @signed_in
    @blp.response(204)
    def post(self) -> None:
        """Sign out everywhere"""
        with transaction() as work:
            SignOutEverywhere(work).execute(own_account(work, customer_id()), clock.now())


@blp.route("/validate")
class Validate(MethodView):
    @signed_in
    @blp.response(200, schemas.Valid())
    def get(self) -> Response:
        """Whether the access token counts, and whose it is"""
        return render.valid(identity())
