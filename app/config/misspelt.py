"""Finds misspelt settings: variables that are not settings but are named almost like one."""

from collections.abc import Collection, Iterable, Iterator

MIN_LENGTH = 6  # characters of a setting's name: too many unrelated names are close to HOST and PORT
MIN_LETTERS = 10  # characters of a name without underscore that counts as truncated: CATALOG may mean anything
EDITS = 2  # letters that are wrong, missing, or too many
OTHERS = ("TEST_",)  # prefixes of variables that resemble ours on purpose
OF_PLATFORMS = ("_PORT", "_SERVICE_")  # Kubernetes sets these for every service: REDIS_PORT, KAFKA_SERVICE_HOST


def misspelt(variables: Iterable[str], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each misspelt variable with the setting that was probably meant."""
    for name in sorted(set(variables) - set(known)):
        if not name.startswith(OTHERS) and not any(part in name.upper() for part in OF_PLATFORMS):
            meant = (
                each for each in sorted(known, key=len) if len(each) >= MIN_LENGTH and _is_near(name.upper(), each)
            )
            if (first := next(meant, None)) is not None:
                yield name, first


def _is_near(name: str, known: str) -> bool:
    """Whether the name differs from the known one in a few letters, or is a truncation of it, as KAFKA_BOOTSTRAP."""
    cut_short = (
        known.startswith(name) and len(name) >= MIN_LENGTH and ("_" in name.strip("_") or len(name) >= MIN_LETTERS)
    )
    return cut_short or _within(name, known, EDITS)


def _within(one: str, other: str, edits: int) -> bool:
    """Whether at most `edits` edits turn one name into the other."""
    if abs(len(one) - len(other)) > edits:
        return False
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    if not one or not other:
        return len(one) + len(other) <= edits
    tries = ((one[1:], other[1:]), (one[1:], other), (one, other[1:]))
    return edits > 0 and any(_within(*each, edits - 1) for each in tries)
