"""Codes of coupons: how they are typed, compared and made."""

import re
import secrets
import unicodedata
from collections.abc import Iterable

from app.kernel.errors import Invalid

MAX_CODES = 5  # of one cart or order
MAX_TYPED = 80  # characters, with blanks and dashes
MADE_OF = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without what looks alike: 0 and O, 1, I and L
LENGTH = 12
GAPS = {"Zs", "Pd", "Cf", "Cc"}  # classes of characters
ALIKE = str.maketrans("OIL", "011")
WELL_FORMED = re.compile(r"[A-Z0-9]{4,40}\Z")


def shown(typed: str) -> str:
    """A code in capitals, without blanks, dashes and invisible characters of any kind, which mails and printed pages
    bring along. Raises Invalid(bad_code)."""
    plain = unicodedata.normalize("NFKC", typed[: MAX_TYPED + 1])
    code = "".join(each for each in plain if unicodedata.category(each) not in GAPS).upper()
    if len(typed) > MAX_TYPED or not WELL_FORMED.match(code):
        raise Invalid("bad_code", "a code has 4 to 40 letters from A to Z and digits")
    return code


def folded(code: str) -> str:
    """A shown code as it is compared: letters and digits that look alike are the same."""
    return code.translate(ALIKE)


def distinct(typed: Iterable[str]) -> tuple[str, ...]:
    """The shown codes, each once, sorted. Raises Invalid(bad_code, too_many_codes)."""
    codes = {folded(code): code for code in sorted(map(shown, typed), reverse=True)}
    if len(codes) > MAX_CODES:
        raise Invalid("too_many_codes", f"an order can have at most {MAX_CODES} codes: remove one first")
    return tuple(sorted(codes.values()))


def made(count: int) -> list[str]:
    """New codes, of the system's random source."""
    return ["".join(secrets.choice(MADE_OF) for _ in range(LENGTH)) for _ in range(count)]
