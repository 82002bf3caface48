"""Faults of this machine and process: variables, ports, folders, packages, clocks; and checks that fail or hang."""

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.cli.doctor.examine import Named, examine
from app.cli.doctor.surroundings import data_check, packages_check, settings_check
from app.config.settings import Settings
from app.kernel import clock
from app.kernel.check_result import CheckResult, State, ok, warn, wrong
from app.kernel.skew import ADVICE, difference
from app.modules.payments.infrastructure.checkup import stripe_check
from app.modules.payments.infrastructure.webhook_endpoint import WEBHOOK_EVENTS
from tests.conftest import ROOT, answering, free_port
from tests.doctor.steps import examined
from tests.production import PRODUCTION, production_in
from tests.sandbox.driver import Sandbox
from tests.shop import Shop

Make = Callable[..., Shop]
NOW = clock.now()


def settings(**variables: str) -> Settings:
    return Settings.from_environment(variables)


def test_a_misspelt_setting_is_reported_with_the_one_that_was_probably_meant() -> None:
    found = list(settings_check(settings(REDIS_URI="redis://hunter22@here", QUARTET_COLOUR="red"), []))

    assert found == [
        warn("settings", "", "QUARTET_COLOUR is set, but it is not a setting", "see docs/settings.md, or unset it"),
        warn("settings", "", "REDIS_URI is set, but it is not a setting: REDIS_URL is", "rename it to REDIS_URL"),
    ]


def test_variables_of_other_programs_are_not_misspelt_settings() -> None:
    others = {
        "PATH": "/bin",
        "HOSTNAME": "here",
        "TEST_REDIS_URL": "x",
        "KAFKA_HEAP_OPTS": "x",
        "PORTS": "80",
        "DATABASE_URL": "x",
    }

    assert [each.state for each in settings_check(settings(**others), [])] == [State.OK]


def test_a_shop_open_to_others_without_secrets_of_its_own_is_reported(shop_with: Make) -> None:
    shop = shop_with(HOST="0.0.0.0")

    [found] = settings_check(shop.settings, list(shop.modules.values()))

    assert found.state is State.WARN
    assert found.sentence.endswith("ROOT_PUBLIC_KEYS, STRIPE_API_KEY, STRIPE_WEBHOOK_SECRETS, SIGNING_KEY_SECRET")


def test_a_setting_that_production_refuses_ends_the_doctor_with_its_sentence(tmp_path: Path) -> None:
    environment = {"PATH": "/usr/bin:/bin", "QUARTET_ENV": "production", "QUARTET_DATA": str(tmp_path)}

    asked = [sys.executable, "-m", "flask", "--app", "wsgi", "doctor"]
    result = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)

    assert result.returncode == 1
    assert re.fullmatch(
        r"Error: ROOT_PUBLIC_KEYS is missing, or has the published key of development.*\n", result.stderr
    )


