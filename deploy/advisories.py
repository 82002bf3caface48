"""Hold the locks against known vulnerabilities: `make advisories`.

Tells each that is known of a locked version. Ends with 1 only where one is older than 30 days and is not in
deploy/advisories.txt with the reason why it may stay. Where no source can be reached it says so and ends with 0: an
outage elsewhere stops no release of ours.
"""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
from packaging.requirements import Requirement
from packaging.version import Version
from pip_audit._service import OsvService, PyPIService, ResolvedDependency, ServiceError, VulnerabilityService

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements.lock", "requirements-tracing.lock", "requirements-dev.lock")
PIN = re.compile(r"^([A-Za-z0-9][^\\\n]*?)\s*\\?$", re.MULTILINE)
GRACE = timedelta(days=30)  # from its publication, to move to a version that has mended it


class NotReached(Exception):
    """Why a source said nothing."""


@dataclass(frozen=True)
class Advisory:
    """One vulnerability of one locked version."""

    package: str
    version: str
    names: frozenset[str]  # its own, and those that others call it by
    about: str
    mended_in: tuple[str, ...]
    published: datetime | None

    def is_old(self, now: datetime) -> bool:
        """Whether there was time to mend it; one without a date counts as old, or it would never be."""
        return self.published is None or now - self.published > GRACE


def main() -> None:
    """Print what is known; the exit code as above."""
    sources = {"OSV": OsvService(timeout=10), "the package index": PyPIService(timeout=10)}
    sys.exit(report(pins(ROOT / lock for lock in LOCKS), sources, accepted(ROOT / "deploy/advisories.txt")))


def report(
    locked: Iterable[tuple[str, str]], sources: Mapping[str, VulnerabilityService], reasons: Mapping[str, str]
) -> int:
    """Ask the first source that answers. Returns the exit code."""
    locked, now = sorted(set(locked)), datetime.now(UTC)
    for name, source in sources.items():
        try:
            found = list(look(locked, source))
        except NotReached as why:
            say(f"{name} could not be asked: {why}")
            continue
        say(f"{len(locked)} locked versions held against {name}: {len(found)} advisories")
        return max((_judge(each, reasons, now) for each in found), default=0)
    say("No source of advisories could be reached: nothing was held against any.")
    return 0


def _judge(found: Advisory, reasons: Mapping[str, str], now: datetime) -> int:
    reason = next((reasons[name] for name in sorted(found.names) if name in reasons), None)
    bad = reason is None and found.is_old(now)
    state = f"accepted: {reason}" if reason else "OLDER THAN 30 DAYS" if bad else "new"
    since = f"{found.published:%Y-%m-%d}" if found.published else "no date"
    mended = f"mended in {', '.join(found.mended_in)}" if found.mended_in else "not mended yet"
    say(f"  {found.package} {found.version}: {', '.join(sorted(found.names))} ({since}, {mended}), {state}")
    say(f"    {found.about[:200]}")
    return int(bad)


def look(locked: Iterable[tuple[str, str]], source: VulnerabilityService) -> Iterator[Advisory]:
    """What a source knows of these. Raises NotReached where it answers nothing, or not to the end."""
    unknown, asked = [], 0
    for name, version in locked:
        try:
            answered, found = source.query(ResolvedDependency(name, Version(version)))
        except (ServiceError, requests.RequestException, ValueError) as error:
            raise NotReached(type(error).__name__) from error
        asked += 1
        if answered.is_skipped():
            unknown.append(f"{name} {version}")
        for each in found:
            mended = tuple(map(str, each.fix_versions))
            names = frozenset({each.id, *each.aliases})
            published = each.published and each.published.replace(tzinfo=UTC)  # it is, and does not say so
            yield Advisory(name, version, names, each.description, mended, published)
    if unknown and len(unknown) == asked:
        raise NotReached("it knows none of our packages")
    if unknown:
        say(f"  not known there, and not looked at: {', '.join(unknown)}")


def pins(locks: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Name and version of all that is locked, for whichever Python."""
    for lock in locks:
        for line in PIN.findall(lock.read_text(encoding="utf-8")):
            requirement = Requirement(line)
            (exactly,) = requirement.specifier
            yield requirement.name, exactly.version


def accepted(file: Path) -> dict[str, str]:
    """Advisories that may stay, and why. Raises ValueError for one without a reason."""
    reasons = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition(" ")
            if not reason.strip():
                raise ValueError(f"{file.name}: {name} has no reason")
            reasons[name] = reason.strip()
    return reasons


def say(line: str) -> None:
    """To whoever reads CI's output."""
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
