"""Generates `.env.example`: every setting, and the variables of docker-compose.yml where that exists."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.bus.contracts import PUBLISHERS
from app.config.reading import declared
from app.config.settings import Settings
from app.wiring import Module

MADE = "Generated from the code by `flask --app wsgi docs write` (`make docs`): change the code, not this page."


def example(root: Path, modules: Sequence[Module]) -> str:
    """The text of .env.example: every setting, commented out. It has no secrets, and changes nothing unedited."""
    parts = [
        f"# {MADE}",
        "# Copy it to .env, remove the # before what you set, and load it: set -a; . ./.env; set +a",
    ]
    kinds: list[type[Any]] = [Settings, *(type(each.settings) for each in modules)]
    every = [about for kind in kinds for about in declared(kind)]
    for about in every:
        default = "" if about["secret"] else about["default"] or ""
        secret = " Secret." if about["secret"] else ""
        parts += ["", f"# {about['doc']}{secret}", f"#{about['name']}={default}"]
    compose = root / "docker-compose.yml"
    if compose.exists():
        production = (root / "deploy/production/compose.yml").read_text(encoding="utf-8")
        parts += _of_compose(compose.read_text(encoding="utf-8"), production, {about["name"] for about in every})
    return "\n".join(parts) + "\n"


def _of_compose(text: str, production: str, here: set[str]) -> Iterator[str]:
    """The addresses of compose's servers for a shop outside of compose, and the variables that only compose reads."""
    ports = dict(re.findall(r'^  ([\w-]+):\n(?:    .*\n)*?    ports: \["127\.0\.0\.1:(\d+):', text, re.MULTILINE))
    yield from (
        "",
        "# The servers of docker-compose.yml, for a shop that is started outside of compose (not for compose's .env):",
    )
    for name in PUBLISHERS:
        yield f"#   {name.upper()}_DATABASE_URL=postgresql+psycopg2://{name}:{name}@127.0.0.1:{ports[f'{name}-db']}/{name}"
    yield f"#   KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:{ports['kafka']}"
    yield f"#   ELASTICSEARCH_URL=http://127.0.0.1:{ports['elasticsearch']}"
    yield f"#   REDIS_URL=redis://127.0.0.1:{ports['redis']}/0"
    yield from (
        "",
        "# docker compose passes all settings to its containers, except HOST, PORT, METRICS_PORT and QUARTET_DATA.",
    )
    yield "# Read only by docker compose, which creates the databases and the gateway with them."
    for name, default in dict(re.findall(r"\$\{(\w+):-([^}]*)\}", text)).items():
        if name not in here:
            here.add(name)
            yield f"#{name}={default}"
    yield from (
        "",
        "# Read only by docker-compose.production.yml, which requires them and the passwords above.",
    )
    for name, must, default in re.findall(r"\$\{(\w+):(\?|-)([^}]*)\}", production):
        if name not in here:
            here.add(name)
            yield f"#{name}={'' if must == '?' else default}"
