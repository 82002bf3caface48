"""Sign in."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel import clock
from app.kernel.transaction import Transaction
from app.modules.users.controllers import schemas
from app.modules.users.ports import Passwords, Tokens, Work
from app.modules.users.use_cases.sign_in import SignIn
from app.web.transaction import adapter_of, reading_of, transaction_of

blp = Blueprint("auth", __name__, url_prefix="/auth", description="Sign in and out")
transaction: Transaction[Work] = transaction_of("users")
reading: Transaction[Work] = reading_of("users")
passwords: Passwords = adapter_of("users", "passwords")
tokens: Tokens = adapter_of("users", "tokens")


@blp.route("/login")
class Login(MethodView):
    @blp.arguments(schemas.Credentials())
    @blp.response(200, schemas.SignedIn())
    def post(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Sign in"""
        token = SignIn(transaction, reading, passwords, tokens).execute(**asked, now=clock.now())
        return {"access_token": token, "token_type": "Bearer"}
