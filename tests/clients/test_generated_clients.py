"""Clients generated from the OpenAPI document can buy something, and a linter accepts the document."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.web.served import served

pytestmark = pytest.mark.slow
DOCUMENT = ROOT / "deploy/gateway/openapi.json"
EXAMPLES = ROOT / "examples/clients"
ALLOWED = {  # accepted warnings of the linter, with the reason
    "no-ambiguous-paths": "products/suggest beside products/{ref}, users/me beside users/{user_id}: no slug and no id "
    "is spelt so",
}
PACKAGES = ["openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3", "@types/node@24.10.1"]


def runs(*command: str | Path, cwd: Path, **variables: str) -> str:
    """Run a command that must succeed. Returns its output."""
    done = subprocess.run(
        command, cwd=cwd, env={**os.environ, **variables}, capture_output=True, text=True, check=False, timeout=180
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A running shop with a product; its base URL."""
    folder = tmp_path_factory.mktemp("shop")
    runs(sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade", cwd=ROOT, QUARTET_DATA=str(folder))
    runs(sys.executable, "-m", "flask", "--app", "wsgi", "demo", "load", cwd=ROOT, QUARTET_DATA=str(folder))
    with served(folder, "wsgi") as port:
        yield f"http://127.0.0.1:{port}"


def test_a_client_in_python_is_type_checked_and_buys(base: str, tmp_path: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    tool = [uv, "tool", "run", "--from", "openapi-python-client==0.29.1", "openapi-python-client", "generate"]
    made = runs(*tool, "--path", DOCUMENT, "--output-path", "client", cwd=tmp_path)
    shutil.copy(EXAMPLES / "buy.py", tmp_path)
    with_client = [uv, "run", "--no-project", "--with", "httpx,attrs,mypy,python-dateutil", "--python", sys.executable]

    runs(*with_client, "mypy", "--strict", "--cache-dir", "/dev/null", "buy.py", cwd=tmp_path, MYPYPATH="client")
    printed = runs(*with_client, "python", "buy.py", base, cwd=tmp_path, PYTHONPATH="client")

    assert "Warning" not in made, "the tool leaves nothing out"
    assert "is paid: " in printed


def test_a_client_in_typescript_is_type_checked_and_buys(base: str, tmp_path: Path) -> None:
    npm = needs("npm")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    options = {"strict": True, "target": "es2022", "module": "nodenext", "moduleResolution": "nodenext"}
    settings = {"compilerOptions": options, "files": ["buy.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings))
    shutil.copy(EXAMPLES / "buy.ts", tmp_path)
    runs(npm, "install", "--no-audit", "--no-fund", *PACKAGES, cwd=tmp_path)

    types = (DOCUMENT, "--default-non-nullable", "false", "--output", "shop.d.ts")
    runs("node_modules/.bin/openapi-typescript", *types, cwd=tmp_path)
    runs("node_modules/.bin/tsc", cwd=tmp_path)

    assert "is paid: " in runs("node", "buy.js", base, cwd=tmp_path)


def test_a_linter_finds_nothing_that_is_not_allowed(tmp_path: Path) -> None:
    printed = runs(needs("npx"), "--yes", "@redocly/cli@1.34.5", "lint", DOCUMENT, "--format", "json", cwd=tmp_path)

    problems = json.loads(printed[printed.index("{") :])["problems"]
    assert {each["ruleId"] for each in problems} == set(ALLOWED)


def test_asyncapis_parser_finds_nothing(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}')
    shutil.copy(Path(__file__).parent / "check_asyncapi.mjs", tmp_path)
    runs(needs("npm"), "install", "--no-audit", "--no-fund", "@asyncapi/parser@3.4.0", cwd=tmp_path)

    found = json.loads(runs("node", "check_asyncapi.mjs", DOCUMENT.with_name("asyncapi.json"), cwd=tmp_path))

    assert [each for each in found if each["severity"] < 2] == []


def needs(program: str) -> str:
    """The path of a program. Skips the test without it, or fails it under REQUIRE_SERVERS."""
    found = shutil.which(program)
    if found is None and not os.environ.get("REQUIRE_SERVERS"):
        pytest.skip(f"there is no {program} here")
    assert found, f"install {program}"
    return found
