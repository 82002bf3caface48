"""Passwords as argon2id hashes."""

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

hasher = PasswordHasher()
NOBODYS = hasher.hash("nobody has this password")


class Argon2Passwords:
    """argon2id with the library's current parameters."""

    def hash(self, password: str) -> str:
        """Some 30 ms on purpose."""
        return hasher.hash(password)

    def matches(self, hashed: str | None, password: str) -> bool:
        """Verify; with no account to verify against, verify nobody's, so that it takes as long."""
        try:
            return hasher.verify(hashed or NOBODYS, password) and hashed is not None
        except VerificationError:
            return False
