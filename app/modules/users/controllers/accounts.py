"""Register."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel import clock
from app.kernel.transaction import Transaction
from app.modules.users.controllers import schemas
from app.modules.users.domain.user import User
from app.modules.users.ports import Passwords, Work
from app.modules.users.use_cases.register import Register
from app.web.transaction import adapter_of, transaction_of

blp = Blueprint("users", __name__, url_prefix="/users", description="Accounts")
transaction: Transaction[Work] = transaction_of("users")
passwords: Passwords = adapter_of("users", "passwords")


@blp.route("")
class Accounts(MethodView):
    @blp.arguments(schemas.Registration())
    @blp.response(201, schemas.Account())
    def post(self, asked: dict[str, Any]) -> User:
        """Register"""
        hashed = passwords.hash(asked["password"])
        with transaction() as work:
            return Register(work).execute(asked["email"], hashed, asked["name"], clock.now())
