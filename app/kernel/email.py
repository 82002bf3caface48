"""Normalizing e-mail addresses, so that two spellings of one mailbox are one account."""

import unicodedata

import idna

from app.kernel.errors import Invalid


def normalized(email: str) -> str:
    """The local part in NFKC and lower case, the domain as A-labels (RFC 5890): münchen.de becomes xn--mnchen-3ya.de.

    Raises Invalid(bad_email) if the domain is not valid.
    """
    local, at, domain = email.strip().rpartition("@")
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            raise Invalid("bad_email", f"{domain} is not a valid domain of an e-mail address") from None
    return f"{_folded(local)}{at}{domain.lower()}"


def formerly_normalized(email: str) -> str:
    """The form of earlier versions. Some accounts still have it, because another account has the normalized form."""
    return email.strip().lower()


def normalized_prefix(typed: str) -> str:
    """The normalized form of the first characters of an address. A part of a domain cannot be turned into A-labels."""
    return typed.strip().lower() if "@" in typed else _folded(typed.strip())


def _folded(local: str) -> str:
    """NFKC twice, because lower case may undo it; then stripped, because NFKC may produce spaces at the ends."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).lower()).strip()
