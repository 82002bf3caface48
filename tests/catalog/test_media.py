"""Media of products: links in an order, on allowed origins only, shown with the product; the first of them in lists."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from app.bus.contracts.catalog import OfferChanged
from app.modules.catalog.module import catalog
from tests.catalog.steps import added, adds, changes, code_of, finds, has_index, looks_at
from tests.servers import fresh_databases, fresh_index
from tests.shop import Shop

FRONT = {"url": "https://images.example.com/mug.jpg?v=2#x", "alt": "A blue mug – von vorn", "width": 800, "height": 600}
BACK = {"url": "https://cdn.example.com:8443/a%20b.jpg"}
SHOWN = [
    {**FRONT, "position": 1},
    {**BACK, "alt": "", "position": 2, "width": None, "height": None},
]


@pytest.fixture(params=["fts5", "elasticsearch", "sqlite without an index", "postgresql without an index"])
def each_way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    """catalog with each of the four that answer lists."""
    with ExitStack() as servers:
        variables: dict[str, str] = {}
        if "postgresql" in request.param:
            variables |= servers.enter_context(fresh_databases("catalog"))
        if request.param != "fts5":
            variables |= servers.enter_context(fresh_index())
        alone = Shop(tmp_path, catalog, **variables)
        if "without" not in request.param:
            has_index(alone)
        yield alone
        alone.close()


def test_a_product_shows_its_media_in_their_order(shop_on_each: Shop) -> None:
    mug = added(shop_on_each, "Mug", "MUG", media=[FRONT, BACK])

    assert mug["media"] == looks_at(shop_on_each, "mug")["media"] == SHOWN
    assert changes(shop_on_each, mug["id"], {"name": "Cup"}).json["media"] == SHOWN  # type: ignore[index]


def test_a_change_replaces_all_of_them(shop_on_each: Shop) -> None:
    mug = added(shop_on_each, "Mug", "MUG", media=[FRONT, BACK])

    changed: Any = changes(shop_on_each, mug["id"], {"media": [BACK, FRONT]}).json
    assert [(each["position"], each["url"]) for each in changed["media"]] == [(1, BACK["url"]), (2, FRONT["url"])]
    same: Any = changes(shop_on_each, mug["id"], {"media": [BACK, FRONT]}).json
    assert same["version"] == changed["version"] == 2
    assert changes(shop_on_each, mug["id"], {"media": []}).json["media"] == []  # type: ignore[index]


def test_lists_show_the_first_of_them(each_way: Shop) -> None:
    mug = added(each_way, "Enamel mug", "MUG", media=[FRONT, BACK])
    added(each_way, "Enamel cup", "CUP")
    each_way.settle()

    def images(**asked: Any) -> Any:
        return {each["slug"]: each["image"] for each in finds(each_way, **asked)["items"]}

    front, back = SHOWN[0], {**SHOWN[1], "position": 1}
    for asked in ({}, {"q": "enamel"}, {"attr_a": "b"}, {"price_min": 1}, {"sort": "name", "limit": 5}):
        assert images(**asked) == ({} if "attr_a" in asked else {"enamel-mug": front, "enamel-cup": None}), asked
    changes(each_way, mug["id"], {"media": [BACK, FRONT]})
    each_way.settle()
    assert images()["enamel-mug"] == images(q="mug")["enamel-mug"] == back
    changes(each_way, mug["id"], {"media": []})
    each_way.settle()
    assert images()["enamel-mug"] is images(q="mug")["enamel-mug"] is None


def test_a_change_of_media_publishes_no_offer(shop: Shop) -> None:
    mug = added(shop, "Mug", "MUG")

    assert changes(shop, mug["id"], {"media": [FRONT]}).status_code == 200

    assert len(shop.published(OfferChanged)) == 1


def test_there_are_twenty_at_most(shop: Shop) -> None:
    url = f"https://images.example.com/{'m' * 1973}"
    full = [{"url": url, "alt": "ö" * 200, "width": 20_000, "height": 1}] * 20

    assert (len(url), len(added(shop, "Mug", media=full)["media"])) == (2_000, 20)
    assert adds(shop, "X", media=[*full, FRONT]).status_code == 422


GOOD = [
    "https://a",
    "https://images.example.com",
    "https://Images.Example.COM/Mug.JPG",
    "https://xn--bcher-kva.example/m.png",
    "https://10.1.2.3:65535/?a=b&c=~d#e/f",
    "https://images.example.com?a=%5B1%5D",
    "http://localhost:9000/mug.jpg",
    "http://127.0.0.1/mug.jpg",
    "http://[::1]:3000/mug.jpg",
]
HOSTILE = [
    "",
    "mug.jpg",
    "/mug.jpg",
    "//images.example.com/mug.jpg",
    "http://images.example.com/mug.jpg",
    "http://localhost.example.com/mug.jpg",
    "http://127.0.0.1.example.com/",
    "ftp://images.example.com/mug.jpg",
    "javascript:alert(1)",
    "JavaScript://images.example.com/%0aalert(1)",
    "data:image/png;base64,AAAA",
    "blob:https://images.example.com/1",
    "https:images.example.com/mug.jpg",
    "https:///mug.jpg",
    "https://",
    "https://user@images.example.com/mug.jpg",
    "https://user:secret@images.example.com/mug.jpg",
    "https://images.example.com@evil.example/mug.jpg",
    "https://images.example.com\\@evil.example/mug.jpg",
    "https://images.example.com\\mug.jpg",
    "https:\\\\images.example.com/mug.jpg",
    "https://images.example.com/a b.jpg",
    " https://images.example.com/mug.jpg",
    "https://images.example.com/mug.jpg\n",
    "https://images.example.com/mug.jpg\x00",
    "https://images.example.com/\tmug.jpg",
    "https://images.example.com/\u202egpj.gum",
    "https://im\u0430ges.example.com/mug.jpg",
    "https://images\uff0eexample.com/mug.jpg",
    "https://images.example.com/größe.jpg",
    "https://images.example.com/%zz",
    "https://images.example.com/%2",
    'https://images.example.com/"onerror=alert(1)',
    "https://images.example.com/'onerror=alert(1)",
    "https://images.example.com/<script>",
    "https://images.example.com/`",
    "https://-images.example.com/",
    "https://images..example.com/",
    "https://images.example.com./",
    "https://images_1.example.com/",
    f"https://{'a' * 64}.example.com/",
    "https://images.example.com:0/",
    "https://images.example.com:65536/",
    "https://images.example.com:port/",
    "https://images.example.com:/",
    "https://[::2]/",
    "http://[::1",
    f"https://images.example.com/{'m' * 1974}",
    None,
    7,
    ["https://images.example.com/mug.jpg"],
    {"href": "https://images.example.com/mug.jpg"},
]


@pytest.mark.parametrize("url", GOOD)
def test_a_url_of_an_image_is_stored_as_it_was_sent(shop: Shop, url: str) -> None:
    assert [each["url"] for each in added(shop, "Mug", media=[{"url": url}])["media"]] == [url]


@pytest.fixture(scope="module")
def mug(one_shop: Shop) -> Any:
    """A product that no test of the one shop changes."""
    return added(one_shop, "Mug", "MUG", media=[FRONT])


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: repr(url)[:50])
def test_a_url_that_is_none_or_could_be_taken_for_another_is_refused(one_shop: Shop, mug: Any, url: Any) -> None:
    for answer in (
        adds(one_shop, "X", media=[FRONT, {"url": url}]),
        changes(one_shop, mug["id"], {"media": [{"url": url}]}),
    ):
        problem: Any = answer.json
        assert (answer.status_code, problem["code"]) == (422, "invalid_request")
        assert list(problem["errors"]) == ["media"] and "url" in str(problem["errors"])
    assert looks_at(one_shop, mug["id"]) == mug


WRONG = [
    {"alt": "no url"},
    {**BACK, "alt": "a" * 201},
    {**BACK, "alt": "a\x00"},
    {**BACK, "alt": "a\nb"},
    {**BACK, "alt": None},
    {**BACK, "width": 0},
    {**BACK, "width": -1},
    {**BACK, "height": 20_001},
    {**BACK, "height": 1.5},
    {**BACK, "height": "600"},
    {**BACK, "width": True},
    {**BACK, "position": 1},
    {**BACK, "type": "video"},
    BACK["url"],
    None,
    [BACK],
]


@pytest.mark.parametrize("media", [*([each] for each in WRONG), BACK, "x", None], ids=lambda each: str(each)[:40])
def test_media_have_a_url_a_text_and_a_size_and_nothing_else(one_shop: Shop, media: Any) -> None:
    assert adds(one_shop, "X", media=media).status_code == 422


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Shop]:
    """catalog whose media are on two origins."""
    alone = Shop(tmp_path, catalog, MEDIA_ORIGINS="https://images.example.com, https://cdn.example.com:8443")
    yield alone
    alone.close()


def test_media_on_an_allowed_origin_are_stored(strict: Shop) -> None:
    allowed = [FRONT, BACK, {"url": "https://IMAGES.example.com:443/x"}]

    assert len(added(strict, "Mug", "MUG", media=allowed)["media"]) == 3


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/mug.jpg",
        "https://images.example.com.evil.example/mug.jpg",
        "https://sub.images.example.com/mug.jpg",
        "https://images.example.com:8443/mug.jpg",
        "https://cdn.example.com/mug.jpg",
        "http://localhost/mug.jpg",
    ],
)
def test_media_on_any_other_origin_are_refused(strict: Shop, url: str) -> None:
    mug, media = added(strict, "Mug", "MUG", media=[FRONT]), [FRONT, {"url": url}]

    for answer in (adds(strict, "X", media=media), changes(strict, mug["id"], {"media": media})):
        problem: Any = answer.json
        assert code_of(answer) == (422, "media_origin_not_allowed")
        assert list(problem["errors"]["media"]) == ["1"] and list(problem["errors"]["media"]["1"]) == ["url"]
        assert "https://images.example.com" in problem["detail"] and "evil" not in answer.text
    assert looks_at(strict, mug["id"]) == mug


def test_other_fields_change_whatever_the_origins_are(strict: Shop) -> None:
    mug = added(strict, "Mug", "MUG")

    assert changes(strict, mug["id"], {"name": "Cup"}).status_code == 200
