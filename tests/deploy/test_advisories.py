"""Checking the lock files with a source of advisories: what is printed, and what blocks a release."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pip_audit._service import OsvService

from deploy.advisories import LOCKS, accepted, pins, report
from tests.conftest import ROOT, answering, free_port

FLASK, CLICK = ("flask", "3.1.0"), ("click", "8.1.0")


def advisory(days: float | None) -> dict[str, Any]:
    """An advisory in the format of OSV, published this number of days ago."""
    affected = {"package": {"name": "flask", "ecosystem": "PyPI"}, "ranges": [], "versions": ["3.1.0"]}
    about = {"id": "GHSA-aaaa", "aliases": ["CVE-2026-1"], "summary": "It is bad.", "affected": [affected]}
    if days is None:
        return about
    return {**about, "published": (datetime.now(UTC) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")}


class Source(BaseHTTPRequestHandler):
    """A stub of OSV, which returns `known` for flask."""

    known: dict[str, Any]

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(self.known if query["package"]["name"] == "flask" else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def osv(tmp_path: Path) -> Iterator[OsvService]:
    with HTTPServer(("127.0.0.1", 0), Source) as server, answering(server):
        service = OsvService(cache_dir=tmp_path, timeout=5, osv_url=f"http://127.0.0.1:{server.server_port}/v1/query")
        yield service
        service.session.close()


@pytest.mark.parametrize(
    ("days", "reasons", "code", "state"),
    [
        (3, {}, 0, "new"),
        (29.9, {}, 0, "new"),
        (31, {}, 1, "OLDER THAN 30 DAYS"),
        (None, {}, 1, "OLDER THAN 30 DAYS"),
        (400, {"GHSA-aaaa": "we call it nowhere"}, 0, "accepted: we call it nowhere"),
        (400, {"CVE-2026-1": "by its other name"}, 0, "accepted: by its other name"),
        (400, {"GHSA-bbbb": "another"}, 1, "OLDER THAN 30 DAYS"),
    ],
)
def test_only_an_old_one_without_a_reason_stops_a_release(
    osv: OsvService,
    capsys: pytest.CaptureFixture[str],
    days: float | None,
    reasons: dict[str, str],
    code: int,
    state: str,
) -> None:
    Source.known = {"vulns": [advisory(days)]}

    assert report([FLASK, CLICK], {"OSV": osv}, reasons) == code

    output = capsys.readouterr().out
    assert "2 locked versions checked with OSV: 1 advisories" in output
    assert re.search(rf"flask 3\.1\.0: CVE-2026-1, GHSA-aaaa \(.*\), {state}", output)


def test_without_advisories_the_number_of_checked_versions_is_printed(
    osv: OsvService, capsys: pytest.CaptureFixture[str]
) -> None:
    Source.known = {}

    assert report([FLASK, CLICK], {"OSV": osv}, {}) == 0
    assert capsys.readouterr().out == "2 locked versions checked with OSV: 0 advisories\n"


def test_if_no_source_is_reached_it_reports_that_and_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    away = OsvService(cache_dir=tmp_path, timeout=1, osv_url=f"http://127.0.0.1:{free_port()}/v1/query")

    assert report([FLASK], {"OSV": away, "another": away}, {}) == 0

    output = capsys.readouterr().out
    assert "OSV could not be queried" in output and "another could not be queried" in output
    assert "No source of advisories could be reached: nothing was checked." in output


def test_the_next_source_is_queried_if_one_is_unavailable(
    osv: OsvService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Source.known = {"vulns": [advisory(100)]}
    away = OsvService(cache_dir=tmp_path, timeout=1, osv_url=f"http://127.0.0.1:{free_port()}/v1/query")

    assert report([FLASK], {"first": away, "second": osv}, {}) == 1
    assert "checked with second" in capsys.readouterr().out


def test_every_locked_package_is_checked() -> None:
    found = dict(pins(ROOT / lock for lock in LOCKS))

    assert len(found) > 60
    assert {"flask", "granian", "psycopg2-binary", "pytest", "opentelemetry-sdk"} <= set(found)
    assert all(re.match(r"\d", version) for version in found.values())


def test_an_accepted_advisory_has_a_reason(tmp_path: Path) -> None:
    (tmp_path / "some.txt").write_text("# why\n\nGHSA-1  because\nGHSA-2\n")

    with pytest.raises(ValueError, match="GHSA-2 has no reason"):
        accepted(tmp_path / "some.txt")
    assert all(accepted(ROOT / "deploy/advisories.txt").values())


def test_the_bundled_swagger_ui_names_its_version() -> None:
    bundled = ROOT / "app/web/swagger"
    [version] = set(re.findall(r'PACKAGE_VERSION:"([\d.]+)"', (bundled / "swagger-ui-bundle.js").read_text()))

    for name in ("NOTICE", "index.html"):
        assert re.findall(r"[Ss]wagger[- ]?(?:ui|UI) (\d+\.\d+\.\d+)", (bundled / name).read_text()) == [version]
