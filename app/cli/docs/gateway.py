"""Generates the gateway's files: the module that each path belongs to, and the OpenAPI document of all modules."""

import json
import re

from flask import Flask

from app.cli.docs.environment_example import MADE
from app.wiring import Module


def gateway_routes(app: Flask) -> str:
    """An nginx map from path to module. Raises ValueError where two modules have paths with the same beginning."""
    owners: dict[str, str] = {}
    for rule in app.url_map.iter_rules():
        module: Module | None = app.extensions["quartet_module_of"].get(rule.endpoint.partition(".")[0])
        if module is None:
            continue  # /livez, /metrics and others, which each process serves itself
        beginning = re.match(r"/api/v1/(?:ops/)?[^/<]+|/desk/[^/<]+", rule.rule)
        where = f"~^{re.escape(beginning[0])}(/|$)" if beginning else rule.rule
        if owners.setdefault(where, module.name) != module.name:
            raise ValueError(f"{rule.rule} belongs to {module.name}, but {where} to {owners[where]}")
    lines = [f"    {where:<32} {name};" for where, name in sorted(owners.items(), key=lambda each: each[::-1])]
    return "\n".join([f"# {MADE}", "map $uri $module {", '    default "";', *lines, "}"]) + "\n"


def indented(document: bytes) -> str:
    """The JSON document with line breaks, so that a diff is readable."""
    return json.dumps(json.loads(document), indent=1, ensure_ascii=False) + "\n"
