"""Every event has one module that publishes it, and no module subscribes to an event that none publishes."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any, get_type_hints

import pytest

import app
from app.bus.contracts import PUBLISHERS
from app.bus.event import TYPES, Event
from app.bus.subscription import Subscriptions
from app.config.settings import Settings
from app.wiring import Module
from tests.conftest import ROOT
from tests.contracts.golden import contracts

CONTRACTS = contracts()
HOSTED = [name for name in PUBLISHERS if (ROOT / "app" / "modules" / name).is_dir()]
each_event = pytest.mark.parametrize("event", CONTRACTS.values(), ids=CONTRACTS)
each_module = pytest.mark.parametrize("name", HOSTED)
PRIMITIVES = {str, int, bool}


def subscriptions_of(name: str, folder: Path) -> Subscriptions:
    """The subscriptions of a module."""
    settings = Settings.from_environment({"QUARTET_DATA": str(folder)})
    module: Module = getattr(import_module(f"app.modules.{name}.module"), name)(settings)
    module.database.close()
    return module.all_subscriptions


def names(name: str, *, called: bool) -> set[str]:
    """Every name that a module's code uses, or only the names that it calls."""
    found = set()
    for path in (ROOT / "app" / "modules" / name).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            used = node.func if called and isinstance(node, ast.Call) else None if called else node
            if isinstance(used, ast.Attribute):
                found.add(used.attr)
            elif isinstance(used, ast.Name):
                found.add(used.id)
    return found


def leaves(kind: Any) -> Iterator[Any]:
    """The plain types of a field."""
    if inner := getattr(kind, "__args__", None):
        for each in inner:
            yield from leaves(each)
    elif hasattr(kind, "__dataclass_fields__"):
        for each in get_type_hints(kind).values():
            yield from leaves(each)
    else:
        yield kind


@each_event
def test_an_event_is_named_after_its_module_its_class_and_its_version(event: type[Event]) -> None:
    module = event.__module__.rpartition(".")[2]
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", event.__name__.removesuffix(f"V{event.event_version}")).lower()

    assert event.event_type() == f"{module}.{snake}.v{event.event_version}"
    assert event.topic() == module
    assert module in PUBLISHERS


@each_event
def test_an_event_is_kept_in_order_by_an_id_and_numbered_by_a_version(event: type[Event]) -> None:
    types = {field.name: field.type for field in fields(event)}  # type: ignore[arg-type]

    assert types[event.key_field] is str
    assert types["version"] is int


@each_event
def test_an_event_carries_plain_data_only(event: type[Event]) -> None:
    hints = {name: kind for name, kind in get_type_hints(event).items() if name in event.__dataclass_fields__}  # type: ignore[attr-defined]

    assert hints
    assert set(leaves_of(hints)) <= PRIMITIVES, "no dates, floats or objects: every language reads the rest alike"


def leaves_of(hints: dict[str, Any]) -> Iterator[Any]:
    """The plain types of all these fields."""
    for kind in hints.values():
        yield from leaves(kind)


@each_event
def test_an_event_has_a_docstring(event: type[Event]) -> None:
    assert event.__doc__ and not event.__doc__.startswith(f"{event.__name__}("), "it needs a docstring of its own"


def test_every_event_is_declared_in_the_contracts() -> None:
    for found in walk_packages(app.__path__, "app."):
        if not found.name.endswith(".wsgi"):  # importing these creates a shop
            import_module(found.name)

    elsewhere = [each.__module__ for each in TYPES.values() if each.__module__.startswith("app.")]

    assert {name.rpartition(".")[0] for name in elsewhere} == {"app.bus.contracts"}


@each_module
def test_a_module_publishes_all_its_events_and_no_others(name: str) -> None:
    mine = {event.__name__ for event in CONTRACTS.values() if event.topic() == name}
    others = {event.__name__ for event in CONTRACTS.values()} - mine

    assert mine <= names(name, called=False), f"{name} never publishes {mine - names(name, called=False)}"
    assert not others & names(name, called=True), (
        f"{name} publishes {others & names(name, called=True)}, which is not its own"
    )


@each_module
def test_a_module_subscribes_only_to_what_is_published(name: str, tmp_path: Path) -> None:
    consumed = subscriptions_of(name, tmp_path)

    assert consumed
    for event in consumed:
        assert CONTRACTS.get(event.event_type()) is event, (
            f"{name} subscribes to {event.event_type()}, which is in no contract"
        )
        assert event.topic() in PUBLISHERS


@each_module
def test_a_module_does_not_subscribe_to_two_versions_of_one_event(name: str, tmp_path: Path) -> None:
    published = [event.event_name for event in subscriptions_of(name, tmp_path)]

    assert sorted(published) == sorted(set(published)), (
        "an older version is converted to the newer one, and consumed once"
    )
