"""The files for contributors agree with the project."""

import re

import pytest
import yaml

from tests.docs.pages import ROOT
from tests.docs.test_what_pages_name import FILE, LINK, MAKE

PAGES = ("CONTRIBUTING.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md", "SECURITY.md")
FORMS = sorted(path.name for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")


def test_before_a_commit_the_same_is_checked_as_by_make_check() -> None:
    makefile = (ROOT / "Makefile").read_text()
    parts = re.search(r"^check: ([a-z ]+) ##", makefile, re.MULTILINE)
    (local,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]

    assert parts
    recipes = [re.search(rf"^{part}:.*\n((?:\t.+\n)+)", makefile, re.MULTILINE) for part in parts[1].split()]
    made = [
        line.strip().replace("$(BIN)", ".venv/bin") for recipe in recipes if recipe for line in recipe[1].splitlines()
    ]
    assert sorted(hook["entry"] for hook in local["hooks"]) == sorted(made)
    assert {hook["language"] for hook in local["hooks"]} == {"system"}


@pytest.mark.parametrize("name", PAGES)
def test_what_a_page_at_the_top_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    for named in [link.partition("#")[0] for link in LINK.findall(text) if "://" not in link] + FILE.findall(text):
        assert (ROOT / named).exists(), named
    assert set(MAKE.findall(text)) <= targets


def test_the_changelog_begins_with_what_is_not_released() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    assert re.findall(r"^## (.+)$", text, re.MULTILINE)[0] == "[Unreleased]"
    kinds = set(re.findall(r"^### (.+)$", text, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize("name", FORMS)
def test_a_form_for_issues_has_what_such_forms_have(name: str) -> None:
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE" / name).read_text())

    assert {"name", "description", "body"} <= set(form)
    asked = [each for each in form["body"] if each["type"] != "markdown"]
    assert asked and all(each["attributes"]["label"] for each in asked)
    assert any(each.get("validations", {}).get("required") for each in asked)
    assert len({each["id"] for each in asked}) == len(asked)
