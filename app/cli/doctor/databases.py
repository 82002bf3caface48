"""Each module's own database: whether it takes us, what it lets us do, and whether it is up to date."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.config.settings import Settings
from app.kernel.check_result import Check, CheckResult, ok, warn, wrong
from app.kernel.errors import Stale
from app.kernel.skew import compared
from app.runtime.background import WORKERS
from app.runtime.migrate import revisions
from app.web.logs import hide
from app.web.root_keys import knows_a_key
from app.wiring import Module

ABOUT_IT = text(
    "SELECT current_setting('server_version') AS version, current_user AS role, pg_is_in_recovery() AS follows,"
    " current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS maximum"
)
FORBIDDEN = text(
    "SELECT wanted || ' on ' || relname FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS wanted"
    " WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND NOT has_table_privilege(oid, wanted)"
    " ORDER BY 1"
)
MAY_CREATE = text("SELECT has_schema_privilege(current_schema(), 'CREATE')")
THEIR_TIME = text("SELECT clock_timestamp()")
REFUSALS = (  # what the driver says, what it means, and what to do
    ("authentication failed", "does not take the password of {role}", "set {variable} with the password that it has"),
    ("no pg_hba.conf entry", "lets {role} not in from here", "add a line for it to the server's pg_hba.conf"),
    ("role ", "knows no role {role}", "set {variable} with a role that there is"),
    ("too many clients", "has no connection left", "raise its max_connections, or stop what holds them"),
    ("remaining connection slots", "has no connection left", "raise its max_connections, or stop what holds them"),
    ("database ", "has no database {name}", "create it, or set {variable} to one that there is"),
    ("refused", "does not listen", "start it, or set {variable} to where it is"),
    ("translate host name", "has a name that nobody knows", "set {variable} to where it is"),
    ("starting up", "is starting", "ask again in a few seconds"),
    ("does not answer", "takes the connection and says nothing: it hangs", "see what it is doing, or restart it"),
    ("in time", "takes the connection and says nothing: it hangs", "see what it is doing, or restart it"),
)
BROKEN = ("not a database", "malformed", "disk image")


def database_checks(settings: Settings, modules: Sequence[Module]) -> Iterable[tuple[Module, Check]]:
    for module in modules:
        there = make_url(module.database.url)
        beside = [each for each in modules if make_url(each.database.url).host == there.host]
        beside = [each for each in beside if make_url(each.database.url).port == there.port]
        needed = sum(_connections(settings, each) for each in beside)
        look = _sqlite if module.database.is_sqlite else partial(_postgresql, needed)
        yield module, partial(_database, settings, module, look)


Look = Callable[[Settings, Module], Iterator[CheckResult]]


def _database(settings: Settings, module: Module, look: Look) -> Iterator[CheckResult]:
    try:
        yield from look(settings, module)
        current = yield from _migrations(module)
        if current and not knows_a_key(module.database, module.root_keys):
            advice = "flask serve, or flask bus work; where these run: flask users announce"
            yield wrong("signing key", module.name, "has heard no signing key: every token is refused", advice)
        elif current:
            yield ok("signing key", module.name, "is known")
    except (DBAPIError, Stale) as error:
        yield _refused(module, error)


def _sqlite(settings: Settings, module: Module) -> Iterator[CheckResult]:
    with module.database.begin() as connection:
        connection.execute(text("SELECT count(*) FROM sqlite_master"))
    if settings.kafka_servers:
        advice = f"set {_variable(module)} to a PostgreSQL"
        yield warn("database", module.name, "is an SQLite file, which several processes write at once", advice)
    else:
        yield ok("database", module.name, "SQLite, can be written")


def _postgresql(needed: int, settings: Settings, module: Module) -> Iterator[CheckResult]:
    with module.database.read() as connection:
        found = connection.execute(ABOUT_IT).one()
        began = time.perf_counter()
        connection.execute(text("SELECT 1"))
        took = (time.perf_counter() - began) * 1000
        where = f"PostgreSQL {found.version.split()[0]} at {_address(module)}"
        advice = f"set {_variable(module)} to the server that it follows"
        if found.follows:
            yield wrong("database", module.name, f"{where} is a standby, which cannot be written", advice)
        elif forbidden := connection.execute(FORBIDDEN).scalars().all():
            advice = f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {found.role}"
            some = ", ".join(forbidden[:3]) + (" …" if len(forbidden) > 3 else "")
            yield wrong("database", module.name, f"{where} does not let {found.role} {some}", advice)
        elif needed > found.maximum:
            sentence = f"{where} takes {found.maximum} connections; the shop may open {needed}"
            yield warn("database", module.name, sentence, "raise its max_connections, or lower WORKERS or THREADS")
        else:
            yield ok("database", module.name, f"{where} answers in {took:.1f} ms")
        yield compared(f"PostgreSQL of {module.name}", lambda: connection.execute(THEIR_TIME).scalar_one())


def _migrations(module: Module) -> Generator[CheckResult, None, bool]:
    """And whether there are tables to look into."""
    current, newest, known = revisions(module)
    if current == newest:
        yield ok("migrations", module.name, "up to date")
    elif not known:
        sentence = f"at {current}, which this version does not know: a newer one has migrated it"
        yield warn("migrations", module.name, sentence, "deploy the newer version here too")
    elif not _may_create(module):
        sentence = f"at {current}, not at {newest}, and the role may not create tables"
        yield wrong("migrations", module.name, sentence, "GRANT CREATE on the schema to it, then: flask db upgrade")
    else:
        at = f"at {current}, not at {newest}" if current else "there are no tables yet"
        yield wrong("migrations", module.name, at, "flask db upgrade")
    return current == newest or not known


def _may_create(module: Module) -> bool:
    if module.database.is_sqlite:
        return True
    with module.database.read() as connection:
        return bool(connection.execute(MAY_CREATE).scalar_one())


def _refused(module: Module, error: DBAPIError | Stale) -> CheckResult:
    """In our words, where we know them."""
    problem = str(error.orig if isinstance(error, DBAPIError) else error)
    variable, url = _variable(module), make_url(module.database.url)
    if module.database.is_sqlite:
        if any(word in problem for word in BROKEN):
            return wrong("database", module.name, f"{url.database} is broken: {problem}", "restore it from a backup")
        if isinstance(error, Stale):
            return wrong(
                "database", module.name, "another process holds its file", "see who, with: fuser " + str(url.database)
            )
        return wrong(
            "database", module.name, f"{url.database}: {problem}", "set QUARTET_DATA to a folder that can be written"
        )
    for words, meaning, advice in REFUSALS:
        if words in problem:
            names = {"role": url.username, "name": url.database, "variable": variable}
            sentence = f"PostgreSQL at {_address(module)} {meaning.format(**names)}"
            return wrong("database", module.name, sentence, advice.format(**names))
    sentence = f"PostgreSQL at {_address(module)} cannot be used: {hide(problem.splitlines()[0])}"
    return wrong("database", module.name, sentence, f"set {variable} to one that can")


def _connections(settings: Settings, module: Module) -> int:
    """Each thread that works holds at most one that reads and one that writes, from pools that end at 20 each."""
    bus = 6 + WORKERS * bool(module.tasks) + len(module.schedules)
    workers = settings.workers if settings.kafka_servers else 1
    return 2 * (workers * min(20, settings.threads + 2) + min(20, bus))


def _address(module: Module) -> str:
    url = make_url(module.database.url)
    return f"{url.host or 'localhost'}:{url.port or 5432}"


def _variable(module: Module) -> str:
    return f"{module.name.upper()}_DATABASE_URL"
