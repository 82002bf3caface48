"""/asyncapi.json describes what each module publishes and consumes, as the code does."""

import json
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from app.bus.contracts import PUBLISHERS
from app.web.asyncapi import document
from tests.contracts.golden import contracts, sample_file

CONTRACTS = contracts()


@pytest.fixture
def described(apps: dict[str, Flask]) -> Any:
    return apps["wsgi"].test_client().get("/asyncapi.json").json


def test_every_module_that_is_here_publishes_what_its_contracts_say(apps: dict[str, Flask], described: Any) -> None:
    for name in apps["wsgi"].extensions["quartet_modules"]:
        operation = described["operations"][f"{name}.publish"]
        types = {each["$ref"].rpartition("/")[2] for each in operation["messages"]}

        assert operation["action"] == "send"
        assert types == {type for type, event in CONTRACTS.items() if event.topic() == name}


def test_every_module_that_is_here_consumes_what_it_subscribes_to(apps: dict[str, Flask], described: Any) -> None:
    for name, module in apps["wsgi"].extensions["quartet_modules"].items():
        received = {
            each["$ref"].rpartition("/")[2]
            for operation, about in described["operations"].items()
            if operation.startswith(f"{name}.consume.")
            for each in about["messages"]
        }

        assert received == {event.event_type() for event in module.all_subscriptions}


@pytest.mark.parametrize("type", CONTRACTS)
def test_a_sample_fits_the_schema_of_its_message(type: str) -> None:
    whole = document("", {name: {} for name in PUBLISHERS})
    schema = {**whole["components"]["messages"][type]["payload"], "components": whole["components"]}

    Draft202012Validator(schema).validate(json.loads(sample_file(type).read_bytes()))


def test_its_topics_have_the_prefix_of_the_shop() -> None:
    whole = document("test.", {"orders": {}})

    assert whole["channels"]["orders"]["address"] == "test.orders"


def test_no_reference_leads_nowhere(described: Any) -> None:
    for reference in _references(described):
        target = described
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [part["$ref"]] if "$ref" in part else [each for value in part.values() for each in _references(value)]
    return [each for value in part for each in _references(value)] if isinstance(part, list) else []


def test_a_module_alone_describes_its_own_part(apps: dict[str, Flask]) -> None:
    described: Any = apps["app.modules.users.wsgi"].test_client().get("/asyncapi.json").json

    assert {name.partition(".")[0] for name in described["operations"]} == {"users"}
