"""The files of the shop window, without a browser: what they import, load and call is there, and nothing is inline."""

import ast
import gzip
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from app.bus.contracts.orders import OrderCancelled
from app.kernel.countries import COUNTRIES
from app.kernel.money import DECIMALS
from app.modules.orders.domain.promotions.candidate import Reason
from app.web.storefront import ACCOUNT, PAGES, PAYING
from tests.conftest import ROOT

WINDOW = ROOT / "storefront"
SCRIPTS = sorted(WINDOW.rglob("*.js"))
TEXTS = {name: (WINDOW / f"js/texts.{name}.js").read_text(encoding="utf-8") for name in ("en", "de")}
KEY = re.compile(r"^  (\w+): (.*),$", re.MULTILINE)
SOURCE = {path: path.read_text(encoding="utf-8") for path in SCRIPTS}
BUDGET = 60_000  # bytes of the home page with all that it loads, compressed


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_each_import_is_a_file_that_exports_it(path: Path) -> None:
    for names, target in re.findall(r"^import \{([^}]+)\} from '(\.[^']+)'", SOURCE[path], re.MULTILINE):
        exported = SOURCE[(path.parent / target).resolve()]
        for name in map(str.strip, names.split(",")):
            assert re.search(rf"^export (async )?(function|const|class) {name}\b", exported, re.MULTILINE), name
    assert re.findall(r"^import (?!\{)", SOURCE[path], re.MULTILINE) == []


def test_each_page_has_its_script() -> None:
    named = set(re.findall(r"\$/, '(\w+)'(?:, OWN)?\]", SOURCE[WINDOW / "js/app.js"]))

    assert named == {path.stem for path in (WINDOW / "js/pages").glob("*.js")}
    assert (
        len(re.findall(r"^  \[/\^", SOURCE[WINDOW / "js/app.js"], re.MULTILINE)) >= len((*PAGES, *ACCOUNT, *PAYING)) - 1
    )


def test_both_languages_have_every_text_and_no_other() -> None:
    en, de = (dict(KEY.findall(text)) for text in TEXTS.values())
    html = (WINDOW / "index.html").read_text(encoding="utf-8")
    everything = "".join(SOURCE[path] for path in SCRIPTS if not path.name.startswith("texts."))
    used = set(re.findall(r"\bt\('(\w+)'", everything)) | set(
        re.findall(r'data-(?:text|label|placeholder)="(\w+)"', html)
    )
    used |= set(re.findall(r"'((?:sort|test)_\w+)'", everything))
    used |= {f"status_{each}" for each in re.findall(r"'(\w+)'", everything)} & en.keys()

    assert en.keys() == de.keys()
    assert used <= en.keys()
    rest = {key for key in en.keys() - used if not key.startswith(("problem_", "reason_", "code_"))}
    assert {key for key in rest if f"'{key}'" not in everything} == set()
    for key, text in en.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", de[key])), key


def test_each_code_that_a_customer_can_see_has_its_text() -> None:
    """Why a coupon gives nothing, and why an order was cancelled."""
    en = dict(KEY.findall(TEXTS["en"]))
    about = (OrderCancelled.__doc__ or "").partition("Reason:")[2]

    assert {key.removeprefix("code_") for key in en if key.startswith("code_")} == {*Reason, "apply"}
    assert {key.removeprefix("reason_") for key in en if key.startswith("reason_")} == set(re.findall(r"\w+", about))


NEVER_SEEN = {  # requests that the window does not make, and answers after which it goes on by itself
    *("bad_attribute", "bad_cursor", "bad_request", "body_too_large", "idempotency_key_missing", "length_required"),
    *("no_such_address", "no_such_intent", "no_such_payment", "other_site", "payment_closed", "payment_in_progress"),
    *("role_missing", "session_unknown", "unsupported_media_type", "use_operations"),
}
NO_SESSION = {"account_gone", "bad_token", "token_expired", "token_revoked"}  # as not_signed_in


def test_each_refusal_of_what_it_calls_has_its_text() -> None:
    document = json.loads((ROOT / "deploy/gateway/openapi.json").read_text(encoding="utf-8"))
    called = re.findall(
        r"\b(get|post|put|remove|call)\((?:'PUT', )?[`'](/[^`'?]*)", "".join(SOURCE[each] for each in SCRIPTS)
    )
    codes = set[str]()
    for name, text in called:
        method = {"remove": "delete", "call": "put"}.get(name, name)
        path = re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", "{}", text)
        for template, operations in document["paths"].items():
            if re.sub(r"\{\w+\}", "{}", template.removeprefix("/api/v1")) == path:
                answers = json.dumps(operations[method]["responses"])
                codes |= {
                    each
                    for found in re.findall(r'"code": \{"enum": \[([^]]*)', answers)
                    for each in found[1:-1].split('", "')
                }
    texts = {key.removeprefix("problem_") for key, _ in KEY.findall(TEXTS["de"]) if key.startswith("problem_")}

    assert {"price_changed", "card_declined", "email_taken", "not_signed_in"} <= codes
    assert codes - NEVER_SEEN - NO_SESSION - texts == set(), "add problem_… to both texts"
    assert texts - codes == {"away", "internal_error", "other", "rate_limited"} - codes


