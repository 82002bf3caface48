"""The public keys for external clients. The modules receive them over the bus."""

from dataclasses import dataclass

from flask.views import MethodView

from app.kernel.transaction import Transaction
from app.modules.users.controllers import views
from app.modules.users.controllers.views import jwk_view
from app.modules.users.ports import Tokens, UnitOfWork
from app.web.blueprint import Answer, Blueprint, answers
from app.web.operation import operation

MAX_AGE = 30  # seconds that a response may be cached: less than the time before a new key becomes active


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
        return Answer(found, {"Cache-Control": f"public, max-age={MAX_AGE}"})
