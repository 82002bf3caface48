"""The public keys, for outsiders; the modules hear them on the bus."""

from dataclasses import dataclass

from flask.views import MethodView

from app.kernel.transaction import Transaction
from app.modules.users.controllers import views
from app.modules.users.controllers.views import jwk_view
from app.modules.users.ports import Tokens, UnitOfWork
from app.web.blueprint import Answer, Blueprint, answers
from app.web.operation import operation

FRESH = 30  # seconds a copy may be kept: less than a new key takes before it signs


def jwks_blueprint(reading: Transaction[UnitOfWork], tokens: Tokens) -> Blueprint:
    blp = Blueprint("jwks", "/.well-known", "Public keys")
    blp.add("/jwks.json", Keys, reading, tokens)
    return blp


@dataclass(frozen=True)
class Keys(MethodView):
    reading: Transaction[UnitOfWork]
    tokens: Tokens

    @answers(200, views.JwkSet)
    @operation("get_jwks")
    def get(self) -> Answer[views.JwkSet]:
        """Get the keys that verify access tokens, as a JWK Set (RFC 7517)"""
        with self.reading() as uow:
            keys = [key for key in uow.signing_keys.all() if not key.retired]
        found = views.JwkSet([jwk_view(key, self.tokens.public_jwk(key)) for key in keys])
        return Answer(found, {"Cache-Control": f"public, max-age={FRESH}"})
