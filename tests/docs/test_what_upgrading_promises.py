"""What docs/upgrading.md promises of migrations and of the API is checked, and true."""

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask

from tests.docs.pages import ROOT
from tests.migrations.test_later_migrations import DANGEROUS

PAGE = (ROOT / "docs/upgrading.md").read_text(encoding="utf-8")


def deprecated(part: Any, name: str = "") -> Iterator[str]:
    """The names of everything that the document marks as deprecated."""
    if isinstance(part, dict):
        if part.get("deprecated") is True:
            yield part.get("operationId") or part.get("name") or name
        for key, inner in part.items():
            yield from deprecated(inner, key)
    elif isinstance(part, list):
        for inner in part:
            yield from deprecated(inner, name)


def test_every_rule_for_migrations_is_on_the_page() -> None:
    _, rules, *_ = re.split(r"^## What a migration may do$|^## The API$", PAGE, flags=re.MULTILINE)

    listed = re.findall(r"^- ([^:,;.\n]+)", rules, re.MULTILINE)
    assert sorted(listed) == sorted(DANGEROUS)


def test_what_is_deprecated_is_listed_with_what_takes_its_place(apps: dict[str, Flask]) -> None:
    document = apps["wsgi"].test_client().get("/openapi.json").json
    _, table = PAGE.split("| deprecated | in | what takes its place |\n|---|---|---|\n")
    listed = re.findall(r"^\| `([^`]+)` \|", table.split("\n\n")[0], re.MULTILINE)

    assert sorted(set(deprecated(document))) == sorted(listed)
    assert list(deprecated({"a": {"properties": {"old": {"deprecated": True}}}})) == ["old"]


def test_the_version_of_the_api_is_in_every_path(apps: dict[str, Flask]) -> None:
    document: Any = apps["wsgi"].test_client().get("/openapi.json").json

    outside = {path for path in document["paths"] if not path.startswith("/api/v1/")}
    assert len(document["paths"]) > 30
    assert outside == {"/.well-known/jwks.json"}, "whose place RFC 8615 gives, and its form RFC 7517"
