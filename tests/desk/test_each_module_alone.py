"""Each module has its pages without the others; and what the browser loads is what was reviewed."""

import hashlib
from functools import partial
from pathlib import Path

import pytest

from app.modules.users.module import users
from tests.conftest import ROOT
from tests.desk.steps import Browser, Page
from tests.shop import SAM, Shop
from tests.topologies import MODULES
from tests.users.conftest import CHEAP

HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"  # dist/htmx.min.js of htmx.org 2.0.11
ITS_OWN = {"catalog": "/desk/catalog", "orders": "/desk/orders/home", "users": "/desk/users"}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_alone_has_its_pages(name: str, tmp_path: Path) -> None:
    module = partial(users, passwords=CHEAP) if name == "users" else MODULES[name]
    shop = Shop(tmp_path, module, DESK="on", STRIPE_API_BASE="http://127.0.0.1:9")
    client = shop.app.test_client()
    client.set_cookie("desk_token", shop.token(SAM, "staff"), path="/desk")
    browser = Browser(client)

    for path in (f"/desk/{name}/health", f"/desk/{name}/health/state", ITS_OWN.get(name, f"/desk/{name}/health/trail")):
        page = browser.page(path)
        own = [link for link in page.links() if "/static/" in link]
        assert page.wrong == []
        assert own and all(browser.get(link).status_code == 200 for link in own)
    shop.close()


def test_the_library_in_the_repository_is_the_published_one() -> None:
    folder = ROOT / "app/desk/static"
    library = (folder / "htmx.min.js").read_bytes()

    assert hashlib.sha256(library).hexdigest() == HTMX
    assert b'version:"2.0.' in library
    assert "Zero-Clause BSD" in (folder / "htmx.LICENSE.txt").read_text()


def test_the_page_turns_off_what_the_library_must_not_do() -> None:
    base = Page((ROOT / "app/desk/templates/desk/base.html").read_text().replace("{%", "<!--").replace("%}", "-->"))
    (config,) = [each.attrs["content"] for each in base.all("meta") if each.attrs.get("name") == "htmx-config"]

    for setting in ('"allowEval":false', '"allowScriptTags":false', '"includeIndicatorStyles":false'):
        assert setting in config
    assert '"selfRequestsOnly":true' in config
    assert '"historyCacheSize":0' in config
