"""The shop on real servers and in its own processes, whole or split. Its interface is that of tests/shop.py."""

import os
import signal
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from json import dumps, loads
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import UUID

from confluent_kafka import Consumer as Client
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient
from sqlalchemy import delete, inspect, select, text
from werkzeug.wrappers import Response

from app.bus import tables
from app.bus.contracts import PUBLISHERS
from app.bus.transport import kafka_admin
from app.config.settings import Settings
from app.jobs import tables as jobs
from app.kernel import clock
from app.kernel.errors import Stale
from app.kernel.ids import new_id
from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests import attacks
from tests.conftest import PYTHON_THAT_ENDS_WITH_US, ROOT, answers, free_port, until
from tests.gateway import gateway
from tests.servers import address, forget_index, fresh_databases
from tests.shop import GENEROUS, INVOICING, Shop

MODULES = {"catalog": catalog, "orders": orders, "payments": payments, "users": users}
WHOLE = {"whole": "wsgi"}
SPLIT = {name: f"app.modules.{name}.wsgi" for name in MODULES}
LEFT = {"alembic_version", "signing_keys", "trusted_signing_keys"}


class Answer(Response):
    """A response with `text`, as werkzeug's test client returns it."""

    @property
    def text(self) -> str:
        return self.get_data(as_text=True)


class Remote:
    """Stands in for the Flask application: it forwards requests to the address of a shop in other processes."""

    def __init__(self, url: str) -> None:
        self.url = url

    def test_client(self) -> "Remote":
        return self

    def open(self, path: str, *, method: str, headers: Mapping[str, str], json: Any = None) -> Response:
        """Send one request over HTTP."""
        sent, body = dict(headers), None
        if json is not None:
            sent["Content-Type"], body = "application/json", dumps(json).encode()
        request = Request(f"{self.url}{path}", body, sent, method=method)
        try:
            with urlopen(request, timeout=150) as answer:
                attacks.count(answer.status)
                return Answer(answer.read(), answer.status, answer.headers.items())
        except HTTPError as error:
            with error:
                attacks.count(error.code)
                return Answer(error.read(), error.code, error.headers.items())


