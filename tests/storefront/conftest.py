"""The shop window: its files, the application that serves them, and a shop with Chromium in front of it."""

import contextlib
import itertools
import json
import os
import secrets
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from app.modules.catalog.module import catalog
from app.modules.orders.module import orders
from app.modules.payments.module import payments
from app.modules.users.module import users
from tests.chromium import chromium as chromium
from tests.conftest import PYTHON_THAT_ENDS_WITH_US, ROOT, answers, free_port, until
from tests.shop import Shop
from tests.storefront.steps import Buyer
from tests.topologies import Remote, ShopOnServers, live_shop

MODULES = (catalog, orders, payments, users)
NO_STRIPE = {"STRIPE_API_BASE": "http://127.0.0.1:9"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop in this process."""
    whole = Shop(tmp_path_factory.mktemp("window"), *MODULES, **NO_STRIPE)
    yield whole
    whole.close()


class Running:
    """A shop in a process of its own, with the demo catalogue, which can be killed and started again."""

    is_demo = True  # it shows what happens to a purchase

    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        own = {"PORT": str(self.port), "SANDBOX_PORT": str(free_port()), "QUARTET_DATA": str(folder)}
        limits = {"LIMIT_REGISTRATION": "1000/minute", "LIMIT_LOGIN": "1000/minute", "LIMIT_ORDERS": "1000/minute"}
        self.variables = {**os.environ, **own, **limits, "LOG_LEVEL": "warning", **variables}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [*PYTHON_THAT_ENDS_WITH_US, "-m", "flask", "--app", "wsgi", "serve", "--demo"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.variables, stdout=log, stderr=log)
        until(lambda: answers(f"{self.url}/readyz"), f"the shop is ready; see {self.folder}/log", 120)

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        assert self.process
        self.process.terminate()
        self.process.wait(timeout=60)

    def as_staff(self, method: str, path: str, body: Any, **headers: str) -> Any:
        credentials = {"email": "staff@quartet.example", "password": "four parts one tune"}
        door = Remote(self.url)
        token: Any = door.open("/api/v1/auth/login", method="POST", headers={}, json=credentials).json
        own = {"Authorization": f"Bearer {token['access_token']}", "Idempotency-Key": secrets.token_hex(), **headers}
        answer = door.open(f"/api/v1{path}", method=method, headers=own, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json

    def sets_up(self, method: str, path: str, body: Any, **headers: str) -> None:
        self.as_staff(method, f"/shipping{path}", {**body, "reason": "the tests of the window"}, **headers)

    def ships(self) -> None:
        """Staff set up two methods for Germany."""
        self.sets_up("POST", "/zones", {"id": "de", "name": "Germany", "areas": [{"country": "DE"}]})
        for code, name, amount in (("parcel", "Parcel", 490), ("express", "Express", 990)):
            self.sets_up("POST", "/methods", {"code": code, "name": name, "zone_id": "de"})
            rates = {"by": "price", "rates": [{"currency": "EUR", "from": 0, "amount": amount}]}
            self.sets_up("PUT", f"/methods/{code}/rates", rates, **{"If-Match": '"v1"'})
            self.sets_up("PATCH", f"/methods/{code}", {"active": True}, **{"If-Match": '"v2"'})

    def captures(self) -> dict[str, int]:
        """How often Stripe has captured, by order id."""
        with urlopen(f"http://127.0.0.1:{self.variables['SANDBOX_PORT']}/sandbox/state", timeout=60) as answer:
            captured: dict[str, int] = json.load(answer)["captures_by_order"]
            return captured


class RunningApart(Running):
    """The same with each module in processes of its own, behind the gateway."""

    is_demo = False

    def __init__(self, shop: ShopOnServers) -> None:
        self.shop, self.url, self.port = shop, shop.live.url, 0

    def start(self) -> None:
        self.shop.live.start(*self.shop.live.missing())

    def kill(self) -> None:
        for name in tuple(self.shop.live.processes):
            self.shop.live.kill(name)

    def captures(self) -> dict[str, int]:
        return self.shop.captures()


@pytest.fixture(scope="module", params=["embedded", pytest.param("split", marks=pytest.mark.thorough)])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One shop for all tests of a file, which ships."""
    folder = tmp_path_factory.mktemp("running")
    if request.param == "split":
        with live_shop(folder, split=True) as apart:
            for module in ("catalog", "users"):
                apart.live.runs(module, "demo", "load")
            apart.settle()
            shop: Running = RunningApart(apart)
            shop.ships()
            yield shop
        return
    shop = Running(folder)
    shop.start()
    shop.ships()
    yield shop
    shop.stop()


NUMBERS = itertools.count(1)


@pytest.fixture
def buyer(running: Running, chromium: Any) -> Iterator[Buyer]:
    """A person at a browser of their own, whose console must be empty at the end."""
    context = chromium.new_context(base_url=running.url, locale="en-DE", viewport={"width": 1280, "height": 900})
    person = Buyer(context.new_page(), f"ada-{next(NUMBERS)}-{running.port}@example.com")
    yield person
    with contextlib.suppress(Exception):
        context.close()
    assert person.watch.complaints() == []
