"""Postal addresses: normalised, and refused only where no parcel could arrive or no tax could be decided."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields

from app.kernel.countries import (
    COUNTRIES,
    FORMER_REGIONS,
    FORMS,
    NEED_CITY_OR_REGION,
    NEED_NO_CITY,
    NEED_POSTAL_CODE,
    REGIONS,
)

MAX_LENGTH, MAX_POSTAL_CODE_LENGTH, MAX_PHONE_LENGTH = 200, 20, 30  # characters
UNKNOWN_COUNTRY = "Use the code of a country from ISO 3166-1, such as DE."
BAD_PHONE = "Write + if it has a country code, digits, blanks and ( ) . / -."
PHONE = r"^(\+?[0-9(][0-9 ()./-]*)?\Z"  # may be empty
_POSTAL_CODE = re.compile(r"[A-Z0-9][A-Z0-9 /-]*")
_ABROAD = re.compile(r"[A-Z]{1,2}-(?=.)")  # as on letters from abroad: D-10115, FL-9490
_REGION_CODE = re.compile(r"[A-Za-z0-9]{1,3}")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u30fc", "-") | {"〒": ""})
_GAPS = str.maketrans("", "", " -")


@dataclass(frozen=True)
class Address:
    """Where a parcel goes, or who is billed. Fields that do not apply are empty."""

    name: str
    company: str
    line1: str
    line2: str
    city: str
    region: str  # a code of ISO 3166-2 without the country, such as TX; any text in countries that REGIONS lacks
    postal_code: str
    country: str  # a code of ISO 3166-1, or XK
    phone: str


MAX_LENGTHS = {each.name: MAX_LENGTH for each in fields(Address)} | {
    "postal_code": MAX_POSTAL_CODE_LENGTH,
    "country": 2,
    "phone": MAX_PHONE_LENGTH,
}


class BadAddress(ValueError):
    """An address is refused. `errors`: for each field that is wrong, what to do about it."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {sentence}" for field, sentence in errors.items()))
        self.errors = dict(errors)


def normalized_address(given: Mapping[str, str]) -> Address:
    """The address that a client sent, as it is stored: texts trimmed and in NFC, codes as their country writes them.

    Raises BadAddress. Lengths are checked before anything else.
    """
    too_long = [name for name, size in MAX_LENGTHS.items() if len(given[name]) > size]
    if too_long:
        raise BadAddress({name: f"Longer than maximum length {MAX_LENGTHS[name]}." for name in too_long})
    text = {name: unicodedata.normalize("NFC", given[name]).strip() for name in MAX_LENGTHS}
    errors = {name: "Leave out control characters." for name in text if not _is_a_line(text[name])}
    if text["country"] not in COUNTRIES:
        errors["country"] = UNKNOWN_COUNTRY
    if errors:
        raise BadAddress(errors)
    country = text["country"]
    text["phone"] = _plain(text["phone"]).strip()
    text["region"] = _region(text["region"], country)
    text["postal_code"] = _postal_code(text["postal_code"], country)
    if errors := _missing(text) | _wrong(text):
        raise BadAddress(errors)
    return Address(**text)


def normalized_codes(country: str, region: str, postal_code: str) -> tuple[str, str]:
    """Region and postal code as an address in this country has them. They are not validated."""
    return _region(region.strip(), country), _postal_code(postal_code, country)


def _is_a_line(text: str) -> bool:
    if text.isascii():
        return text.isprintable()
    return not any(unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in text)


def _region(typed: str, country: str) -> str:
    """`us-tx` is TX: codes in capitals and without the country. Other texts stay as they are."""
    region = typed[3:] if typed[:3].upper() == f"{country}-" else typed
    if not _REGION_CODE.fullmatch(region):
        return region
    return FORMER_REGIONS.get(country, {}).get(region.upper(), region.upper())


def _postal_code(typed: str, country: str) -> str:
    """The code as the country writes it: `k1a0b1` is K1A 0B1 in Canada. One of no known form stays as it was typed."""
    code = _plain(typed).strip().upper()
    gapless = code.translate(_GAPS)
    forms = FORMS.get(country, ())
    for reading in (gapless, gapless.removeprefix(country), _ABROAD.sub("", code, 1).translate(_GAPS)):
        for form in forms:
            if _fits(reading, form.translate(_GAPS)):
                return _spaced(reading, form)
    for form in forms:
        if form.startswith(country) and _fits(country + gapless, form.translate(_GAPS)):  # 1010 for LV-1010
            return _spaced(country + gapless, form)
    return code


def _plain(typed: str) -> str:
    """Digits of all scripts, dashes and blanks as those of ASCII."""
    if typed.isascii():
        return typed
    digits = "".join(str(unicodedata.decimal(each, each)) for each in unicodedata.normalize("NFKC", typed))
    return digits.translate(_DASHES)


def _fits(code: str, form: str) -> bool:
    return len(code) == len(form) and all(map(_is_of, code, form))


def _is_of(letter: str, sign: str) -> bool:
    match sign:
        case "#":
            return "0" <= letter <= "9"
        case "@":
            return "A" <= letter <= "Z"
        case "*":
            return "0" <= letter <= "9" or "A" <= letter <= "Z"
    return letter == sign


def _spaced(code: str, form: str) -> str:
    letters = iter(code)
    return "".join(sign if sign in " -" else next(letters) for sign in form)


def _missing(text: Mapping[str, str]) -> dict[str, str]:
    country, errors = text["country"], {}
    if not text["name"] and not text["company"]:
        errors["name"] = "Give a name or a company."
    if not text["line1"]:
        errors["line1"] = "Give the street and number, or the post box."
    if country in NEED_CITY_OR_REGION and not text["city"] and not text["region"]:
        errors["city"] = "Give the city or the region."
    if country not in NEED_CITY_OR_REGION | NEED_NO_CITY and not text["city"]:
        errors["city"] = "Give the city."
    if country in REGIONS and not text["region"]:
        errors["region"] = f"Give the region: {_choices(country)}."
    if country in NEED_POSTAL_CODE and not text["postal_code"]:
        errors["postal_code"] = f"Give the postal code{_like(country)}."
    return errors


def _wrong(text: Mapping[str, str]) -> dict[str, str]:
    country, region, code, errors = text["country"], text["region"], text["postal_code"], {}
    if region and region not in REGIONS.get(country, {region}):
        errors["region"] = f"Use the code of a region of {country}: {_choices(country)}."
    if code and not _is_postal_code(code, country):
        errors["postal_code"] = f"This is no postal code of {country}: give one{_like(country)}."
    if len(text["phone"]) > MAX_PHONE_LENGTH or not re.match(PHONE, text["phone"]):
        errors["phone"] = BAD_PHONE
    return errors


def _is_postal_code(code: str, country: str) -> bool:
    if len(code) > MAX_POSTAL_CODE_LENGTH or not _POSTAL_CODE.fullmatch(code):
        return False
    return country not in FORMS or any(_fits(code, form) for form in FORMS[country])


def _choices(country: str) -> str:
    return ", ".join(sorted(REGIONS[country]))


def _like(country: str) -> str:
    forms = [form.translate(str.maketrans("#@*", "9AA")) for form in FORMS.get(country, ())]
    return f" of the form {' or '.join(forms)}" if forms else " of letters from A to Z and digits"
