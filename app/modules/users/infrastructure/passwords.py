"""Passwords as argon2id hashes."""

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

NOBODYS = "nobody has this password"


class Argon2Passwords:
    """argon2id; with the library's parameters, which follow RFC 9106, unless others are given."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._nobodys = hasher.hash(NOBODYS) if hasher else _nobodys()

    def hash(self, password: str) -> str:
        """Some 30 ms on purpose."""
        return self._hasher.hash(_bytes(password))

    def matches(self, hashed: str | None, password: str) -> bool:
        """Verify; with no account to verify against, verify nobody's, so that it takes as long."""
        try:
            return self._hasher.verify(hashed or self._nobodys, _bytes(password)) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False

    def outdated(self, hashed: str) -> bool:
        """Whether its parameters are not ours."""
        return self._hasher.check_needs_rehash(hashed)


@cache
def _nobodys() -> str:
    """Hashed once a process, by the parameters that everyone's is."""
    return PasswordHasher().hash(NOBODYS)


def _bytes(password: str) -> bytes:
    """The same bytes from every keyboard: a composed and a decomposed é are one password."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
