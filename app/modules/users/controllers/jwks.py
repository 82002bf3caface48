"""The public keys, for outsiders; the modules hear them on the bus."""

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue
from flask.views import MethodView
from flask_smorest import Blueprint

from app.kernel.transaction import Transaction
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.ports import Tokens, Work
from app.web.transaction import adapter_of, reading_of

blp = Blueprint("jwks", __name__, url_prefix="/.well-known", description="Public keys")
reading: Transaction[Work] = reading_of("users")
tokens: Tokens = adapter_of("users", "tokens")
FRESH = 30  # seconds a copy may be kept: less than a new key takes before it signs


@blp.route("/jwks.json")
class Keys(MethodView):
    @blp.response(200)
    def get(self) -> ResponseReturnValue:
        """The keys that verify access tokens, as a JWK Set (RFC 7517)"""
        with reading() as work:
            keys = [key for key in work.signing_keys.all() if not key.retired]
        answer = jsonify({"keys": [_jwk(key) for key in keys]})
        answer.headers["Cache-Control"] = f"public, max-age={FRESH}"
        return answer


def _jwk(key: SigningKey) -> dict[str, Any]:
    return {**tokens.public_jwk(key), "kid": key.kid, "use": "sig", "alg": "EdDSA"}
