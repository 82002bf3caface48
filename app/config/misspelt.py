"""Variables that were probably meant to be settings: without them the shop would do something else."""

from collections.abc import Collection, Iterable, Iterator

MIN_LENGTH = 6  # letters of a setting's name: much is near to HOST and PORT
MIN_LETTERS = 10  # letters of a name without an underscore that is taken for one cut short: CATALOG may be anything
EDITS = 2  # letters that are wrong, missing, or too many
OTHERS = ("TEST_",)  # beginnings of names that are near to ours on purpose
OF_PLATFORMS = ("_PORT", "_SERVICE_")  # what Kubernetes sets for every service: REDIS_PORT, KAFKA_SERVICE_HOST


def misspelt(variables: Iterable[str], known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Each such variable, and the setting that is meant by it."""
    for name in sorted(set(variables) - set(known)):
        if not name.startswith(OTHERS) and not any(part in name.upper() for part in OF_PLATFORMS):
            meant = (
                each for each in sorted(known, key=len) if len(each) >= MIN_LENGTH and _is_near(name.upper(), each)
            )
            if (first := next(meant, None)) is not None:
                yield name, first


def _is_near(name: str, known: str) -> bool:
    """A few letters away from it, or the beginning of it: KAFKA_BOOTSTRAP."""
    cut_short = (
        known.startswith(name) and len(name) >= MIN_LENGTH and ("_" in name.strip("_") or len(name) >= MIN_LETTERS)
    )
    return cut_short or _within(name, known, EDITS)


def _within(one: str, other: str, edits: int) -> bool:
    """Whether so many edits make one name of the other."""
    if abs(len(one) - len(other)) > edits:
        return False
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    if not one or not other:
        return len(one) + len(other) <= edits
    tries = ((one[1:], other[1:]), (one[1:], other), (one, other[1:]))
    return edits > 0 and any(_within(*each, edits - 1) for each in tries)
