"""Which passwords are accepted: of a length in bounds, and nothing that is easily guessed."""

import re
import unicodedata

from app.kernel.errors import Invalid

MIN_LENGTH, MAX_LENGTH = 12, 200  # characters
CANNOT_BE_TYPED = re.compile("[\0\ud800-\udfff]")


def accept_password(password: str, email: str) -> None:
    """Raises Invalid(weak_password) with the reason."""
    from app.modules.users.domain.guessing import is_easily_guessed  # its lists take 13 MB: only for new passwords

    if len(password) > MAX_LENGTH:
        raise _weak(f"a password has at most {MAX_LENGTH} characters")
    if CANNOT_BE_TYPED.search(password):
        raise _weak("a password must not have characters that cannot be typed")
    plain, address = _plain(password), _plain(email)
    if len(plain) < MIN_LENGTH:
        raise _weak(f"a password needs at least {MIN_LENGTH} characters: use a few words")
    if plain in (address, address.partition("@")[0]):
        raise _weak("a password must not be the e-mail address")
    if len(set(plain)) == 1:
        raise _weak("a password must not be one character repeated")
    if is_easily_guessed(plain, "quartet", *re.split(r"\W+", address)):
        raise _weak("this password is easy to guess: use a few unrelated words")


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password).casefold()


def _weak(sentence: str) -> Invalid:
    return Invalid("weak_password", sentence)
