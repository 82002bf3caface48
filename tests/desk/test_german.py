"""The desk in German, where the browser asks for it: each text of a template, and each label, has its German."""

import importlib
import pkgutil
import re
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader
from sqlalchemy import delete

from app.bus.contracts.orders import OrderCancelled
from app.bus.tables import parked, parked_keys
from app.desk.forms import Form, Input
from app.desk.language import GERMAN, LETTERS, PLACES, Spoken
from app.desk.navigation import NAVIGATION
from app.desk.shown import FILTERS, MONTHS
from app.kernel.ids import new_id
from app.modules.orders.domain.documents.document import DocumentKind
from app.modules.orders.domain.orders.state_machine import Status, Trigger
from app.modules.orders.domain.shipping.shipment import ShipmentStatus
from tests.conftest import ROOT
from tests.desk.steps import Desk, parks_what_can_be_consumed, text_of

SAME = {"SKU", "required"}  # names, and attributes


def texts_by_place() -> dict[str, set[str]]:
    """Every text that the desk can show, by the folder of the templates that its German lies beside."""
    found: dict[str, set[str]] = {}
    for place in PLACES:
        for folder in sorted((ROOT / "app").glob(place)):
            found[str(folder.relative_to(ROOT))] = in_templates(folder) | in_forms(folder)
    found["app/desk/templates/desk"] |= {title for title, _ in NAVIGATION} | {
        entry.label for _, entries in NAVIGATION for entry in entries
    }
    return found


def in_templates(folder: Path) -> set[str]:
    env = Environment(loader=FileSystemLoader(folder), extensions=[Spoken], autoescape=True)
    env.trim_blocks = env.lstrip_blocks = True
    env.filters |= FILTERS
    for name in env.list_templates(extensions=["html"]):
        env.compile((folder / name).read_text())
    spoken: Any = next(iter(env.extensions.values()))
    return set(spoken.texts)


def in_forms(folder: Path) -> set[str]:
    """The labels, hints, buttons and sentences of the forms and filters of the code beside the templates."""
    package = ".".join(folder.relative_to(ROOT).parts[:-2])
    found: set[str] = set()
    for each in pkgutil.iter_modules([str(folder.parents[1])]):
        if package != "app.desk" or each.name in {"forms", "versions"}:
            for value in vars(importlib.import_module(f"{package}.{each.name}")).values():
                found |= of_value(value)
    return {each for each in found if LETTERS.search(each)}


def of_value(value: object) -> set[str]:
    if isinstance(value, tuple):
        return {text for each in value for text in of_value(each)}
    if isinstance(value, Form):
        return {value.button, value.done} | of_value(value.inputs)
    if isinstance(value, Input):
        refusals = {
            str(each.error)
            for each in value.field.validators
            if getattr(each, "error", None) not in {None, getattr(each, "default_message", None)}
        }
        return (set() if value.kind == "hidden" else {value.label, value.hint, value.group, *refusals}) | {
            label for _, label in value.choices
        }
    return set()


@pytest.mark.parametrize("place", texts_by_place())
def test_each_text_has_its_german(place: str) -> None:
    missing = sorted(text for text in texts_by_place()[place] if text not in GERMAN and text not in SAME)

    assert missing == [], f"add lines `English = German` to {place}/german.txt"


def test_no_text_has_two_german_ones() -> None:
    """They are read together, so that a product's category would be called as one of the tax."""
    found: dict[str, set[str]] = {}
    for path in (ROOT / "app").rglob("german.txt"):
        for english, _, german in (line.partition(" = ") for line in path.read_text("utf-8").splitlines()):
            found.setdefault(english, set()).add(german)

    assert {english: german for english, german in found.items() if len(german) > 1} == {}


GERMANS = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.8"}


def test_a_browser_that_asks_for_german_gets_it(desk: Desk) -> None:
    staff = desk.browser("staff")
    german, english = staff.get(f"/desk/orders/{desk.paid}", **GERMANS), staff.get(f"/desk/orders/{desk.paid}")
    none = staff.get(f"/desk/orders/{desk.paid}", **{"Accept-Language": "fr"})

    assert '<html lang="de">' in german.text and '<html lang="en">' in english.text
    assert "Noch zu packen" in text_of(german.text) and "18,00\u00a0EUR" in german.text
    assert "Left to pack" not in text_of(german.text) and "Left to pack" in text_of(english.text)
    assert '<html lang="en">' in none.text