def test_nothing_is_evaluated_or_written_as_html() -> None:
    for path, source in SOURCE.items():
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            assert forbidden not in source, f"{path.name}: {forbidden}"


def test_nothing_personal_is_stored() -> None:
    """The storage has keys, a cart's token, the language, and ids: nothing that says who somebody is."""
    stored = {
        each
        for source in SOURCE.values()
        for each in re.findall(r"(?:local|session)Storage\.setItem\((\w+|`key:\$\{what\}`), ([^)]+\)?)\)", source)
    }

    assert stored == {
        ("SIGNED_IN", "'1'"),
        ("CART", "answer.headers.get('X-Cart-Token')"),
        ("STORED", "chosen"),
        ("ORDER", "id"),
        ("attempt", "card"),
        ("`key:${what}`", "made"),
    }


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_document_has_nothing_inline_and_loads_what_is_there() -> None:
    page = Page()
    page.feed((WINDOW / "index.html").read_text(encoding="utf-8"))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]

    assert "style" not in {tag for tag, _ in page.tags} and len(ids) == len(set(ids))
    for tag, attributes in page.tags:
        assert not any(name == "style" or name.startswith("on") for name in attributes), tag
        assert tag != "script" or attributes.get("src")
        for link in (attributes.get("src"), attributes.get("href") if tag == "link" else None):
            assert link is None or (WINDOW / link.removeprefix("/storefront/-/")).is_file(), link
        if tag == "input":
            assert any(tag == "label" and each.get("for") == attributes["id"] for tag, each in page.tags)
    landmarks = {"header", "nav", "main", "footer"}
    assert landmarks <= {tag for tag, _ in page.tags} and ("html", {"lang": "en"}) in page.tags


def test_drawings_have_no_script_and_are_all_there() -> None:
    sprite = (WINDOW / "pictures.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'<symbol id="(\w+)"', sprite))
    wanted = set(re.findall(r"\['\w+', '(\w+)'\]", SOURCE[WINDOW / "js/picture.js"]))

    assert wanted - {"false"} <= drawn and "box" in drawn
    assert not re.search(r"<script|\son\w+=|href=|style", sprite)


def test_every_country_of_the_shop_can_be_chosen() -> None:
    offered = re.search(r"COUNTRIES = '([A-Z ]+)'", SOURCE[WINDOW / "js/address.js"])

    assert offered and set(offered[1].split()) == set(COUNTRIES)


def test_it_counts_decimals_as_the_shop_does() -> None:
    """Browsers have decimals of their own: none for HUF or IDR, which would show a hundredfold amount."""
    given = re.findall(r"^  (\d): '([A-Z ]+)',$", SOURCE[WINDOW / "js/format.js"], re.MULTILINE)

    assert {code: int(digits) for digits, codes in given for code in codes.split()} == DECIMALS
    assert "resolvedOptions" not in SOURCE[WINDOW / "js/format.js"]


def test_home_with_all_that_it_can_load_is_small() -> None:
    """All scripts, though home needs a third of them; the lists of products come to 10 kB besides."""
    files = [WINDOW / name for name in ("index.html", "shop.css", "icon.svg", "pictures.svg")] + SCRIPTS

    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in files) < BUDGET - 10_000


def test_it_calls_only_operations_of_the_public_api() -> None:
    document = json.loads((ROOT / "deploy/gateway/openapi.json").read_text(encoding="utf-8"))
    paths = {re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/v1")) for path in document["paths"]}
    for path, source in SOURCE.items():
        for text in re.findall(r"(?:get|post|put|remove)\([`'](/[^`']*)[`']", source):
            called = re.sub(r"\$\{(?:[^{}]|\{[^{}]*\})*\}", "{}", text.partition("?")[0])
            assert called in paths or called == "/cart/codes/{}", f"{path.name}: {called}"


def test_the_application_never_imports_it() -> None:
    assert list(WINDOW.rglob("*.py")) == []
    for path in (ROOT / "app").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            assert not any(name.split(".")[0] == "storefront" for name in (*names, module)), path
