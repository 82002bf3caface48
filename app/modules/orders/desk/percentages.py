"""Percentages as people type them: 25 or 12.5; stored as parts per million."""

import re

from app.kernel.errors import Invalid

WHOLE = 1_000_000
PERCENT = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,4}))?")


def ppm_of(text: str | None) -> int:
    """Parts per million of a percentage. Raises Invalid(invalid_form)."""
    if not text:
        return 0
    found = PERCENT.fullmatch(text.strip().removesuffix("%").strip())
    ppm = int(found[1] + (found[2] or "").ljust(4, "0")) if found else WHOLE + 1
    if ppm > WHOLE:
        raise Invalid("invalid_form", "write a percentage from 0 to 100, such as 25 or 12.5")
    return ppm


def percent_text(ppm: int) -> str:
    """As it would be typed: 12.5."""
    whole, part = divmod(ppm, 10_000)
    return f"{whole}.{part:04}".rstrip("0").rstrip(".")