def test_what_happened_to_an_order_is_said_in_german(desk: Desk) -> None:
    source = "".join(path.read_text() for path in (ROOT / "app/modules/orders").rglob("*.py"))
    named = re.findall(r'(?:record_event|timeline\.record)\([^"]*"(?:orders|catalog|payments)", "([a-z_]+)"', source)
    kinds = [*Trigger, *Status, *ShipmentStatus, *named, *(f"{kind}_issued" for kind in DocumentKind)]
    page = desk.browser("staff").get(f"/desk/orders/{desk.paid}", **GERMANS)

    assert {"stock_sold", "nudged", "refund_failed"} <= set(named)
    assert [kind for kind in kinds if kind.replace("_", " ") not in GERMAN] == []
    assert "Bestand reserviert" in text_of(page.text) and "stock reserved" not in text_of(page.text)


def test_what_people_have_written_is_never_translated(desk: Desk) -> None:
    """Not even where it is the same as a text of the desk."""
    variant = {"sku": "ORDERS", "name": "Price", "price": {"amount": 900, "currency": "EUR"}}
    made: Any = desk.shop.as_staff().post("/products", {"name": "Orders", "variants": [variant]}).json
    page = desk.browser("staff").get(f"/desk/catalog/products/{made['id']}", **GERMANS)

    assert "<h1><bdi>Orders</bdi></h1>" in page.text
    assert "<bdi>Price</bdi>" in page.text
    assert '<th scope="col" class="n">Preis</th>' in page.text


def test_what_was_done_and_what_is_wrong_is_said_in_german(desk: Desk) -> None:
    here = f"/desk/orders/{desk.paid}"
    done = desk.browser("staff").get(f"{here}?done=Packed.", **GERMANS)
    stranger = desk.browser("customer").get(here, **GERMANS)

    assert ">Gepackt.<" in done.text
    assert "Das dürfen Sie nicht sehen" in stranger.text


def test_what_is_wrong_with_a_field_is_said_in_german(desk: Desk) -> None:
    action, staff = "/desk/catalog/correct/MUG", desk.browser("staff")
    form = staff.page("/desk/catalog/stock/MUG").form(action)

    german = text_of(staff.post(action, {**form, "quantity": "x"}, **GERMANS).text)
    english = text_of(staff.post(action, {**form, "quantity": "x"}).text)

    assert (
        "Schreiben Sie sie als 3 oder -2." in german
        and "Korrigieren Sie diese Felder: " in german
        and "Grund: Bitte ausfüllen." in german
    )
    assert "Write it as 3 or -2." in english and "Reason: Fill this in." in english


@pytest.mark.parametrize(
    ("language", "one", "several"),
    [
        ("en", "1 parked event of 1 key ,", "2 parked events of 1 key ,"),
        ("de", "1 zurückgestelltes Ereignis von 1 Schlüssel ,", "2 zurückgestellte Ereignisse von 1 Schlüssel ,"),
    ],
)
def test_one_is_not_called_several(desk: Desk, language: str, one: str, several: str) -> None:
    for module, text in (("payments", one), ("catalog", several)):
        with desk.shop.modules[module].database.begin() as connection:
            connection.execute(delete(parked))
            connection.execute(delete(parked_keys))
        event = OrderCancelled(order_id=str(new_id()), customer_id=str(new_id()), reason="out_of_stock", version=1)
        for _ in range(1 if text is one else 2):
            parks_what_can_be_consumed(desk.shop, event, module)

        page = desk.browser("staff").get(f"/desk/{module}/health/state", **{"Accept-Language": language})

        assert text in text_of(page.text)


def test_days_have_german_months_also_in_pictures(desk: Desk) -> None:
    staff = desk.browser("staff")
    for path in ("/desk/orders/home", "/desk/payments"):
        german, english = staff.get(path, **GERMANS).text, staff.get(path).text

        assert re.search(rf"<title>\d{{1,2}}\. ({'|'.join(map(re.escape, MONTHS))}): ", german), path
        assert re.search(r"<title>\d{1,2} [A-Z][a-z]{2}: ", english), path
