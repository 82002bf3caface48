"""Zones: the areas that a shop ships to, and the one zone that a destination is in."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.kernel.countries import REGIONS
from app.kernel.errors import Invalid

MAX_ZONES, MAX_AREAS = 100, 500
GAPS = str.maketrans("", "", " -")


@dataclass(frozen=True, kw_only=True)
class Destination:
    """Where a parcel would go, as an address has it. Region and postal code may be empty."""

    country: str
    region: str = ""
    postal_code: str = ""

    @property
    def ship_to(self) -> str:
        """The country, with its region where that is a code, such as US-TX. Other modules learn nothing finer."""
        return f"{self.country}-{self.region}" if self.region in REGIONS.get(self.country, ()) else self.country


@dataclass(frozen=True, kw_only=True)
class Area:
    """A country, or a part of it: a region, postal codes with a prefix, or a range of numeric postal codes."""

    country: str
    region: str = ""
    postal_prefix: str = ""
    postal_from: str = ""
    postal_to: str = ""

    @property
    def detail(self) -> int:
        """How specific it is: postal codes are more so than a region, and a region more than a country."""
        return 2 if self.postal_prefix or self.postal_from else 1 if self.region else 0

    def has(self, destination: Destination) -> bool:
        """Whether the destination is in it. Blanks and dashes of postal codes do not count."""
        code = destination.postal_code.upper().translate(GAPS)
        return (
            self.country == destination.country
            and self.region in {"", destination.region}
            and code.startswith(self.postal_prefix)
            and (not self.postal_from or self.postal_from <= code[: len(self.postal_from)] <= self.postal_to)
        )


@dataclass(frozen=True, kw_only=True)
class Zone:
    """Areas with the same shipping methods. `priority` decides where areas of two zones are equally specific."""

    id: str
    name: str
    priority: int = 0
    areas: tuple[Area, ...] = ()
    version: int = 0


def zone_of(zones: Iterable[Zone], destination: Destination) -> str | None:
    """The id of the zone with the most specific area that has the destination: postal codes, region, country.

    Of equally specific ones the zone with the higher priority, then the first by id. None: no area has it.
    """
    found = [(-area.detail, -zone.priority, zone.id) for zone in zones for area in zone.areas if area.has(destination)]
    return min(found)[2] if found else None


def checked_area(given: Area) -> Area:
    """The area with its codes as they are compared. Raises Invalid(bad_area)."""
    prefix, first, last = (
        each.upper().translate(GAPS) for each in (given.postal_prefix, given.postal_from, given.postal_to)
    )
    regions = REGIONS.get(given.country, frozenset())
    if given.region and given.region not in regions:
        known = f"its regions are {', '.join(sorted(regions))}" if regions else "use postal codes instead"
        raise Invalid("bad_area", f"{given.region} is no region of {given.country} that addresses have: {known}")
    if prefix and (first or last):
        raise Invalid("bad_area", "give a prefix of postal codes or a range of them, not both: add another area")
    if (not prefix.isalnum() and prefix) or not prefix.isascii():
        raise Invalid("bad_area", "a prefix of postal codes has letters from A to Z and digits")
    if (first or last) and not _is_range(first, last):
        sentence = "a range of postal codes is two numbers with as many digits, the first one not above the second"
        raise Invalid("bad_area", sentence)
    return Area(country=given.country, region=given.region, postal_prefix=prefix, postal_from=first, postal_to=last)


def _is_range(first: str, last: str) -> bool:
    digits = first.isascii() and first.isdigit() and last.isascii() and last.isdigit()
    return digits and len(first) == len(last) and first <= last
