"""Which passwords are good enough: length first, and nothing that is tried first."""

import unicodedata

from app.kernel.errors import Invalid
from app.modules.users.domain.common_passwords import COMMON

SHORTEST, LONGEST = 12, 200  # characters


def accept_password(password: str, email: str) -> None:
    """Raises Invalid(weak_password) with what is wrong with it."""
    plain = _plain(password)
    if len(plain) < SHORTEST:
        raise _weak(f"a password has {SHORTEST} characters or more: take a few words")
    if plain in (_plain(email), _plain(email.partition("@")[0])):
        raise _weak("a password is not the e-mail address")
    if len(set(plain)) == 1:
        raise _weak("a password is more than one character repeated")
    if plain in COMMON or _unit(plain) in COMMON or plain.rstrip("0123456789!?.") in COMMON:
        raise _weak("this password is among those tried first: take a few words that do not go together")


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password).casefold()


def _unit(text: str) -> str:
    """What a text is a repetition of (abcabc: abc); the text itself where it is none."""
    return text[: (text + text).find(text, 1)]


def _weak(sentence: str) -> Invalid:
    return Invalid("weak_password", sentence)
