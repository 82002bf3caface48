"""Requests made of the document by schemathesis, good and bad ones, are answered as it says."""

import pytest

from tests.fuzz.__main__ import fuzz

pytestmark = pytest.mark.slow
SEED, EXAMPLES = 1, 1


def test_the_shop_is_as_its_document_says_for_everyone() -> None:
    """What does not count as a failure is in tests/fuzz/allowed.py, with the reason.

    An admin may call everything, and the checks of fields are the same for all: the others do not try every edge here.
    """
    outcomes = list(fuzz(SEED, EXAMPLES, edges_of={"admin"}))

    assert [each.name for each in outcomes][:4] == ["guest", "customer", "staff", "admin"]
    for each in outcomes:
        assert each.failures == 0, each.printed
        assert each.cases > 100, each.printed
