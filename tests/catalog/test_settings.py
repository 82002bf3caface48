"""The settings of catalog."""

import pytest

from app.modules.catalog.settings import CatalogSettings
from tests.production import PRODUCTION
from tests.settings import assert_a_database_of_its_own, assert_refused_in_production, refusal, shared


def read(variables: dict[str, str]) -> CatalogSettings:
    return shared(variables).own(CatalogSettings)


def test_its_database_is_its_own() -> None:
    assert_a_database_of_its_own("catalog", read, PRODUCTION)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("ELASTICSEARCH_URL", "http://search:port"),
        ("ELASTICSEARCH_URL", "http://search:99999"),
        ("ELASTICSEARCH_URL", "search:9200"),
        ("ELASTICSEARCH_URL", "http://:9200"),
    ],
)
def test_an_address_that_cannot_be_one_is_refused(name: str, wrong: str) -> None:
    assert refusal(read, {name: wrong}).startswith(f"{name} is ")


@pytest.mark.parametrize(
    ("changes", "begins"),
    [
        ({"ELASTICSEARCH_URL": "https://elastic:changeme@search:9200"}, "ELASTICSEARCH_URL has a password"),
    ],
)
def test_production_refuses_what_would_open_it_up(changes: dict[str, str], begins: str) -> None:
    assert_refused_in_production(read, PRODUCTION, changes, begins)


def test_an_address_that_can_be_one_is_taken() -> None:
    assert read({"ELASTICSEARCH_URL": "https://u:p@search.example.com/below"}).elasticsearch_url
