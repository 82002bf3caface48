"""The generated pages are up to date with the code."""

import re

import pytest
from flask import Flask

from app.bus.event import TYPES
from app.cli.docs.command import pages
from app.config.production import UNSAFE
from app.config.settings import Settings
from app.web.problems import STATUS
from tests.docs.pages import ROOT, blocks

GENERATED = [
    "docs/events.md",
    "docs/settings.md",
    ".env.example",
    "docs/errors.md",
    "docs/cli.md",
    "docs/adding-a-feature.md",
    "docs/architecture.md",
    "app/web/swagger/errors.html",
    "deploy/gateway/routes.conf",
    "deploy/gateway/openapi.json",
    "deploy/gateway/asyncapi.json",
]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(apps: dict[str, Flask]) -> dict[str, str]:
    return pages(apps["wsgi"])


def test_these_pages_are_generated(made: dict[str, str]) -> None:
    assert sorted(made) == sorted(GENERATED)


@pytest.mark.parametrize("name", GENERATED)
def test_a_generated_page_is_fresh(name: str, made: dict[str, str]) -> None:
    assert read(name) == made[name], f"{name} is stale: run `make docs`"


WHOLE = [name for name in GENERATED if not name.endswith(".json") and name != "docs/architecture.md"]


@pytest.mark.parametrize("name", WHOLE)
def test_a_generated_page_says_how_it_is_made(name: str) -> None:
    assert "`make docs`" in "\n".join(read(name).splitlines()[:3])


@pytest.mark.parametrize("name", GENERATED)
def test_no_page_gives_a_secret_away(name: str) -> None:
    assert UNSAFE not in read(name)


def test_every_event_is_there_with_a_sample_that_can_be_read() -> None:
    types = re.findall(r"^### (\S+)$", read("docs/events.md"), re.MULTILINE)
    samples = blocks(ROOT / "docs/events.md", "json")

    assert set(types) == {type for type, event in TYPES.items() if event.__module__.startswith("app.bus.contracts.")}
    for type, sample in zip(types, samples, strict=True):
        assert TYPES[type].from_json(sample.encode()).key


def test_every_code_that_a_line_of_the_source_names_is_there() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "app").rglob("*.py"))
    kinds = "|".join(kind.__name__ for kind in STATUS)
    named = set(re.findall(rf'\b(?:{kinds})\(\s*"(\w+)"', source))

    by_operations = {
        code
        for refusals in re.findall(r"refusals=\{([^}]*)\}", source)
        for codes in re.findall(r'"([a-z_ ]+)"', refusals)
        for code in codes.split()
    }

    assert named >= {"price_changed", "sku_taken", "rate_limited"}  # raised, kept for later, and from web
    assert by_operations >= {"price_changed", "tax_unavailable"}
    assert named | by_operations <= set(re.findall(r'<a id="(\w+)">', read("docs/errors.md")))


def test_the_example_of_an_environment_states_the_defaults() -> None:
    stated = dict(re.findall(r"^#([A-Z_]+)=(.*)$", read(".env.example"), re.MULTILINE))

    assert len(stated) > 30
    assert Settings.from_environment(stated) == Settings.from_environment({})


def test_a_module_alone_does_not_write_the_pages(apps: dict[str, Flask]) -> None:
    answer = apps["app.modules.orders.wsgi"].test_cli_runner().invoke(args=["docs", "write"])

    assert answer.exit_code == 1
    assert "flask --app wsgi docs write" in answer.output
