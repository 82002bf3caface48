"""The gateway caches public reads as long as the module declares, and counts them; never what belongs to one caller."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.config.settings import Settings
from tests.conftest import ROOT, until
from tests.deploy.conftest import Entrance, stand_in
from tests.deploy.test_front_door import front
from tests.gateway import gateway, reload
from tests.topologies import Remote

MUG = "/api/v1/products/mug"
PUBLIC = {"Cache-Control": "public, max-age=3600", "ETag": '"v1"'}
OF_ONE_REQUEST = {"X-Request-Id": "first", "traceparent": "00-1", "RateLimit": "1", "RateLimit-Policy": "1"}


@pytest.fixture
def catalog(entrance: Entrance) -> Any:
    """The stub of catalog. It declares its answers public for an hour, so that no test depends on time."""
    stub: Any = entrance.modules["catalog"]
    stub.sends = PUBLIC | OF_ONE_REQUEST | {"Vary": "Authorization"}
    return stub


@pytest.mark.parametrize(
    "path", [MUG, "/api/v1/products", "/api/v1/products?q=mug", "/api/v1/products/suggest?q=m", "/api/v1/categories"]
)
def test_a_public_read_is_forwarded_once(path: str, entrance: Entrance, catalog: Any) -> None:
    answers = [entrance.ask(path) for _ in range(4)]

    assert {each.data for each in answers} == {answers[0].data}
    assert [each["path"] for each in catalog.received] == [path]
    assert entrance.ask(path, "HEAD").status_code == 200
    assert len(catalog.received) == 1


def test_another_address_is_another_answer(entrance: Entrance, catalog: Any) -> None:
    paths = [MUG, f"{MUG}?x=1", "/api/v1/products/MUG", "/api/v1/products/mu%67"]

    assert [entrance.ask(path).json["path"] for path in paths * 2] == paths * 2
    assert len(catalog.received) == len(paths)


@pytest.mark.parametrize("header", [{"Authorization": "Bearer x"}, {"X-Cart-Token": "x"}])
def test_a_caller_who_says_who_it_is_neither_fills_the_cache_nor_reads_it(
    header: dict[str, str], entrance: Entrance, catalog: Any
) -> None:
    sent = {name.replace("-", "_"): text for name, text in header.items()}

    own = [entrance.ask(MUG, **sent), entrance.ask(MUG, **sent)]
    anyones = entrance.ask(MUG)
    own.append(entrance.ask(MUG, **sent))

    assert [set(header) <= set(each["headers"]) for each in catalog.received] == [True, True, False, True]
    assert [set(header) <= set(each.json["headers"]) for each in own] == [True] * 3
    assert not set(header) & set(anyones.json["headers"])
    assert own[0].headers["RateLimit"] == "1", "its response is the module's own"


@pytest.mark.parametrize("declared", [{}, {"Cache-Control": "no-store"}, {"Cache-Control": "private, max-age=9"}])
def test_what_a_module_does_not_declare_public_is_not_cached(
    declared: dict[str, str], entrance: Entrance, catalog: Any
) -> None:
    catalog.sends = declared

    for _ in range(3):
        entrance.ask(MUG)

    assert len(catalog.received) == 3


@pytest.mark.parametrize("path", ["/api/v1/stock/MUG", "/api/v1/products/mug/variants", "/api/v1/categories/a/b"])
def test_other_paths_are_not_cached_whatever_they_declare(path: str, entrance: Entrance, catalog: Any) -> None:
    assert [entrance.ask(path).status_code for _ in range(3)] == [200] * 3
    assert len(catalog.received) == 3


def test_a_change_is_forwarded(entrance: Entrance, catalog: Any) -> None:
    entrance.ask(MUG)

    assert entrance.ask(MUG, "PATCH", {"name": "Cup"}).json["length"] > 0
    assert len(catalog.received) == 2


def test_a_cached_answer_carries_nothing_of_the_request_that_filled_it(entrance: Entrance, catalog: Any) -> None:
    first, second = entrance.ask(MUG, X_Request_Id="mine"), entrance.ask(MUG, X_Request_Id="yours")

    assert [each.headers["X-Request-Id"] for each in (first, second)] == ["mine", "yours"]
    for answer in (first, second):
        assert not {"RateLimit", "RateLimit-Policy", "traceparent"} & set(answer.headers)
        assert answer.headers["Cache-Control"] == PUBLIC["Cache-Control"]
        assert answer.headers.getlist("Vary") == ["Authorization"]
    assert catalog.received[0]["headers"]["X-Forwarded-For"] == "127.0.0.1"


def test_a_caller_that_has_the_answer_already_gets_304(entrance: Entrance, catalog: Any) -> None:
    full, same = entrance.ask(MUG, If_None_Match='"v0"'), entrance.ask(MUG, If_None_Match='"v1"')

    assert (full.status_code, same.status_code, same.data) == (200, 304, b"")
    assert same.headers["ETag"] == '"v1"'
    assert len(catalog.received) == 1


def test_pages_of_allowed_origins_share_one_answer(tmp_path: Path) -> None:
    stub: Any = stand_in("catalog")
    stub.sends = PUBLIC
    ours, theirs = "https://shop.example", "https://else.example"

    with gateway(tmp_path, {"catalog": stub.server_address[1]}, front(origins=ours)) as url:
        asked = {
            each: Remote(url).open(MUG, method="GET", headers={"Origin": each} if each else {})
            for each in (theirs, ours, "")
        }
    stub.shutdown()
    stub.server_close()

    allowed = {each: answer.headers.get("Access-Control-Allow-Origin") for each, answer in asked.items()}
    assert allowed == {theirs: None, ours: ours, "": None}
    assert asked[ours].headers["Access-Control-Expose-Headers"].startswith("ETag")
    assert {tuple(answer.headers.getlist("Vary")) for answer in asked.values()} == {("Authorization", "Origin")}
    assert [each["headers"].get("Origin") for each in stub.received] == [None]


def test_an_unavailable_catalog_is_reported(entrance: Entrance, catalog: Any) -> None:
    entrance.ends("catalog")

    away = entrance.ask(MUG)

    assert (away.status_code, away.json["code"], away.headers["Retry-After"]) == (503, "module_unavailable", "1")


def test_cached_answers_count_against_the_limit_of_reads(entrance: Entrance, catalog: Any, tmp_path: Path) -> None:
    for name, own, low in (("nginx.conf", "rate=3000r/m", "rate=1r/m"), ("public.conf", "burst=3000", "burst=5")):
        file = tmp_path / "gateway" / name
        assert own in file.read_text()
        file.write_text(file.read_text().replace(own, low))
    reload(tmp_path)
    answers = []

    def is_refused() -> bool:
        answers.append(entrance.ask(MUG, X_Request_Id="mine"))
        return answers[-1].status_code == 429

    until(is_refused, "the limit is reached")
    refused = answers[-1]
    assert (refused.mimetype, refused.json["code"]) == ("application/problem+json", "rate_limited")
    assert refused.headers["Retry-After"] == str(refused.json["retry_after"]) == "1"
    assert (refused.json["instance"], refused.json["request_id"]) == (MUG, "mine")
    assert entrance.ask(MUG, Authorization="Bearer x").status_code == 200, "the module counts these"
    assert entrance.ask("/api/v1/orders").status_code == 200


def test_its_limit_is_that_of_the_modules() -> None:
    limit = Settings.from_environment({}).limit_reads

    assert limit.get_expiry() == 60
    assert f"rate={limit.amount}r/m;" in (ROOT / "deploy/gateway/nginx.conf").read_text()
    assert f"burst={limit.amount} nodelay;" in (ROOT / "deploy/gateway/public.conf").read_text()


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:"),
        ("2001:db8:1:2::6", "2001:db8:1:2:"),
        ("2001:db8::6", "2001:db8:"),
        ("::1", None),
        ("192.0.2.1", None),
    ],
)
def test_an_ipv6_client_is_its_network(address: str, network: str | None) -> None:
    conf = (ROOT / "deploy/gateway/nginx.conf").read_text()
    patterns = re.findall(r'"~\^(\(\?<first>.*)" +\$first;', conf)
    assert len(patterns) == 2

    found = [match["first"] for each in patterns if (match := re.match(each.replace("?<", "?P<"), address))]

    assert (found[0] if found else None) == network


def test_the_log_says_whether_an_answer_was_cached(entrance: Entrance, catalog: Any, tmp_path: Path) -> None:
    for _ in range(2):
        entrance.ask(MUG)
    log = tmp_path / "gateway/access.log"

    until(lambda: log.read_text().count(MUG) == 2, "both requests are in the log")
    lines = [json.loads(line) for line in log.read_text().splitlines() if MUG in line]
    assert [each["cache"] for each in lines] == ["MISS", "HIT"]
    assert [each["path"] for each in lines] == [MUG, MUG]
