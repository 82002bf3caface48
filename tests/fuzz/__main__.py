"""Fuzz a whole shop by its own document, as a guest, a customer, a staff member and an admin.

    python -m tests.fuzz --examples 100

Schemathesis makes the requests, good ones and bad ones, and holds every answer against deploy/gateway/openapi.json.
"""

import argparse
import json
import os
import re
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.fuzz import people
from tests.fuzz.people import Person
from tests.shop import GENEROUS
from tests.web.served import served

DOCUMENT = ROOT / "deploy/gateway/openapi.json"
FOLDER = Path(__file__).parent
TOOL = ["tool", "run", "--from", "schemathesis==4.32.5", "st"]
ROLES = ("guest", "customer", "staff", "admin")
LAST = ("sign_out", "sign_out_everywhere", "change_password", "update_user", "end_session")  # end the caller's sign-in


@dataclass(frozen=True)
class Outcome:
    """What one run found."""

    name: str
    cases: int
    failures: int
    seconds: float
    printed: str


def fuzz(seed: int, examples: int, *, edges_of: Container[str] = ROLES) -> Iterator[Outcome]:
    """Each role in turn, over one shop; what may end the caller's own sign-in comes last, with accounts of its own.

    `edges_of`: the roles that also try every edge of every field, some 12,000 requests for an admin.
    """
    with tempfile.TemporaryDirectory(prefix="quartet-fuzz-") as name:
        folder = Path(name)
        settings = {**GENEROUS, "QUARTET_DATA": name, "ACCESS_TOKEN_SECONDS": "86400"}
        people.flask(settings, "db", "upgrade")
        people.flask(settings, "demo", "load")
        with served(folder, "wsgi", **settings) as port:
            for each in people.of(f"http://127.0.0.1:{port}", folder, settings):
                yield run(each, folder, seed, examples, edges=each.leaves or each.name in edges_of)


def run(who: Person, folder: Path, seed: int, examples: int, *, edges: bool) -> Outcome:
    """One run of schemathesis as this person."""
    options = ["--config-file", str(config(who, folder)), "--no-color", "run", str(DOCUMENT), "--url", who.base]
    options += ["-c", "all", "--seed", str(seed), "-n", str(examples), "--continue-on-failure"]
    options += ["--generation-database", "none"]
    options += [] if edges else ["--phases", "examples,fuzzing,stateful"]
    filtered = "--include-operation-id" if who.leaves else "--exclude-operation-id"
    options += [word for each in LAST for word in (filtered, each)]
    command = [str(Path(sys.executable).parent / "uv"), *TOOL, *options]
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    printed = done.stdout + done.stderr
    cases = re.search(r"(\d+) generated", printed)
    failures = re.findall(r"(\d+) (?:failure|error)s?\b", printed.rstrip().rpartition("\n")[2])
    found = sum(map(int, failures)) or int(done.returncode != 0)
    return Outcome(who.name, int(cases[1]) if cases else 0, found, time.monotonic() - began, printed)


def config(who: Person, folder: Path) -> Path:
    """schemathesis.toml with who calls, and what exists."""
    lines = [(FOLDER / "schemathesis.toml").read_text(encoding="utf-8"), *who.signing_in()]
    lines += [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in who.known.items()]
    lines += ["[parameters]"]
    for name in who.known:
        lines += [f'"{place}" = {{ dictionary = "{name}", probability = 0.7 }}' for place in people.PLACES[name]]
    path = folder / f"{who.name}.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seed", type=int, default=secrets.randbelow(2**32), help="the same again (default: random)")
    options.add_argument("--examples", type=int, default=20, help="requests made up for each operation (default 20)")
    asked = options.parse_args()
    print(f"seed {asked.seed}")
    failed = False
    for outcome in fuzz(asked.seed, asked.examples):
        if outcome.failures:
            print(outcome.printed)
        print(
            f"{outcome.name}: {outcome.cases} cases, {outcome.failures} failures, {outcome.seconds:.0f} s", flush=True
        )
        failed |= bool(outcome.failures)
    sys.exit(failed)


if __name__ == "__main__":
    main()
