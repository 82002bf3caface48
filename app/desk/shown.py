"""How values are shown: money, times, ids, texts of any length."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from app.desk.language import language, spoken, with_numbers
from app.kernel.money import Money

MAX_TEXT = 80  # characters of a text in a table
MONTHS = ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.", "Nov.", "Dez.")


def money(value: Money) -> str:
    """As 1 234.50 EUR, with blanks that do not break."""
    number, currency = str(value).split(" ")
    whole, dot, part = number.partition(".")
    sign, digits = whole[: whole.startswith("-")], whole.lstrip("-")
    groups = f"{int(digits):,}".replace(",", "\u2009")
    mark = "," if dot and language() == "de" else dot
    return f"{'−' * bool(sign)}{groups}{mark}{part}\u00a0{currency}"


def when(value: datetime | None) -> str:
    """As 27 Nov 2026, 13:57 UTC."""
    return f"{day(value)} {value:%Y, %H:%M} UTC" if value else ""


def day(value: date) -> str:
    """As 27 Nov."""
    return f"{value:%-d}. {MONTHS[value.month - 1]}" if language() == "de" else f"{value:%-d %b}"


def clock_time(value: datetime) -> str:
    """As 13:57:20."""
    return f"{value:%H:%M:%S}"


def words(value: object) -> str:
    """The words of a code: awaiting_payment is awaiting payment."""
    return spoken(str(value).replace("_", " "))


def cut(value: object, length: int = MAX_TEXT) -> str:
    """The beginning of a text."""
    text = str(value)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def short(value: object) -> str:
    """The end of an id, which differs between ids of the same time."""
    return f"…{str(value)[-8:]}"


def age(seconds: float | None) -> str:
    """A number of seconds as 12 s, 3 min, 5 h or 2 d."""
    if seconds is None:
        return "–"
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:.0f} s"


FILTERS: dict[str, Callable[..., Any]] = {
    "money": money,
    "when": when,
    "day": day,
    "clock_time": clock_time,
    "words": words,
    "cut": cut,
    "short": short,
    "age": age,
    "spoken": spoken,
    "with_numbers": with_numbers,
}
