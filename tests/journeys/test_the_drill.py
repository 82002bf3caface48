"""The drill of examples/drill.py: the outcome of each failure, and that README shows its current output."""

import re
import subprocess
import sys

import pytest

from tests.conftest import ROOT
from tests.docs.pages import blocks

pytestmark = pytest.mark.slow
VARIES = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|(?<=after )\d+(?= s)|parked/\d+|(?<=orders/)\d+")
OUTCOMES = {  # by a part of the title: what its lines must contain
    "nothing goes wrong": [],
    "is killed": ["killed: yes"],
    "webhook about it is lost": ["the order is awaiting_payment", "1 drifted"],
    "lacks required fields": ["parked causes: Unreadable", "No order is stuck."],
    "does not answer": ["STRIPE_TIMEOUT_SECONDS is 2"],
}


@pytest.fixture(scope="module")
def printed() -> str:
    """The output of the drill."""
    done = subprocess.run(
        [sys.executable, "examples/drill.py"], cwd=ROOT, capture_output=True, text=True, timeout=1100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def drills(text: str) -> dict[str, str]:
    """The lines of each failure, by its title."""
    return dict(re.findall(r"^\d\. (.+)\n((?:   .+\n?)+)", text, re.MULTILINE))


def test_every_order_is_paid_once_and_no_audit_finds_a_discrepancy(printed: str) -> None:
    found = drills(printed)

    assert len(found) == len(OUTCOMES)
    for (title, lines), (part, expected) in zip(found.items(), OUTCOMES.items(), strict=True):
        assert part in title
        for each in [
            *expected,
            "the order is paid; Stripe captured the money once",
            "promotions, stripe: 0 discrepancies",
        ]:
            assert each in lines, f"{title}\n{lines}"


def test_readme_shows_the_output_of_the_drill(printed: str) -> None:
    (shown,) = [each for each in blocks(ROOT / "README.md", "text") if "nothing goes wrong" in each]

    assert VARIES.sub("…", shown).strip() == VARIES.sub("…", printed).strip()
