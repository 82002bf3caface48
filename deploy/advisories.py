"""Check the lock files for known vulnerabilities: `make advisories`.

Prints every known advisory of a locked version. The exit code is 1 only if an advisory is older than 30 days and is not
accepted in deploy/advisories.txt, with a reason. If no source can be reached, it prints that and exits with 0: an
outage of a source must not block our releases.
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
GRACE = timedelta(days=30)  # after its publication, to upgrade to a version that fixes it


class NotReached(Exception):
    """A source of advisories did not answer; the message is the reason."""


@dataclass(frozen=True)
class Advisory:
    """One vulnerability of one locked version."""

    package: str
    version: str
    names: frozenset[str]  # its id and its aliases
    about: str
    fixed_in: tuple[str, ...]
    published: datetime | None

    def is_old(self, now: datetime) -> bool:
        """Whether the grace period is over. An advisory without a date counts as old, or it would never block."""
        return self.published is None or now - self.published > GRACE


def main() -> None:
    """Print the advisories and exit with the code described above."""
    sources = {"OSV": OsvService(timeout=10), "the package index": PyPIService(timeout=10)}
    sys.exit(report(pins(ROOT / lock for lock in LOCKS), sources, accepted(ROOT / "deploy/advisories.txt")))


def report(
    locked: Iterable[tuple[str, str]], sources: Mapping[str, VulnerabilityService], reasons: Mapping[str, str]
) -> int:
    """Print the advisories of the first source that answers. Returns the exit code."""
    locked, now = sorted(set(locked)), datetime.now(UTC)
    for name, source in sources.items():
        try:
            found = list(look(locked, source))
        except NotReached as why:
            write_line(f"{name} could not be queried: {why}")
            continue
        write_line(f"{len(locked)} locked versions checked with {name}: {len(found)} advisories")
        return max((_judge(each, reasons, now) for each in found), default=0)
    write_line("No source of advisories could be reached: nothing was checked.")
    return 0


def _judge(found: Advisory, reasons: Mapping[str, str], now: datetime) -> int:
    reason = next((reasons[name] for name in sorted(found.names) if name in reasons), None)
    bad = reason is None and found.is_old(now)
    state = f"accepted: {reason}" if reason else "OLDER THAN 30 DAYS" if bad else "new"
    since = f"{found.published:%Y-%m-%d}" if found.published else "no date"
    fixed = f"fixed in {', '.join(found.fixed_in)}" if found.fixed_in else "not fixed yet"
    write_line(f"  {found.package} {found.version}: {', '.join(sorted(found.names))} ({since}, {fixed}), {state}")
    write_line(f"    {found.about[:200]}")
    return int(bad)


def look(locked: Iterable[tuple[str, str]], source: VulnerabilityService) -> Iterator[Advisory]:
    """The advisories of a source for these versions. Raises NotReached if it fails, also halfway."""
    unknown, queried = [], 0
    for name, version in locked:
        try:
            answered, found = source.query(ResolvedDependency(name, Version(version)))
        except (ServiceError, requests.RequestException, ValueError) as error:
            raise NotReached(type(error).__name__) from error
        queried += 1
        if answered.is_skipped():
            unknown.append(f"{name} {version}")
        for each in found:
            fixed = tuple(map(str, each.fix_versions))
            names = frozenset({each.id, *each.aliases})
            published = each.published and each.published.replace(tzinfo=UTC)  # UTC, without a time zone
            yield Advisory(name, version, names, each.description, fixed, published)
    if unknown and len(unknown) == queried:
        raise NotReached("it has none of our packages")
    if unknown:
        write_line(f"  unknown to this source, and not checked: {', '.join(unknown)}")


def pins(locks: Iterable[Path]) -> Iterator[tuple[str, str]]:
    """Name and version of every locked package, for all versions of Python."""
    for lock in locks:
        for line in PIN.findall(lock.read_text(encoding="utf-8")):
            requirement = Requirement(line)
            (exactly,) = requirement.specifier
            yield requirement.name, exactly.version


def accepted(file: Path) -> dict[str, str]:
    """The accepted advisories and their reasons. Raises ValueError for one without a reason."""
    reasons = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, reason = line.partition(" ")
            if not reason.strip():
                raise ValueError(f"{file.name}: {name} has no reason")
            reasons[name] = reason.strip()
    return reasons


def write_line(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main()
