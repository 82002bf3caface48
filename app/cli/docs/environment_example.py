"""`.env.example`: what can be set, and what docker-compose.yml adds to that where there is one."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from app.bus.contracts import PUBLISHERS
from app.config.reading import declared
from app.config.settings import Settings
from app.wiring import Module

MADE = "Made from the code by `flask --app wsgi docs write` (`make docs`): change the code, not this page."


def example(root: Path, modules: Sequence[Module]) -> str:
    """Every setting, to be copied to .env and filled in; it holds no secret and, as it is, changes nothing."""
    parts = [
        f"# {MADE}",
        "# Copy it to .env, take away the # of what you set, and load it: set -a; . ./.env; set +a",
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
    """Where its servers are for a shop outside of it, and what nobody else reads."""
    ports = dict(re.findall(r'^  ([\w-]+):\n(?:    .*\n)*?    ports: \["127\.0\.0\.1:(\d+):', text, re.MULTILINE))
    yield from (
        "",
        "# The servers of docker-compose.yml, for a shop started by hand beside them (not in a .env of compose's):",
    )
    for name in PUBLISHERS:
        yield f"#   {name.upper()}_DATABASE_URL=postgresql+psycopg2://{name}:{name}@127.0.0.1:{ports[f'{name}-db']}/{name}"
    yield f"#   KAFKA_BOOTSTRAP_SERVERS=127.0.0.1:{ports['kafka']}"
    yield f"#   ELASTICSEARCH_URL=http://127.0.0.1:{ports['elasticsearch']}"
    yield f"#   REDIS_URL=redis://127.0.0.1:{ports['redis']}/0"
    yield from (
        "",
        "# docker compose hands all of this on to its containers, but for HOST, PORT, METRICS_PORT and QUARTET_DATA.",
    )
    yield "# Read by docker compose alone, which makes the databases with them, and the gateway."
    for name, default in dict(re.findall(r"\$\{(\w+):-([^}]*)\}", text)).items():
        if name not in here:
            here.add(name)
            yield f"#{name}={default}"
    yield from (
        "",
        "# Read by docker-compose.production.yml alone; without them, and the passwords above, it starts nothing.",
    )
    for name, must, default in re.findall(r"\$\{(\w+):(\?|-)([^}]*)\}", production):
        if name not in here:
            here.add(name)
            yield f"#{name}={'' if must == '?' else default}"
