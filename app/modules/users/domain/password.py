"""Which passwords are good enough: length first, and nothing that is guessed soon."""

import re
import unicodedata

from app.kernel.errors import Invalid
from app.modules.users.domain.guessing import is_guessed_soon

MIN_LENGTH, MAX_LENGTH = 12, 200  # characters


def accept_password(password: str, email: str) -> None:
    """Raises Invalid(weak_password) with what is wrong with it."""
    plain, address = _plain(password), _plain(email)
    if len(plain) < MIN_LENGTH:
        raise _weak(f"a password has {MIN_LENGTH} characters or more: take a few words")
    if plain in (address, address.partition("@")[0]):
        raise _weak("a password is not the e-mail address")
    if len(set(plain)) == 1:
        raise _weak("a password is more than one character repeated")
    if is_guessed_soon(plain, "quartet", *re.split(r"\W+", address)):
        raise _weak("this password is guessed soon: take a few words that do not go together")


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password).casefold()


def _weak(sentence: str) -> Invalid:
    return Invalid("weak_password", sentence)
