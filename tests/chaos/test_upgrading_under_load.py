"""Processes of an older version and of this one serve on the same databases and topics while customers buy, as during
an upgrade (docs/upgrading.md): no order is lost, paid twice, or left over."""

import io
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.chaos.load import PRICE, all_are_paid, buying
from tests.conftest import ROOT
from tests.gateway import points_at
from tests.journeys.steps import stocks
from tests.topologies import MODULES, two_versions

pytestmark = [pytest.mark.alone, pytest.mark.thorough]

OLD = "8863d8054749a8cb344d3a76213230abc19918a8"  # before promotions, tax, documents and capture at the dispatch


def test_old_and_new_processes_serve_beside_each_other(
    tmp_path: Path, sandbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.shop.assert_described", lambda *_: None)  # the old answers have fewer fields
    archive = subprocess.run(["git", "archive", OLD], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(tmp_path / "tree", filter="data")
    (tmp_path / "shop").mkdir()
    with two_versions(tmp_path / "shop", sandbox, tmp_path / "tree") as shop:
        live = shop.live
        addresses = dict.fromkeys(MODULES, live.ports["old"])
        stocks(shop, "MUG", PRICE, on_hand=100_000)

        with buying(shop, "MUG", pause=0.3) as load:
            load.goes_on(10)
            live.start("whole")  # its bus process takes half of the partitions
            for name in ("users", "catalog", "payments", "orders"):
                addresses[name] = live.ports["whole"]
                points_at(live.folder, addresses)
                load.goes_on(10)
            live.stop("old")
            load.goes_on(10)

        assert set(load.answers) == {201}, load.answers
        all_are_paid(shop, load)
