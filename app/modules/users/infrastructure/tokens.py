"""Access tokens and the keys that sign them: Ed25519, private keys encrypted at rest."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from jwt.algorithms import OKPAlgorithm

from app.bus.contracts.users import SigningKeyPublished
from app.config.reading import SettingsError
from app.config.settings import Settings
from app.kernel.ids import new_id
from app.modules.users.domain.session import EarlierSignIn
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.domain.user import User
from app.modules.users.infrastructure.root_key import root_key
from app.modules.users.settings import UsersSettings
from app.web.root_keys import new_root, public_half, sign

UNREADABLE = (
    "SIGNING_KEY_SECRET is not the one that the token signing keys were encrypted with: restore the earlier one, "
    "or make a key with this one by `flask users keys rotate`; it becomes active SIGNING_KEY_SPREAD_SECONDS later."
)

REVISION = 1  # of the announcement of a key: 1 since it carries a signature


class JwtTokens:
    """Keeps the decrypted private keys in memory."""

    def __init__(self, settings: Settings, own: UsersSettings) -> None:
        self._settings = settings
        self._root = root_key(settings, own)
        self.root = public_half(self._root)
        self._cipher = Fernet(base64.urlsafe_b64encode(hashlib.sha256(own.key_secret.encode()).digest()))
        self._successors = hmac.digest(own.key_secret.encode(), b"successors of refresh tokens", "sha256")
        self._opened: dict[str, Ed25519PrivateKey] = {}  # by kid; the key of a kid never changes

    def access_token(self, key: SigningKey, user: User, session_id: UUID, now: datetime) -> str:
        """Raises SettingsError if the private key cannot be decrypted."""
        claims = {
            "iss": self._settings.token_issuer,
            "aud": self._settings.token_audience,
            "sub": str(user.id),
            "sid": str(session_id),
            "jti": str(new_id()),
            "type": "access",
            "role": user.role,
            "epoch": user.epoch,
            "iat": int(now.timestamp()),
            "exp": int((now + timedelta(seconds=self._settings.access_token_seconds)).timestamp()),
        }
        return jwt.encode(claims, self.open(key), algorithm="EdDSA", headers={"kid": key.kid})

    def earlier_sign_in(self, access_token: str, keys: Sequence[SigningKey]) -> EarlierSignIn | None:
        """Signature, issuer, audience and type are verified; the expiry is not."""
        public = {key.kid: key.public_key for key in keys}
        try:
            kid = jwt.get_unverified_header(access_token)["kid"]
            claims = jwt.decode(
                access_token,
                public[kid],
                algorithms=["EdDSA"],
                issuer=self._settings.token_issuer,
                audience=self._settings.token_audience,
                options={"verify_exp": False},
            )
            if claims["type"] != "access":
                return None
            return EarlierSignIn(UUID(claims["sub"]), UUID(claims["sid"]), int(claims["epoch"]))
        except (jwt.PyJWTError, KeyError, ValueError, TypeError, AttributeError, RecursionError):
            return None

    def successor(self, refresh_token: str) -> str:
        """An HMAC under our secret: 256 bits that look random to others, so it is enough to store their hash."""
        made = hmac.digest(self._successors, refresh_token.encode("utf-8", "surrogatepass"), "sha256")
        return base64.urlsafe_b64encode(made).decode().rstrip("=")

    def open(self, key: SigningKey) -> Ed25519PrivateKey:
        """The private key, decrypted once per process. Raises SettingsError under another secret."""
        if key.kid not in self._opened:
            try:
                pem = self._cipher.decrypt(key.encrypted_private_key)
            except InvalidToken:
                raise SettingsError(UNREADABLE) from None
            private = serialization.load_pem_private_key(pem, password=None)
            assert isinstance(private, Ed25519PrivateKey)
            self._opened[key.kid] = private
        return self._opened[key.kid]

    def announcement(self, key: SigningKey) -> SigningKeyPublished:
        event = SigningKeyPublished(
            kid=key.kid,
            algorithm="EdDSA",
            public_key=key.public_key,
            retired=key.retired,
            version=key.version,
            revision=REVISION,
        )
        return sign(event, self._root)

    def new_root(self) -> tuple[str, str]:
        return new_root()

    def public_jwk(self, key: SigningKey) -> dict[str, str]:
        public = serialization.load_pem_public_key(key.public_key.encode())
        assert isinstance(public, Ed25519PublicKey)
        return {str(name): str(value) for name, value in OKPAlgorithm.to_jwk(public, as_dict=True).items()}

    def new_key(self, active_from: datetime) -> SigningKey:
        private = Ed25519PrivateKey.generate()
        raw = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        public = private.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return SigningKey(
            kid=str(new_id()),
            public_key=public.decode(),
            encrypted_private_key=self._cipher.encrypt(raw),
            active_from=active_from,
        )