class Processes:
    """The processes of a shop on real servers. `entry_points`: what each process hosts, by its name."""

    def __init__(self, folder: Path, servers: Mapping[str, str], entry_points: Mapping[str, str]) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in entry_points}
        self.metrics_ports = {name: free_port() for name in entry_points if name != "whole"}
        self.sandbox_port = free_port()
        self.sandbox = f"http://127.0.0.1:{self.sandbox_port}"
        self.entry_points = entry_points
        self.trees: dict[str, Path] = {}  # of processes that do not run the code of this checkout
        self.crash_points: Mapping[str, Iterable[str]] = {}  # of each process, by its name
        self.variables = {**GENEROUS, **INVOICING, "LOG_LEVEL": "warning", "WORKERS": "1", **servers}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.gateway: str | None = None

    @property
    def url(self) -> str:
        """The base URL: of the gateway if there is one, else of the one process."""
        return self.gateway or f"http://127.0.0.1:{self.ports['whole']}"

    def start(self, *names: str, ready: bool = True, **variables: str) -> None:
        """Start these processes, or all, and wait until they are ready, unless `ready` is False."""
        for name in names or self.entry_points:
            ports = {"PORT": str(self.ports[name]), "SANDBOX_PORT": str(self.sandbox_port)}
            ports |= {"METRICS_PORT": str(self.metrics_ports[name])} if name in self.metrics_ports else {}
            points = ",".join(f"{point}@{self.marker(name, point)}" for point in self.crash_points.get(name, ()))
            own = {**self.variables, **ports, "QUARTET_DATA": str(self.folder), "CRASH_AT": points, **variables}
            self.processes[name] = self._run(name, own, "serve")
        for name in (names or self.entry_points) if ready else ():
            self.is_ready(name)

    def marker(self, name: str, point: str) -> Path:
        """The file without which a process dies at a crash point; when it dies it creates the file."""
        return self.folder / f"killed-{name}-{point}"

    def missing(self) -> list[str]:
        """The names of the processes that are not running."""
        return [
            name for name in self.entry_points if name not in self.processes or self.processes[name].poll() is not None
        ]

    def runs(self, name: str, *command: str) -> None:
        """Run a flask command of an entry point. Fails unless it exits with 0."""
        own = {**self.variables, "QUARTET_DATA": str(self.folder), "SANDBOX_PORT": str(self.sandbox_port)}
        assert self._run(name, own, *command).wait(timeout=60) == 0, self.log(name).read_text()[-3000:]

    @contextmanager
    def second_workers(self) -> Iterator[None]:
        """Run one more `flask bus run` of each entry point, once each is at work; each must exit with 0."""
        own = {**self.variables, "QUARTET_DATA": str(self.folder), "SANDBOX_PORT": str(self.sandbox_port)}
        logs = {name: self.folder / f"second-worker-of-{name}.log" for name in self.entry_points}
        workers = {name: self._run(name, own, "bus", "run", log=log) for name, log in logs.items()}
        try:
            for log in logs.values():
                until(partial(shows, log, "Press Ctrl-C"), f"{log.name} shows that it has started", 60)
            yield
        finally:
            for each in workers.values():
                each.terminate()
            codes = {name: each.wait(timeout=60) for name, each in workers.items()}
        assert not any(codes.values()), codes

    def bus_of(self, name: str) -> int:
        """The process id of an entry point's `flask bus run`."""
        return self._below(name, b"\0bus\0run\0")[0]

    def _below(self, name: str, words: bytes) -> list[int]:
        found = descendants(self.processes[name].pid)
        return [pid for pid in found if words in command_of(pid)]

    def _run(
        self, name: str, variables: Mapping[str, str], *command: str, log: Path | None = None
    ) -> subprocess.Popen[bytes]:
        flask = [*PYTHON_THAT_ENDS_WITH_US, "-m", "flask", "--app", self.entry_points[name], *command]
        with (log or self.log(name)).open("ab") as out:
            return subprocess.Popen(
                flask,
                cwd=self.trees.get(name, ROOT),
                env={**os.environ, **variables},
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def is_ready(self, name: str) -> None:
        """Wait until /readyz of a process answers with success. Fails if the process has ended."""

        def ready() -> bool:
            assert self.processes[name].poll() is None, f"{name} ended by itself:\n{self.log(name).read_text()[-3000:]}"
            return answers(f"http://127.0.0.1:{self.ports[name]}/readyz")

        until(ready, f"{name} is ready; see {self.log(name)}", seconds=180)

    def log(self, name: str) -> Path:
        """The file with the output of a process."""
        return self.folder / f"{name}.log"

    def kill(self, name: str) -> None:
        """SIGKILL to a process and all its children, as when a machine loses power."""
        process = self.processes.pop(name)
        for child in (*descendants(process.pid), process.pid):
            os.kill(child, signal.SIGKILL)
        process.wait()

    def stop(self, *names: str) -> None:
        """SIGTERM to these, or all; each must exit with 0."""
        stopping = {name: self.processes.pop(name) for name in names or tuple(self.processes)}
        for process in stopping.values():
            process.terminate()
        codes = {name: process.wait(timeout=60) for name, process in stopping.items()}
        assert not any(codes.values()), codes


def shows(log: Path, words: str) -> bool:
    return words in log.read_text()


def command_of(pid: int) -> bytes:
    """Its command line, with zeros between the words; empty once it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def descendants(pid: int) -> list[int]:
    """The ids of all children of this process, and of their children."""
    threads = Path(f"/proc/{pid}/task").glob("*/children")  # /proc lists the children of each thread separately
    children = [int(each) for listed in threads for each in listed.read_text().split()]
    return [each for child in children for each in (*descendants(child), child)]


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Create databases, topics and an index for this test alone; yields the environment variables that name them."""
    prefix = f"test-{new_id().hex}."
    with fresh_databases(*MODULES) as databases:
        variables = {
            **databases,
            "KAFKA_BOOTSTRAP_SERVERS": address("TEST_KAFKA_BOOTSTRAP_SERVERS"),
            "KAFKA_TOPIC_PREFIX": prefix,
            "ELASTICSEARCH_URL": address("TEST_ELASTICSEARCH_URL"),
            "ELASTICSEARCH_INDEX": prefix.rstrip("."),
            "REDIS_URL": address("TEST_REDIS_URL"),
        }
        settings = Settings.from_environment(variables)
        kafka_admin.make_topics(settings, PUBLISHERS)
        try:
            yield variables
        finally:
            admin = AdminClient({"bootstrap.servers": settings.kafka_servers})
            for done in admin.delete_topics([prefix + name for name in PUBLISHERS]).values():
                done.result()
            forget_index(variables["ELASTICSEARCH_URL"], variables["ELASTICSEARCH_INDEX"])


@contextmanager
def live_shop(
    folder: Path, *, split: bool, crash_points: Mapping[str, Iterable[str]] | None = None, **variables: str
) -> Iterator["ShopOnServers"]:
    """A shop of one process, or of four behind the gateway, started with these settings and ready. Its processes die
    at these crash points, by name, once a test has removed the marker.
    """
    with _shop(folder, SPLIT if split else WHOLE) as shop:
        shop.live.variables |= variables
        shop.live.crash_points = crash_points or {}
        for name, points in shop.live.crash_points.items():
            for point in points:
                shop.live.marker(name, point).touch()
        shop.live.start()
        yield shop


@contextmanager
def both_ways(folder: Path, stripe: str) -> Iterator["ShopOnServers"]:
    """A shop that can run whole or split, behind a gateway that points at the whole one. Nothing is started.

    `stripe`: the address of a sandbox that runs already.
    """
    with _shop(folder, WHOLE | SPLIT) as shop:
        shop.live.variables |= {"STRIPE_API_BASE": stripe, "STRIPE_API_KEY": "sk_test_switching", "GRACE_SECONDS": "2"}
        shop.live.sandbox = stripe
        yield shop


@contextmanager
def two_versions(folder: Path, stripe: str, tree: Path) -> Iterator["ShopOnServers"]:
    """A shop of another checkout ("old"), which serves behind a gateway while this code migrates its databases. "whole"
    is this code on the same servers, not started. `stripe`: as above.
    """
    with ExitStack() as stack:
        live = Processes(folder, stack.enter_context(servers()), WHOLE | {"old": "wsgi"})
        live.variables |= {"STRIPE_API_BASE": stripe, "STRIPE_API_KEY": "sk_test_upgrading", "GRACE_SECONDS": "2"}
        live.variables = {name: text for name, text in live.variables.items() if name not in INVOICING}
        live.sandbox, live.trees["old"] = stripe, tree
        stack.callback(_end, live)
        live.start("old", QUARTET_DATA=str(folder / "old"))
        live.gateway = stack.enter_context(gateway(folder, dict.fromkeys(MODULES, live.ports["old"])))
        shop = ShopOnServers(live)
        stack.callback(shop.close)
        yield shop


@contextmanager
def _shop(folder: Path, entry_points: Mapping[str, str]) -> Iterator["ShopOnServers"]:
    with ExitStack() as stack:
        variables = stack.enter_context(servers())
        live = Processes(folder, variables, entry_points)
        if set(entry_points) != {"whole"}:
            addresses = {name: live.ports.get("whole", live.ports[name]) for name in MODULES}
            live.gateway = stack.enter_context(gateway(folder, addresses))
        shop = ShopOnServers(live)
        stack.callback(shop.close)
        stack.callback(_end, live)
        yield shop


def _end(live: Processes) -> None:
    for name in tuple(live.processes):
        live.kill(name)


class ShopOnServers(Shop):
    """Drives a shop in other processes: requests are sent there, the bus runs there, and `settle` waits for it.

    Methods of Shop that read or write the databases do so here too, while the processes use them.
    """

    def __init__(self, live: Processes) -> None:
        self.live = live
        variables = {**live.variables, "SANDBOX_PORT": str(live.sandbox_port)}
        super().__init__(live.folder, *MODULES.values(), **variables)
        self.door = Remote(live.url)

    def settle(self) -> None:
        """Wait until every event is consumed and every job that is due is done."""
        try:
            until(lambda: not self.under_way(), "nothing is pending", seconds=60)
        except AssertionError:
            waits = self.under_way()
            assert not waits, f"{len(waits)} are pending, among them {waits[:20]}"

    def under_way(self) -> list[str]:
        """The events to be sent or consumed, and the jobs to be done.

        Causes are read before effects. In the other order, something that turns from a cause into its effect between
        the two reads would be missed in both.
        """
        waits: list[str] = []
        published: set[tuple[UUID, str]] = set()
        arrived: set[tuple[str, UUID]] = set()
        for name, module in self.modules.items():
            with module.database.read() as connection:
                for table in (tables.inbox, tables.parked):
                    arrived |= {(name, each) for each in connection.execute(select(table.c.event_id)).scalars()}
                due = connection.execute(select(jobs.jobs).where(jobs.jobs.c.due_at <= clock.now())).all()
                rows = connection.execute(select(tables.outbox)).all()
            published |= {(row.event_id, row.type) for row in rows}
            waits += [f"{name} has to send {row.type} of {row.key}" for row in rows if row.published_at is None]
            waits += [f"{name} has to {row.kind} {row.subject}: {row.error}" for row in due]
        for name, module in self.modules.items():
            types = {event.event_type() for event in module.all_subscriptions}
            waits += [
                f"{name} has to consume {type} {id}"
                for id, type in published
                if type in types and (name, id) not in arrived
            ]
        return waits

    def forget(self, *modules: str, keys: bool = False) -> None:
        """Empty every table, those of keys only with `keys`: a new shop in the same processes."""
        left = {"alembic_version"} if keys else LEFT
        for name in modules or self.modules:
            until(partial(self._empty, name, left), f"{name} is emptied while its processes go on")
        urlopen(Request(f"{self.live.sandbox}/sandbox/state", method="DELETE"), timeout=60).close()
        if "catalog" in (modules or self.modules):
            self._empty_index()
        self.let_go()

    def _empty_index(self) -> None:
        """Delete every document; the index stays."""
        url, index = (self.live.variables[f"ELASTICSEARCH_{name}"] for name in ("URL", "INDEX"))
        everything = dumps({"query": {"match_all": {}}}).encode()
        request = Request(f"{url}/{index}/_delete_by_query?refresh&conflicts=proceed", everything)
        request.add_header("Content-Type", "application/json")
        with suppress(HTTPError):  # 404: there is no index yet
            urlopen(request, timeout=150).close()

    def _empty(self, name: str, left: set[str]) -> bool:
        """False if it ran into a deadlock with a process of the shop."""
        try:
            with self.modules[name].database.begin() as connection:
                emptied = ", ".join(sorted(set(inspect(connection).get_table_names()) - left))
                connection.execute(text(f"TRUNCATE {emptied} CASCADE"))
        except Stale:
            return False
        return True

    def empties_topics(self) -> None:
        """Delete all records of the topics and all sent rows of the outboxes, as when their retention has passed."""
        for module in self.modules.values():
            with module.database.begin() as connection:
                connection.execute(delete(tables.outbox).where(tables.outbox.c.published_at.is_not(None)))
        settings = self.settings
        client = Client({"bootstrap.servers": settings.kafka_servers, "group.id": "unused"})
        topics = [settings.topic_prefix + name for name in PUBLISHERS]
        ends = [
            TopicPartition(topic, each, client.get_watermark_offsets(TopicPartition(topic, each), timeout=60)[1])
            for topic in topics
            for each in client.list_topics(topic, timeout=60).topics[topic].partitions
        ]
        client.close()
        admin = AdminClient({"bootstrap.servers": settings.kafka_servers})
        for done in admin.delete_records(ends).values():
            done.result()

    def captures(self) -> dict[str, int]:
        """How often Stripe has captured, by order id."""
        with urlopen(f"{self.live.sandbox}/sandbox/state", timeout=60) as answer:
            captured: dict[str, int] = loads(answer.read())["captures_by_order"]
            return captured
