"""Checks of each module's database: connection, privileges, number of connections, migrations, signing key."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from app.config.settings import Settings
from app.kernel.check_result import HANGS, RESTART, Check, CheckResult, ok, warn, wrong
from app.kernel.errors import Stale
from app.kernel.skew import compared
from app.runtime.migrate import revisions
from app.runtime.places import MORE
from app.web.logs import hide
from app.web.root_keys import knows_a_key
from app.wiring import Module

SERVER = text(
    "SELECT current_setting('server_version') AS version, current_user AS role, pg_is_in_recovery() AS follows,"
    " current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS maximum"
)
FORBIDDEN = text(
    "SELECT wanted || ' on ' || relname FROM pg_class, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS wanted"
    " WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND NOT has_table_privilege(oid, wanted)"
    " ORDER BY 1"
)
MAY_CREATE = text("SELECT has_schema_privilege(current_schema(), 'CREATE')")
SERVER_TIME = text("SELECT clock_timestamp()")
REFUSALS = (  # a part of the driver's message, what it means, and what to do
    ("authentication failed", "refuses the password of {role}", "set {variable} with the right password"),
    ("no pg_hba.conf entry", "does not let {role} in from here", "add a line for it to the server's pg_hba.conf"),
    ("role ", "has no role {role}", "create it, or set {variable} with an existing role"),
    ("too many clients", "has no connections left", "raise its max_connections, or stop clients of it"),
    ("remaining connection slots", "has no connections left", "raise its max_connections, or stop clients of it"),
    ("database ", "has no database {name}", "create it, or set {variable} to an existing one"),
    ("refused", "does not listen", "start it, or set {variable} to where it is"),
    ("translate host name", "has an unknown host name", "set {variable} to where it is"),
    ("starting up", "is starting", "run this again in a few seconds"),
    ("does not answer", HANGS, RESTART),
    ("in time", HANGS, RESTART),
)
BROKEN = ("not a database", "malformed", "disk image")
FAR = 0.0005  # seconds to answer: several requests at a time are faster from here (decision 92)
SPARE = 17  # connections for backups, exporters and people; of PostgreSQL's 100, 3 of them reserved, the shop has 80


def database_checks(settings: Settings, modules: Sequence[Module]) -> Iterable[tuple[Module, Check]]:
    for module in modules:
        beside = [each for each in modules if _address(each) == _address(module)]
        needed = sum(max_connections(settings, each) for each in beside)
        look = _sqlite if module.database.is_sqlite else partial(_postgresql, needed)
        yield module, partial(_database, settings, module, look)


Look = Callable[[Settings, Module], Iterator[CheckResult]]


def _database(settings: Settings, module: Module, look: Look) -> Iterator[CheckResult]:
    try:
        yield from look(settings, module)
        current = yield from _migrations(module)
        if current and not knows_a_key(module.database, module.root_keys):
            advice = "run `flask serve` or `flask bus run`; if they run already: `flask users announce`"
            yield wrong("signing key", module.name, "has received no signing key: every token is refused", advice)
        elif current:
            yield ok("signing key", module.name, "is known")
    except (DBAPIError, Stale) as error:
        yield _refused(module, error)


def _sqlite(settings: Settings, module: Module) -> Iterator[CheckResult]:
    with module.database.begin() as connection:
        connection.execute(text("SELECT count(*) FROM sqlite_master"))
    if settings.kafka_servers:
        advice = f"set {_variable(module)} to a PostgreSQL database"
        yield warn("database", module.name, "is an SQLite file, but several processes write to it", advice)
    else:
        yield ok("database", module.name, "SQLite, writable")


def _postgresql(needed: int, settings: Settings, module: Module) -> Iterator[CheckResult]:
    with module.database.read() as connection:
        found = connection.execute(SERVER).one()
        took = min(_seconds_of(connection) for _ in range(20))  # a busy machine delays some of them
        where = f"PostgreSQL {found.version.split()[0]} at {_address(module)}"
        advice = f"set {_variable(module)} to its primary server"
        if found.follows:
            yield wrong("database", module.name, f"{where} is a standby, which is read-only", advice)
        elif forbidden := connection.execute(FORBIDDEN).scalars().all():
            advice = f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {found.role}"
            some = ", ".join(forbidden[:3]) + (" …" if len(forbidden) > 3 else "")
            yield wrong("database", module.name, f"{where} does not grant {found.role} {some}", advice)
        elif needed > found.maximum - SPARE:
            allows = f"{where} allows {found.maximum} connections, of which {SPARE} should stay free"
            sentence = f"{allows}, but the shop may open {needed}"
            yield warn("database", module.name, sentence, "raise its max_connections, or lower WORKERS or THREADS")
        elif took > FAR and settings.threads == 1:
            sentence = f"{where} answers in {took * 1000:.1f} ms, for which the only request that runs would wait"
            yield warn("database", module.name, sentence, "set THREADS=4")
        else:
            yield ok("database", module.name, f"{where} answers in {took * 1000:.1f} ms")
        yield compared(f"PostgreSQL of {module.name}", lambda: connection.execute(SERVER_TIME).scalar_one())


def _seconds_of(connection: Connection) -> float:
    """How long the server takes to answer."""
    began = time.perf_counter()
    connection.execute(text("SELECT 1"))
    return time.perf_counter() - began


def _migrations(module: Module) -> Generator[CheckResult, None, bool]:
    """Yield the state of the migrations. Returns whether the tables can be queried."""
    current, newest, known = revisions(module)
    if current == newest:
        yield ok("migrations", module.name, "up to date")
    elif not known:
        sentence = f"at {current}, which this version does not have: a newer one has migrated the database"
        yield warn("migrations", module.name, sentence, "deploy the newer version here, too")
    elif not _may_create(module):
        sentence = f"at {current}, not at {newest}, and the role may not create tables"
        yield wrong(
            "migrations", module.name, sentence, "GRANT CREATE on the schema to it, then run `flask db upgrade`"
        )
    else:
        at = f"at {current}, not at {newest}" if current else "there are no tables yet"
        yield wrong("migrations", module.name, at, "run `flask db upgrade`")
    return current == newest or not known


def _may_create(module: Module) -> bool:
    if module.database.is_sqlite:
        return True
    with module.database.read() as connection:
        return bool(connection.execute(MAY_CREATE).scalar_one())


def _refused(module: Module, error: DBAPIError | Stale) -> CheckResult:
    """The result for an error of the database, with advice where the error is a known one."""
    problem = str(error.orig if isinstance(error, DBAPIError) else error)
    variable, url = _variable(module), make_url(module.database.url)
    if module.database.is_sqlite:
        if any(word in problem for word in BROKEN):
            return wrong("database", module.name, f"{url.database} is broken: {problem}", "restore it from a backup")
        if isinstance(error, Stale):
            advice = f"find it with `fuser {url.database}`"
            return wrong("database", module.name, "another process has locked its file", advice)
        return wrong("database", module.name, f"{url.database}: {problem}", "set QUARTET_DATA to a writable folder")
    for words, meaning, advice in REFUSALS:
        if words in problem:
            names = {"role": url.username, "name": url.database, "variable": variable}
            sentence = f"PostgreSQL at {_address(module)} {meaning.format(**names)}"
            return wrong("database", module.name, sentence, advice.format(**names))
    sentence = f"PostgreSQL at {_address(module)} cannot be used: {hide(problem.splitlines()[0])}"
    return wrong("database", module.name, sentence, f"set {variable} to a database that can")


def max_connections(settings: Settings, module: Module) -> int:
    """The maximum of connections that all processes of a module on one host open, with one bus process.

    Each thread may hold one for reading and one for writing, from pools of at most 20 each.
    """
    bus = 7 + module.job_threads + len(module.schedules)
    workers = settings.workers if settings.kafka_servers else 1
    return 2 * (workers * min(20, settings.threads + MORE + 2) + min(20, bus))


def _address(module: Module) -> str:
    url = make_url(module.database.url)
    return f"{url.host or 'localhost'}:{url.port or 5432}"


def _variable(module: Module) -> str:
    return f"{module.name.upper()}_DATABASE_URL"
