"""Passwords as argon2id hashes."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

DUMMY_PASSWORD = "the password of no account"  # noqa: S105 — a hash of it opens nothing


class Argon2Passwords:
    """argon2id, by default with the library's parameters, which follow RFC 9106."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._dummy_hash = hasher.hash(DUMMY_PASSWORD) if hasher else _dummy_hash()

    def hash(self, password: str) -> str:
        """Takes about 30 ms, on purpose."""
        return self._hasher.hash(_bytes(password))

    def matches(self, hashed: str | None, password: str) -> bool:
        """Without a hash (no such account) verify a dummy one, so that it takes the same time."""
        try:
            return self._hasher.verify(hashed or self._dummy_hash, _bytes(password)) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, hashed: str) -> bool:
        return self._hasher.check_needs_rehash(hashed)


@cache
def _dummy_hash() -> str:
    """Hashed once per process, with the same parameters as all passwords."""
    return PasswordHasher().hash(DUMMY_PASSWORD)


def _bytes(password: str) -> bytes:
    """NFKC, so that a composed and a decomposed é are the same password."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
