"""The refusals of the domain, and the crash points."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.kernel import errors
from app.kernel.errors import Refused, Stale
from tests.conftest import ROOT

REFUSALS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, Refused)]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refusal_carries_its_code_its_sentence_and_more(refusal: type[Refused]) -> None:
    more = {"short": [{"sku": "mug"}]}

    refused = refusal("out_of_stock", "there are only two", more)
    more["short"] = []

    assert (refused.code, refused.sentence, str(refused)) == (
        "out_of_stock",
        "there are only two",
        "there are only two",
    )
    assert refused.more == {"short": [{"sku": "mug"}]}
    assert refusal("a", "b").more == {}


def test_a_conflict_is_no_refusal() -> None:
    assert not issubclass(Stale, Refused)
    assert len(REFUSALS) > 5


def run(crash_at: str, *points: str) -> int:
    """Run a process that passes these points. Returns its exit status."""
    code = f"""
from app.kernel.crash import arm, crash_point
arm({crash_at!r})
for point in {points!r}:
    crash_point(point)
"""
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False, timeout=30).returncode


def test_a_process_dies_at_the_armed_point_and_at_no_other() -> None:
    assert run("after_commit", "before_commit", "before_mark") == 0
    assert run("after_commit", "before_commit", "after_commit") == -signal.SIGKILL
    assert run("", "before_commit", "") == 0


def test_with_a_marker_it_dies_once(tmp_path: Path) -> None:
    marker = tmp_path / "died"

    assert run(f"after_commit@{marker}", "after_commit") == -signal.SIGKILL
    assert marker.exists()
    assert run(f"after_commit@{marker}", "after_commit") == 0


def test_of_several_points_it_dies_at_those_whose_marker_was_removed(tmp_path: Path) -> None:
    markers = {point: tmp_path / point for point in ("before_commit", "after_commit")}
    crash_at = ",".join(f"{point}@{marker}" for point, marker in markers.items())
    for marker in markers.values():
        marker.touch()

    assert run(crash_at, *markers) == 0
    markers["after_commit"].unlink()
    assert run(crash_at, "before_commit") == 0
    assert run(crash_at, *markers) == -signal.SIGKILL
    assert run(crash_at, *markers) == 0
