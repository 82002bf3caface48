"""An e-mail address as accounts are found by: two spellings of one mailbox are one account."""

import unicodedata

import idna

from app.kernel.errors import Invalid


def as_kept(email: str) -> str:
    """The local part in NFKC and lower case, the domain as A-labels (RFC 5890): münchen.de is xn--mnchen-3ya.de.

    Raises Invalid(bad_email) for a domain that cannot be one.
    """
    local, at, domain = email.strip().rpartition("@")
    if not domain.isascii():
        try:
            domain = idna.encode(domain, uts46=True).decode()
        except (idna.IDNAError, UnicodeError):
            raise Invalid("bad_email", f"{domain} is not the domain of an e-mail address") from None
    return f"{_folded(local)}{at}{domain.lower()}"


def as_kept_before(email: str) -> str:
    """As accounts were kept once; some still are, where another account has the address as it is kept now."""
    return email.strip().lower()


def beginning(typed: str) -> str:
    """What the beginning of an address looks like where it is kept. A part of a domain cannot be turned to A-labels."""
    return typed.strip().lower() if "@" in typed else _folded(typed.strip())


def _folded(local: str) -> str:
    """Lower case may undo NFKC, and NFKC bring blanks: those in the middle are no part of an address."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).lower()).strip()