def test_a_port_that_another_program_has(shop_with: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        found = examined(shop_with(PORT=str(port)).app)

    [taken] = [each for each in found.of("ports") if each[0] == "wrong"]
    assert taken[1] == f"Port {port} on 127.0.0.1 is taken by another program"
    assert taken[2].startswith("choose another, as in PORT=")


def test_two_ports_of_ours_that_are_the_same(shop_with: Make) -> None:
    port = str(free_port())

    found = examined(shop_with(PORT=port, METRICS_PORT=port).app)

    assert ("wrong", f"PORT and METRICS_PORT are both {port}", "set METRICS_PORT to another port") in found.of("ports")


def test_a_folder_that_cannot_be_written() -> None:
    [found] = data_check(settings(QUARTET_DATA="/proc/self"), ["the search index"])

    assert (found.state, found.name) == (State.WRONG, "data")
    assert found.sentence.startswith("/proc/self is not writable: ")


def test_packages_that_are_not_those_asked_for(tmp_path: Path) -> None:
    asks = "[options]\ninstall_requires =\n    # HTTP\n    flask>=1,<2\n    no-such-package-of-quartet\n    redis\n"
    (tmp_path / "setup.cfg").write_text(asks)

    [found] = packages_check(tmp_path / "setup.cfg")

    assert found.state is State.WRONG
    assert found.sentence.startswith("flask is 3") and "not <2,>=1" in found.sentence
    assert found.sentence.endswith("; no-such-package-of-quartet is not installed")


def test_an_image_does_not_say_what_it_was_made_from(tmp_path: Path) -> None:
    [found] = packages_check(tmp_path / "setup.cfg")

    assert found == ok("packages", "", "not compared: the requirements of this version are not available here")


@pytest.mark.parametrize(
    ("theirs", "granularity", "expected"),
    [
        (0.4, 0, ok("clock", "Redis", "agrees with ours to the second")),
        (-1.9, 1, ok("clock", "Redis", "agrees with ours to the second")),
        (
            5,
            0,
            warn("clock", "Redis", "our clock is 5 s behind its own: tokens allow 60 s, Stripe's webhooks 300", ADVICE),
        ),
        (
            -42,
            0,
            wrong(
                "clock", "Redis", "our clock is 42 s ahead of its own: tokens allow 60 s, Stripe's webhooks 300", ADVICE
            ),
        ),
    ],
)
def test_a_clock_is_held_against_ours(theirs: float, granularity: float, expected: CheckResult) -> None:
    found = difference("Redis", NOW + timedelta(seconds=theirs), NOW, NOW, granularity)

    assert found == expected


def test_what_the_way_there_and_back_took_is_no_difference() -> None:
    found = difference("Redis", NOW + timedelta(seconds=4), NOW, NOW + timedelta(seconds=5), 0)

    assert found.state is State.OK


@pytest.fixture
def late() -> Iterator[str]:
    """The URL of a Stripe whose clock has stopped."""

    class Answer(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response_only(401)
            self.send_header("Date", "Wed, 01 Jan 2020 00:00:00 GMT")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Answer) as server, answering(server):
        yield f"http://127.0.0.1:{server.server_port}"


def test_a_clock_that_is_not_stripes(shop_with: Make, late: str) -> None:
    found = examined(shop_with(STRIPE_API_KEY="sk_test_x", STRIPE_API_BASE=late).app)

    [(state, sentence, advice)] = found.of("clock", "Stripe")
    assert (state, advice, found.exit_code) == ("wrong", ADVICE, 1)
    assert sentence.startswith("our clock is ") and "ahead of its own" in sentence


def test_a_test_key_that_production_was_allowed_is_reported(shop_with: Make, tmp_path: Path, late: str) -> None:
    output = production_in(tmp_path) | {"STRIPE_API_KEY": PRODUCTION["STRIPE_API_KEY"].replace("live", "test")}
    shop = shop_with(**output, STRIPE_TEST_MODE="allowed")

    [found, *_] = stripe_check(shop.settings, replace(shop.own["payments"], stripe_api_base=late))

    assert found == warn(
        "stripe",
        "",
        "STRIPE_API_KEY is a key of test mode in production: no real money moves",
        "set a key of live mode",
    )


def test_a_webhook_endpoint_at_stripe_that_does_not_send_all_events(shop_with: Make, tmp_path: Path) -> None:
    where = f"http://127.0.0.1:{free_port()}/api/v1/payments/webhooks/stripe"
    hooks = ["--webhook-url", where, "--webhook-event", "charge.refunded"]
    stripe = Sandbox(tmp_path, *hooks)
    stripe.start()

    found = examined(shop_with(STRIPE_API_KEY="sk_test_x", STRIPE_API_BASE=stripe.url).app)
    stripe.stop()

    [(state, sentence, _)] = found.of("stripe", "webhooks")
    assert state == "wrong"
    assert "charge.dispute.created" in sentence and "refund.failed" in sentence
    assert "charge.refunded," not in sentence


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], ("wrong", "no endpoint at Stripe has the path /api/v1/payments/webhooks/stripe")),
        (
            ["--webhook-url", "http://127.0.0.1:1/api/v1/payments/webhooks/stripe"],
            ("ok", f"its endpoint sends all {len(WEBHOOK_EVENTS)} types of events that are needed"),
        ),
    ],
)
def test_whether_stripe_has_an_endpoint_for_us(
    shop_with: Make, tmp_path: Path, options: list[str], expected: tuple[str, str]
) -> None:
    stripe = Sandbox(tmp_path, *options)
    stripe.start()

    found = examined(shop_with(STRIPE_API_KEY="sk_test_x", STRIPE_API_BASE=stripe.url).app)
    stripe.stop()

    assert [each[:2] for each in found.of("stripe", "webhooks")] == [expected]


def test_a_check_that_fails_by_itself_is_a_line_and_no_traceback() -> None:
    def broken() -> Iterator[CheckResult]:
        yield ok("thing", "", "began well")
        raise LookupError("password=hunter22 is not there")

    [first, second] = examine([Named("thing", "here", broken)])

    assert first == ok("thing", "", "began well")
    assert (second.state, second.about) == (State.WRONG, "here")
    assert second.sentence.startswith("the check failed: LookupError: ")
    assert "hunter22" not in second.sentence


def test_a_check_that_hangs_keeps_nobody_waiting_and_hides_nothing() -> None:
    for_ever = threading.Event()

    def hanging() -> Iterator[CheckResult]:
        yield ok("thing", "", "began well")
        for_ever.wait(60)

    found = examine([Named("thing", "", hanging), Named("other", "", lambda: [ok("other", "", "is well")])], 0.2)

    for_ever.set()
    hangs = wrong("thing", "", "does not answer", "see what it is doing, or restart it")
    assert found == [ok("thing", "", "began well"), hangs, ok("other", "", "is well")]


def test_machines_get_one_object_and_nothing_else(shop_with: Make) -> None:
    result = shop_with().app.test_cli_runner().invoke(args=["doctor", "--json"])

    output = json.loads(result.stdout)
    assert output.keys() == {"status", "results"}
    assert all(each.keys() == {"state", "name", "about", "sentence", "advice"} for each in output["results"])
