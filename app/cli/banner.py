"""The banner that `flask serve` prints when it is ready: its URLs, the servers that it uses, and what to do next."""

from collections.abc import Iterator, Sequence

from flask import Flask
from sqlalchemy.engine import make_url

from app.config.addresses import place
from app.config.settings import Settings
from app.wiring import Module

BANNER = """
  Quartet is up: {modules}

    API        {url}/api/v1
    docs       {url}/docs
    health     {url}/readyz
    uses       {servers}
{notes}
  Press Ctrl-C to stop.
"""


def banner(app: Flask, url: str, settings: Settings, with_demo: bool) -> str:
    """The text of the banner, without passwords. `url`: the base URL of this shop."""
    modules: Sequence[Module] = list(app.extensions["quartet_modules"].values())
    can_deliver = app.extensions["quartet_background"].transport.can_deliver()
    notes = [f"    {note}" for module in modules for note in module.notes]
    if with_demo:
        notes += [f"    {note}" for module in modules for note in module.demo_notes]
        port = "" if settings.port == 5000 else f", with PORT={settings.port}"
        notes += ["", f"  Next: `make tour` in a second terminal{port}"]
    pages = {rule.rule for rule in app.url_map.iter_rules()}
    links = [f"    {name:<10} {url}{path}" for name, path in (("shop", "/"), ("desk", "/desk")) if path in pages]
    notes += ["", *links] if links else []
    if not can_deliver:
        notes += ["    bus        none: events wait in the outbox until KAFKA_BOOTSTRAP_SERVERS is set"]
    servers = [*(f"{module.name}: {_database(module)}" for module in modules), " · ".join(_servers(settings, modules))]
    names = " · ".join(module.name for module in modules)
    return BANNER.format(modules=names, url=url, servers="\n               ".join(servers), notes="\n".join(notes))


def _database(module: Module) -> str:
    url = make_url(module.database.url)
    if module.database.is_sqlite:
        return f"SQLite in {url.database}"
    host = url.host or url.query.get("host") or "its socket"
    return f"PostgreSQL at {host}{f':{url.port}' if url.port else ''}/{url.database}"


def _servers(settings: Settings, modules: Sequence[Module]) -> Iterator[str]:
    yield f"bus: Kafka at {settings.kafka_servers}" if settings.kafka_servers else "bus: within this process"
    yield f"limits: Redis at {place(settings.redis_url)}" if settings.redis_url else "limits: counted by each process"
    for module in modules:
        yield from module.backends
