"""Which traceparents are continued: those that are valid by W3C Trace Context, and no others."""

import pytest

from app.kernel import trace

GIVEN = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("given", "gone_on_with"),
    [
        (GIVEN, GIVEN),
        (GIVEN.replace("-01", "-00"), GIVEN.replace("-01", "-00")),
        (GIVEN.replace("-01", "-ff"), GIVEN),  # we use only one of the flags
        (GIVEN.replace("-01", "-02"), GIVEN.replace("-01", "-00")),
        (GIVEN.replace("00-4b", "cc-4b"), GIVEN),  # a later version begins like ours
        (GIVEN.replace("00-4b", "cc-4b") + "-what-comes-later", GIVEN),
        (GIVEN.replace("00-4b", "cc-4b") + "-", GIVEN),
    ],
)
def test_a_valid_one_is_continued_in_our_version(given: str, gone_on_with: str) -> None:
    assert trace.read(given) == gone_on_with


@pytest.mark.parametrize(
    "given",
    [
        None,
        "",
        "-",
        GIVEN[:-1],
        GIVEN + "1",
        GIVEN + "-more",
        GIVEN + "\n",
        f" {GIVEN}",
        f"{GIVEN},{GIVEN}",  # the header was sent twice
        GIVEN.upper(),
        GIVEN.replace("00-4b", "ff-4b"),
        GIVEN.replace("00-4b", "0-4b"),
        GIVEN.replace("00-4b", "cc-4b") + ".more",
        GIVEN.replace("4bf92f3577b34da6a3ce929d0e0e4736", "0" * 32),
        GIVEN.replace("00f067aa0ba902b7", "0" * 16),
        GIVEN.replace("4bf9", "4bg9"),
        GIVEN.replace("4bf9", "٤bf9"),
        GIVEN.replace("-", "_"),
        "' OR 1=1--",
        "0" * 55,
        "x" * 100_000,
    ],
)
def test_garbage_is_not(given: str | None) -> None:
    assert trace.read(given) is None


def test_a_new_one_is_valid_and_unique() -> None:
    begun = [trace.begun() for _ in range(1000)]

    assert [trace.read(each) for each in begun] == begun
    assert len({each[3:35] for each in begun}) == 1000
