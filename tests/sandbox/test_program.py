"""The sandbox as a program: it starts, stops, and loses nothing."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, answers, free_port, until
from tests.sandbox.driver import Receiver, Sandbox

pytestmark = pytest.mark.slow
PROGRAM = [sys.executable, "-m", "sandbox"]


def run(*options: object, secrets: str = "whsec_x") -> subprocess.CompletedProcess[str]:
    """Run the program until it exits."""
    command = [*PROGRAM, *map(str, options)]
    environment = {**os.environ, "STRIPE_WEBHOOK_SECRETS": secrets}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=150)


@pytest.fixture
def killed(tmp_path: Path, receiver: Receiver) -> Iterator[Sandbox]:
    """A sandbox that only this test uses and may kill."""
    sandbox = Sandbox(tmp_path, "--webhook-url", receiver.url)
    sandbox.start()
    yield sandbox
    sandbox.kill()
    receiver.status = 200


def test_a_kill_loses_nothing(killed: Sandbox) -> None:
    once: Any = {"idempotency_key": "refund"}
    paid = killed.captured(1000, metadata={"order_id": "o1"})
    refund = killed.stripe.v1.refunds.create({"payment_intent": paid.id, "amount": 300}, once)
    held = killed.authorised()
    before = killed.state()

    killed.kill()
    killed.start()

    after = killed.state()
    for events in (before["events"], after["events"]):
        for event in events:
            event.pop("deliveries")  # deliveries continue meanwhile
    assert after == before
    again = killed.stripe.v1.refunds.create({"payment_intent": paid.id, "amount": 300}, once)
    assert again == refund
    assert again.last_response is not None and again.last_response.headers["Idempotent-Replayed"] == "true"
    assert killed.stripe.v1.payment_intents.capture(held.id).status == "succeeded"


def test_webhooks_go_on_after_a_kill(killed: Sandbox, receiver: Receiver) -> None:
    receiver.status = 500
    intent = killed.intent().id
    assert receiver.about(intent) == []

    killed.kill()
    receiver.status = 200
    killed.start()

    until(lambda: "payment_intent.created" in receiver.about(intent), "the webhook arrives")


def test_a_restart_heals_the_faults(killed: Sandbox) -> None:
    killed.breaks("down", times=None)

    killed.kill()
    killed.start()

    assert killed.faults() == []
    assert killed.intent().status == "requires_payment_method"


@pytest.mark.parametrize("reported", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_with_exit_code_0(killed: Sandbox, reported: signal.Signals) -> None:
    killed.authorised()

    killed.process.send_signal(reported)

    assert killed.process.wait(timeout=60) == 0
    assert not Path(f"{killed.command[killed.command.index('--database') + 1]}-wal").exists()


def test_a_port_in_use_is_an_error_in_one_sentence(killed: Sandbox, tmp_path: Path) -> None:
    ended = run("--port", killed.port, "--database", tmp_path / "other.sqlite")

    sentence = f"Port {killed.port} on 127.0.0.1 is in use by another program: choose another with --port.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", sentence)


def test_a_file_belongs_to_one_sandbox(killed: Sandbox) -> None:
    ended = run("--port", 0, "--database", killed.command[killed.command.index("--database") + 1])

    assert (ended.returncode, ended.stdout) == (1, "")
    assert re.fullmatch(r"The file .* is in use by another sandbox: choose another with --database\.\n", ended.stderr)


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("This is no database, and it is long enough to be taken for one. " * 50)

    for path in (text, tmp_path, text / "below"):
        ended = run("--port", 0, "--database", path)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert re.fullmatch(r"The file .* cannot be used: .*\.\n", ended.stderr)


@pytest.mark.parametrize(
    "options",
    [
        ["--port", "http"],
        ["--port", "65536"],
        ["--webhook-url", "https://shop.example.com/hooks"],
        ["--webhook-url", "http://127.0.0.1:port/"],
        ["--webhook-secret", "whsec_x"],
        ["--colour", "red"],
    ],
)
def test_options_that_make_no_sense_are_refused(options: list[str]) -> None:
    ended = run(*options)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "python -m sandbox: error: " in ended.stderr


@pytest.mark.parametrize("secrets", ["", " , "])
def test_webhooks_that_nothing_signs_are_refused(secrets: str) -> None:
    ended = run("--webhook-url", "http://127.0.0.1:5000/", secrets=secrets)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--webhook-url needs STRIPE_WEBHOOK_SECRETS in the environment" in ended.stderr


def test_what_it_keeps_is_for_its_owner_alone(killed: Sandbox, tmp_path: Path) -> None:
    killed.captured()
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in tmp_path.glob("sandbox.sqlite*")}
    killed.kill()
    (tmp_path / "sandbox.sqlite").chmod(0o644)
    killed.start()

    assert modes["sandbox.sqlite"] == "0o600" and set(modes.values()) == {"0o600"}
    assert (tmp_path / "sandbox.sqlite").stat().st_mode & 0o777 == 0o600, (
        "the permissions of an existing file are corrected"
    )


def test_the_help_lists_every_option_with_its_default() -> None:
    ended = run("--help")

    assert (ended.returncode, ended.stderr) == (0, "")
    options = ended.stdout.split("options:\n")[1].split("\n\n")[0]
    reported = dict(re.findall(r"^  (--[a-z-]+)(.*(?:\n   .*)*)", options, re.MULTILINE))
    assert set(reported) == {
        "--port",
        "--database",
        "--webhook-url",
        "--webhook-event",
        "--die-with-parent",
    }
    assert all("default" in text for text in reported.values())
    assert "http://127.0.0.1:12121/sandbox/state" in ended.stdout


def test_it_prints_when_it_is_ready(tmp_path: Path) -> None:
    command = [*PROGRAM, "--port", "0", "--database", str(tmp_path / "new" / "sandbox.sqlite")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        published = re.fullmatch(r"sandbox ready on (http://127\.0\.0\.1:\d+)\n", process.stdout.readline())
        assert published is not None and answers(f"{published[1]}/sandbox/health")
        process.terminate()
    assert process.returncode == 0


def test_without_an_address_for_webhooks_none_is_planned(tmp_path: Path) -> None:
    alone = Sandbox(tmp_path)
    alone.start()
    try:
        alone.intent()
        assert [each["deliveries"] for each in alone.state()["events"]] == [None]
        assert alone.ask("POST", "/sandbox/webhooks/redeliver", {"event": "all"})[0] == 409
    finally:
        assert alone.stop() == 0


@pytest.mark.parametrize("pid", [[], ["own"]])
def test_it_ends_with_the_program_that_started_it(tmp_path: Path, pid: list[str]) -> None:
    port = free_port()
    options = ["--port", str(port), "--database", str(tmp_path / "sandbox.sqlite"), "--die-with-parent"]
    script = "import os, subprocess, sys; own = [str(os.getpid())] if 'own' in sys.argv else []\n"
    script += f"print(subprocess.Popen({[*PROGRAM, *options]!r} + own).pid, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", script, *pid]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        until(lambda: answers(f"http://127.0.0.1:{port}/sandbox/health"), "the sandbox is ready")
        parent.send_signal(signal.SIGKILL)

    until(lambda: not is_alive(child), "the sandbox has ended")


def test_it_does_not_start_for_a_parent_that_is_gone(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()

    ended = run("--port", 0, "--database", tmp_path / "sandbox.sqlite", "--die-with-parent", gone.pid)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not count."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"
