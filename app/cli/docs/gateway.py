"""What the gateway knows of the modules: whose a path is, and the document of all."""

import json
import re

from flask import Flask

from app.cli.docs.environment_example import MADE
from app.wiring import Module


def gateway_routes(app: Flask) -> str:
    """For nginx: which module a path belongs to. Raises ValueError where two modules have paths that begin alike."""
    owners: dict[str, str] = {}
    for rule in app.url_map.iter_rules():
        module: Module | None = app.extensions["quartet_module_of"].get(rule.endpoint.partition(".")[0])
        if module is None:
            continue  # /livez, /metrics and the like: each process has its own
        under_api = re.match(r"/api/v1/(?:ops/)?[^/<]+", rule.rule)
        where = f"~^{re.escape(under_api[0])}(/|$)" if under_api else rule.rule
        if owners.setdefault(where, module.name) != module.name:
            raise ValueError(f"{rule.rule} is of {module.name}, and {where} of {owners[where]}")
    lines = [f"    {where:<32} {name};" for where, name in sorted(owners.items(), key=lambda each: each[::-1])]
    return "\n".join([f"# {MADE}", "map $uri $module {", '    default "";', *lines, "}"]) + "\n"


def indented(document: bytes) -> str:
    """So that a change of it can be read."""
    return json.dumps(json.loads(document), indent=1, ensure_ascii=False) + "\n"
