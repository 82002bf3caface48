"""Access tokens and the keys that sign them: Ed25519, private halves encrypted at rest."""

import base64
import hashlib
from datetime import datetime, timedelta
from uuid import UUID

import jwt
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.config import Settings
from app.kernel.ids import new_id
from app.modules.users.domain.signing_key import SigningKey
from app.modules.users.domain.user import User


class JwtTokens:
    """Signs with the keys it made."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cipher = Fernet(base64.urlsafe_b64encode(hashlib.sha256(settings.key_secret.encode()).digest()))

    def access_token(self, key: SigningKey, user: User, session_id: UUID, now: datetime) -> str:
        """A JWT that every module can verify by itself."""
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
        private_key = self._cipher.decrypt(key.encrypted_private_key)
        return jwt.encode(claims, private_key, algorithm="EdDSA", headers={"kid": key.kid})

    def new_key(self, active_from: datetime) -> SigningKey:
        """A fresh pair."""
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
